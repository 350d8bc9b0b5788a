"""The generated automata at work: whether a value is a sentence of its rule, and if not, why.

A value is judged by the automaton of its header field; hints say what was expected where it
goes wrong, relaxations what careful receivers accept all the same, and Lark gives the parse
tree where one is asked for.
"""
