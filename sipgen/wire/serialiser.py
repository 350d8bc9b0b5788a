"""Message out: start line, header lines and body as octets (RFC 3261 section 7)."""

from __future__ import annotations

from collections.abc import Iterable

from sipgen.errors import BuildError
from sipgen.wire.names import is_token

__all__ = ["check_name", "check_tag", "check_text", "copied_line", "message_octets"]

# C0 but for HTAB, DEL, C1, and the two separators of Unicode: some readers end a line there.
_FORBIDDEN = dict.fromkeys((*range(9), *range(10, 32), *range(127, 160), 0x2028, 0x2029))


def message_octets(start_line: str, lines: Iterable[str], body: bytes) -> bytes:
    """The octets of a message; header lines without their last line end."""
    head = "\r\n".join([start_line, *lines, "", ""])
    try:
        octets = head.encode()
    except UnicodeEncodeError:
        # What came in and is not UTF-8.
        octets = head.encode("utf-8", "surrogateescape")
    return octets + body if body else octets


def check_name(name: str, what: str = "a header field name") -> str:
    """``name`` if it is a ``token``, as ``what`` must be; else :class:`BuildError`."""
    if not is_token(name):
        raise BuildError(f"{name!r} is not {what}: a token is expected")
    return name


def check_text(text: str, what: str) -> str:
    """``text`` if it can stand in a line of a message; else :class:`BuildError`.

    CR and LF would end the line and begin another, which is how header fields are
    smuggled, and to some readers NEL, U+2028 and U+2029 do; the other control characters
    have no place outside a quoted pair.
    """
    if text.isascii() and text.isprintable():
        return text
    if text.translate(_FORBIDDEN) != text:
        at = next(i for i, character in enumerate(text) if ord(character) in _FORBIDDEN)
        raise BuildError(f"{what} holds the control character {text[at]!r} at index {at}")
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise BuildError(f"{what} cannot be encoded in UTF-8: {error.reason}") from None
    return text


def check_tag(tag: str) -> str:
    """``tag`` if it can be a tag parameter's value, a ``token``; else :class:`BuildError`."""
    if not is_token(tag):
        raise BuildError(f"{tag!r} is no tag: a token is expected")
    return tag


def copied_line(name: str, value: str, line: str) -> str:
    """A header line of a message that was read, fit to stand in another message.

    Folds that end with CRLF stay. A bare LF or a lone CR becomes a space: some readers end
    a line there and would see another field. It never raises, so that whatever the network
    sends can be answered.
    """
    if "\r" not in line and "\n" not in line:
        return line
    unfolded = line.replace("\r\n", "")
    if "\r" in unfolded or "\n" in unfolded:
        return f"{name}: {value.replace(chr(13), ' ')}"
    return line
