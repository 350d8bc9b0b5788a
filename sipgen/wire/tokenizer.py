"""The hot path: an ordinary message in one pass, anything else through the reference.

Ordinary means: every line of the head ends with CRLF and holds no control character, no
line is folded, names are tokens directly before their colon, the start line has its single
spaces, and Content-Length, given at most once, counts exactly the octets there are. The
head is decoded once and taken apart with str methods, which beat regular expressions two
to four times; one ``translate`` finds every control character. The result is the one
that :func:`sipgen.wire.reference.tokenize` gives.
"""

from __future__ import annotations

from sipgen.generated.methods import Method
from sipgen.limits import MAX_HEADER_LINES, MAX_MESSAGE, MAX_START_LINE
from sipgen.memory import Memory
from sipgen.wire import reference
from sipgen.wire.fields import PRINTABLE
from sipgen.wire.names import is_token
from sipgen.wire.reference import Tokens
from sipgen.wire.shapes import frames, remembered_shapes, shape_of, values_of
from sipgen.wire.start_line import SIP_VERSION, RequestLine, StatusLine

__all__ = ["Ordinary", "Tokens", "from_the_front", "ordinary", "tokenize"]

Ordinary = tuple[RequestLine | StatusLine, str, tuple[str, ...], list[str], bytes]
"""Of an ordinary message: start line, the same as text, canonical names, lines, body."""

_METHODS = frozenset(map(str, Method))
_STATUS_CODES = {str(code): code for code in range(100, 700)}
_ORDINARY_START_LINE = MAX_START_LINE // 4
"""Characters that are within the limit on octets, whatever they are."""
_starts_with = str.startswith
_new_tuple = tuple.__new__
"""Makes a named tuple in half the time that calling its class takes."""


def tokenize(data: bytes, max_message: int = MAX_MESSAGE) -> Tokens:
    """Read one message from ``data``, which holds it from begin to end (a datagram).

    Raises as :func:`sipgen.wire.reference.tokenize` does.
    """
    head_end = data.rfind(b"\r\n\r\n")
    found = ordinary(data, head_end, max_message) or from_the_front(data, head_end, max_message)
    if found is None:
        return reference.tokenize(data, max_message)
    start_line, start_text, names, lines, body = found
    values = values_of(lines)
    return Tokens(start_line, start_text, [*names], values, lines, body, 0, len(data), ())


def ordinary(data: bytes, head_end: int, max_message: int = MAX_MESSAGE) -> Ordinary | None:
    """The message, if it is ordinary and its head ends at ``head_end``; else ``None``.

    Looking for ``head_end`` from the end is three times as fast as from the front, and
    mostly right. The values of the header fields are for :func:`values_of` to cut out.
    """
    if head_end <= 0 or len(data) > max_message:
        return None
    head = data[:head_end]
    try:
        text = head.decode()
    except UnicodeDecodeError:
        return None
    lines = text.split("\r\n")
    start_text = lines.pop(0)
    count = len(lines)
    # Control characters are those of the line ends, and no more.
    if len(head.translate(None, PRINTABLE)) != 2 * count or count > MAX_HEADER_LINES:
        return None
    start_line = _known(start_text)
    if start_line is None:
        start_line = _ordinary_start_line(start_text)
        if start_line is None:
            return None
        _start_lines.keep(start_text, start_line)
    body = data[head_end + 4 :]
    for shape in remembered_shapes((count, start_line[0])) or ():
        if all(map(_starts_with, lines, shape[0])):
            _, names, at, length = shape
            break
    else:
        learned = shape_of(lines, start_line[0])
        if learned is None:
            return None
        _, names, at, length = learned
    if at >= 0 and lines[at] != f"{length}{len(body)}" and not frames(lines[at], body):
        return None
    return start_line, start_text, names, lines, body


def from_the_front(data: bytes, head_end: int, max_message: int = MAX_MESSAGE) -> Ordinary | None:
    """:func:`ordinary` with the first empty line, if that is not at ``head_end``.

    A body that holds an empty line too makes lines of the body look like the head's, the
    empty one among them.
    """
    first = data.find(b"\r\n\r\n")
    return ordinary(data, first, max_message) if first != head_end else None


def _ordinary_start_line(text: str) -> RequestLine | StatusLine | None:
    if len(text) > _ORDINARY_START_LINE or "\t" in text:
        return None
    first, _, rest = text.partition(" ")
    if first in _METHODS or (first != SIP_VERSION and is_token(first)):
        request_uri, _, version = rest.partition(" ")
        if version == SIP_VERSION and request_uri:
            return _new_tuple(RequestLine, (first, request_uri, version))
    elif first == SIP_VERSION:
        code, space, reason_phrase = rest.partition(" ")
        status_code = _STATUS_CODES.get(code)
        if status_code is not None and space:
            return _new_tuple(StatusLine, (first, status_code, reason_phrase))
    return None


_start_lines: Memory[str, RequestLine | StatusLine] = Memory("start lines")
_known = _start_lines.get
