"""Which rule a parameter's name stands for, told from the rule that a value goes wrong in.

Minimal automata forget by which parameter a state was reached: after ``rport=`` and after
``keep=`` they expect the same. The text before the fault still says it. So the hints carry
a table: the name, the rules that begin with it and ``=``, and for each of these the rules
that lead to it, from which a hint can go down to it.
"""

from __future__ import annotations

from collections.abc import Iterable

from sipgen.codegen.model import (
    Alternation,
    Literal,
    Node,
    Reference,
    Repetition,
    RuleSet,
    Sequence,
    references,
    written_name,
)

__all__ = ["parameter_rules"]


def parameter_rules(rules: RuleSet, within: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """By name in lower case, by rule: those of ``within`` that lead to the rule.

    :param within: names of the rules that hints name.
    """
    reached = {name: rules.reachable(_below(rules, name)) for name in set(within) if name in rules}
    found: dict[str, dict[str, list[str]]] = {}
    for rule in rules.values():
        name = _name(rule.node)
        above = sorted(other for other, below in reached.items() if rule.name.lower() in below)
        if name and above:
            found.setdefault(name, {})[written_name(rule.name)] = above
    return dict(sorted(found.items()))


def _below(rules: RuleSet, name: str) -> list[str]:
    return [reference.name for reference in references(rules[name].node)]


def _name(node: Node) -> str | None:
    """The name of a rule such as ``"rport" [EQUAL 1*DIGIT]``, ``"ttl=" ttl`` or ``"lr"``."""
    match node:
        case Literal(text):
            return text.lower()
        case Sequence((Literal(text), *_)) if text.endswith("="):
            return text.strip(";=").lower()
        case Sequence((Literal(text), Reference("EQUAL"), *_)):
            return text.lower()
        case Sequence((Literal(text), Repetition(0, 1, Sequence((Reference("EQUAL"), *_))))):
            return text.lower()
        case Alternation(items) if items:
            names = {_name(item) for item in items}
            return names.pop() if len(names) == 1 else None
        case _:
            return None
