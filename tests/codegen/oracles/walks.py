"""Exact comparison of two languages: both are walked at once, octet by octet.

A machine is anything deterministic with a start, successors and an answer to "may a
sentence end here". Pairs of states that the same octets lead to are visited once, nearest
first, so an answer holds for every sentence there is, and an example is a shortest one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Protocol

from sipgen.codegen.automata import Alphabet, Automaton
from sipgen.codegen.model import Node
from tests.codegen.oracles.derivatives import Derivatives, State

__all__ = [
    "AutomatonMachine",
    "DerivativeMachine",
    "Machine",
    "first_in_one_only",
    "first_outside",
    "left_only",
    "shared_octets",
]

_FAILED = -1


class Machine(Protocol):
    """A deterministic machine over a list of representative octets."""

    start: Hashable

    def successors(self, state: Hashable) -> Sequence[Hashable]:
        """The states that the octets lead to, in the order of the octets."""

    def accepts(self, state: Hashable) -> bool:
        """Whether a sentence may end in ``state``."""


class AutomatonMachine:
    """An automaton made by the generator."""

    def __init__(self, automaton: Automaton, alphabet: Alphabet, octets: Sequence[int]) -> None:
        self.start: Hashable = 0 if automaton.rows else _FAILED
        self._symbols = [alphabet.class_map[octet] for octet in octets]
        self._accepting = automaton.accepting
        self._rows = [
            [row.get(symbol, _FAILED) for symbol in self._symbols] for row in automaton.rows
        ]
        self._rows.append([_FAILED] * len(octets))

    def successors(self, state: Hashable) -> Sequence[Hashable]:
        assert isinstance(state, int)
        return self._rows[state]

    def accepts(self, state: Hashable) -> bool:
        return state in self._accepting


class DerivativeMachine:
    """A node by its derivatives; its octets are one of each class, in order."""

    def __init__(self, derivatives: Derivatives, node: Node) -> None:
        self._derivatives = derivatives
        self.start: Hashable = derivatives.start(node)

    def successors(self, state: Hashable) -> Sequence[Hashable]:
        assert isinstance(state, frozenset)
        return self._derivatives.step(State(state))

    def accepts(self, state: Hashable) -> bool:
        assert isinstance(state, frozenset)
        return self._derivatives.nullable(State(state))


def shared_octets(*alphabets: Alphabet) -> list[int]:
    """One octet for each way in which the alphabets tell octets apart."""
    seen: dict[tuple[int, ...], int] = {}
    for octet in range(256):
        seen.setdefault(tuple(alphabet.class_map[octet] for alphabet in alphabets), octet)
    return list(seen.values())


def first_in_one_only(left: Machine, right: Machine, octets: Sequence[int]) -> bytes | None:
    """A shortest sentence of exactly one of the two; ``None`` if they are equal."""
    return _first(left, right, octets, lambda in_left, in_right: in_left != in_right)


def first_outside(inner: Machine, outer: Machine, octets: Sequence[int]) -> bytes | None:
    """A shortest sentence of ``inner`` that ``outer`` lacks; ``None`` if there is none."""
    return _first(inner, outer, octets, lambda in_inner, in_outer: in_inner and not in_outer)


def _first(
    left: Machine,
    right: Machine,
    octets: Sequence[int],
    wanted: Callable[[bool, bool], bool],
) -> bytes | None:
    pending = [(left.start, right.start)]
    previous: dict[tuple[Hashable, Hashable], tuple[tuple[Hashable, Hashable], int] | None] = {
        pending[0]: None
    }
    for pair in pending:
        if wanted(left.accepts(pair[0]), right.accepts(pair[1])):
            sentence = bytearray()
            step = previous[pair]
            while step is not None:
                sentence.append(step[1])
                step = previous[step[0]]
            return bytes(reversed(sentence))
        pairs = zip(left.successors(pair[0]), right.successors(pair[1]), strict=True)
        for octet, target in zip(octets, pairs, strict=True):
            if target not in previous:
                previous[target] = (pair, octet)
                pending.append(target)
    return None


def left_only(left: Machine, right: Machine, octets: Sequence[int]) -> Automaton:
    """The sentences of ``left`` that ``right`` lacks; a symbol is an index of ``octets``."""
    pending = [(left.start, right.start)]
    number = {pending[0]: 0}
    rows: list[dict[int, int]] = []
    for pair in pending:
        row: dict[int, int] = {}
        pairs = zip(left.successors(pair[0]), right.successors(pair[1]), strict=True)
        for symbol, target in enumerate(pairs):
            if target not in number:
                number[target] = len(pending)
                pending.append(target)
            row[symbol] = number[target]
        rows.append(row)
    accepting = {
        number[pair] for pair in pending if left.accepts(pair[0]) and not right.accepts(pair[1])
    }
    alive = _leading_to(rows, accepting)
    if 0 not in alive:
        return Automaton([], frozenset())
    kept = {state: index for index, state in enumerate(sorted(alive))}
    return Automaton(
        [
            {symbol: kept[target] for symbol, target in rows[state].items() if target in kept}
            for state in sorted(alive)
        ],
        frozenset(kept[state] for state in accepting),
    )


def _leading_to(rows: Sequence[dict[int, int]], accepting: set[int]) -> set[int]:
    sources: list[set[int]] = [set() for _ in rows]
    for state, row in enumerate(rows):
        for target in row.values():
            sources[target].add(state)
    found = set(accepting)
    pending = list(accepting)
    for state in pending:
        for source in sources[state] - found:
            found.add(source)
            pending.append(source)
    return found
