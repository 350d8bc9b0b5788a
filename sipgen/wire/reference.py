"""The complete reader of one message: every form, every oddity, every place.

Scans the lines, takes start line and header fields apart, frames the body, and collects
what is odd on the way. It is the definition of what sipgen reads; the hot path in
:mod:`sipgen.wire.tokenizer` is a shortcut to the same result.
"""

from __future__ import annotations

from typing import NamedTuple

from sipgen.errors import Finding, LimitError, ParseError
from sipgen.limits import MAX_MESSAGE
from sipgen.wire.fields import decoded
from sipgen.wire.framing import content_length, trailing_octets
from sipgen.wire.lines import Head, scan
from sipgen.wire.locator import Locator
from sipgen.wire.start_line import RequestLine, StatusLine, read_start_line

__all__ = ["Examination", "Tokens", "examine", "tokenize"]


class Tokens(NamedTuple):
    """A message in parts. The three lists are parallel, one entry a header line.

    A line that is no header field has the empty name.
    """

    start_line: RequestLine | StatusLine
    start_text: str
    """The start line as it came."""
    names: list[str]
    """Canonical names."""
    values: list[str]
    """Values, unfolded, without white space around them."""
    lines: list[str]
    """Header lines as they came, folds included, without the final line end."""
    body: bytes
    start: int
    """Offset of the start line: what is before it is empty lines."""
    end: int
    """Offset just past the body: what is behind it is not part of the message."""
    defects: tuple[Finding, ...]


class Examination(NamedTuple):
    """All that can be told about a message, readable or not."""

    head: Head
    start_line: RequestLine | StatusLine | None
    """``None`` if it cannot be read."""
    body_end: int
    """Offset just past the body; the end of the octets if the length is not known."""
    findings: tuple[Finding, ...]
    """Everything found, in order of place."""
    failure: Finding | None
    """The first finding that makes the message unreadable."""


def examine(data: bytes, max_message: int = MAX_MESSAGE) -> Examination:
    """Read all there is in ``data`` and say what is wrong with it.

    Raises :class:`ParseError` for an empty message and :class:`LimitError` beyond a limit,
    as there is nothing to examine then; any other fault is in the result.
    """
    locator = Locator(data)
    if len(data) > max_message:
        raise LimitError(
            locator.finding(
                "message-too-large",
                "error",
                f"The message has {len(data)} octets, more than {max_message}.",
                "18.1.1",
                max_message,
                len(data),
            )
        )
    head = scan(locator)
    findings = list(head.findings)
    failure: Finding | None = None
    start_line: RequestLine | StatusLine | None = None
    try:
        start_line = read_start_line(locator, head.start_line, findings)
    except ParseError as error:
        failure = error.finding
        findings.append(failure)
    framing = content_length(
        [
            (field.value, field.value_start, field.value_end)
            for field in head.fields
            if field.name == "Content-Length"
        ],
        len(data) - head.body_start,
        locator,
    )
    findings.extend(framing.findings)
    body_end = len(data)
    if framing.length is not None:
        body_end = head.body_start + framing.length
        if body_end < len(data):
            findings.append(trailing_octets(locator, body_end))
    findings.sort(key=_place)
    return Examination(
        head,
        start_line,
        body_end,
        tuple(findings),
        failure or framing.failure,
    )


def _place(finding: Finding) -> tuple[int, int]:
    return finding.start, finding.end


def tokenize(data: bytes, max_message: int = MAX_MESSAGE) -> Tokens:
    """Read one message from ``data``, which holds it from begin to end (a datagram).

    Raises :class:`ParseError` if the message is empty, or its start line or the length of
    its body cannot be told; :class:`LimitError` beyond a limit of :mod:`sipgen.limits`, or
    for more than ``max_message`` octets.
    """
    head, start_line, body_end, findings, failure = examine(data, max_message)
    if failure is not None:
        raise ParseError(failure)
    # A start line that cannot be read is a failure.
    assert start_line is not None  # noqa: S101
    return Tokens(
        start_line,
        decoded(data[head.start_line.start : head.start_line.end]),
        [field.name for field in head.fields],
        [field.value for field in head.fields],
        [decoded(data[line.start : line.end]) for line in head.header_lines],
        data[head.body_start : body_end],
        head.start_line.start,
        body_end,
        findings,
    )
