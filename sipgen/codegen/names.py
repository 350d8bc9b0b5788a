"""The names that the sentences of rules begin with, and the catch-alls that take any name.

A parameter is told from its siblings by its name, an authentication scheme likewise:
``"tag" EQUAL token``, ``"lr"``, ``"Digest" LWS ...``. Beside them stands a rule for any
name, such as generic-param. What the strict language takes from that rule is found here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from sipgen.codegen.rules import (
    Alternation,
    Difference,
    Literal,
    Node,
    OctetClass,
    Reference,
    Repetition,
    Rule,
    RuleSet,
    Sequence,
    is_nullable,
)

__all__ = ["AFTER_NAME", "Names"]

AFTER_NAME = OctetClass(frozenset(b" \t\r="))
"""What can follow a parameter name or an authentication scheme: EQUAL or LWS."""

_Answer = TypeVar("_Answer")


class Names:
    """Answers about the rules of one grammar, each rule gone through once."""

    def __init__(self, rules: RuleSet, catch_alls: Iterable[str]) -> None:
        self._rules: Mapping[str, Rule] = rules
        self._nullable = rules.nullable()
        self._catch_alls = {name.lower() for name in catch_alls}
        self._swallows: dict[str, bool] = {}
        self._own: dict[str, frozenset[Node]] = {}
        self._begins: dict[str, frozenset[Node]] = {}
        self._octets: dict[str, frozenset[int]] = {}

    def _of(self, name: str, known: dict[str, _Answer], ask: Callable[[Node], _Answer]) -> _Answer:
        key = name.lower()
        if key not in known:
            known[key] = ask(self._rules[key].node)
        return known[key]

    def swallows(self, node: Node) -> bool:
        """Whether ``node`` is a catch-all, or a rule that has one among its alternatives."""
        match node:
            case Reference(name):
                return name.lower() in self._catch_alls or self._of(
                    name, self._swallows, self.swallows
                )
            case Alternation(items):
                return any(self.swallows(item) for item in items)
            case _:
                return False

    def own(self, node: Node) -> frozenset[Node]:
        """The names that ``node`` has a rule for, what its catch-alls take left out."""
        match node:
            case Reference(name) if name.lower() in self._catch_alls:
                return frozenset()
            case Reference(name) if self.swallows(node):
                return self._of(name, self._own, self.own)
            case Alternation(items):
                return frozenset[Node]().union(*(self.own(item) for item in items))
            case _:
                return self.begins(node)

    def begins(self, node: Node) -> frozenset[Node]:
        """The names that the sentences of ``node`` begin with, up to ``=`` or white space.

        A name is a literal, or a sequence that begins with one: ``"+" ftag-name``.
        """
        match node:
            case Reference(name):
                return self._of(name, self._begins, self.begins)
            case _:
                return frozenset(self._names(node))

    def _names(self, node: Node) -> Iterator[Node]:
        match node:
            case Literal(text):
                yield Literal(text.removesuffix("=").lower())
            case Alternation(items):
                for item in items:
                    yield from self.begins(item)
            case Sequence(items) if items:
                length = self._length(items)
                if length == 1:
                    yield from self.begins(items[0])
                elif isinstance(items[0], Literal):
                    yield Sequence(items[:length])

    def _length(self, items: tuple[Node, ...]) -> int:
        """How many of ``items`` make up the name that their sentences begin with."""
        first = items[0]
        while isinstance(first, Reference):
            first = self._rules[first.name].node
        if isinstance(first, Literal) and first.text.endswith("="):
            return 1
        return next(
            (at for at in range(1, len(items)) if self._first(items[at]) <= AFTER_NAME.octets),
            len(items),
        )

    def _first(self, node: Node) -> frozenset[int]:
        """The octets that ``node`` may begin with."""
        match node:
            case Literal(text):
                return frozenset(text[:1].lower().encode() + text[:1].upper().encode())
            case OctetClass(octets):
                return octets
            case Sequence(items):
                found: frozenset[int] = frozenset()
                for item in items:
                    found |= self._first(item)
                    if not is_nullable(item, self._nullable):
                        break
                return found
            case Alternation(items):
                return frozenset[int]().union(*(self._first(item) for item in items))
            case Repetition(item=item):
                return self._first(item)
            case Difference(left, _):
                return self._first(left)
            case Reference(name):
                return self._of(name, self._octets, self._first)
            case _:
                return frozenset()
