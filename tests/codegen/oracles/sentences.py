"""Strings to try a language with: its own sentences, and what one slip makes of them.

Sentences come from walks through an automaton. Every other walk is sent over an arc that
the fewest walks have taken, the rest choose as they go; all of them turn to the nearest
acceptance once they are long enough. A seed makes a run repeatable.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from sipgen.codegen.automata import Automaton

__all__ = ["Sampler", "one_edit"]

_HOSTILE = b" \t\r\n;,<>@:=/?&\"\\()[]{}%*+-.#'aAzZ09\x00\x7f\x80\xbf\xc3\xe2\xfe\xff"
"""Separators, line ends, letters, digits, control octets, halves of UTF-8 sequences."""


class Sampler:
    """Walks through one automaton; it must accept something."""

    def __init__(self, automaton: Automaton, classes: Sequence[frozenset[int]], seed: str) -> None:
        self._rows = automaton.rows
        self._accepting = automaton.accepting
        self._octets = [sorted(members) for members in classes]
        self._random = random.Random(seed)  # noqa: S311 - sampling, not secrecy
        self._distance = self._distances()
        self._previous = self._first_paths()
        self._taken: dict[tuple[int, int], int] = {
            (state, target): 0 for state, row in enumerate(self._rows) for target in row.values()
        }

    @property
    def arcs_taken(self) -> float:
        """The share of the pairs of neighbours that some walk has gone over, from 0 to 1."""
        return sum(map(bool, self._taken.values())) / max(1, len(self._taken))

    def sentence(self, length: int, *, over_a_rare_arc: bool) -> bytes:
        """A sentence of about ``length`` octets, longer only where it must be."""
        state, octets = 0, bytearray()
        if over_a_rare_arc and self._taken:
            rarest = min(self._taken.values())
            source, target = self._random.choice(
                [arc for arc, times in self._taken.items() if times == rarest]
            )
            for symbol in self._path_to(source):
                state = self._take(state, symbol, octets)
            ways = [symbol for symbol, to in self._rows[source].items() if to == target]
            state = self._take(state, self._random.choice(ways), octets)
        while True:
            row = self._rows[state]
            ends = state in self._accepting
            if ends and (not row or len(octets) >= length or self._random.random() < 0.08):
                return bytes(octets)
            symbols = list(row)
            if len(octets) >= length or self._random.random() < 0.2:
                nearest = min(self._distance[target] for target in row.values())
                symbols = [s for s in symbols if self._distance[row[s]] == nearest]
            state = self._take(state, self._random.choice(symbols), octets)

    def near_miss(self) -> bytes:
        """A text that goes wrong in one octet: no state takes it where it stands."""
        state = self._random.randrange(len(self._rows))
        wrong = [s for s in range(len(self._octets)) if s not in self._rows[state]]
        octets = bytearray()
        for symbol in self._path_to(state):
            octets.append(self._random.choice(self._octets[symbol]))
        if wrong:
            octets.append(self._random.choice(self._octets[self._random.choice(wrong)]))
        return bytes(octets) + self._ending(state)

    def places_taking(self, octet: int, at_most: int) -> list[int]:
        """States that ``octet`` leads on from: the first, and others at random."""
        symbol = next(i for i, octets in enumerate(self._octets) if octet in octets)
        first, *others = [i for i, row in enumerate(self._rows) if symbol in row] or [-1]
        if first < 0:
            return []
        return [first, *self._random.sample(others, min(len(others), at_most - 1))]

    def around(self, state: int, run: bytes, class_map: bytes) -> bytes:
        """``run`` put in at ``state``, with a way there and, if it can be, to acceptance."""
        octets = bytearray()
        for symbol in self._path_to(state):
            octets.append(self._random.choice(self._octets[symbol]))
        for symbol in run.translate(class_map):
            state = self._rows[state].get(symbol, state)
        return bytes(octets) + run + self._ending(state)

    def _ending(self, state: int) -> bytes:
        octets = bytearray()
        while self._distance[state]:
            nearer = [
                symbol
                for symbol, target in self._rows[state].items()
                if self._distance[target] < self._distance[state]
            ]
            symbol = self._random.choice(nearer)
            octets.append(self._random.choice(self._octets[symbol]))
            state = self._rows[state][symbol]
        return bytes(octets)

    def _take(self, state: int, symbol: int, octets: bytearray) -> int:
        self._taken[state, self._rows[state][symbol]] += 1
        octets.append(self._random.choice(self._octets[symbol]))
        return self._rows[state][symbol]

    def _path_to(self, state: int) -> list[int]:
        symbols: list[int] = []
        while state:
            state, symbol = self._previous[state]
            symbols.append(symbol)
        return symbols[::-1]

    def _first_paths(self) -> dict[int, tuple[int, int]]:
        previous: dict[int, tuple[int, int]] = {}
        pending = [0]
        for state in pending:
            for symbol, target in self._rows[state].items():
                if target and target not in previous:
                    previous[target] = (state, symbol)
                    pending.append(target)
        return previous

    def _distances(self) -> list[int]:
        """Octets from each state to the nearest acceptance."""
        sources: list[set[int]] = [set() for _ in self._rows]
        for state, row in enumerate(self._rows):
            for target in row.values():
                sources[target].add(state)
        distance = dict.fromkeys(self._accepting, 0)
        pending = sorted(distance)
        for state in pending:
            for source in sorted(sources[state]):
                if source not in distance:
                    distance[source] = distance[state] + 1
                    pending.append(source)
        return [distance[state] for state in range(len(self._rows))]


def one_edit(sentence: bytes, chance: random.Random) -> bytes:
    """``sentence`` with one octet deleted, inserted or replaced."""
    edited = bytearray(sentence)
    match chance.choice(("delete", "insert", "replace")):
        case "delete" if edited:
            del edited[chance.randrange(len(edited))]
        case "replace" if edited:
            edited[chance.randrange(len(edited))] = chance.choice(_HOSTILE)
        case _:
            edited.insert(chance.randrange(len(edited) + 1), chance.choice(_HOSTILE))
    return bytes(edited)
