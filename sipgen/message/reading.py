"""Octets to messages: the lenient reading."""
# ruff: noqa: SLF001 - messages are made here, slot by slot

from __future__ import annotations

from sipgen.errors import Finding, ParseError
from sipgen.limits import MAX_MESSAGE
from sipgen.message.base import PLAIN, Message, Origin
from sipgen.message.requests import Request
from sipgen.message.responses import Response
from sipgen.wire import reference
from sipgen.wire.framing import trailing_octets
from sipgen.wire.lines import SplitHead
from sipgen.wire.locator import Locator
from sipgen.wire.reference import Examination
from sipgen.wire.start_line import RequestLine, StatusLine
from sipgen.wire.tokenizer import Ordinary, from_the_front, ordinary

__all__ = ["Data", "octets_of", "of_examination", "read", "reading_of_octets"]

Data = bytes | bytearray | memoryview | str
"""What can be read: octets, or a str that is encoded in UTF-8."""

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
    if found is None or type(found) is SplitHead:
        message, failure = _examined(octets, max_message, found)
        if failure is not None:
            raise ParseError(failure)
        return message  # type: ignore[return-value]
    return _of_ordinary(octets, found)  # type: ignore[arg-type]


def reading_of_octets(data: Data | Message) -> tuple[Message, Finding | None]:
    """What can be read of ``data``, and why it is no message, if it is none.

    :param data: octets, or a message: one that was read and not changed is not read again.
    :return: a message, and ``None``; or what there is of one, of which header lines and body
        may be looked at, and the finding that makes it unreadable.
    :raises ParseError: if there is nothing to look at, :class:`LimitError` beyond a limit.
    """
    if isinstance(data, Message):
        if data._raw and data._origin is not None:
            return data, None
        data = data.to_bytes()
    octets = data if type(data) is bytes else octets_of(data)
    head_end = octets.rfind(b"\r\n\r\n")
    found = ordinary(octets, head_end) or from_the_front(octets, head_end)
    if found is None or type(found) is SplitHead:
        return _examined(octets, MAX_MESSAGE, found)
    return _of_ordinary(octets, found), None  # type: ignore[arg-type]


def _of_ordinary(octets: bytes, found: Ordinary) -> Request | Response:
    message: Request | Response
    start_line, start_text, names, lines, body, end = found
    message = _new(Request) if type(start_line) is RequestLine else _new(Response)
    message._start_line = start_line
    message._start_text = start_text
    message._names = names
    message._cut_values = None
    message._lines = lines
    message._body = body
    message._typed = None
    message._raw = octets
    message._origin = PLAIN
    if end != len(octets):
        message._raw = octets[:end]
        defect = trailing_octets(Locator(octets), end)
        message._origin = Origin(b"", octets[end:], (defect,))
    return message


def _examined(
    octets: bytes, max_message: int, split: SplitHead | None
) -> tuple[Message, Finding | None]:
    """What the complete reader makes of octets, and why it is no message, if it is none."""
    head, start_line, end, defects, failure = reference.examine(octets, max_message, split)
    kind = type(start_line)
    message: Message = _new(
        Request if kind is RequestLine else Response if kind is StatusLine else Message
    )
    start = head.start
    if start_line is not None:
        message._start_line = start_line
    message._start_text = head.start_text
    message._names = head.names
    message._cut_values = head.values
    message._lines = head.lines
    message._body = octets[head.body_start : end]
    message._typed = None
    message._raw = octets[start:end]
    message._origin = Origin(octets[:start], octets[end:], defects, head)
    return message, failure


def octets_of(data: Data) -> bytes:
    """``data`` as octets; :class:`ParseError` for a str that UTF-8 cannot express."""
    if not isinstance(data, str):
        return bytes(data)
    try:
        return data.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        before = data[: error.start].encode("utf-8", "replace")
        raise ParseError(
            Locator(before).finding(
                "character-encoding",
                f"Character {error.start} of the str cannot be encoded in UTF-8.",
                len(before),
                len(before) + 1,
                hint="Give the message as bytes.",
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
    message._start_text = head.start_text
    message._names = head.names
    message._cut_values = head.values
    message._lines = head.lines
    message._body = b""
    message._typed = None
    message._raw = None
    message._origin = Origin(data[: head.start], b"", examination.findings)
    return message
