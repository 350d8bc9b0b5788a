"""Where the lines of a message are in the octets that it was read from.

Worked out only where there is something to report: what was read in one pass has one line
end of two octets behind each line, for anything else the reader kept the places.
"""

# A message's own room: what it holds is taken without a property in between.
# ruff: noqa: SLF001

from __future__ import annotations

from sipgen.message.base import Message
from sipgen.wire.locator import Locator

__all__ = ["Layout"]

_START_LINE = -1


class Layout:
    """The lines of a message that was read, and their places."""

    __slots__ = (
        "_head_end",
        "_is_ascii",
        "_locator",
        "_message",
        "_starts",
        "lines",
        "names",
        "start_text",
    )

    def __init__(self, message: Message) -> None:
        """Look at a message that was read and not changed."""
        self._message = message
        self.names = message._names
        """Canonical names of the header lines; empty for a line that is no header field."""
        self.lines = message._lines
        """The header lines as they came, folds included."""
        self.start_text = message._start_text
        self._starts: list[int] | None = None
        self._locator: Locator | None = None
        self._head_end: tuple[int, int, int] | None = None
        raw = message._raw
        origin = message._origin
        in_one_pass = origin is not None and origin.head is None
        self._is_ascii = in_one_pass and raw is not None and raw.isascii()

    def _line_starts(self) -> list[int]:
        starts = self._starts
        if starts is None:
            origin = self._message._origin
            if origin is not None and origin.head is not None:
                starts = [start for start, _ in origin.head.spans]
            else:
                at = len(self.start_text.encode()) + 2
                starts = []
                for line in self.lines:
                    starts.append(at)
                    at += (len(line) if line.isascii() else len(line.encode())) + 2
            self._starts = starts
        return starts

    def start(self, at: int) -> int:
        """Return the offset of a header line; of the start line for -1."""
        return self._message.start if at == _START_LINE else self._line_starts()[at]

    def place(self, at: int, start: int) -> tuple[int, int, int]:
        """Return offset, line and column of an octet of a value.

        :param at: number of the header line; -1 for the start line.
        :param start: offset of the octet from the one behind the line's colon, or from the
            beginning of the start line.
        """
        if self._is_ascii:
            # Each header line is one line of text, and each character one octet.
            if at == _START_LINE:
                return start, 1, start + 1
            lines = self.lines
            column = lines[at].find(":") + 1 + start
            before = len(self.start_text) + 2 + sum(map(len, lines[:at])) + 2 * at
            return before + column, at + 2, column + 1
        place = self.value_start(at) + start
        return (place, *self.position(place))

    def value_start(self, at: int) -> int:
        """Return the offset behind the colon of a header line; of the start line for -1."""
        start = self.start(at)
        if at == _START_LINE:
            return start
        name, colon, _ = self.lines[at].partition(":")
        size = len(name) if name.isascii() else len(name.encode("utf-8", "surrogateescape"))
        return start + size + len(colon)

    def name_span(self, at: int) -> tuple[int, int]:
        """Return where the name of a header line is."""
        start = self.start(at)
        name = self.lines[at].partition(":")[0].encode("utf-8", "surrogateescape")
        return start, start + len(name.rstrip(b" \t\r\n"))

    def written(self, at: int) -> bytes:
        """Return the octets behind the colon of a header line, or the start line for -1."""
        text = self.start_text if at == _START_LINE else self.lines[at].partition(":")[2]
        return text.encode("utf-8", "surrogateescape")

    @property
    def body_start(self) -> int:
        """Offset of the body."""
        message = self._message
        origin = message._origin
        if origin is not None and origin.head is not None:
            return origin.head.body_start
        return len(message._raw or b"") - len(message._body)

    @property
    def missing(self) -> int:
        """Offset where a header field that is missing could be: the end of the header section."""
        end = self.body_start
        origin = self._message._origin
        head = origin.head if origin is not None else None
        if head is not None:
            ended = head.terminated and head.data[:end].endswith(b"\r\n\r\n")
            return end - 2 if ended else end
        return end - 2

    def head_end(self) -> tuple[int, int, int]:
        """Return :attr:`missing` with its line and column."""
        found = self._head_end
        if found is None:
            place = self.missing
            if self._is_ascii:
                found = place, len(self.lines) + 2, 1
            else:
                found = (place, *self.position(place))
            self._head_end = found
        return found

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset, both from 1."""
        if self._locator is None:
            self._locator = Locator(self._message._read_from())
        return self._locator.position(offset)
