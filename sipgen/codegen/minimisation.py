"""Minimal automata by partition refinement, several at once.

Valmari's algorithm (Information Processing Letters 112, 2012) splits states and
transitions in turn; it works on partial automata, in O(m log n) for m transitions. States
are then numbered breadth first, so that the same grammar always gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

__all__ = ["Joint", "minimise"]


class Joint(NamedTuple):
    """Several automata in one, sharing the states that accept the same sentences."""

    rows: list[dict[int, int]]
    accepting: frozenset[int]
    starts: dict[str, int]
    """Start state by name of the entry point."""


class _Partition:
    """A refinable partition of 0..size-1 (Valmari, Information Processing Letters 112)."""

    def __init__(self, size: int) -> None:
        self.elements = list(range(size))
        self.location = list(range(size))
        self.set_of = [0] * size
        self.first = [0] if size else []
        self.past = [size] if size else []
        self.marked = [0] if size else []
        self.touched: list[int] = []

    def mark(self, element: int) -> None:
        block = self.set_of[element]
        here = self.location[element]
        there = self.first[block] + self.marked[block]
        if here < there:
            return
        other = self.elements[there]
        self.elements[here], self.elements[there] = other, element
        self.location[other], self.location[element] = here, there
        if not self.marked[block]:
            self.touched.append(block)
        self.marked[block] += 1

    def split(self) -> None:
        for block in self.touched:
            middle = self.first[block] + self.marked[block]
            self.marked[block] = 0
            if middle == self.past[block]:
                continue
            new = len(self.first)
            if middle - self.first[block] <= self.past[block] - middle:
                self.first.append(self.first[block])
                self.past.append(middle)
                self.first[block] = middle
            else:
                self.first.append(middle)
                self.past.append(self.past[block])
                self.past[block] = middle
            self.marked.append(0)
            for i in range(self.first[new], self.past[new]):
                self.set_of[self.elements[i]] = new
        self.touched.clear()

    def members(self, block: int) -> list[int]:
        return self.elements[self.first[block] : self.past[block]]


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
    arcs = sorted(
        (symbol, number[state], number[target])
        for state in alive
        for symbol, target in rows[state].items()
        if target in number
    )
    incoming: list[list[int]] = [[] for _ in alive]
    for i, (_, _, head) in enumerate(arcs):
        incoming[head].append(i)
    blocks = _Partition(len(alive))
    for state in accepting:
        if state in number:
            blocks.mark(number[state])
    blocks.split()
    cords = _partition_by_symbol([symbol for symbol, _, _ in arcs])
    done_blocks, done_cords = 1, 0
    while done_cords < len(cords.first):
        for i in cords.members(done_cords):
            blocks.mark(arcs[i][1])
        blocks.split()
        done_cords += 1
        while done_blocks < len(blocks.first):
            for state in blocks.members(done_blocks):
                for i in incoming[state]:
                    cords.mark(i)
            cords.split()
            done_blocks += 1
    final = {blocks.set_of[number[state]] for state in accepting if state in number}
    merged: list[dict[int, int]] = [{} for _ in blocks.first]
    for symbol, tail, head in arcs:
        merged[blocks.set_of[tail]][symbol] = blocks.set_of[head]
    named = {
        name: blocks.set_of[number[start]] for name, start in starts.items() if start in number
    }
    return _renumber(merged, final, named)


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


def _partition_by_symbol(symbols: list[int]) -> _Partition:
    cords = _Partition(len(symbols))
    if symbols:
        cords.first, cords.past, cords.marked = [], [], []
        for i, symbol in enumerate(symbols):
            if i == 0 or symbol != symbols[i - 1]:
                cords.first.append(i)
                cords.past.append(i)
                cords.marked.append(0)
            cords.past[-1] = i + 1
            cords.set_of[i] = len(cords.first) - 1
    return cords


def _renumber(rows: list[dict[int, int]], accepting: set[int], starts: dict[str, int]) -> Joint:
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
