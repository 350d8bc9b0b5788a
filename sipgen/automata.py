"""Runs the generated automata over octets.

A state is a list: at the index of an octet's class stands the next state, itself such a
list, and at the last index whether a sentence may end here. Matching is then one lookup
an octet, ``for c in data.translate(classes): state = state[c]``, in linear time whatever
the octets. The lists are made from the packed table when a value first leads to them: a state
that is not filled yet is an empty list, so the loop ends with an IndexError,
:meth:`Automata.fill` fills the states on the value's way, and the loop is run again.
"""

from __future__ import annotations

import importlib
import sys
import zlib
from array import array
from base64 import b64decode
from collections.abc import Callable, Mapping
from functools import cache
from itertools import accumulate
from operator import itemgetter
from threading import Lock
from typing import Any, Literal

__all__ = ["Automata", "LanguageName", "State", "automata"]

LanguageName = Literal["abnf", "strict"]

_OCTETS = 256
_TYPES = {16: "H", 32: "I"}

# A state is a list of states with a bool at its end, which no type can say.
State = list[Any]


class Automata:
    """Automata of one language: ``abnf`` (the RFC's own) or ``strict``."""

    def __init__(self, packed: Mapping[str, Any]) -> None:
        """Unpack what ``sipgen.codegen.packing.packed_automata`` made."""
        self.class_map = b64decode(packed["CLASS_MAP"])
        """Class of each octet, 256 octets."""
        self.width: int = packed["WIDTH"]
        """Index of the acceptance flag in a state: one more than the highest class."""
        self.starts: dict[str, int] = packed["STARTS"]
        """Number of the start state by entry: header name, start line or URI rule."""
        patterns = zlib.decompress(b64decode(packed["PATTERNS"]))
        self._patterns = [
            patterns[first : first + self.width] for first in range(0, len(patterns), self.width)
        ]
        typecode = _TYPES[packed["BITS"]]
        self._shapes = _numbers(packed["SHAPES"], typecode)
        self._targets = _numbers(packed["TARGETS"], typecode)
        sizes = zlib.decompress(b64decode(packed["SIZES"]))
        self._offsets = array("L", accumulate(sizes, initial=0))
        self._accepting = zlib.decompress(b64decode(packed["ACCEPTING"]))
        self._spread: dict[int, Callable[[list[State]], tuple[State, ...]]] = {}
        self.failed: State = []
        """The state that no sentence passes through."""
        self.failed.extend([self.failed] * self.width)
        self.failed.append(False)
        self._states: dict[int, State] = {0: self.failed}
        self._lock = Lock()

    def start(self, entry: str) -> State:
        """The start state of ``entry``; :class:`KeyError` if there is none of that name.

        It may not be filled yet, as any state that it leads to: see :meth:`fill`.
        """
        return self._states.setdefault(self.starts[entry], [])

    def fill(self, entry: str, data: bytes) -> None:
        """Fill the states that ``data`` leads through from the start of ``entry``.

        Safe in threads: a state is filled at once, and by one thread.
        """
        with self._lock:
            number = self.starts[entry]
            for symbol in data.translate(self.class_map):
                self._fill_state(number)
                number = self._next(number, symbol)
            self._fill_state(number)

    def _fill_state(self, number: int) -> None:
        states = self._states
        state = states.setdefault(number, [])
        if state:
            return
        following = [states.setdefault(target, []) for target in self._row(number)]
        shape = self._shapes[number]
        spread = self._spread.get(shape)
        if spread is None:
            spread = self._spread[shape] = itemgetter(*self._patterns[shape])
        # In one step, so that no other thread meets half a state.
        state.extend((*spread(following), self._accepting[number] == 1))

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
            and self._offsets[-1] == len(self._targets)
            and max(self._targets) < len(self._shapes)
            and all(highest[shape] < size for shape, size in zip(self._shapes, sizes, strict=True))
            and not any(self._targets[first] for first in self._offsets[:-1])
            and sizes[0] == 1
            and not self._accepting[0]
            and set(self._accepting) <= {0, 1}
            and all(0 < start < len(self._shapes) for start in self.starts.values())
        )
        if not sound:
            raise ValueError("a table of states is damaged")

    def _row(self, number: int) -> array[int]:
        """The distinct states that a state leads to, failure first."""
        return self._targets[self._offsets[number] : self._offsets[number + 1]]

    def _next(self, number: int, symbol: int) -> int:
        place = self._patterns[self._shapes[number]][symbol]
        return self._targets[self._offsets[number] + place]

    def matches(self, entry: str, data: bytes) -> bool:
        """Whether ``data`` is a sentence of ``entry``. Linear in ``len(data)``."""
        while True:
            state = self.start(entry)
            try:
                for symbol in data.translate(self.class_map):
                    state = state[symbol]
                return bool(state[self.width])
            except IndexError:
                self.fill(entry, data)

    def failure(self, entry: str, data: bytes) -> tuple[int, int]:
        """Where a sentence that ``matches`` refused goes wrong.

        :return: the offset of the first octet after which no sentence is possible
            (``len(data)`` if something is missing at the end), and the number of the
            state before it.
        """
        number = self.starts[entry]
        for offset, symbol in enumerate(data.translate(self.class_map)):
            following = self._next(number, symbol)
            if not following:
                return offset, number
            number = following
        return len(data), number

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


def _numbers(text: str, typecode: str) -> array[int]:
    """Numbers as packed by ``sipgen.codegen.packing``."""
    numbers = array(typecode)
    numbers.frombytes(zlib.decompress(b64decode(text)))
    if sys.byteorder != "little":
        numbers.byteswap()
    return numbers


@cache
def automata(language: LanguageName) -> Automata:
    """The RFCs' automata of a language, unpacked once."""
    return Automata(vars(importlib.import_module(f"sipgen.generated.automata_{language}")))
