"""Text in and out of values: patterns, quoted strings, and how a fault is told.

The patterns are possessive and unambiguous, so that matching takes linear time whatever the
network sends.
"""

from __future__ import annotations

import re
from typing import NoReturn

from sipgen.errors import BuildError, ParseError
from sipgen.limits import MAX_DIGITS
from sipgen.wire.digits import leading_number, number_of
from sipgen.wire.fields import decoded, unfold
from sipgen.wire.locator import Locator

__all__ = [
    "QUOTED_STRING",
    "TOKEN",
    "WHITE_SPACE",
    "Text",
    "fault",
    "leading_number",
    "number",
    "number_of",
    "quote",
    "quoted_string",
    "unfolded",
    "unquote",
]

Text = str | bytes | bytearray | memoryview
"""What ``parse()`` takes: a str, or octets that are decoded as UTF-8."""

TOKEN = r"[A-Za-z0-9\-.!%*_+`'~]++"  # noqa: S105
"""``token``, RFC 3261 section 25.1."""

QUOTED_STRING = r'"(?:[^"\\\x00-\x08\x0a-\x1f\x7f]++|\\[\x00-\x09\x0b\x0c\x0e-\x7f])*+"'
"""``quoted-string``, RFC 3261 section 25.1."""

WHITE_SPACE = r"[ \t]*+"
"""White space in an unfolded value."""

_PAIR = re.compile(r"\\(.)", re.DOTALL)
_QUOTABLE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]*+")
_SPECIAL = re.compile(r'(["\\\x00-\x08\x0b\x0c\x0e-\x1f\x7f])')


def unfolded(text: Text) -> str:
    """``text`` as a str, folds as one SP, without white space around it."""
    if not isinstance(text, str):
        return decoded(unfold(bytes(text))).strip(" \t\r\n")
    if "\n" in text:
        text = decoded(unfold(text.encode("utf-8", "surrogatepass")))
    return text.strip(" \t\r\n")


def quote(text: str) -> str:
    r"""``text`` as a quoted-string: ``a "b"`` gives ``"a \"b\""``.

    :raises BuildError: for a control character other than HTAB.
    """
    if not _QUOTABLE.fullmatch(text):
        raise BuildError(f"{text!r} holds a control character; no quoted string can")
    return quoted_string(text)


def quoted_string(text: str) -> str:
    """:func:`quote` for text that was read: a control character becomes a quoted-pair."""
    escaped = _SPECIAL.sub(r"\\\1", text)
    return f'"{escaped}"'


def unquote(text: str) -> str:
    """What a quoted-string says; any other text as it is."""
    if text[:1] != '"':
        return text
    inner = text[1:-1]
    return _PAIR.sub(r"\1", inner) if "\\" in inner else inner


def number(rule: str, digits: str, text: str) -> int:
    """The number that ``digits``, a part of ``text``, stand for.

    :raises ParseError: if they are no digits, or more than any header field needs.
    """
    found = number_of(digits, MAX_DIGITS)
    if found is None:
        if not (digits.isascii() and digits.isdigit()):
            fault(rule, f"{digits!r} is not a number", text)
        fault(rule, f"a number of {len(digits)} digits is too large", text)
    return found


def fault(rule: str, message: str, text: str, start: int = 0, end: int | None = None) -> NoReturn:
    """Raise :class:`ParseError` about ``text[start:end]``.

    :param rule: the ABNF rule that ``text`` should match.
    """
    end = len(text) if end is None else end
    begin = len(text[:start].encode("utf-8", "surrogatepass"))
    octets = text[:end].encode("utf-8", "surrogatepass")
    raise ParseError(Locator(octets).mismatch(rule, f"{rule}: {message}.", begin, len(octets)))
