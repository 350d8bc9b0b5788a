"""Where messages end in a stream of octets (RFC 3261 sections 7.5 and 18.3).

Octets go in as they come, in pieces of any size; the octets of whole messages come out, each
exactly what the parser reads as one message. Between messages stand line ends, which keep a
connection alive (RFC 5626 section 3.5.1). Each octet is looked at a constant number of times,
however small the pieces are, and no more is kept than one message may have.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sipgen.errors import LimitError, ParseError
from sipgen.limits import (
    MAX_HEADER_LINE,
    MAX_HEADER_LINES,
    MAX_HEADER_SECTION,
    MAX_START_LINE,
    MAX_STREAM_BODY,
)
from sipgen.wire.digits import MOST_DIGITS
from sipgen.wire.framing import content_length
from sipgen.wire.lines import scan
from sipgen.wire.locator import Locator, counted
from sipgen.wire.reference import length_fields

__all__ = ["Framer", "FramerLimits"]

_HEAD_END = re.compile(rb"\n\r?\n")
_LENGTHS = re.compile(rb"\n(?:content-length|l)[ \t]*+:[ \t]*+([^\r\n]*+)(?=\r?\n)", re.IGNORECASE)
_NAMES = re.compile(rb"\n(?:content-length|l)[ \t\r\n]*+:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FramerLimits:
    """What one message in a stream may have, in octets but for ``header_lines``.

    Start line, header lines and their number are bounded by :mod:`sipgen.limits` too.
    """

    start_line: int = MAX_START_LINE
    """Octets in the start line."""
    header_line: int = MAX_HEADER_LINE
    """Octets in a header field with its folds."""
    header_lines: int = MAX_HEADER_LINES
    """Header fields."""
    header_section: int = MAX_HEADER_SECTION
    """Octets in start line and header fields together, with the empty line."""
    body: int = MAX_STREAM_BODY
    """Octets in a body."""

    @property
    def message(self) -> int:
        """Octets in a message."""
        return self.header_section + self.body


class Framer:
    """Takes a stream apart into the octets of its messages."""

    def __init__(self, limits: FramerLimits | None = None) -> None:
        self.limits = limits or FramerLimits()
        self.keep_alives = 0
        """Pings so far: double CRLF between messages, which RFC 5626 has one answer with CRLF."""
        self.error: ParseError | None = None
        """Why the stream cannot be read any further; ``None`` as long as it can.

        Offsets count from the begin of the message at fault.
        """
        self._buffer = bytearray()
        self._searched = 0
        self._end: int | None = None
        self._line_ends = b""

    @property
    def missing(self) -> int | None:
        """Octets that the message is short of; ``None`` as long as its length is not known."""
        return None if self._end is None else self._end - len(self._buffer)

    @property
    def is_idle(self) -> bool:
        """Whether no message has begun: the stream may end here."""
        return not self._buffer

    def feed(self, data: bytes) -> list[bytes]:
        """The octets of each message that ``data`` completes, in order.

        What makes the stream unreadable is raised once the messages before it have been
        given out: at once, or by the next call.

        :raises ParseError: if the length of a message cannot be told, :class:`LimitError` if
            it exceeds a limit. Every later call raises it too.
        """
        found: list[bytes] = []
        if self.error is None:
            self._buffer += data
            try:
                while self._buffer and (message := self._next()) is not None:
                    found.append(message)
            except ParseError as error:
                self.error = error
                self._buffer.clear()
        if self.error is not None and not found:
            raise self.error
        return found

    def close(self) -> None:
        """Say that the stream has ended.

        :raises ParseError: if it ended within a message, or could not be read before.
        """
        if self.error is not None:
            raise self.error
        if self._buffer:
            octets = bytes(self._buffer)
            missing = self.missing
            short = (
                "before its header section does" if missing is None else f"{counted(missing)} early"
            )
            self.error = ParseError(
                Locator(octets).finding(
                    "stream-ended",
                    f"The stream ends within a message, {short}.",
                    len(octets),
                    len(octets),
                    hint="The connection was closed, or Content-Length is too large.",
                )
            )
            raise self.error

    def _next(self) -> bytes | None:
        """The next message if all of it is there."""
        if self._end is None and not self._find_end():
            return None
        end = self._end
        # Found just now, or by an earlier call.
        if end is None or len(self._buffer) < end:
            return None
        message = bytes(memoryview(self._buffer)[:end])
        del self._buffer[:end]
        self._end = None
        self._searched = 0
        return message

    def _find_end(self) -> bool:
        """Find where the message that the buffer begins with ends."""
        if not self._searched and not self._skip_line_ends():
            return False
        buffer, limits = self._buffer, self.limits
        # The last two octets may be the begin of what is searched for.
        match = _HEAD_END.search(buffer, max(0, self._searched - 2), limits.header_section)
        if match is None:
            self._searched = len(buffer)
            self._check_growth()
            return False
        head = bytes(memoryview(buffer)[: match.end()])
        length = self._length(head)
        if length > limits.body:
            self._refuse("body-too-large", head, f"The body has {length} bytes", limits.body)
        self._end = len(head) + length
        return True

    def _skip_line_ends(self) -> bool:
        """Take line ends off the buffer's begin; whether a message begins behind them."""
        buffer = self._buffer
        if buffer[0] in b"\r\n":
            rest = buffer.lstrip(b"\r\n")
            gap = self._line_ends + bytes(memoryview(buffer)[: len(buffer) - len(rest)])
            *pings, self._line_ends = gap.split(b"\r\n\r\n")
            self.keep_alives += len(pings)
            self._line_ends = self._line_ends[-3:]
            self._buffer = rest
        if self._buffer:
            self._line_ends = b""
        return bool(self._buffer)

    def _check_growth(self) -> None:
        """Refuse what is too long already, though its end has not come."""
        buffer, limits = self._buffer, self.limits
        start_line = buffer.find(b"\n", 0, limits.start_line + 2)
        if start_line < 0 and len(buffer) > limits.start_line + 1:
            self._refuse(
                "start-line-too-long", bytes(buffer), "The start line is long", limits.start_line
            )
        if len(buffer) >= limits.header_section:
            self._refuse(
                "header-section-too-long",
                bytes(buffer),
                "The header section is long",
                limits.header_section,
            )

    def _length(self, head: bytes) -> int:
        """Octets in the body of the message that begins with ``head``."""
        limits = self.limits
        found = _LENGTHS.findall(head)
        ordinary = (
            len(found) == 1
            and found[0].isdigit()
            and len(found[0]) <= MOST_DIGITS
            and b"\n " not in head
            and b"\n\t" not in head
            and len(head) <= limits.header_line
            and head.find(b"\n") <= limits.start_line
            and head.count(b"\n") <= limits.header_lines
            and len(_NAMES.findall(head)) == 1
        )
        return int(found[0]) if ordinary else self._certain_length(head)

    def _certain_length(self, head: bytes) -> int:
        """:meth:`_length` by the complete scanner, which judges all that is odd."""
        limits = self.limits
        locator = Locator(head)
        scanned = scan(locator)
        line = scanned.start_line
        if line.end - line.start > limits.start_line:
            self._refuse("start-line-too-long", head, "The start line is long", limits.start_line)
        if len(scanned.spans) > limits.header_lines:
            count = len(scanned.spans)
            what = f"There are {count} header fields"
            self._refuse("too-many-header-lines", head, what, limits.header_lines)
        for start, end in scanned.spans:
            if end - start > limits.header_line:
                what = f"A header field has {end - start} bytes"
                self._refuse("header-line-too-long", head, what, limits.header_line)
        framing = content_length(
            length_fields(head, scanned),
            None,
            locator,
        )
        if framing.failure is not None:
            raise ParseError(framing.failure)
        if framing.length is None:
            raise ParseError(
                locator.finding(
                    "content-length-missing",
                    "Content-Length is missing, so nobody can tell where the message ends.",
                    scanned.body_start,
                    scanned.body_start,
                    header="Content-Length",
                    expected=("Content-Length",),
                    hint="Give Content-Length in every message on a stream, 0 without a body.",
                )
            )
        return framing.length

    def _refuse(self, rule: str, octets: bytes, what: str, limit: int) -> None:
        raise LimitError(
            Locator(octets).finding(rule, f"{what}; the limit is {limit}.", 0, len(octets))
        )
