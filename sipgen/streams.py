"""Messages from streams: TCP, TLS, files (RFC 3261 section 18.3).

:class:`MessageFramer` does no I/O and goes with any; :func:`read_message` and
:func:`read_message_async` read one message from what they are given and not an octet more,
so that whoever reads next finds the next message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sipgen.errors import Finding, LimitError, ParseError
from sipgen.message import Request, Response, read
from sipgen.wire.framer import Framer, FramerLimits
from sipgen.wire.locator import Locator

if TYPE_CHECKING:
    from asyncio import StreamReader

__all__ = ["BinaryStream", "MessageFramer", "read_message", "read_message_async"]

_PIECE = 65_536


class BinaryStream(Protocol):
    """A blocking binary file, such as ``socket.makefile("rb")`` gives."""

    def readline(self, limit: int, /) -> bytes:
        """At most ``limit`` octets of a line."""
        ...

    def read(self, size: int, /) -> bytes:
        """At most ``size`` octets."""
        ...


class MessageFramer:
    """Octets of a stream in, messages out; no I/O.

    ``MessageFramer(FramerLimits(body=4096))`` bounds what one message may have.
    """

    def __init__(self, limits: FramerLimits | None = None) -> None:
        self._framer = Framer(limits)
        self._error: ParseError | None = None

    @property
    def limits(self) -> FramerLimits:
        """The limits."""
        return self._framer.limits

    @property
    def keep_alives(self) -> int:
        """Pings so far: double CRLF between messages; RFC 5626 has one answer with CRLF."""
        return self._framer.keep_alives

    @property
    def error(self) -> ParseError | None:
        """Why the stream cannot be read any further; ``None`` as long as it can."""
        return self._error or self._framer.error

    @property
    def is_idle(self) -> bool:
        """Whether no message has begun: the stream may end here."""
        return self._framer.is_idle

    def feed(self, data: bytes) -> list[Request | Response]:
        """The messages that ``data`` completes, in order; maybe none.

        What makes the stream unreadable is raised once the messages before it have been
        given out: at once, or by the next call.

        :param data: octets as they came, any number of them.
        :raises ParseError: if a message cannot be read or its length not be told,
            :class:`LimitError` beyond a limit. Every later call raises it too; offsets count
            from the begin of the message.
        """
        if self._error is not None:
            raise self._error
        found: list[Request | Response] = []
        for octets in self._framer.feed(data):
            try:
                found.append(read(octets, max_message=self.limits.message))
            except ParseError as error:
                self._error = error
                if not found:
                    raise
                break
        return found

    def close(self) -> None:
        """Say that the stream has ended.

        :raises ParseError: if it ended within a message, or could not be read before.
        """
        if self._error is not None:
            raise self._error
        self._framer.close()


def read_message(
    stream: BinaryStream, limits: FramerLimits | None = None
) -> Request | Response | None:
    """Read one message from a blocking binary stream, and no octet more.

    :param stream: what has ``readline(limit)`` and ``read(size)``: a file opened with
        ``"rb"``, or ``socket.makefile("rb")``.
    :return: the message, ``None`` if the stream ends before one begins. Line ends before
        the message are skipped.
    :raises ParseError: if the message cannot be read or the stream ends within it,
        :class:`LimitError` beyond a limit.
    """
    framer = MessageFramer(limits)
    while True:
        missing = framer._framer.missing  # noqa: SLF001 - one room
        data = stream.readline(_PIECE) if missing is None else stream.read(min(missing, _PIECE))
        if not data:
            framer.close()
            return None
        messages = framer.feed(data)
        if messages:
            return messages[0]


async def read_message_async(
    reader: StreamReader, limits: FramerLimits | None = None
) -> Request | Response | None:
    """Read one message from an asyncio stream, and no octet more.

    Arguments, result and errors are those of :func:`read_message`. A line that exceeds the
    reader's own limit, 64 kB unless it was made with another, raises :class:`LimitError`.
    """
    framer = MessageFramer(limits)
    while True:
        missing = framer._framer.missing  # noqa: SLF001 - one room
        if missing is None:
            try:
                data = await reader.readline()
            except ValueError as error:
                raise LimitError(_line_too_long(str(error))) from None
        else:
            data = await reader.read(min(missing, _PIECE))
        if not data:
            framer.close()
            return None
        messages = framer.feed(data)
        if messages:
            return messages[0]


def _line_too_long(reason: str) -> Finding:
    message = f"A line exceeds the limit of the StreamReader: {reason}."
    return Locator(b"").finding("header-line-too-long", message, 0, 0)
