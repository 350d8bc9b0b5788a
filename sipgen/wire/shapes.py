"""The sequence of names that the header lines of a message have, learned from traffic.

A user agent writes the header fields of each kind of message in one order. Where that order
has been seen, that the lines begin with the names takes half the time of looking each name
up; the names that come out are the same.
"""

from __future__ import annotations

from itertools import count

from sipgen.limits import MAX_REMEMBERED_TEXT
from sipgen.memory import Memory
from sipgen.wire.names import CANONICAL, canonical_token

__all__ = ["WHITE_SPACE", "Shape", "frames", "remembered_shapes", "shape_of", "values_of"]

Shape = tuple[tuple[str, ...], tuple[str, ...], int, str]
"""What the lines begin with, name and colon; the canonical names; where Content-Length is,
-1 without; and how that line begins if one space follows the colon."""

WHITE_SPACE = " \t"
"""What may stand around a value (RFC 3261 section 25.1, WSP)."""

_CONTENT_LENGTH = "Content-Length"
_ALIKE = 4
"""Shapes remembered of messages with as many lines and the same method."""
_LEARN = 16
"""Misses of which one is learned from: it takes a third of the time of reading a message."""
_LONGEST = 16 * MAX_REMEMBERED_TEXT
"""Characters in the names of the orders that are remembered together."""

_shapes: Memory[tuple[int, str], tuple[Shape, ...]] = Memory(
    "orders of header lines", characters=16 * _LONGEST, longest=_LONGEST
)
remembered_shapes = _shapes.get
"""The shapes met so far of messages with this many lines and this method or version."""
_misses = count(1)


def shape_of(lines: list[str], first: str) -> Shape | None:
    """The shape of header lines, found line by line.

    :param lines: header lines without folds and control characters.
    :param first: what the start line begins with.
    :return: ``None`` if a line is no header field, its name is not directly before the
        colon, or Content-Length is there twice.
    """
    older = _shapes.find((len(lines), first)) or ()
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
    return _learned(lines, first, names, at)


def _learned(lines: list[str], first: str, names: tuple[str, ...], at: int) -> Shape:
    """A shape for lines like these, remembered if it is of moderate size."""
    prefixes = tuple([line[: line.index(":") + 1] for line in lines])
    shape = prefixes, names, at, f"{prefixes[at]} " if at >= 0 else ""
    key = len(lines), first
    alike = (shape, *(_shapes.get(key) or _shapes.find(key) or ())[: _ALIKE - 1])
    weight = len(first) + sum([len(prefix) for known in alike for prefix in known[0]])
    _shapes.keep(key, alike, weight)
    return shape


def frames(line: str, body: bytes) -> bool:
    """Whether ``line``, a Content-Length, says just the octets of ``body``."""
    return line.partition(":")[2].strip(WHITE_SPACE) == str(len(body))


def values_of(lines: list[str]) -> list[str]:
    """The values of header lines that are not folded, without white space around them."""
    return [line.partition(":")[2].strip(WHITE_SPACE) for line in lines]
