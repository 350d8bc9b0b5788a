"""Runs the generated automata over octets.

A state is a list: its number, at the index of an octet's class the next state, itself such
a list, and at the last index whether a sentence may end here. Matching is then one lookup
an octet, ``for c in data.translate(classes): state = state[c]``, in linear time whatever
the octets. The lists are filled from the packed table when values lead to them again: one
that is not filled yet holds its number alone, so the loop ends with an IndexError, and
:meth:`Automata.accepts` goes on in the packed table.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from array import array
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import accumulate, pairwise
from operator import itemgetter
from threading import Lock
from typing import Any, Literal

from sipgen.language.unpacking import numbers_in, octets_in, packed_octets

__all__ = ["Automata", "LanguageName", "State", "automata", "never", "with_tables"]

LanguageName = Literal["abnf", "strict", "ordinary"]

_OCTETS = 256

_OFTEN = 4
_LETTER = ord("a")
_AT = ord("@")
_SPACE = ord(" ")
_OFTEN_LOOKED = 8

# A state is a list of states with a bool at its end, which no type can say.
State = list[Any]


class Automata:
    """Automata of one language: ``abnf`` (the RFC's own), ``strict`` or ``ordinary``."""

    def __init__(self, packed: Mapping[str, Any]) -> None:
        """Unpack what ``sipgen.codegen.packing.packed_automata`` made."""
        classes = packed_octets(packed["CLASS_MAP"])
        self.class_map = bytes([1 + number for number in classes])
        """Class of each octet, 256 octets: the least is 1, of octets that nothing accepts."""
        self.width: int = packed["WIDTH"] + 1
        """Index of the acceptance flag in a state: one more than the highest class."""
        self.starts: dict[str, int] = packed["STARTS"]
        """Number of the start state by entry: header name, start line or URI rule."""
        patterns = octets_in(packed["PATTERNS"])
        size = packed["WIDTH"]
        # Index 0 is that of a state's number.
        self._patterns = [
            b"\0" + patterns[first : first + size] for first in range(0, len(patterns), size)
        ]
        self._shapes = numbers_in(packed["SHAPES"], packed["BITS"])
        self._targets = numbers_in(packed["TARGETS"], packed["BITS"])
        sizes = octets_in(packed["SIZES"])
        # Place 0 of a row is failure, and is not in the table.
        self._offsets = array("l", accumulate(sizes, initial=-1))
        self._accepting = octets_in(packed["ACCEPTING"])
        self._spread: dict[int, Callable[[list[State]], tuple[State, ...]]] = {}
        self.failed: State = [0]
        """The state that no sentence passes through."""
        self.failed.extend([self.failed] * (self.width - 1))
        self.failed.append(False)
        self._states: list[State | None] = [None] * len(self._shapes)
        """The list of each state that a filled state leads to."""
        self._met = bytearray(len(self._shapes))
        """How often walks have come to each state."""
        self._looks: dict[tuple[int, bool], Callable[[str], object]] = {}
        """By number of the state, of which there is one for each set of parameters that a tag,
        a branch or a nonce follows; a few patterns are those of all of them."""
        self._looks_asked: dict[int, int] = {}
        self._patterns_made: dict[str, Callable[[str], object]] = {}
        self._lock = Lock()

    def start(self, entry: str) -> State:
        """The start state of ``entry``; :class:`KeyError` if there is none of that name.

        It may not be filled yet, as any state that it leads to: see :meth:`accepts`.
        """
        number = self.starts[entry]
        return self._states[number] or self._state(number)

    def accepts(self, state: State, data: bytes) -> bool:
        """Whether ``data`` leads from ``state`` to where a sentence may end."""
        state = self._after(state, data)
        if len(state) == 1:
            return self._accepting[state[0]] == 1
        return bool(state[self.width])

    def reached(self, state: State, data: bytes) -> State:
        """The state, filled or not, that ``data`` leads to from ``state``."""
        return self._after(state, data)

    def after(self, state: State, data: bytes) -> State:
        """The state, filled, that ``data`` leads to from ``state``."""
        state = self._after(state, data)
        if len(state) == 1:
            self._fill(state)
        return state

    def _after(self, state: State, data: bytes) -> State:
        symbols = iter(data.translate(self.class_map))
        while True:
            try:
                for symbol in symbols:
                    state = state[symbol]
            except IndexError:
                state = self._walk(state[0], symbol, symbols)
            else:
                return state

    def _walk(self, number: int, symbol: int, symbols: Iterator[int]) -> State:
        """Go on from an empty state in the packed table, to a filled one or the end.

        A step costs 0.2 µs there, where a filled state saves all but 0.02, and to fill a state
        costs 3 µs: so only one that was met several times is filled, or one that leads to
        itself, as in a quoted string.
        """
        patterns, shapes, states = self._patterns, self._shapes, self._states
        targets, offsets, met = self._targets, self._offsets, self._met
        while True:
            times = met[number]
            if times < _OFTEN:
                met[number] = times + 1
                if times == _OFTEN - 1:
                    self._fill(states[number] or self._state(number))
            place = patterns[shapes[number]][symbol]
            if not place:
                return self.failed
            target = targets[offsets[number] + place]
            following = states[target]
            if following is not None and len(following) > 1:
                return following
            if target == number:
                following = following or self._state(number)
                self._fill(following)
                return following
            symbol = next(symbols, 0)
            if not symbol:
                return following or self._state(target)
            number = target

    def _fill(self, state: State) -> None:
        """Fill a state that holds its number alone.

        Safe in threads: one thread fills it, in one step.
        """
        with self._lock:
            # Another thread may have been here before.
            if len(state) > 1:
                return
            number = state[0]
            states = self._states
            following = [self.failed]
            for target in self._targets[self._offsets[number] + 1 : self._offsets[number + 1] + 1]:
                known = states[target]
                if known is None:
                    known = states[target] = [target]
                following.append(known)
            shape = self._shapes[number]
            spread = self._spread.get(shape)
            if spread is None:
                spread = self._spread[shape] = itemgetter(*self._patterns[shape][1:])
            state.extend((*spread(following), self._accepting[number] == 1))

    def _state(self, number: int) -> State:
        with self._lock:
            state = self._states[number]
            if state is None:
                state = self._states[number] = [number]
        return state

    def quick_look(self, state: State, rest: bytes = b"") -> Callable[[str], object] | None:
        """A pattern of what may follow ``state``: if it matches, and ``rest`` follows, a sentence.

        It knows octets that lead to one state and stay there, such as those of a token, and
        without ``rest`` the same once more behind an ``@``: 0.2 µs, where a walk costs 0.02
        for each octet. Text that it does not match may be accepted all the same.

        :return: ``None`` until it was asked for so often that making one (40 µs) pays;
            :func:`never` if there is no such pattern.
        """
        number = state[0]
        asked = self._looks_asked.get(number, 0)
        if asked < _OFTEN_LOOKED:
            self._looks_asked[number] = asked + 1
            return None
        target = self._next(number, self.class_map[_LETTER])
        if rest and not (target and self.accepts(self._state(target), rest)):
            return never
        found = self._looks.get((number, bool(rest)))
        if found is None:
            found = self._looks[number, bool(rest)] = self._look("", number, alone=bool(rest))
        return found

    def quick_look_behind_space(self, entry: str) -> Callable[[str], object]:
        """:meth:`quick_look` at a value that begins with one space."""
        return self._look(" ", self._next(self.starts[entry], self.class_map[_SPACE]), alone=False)

    def _look(self, before: str, number: int, *, alone: bool) -> Callable[[str], object]:
        pattern = self._run(number, alone=alone)
        if not pattern:
            return never
        found = self._patterns_made.get(before + pattern)
        if found is None:
            found = self._patterns_made[before + pattern] = re.compile(before + pattern).fullmatch
        return found

    def _run(self, number: int, *, alone: bool) -> str:
        """The pattern of octets that lead from a state to one that may end, and stay there.

        :param alone: if they may not be followed by an ``@`` and others.
        """
        letter, at = self.class_map[_LETTER], self.class_map[_AT]
        target = self._next(number, letter)
        if not target or not self._accepting[target]:
            return ""
        row, others = self._patterns[self._shapes[number]], self._patterns[self._shapes[target]]
        pattern = self._one_of(row, row[letter])
        if self._next(target, letter) != target:
            return pattern
        pattern += f"{self._one_of(others, others[letter])}*+"
        behind = 0 if alone else self._next(target, at)
        more = self._run(behind, alone=True) if behind not in {0, target} else ""
        return f"{pattern}(?:@{more})?" if more else pattern

    def _one_of(self, row: bytes, place: int) -> str:
        """A pattern of the ASCII characters whose class leads to a place in a row."""
        octets = [chr(octet) for octet in range(128) if row[self.class_map[octet]] == place]
        return f"[{''.join(map(re.escape, octets))}]"

    def check(self) -> None:
        """Make sure that no value can lead outside the table.

        :raises ValueError: if one could: the table is damaged.
        """
        sizes = [*map(len, map(self._row, range(len(self._shapes))))]
        widths = {len(pattern) for pattern in self._patterns}
        highest = [max(pattern) for pattern in self._patterns]
        sound = (
            len(self.class_map) == _OCTETS
            and max(self.class_map) < self.width
            and widths == {self.width}
            and len(self._offsets) == len(self._shapes) + 1 == len(self._accepting) + 1
            and self._offsets[-1] == len(self._targets) - 1
            and max(self._targets) < len(self._shapes)
            and all(highest[shape] < size for shape, size in zip(self._shapes, sizes, strict=True))
            and sizes[0] == 1
            and not self._accepting[0]
            and set(self._accepting) <= {0, 1}
            and all(0 < start < len(self._shapes) for start in self.starts.values())
        )
        if not sound:
            raise ValueError("a table of states is damaged")

    def _row(self, number: int) -> list[int]:
        """The distinct states that a state leads to, failure first."""
        return [0, *self._targets[self._offsets[number] + 1 : self._offsets[number + 1] + 1]]

    def _next(self, number: int, symbol: int) -> int:
        place = self._patterns[self._shapes[number]][symbol]
        return self._targets[self._offsets[number] + place] if place else 0

    def matches(self, entry: str, data: bytes) -> bool:
        """Whether ``data`` is a sentence of ``entry``. Linear in ``len(data)``."""
        return self.accepts(self.start(entry), data)

    def failure(self, entry: str, data: bytes) -> tuple[int, int]:
        """Where a sentence that ``matches`` refused goes wrong.

        :return: the offset of the first octet after which no sentence is possible
            (``len(data)`` if something is missing at the end), and the number of the
            state before it.
        """
        state, failed = self.start(entry), self.failed
        for offset, symbol in enumerate(data.translate(self.class_map)):
            if len(state) > 1:
                following = state[symbol]
            else:
                number = self._next(state[0], symbol)
                following = self._states[number] or self._state(number) if number else failed
            if following is failed:
                return offset, state[0]
            state = following
        return len(data), state[0]

    def allowed(self, number: int) -> bytes:
        """The octets, in order, that may follow in state ``number``."""
        return bytes(o for o in range(256) if self._next(number, self.class_map[o]))

    def reachable(self, entry: str) -> list[int]:
        """Numbers of the states that ``entry`` leads to, ascending."""
        pending = [self.starts[entry]]
        seen = set(pending)
        for number in pending:
            for target in self._row(number):
                if target and target not in seen:
                    seen.add(target)
                    pending.append(target)
        return sorted(seen)


def never(_text: str) -> None:
    """A quick look that sees nothing."""
    return


def with_tables(packed: Mapping[str, Any], octets: bytes) -> dict[str, Any]:
    """What a generated module says, with the tables of the file beside it."""
    ends = [*accumulate(packed["TABLES"].values(), initial=0)]
    tables = zip(packed["TABLES"], pairwise(ends), strict=True)
    return {**packed, **{name: octets[begin:end] for name, (begin, end) in tables}}


@cache
def automata(language: LanguageName) -> Automata:
    """The RFCs' automata of a language, unpacked once."""
    packed = vars(importlib.import_module(f"sipgen.generated.automata_{language}"))
    octets = pkgutil.get_data("sipgen.generated", f"automata_{language}.bin")
    return Automata(with_tables(packed, octets or b""))
