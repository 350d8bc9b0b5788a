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

Shape = tuple[tuple[str, ...], list[str], int]
"""What lines begin with, name and colon; the canonical names; where Content-Length is."""

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


def shape_of(lines: list[str], first: str) -> tuple[list[str], int] | None:
    """The canonical names of header lines, and the index of Content-Length, -1 without.

    :param lines: header lines without folds and control characters.
    :param first: what the start line begins with.
    :return: ``None`` if a line is no header field, its name is not directly before the
        colon, or Content-Length is there twice.
    """
    known = CANONICAL
    try:
        names = [known[line[: line.index(":")]] for line in lines]
    except ValueError:
        return None
    except KeyError:
        raw = [line.partition(":")[0] for line in lines]
        if not all(map(is_token, raw)) or not all(":" in line for line in lines):
            return None
        names = [*map(canonical, raw)]
    at = names.index(_CONTENT_LENGTH) if _CONTENT_LENGTH in names else -1
    if at >= 0 and _CONTENT_LENGTH in names[at + 1 :]:
        return None
    if next(_misses) % _LEARN == 0:
        _learn((len(lines), first), names, at, lines)
    return names, at


def _learn(key: tuple[int, str], names: list[str], at: int, lines: list[str]) -> None:
    prefixes = tuple([line[: line.index(":") + 1] for line in lines])
    if len(lines) > _MOST_LINES or max(map(len, (*prefixes, key[1]))) > MAX_REMEMBERED_TEXT:
        return
    if len(_shapes) >= MAX_REMEMBERED_SHAPES:
        _shapes.clear()
    _shapes[key] = ((prefixes, [*names], at), *_shapes.get(key, ())[: _ALIKE - 1])


def values_of(lines: list[str]) -> list[str]:
    """The values of header lines that are not folded, without white space around them."""
    return [line.partition(":")[2].strip(WHITE_SPACE) for line in lines]
