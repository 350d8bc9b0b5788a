"""Where the parts of a multipart body stand (RFC 2046 section 5.1.1).

Each octet is looked at a constant number of times, whatever the boundary is.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

__all__ = ["PartSpan", "Spans", "spans"]


class PartSpan(NamedTuple):
    """One part; offsets into the multipart body."""

    start: int
    """Where its header section begins."""
    head_end: int
    """Just past its last header line, line end excluded."""
    body_start: int | None
    """Where its body begins; ``None`` if no empty line comes before one."""
    end: int
    """Just past its body: the line end before a delimiter belongs to the delimiter."""


class Spans(NamedTuple):
    """The parts of a body, in order."""

    parts: tuple[PartSpan, ...]
    """The last one of a body that is not closed goes to its end."""
    closed: bool
    """Whether a closing delimiter ends the body."""


def spans(body: bytes, boundary: bytes) -> Spans:
    """The parts between the delimiter lines that ``boundary`` makes."""
    lines, closed = _delimiters(body, b"--" + boundary)
    parts = [_part(body, begin, end) for (_, begin), (end, _) in pairwise(lines)]
    if lines and not closed:
        parts.append(_part(body, lines[-1][1], len(body)))
    return Spans(tuple(parts), closed)


def _delimiters(body: bytes, delimiter: bytes) -> tuple[list[tuple[int, int]], bool]:
    """Begin and end of each delimiter line, and whether the last one closes the body."""
    found: list[tuple[int, int]] = []
    at = 0 if body.startswith(delimiter) else _next_line(body, delimiter, 0)
    while at >= 0:
        end = body.find(b"\n", at)
        line_end = len(body) if end < 0 else end + 1
        rest = body[at + len(delimiter) : line_end].rstrip(b" \t\r\n")
        if rest in {b"", b"--"}:
            begin = at - 2 if body[max(0, at - 2) : at] == b"\r\n" else max(0, at - 1)
            found.append((begin if at else 0, line_end))
            if rest:
                return found, True
        at = _next_line(body, delimiter, line_end - 1)
    return found, False


def _next_line(body: bytes, beginning: bytes, start: int) -> int:
    """Where the next line that begins so begins, from a line end at ``start`` on; -1 if none."""
    found = body.find(b"\n" + beginning, start)
    return found + 1 if found >= 0 else -1


def _part(body: bytes, start: int, end: int) -> PartSpan:
    # Two delimiters in a row: the line end of the first is that of the second.
    end = max(start, end)
    if body.startswith(b"\r\n", start, end):
        return PartSpan(start, start, start + 2, end)
    head_end = body.find(b"\r\n\r\n", start, end)
    if head_end < 0:
        return PartSpan(start, end, None, end)
    return PartSpan(start, head_end, head_end + 4, end)
