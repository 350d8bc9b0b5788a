"""Addresses: ``name-addr`` and ``addr-spec`` with parameters (RFC 3261 section 20.10)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple, Self

from sipgen.errors import BuildError, ParseError
from sipgen.limits import MAX_REMEMBERED_TEXT
from sipgen.memory import Memory
from sipgen.values.building import Built, parameters_of, reads_back
from sipgen.values.parameters import NONE, Parameters, read_parameters, tag_parameter
from sipgen.values.text import (
    QUOTED_STRING,
    TOKEN,
    Text,
    fault,
    quoted_string,
    unfolded,
    unquote,
)
from sipgen.values.uri import URI, AbsoluteURI, parse_uri

__all__ = ["STAR", "BareURI", "NameAddr", "has_tag", "read_address"]

_RULE = "name-addr"
_DISPLAY_NAME = re.compile(
    rf"[ \t]*+(?:({QUOTED_STRING})[ \t]*+|((?:{TOKEN}[ \t]++)*+(?:{TOKEN})?+))<"
).match
# Without quotation marks a display name holds tokens; traffic has letters of all kinds.
_LENIENT_DISPLAY_NAME = re.compile(r"[ \t]*+((?!))?([^\x00-\x08\x0a-\x1f\x7f\"<>:;,@\\]*+)<").match
# A display name, quoted or not, is checked when the part in front of the tag is read.
_COMMON = re.compile(
    rf'((?:"[^"\\\x00-\x1f\x7f]*+"[ \t]*+|[^"<>:;,\\\x00-\x08\x0a-\x1f\x7f]*+)'
    rf'<[^<>"\x00-\x20\x7f]++>)(?:;tag=({TOKEN}))?+'
).fullmatch
_TOKENS = re.compile(rf"{TOKEN}(?: {TOKEN})*+").fullmatch
_new_tuple = tuple.__new__


class _NameAddr(NamedTuple):
    display_name: str | None
    uri: URI
    params: Parameters


class NameAddr(Built, _NameAddr):  # type: ignore[misc]
    """An address: display name, URI, and the header field's parameters.

    ``display_name`` stands without quotation marks, ``None`` if there is none. The
    parameters of a URI that stands without angle brackets are the header field's. A Contact
    of ``*`` is an address whose :attr:`is_star` is true.
    """

    __slots__ = ()

    def __new__(
        cls,
        display_name: str | None,
        uri: URI | str,
        params: Mapping[str, str | None] = NONE,
    ) -> Self:
        """Make an address; a ``uri`` given as text is read.

        :raises BuildError: for what cannot stand in an address.
        """
        try:
            uri = parse_uri(uri) if isinstance(uri, str) else uri
        except ParseError as error:
            raise BuildError(str(error.finding.message)) from None
        made = super().__new__(cls, display_name, uri, parameters_of(params))
        return reads_back(made, cls.parse)

    @classmethod
    def parse(cls, text: Text) -> NameAddr:
        """Read one address with its parameters.

        :raises ParseError: if ``text`` is none.
        """
        return read_address(unfolded(text))

    @property
    def tag(self) -> str | None:
        """The ``tag`` parameter (RFC 3261 section 19.3), ``None`` without one."""
        return self.params.plain("tag")

    @property
    def is_star(self) -> bool:
        """Whether this is the ``*`` of a Contact (RFC 3261 section 10.2.2)."""
        return self is STAR or self == STAR

    def with_params(self, params: Mapping[str, str | None]) -> NameAddr:
        """This address with other parameters; :class:`BuildError` as for making one."""
        return NameAddr(self.display_name, self.uri, params)

    def __str__(self) -> str:
        if self.uri == STAR.uri:
            return "*"
        name = self.display_name
        if name is None:
            return f"<{self.uri}>{self.params}"
        shown = name if _TOKENS(name) else quoted_string(name)
        return f"{shown} <{self.uri}>{self.params}"


STAR: NameAddr = _new_tuple(NameAddr, (None, _new_tuple(AbsoluteURI, ("", "*")), NONE))
"""The ``*`` of a Contact."""


class _BareURI(NamedTuple):
    uri: URI
    params: Parameters


class BareURI(Built, _BareURI):  # type: ignore[misc]
    """A URI without angle brackets, with parameters of the header field.

    Policy-ID (RFC 6794) and Trigger-Consent (RFC 5360) hold these.
    """

    __slots__ = ()

    def __new__(cls, uri: URI | str, params: Mapping[str, str | None] = NONE) -> Self:
        """Make a value; :class:`~sipgen.errors.BuildError` for what cannot be written."""
        try:
            uri = parse_uri(uri) if isinstance(uri, str) else uri
        except ParseError as error:
            raise BuildError(str(error.finding.message)) from None
        return reads_back(super().__new__(cls, uri, parameters_of(params)), cls.parse)

    @classmethod
    def parse(cls, text: Text) -> BareURI:
        """Read a URI with the header field's parameters; :class:`ParseError` otherwise."""
        return cls.read(unfolded(text))

    @classmethod
    def read(cls, text: str) -> BareURI:
        """:meth:`parse` for text without folds and white space around it."""
        address = read_address(text)
        made: BareURI = _new_tuple(cls, (address.uri, address.params))
        return made

    def __str__(self) -> str:
        return f"{self.uri}{self.params}"


def read_address(text: str) -> NameAddr:
    """The address that ``text``, unfolded and stripped, is."""
    match = _COMMON(text)
    if match is not None and len(text) <= MAX_REMEMBERED_TEXT:
        head, tag = match.groups()
        display_name, uri = _known(head) or _heads.learn(head, _bracketed)
        params = NONE if tag is None else tag_parameter(tag)
        found: NameAddr = _new_tuple(NameAddr, (display_name, uri, params))
        return found
    first = text[:1]
    if first == "<":
        opening, end = 0, text.find(">") + 1
    elif first == '"':
        opening = _after_quotation(text)
        end = text.find(">", opening) + 1
    else:
        # A colon before the bracket: a URI without brackets, and a parameter with them.
        opening = text.find("<")
        if ":" in text[: max(opening, 0)]:
            return _bare(text)
        end = text.find(">", opening) + 1
    if opening < 0 or not end:
        return _bare(text)
    head = text[:end]
    display_name, uri = _known(head) or _heads.learn(head, _bracketed)
    return _address(display_name, uri, read_parameters(_RULE, text, end))


def has_tag(text: str) -> bool:
    """Return True if a From or To value, unfolded and stripped, has a ``tag`` parameter.

    Of an address that cannot be read the parameters behind the bracket may still be.
    """
    try:
        return "tag" in read_address(text).params
    except ParseError:
        pass
    try:
        return "tag" in read_parameters(_RULE, text, text.rfind(">") + 1)
    except ParseError:
        return False


def _after_quotation(text: str) -> int:
    """Where ``<`` stands behind the quoted string that ``text`` begins with; -1 if nowhere."""
    closing = text.find('"', 1)
    if closing > 0 and text[closing - 1] == "\\":
        match = _DISPLAY_NAME(text)
        return match.end() - 1 if match else -1
    return text.find("<", closing) if closing > 0 else -1


def _bracketed(head: str) -> tuple[str | None, URI]:
    """Display name and URI of what ends with ``>``."""
    match = _DISPLAY_NAME(head) or _LENIENT_DISPLAY_NAME(head)
    if match is None:
        fault(_RULE, "the display name is neither a quoted string nor tokens", head)
    quoted, tokens = match.groups()
    if quoted is not None:
        name: str | None = unquote(quoted)
    else:
        name = " ".join(tokens.split()) or None
    return name, parse_uri(head[match.end() : -1])


_heads: Memory[str, tuple[str | None, URI]] = Memory("display names with URIs")
_known = _heads.get


def _bare(text: str) -> NameAddr:
    """A URI without brackets; what follows its first semicolon is the header field's."""
    address, semicolon, _ = text.partition(";")
    bare = address.rstrip(" \t")
    if bare == "*" and not semicolon:
        return STAR
    if not bare or '"' in bare or "<" in bare:
        fault(_RULE, "neither '<URI>' with a display name before it nor a URI stands here", text)
    return _address(None, parse_uri(bare), read_parameters(_RULE, text, len(address)))


def _address(display_name: str | None, uri: URI, params: Parameters) -> NameAddr:
    found: NameAddr = _new_tuple(NameAddr, (display_name, uri, params))
    return found
