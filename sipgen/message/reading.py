"""Octets to messages: the lenient reading."""

from __future__ import annotations

from sipgen.errors import Finding, ParseError
from sipgen.limits import MAX_MESSAGE
from sipgen.message.requests import Request
from sipgen.message.responses import Response
from sipgen.wire.start_line import RequestLine
from sipgen.wire.tokenizer import tokenize

__all__ = ["Data", "octets_of", "read"]

Data = bytes | bytearray | memoryview | str
"""What can be read: octets, or a str that is encoded in UTF-8."""


def read(data: Data, *, max_message: int = MAX_MESSAGE) -> Request | Response:
    """Read one message leniently, as from a datagram.

    :param data: octets, or a str that is encoded in UTF-8.
    :param max_message: octets that a message may have.
    :raises ParseError: if start line or framing cannot be read, :class:`LimitError` beyond
        a limit.
    """
    octets = data if type(data) is bytes else octets_of(data)
    tokens = tokenize(octets, max_message)
    start_line = tokens.start_line
    message: Request | Response
    if isinstance(start_line, RequestLine):
        message = Request.__new__(Request)
        message._method, message._request_uri, _ = start_line  # noqa: SLF001 - being made here
    else:
        message = Response.__new__(Response)
        message._status_code = start_line.status_code  # noqa: SLF001
        message._reason_phrase = start_line.reason_phrase  # noqa: SLF001
    message._fill(octets, tokens)  # noqa: SLF001
    return message


def octets_of(data: Data) -> bytes:
    """``data`` as octets; :class:`ParseError` for a str that UTF-8 cannot express."""
    if not isinstance(data, str):
        return bytes(data)
    try:
        return data.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        before = data[: error.start].encode("utf-8", "replace")
        raise ParseError(
            Finding(
                "character-encoding",
                "error",
                f"Character {error.start} of the str cannot be encoded in UTF-8.",
                3261,
                "7",
                None,
                len(before),
                len(before) + 1,
                before.count(b"\n") + 1,
                len(before) - before.rfind(b"\n"),
            )
        ) from None
