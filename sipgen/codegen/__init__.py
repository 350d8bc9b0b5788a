"""Build time: ABNF in, automata, Lark grammar and constant tables out.

``scripts/generate.py`` runs it; at run time only what makes or shows a grammar of a user's
rules imports it, when asked for. The steps, each in a module of its own: :mod:`.abnf`
reads the files, :mod:`.model` holds what they say, :mod:`.grammar` joins the RFCs as
:mod:`.manifest` has it, :mod:`.languages` states which sentences each entry point accepts,
:mod:`.automata` and :mod:`.minimisation` make them minimal automata, :mod:`.diagnosis` says
what each state expects, :mod:`.terminals` and :mod:`.larkgrammar` write the Lark grammar,
:mod:`.packing` the automata and hints, :mod:`.tables` the constants, and :mod:`.pipeline`
runs all of it.
"""
