"""Values without parameters: text, numbers, tokens and lists of them.

They are read as built-in types: ``str``, ``int`` and tuples.
"""

from __future__ import annotations

import re

from sipgen.values.splitting import split_list
from sipgen.values.text import fault, number
from sipgen.wire.names import is_token

__all__ = [
    "read_call_id",
    "read_call_ids",
    "read_number",
    "read_privacy",
    "read_text",
    "read_token",
    "read_tokens",
]

_CALL_ID = re.compile(r"[^\x00-\x20\x7f]++").fullmatch


def read_text(text: str) -> str:
    """Text as it stands (``TEXT-UTF8-TRIM``)."""
    return text


def read_token(text: str) -> str:
    """One token."""
    if not is_token(text):
        fault("token", f"{text!r} is not a token", text)
    return text


def read_number(text: str) -> int:
    """A number, such as ``delta-seconds``."""
    return number("1*DIGIT", text, text)


def read_call_id(text: str) -> str:
    """A Call-ID (``callid``)."""
    if (not text.isprintable() or " " in text or not text) and not _CALL_ID(text):
        fault("callid", "one word without white space is expected", text)
    return text


def read_tokens(text: str) -> tuple[str, ...]:
    """Tokens between commas; none in an empty value."""
    if not text:
        return ()
    tokens = split_list(text)
    for token in tokens:
        if not is_token(token):
            fault("token", f"{token!r} is not a token", text)
    return tuple(tokens)


def read_call_ids(text: str) -> tuple[str, ...]:
    """Call-IDs between commas; a quotation mark or bracket in one is a character."""
    return tuple([read_call_id(element.strip(" \t")) for element in text.split(",")])


def read_privacy(text: str) -> tuple[str, ...]:
    """``priv-value`` between semicolons (RFC 3323 section 4.2), or commas, as is common."""
    values = [value.strip(" \t") for value in text.replace(",", ";").split(";")]
    for value in values:
        if not is_token(value):
            fault("priv-value", f"{value!r} is not a token", text)
    return tuple(values)
