"""The hot path: an ordinary message in one pass, anything else through the reference.

Ordinary means: every line of the head ends with CRLF and holds no control character, no
line is folded, names are tokens directly before their colon, the start line has its single
spaces, and Content-Length, given at most once, counts exactly the octets there are. The
head is decoded once and taken apart with str methods, which beat regular expressions two
to four times; one ``translate`` finds every control character. The result is the one
that :func:`sipgen.wire.reference.tokenize` gives.
"""

from __future__ import annotations

from sipgen.limits import MAX_HEADER_LINES, MAX_MESSAGE
from sipgen.memory import Memory
from sipgen.wire import reference
from sipgen.wire.fields import PRINTABLE
from sipgen.wire.framing import trailing_octets
from sipgen.wire.lines import SplitHead
from sipgen.wire.locator import Locator
from sipgen.wire.reference import Tokens
from sipgen.wire.shapes import length_in, remembered_shapes, shape_of, values_of
from sipgen.wire.start_line import RequestLine, StatusLine, plain_start_line

__all__ = ["Ordinary", "Tokens", "from_the_front", "ordinary", "tokenize"]

Ordinary = tuple[RequestLine | StatusLine, str, tuple[str, ...], list[str], bytes, int]
"""Of an ordinary message: start line, the same as text, canonical names, lines, body, and the
offset behind the body: what follows it is not part of the message."""

_starts_with = str.startswith


def tokenize(data: bytes, max_message: int = MAX_MESSAGE) -> Tokens:
    """Read one message from ``data``, which holds it from begin to end (a datagram).

    Raises as :func:`sipgen.wire.reference.tokenize` does.
    """
    head_end = data.rfind(b"\r\n\r\n")
    found = ordinary(data, head_end, max_message) or from_the_front(data, head_end, max_message)
    if found is None or isinstance(found, SplitHead):
        return reference.tokenize(data, max_message, found)
    start_line, start_text, names, lines, body, end = found
    values = values_of(lines)
    defects = () if end == len(data) else (trailing_octets(Locator(data), end),)
    return Tokens(start_line, start_text, [*names], values, lines, body, 0, end, defects)


def ordinary(  # noqa: PLR0912 - the hot path, written out
    data: bytes, head_end: int, max_message: int = MAX_MESSAGE
) -> Ordinary | SplitHead | None:
    """The message, if it is ordinary and its head ends at ``head_end``; else ``None``.

    Where only names or colons of header lines are odd, the lines are given for the reference
    to go on with.

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
        start_line = plain_start_line(start_text)
        if start_line is None:
            return None
        _start_lines.keep(start_text, start_line)
    body = data[head_end + 4 :]
    if not count:
        return None
    key = count, lines[count // 2][:5], lines[count // 3][:5], lines[count - 2][:5]
    for shape in remembered_shapes(key) or ():
        if all(map(_starts_with, lines, shape[0])):
            _, names, at, length = shape
            break
    else:
        # A body that holds an empty line too makes its lines look like the head's.
        if data.find(b"\r\n\r\n") != head_end:
            return None
        learned = shape_of(lines, key)
        if learned is None:
            return SplitHead(start_text, lines, head_end + 4)
        _, names, at, length = learned
    end = len(data)
    if at >= 0 and lines[at] != f"{length}{len(body)}":
        size = length_in(lines[at])
        if size is None or size > len(body):
            return None
        if size < len(body):
            end = head_end + 4 + size
            body = body[:size]
    return start_line, start_text, names, lines, body, end


def from_the_front(
    data: bytes, head_end: int, max_message: int = MAX_MESSAGE
) -> Ordinary | SplitHead | None:
    """:func:`ordinary` with the first empty line, if that is not at ``head_end``."""
    first = data.find(b"\r\n\r\n")
    return ordinary(data, first, max_message) if first != head_end else None


_start_lines: Memory[str, RequestLine | StatusLine] = Memory("start lines")
_known = _start_lines.get
