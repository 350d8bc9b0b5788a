"""Which reader reads which header field: the generated table, and the readers by name.

A family's module is imported when a value of it is first read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

from sipgen.errors import ParseError
from sipgen.generated.headers import HEADER_FIELDS
from sipgen.language.automata import automata
from sipgen.limits import MAX_DIGITS
from sipgen.memory import Memory
from sipgen.values.splitting import split_list
from sipgen.values.text import fault

__all__ = ["FAMILIES", "READINGS", "VALUES", "Reading", "elements_of", "reading_of"]

FAMILIES: dict[str, tuple[str, str]] = {
    "authentication-info": ("authentication", "AuthenticationInfo.read"),
    "call-id": ("lists", "read_call_id"),
    "call-ids": ("lists", "read_call_ids"),
    "challenge": ("authentication", "Challenge.read"),
    "credentials": ("authentication", "Credentials.read"),
    "cseq": ("sequence", "read_cseq"),
    "date": ("dates", "Date.read"),
    "disposition": ("items", "Disposition.read"),
    "event": ("items", "Event.read"),
    "identity": ("items", "Identity.read"),
    "item": ("items", "Item.read"),
    "join": ("items", "Join.read"),
    "media-type": ("media", "MediaType.read"),
    "name-addr": ("address", "read_address"),
    "number": ("lists", "read_number"),
    "number-with-parameters": ("numbers", "NumberWithParameters.read"),
    "parameters": ("parameters", "read_bare_parameters"),
    "plain-word": ("items", "PlainWord.read"),
    "privacy": ("lists", "read_privacy"),
    "products": ("products", "read_products"),
    "quoted-word": ("items", "QuotedWord.read"),
    "rack": ("sequence", "read_rack"),
    "reason": ("items", "Reason.read"),
    "replaces": ("items", "Replaces.read"),
    "retry-after": ("numbers", "RetryAfter.read"),
    "session-expires": ("numbers", "SessionExpires.read"),
    "session-id": ("items", "SessionID.read"),
    "subscription-state": ("items", "SubscriptionState.read"),
    "target-dialog": ("items", "TargetDialog.read"),
    "text": ("lists", "read_text"),
    "timestamp": ("numbers", "Timestamp.read"),
    "token": ("lists", "read_token"),
    "tokens": ("lists", "read_tokens"),
    "bare-uri": ("address", "BareURI.read"),
    "uri": ("uri", "parse_uri"),
    "via": ("via", "read_via"),
    "warning": ("numbers", "Warning.read"),
    "word": ("items", "Word.read"),
}
"""Module and reader of each family."""

_WHOLE_LISTS = {"tokens", "call-ids"}
"""Families whose reader takes the whole value of a field and gives a tuple."""
_ONE_A_FIELD = {"challenge", "credentials"}
"""Families that may be repeated, but not joined by commas (RFC 3261 section 7.3.1)."""
_NEVER_THE_SAME = {"cseq", "via", "call-id", "name-addr", "uri", "text", "credentials", "identity"}
"""Families whose values are not remembered whole: parts of them are, or nothing recurs."""


class Reading(NamedTuple):
    """How the values of a header field become typed ones."""

    value: Callable[[str], Any]
    """Reads the value of one field: a tuple for a list, else one value."""
    is_list: bool
    """Whether the fields of one name together give a tuple."""
    element: Callable[[str], Any]
    """Reads one element of a list, or the value."""
    recurs: bool
    """Whether values are remembered in :data:`VALUES`."""


def _reading(name: str, family: str, *, is_list: bool) -> Reading:
    module, path = FAMILIES[family]
    read: Any = import_module(f"sipgen.values.{module}")
    for part in path.split("."):
        read = getattr(read, part)
    recurs = family not in _NEVER_THE_SAME or (family == "name-addr" and is_list)
    if family in _ONE_A_FIELD:
        return Reading(lambda text: (read(text),), is_list=True, element=read, recurs=recurs)
    whole = family in _WHOLE_LISTS
    value = _listed(name, read, whole=whole) if is_list or whole else read
    return Reading(value, is_list or whole, read, recurs)


def _listed(
    name: str, read: Callable[[str], Any], *, whole: bool
) -> Callable[[str], tuple[Any, ...]]:
    """Reads a list whose elements, or which as a whole, ``read`` reads."""

    def value(text: str) -> tuple[Any, ...]:
        if not text:
            # An empty list, where the grammar has one.
            if not automata("abnf").matches(name, b""):
                fault(name, "the value is empty", "")
            return ()
        if whole:
            found: tuple[Any, ...] = read(text)
            return found
        if "," not in text:
            return (read(text),)
        return tuple([read(element) for element in split_list(text)])

    return value


VALUES: Memory[str, Any] = Memory("values of header lines")
"""What header lines of the families that recur say, by the whole line: one memory for all
header fields, so that their number does not multiply its bound."""

READINGS: dict[str, Reading] = {}
"""How header fields are read, by canonical name, as far as any was."""

_TEXT = "text"


def reading_of(name: str) -> Reading:
    """How values of the header field ``name``, a canonical name, are read.

    One that is not registered is text.
    """
    found = READINGS.get(name)
    if found is not None:
        return found
    definition = HEADER_FIELDS.get(name)
    if definition is None:
        # One for all: names that anybody can invent must not fill the table.
        return READINGS.setdefault("", _reading("", _TEXT, is_list=False))
    found = READINGS[name] = _reading(name, definition.family, is_list=definition.is_list)
    return found


_MANY_DIGITS = re.compile(rf"[0-9]{{{MAX_DIGITS},}}")


def elements_of(name: str, text: str) -> tuple[Any, ...]:
    """The elements of one header field's value, as conformance rules see them.

    :param name: a canonical name.
    :param text: its value, unfolded and stripped.
    :return: one value, those of a list, or none if it cannot be read. A number of more
        digits than a typed value has is read as one that exceeds every limit all the same.
    """
    reading = READINGS.get(name) or reading_of(name)
    try:
        value = reading.value(text)
    except ParseError:
        shorter = _MANY_DIGITS.sub(_fewer_digits, text) if len(text) >= MAX_DIGITS else text
        return elements_of(name, shorter) if shorter != text else ()
    return value if reading.is_list or type(value) is tuple else (value,)


def _fewer_digits(match: re.Match[str]) -> str:
    return match[0].lstrip("0")[: MAX_DIGITS - 1] or "0"
