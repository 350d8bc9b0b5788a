"""The names that the sentences of rules begin with, and the catch-alls that take any name.

A parameter is told from its siblings by its name, an authentication scheme likewise:
``"tag" EQUAL token``, ``"lr"``, ``"Digest" LWS ...``. Beside them stands a rule for any
name, such as generic-param. What the strict language takes from that rule is found here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from sipgen.codegen.model import (
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
    children,
    is_nullable,
    sequence,
)

__all__ = ["AFTER_NAME", "Names"]

AFTER_NAME = OctetClass(frozenset(b" \t\r="))
"""What can follow a parameter name or an authentication scheme: EQUAL or LWS."""

_Answer = TypeVar("_Answer")


def _flat(node: Node) -> Iterator[Node]:
    """What ``node`` is a sequence of, groups without a choice opened."""
    match node:
        case Sequence(items):
            for item in items:
                yield from _flat(item)
        case Repetition(1, 1, item):
            yield from _flat(item)
        case _:
            yield node


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
        self._finite: dict[str, bool] = {}

    def _of(self, name: str, known: dict[str, _Answer], ask: Callable[[Node], _Answer]) -> _Answer:
        key = name.lower()
        if key not in known:
            known[key] = ask(self._rules[key].node)
        return known[key]

    def swallows(self, node: Node) -> bool:
        """Whether ``node`` begins with a catch-all, or with a rule that chooses from some."""
        match node:
            case Reference(name):
                return name.lower() in self._catch_alls or self._of(
                    name, self._swallows, self.swallows
                )
            case Alternation(items):
                return any(self.swallows(item) for item in items)
            case Sequence():
                return self.swallows(next(_flat(node), Alternation(())))
            case Repetition(1, 1, item):
                return self.swallows(item)
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
            case Sequence() if self.swallows(node):
                return self.own(next(_flat(node)))
            case Repetition(1, 1, item):
                return self.own(item)
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
        text = self._constant(node)
        match node:
            case _ if text:
                yield Literal(text.removesuffix("=").lower())
            case Alternation(items):
                for item in items:
                    yield from self.begins(item)
            case Repetition(1, 1, item):
                yield from self.begins(item)
            case Sequence():
                items = tuple(_flat(node))
                length = self._length(items)
                name = sequence(items[:length])
                text = self._constant(name)
                if length == 1:
                    yield from self.begins(name)
                elif text:
                    yield Literal(text.lower())
                elif self._constant(items[0]) or self._is_finite(name):
                    yield name

    def _constant(self, node: Node) -> str | None:
        """The one sentence of ``node``; ``None`` if there is a choice."""
        match node:
            case Literal(text):
                return text
            case OctetClass(octets) if len(octets) == 1:
                return chr(min(octets))
            case Sequence(items):
                parts = [self._constant(item) for item in items]
                return None if None in parts else "".join(part for part in parts if part)
            case Repetition(1, 1, item):
                return self._constant(item)
            case Reference(name) if isinstance(self._rules[name].node, Literal | OctetClass):
                return self._constant(self._rules[name].node)
            case _:
                return None

    def _is_finite(self, node: Node) -> bool:
        """Whether ``node`` has so many sentences and no more."""
        match node:
            case Reference(name):
                # What leads to itself is asked about again before it is known.
                if name.lower() not in self._finite:
                    self._finite[name.lower()] = False
                    self._finite[name.lower()] = self._is_finite(self._rules[name].node)
                return self._finite[name.lower()]
            case Repetition(_, maximum, item):
                return maximum is not None and self._is_finite(item)
            case _:
                return all(self._is_finite(child) for child in children(node))

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
