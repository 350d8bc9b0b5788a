"""The complete line scanner: octets to start line, logical header lines and body start.

Lines are found by their LF, the CR before it is optional and its absence a finding. Empty
lines in front are skipped, an empty line ends the header section, and a line that begins
with SP or HTAB continues the header line before it. Each octet is looked at a constant
number of times, whatever the input is. What is odd is looked for in the head as a whole:
lines of which nothing is odd are not gone through one by one, and where each line is in the
octets is worked out only when it is asked for.
"""

from __future__ import annotations

import re
from itertools import accumulate, pairwise
from typing import NamedTuple

from sipgen.errors import Finding, LimitError, ParseError
from sipgen.limits import MAX_HEADER_LINE, MAX_HEADER_LINES, MAX_START_LINE
from sipgen.wire.fields import (
    PRINTABLE,
    LogicalLine,
    check_text,
    decoded,
    read_field,
    unfolded_value,
)
from sipgen.wire.locator import Locator
from sipgen.wire.names import CANONICAL, canonical_token
from sipgen.wire.shapes import known_shape

__all__ = ["Head", "LogicalLine", "SplitHead", "head_of", "scan", "split_lines", "value_span"]

_BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")
_FOLD = (b" ", b"\t")


class Head:
    """Start line and header section of a message; all offsets are into the octets read."""

    __slots__ = (
        "_is_asked", "_spans", "body_start", "data", "findings", "is_regular", "lines", "names",
        "start", "start_text", "terminated", "values",
    )  # fmt: skip

    def __init__(self, data: bytes, start: int, body_start: int, *, terminated: bool) -> None:
        self.data = data
        """The octets."""
        self.start = start
        """Offset of the start line."""
        self.start_text = ""
        """The start line as it came."""
        self.names: tuple[str, ...] = ()
        """The canonical name of each header line, empty for a line that is no header field."""
        self.lines: list[str] = []
        """Each header line as it came: folds included, the final line end excluded."""
        self.values: list[str] | None = None
        """The value of each, unfolded, without white space around it; ``None`` where each is
        the :func:`.unfolded_value` of its line."""
        self.body_start = body_start
        self.terminated = terminated
        """Whether an empty line ended the header section."""
        self.is_regular = False
        """Whether every line ends with CRLF."""
        self.findings: list[Finding] = []
        """What is odd about the lines."""
        self._spans: list[tuple[int, int]] | None = None
        self._is_asked = False

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Where each header line is."""
        return self.logical_lines[1:]

    def span(self, at: int) -> tuple[int, int]:
        """Where header line ``at`` is."""
        if self._is_asked or not self.is_regular:
            return self.logical_lines[at + 1]
        # Whoever asks once does not need all of them.
        self._is_asked = True
        before = "\r\n".join([self.start_text, *self.lines[:at], ""])
        start = self.start + len(before.encode("utf-8", "surrogateescape"))
        return start, start + len(self.lines[at].encode("utf-8", "surrogateescape"))

    @property
    def start_line(self) -> LogicalLine:
        """Where the start line is."""
        size = len(self.start_text.encode("utf-8", "surrogateescape"))
        return LogicalLine(self.start, self.start + size)

    @property
    def logical_lines(self) -> list[tuple[int, int]]:
        """Where start line and header lines are."""
        if self._spans is None:
            self._spans = _logical_lines(self.data[self.start : self.body_start], self.start)
        return self._spans


def value_span(data: bytes, line: tuple[int, int]) -> LogicalLine:
    """Where the value of a header line is, without white space around it."""
    start, end = line
    colon = data.find(b":", start, end)
    content = data[colon + 1 : end]
    value_start = colon + 1 + len(content) - len(content.lstrip(b" \t\r\n"))
    return LogicalLine(value_start, value_start + len(content.strip(b" \t\r\n")))


def split_lines(data: bytes) -> Head:
    """Split a message into its lines (RFC 3261 sections 7, 7.3.1 and 7.5).

    Raises :class:`ParseError` if there is nothing but empty lines, and
    :class:`LimitError` if there are more or longer lines than :mod:`sipgen.limits` allows.
    """
    return scan(Locator(data))


def scan(locator: Locator) -> Head:
    """:func:`split_lines` over the octets of ``locator``."""
    data = locator.data
    begin = len(data) - len(data.lstrip(b"\r\n")) if data[:1] in _LINE_ENDS else 0
    if begin == len(data):
        raise ParseError(_empty_message(locator, begin))
    last_line_feed, body_start = _head_end(data, begin)
    head = Head(data, begin, body_start, terminated=last_line_feed >= 0)
    findings = head.findings
    if begin:
        findings.append(_leading_lines(locator, begin))
    octets = data[begin:body_start]
    line_feeds, line_ends = octets.count(b"\n"), octets.count(b"\r\n")
    bare = line_feeds - line_ends
    if bare:
        first = _BARE_LINE_FEED.search(octets)
        findings.append(_bare_line_feed(locator, begin + (first.start() if first else 0), bare))
    # Control characters are those of the line ends, and no more.
    plain = len(octets.translate(None, PRINTABLE)) == line_feeds + line_ends
    content = octets[: last_line_feed - begin] if head.terminated else octets
    folded = b"\n " in octets or b"\n\t" in octets
    is_utf8 = _take_apart(head, content, folded=folded)
    _check_sizes(locator, head, len(octets))
    if not plain or not head.start_text.isascii():
        start, end = head.start_line
        check_text(locator, start, end, None, findings, in_start_line=True)
    # Where nothing else is odd, it is the names: the hot path has looked for a shape.
    known = plain and is_utf8 and (folded or bare or begin)
    shape = known_shape(head.lines) if known else None
    if shape is not None:
        head.names = shape[1]
    else:
        _go_through(locator, head, plain=plain, is_utf8=is_utf8)
    if not head.terminated:
        findings.append(
            locator.finding(
                "header-section-end",
                "The message ends without the empty line that ends the header section.",
                body_start,
                body_start,
                expected=("CRLF",),
            )
        )
    if len(findings) > 1:
        findings.sort(key=_place)
    return head


class SplitHead(NamedTuple):
    """The lines of a head in which nothing is odd but names, colons and folds, if those are."""

    start_text: str
    lines: list[str]
    """What is between line ends behind the start line: a fold is not joined to its line."""
    body_start: int


def head_of(locator: Locator, split: SplitHead) -> Head:
    """:func:`scan` over lines that were found already."""
    head = Head(locator.data, 0, split.body_start, terminated=True)
    head.start_text, head.lines, _ = split
    head.is_regular = True
    shape = None
    octets = locator.data[: split.body_start]
    if b"\n " in octets or b"\n\t" in octets:
        head.lines = _unbroken(head.lines)
        shape = known_shape(head.lines)
    _check_sizes(locator, head, split.body_start)
    if shape is not None:
        head.names = shape[1]
    else:
        _go_through(locator, head, plain=True, is_utf8=True)
    return head


_LINE_ENDS = (b"\r", b"\n")


def _head_end(data: bytes, begin: int) -> tuple[int, int]:
    """The LF of the last header line, -1 without an empty line behind it, and the body's start."""
    found = data.find(b"\n\r\n", begin)
    other = data.find(b"\n\n", begin, found + 1 if found >= 0 else len(data))
    if other >= 0:
        return other, other + 2
    return (found, found + 3) if found >= 0 else (-1, len(data))


def _take_apart(head: Head, content: bytes, *, folded: bool) -> bool:
    """Set start line and header lines; whether they are UTF-8.

    :param content: the octets up to the last line's LF, or to the end of a message that has
        no empty line.
    """
    is_utf8 = True
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = decoded(content)
        is_utf8 = False
    only_line_ends = text.count("\n") == text.count("\r\n") and head.terminated
    head.is_regular = only_line_ends and text[-1:] == "\r"
    if only_line_ends:
        head.start_text, *head.lines = text.removesuffix("\r").split("\r\n")
        if folded:
            head.lines = _unbroken(head.lines)
    elif folded or not head.terminated:
        data = head.data
        head.start_text, *head.lines = [
            decoded(data[start:end]) for start, end in head.logical_lines
        ]
    else:
        head.start_text, *head.lines = [
            line[:-1] if line[-1:] == "\r" else line for line in text.split("\n")
        ]
    return is_utf8


def _unbroken(lines: list[str]) -> list[str]:
    """Header lines with those that continue them; nothing continues a start line."""
    begins = [at for at, line in enumerate(lines) if line[:1] not in {" ", "\t"} or not at]
    return ["\r\n".join(lines[first:last]) for first, last in pairwise([*begins, len(lines)])]


def _check_sizes(locator: Locator, head: Head, size: int) -> None:
    """Refuse what exceeds a limit: :class:`LimitError`."""
    if len(head.lines) > MAX_HEADER_LINES:
        line = head.spans[MAX_HEADER_LINES]
        first = head.data.find(b"\n", line[0])
        end = line[1] if first < 0 else min(line[1], first - (head.data[first - 1] == _CR))
        span = LogicalLine(line[0], end)
        raise LimitError(_limit(locator, "too-many-header-lines", span, MAX_HEADER_LINES))
    if size <= MAX_START_LINE:
        return
    start, end = head.start_line
    if end - start > MAX_START_LINE:
        raise LimitError(_limit(locator, "start-line-too-long", head.start_line, MAX_START_LINE))
    for start, end in head.spans if size > MAX_HEADER_LINE else ():
        if end - start > MAX_HEADER_LINE:
            span = LogicalLine(start, end)
            raise LimitError(_limit(locator, "header-line-too-long", span, MAX_HEADER_LINE))


_CR = 0x0D


def _go_through(locator: Locator, head: Head, *, plain: bool, is_utf8: bool) -> None:
    """Set the names of the header lines; look closely at those that something is odd about."""
    known, lines = CANONICAL.get, head.lines
    pieces = [line.partition(":") for line in lines]
    names = [known(name) if colon else None for name, colon, _ in pieces]
    odd = []
    for at in [at for at, name in enumerate(names) if name is None]:
        name, colon, _ = pieces[at]
        names[at] = canonical_token(name) if colon else None
        if names[at] is None:
            odd.append(at)
    if not plain or not is_utf8:
        suspects = enumerate(zip(names, lines, strict=True))
        odd = [
            at
            for at, (canonical, line) in suspects
            if canonical is None
            or not ((plain or line.isprintable()) and (is_utf8 or line.isascii()))
        ]
    for at in odd:
        field = read_field(locator, LogicalLine(*head.span(at)), head.findings)
        names[at] = field.name
        if field.value != unfolded_value(head.lines[at]):
            head.values = head.values or [unfolded_value(line) for line in head.lines]
            head.values[at] = field.value
    head.names = tuple(names)  # type: ignore[arg-type] # each None has been replaced


def _logical_lines(head: bytes, begin: int) -> list[tuple[int, int]]:
    """Where start line and header lines are.

    :param head: the head of a message, with the empty line if there is one, and
    :param begin: where it begins.
    """
    pieces = head.split(b"\n")
    # Nothing is behind the last line feed, unless the message ends without one.
    last = pieces.pop()
    starts = [*accumulate([len(piece) + 1 for piece in pieces], initial=begin)]
    ends = [
        start + len(piece) - (piece[-1:] == b"\r")
        for start, piece in zip(starts, pieces, strict=False)
    ]
    if last:
        pieces.append(last)
        ends.append(starts[-1] + len(last))
    found: list[tuple[int, int]] = []
    for piece, start, end in zip(pieces, starts, ends, strict=False):
        if start == end:
            break
        if piece[:1] in _FOLD and len(found) > 1:
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return found


def _leading_lines(locator: Locator, end: int) -> Finding:
    return locator.finding(
        "leading-white-space",
        "There are empty lines before the start line; they are skipped.",
        0,
        end,
        expected=("Request-Line", "Status-Line"),
    )


def _place(finding: Finding) -> tuple[int, int]:
    return finding.start, finding.end


def _bare_line_feed(locator: Locator, first: int, count: int) -> Finding:
    one = "A line ends in a line feed without a carriage return."
    many = f"{count} lines end in a line feed without a carriage return; this is the first."
    return locator.finding(
        "line-end",
        one if count == 1 else many,
        first,
        first + 1,
        expected=("CRLF",),
    )


def _empty_message(locator: Locator, end: int) -> Finding:
    return locator.finding(
        "message-empty",
        "There is no message: nothing but line ends." if end else "There is no message.",
        0,
        end,
        expected=("Request-Line", "Status-Line"),
    )


_LIMITS = {
    "start-line-too-long": "The start line has more than {} bytes.",
    "header-line-too-long": "A header field has more than {} bytes.",
    "too-many-header-lines": "There are more than {} header fields.",
}
"""Sentence about each limit."""


def _limit(locator: Locator, rule: str, line: LogicalLine, limit: int) -> Finding:
    return locator.finding(rule, _LIMITS[rule].format(limit), line.start, line.end)
