"""Strict validation: automata, findings, Lark trees.

:func:`validate` and :func:`parse` are the way in; :func:`parse_tree` gives Lark's parse
tree of any rule by its name, :func:`header_value_tree` that of a header field's value.
"""

from sipgen.errors import Finding
from sipgen.validation.checking import parse, validate
from sipgen.validation.grammar import Grammar, load_grammar
from sipgen.validation.profile import Profile
from sipgen.validation.report import Report
from sipgen.validation.trees import header_value_tree, parse_tree, rule_names

__all__ = [
    "Finding",
    "Grammar",
    "Profile",
    "Report",
    "header_value_tree",
    "load_grammar",
    "parse",
    "parse_tree",
    "rule_names",
    "validate",
]
