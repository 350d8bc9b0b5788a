"""The complete reader of one message: every form, every oddity, every place.

Scans the lines, takes start line and header fields apart, frames the body, and collects
what is odd on the way. It is the definition of what sipgen reads; the hot path in
:mod:`sipgen.wire.tokenizer` is a shortcut to the same result.
"""

from __future__ import annotations

from typing import NamedTuple

from sipgen.errors import Finding, LimitError, ParseError
from sipgen.limits import MAX_MESSAGE
from sipgen.wire.fields import decoded, unfold
from sipgen.wire.framing import Framing, content_length, trailing_octets
from sipgen.wire.lines import Head, SplitHead, head_of, scan, value_span
from sipgen.wire.locator import Locator
from sipgen.wire.shapes import length_in, values_of
from sipgen.wire.start_line import RequestLine, StatusLine, plain_start_line, read_start_line

__all__ = ["Examination", "Tokens", "examine", "length_fields", "tokenize"]


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


def examine(
    data: bytes, max_message: int = MAX_MESSAGE, split: SplitHead | None = None
) -> Examination:
    """Read all there is in ``data`` and say what is wrong with it.

    :param split: the lines of the head, if nothing is odd but their names and colons.

    Raises :class:`ParseError` for an empty message and :class:`LimitError` beyond a limit,
    as there is nothing to examine then; any other fault is in the result.
    """
    locator = Locator(data)
    if len(data) > max_message:
        raise LimitError(
            locator.finding(
                "message-too-large",
                f"The message has {len(data)} bytes, more than {max_message}.",
                max_message,
                len(data),
            )
        )
    head = scan(locator) if split is None else head_of(locator, split)
    findings = list(head.findings)
    failure: Finding | None = None
    start_line = plain_start_line(head.start_text) if head.start_text.isprintable() else None
    if start_line is None:
        try:
            start_line = read_start_line(locator, head.start_line, findings)
        except ParseError as error:
            failure = error.finding
            findings.append(failure)
    available = len(data) - head.body_start
    framing = _usual_length(head, available) or content_length(
        length_fields(data, head), available, locator
    )
    findings.extend(framing.findings)
    body_end = len(data)
    if framing.length is not None:
        body_end = head.body_start + framing.length
        if body_end < len(data):
            findings.append(trailing_octets(locator, body_end))
    if len(findings) > 1:
        findings.sort(key=_place)
    return Examination(
        head,
        start_line,
        body_end,
        tuple(findings),
        failure or framing.failure,
    )


_NO_LENGTH = Framing(None, (), None)


def _usual_length(head: Head, available: int) -> Framing | None:
    """What the one Content-Length says, if there is nothing wrong with it."""
    count = head.names.count("Content-Length")
    if not count:
        return _NO_LENGTH
    size = length_in(head.lines[head.names.index("Content-Length")]) if count == 1 else None
    return None if size is None or size > available else Framing(size, (), None)


def length_fields(data: bytes, head: Head) -> list[tuple[str, int, int]]:
    """Value, start and end of each Content-Length of a head."""
    found = []
    for at, name in enumerate(head.names):
        if name == "Content-Length":
            start, end = value_span(data, head.spans[at])
            found.append((decoded(unfold(data[start:end])), start, end))
    return found


def _place(finding: Finding) -> tuple[int, int]:
    return finding.start, finding.end


def tokenize(data: bytes, max_message: int = MAX_MESSAGE, split: SplitHead | None = None) -> Tokens:
    """Read one message from ``data``, which holds it from begin to end (a datagram).

    Raises :class:`ParseError` if the message is empty, or its start line or the length of
    its body cannot be told; :class:`LimitError` beyond a limit of :mod:`sipgen.limits`, or
    for more than ``max_message`` octets.
    """
    head, start_line, body_end, findings, failure = examine(data, max_message, split)
    if failure is not None:
        raise ParseError(failure)
    # A start line that cannot be read is a failure.
    assert start_line is not None  # noqa: S101
    return Tokens(
        start_line,
        head.start_text,
        [*head.names],
        values_of(head.lines) if head.values is None else head.values,
        head.lines,
        data[head.body_start : body_end],
        head.start,
        body_end,
        findings,
    )
