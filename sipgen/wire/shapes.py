"""The sequence of names that the header lines of a message have, learned from traffic.

A user agent writes the header fields of each kind of message in one order. Where that order
has been seen, that the lines begin with the names takes half the time of looking each name
up; the names that come out are the same.
"""

from __future__ import annotations

from itertools import count

from sipgen.limits import MAX_REMEMBERED_TEXT
from sipgen.memory import Memory
from sipgen.wire.digits import number_of
from sipgen.wire.fields import unfolded_value
from sipgen.wire.names import CANONICAL, canonical_token

__all__ = [
    "WHITE_SPACE",
    "Shape",
    "key_of",
    "known_shape",
    "length_in",
    "remembered_shapes",
    "shape_of",
    "values_of",
]

Shape = tuple[tuple[str, ...], tuple[str, ...], int, str]
"""What the lines begin with, name and colon; the canonical names; where Content-Length is,
-1 without; and how that line begins if one space follows the colon."""

WHITE_SPACE = " \t"
"""What may stand around a value (RFC 3261 section 25.1, WSP)."""

_CONTENT_LENGTH = "Content-Length"
_ALIKE = 4
"""Shapes remembered with one key."""
_LEARN = 4
"""Misses of which one is learned from: it takes a third of the time of reading a message."""
_LONGEST = 16 * MAX_REMEMBERED_TEXT
"""Characters in the names of the orders that are remembered together."""

Key = tuple[int, str, str, str]

_shapes: Memory[Key, tuple[Shape, ...]] = Memory(
    "orders of header lines", characters=16 * _LONGEST, longest=_LONGEST
)
remembered_shapes = _shapes.get
"""The shapes met so far of messages with this key, see :func:`key_of`."""
_misses = count(1)


def key_of(lines: list[str]) -> Key:
    """What messages of one order have in common: their number of lines, and how three begin.

    On traffic of many senders that leaves two orders to a key, where method and number left
    twenty.
    """
    count = len(lines)
    return count, lines[count // 2][:5], lines[count // 3][:5], lines[count - 2][:5]


def shape_of(lines: list[str], key: Key) -> Shape | None:
    """The shape of header lines, found line by line.

    :param lines: header lines without folds and control characters.
    :param key: their :func:`key_of`.
    :return: ``None`` if a line is no header field, its name is not directly before the
        colon, or Content-Length is there twice.
    """
    older = _shapes.find(key) or ()
    for shape in older:
        if all(map(str.startswith, lines, shape[0])):
            return shape
    known = CANONICAL.get
    found: list[str] = []
    for line in lines:
        raw, colon, _ = line.partition(":")
        name = known(raw) or canonical_token(raw)
        if name is None or not colon:
            return None
        found.append(name)
    names = tuple(found)
    lengths = names.count(_CONTENT_LENGTH)
    if lengths > 1:
        return None
    at = names.index(_CONTENT_LENGTH) if lengths else -1
    if next(_misses) % _LEARN:
        return (), names, at, "Content-Length: "
    return _learned(lines, key, names, at)


def _learned(lines: list[str], key: Key, names: tuple[str, ...], at: int) -> Shape:
    """A shape for lines like these, remembered if it is of moderate size."""
    prefixes = tuple([line[: line.index(":") + 1] for line in lines])
    shape = prefixes, names, at, f"{prefixes[at]} " if at >= 0 else ""
    alike = (shape, *(_shapes.get(key) or _shapes.find(key) or ())[: _ALIKE - 1])
    weight = sum([len(prefix) for known in alike for prefix in known[0]])
    _shapes.keep(key, alike, weight)
    return shape


def known_shape(lines: list[str]) -> Shape | None:
    """The shape of header lines, looked up or found line by line; arguments as for shape_of."""
    if not lines:
        return None
    key = key_of(lines)
    for shape in _shapes.get(key) or ():
        if all(map(str.startswith, lines, shape[0])):
            return shape
    return shape_of(lines, key)


def length_in(line: str) -> int | None:
    """The number that ``line``, a Content-Length, says; ``None`` for anything unusual."""
    return number_of(line.partition(":")[2].strip(WHITE_SPACE))


def values_of(lines: list[str]) -> list[str]:
    """The values of header lines, each fold as one SP, without white space around them."""
    return [unfolded_value(line) for line in lines]
