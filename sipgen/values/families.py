"""Which reader reads which header field: the generated table, and the readers by name.

A family's module is imported when a value of it is first read.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Any

from sipgen.automata import automata
from sipgen.generated.headers import HEADER_FIELDS
from sipgen.limits import MAX_REMEMBERED_TEXT, MAX_REMEMBERED_VALUES
from sipgen.values.splitting import split_list
from sipgen.values.text import fault

__all__ = ["FAMILIES", "Reading", "reading_of"]

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
    "privacy": ("lists", "read_privacy"),
    "products": ("products", "read_products"),
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


class Reading:
    """How the values of a header field become typed ones."""

    __slots__ = ("_name", "element", "is_list", "value", "whole_list")

    def __init__(self, name: str, family: str, *, is_list: bool) -> None:
        module, path = FAMILIES[family]
        found: Any = import_module(f"sipgen.values.{module}")
        for part in path.split("."):
            found = getattr(found, part)
        self.element: Callable[[str], Any] = found
        """Reads one element of a list, or the value."""
        self.whole_list = family in _WHOLE_LISTS
        self._name = name
        self.is_list = is_list or self.whole_list or family in _ONE_A_FIELD
        """Whether the fields of one name together give a tuple."""
        read = self._elements if self.is_list else found
        if family in _ONE_A_FIELD:
            read = self._one
        if family not in _NEVER_THE_SAME or (family == "name-addr" and is_list):
            read = _remembering(read)
        self.value: Callable[[str], Any] = read
        """Reads the value of one field: a tuple for a list, else one value."""

    def _one(self, text: str) -> tuple[Any, ...]:
        return (self.element(text),)

    def _elements(self, text: str) -> tuple[Any, ...]:
        read = self.element
        if "," not in text:
            if not text:
                return self._nothing()
            return read(text) if self.whole_list else (read(text),)
        if self.whole_list:
            found: tuple[Any, ...] = read(text)
            return found
        return tuple([read(element) for element in split_list(text)])

    def _nothing(self) -> tuple[Any, ...]:
        """What an empty value says: an empty list, where the grammar has one."""
        if not automata("abnf").matches(self._name, b""):
            fault(self._name, "the value is empty", "")
        return ()


def _remembering(read: Callable[[str], Any]) -> Callable[[str], Any]:
    remembered = lru_cache(MAX_REMEMBERED_VALUES)(read)

    def value(text: str) -> Any:
        return remembered(text) if len(text) <= MAX_REMEMBERED_TEXT else read(text)

    return value


_READINGS: dict[str, Reading] = {}
_TEXT = "text"


def reading_of(name: str) -> Reading:
    """How values of the header field ``name``, a canonical name, are read.

    One that is not registered is text.
    """
    found = _READINGS.get(name)
    if found is None:
        definition = HEADER_FIELDS.get(name)
        if definition is None:
            name, family, is_list = "", _TEXT, False
        else:
            family, is_list = definition.family, definition.is_list
        found = _READINGS[name] = Reading(name, family, is_list=is_list)
    return found
