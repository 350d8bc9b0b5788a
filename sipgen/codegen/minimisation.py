"""Minimal automata by partition refinement, several at once.

A block of states is split by what its states lead to, as often as what they lead to has
been split; the largest part counts as the old block, so that each transition is looked at
O(log n) times (Birkmann, Deifel, Milius: "Distributed Coalgebraic Partition Refinement",
TACAS 2022, section 3). States are then numbered breadth first, so that the same grammar
always gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import NamedTuple

__all__ = ["Joint", "minimise"]


class Joint(NamedTuple):
    """Several automata in one, sharing the states that accept the same sentences."""

    rows: list[dict[int, int]]
    accepting: frozenset[int]
    starts: dict[str, int]
    """Start state by name of the entry point."""


class _Partition:
    """A set of states in blocks; the marked states of a block stand first in it."""

    def __init__(self, size: int) -> None:
        self.elements = list(range(size))
        self.location = list(range(size))
        self.first = [0]
        self.past = [size]
        self.marked = [0]
        self.block_of = [0] * size

    def mark(self, state: int) -> bool:
        """Mark a state; whether it is the first of its block."""
        block = self.block_of[state]
        here = self.location[state]
        there = self.first[block] + self.marked[block]
        if here < there:
            return False
        other = self.elements[there]
        self.elements[here], self.elements[there] = other, state
        self.location[other], self.location[state] = here, there
        self.marked[block] += 1
        return self.marked[block] == 1

    def take_marked(self, block: int) -> list[int]:
        """The marked states of a block, which are marked no longer."""
        first = self.first[block]
        found = self.elements[first : first + self.marked[block]]
        self.marked[block] = 0
        return found

    def rest(self, block: int, taken: int) -> tuple[int, int | None]:
        """How many states of a block follow the first ``taken``, and one of them."""
        middle, past = self.first[block] + taken, self.past[block]
        return past - middle, self.elements[middle] if middle < past else None

    def carve(self, block: int, parts: list[list[int]], staying: list[int]) -> None:
        """Put ``parts`` in blocks of their own.

        Together with ``staying`` they are what the block begins with; what comes after
        stays where it is, so that the time taken is that of the parts.
        """
        at = self.first[block]
        for part in parts:
            number = len(self.first)
            self.first.append(at)
            self.marked.append(0)
            for state in part:
                self.block_of[state] = number
            at = self._place(part, at)
            self.past.append(at)
        self.first[block] = at
        self._place(staying, at)

    def _place(self, part: list[int], at: int) -> int:
        self.elements[at : at + len(part)] = part
        for place, state in enumerate(part, start=at):
            self.location[state] = place
        return at + len(part)


def minimise(
    rows: Sequence[Mapping[int, int]], accepting: Iterable[int], starts: Mapping[str, int]
) -> Joint:
    """The least automaton for the sentences from each of ``starts``.

    :param rows: next state by symbol, for each state.
    :param accepting: the states in which a sentence may end.
    :param starts: start state by name; names without any sentence are left out.
    """
    alive = _alive(rows, accepting)
    number = {state: i for i, state in enumerate(alive)}
    ending = {number[state] for state in accepting if state in number}
    dead = len(alive)
    symbols = sorted({symbol for state in alive for symbol in rows[state]})
    known = [*(number.get(state, dead) for state in range(len(rows))), dead]
    missing = len(rows)
    targets = [
        tuple([known[target] for target in map(rows[state].get, symbols, repeat(missing))])
        for state in alive
    ]
    block_of = _refined(targets, ending)
    merged: dict[int, dict[int, int]] = {}
    for state, row in enumerate(targets):
        if block_of[state] not in merged:
            merged[block_of[state]] = {
                symbol: block_of[target]
                for symbol, target in zip(symbols, row, strict=True)
                if target != dead
            }
    named = {name: block_of[number[start]] for name, start in starts.items() if start in number}
    return _renumber(merged, {block_of[state] for state in ending}, named)


def _refined(targets: list[tuple[int, ...]], ending: set[int]) -> list[int]:
    """The block of each state, when states that tell no sentence apart share one.

    A block is split by what its states lead to; of the parts the largest keeps the
    block's number, so that only what leads to the others has to be looked at again.
    """
    blocks = _Partition(len(targets))
    # The state after the last stands for failure, in a block of its own.
    block_of = blocks.block_of
    block_of.append(-1)
    sources: list[list[int]] = [[] for _ in targets]
    sources.append([])
    for state, row in enumerate(targets):
        for target in set(row):
            sources[target].append(state)
    for state in sorted(ending):
        blocks.mark(state)
    found = blocks.take_marked(0)
    if len(found) < len(targets):
        blocks.carve(0, [found], [])
    pending = list(range(len(blocks.first)))
    for state in range(len(targets)):
        blocks.mark(state)
    for block in pending:
        changed = blocks.take_marked(block)
        groups: dict[tuple[int, ...], list[int]] = {}
        for state in changed:
            signature = tuple([block_of[target] for target in targets[state]])
            groups.setdefault(signature, []).append(state)
        unchanged, one = blocks.rest(block, len(changed))
        staying: list[int] = []
        if one is not None:
            signature = tuple([block_of[target] for target in targets[one]])
            staying = groups.pop(signature, [])
        largest_first = sorted(groups.values(), key=len, reverse=True)
        if largest_first and unchanged + len(staying) < len(largest_first[0]):
            # Fewer states stay than leave: the others leave instead.
            first = blocks.first[block]
            others = blocks.elements[first + len(changed) : first + len(changed) + unchanged]
            rest = [*staying, *others]
            staying, *largest_first = largest_first
            if rest:
                largest_first.append(rest)
        blocks.carve(block, largest_first, staying)
        for part in largest_first:
            for state in part:
                pending += [block_of[source] for source in sources[state] if blocks.mark(source)]
    return block_of


def _alive(rows: Sequence[Mapping[int, int]], accepting: Iterable[int]) -> list[int]:
    """States from which a sentence can still end, in order."""
    sources: list[list[int]] = [[] for _ in rows]
    for state, row in enumerate(rows):
        for target in set(row.values()):
            sources[target].append(state)
    pending = list(accepting)
    found = set(pending)
    while pending:
        for state in sources[pending.pop()]:
            if state not in found:
                found.add(state)
                pending.append(state)
    return sorted(found)


def _renumber(
    rows: Mapping[int, Mapping[int, int]], accepting: set[int], starts: dict[str, int]
) -> Joint:
    """States in breadth-first order from the starts: the same grammar, the same numbers."""
    order: list[int] = []
    number: dict[int, int] = {}
    for start in starts.values():
        if start not in number:
            number[start] = len(order)
            order.append(start)
    for state in order:
        for _, target in sorted(rows[state].items()):
            if target not in number:
                number[target] = len(order)
                order.append(target)
    return Joint(
        [{symbol: number[t] for symbol, t in sorted(rows[state].items())} for state in order],
        frozenset(number[state] for state in accepting if state in number),
        {name: number[start] for name, start in starts.items()},
    )
