"""Findings with their place: an offset in the octets read becomes line and column.

The first few places are counted from the beginning; when more are asked for, line starts
are collected once and searched by bisection, so that any number of findings costs linear
time.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from typing import TYPE_CHECKING, cast

from sipgen.errors import Finding, Severity

if TYPE_CHECKING:
    from sipgen.generated.conformance import Rule

__all__ = ["LIMITS", "Locator", "counted", "finding_of", "quoted"]

LIMITS = {
    "body-too-large": "21.5.7",
    "content-length-missing": "18.3",
    "header-line-too-long": "21.5.7",
    "header-section-too-long": "21.5.7",
    "message-too-large": "18.1.1",
    "start-line-too-long": "21.4.12",
    "stream-ended": "18.3",
    "too-many-header-lines": "21.5.7",
}
"""Why reading stops before there is a message for a profile to judge, and the section of
RFC 3261 about it: for a limit that of the response that refuses such a message."""

_FEW = 8
"""Places that are counted: 0.3 µs each, where to collect the line starts takes 5 µs."""
_SHOWN = 40
"""Octets of the input that a sentence shows; more does not help a reader."""


def quoted(octets: bytes) -> str:
    """``octets`` in quotes, everything but printable ASCII escaped, cut if long."""
    shown = repr(octets[:_SHOWN])[1:]
    return shown + "..." if len(octets) > _SHOWN else shown


def counted(size: int) -> str:
    """Return ``size`` as a number of bytes: ``1 byte``, ``2 bytes``."""
    return "1 byte" if size == 1 else f"{size} bytes"


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
        message: str,
        start: int,
        end: int,
        *,
        header: str | None = None,
        expected: tuple[str, ...] = (),
        hint: str | None = None,
    ) -> Finding:
        """Return the :func:`finding_of` a rule that octets ``start`` to ``end`` break."""
        place = self.position(start)
        return finding_of(
            rule, message, start, end, place, header=header, expected=expected, hint=hint
        )

    def mismatch(
        self, rule: str, message: str, start: int, end: int, expected: tuple[str, ...] = ()
    ) -> Finding:
        """Return the finding that octets ``start`` to ``end`` do not match an ABNF rule."""
        line, column = self.position(start)
        return Finding(rule, "error", message, None, None, None, start, end, line, column, expected)


def finding_of(
    rule: str,
    message: str,
    start: int,
    end: int,
    place: tuple[int, int],
    *,
    header: str | None = None,
    expected: tuple[str, ...] = (),
    hint: str | None = None,
) -> Finding:
    """Return a finding whose RFC, section, severity and hint are those of its rule.

    :param rule: id of a rule in ``grammar/conformance.toml``, or a key of :data:`LIMITS`.
    :param place: line and column.
    :param hint: what to do, where the fault allows a narrower hint than the rule's.
    """
    if rule in LIMITS:
        rfc, section, severity, usual = 3261, LIMITS[rule], "error", ""
    else:
        _, _, rfc, section, _, severity, _, usual = _rules()[rule]
    return Finding(
        rule,
        cast("Severity", severity),
        message,
        rfc,
        section,
        header,
        start,
        end,
        *place,
        expected,
        usual if hint is None else hint,
    )


@cache
def _rules() -> dict[str, Rule]:
    # Reading a message of which nothing is odd does not pay the 3 ms of this import.
    from sipgen.generated.conformance import RULES  # noqa: PLC0415

    return RULES
