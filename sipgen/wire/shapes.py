"""The sequence of names that the header lines of a message have, learned from traffic.

A user agent writes the header fields of each kind of message in one order. Where that order
has been seen, that the lines begin with the names takes half the time of looking each name
up; the names that come out are the same.
"""

from __future__ import annotations

from itertools import count

from sipgen.limits import MAX_REMEMBERED_SHAPES, MAX_REMEMBERED_TEXT
from sipgen.wire.names import CANONICAL, canonical, is_token

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
_MOST_LINES = 64

_shapes: dict[tuple[int, str], tuple[Shape, ...]] = {}
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
    known = CANONICAL
    found = []
    try:
        for line in lines:
            name, colon, _ = line.partition(":")
            if not colon:
                return None
            found.append(known[name])
    except KeyError:
        raw = [line.partition(":")[0] for line in lines]
        if not all(map(is_token, raw)) or not all(":" in line for line in lines):
            return None
        found = [canonical(name) for name in raw]
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
    longest = max(map(len, (*prefixes, first)))
    if len(lines) <= _MOST_LINES and longest <= MAX_REMEMBERED_TEXT:
        if len(_shapes) >= MAX_REMEMBERED_SHAPES:
            _shapes.clear()
        key = len(lines), first
        _shapes[key] = (shape, *_shapes.get(key, ())[: _ALIKE - 1])
    return shape


def frames(line: str, body: bytes) -> bool:
    """Whether ``line``, a Content-Length, says just the octets of ``body``."""
    return line.partition(":")[2].strip(WHITE_SPACE) == str(len(body))


def values_of(lines: list[str]) -> list[str]:
    """The values of header lines that are not folded, without white space around them."""
    return [line.partition(":")[2].strip(WHITE_SPACE) for line in lines]
