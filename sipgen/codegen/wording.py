"""Hints in words: of all that may come next in a state, what a person wants to read.

Each arc that leaves the state carries a label: the path of rules from the entry point down
to it. The hint names the deepest rule that all paths share, and what each expects below.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sipgen.codegen.grammar import Entry
from sipgen.codegen.model import (
    Alternation,
    Literal,
    Node,
    OctetClass,
    Reference,
    RuleSet,
    Sequence,
    references,
)

__all__ = ["END", "Hint", "Label", "Wording", "octets_text"]

END = "the end of the value"
"""Stands among the expectations where the value could have ended."""

_WHITE_SPACE = frozenset({"lws", "sws"})


class Hint(NamedTuple):
    """What a state expects."""

    rule: str
    """The deepest rule that the value is in for certain."""
    expected: tuple[str, ...]
    """What may come next: rule names, quoted literals, :data:`END`."""


class Label(NamedTuple):
    """Where an arc stands in the grammar."""

    path: tuple[str, ...]
    """Rules from the entry down to where the arc stands."""
    what: str
    """The arc itself, where it stands directly in the last of them."""


class Wording:
    """Words for the rules of one language; what is found about a rule is kept."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self._shown: dict[str, str] = {}
        self._constants: dict[str, str | None] = {}
        self._single: dict[str, bool] = {}

    def hint(self, labels: Iterable[Label], entry: Entry, *, ends: bool) -> Hint:
        """The hint of a state.

        :param labels: of the arcs that leave it.
        :param ends: whether a value may end in it.
        """
        telling = [label for label in labels if not _WHITE_SPACE & {n.lower() for n in label.path}]
        telling = telling or list(labels)
        paths = [label.path for label in telling] or [(entry.rule,)]
        common = _common(paths)
        while len(common) > 1 and self._is_trivial(common[-1]):
            common = common[:-1]
        tail = _common([path[len(common) :][::-1] for path in paths])
        if tail:
            expected = {self.shown(tail[-1])}
        else:
            expected = {self._next(label, len(common)) for label in telling}
        expected.discard("")
        if not expected and labels:
            expected = {self.shown(common[-1])}
        return Hint(common[-1], (*sorted(expected), *([END] if ends else ())))

    def _next(self, label: Label, depth: int) -> str:
        """What an arc expects, told from ``depth`` rules down: a separator by its text."""
        last = label.path[-1]
        if last in self.rules and not self.rules[last].core:
            text = self.shown(last)
            if text != last and not any(map(str.isalnum, text)):
                return text
        return self.shown(label.path[depth]) if len(label.path) > depth else label.what

    def _is_trivial(self, name: str) -> bool:
        """Whether a rule says nothing about where one is: a separator, a core rule."""
        return name in self.rules and (self.rules[name].core or self.shown(name) != name)

    def shown(self, name: str) -> str:
        """A rule as an expectation: its text where it is one, its name otherwise."""
        found = self._shown.get(name)
        if found is None:
            text = self._constant(Reference(name)) if name in self.rules else None
            # A quotation mark in quotation marks is hard to read: DQUOTE, as the RFC writes.
            found = self._shown[name] = f'"{text}"' if text and text != '"' else name
        return found

    def _constant(self, node: Node) -> str | None:
        """The one text of ``node``, white space around it aside; ``None`` if there is a choice."""
        match node:
            case Literal(text):
                return text
            case OctetClass(octets) if len(octets) == 1:
                return chr(min(octets))
            case Sequence(items):
                parts = [
                    self._constant(item)
                    for item in items
                    if not (isinstance(item, Reference) and item.name.lower() in _WHITE_SPACE)
                ]
                return None if None in parts else "".join(part for part in parts if part)
            case Reference(name):
                key = name.lower()
                if key in _WHITE_SPACE:
                    return None
                if key not in self._constants:
                    self._constants[key] = self._constant(self.rules[key].node)
                return self._constants[key]
            case _:
                return None

    def is_leaf(self, name: str) -> bool:
        """Whether a rule explains itself by its name: made of single octets only."""
        return name.lower() in _WHITE_SPACE or all(
            self._is_single_octet(reference) for reference in references(self.rules[name].node)
        )

    def _is_single_octet(self, node: Node) -> bool:
        match node:
            case OctetClass():
                return True
            case Literal(text):
                return len(text) == 1
            case Alternation(items):
                return all(self._is_single_octet(item) for item in items)
            case Reference(name):
                key = name.lower()
                if key not in self._single:
                    self._single[key] = self._is_single_octet(self.rules[key].node)
                return self._single[key]
            case _:
                return False


def _common(paths: list[tuple[str, ...]]) -> tuple[str, ...]:
    """What all ``paths`` begin with."""
    common = paths[0]
    for path in paths:
        length = 0
        while length < min(len(common), len(path)) and common[length] == path[length]:
            length += 1
        common = common[:length]
    return common


def octets_text(octets: frozenset[int]) -> str:
    """A set of octets in ABNF's notation, ``%x41-5A``, a printable one quoted."""
    if len(octets) == 1 and 0x20 < min(octets) < 0x7F:
        return f'"{chr(min(octets))}"'
    ranges: list[list[int]] = []
    for octet in sorted(octets):
        if ranges and ranges[-1][1] == octet - 1:
            ranges[-1][1] = octet
        else:
            ranges.append([octet, octet])
    return " / ".join(
        f"%x{low:02X}" if low == high else f"%x{low:02X}-{high:02X}" for low, high in ranges
    )
