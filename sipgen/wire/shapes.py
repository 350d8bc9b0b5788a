"""The sequence of names that the header lines of a message have, learned from traffic.

A user agent writes the header fields of each kind of message in one order. Where that order
has been seen, that the lines begin with the names takes half the time of looking each name
up; the names that come out are the same.
"""

from __future__ import annotations

from itertools import count

from sipgen.limits import MAX_REMEMBERED_SHAPES, MAX_REMEMBERED_TEXT
from sipgen.wire.names import CANONICAL, canonical, is_token

__all__ = ["WHITE_SPACE", "Shape", "remembered_shapes", "shape_of", "values_of"]

Shape = tuple[tuple[str, ...], tuple[str, ...], int, str]
"""What the lines begin with, name and colon; the canonical names; where Content-Length is,
-1 without; and how that line begins if one space follows the colon."""

WHITE_SPACE = " \t"
"""What may stand around a value (RFC 3261 section 25.1, WSP)."""

_CONTENT_LENGTH = "Content-Length"
_ALIKE = 4
"""Shapes remembered of messages with as many lines and the same method."""
_LEARN = 8
"""Misses of which one is learned: traffic without any order is not slowed down."""
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
    try:
        raw = [line[: line.index(":")] for line in lines]
        names = tuple([known[name] for name in raw])
    except ValueError:
        return None
    except KeyError:
        if not all(map(is_token, raw)):
            return None
        names = tuple(map(canonical, raw))
    at = names.index(_CONTENT_LENGTH) if _CONTENT_LENGTH in names else -1
    if at >= 0 and _CONTENT_LENGTH in names[at + 1 :]:
        return None
    length = f"{raw[at]}: " if at >= 0 else ""
    if next(_misses) % _LEARN:
        return (), names, at, length
    shape = tuple([f"{name}:" for name in raw]), names, at, length
    if len(raw) <= _MOST_LINES and max(map(len, (*raw, first)), default=0) <= MAX_REMEMBERED_TEXT:
        if len(_shapes) >= MAX_REMEMBERED_SHAPES:
            _shapes.clear()
        key = len(lines), first
        _shapes[key] = (shape, *_shapes.get(key, ())[: _ALIKE - 1])
    return shape


def counts(line: str, body: bytes) -> bool:
    """Whether ``line``, a Content-Length, has just the octets of ``body``."""
    return line.partition(":")[2].strip(WHITE_SPACE) == str(len(body))


def values_of(lines: list[str]) -> list[str]:
    """The values of header lines that are not folded, without white space around them."""
    return [line.partition(":")[2].strip(WHITE_SPACE) for line in lines]
