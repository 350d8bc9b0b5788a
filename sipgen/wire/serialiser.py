"""Message out: start line, header lines and body as octets (RFC 3261 section 7)."""

from __future__ import annotations

from collections.abc import Iterable

from sipgen.errors import BuildError
from sipgen.wire.names import is_token

__all__ = ["check_name", "check_text", "message_octets"]

_FORBIDDEN = dict.fromkeys((*range(9), *range(10, 32), 127))


def message_octets(start_line: str, lines: Iterable[str], body: bytes) -> bytes:
    """The octets of a message; header lines without their last line end."""
    head = "\r\n".join([start_line, *lines])
    return head.encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def check_name(name: str) -> str:
    """``name`` if it can be a header field name, a ``token``; else :class:`BuildError`."""
    if not is_token(name):
        raise BuildError(f"{name!r} is no header field name: a token is expected")
    return name


def check_text(text: str, what: str) -> str:
    """``text`` if it can stand in a line of a message; else :class:`BuildError`.

    CR and LF would end the line and begin another, which is how header fields are
    smuggled; the other control characters have no place outside a quoted pair.
    """
    if text.translate(_FORBIDDEN) != text:
        at = next(i for i, character in enumerate(text) if ord(character) in _FORBIDDEN)
        raise BuildError(f"{what} holds the control character {text[at]!r} at index {at}")
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise BuildError(f"{what} cannot be encoded in UTF-8: {error.reason}") from None
    return text
