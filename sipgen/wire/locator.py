"""Findings with their place: an offset in the octets read becomes line and column.

The first few places are counted from the beginning; when more are asked for, line starts
are collected once and searched by bisection, so that any number of findings costs linear
time.
"""

from __future__ import annotations

from bisect import bisect_right

from sipgen.errors import Finding, Severity

__all__ = ["Locator", "quoted"]

_FEW = 8
"""Places that are counted: 0.3 µs each, where to collect the line starts takes 5 µs."""
_SHOWN = 40
"""Octets of the input that a sentence shows; more does not help a reader."""


def quoted(octets: bytes) -> str:
    """``octets`` in quotes, everything but printable ASCII escaped, cut if long."""
    shown = repr(octets[:_SHOWN])[1:]
    return shown + "..." if len(octets) > _SHOWN else shown


class Locator:
    """Makes findings about ``data``."""

    __slots__ = ("_asked", "_line_starts", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._asked = 0
        self._line_starts: list[int] | None = None

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of ``offset``, both from 1, the column in octets.

        A line ends with LF; a lone CR does not end one.
        """
        starts = self._line_starts
        if starts is None:
            if self._asked < _FEW:
                self._asked += 1
                line_start = self.data.rfind(b"\n", 0, offset) + 1
                return self.data.count(b"\n", 0, offset) + 1, offset - line_start + 1
            starts = [0]
            find = self.data.find
            found = find(b"\n")
            while found >= 0:
                starts.append(found + 1)
                found = find(b"\n", found + 1)
            self._line_starts = starts
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def finding(
        self,
        rule: str,
        severity: Severity,
        message: str,
        section: str,
        start: int,
        end: int,
        *,
        header: str | None = None,
        expected: tuple[str, ...] = (),
        hint: str = "",
    ) -> Finding:
        """The finding that octets ``start`` to ``end`` break ``section`` of RFC 3261."""
        line, column = self.position(start)
        return Finding(
            rule,
            severity,
            message,
            3261,
            section,
            header,
            start,
            end,
            line,
            column,
            expected,
            hint,
        )
