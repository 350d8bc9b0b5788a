"""The hot path: an ordinary message in one pass, anything else through the reference.

Ordinary means: every line of the head ends with CRLF and holds no control character, no
line is folded, names are tokens directly before their colon, the start line has its single
spaces, and Content-Length, given at most once, counts exactly the octets there are. The
head is decoded once and taken apart with str methods, which beat regular expressions two
to four times; one ``translate`` finds every control character. The result is the one
that :func:`sipgen.wire.reference.tokenize` gives.
"""

from __future__ import annotations

from functools import lru_cache

from sipgen.generated.methods import Method
from sipgen.limits import (
    MAX_HEADER_LINES,
    MAX_MESSAGE,
    MAX_REMEMBERED_TEXT,
    MAX_REMEMBERED_VALUES,
    MAX_START_LINE,
)
from sipgen.wire import reference
from sipgen.wire.fields import PRINTABLE
from sipgen.wire.names import CANONICAL, canonical, is_token
from sipgen.wire.reference import Tokens
from sipgen.wire.start_line import SIP_VERSION, RequestLine, StatusLine

__all__ = ["Tokens", "tokenize"]

_METHODS = frozenset(map(str, Method))
_STATUS_CODES = {str(code): code for code in range(100, 700)}
_ORDINARY_START_LINE = MAX_START_LINE // 4
"""Characters that are within the limit on octets, whatever they are."""
_new_tuple = tuple.__new__
"""Makes a named tuple in half the time that calling its class takes."""


def tokenize(data: bytes, max_message: int = MAX_MESSAGE) -> Tokens:
    """Read one message from ``data``, which holds it from begin to end (a datagram).

    Raises as :func:`sipgen.wire.reference.tokenize` does.
    """
    # From the end, which is three times as fast. A body that holds an empty line too makes
    # lines of the body look like the head's, the empty one among them: then from the front.
    head_end = data.rfind(b"\r\n\r\n")
    tokens = _ordinary(data, head_end, max_message)
    if tokens is None:
        first = data.find(b"\r\n\r\n")
        if first != head_end:
            tokens = _ordinary(data, first, max_message)
    return reference.tokenize(data, max_message) if tokens is None else tokens


def _ordinary(data: bytes, head_end: int, max_message: int) -> Tokens | None:
    """The message, if it is ordinary and its head ends at ``head_end``."""
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
    if head.translate(None, PRINTABLE) != b"\r\n" * count or count > MAX_HEADER_LINES:
        return None
    start_line = (
        _remembered(start_text)
        if len(start_text) <= MAX_REMEMBERED_TEXT
        else _ordinary_start_line(start_text)
    )
    if start_line is None:
        return None
    known = CANONICAL
    names = []
    values = []
    # Without control characters, all that strip() takes off ASCII is SP and HTAB.
    white_space = None if text.isascii() else " \t"
    try:
        for line in lines:
            name, _, value = line.partition(":")
            names.append(known[name])
            values.append(value.strip(white_space))
    except KeyError:
        if not all(is_token(line.partition(":")[0]) for line in lines):
            return None
        names = [canonical(line.partition(":")[0]) for line in lines]
        values = [line.partition(":")[2].strip(white_space) for line in lines]
    if "" in values and not all(":" in line for line in lines):
        return None
    body = data[head_end + 4 :]
    try:
        at = names.index("Content-Length")
    except ValueError:
        pass
    else:
        if values[at] != str(len(body)) or "Content-Length" in names[at + 1 :]:
            return None
    return _new_tuple(
        Tokens, (start_line, start_text, names, values, lines, body, 0, len(data), ())
    )


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


_remembered = lru_cache(MAX_REMEMBERED_VALUES)(_ordinary_start_line)
