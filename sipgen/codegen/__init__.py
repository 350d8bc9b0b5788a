"""Build time: ABNF in, automata, Lark grammar and constant tables out.

Nothing at run time imports this package; ``scripts/generate.py`` and the command
line's ``generate`` do. The steps, each in a module of its own: :mod:`.abnf` reads the
files, :mod:`.rules` holds what they say, :mod:`.grammar` joins the RFCs by the
manifest, :mod:`.languages` states which sentences each entry point accepts,
:mod:`.automata` makes them minimal automata, :mod:`.diagnosis` says what each state
expects, :mod:`.larkgrammar` writes the Lark grammar, :mod:`.tables` the constants, and
:mod:`.pipeline` runs all of it.
"""
