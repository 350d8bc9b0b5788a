"""Takes header field values apart for the conformance rules, every part with its place.

Only values that the grammar has accepted come here, so there is nothing to judge: what
matters is where things stand. Each part is a piece of the message's text with its offset
in the octets that were read; folds are still in it and count as white space. Nothing here
is looked at twice, so the time taken is linear.
"""

from __future__ import annotations

from typing import NamedTuple

from sipgen.values.splitting import separators

__all__ = [
    "URI",
    "Address",
    "Parameter",
    "Part",
    "address",
    "cut",
    "escapes_removed",
    "parameters",
    "split",
    "unquoted",
    "uri_parts",
]

WHITE_SPACE = " \t\r\n"


class Part(NamedTuple):
    """Text of the message, one character an octet, and where it stands."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """Offset just past it."""
        return self.start + len(self.text)


class Parameter(NamedTuple):
    """``;name=value`` or ``;name``."""

    name: Part
    value: Part | None
    """As it stands, quotation marks and brackets included; ``None`` without ``=``."""

    @property
    def key(self) -> str:
        """The name in lower case: names are case-insensitive (RFC 3261 section 7.3.1)."""
        return self.name.text.lower()

    @property
    def text(self) -> str:
        """The value without quotation marks and escapes; empty if there is none."""
        return unquoted(self.value.text) if self.value else ""

    @property
    def part(self) -> Part:
        """What a finding about the value points at: the name where there is no value."""
        return self.value or self.name


class URI(NamedTuple):
    """A URI; of one that is neither SIP nor SIPS, what follows the scheme is ``host``."""

    whole: Part
    scheme: str
    """In lower case."""
    userinfo: Part | None
    host: Part
    port: Part | None
    parameters: tuple[Parameter, ...]
    headers: tuple[Parameter, ...]
    """What follows ``?``, as names and values."""

    @property
    def is_sip(self) -> bool:
        """Whether the scheme is ``sip`` or ``sips``."""
        return self.scheme in {"sip", "sips"}


class Address(NamedTuple):
    """A ``name-addr`` or ``addr-spec`` with the parameters of the header field."""

    whole: Part
    uri: Part
    bracketed: bool
    parameters: tuple[Parameter, ...]


def cut(part: Part, begin: int, end: int) -> Part:
    """``part.text[begin:end]`` as a part, without white space around it."""
    text = part.text[begin:end]
    bare = text.lstrip(WHITE_SPACE)
    return Part(bare.rstrip(WHITE_SPACE), part.start + begin + len(text) - len(bare))


def split(part: Part, separator: str) -> list[Part]:
    """The parts between ``separator``, which counts outside quotes, ``<>`` and comments."""
    text = part.text
    if separator not in text:
        return [cut(part, 0, len(text))]
    if '"' not in text and "<" not in text and "(" not in text:
        return _plain_split(part, 0, len(text), separator)
    ends = separators(text, separator)
    begins = [0, *(end + 1 for end in ends)]
    return [cut(part, begin, end) for begin, end in zip(begins, [*ends, len(text)], strict=True)]


def parameters(parts: list[Part]) -> tuple[Parameter, ...]:
    """What stands between semicolons, as parameters; an empty part is none."""
    found = []
    for part in parts:
        if part.text:
            name, equal, _ = part.text.partition("=")
            value = cut(part, len(name) + 1, len(part.text)) if equal else None
            found.append(Parameter(cut(part, 0, len(name)), value))
    return tuple(found)


def address(part: Part) -> Address:
    """A value of From, Contact, Route and their like.

    The parameters of a bare URI are the header field's (RFC 3261 section 20.10).
    """
    first, *rest = split(part, ";")
    if first.text.endswith(">"):
        opening = _opening_bracket(first.text)
        uri = cut(first, opening + 1, len(first.text) - 1)
        return Address(part, uri, bracketed=True, parameters=parameters(rest))
    return Address(part, first, bracketed=False, parameters=parameters(rest))


def _opening_bracket(text: str) -> int:
    """Where ``<`` stands: the display name before it may hold one in quotes, the URI none."""
    return text.find("<", text.rfind('"') + 1)


def uri_parts(part: Part) -> URI:
    """A URI by its components (RFC 3261 section 19.1.1)."""
    text = part.text
    scheme, _, _ = text.partition(":")
    at = len(scheme) + 1
    end = len(text)
    if scheme.lower() not in {"sip", "sips"}:
        first, *rest = _plain_split(part, at, end, ";")
        return URI(part, scheme.lower(), None, first, None, parameters(rest), ())
    userinfo = None
    sign = text.find("@", at)
    if sign >= 0:
        userinfo = Part(text[at:sign], part.start + at)
        at = sign + 1
    question = text.find("?", at)
    headers: tuple[Parameter, ...] = ()
    if question >= 0:
        headers = parameters(_plain_split(part, question + 1, end, "&"))
        end = question
    hostport, *rest = _plain_split(part, at, end, ";")
    colon = hostport.text.find(":", hostport.text.find("]") + 1)
    host, port = hostport, None
    if colon >= 0:
        host = cut(hostport, 0, colon)
        port = cut(hostport, colon + 1, len(hostport.text))
    return URI(part, scheme.lower(), userinfo, host, port, parameters(rest), headers)


def _plain_split(part: Part, begin: int, end: int, separator: str) -> list[Part]:
    found = []
    for piece in part.text[begin:end].split(separator):
        found.append(cut(part, begin, begin + len(piece)))
        begin += len(piece) + 1
    return found


def unquoted(text: str) -> str:
    """The text of a quoted-string (RFC 3261 section 25.1); other text as it is."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    inner = text[1:-1]
    if "\\" not in inner:
        return inner
    return "".join(piece[:1] + piece[1:] for piece in _escaped(inner))


def _escaped(text: str) -> list[str]:
    """``text`` in pieces, the backslash of each quoted-pair left out."""
    pieces = []
    at = 0
    while (found := text.find("\\", at)) >= 0:
        pieces += [text[at:found], text[found + 1 : found + 2]]
        at = found + 2
    return [*pieces, text[at:]]


def escapes_removed(text: str) -> str:
    """``text`` with each ``%41`` as its character (RFC 3261 section 19.1.2)."""
    if "%" not in text:
        return text
    first, *rest = text.split("%")
    pieces = [first]
    for piece in rest:
        try:
            pieces.append(chr(int(piece[:2], 16)) + piece[2:])
        except ValueError:
            pieces.append("%" + piece)
    return "".join(pieces)
