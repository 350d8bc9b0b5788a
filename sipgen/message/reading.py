"""Octets to messages: the lenient reading."""
# ruff: noqa: SLF001 - messages are made here, slot by slot

from __future__ import annotations

from sipgen.errors import Finding, ParseError
from sipgen.limits import MAX_MESSAGE
from sipgen.message.base import Origin
from sipgen.message.requests import Request
from sipgen.message.responses import Response
from sipgen.wire import reference
from sipgen.wire.fields import decoded
from sipgen.wire.reference import Examination, Tokens
from sipgen.wire.start_line import RequestLine
from sipgen.wire.tokenizer import from_the_front, ordinary

__all__ = ["Data", "octets_of", "of_examination", "read"]

Data = bytes | bytearray | memoryview | str
"""What can be read: octets, or a str that is encoded in UTF-8."""

_ORDINARY = Origin(b"", b"", ())
_new = object.__new__


def read(data: Data, *, max_message: int = MAX_MESSAGE) -> Request | Response:
    """Read one message leniently, as from a datagram.

    :param data: octets, or a str that is encoded in UTF-8.
    :param max_message: octets that a message may have.
    :raises ParseError: if start line or framing cannot be read, :class:`LimitError` beyond
        a limit.
    """
    octets = data if type(data) is bytes else octets_of(data)
    # Slot by slot: a call for each message kind, or a tuple for both, would cost a tenth.
    head_end = octets.rfind(b"\r\n\r\n")
    found = ordinary(octets, head_end, max_message)
    if found is None:
        found = from_the_front(octets, head_end, max_message)
        if found is None:
            return _of_tokens(octets, reference.tokenize(octets, max_message))
    message: Request | Response
    start_line, start_text, names, lines, body = found
    message = _new(Request) if type(start_line) is RequestLine else _new(Response)
    message._start_line = start_line
    message._start_text = start_text
    message._names = names
    message._cut_values = None
    message._lines = lines
    message._body = body
    message._typed = None
    message._raw = octets
    message._origin = _ORDINARY
    return message


def _of_tokens(octets: bytes, tokens: Tokens) -> Request | Response:
    start_line, start_text, names, values, lines, body, start, end, defects = tokens
    message: Request | Response
    message = _new(Request) if type(start_line) is RequestLine else _new(Response)
    message._start_line = start_line
    message._start_text = start_text
    message._names = tuple(names)
    message._cut_values = values
    message._lines = lines
    message._body = body
    message._typed = None
    message._raw = octets[start:end]
    message._origin = Origin(octets[:start], octets[end:], defects)
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


def of_examination(data: bytes, examination: Examination) -> Request | None:
    """The request that ``examination`` of ``data`` found, though its length is not certain.

    :return: the request with an empty body; ``None`` if there is no Request-Line.
    """
    start_line = examination.start_line
    if not isinstance(start_line, RequestLine):
        return None
    head = examination.head
    message = _new(Request)
    message._start_line = start_line
    message._start_text = decoded(data[head.start_line.start : head.start_line.end])
    message._names = tuple([field.name for field in head.fields])
    message._cut_values = [field.value for field in head.fields]
    message._lines = [decoded(data[line.start : line.end]) for line in head.header_lines]
    message._body = b""
    message._typed = None
    message._raw = None
    message._origin = Origin(data[: head.start_line.start], b"", examination.findings)
    return message
