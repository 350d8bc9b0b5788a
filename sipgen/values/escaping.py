"""Escapes in URIs: ``%41`` for a character that cannot stand for itself.

Which characters can depends on the component (RFC 3261 section 25.1): ``;`` may stand in
the user part and ``[`` in a parameter, but not the other way round.
"""

from __future__ import annotations

import re
from typing import Literal

from sipgen.errors import BuildError

__all__ = ["Component", "escape", "folded", "unescape"]

Component = Literal["user", "password", "parameter", "header"]
"""A component of a SIP URI."""

_UNRESERVED = r"A-Za-z0-9\-_.!~*'()"
# Characters that stand for themselves in each component.
_ALLOWED: dict[Component, str] = {
    "user": _UNRESERVED + r"&=+$,;?/",
    "password": _UNRESERVED + r"&=+$,",
    "parameter": _UNRESERVED + r"\[\]/:&+$",
    "header": _UNRESERVED + r"\[\]/?:+$",
}
_OTHERS = {name: re.compile(f"[^{characters}]") for name, characters in _ALLOWED.items()}
_ESCAPES = re.compile("(?:%[0-9A-Fa-f]{2})+")
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")


def escape(text: str, component: Component) -> str:
    """``text`` as it stands in ``component`` of a SIP URI (RFC 3261 section 19.1.2).

    :return: ``text`` with each character that cannot stand for itself as the ``%HH`` of its
        octets in UTF-8; a ``%`` too, so text that is escaped already must not be given.
    :raises BuildError: if ``text`` cannot be encoded.
    """
    try:
        return _OTHERS[component].sub(_octets, text)
    except UnicodeEncodeError as error:
        raise BuildError(f"{text!r} cannot be encoded in UTF-8: {error.reason}") from None


def unescape(text: str) -> str:
    """``text`` with each ``%HH`` as what it stands for, read as UTF-8.

    Octets that are not UTF-8 give lone surrogates, as in the rest of a message; a ``%``
    without two hexadecimal digits stays.
    """
    return _ESCAPES.sub(_characters, text) if "%" in text else text


def folded(text: str) -> str:
    """``text`` in the one form that its equivalents share (RFC 3261 section 19.1.4).

    An escaped character that may stand for itself does; other escapes are in capitals. A
    reserved character and its escape are not equivalent.
    """
    return _ESCAPE.sub(_plain, text) if "%" in text else text


def _octets(match: re.Match[str]) -> str:
    return "".join([f"%{octet:02X}" for octet in match[0].encode()])


def _characters(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "surrogateescape")


_SELF = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()")


def _plain(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _SELF else match[0].upper()
