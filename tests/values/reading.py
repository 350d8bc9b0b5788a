"""An independent reading of header field values: by the parse tree of the grammar.

The tree says where lists, parameters and addresses are cut; nothing of ``sipgen.values``
takes part.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from lark import Token, Tree

import sipgen
from sipgen.codegen.automata import Automaton
from sipgen.language.automata import automata
from sipgen.wire.fields import decoded, unfold
from tests.codegen.oracles.sentences import Sampler

__all__ = ["Element", "Value", "clean", "sentences"]

_OPAQUE = {"rpi_privacy", "quoted_string", "comment"}


def sampler(header: str) -> Sampler:
    """Samples the strict language of a header field."""
    machine = automata("strict")
    start = machine.starts[header]
    order = [start, *(number for number in machine.reachable(header) if number != start)]
    place = {number: at for at, number in enumerate(order)}
    rows = [
        {
            symbol: place[target]
            for symbol in range(1, machine.width)
            if (target := machine._next(number, symbol))
        }
        for number in order
    ]
    accepting = frozenset(place[number] for number in order if machine._accepting[number])
    classes = [
        frozenset(octet for octet in range(256) if machine.class_map[octet] == symbol)
        for symbol in range(machine.width)
    ]
    # Classes without an octet lead nowhere.
    rows = [{s: t for s, t in row.items() if classes[s]} for row in rows]
    return Sampler(Automaton(rows, accepting), classes, header)


def sentences(header: str, count: int) -> list[bytes]:
    """Values of a header field, as the strict language has them."""
    chance = random.Random(header)  # noqa: S311 - sampling, not secrecy
    walks = sampler(header)
    return [
        walks.sentence(chance.randint(5, 50), over_a_rare_arc=number % 2 == 0)
        for number in range(count)
    ]


def clean(text: str) -> str:
    """Octets as Latin-1 characters, as the text that a message gives for them."""
    return decoded(unfold(text.encode("latin-1"))).strip(" \t\r\n")


class Value:
    """A header field's value, by its parse tree."""

    def __init__(self, rule: str, octets: bytes) -> None:
        self.text = octets.decode("latin-1")
        self.tree = sipgen.header_value_tree(rule, octets)

    def nodes(self, name: str, begin: int = 0, end: int | None = None) -> list[Tree[Token]]:
        """Nodes of a rule between two places, in order; none within another or in quotes."""
        end = len(self.text) if end is None else end
        found: list[Tree[Token]] = []
        pending: list[Tree[Token]] = [self.tree]
        while pending:
            node = pending.pop()
            if node.data == name and node is not self.tree:
                if not node.meta.empty and begin <= node.meta.start_pos < end:
                    found.append(node)
            elif node.data not in _OPAQUE:
                pending += [child for child in node.children if isinstance(child, Tree)]
        return sorted(found, key=lambda node: node.meta.start_pos)

    def cut(self, separator: str, begin: int, end: int) -> list[tuple[int, int]]:
        """The spans between the separators of a kind."""
        found = self.nodes(separator, begin, end)
        begins = [begin, *(node.meta.end_pos for node in found)]
        ends = [*(node.meta.start_pos for node in found), end]
        return list(zip(begins, ends, strict=True))

    def elements(self) -> Iterator[Element]:
        """The elements of a list, or the one value."""
        for begin, end in self.cut("comma", 0, len(self.text)):
            yield Element(self, begin, end)

    def pairs(self, separator: str, begin: int, end: int) -> list[tuple[str, str | None]]:
        """Names and values between separators."""
        return [self._pair(*span) for span in self.cut(separator, begin, end)]

    def _pair(self, begin: int, end: int) -> tuple[str, str | None]:
        equal = self.nodes("equal", begin, end)
        if equal:
            meta = equal[0].meta
            return clean(self.text[begin : meta.start_pos]), clean(self.text[meta.end_pos : end])
        name, sign, value = self.text[begin:end].partition("=")
        return clean(name), clean(value) if sign else None


class Element(NamedTuple):
    """One element of a list."""

    value: Value
    begin: int
    end: int

    def node(self, name: str) -> str | None:
        """Text of the first node of a rule in it."""
        found = self.value.nodes(name, self.begin, self.end)
        return None if not found else clean(self._text(found[0]))

    def _text(self, node: Tree[Token]) -> str:
        return self.value.text[node.meta.start_pos : node.meta.end_pos]

    @property
    def text(self) -> str:
        return clean(self.value.text[self.begin : self.end])

    @property
    def head(self) -> str:
        """What stands before the parameters."""
        begin, end = self.value.cut("semi", self.begin, self.end)[0]
        return clean(self.value.text[begin:end])

    @property
    def segments(self) -> list[str]:
        return [
            clean(self.value.text[begin:end])
            for begin, end in self.value.cut("semi", self.begin, self.end)
        ]

    @property
    def params(self) -> tuple[tuple[str, str | None], ...]:
        return tuple(self.value.pairs("semi", self.begin, self.end)[1:])

    @property
    def bracketed(self) -> tuple[str, str] | None:
        """What stands before angle brackets, and in them."""
        opening = self.value.nodes("laquot", self.begin, self.end)
        closing = self.value.nodes("raquot", self.begin, self.end)
        if not opening:
            return None
        begin, end = opening[0].meta, closing[0].meta
        text = self.value.text
        return clean(text[self.begin : begin.start_pos]), text[begin.end_pos : end.start_pos]
