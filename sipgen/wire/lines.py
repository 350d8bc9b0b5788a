"""The complete line scanner: octets to start line, logical header lines and body start.

Lines are found by their LF, the CR before it is optional and its absence a finding. Empty
lines in front are skipped, an empty line ends the header section, and a line that begins
with SP or HTAB continues the header line before it. Each octet is looked at a constant
number of times, whatever the input is.
"""

from __future__ import annotations

from typing import NamedTuple

from sipgen.errors import Finding, LimitError, ParseError
from sipgen.limits import MAX_HEADER_LINE, MAX_HEADER_LINES, MAX_START_LINE
from sipgen.wire.fields import Field, LogicalLine, check_text, read_field
from sipgen.wire.locator import Locator

__all__ = ["Field", "Head", "LogicalLine", "scan", "split_lines"]


class Head(NamedTuple):
    """Start line and header section of a message; all offsets are into the octets read."""

    start_line: LogicalLine
    header_lines: list[LogicalLine]
    fields: list[Field]
    """What each line of ``header_lines`` holds, in the same order."""
    body_start: int
    terminated: bool
    """Whether an empty line ended the header section."""
    findings: tuple[Finding, ...]
    """What is odd about the lines, in order of place."""


def split_lines(data: bytes) -> Head:
    """Split a message into its lines (RFC 3261 sections 7, 7.3.1 and 7.5).

    Raises :class:`ParseError` if there is nothing but empty lines, and
    :class:`LimitError` if there are more or longer lines than :mod:`sipgen.limits` allows.
    """
    return scan(Locator(data))


def scan(locator: Locator) -> Head:
    """:func:`split_lines` over the octets of ``locator``."""
    data = locator.data
    begin = len(data) - len(data.lstrip(b"\r\n"))
    if begin == len(data):
        raise ParseError(_empty_message(locator, begin))
    findings: list[Finding] = []
    if begin:
        findings.append(
            locator.finding(
                "leading-white-space",
                "warning",
                "Empty lines stand before the start line; they are skipped.",
                "7.5",
                0,
                begin,
                expected=("Request-Line", "Status-Line"),
                hint="Begin a datagram with the start line.",
            )
        )
    lines, body_start, terminated = _logical_lines(locator, begin, findings)
    start_line = lines.pop(0)
    if start_line.end - start_line.start > MAX_START_LINE:
        raise LimitError(_limit(locator, "start-line-too-long", start_line, MAX_START_LINE))
    check_text(locator, start_line.start, start_line.end, None, findings, in_start_line=True)
    fields: list[Field] = []
    for line in lines:
        if line.end - line.start > MAX_HEADER_LINE:
            raise LimitError(_limit(locator, "header-line-too-long", line, MAX_HEADER_LINE))
        fields.append(read_field(locator, line, findings))
    if not terminated:
        findings.append(
            locator.finding(
                "header-section-end",
                "error",
                "The message ends without the empty line that ends the header section.",
                "7",
                body_start,
                body_start,
                expected=("CRLF",),
                hint="Write CRLF after the last header field and once more for the empty line.",
            )
        )
    findings.sort(key=_place)
    return Head(start_line, lines, fields, body_start, terminated, tuple(findings))


def _logical_lines(
    locator: Locator, begin: int, findings: list[Finding]
) -> tuple[list[LogicalLine], int, bool]:
    """Start line and header lines, where the body starts, and whether a line said so."""
    data = locator.data
    size = len(data)
    lines: list[LogicalLine] = []
    bare_line_feeds = 0
    first_bare = -1
    position = line_start = begin
    terminated = False
    while position < size:
        line_feed = data.find(b"\n", position)
        if line_feed < 0:
            content_end = following = size
        else:
            following = line_feed + 1
            content_end = line_feed
            if line_feed > position and data[line_feed - 1] == 0x0D:
                content_end -= 1
            else:
                bare_line_feeds += 1
                if first_bare < 0:
                    first_bare = line_feed
        if content_end == position:
            terminated = True
            position = following
            break
        if data[position] in b" \t" and len(lines) > 1:
            lines[-1] = LogicalLine(line_start, content_end)
        else:
            line_start = position
            lines.append(LogicalLine(position, content_end))
            if len(lines) > MAX_HEADER_LINES + 1:
                raise LimitError(
                    _limit(locator, "too-many-header-lines", lines[-1], MAX_HEADER_LINES)
                )
        position = following
    if bare_line_feeds:
        findings.append(_bare_line_feed(locator, first_bare, bare_line_feeds))
    return lines, position, terminated


def _place(finding: Finding) -> tuple[int, int]:
    return finding.start, finding.end


def _bare_line_feed(locator: Locator, first: int, count: int) -> Finding:
    one = "A line ends in a line feed without a carriage return."
    many = f"{count} lines end in a line feed without a carriage return; this is the first."
    return locator.finding(
        "line-end",
        "error",
        one if count == 1 else many,
        "7",
        first,
        first + 1,
        expected=("CRLF",),
        hint="End every line of the header section with CRLF.",
    )


def _empty_message(locator: Locator, end: int) -> Finding:
    return locator.finding(
        "message-empty",
        "error",
        "There is no message: nothing but line ends." if end else "There is no message.",
        "7",
        0,
        end,
        expected=("Request-Line", "Status-Line"),
    )


_LIMITS = {
    "start-line-too-long": ("The start line has more than {} octets.", "21.4.12"),
    "header-line-too-long": ("A header field has more than {} octets.", "21.5.7"),
    "too-many-header-lines": ("There are more than {} header fields.", "21.5.7"),
}
"""Sentence about each limit, and the section of the response that refuses such a message."""


def _limit(locator: Locator, rule: str, line: LogicalLine, limit: int) -> Finding:
    sentence, section = _LIMITS[rule]
    return locator.finding(rule, "error", sentence.format(limit), section, line.start, line.end)
