"""Where a part of a header field's value is: (header, element, part) to a range of octets.

Typed values hold no places: they are shared by their text, and most have no fault. Where a
rule finds one, the value is cut here once more, this time as it was written: folds, escapes
and all. Offsets count octets from the first one behind the colon of the header line; those
of the Request-URI, from the beginning of the start line. Tests hold every cut against the
parse tree of the grammar.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from sipgen.generated.headers import HEADER_FIELDS
from sipgen.values.splitting import separators

__all__ = [
    "END",
    "REQUEST_LINE",
    "WHOLE",
    "Part",
    "WrittenValue",
    "elements",
    "parameter",
    "parameter_name",
]

REQUEST_LINE = "Request-Line"
"""Stands for a header field's name where the start line of a request is meant."""

Span = tuple[int, int]

_WHITE_SPACE = " \t\r\n"
_QUOTED = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)

_AFTER_CALL_ID = {"join", "replaces", "target-dialog"}
"""Families whose parameters follow a callid."""


class Part(NamedTuple):
    """A part of one element of a header field's value."""

    kind: str
    """``whole``, ``end`` (nothing, behind the last octet), ``head`` (what is in front of the
    parameters), ``parameter`` (its value, or its name if it has none), ``parameter-name``,
    ``parameter-end`` (nothing, behind the parameter), ``uri``; ``digits``, ``word`` (the one
    numbered ``key``, separated by white space), ``first`` and ``last`` (the first ``key``
    octets and the last ones), ``port`` and ``protocol`` of a Via; of a URI ``scheme``,
    ``user``, ``userinfo``, ``after-user``,
    ``port``, ``headers`` (with their question mark) and ``header-name``."""
    key: str | int = 0
    """A parameter's name in lower case (the first of that name is meant), or its number."""
    of_uri: bool = False
    """The part is one of the element's URI."""


WHOLE = Part("whole")
END = Part("end")


def parameter(key: str | int) -> Part:
    """A parameter's value; its name if it has no value."""
    return Part("parameter", key)


def parameter_name(key: str | int) -> Part:
    """A parameter's name."""
    return Part("parameter-name", key)


class WrittenValue:
    """The value of one header line as it was written, cut where it is asked about.

    What was cut is kept, so many faults in one value cost no more than one and the value.
    """

    __slots__ = ("_elements", "_header", "_parameters", "_text", "_uris")

    def __init__(self, header: str, written: bytes) -> None:
        """Take a value; it is not cut yet.

        :param header: canonical name of a header field, or :data:`REQUEST_LINE`.
        :param written: the octets behind the colon of the header line, or the start line.
        """
        self._header = header
        self._text = written.decode("latin-1")
        self._elements: list[Span] = []
        self._parameters: dict[int, list[Span]] = {}
        """Parameters by the place of their element."""
        self._uris: dict[int, _URIPlaces] = {}

    def locate(self, element: int, part: Part) -> Span:
        """Where a part of the value is.

        :param element: number of the element of a list; 0 for any other header field.
        :param part: what of it is wanted. A part that is not there is the whole element.
        :return: offsets of its first octet and of the one behind its last.
        """
        spans = self._elements
        if not spans:
            spans = self._elements = elements(self._header, self._text)
        begin, end = spans[min(element, len(spans) - 1)]
        if not part.of_uri:
            return self._in_element(begin, end, part) or (begin, end)
        uri = self._uris.get(begin)
        if uri is None:
            place = _uri(self._header, self._text, begin, end)
            uri = self._uris[begin] = _URIPlaces(self._text, *place)
        return uri.part(part) or (begin, end)

    def _in_element(self, begin: int, end: int, part: Part) -> Span | None:
        text = self._text
        kind, key, _ = part
        if kind == "end":
            return end, end
        if kind in {"parameter", "parameter-name", "parameter-end"}:
            found = self._parameters.get(begin)
            if found is None:
                found = self._parameters[begin] = _parameters(self._header, text, begin, end)
            return _of_parameter(text, found, kind, key)
        find = _PARTS.get(kind)
        return None if find is None else find(self._header, text, begin, end, key)


def elements(header: str, text: str) -> list[Span]:
    """Where each element of a list is; the one value of a header field that is no list."""
    definition = HEADER_FIELDS.get(header)
    if definition is None:
        return [_stripped(text, 0, len(text))]
    if definition.family == "privacy":
        return _plainly_split(text.replace(",", ";"), ";")
    if definition.family == "call-ids":
        return _plainly_split(text, ",")
    if definition.is_list:
        return _split(text, 0, len(text), ",")
    return [_stripped(text, 0, len(text))]


def _stripped(text: str, begin: int, end: int) -> Span:
    piece = text[begin:end]
    bare = piece.lstrip(_WHITE_SPACE)
    start = end - len(bare)
    return start, start + len(bare.rstrip(_WHITE_SPACE))


def _plainly_split(text: str, separator: str) -> list[Span]:
    found = []
    at = 0
    for piece in text.split(separator):
        found.append(_stripped(text, at, at + len(piece)))
        at += len(piece) + 1
    return found


def _split(text: str, begin: int, end: int, separator: str) -> list[Span]:
    """The spans between separators outside quotation marks, angle brackets and comments."""
    found = []
    at = begin
    for offset in separators(text[begin:end], separator):
        found.append(_stripped(text, at, begin + offset))
        at = begin + offset + 1
    found.append(_stripped(text, at, end))
    return found


# -- elements ----------------------------------------------------------------------------


def _word(_header: str, text: str, begin: int, end: int, number: Any) -> Span | None:
    at = begin
    for index, word in enumerate(text[begin:end].split()):
        at = text.index(word, at)
        if index == number:
            return at, at + len(word)
        at += len(word)
    return None


def _digits(_header: str, text: str, begin: int, end: int, _key: Any) -> Span:
    return begin, end - len(text[begin:end].lstrip("0123456789"))


def _head(header: str, text: str, begin: int, end: int, _key: Any) -> Span:
    return _segments(header, text, begin, end)[0]


def _segments(header: str, text: str, begin: int, end: int) -> list[Span]:
    """What is in front of the parameters of an element, and each of them."""
    definition = HEADER_FIELDS.get(header)
    family = "" if definition is None else definition.family
    if family in _AFTER_CALL_ID:
        # A callid may contain quotation marks, brackets and parentheses that are never closed.
        at = text.find(";", begin, end)
        if at >= 0:
            return [_stripped(text, begin, at), *_split(text, at + 1, end, ";")]
    if family == "retry-after":
        # Its comment may follow the number without white space, and contain a semicolon.
        digits = end - len(text[begin:end].lstrip("0123456789"))
        (_, head_end), *pieces = _split(text, digits, end, ";")
        return [_stripped(text, begin, head_end), *pieces]
    return _split(text, begin, end, ";")


def _parameters(header: str, text: str, begin: int, end: int) -> list[Span]:
    """Where the parameters of an element are, name and value together."""
    if header == REQUEST_LINE:
        return []
    family = HEADER_FIELDS[header].family
    if family in {"credentials", "challenge"}:
        scheme = text[begin:end].split(None, 1)[0]
        pieces = _split(text, begin + len(scheme), end, ",")
    elif family == "authentication-info":
        pieces = _split(text, begin, end, ",")
    elif family == "parameters":
        pieces = _split(text, begin, end, ";")
    else:
        pieces = _segments(header, text, begin, end)[1:]
    return [span for span in pieces if span[0] < span[1]]


def _of_parameter(text: str, found: list[Span], kind: str, key: str | int) -> Span | None:
    for begin, end in found if isinstance(key, str) else found[key : key + 1]:
        equal = text.find("=", begin, end)
        name = _stripped(text, begin, end if equal < 0 else equal)
        if isinstance(key, int) or text[slice(*name)].lower() == key:
            if kind == "parameter-end":
                return end, end
            if kind == "parameter-name" or equal < 0:
                return name
            return _stripped(text, equal + 1, end)
    return None


def _of_via(text: str, begin: int, end: int) -> tuple[list[int], int]:
    """Where the slashes of a Via are, if it has two, and the end of its sent-by."""
    _, end = _split(text, begin, end, ";")[0]
    slashes = [begin + at for at in separators(text[begin:end], "/")]
    return slashes if len(slashes) == 2 else [], end


def _via_protocol(_header: str, text: str, begin: int, end: int, _key: Any) -> Span | None:
    slashes, _ = _of_via(text, begin, end)
    return (begin, slashes[1]) if slashes else None


def _via_port(_header: str, text: str, begin: int, end: int, _key: Any) -> Span | None:
    slashes, end = _of_via(text, begin, end)
    if not slashes:
        return None
    transport, _ = _stripped(text, slashes[1] + 1, end)
    word = text[transport:end].split(None, 1)[0]
    host, _ = _stripped(text, transport + len(word), end)
    colon = text.find(":", text.find("]", host, end) + 1 or host, end)
    return None if colon < 0 else _stripped(text, colon + 1, end)


# -- URIs --------------------------------------------------------------------------------


def _uri(header: str, text: str, begin: int, end: int) -> Span:
    """Where the URI of an address is, or that of a Request-Line."""
    if header == REQUEST_LINE:
        first = text.find(" ", begin, end) + 1
        last = text.find(" ", first, end)
        return first, end if last < 0 else last
    opening = text.find("<", begin, end)
    # A display name in quotation marks may hold a bracket, a URI none.
    quote = text.find('"', begin, end if opening < 0 else opening)
    if quote >= 0:
        quoted = _QUOTED.match(text, quote)
        opening = text.find("<", quoted.end(), end) if quoted else -1
    closing = text.find(">", opening, end) if opening >= 0 else -1
    if closing < 0:
        return _split(text, begin, end, ";")[0]
    return _stripped(text, opening + 1, closing)


_PARTS: dict[str, Callable[[str, str, int, int, Any], Span | None]] = {
    "uri": lambda header, text, begin, end, _: _uri(header, text, begin, end),
    "head": _head,
    "digits": _digits,
    "word": _word,
    "first": lambda _header, _text, begin, _end, count: (begin, begin + count),
    "last": lambda _header, _text, _begin, end, count: (end - count, end),
    "port": _via_port,
    "protocol": _via_protocol,
}
"""Where a part of an element is, by its kind: from header field, text, begin and end of the
element, and key."""


class _URIPlaces:
    """The places of a URI's parts."""

    __slots__ = ("_colon", "_end", "_host", "_question", "_sign", "_start", "_text")

    def __init__(self, text: str, start: int, end: int) -> None:
        self._text = text
        self._start = start
        self._end = end
        self._colon = colon = text.find(":", start, end)
        is_sip = text[start:colon].lower() in {"sip", "sips"}
        self._sign = sign = text.find("@", colon + 1, end) if is_sip else -1
        self._host = host = colon + 1 if sign < 0 else sign + 1
        self._question = text.find("?", host, end) if is_sip else -1

    def part(self, part: Part) -> Span | None:
        kind, key, _ = part
        find = _URI_PARTS.get(kind)
        if find is not None:
            return find(self)
        question = self._question
        if kind == "header-name":
            headers = list(_pieces(self._text, question + 1, self._end, "&"))
            return (
                _of_parameter(self._text, headers, "parameter-name", key) if question >= 0 else None
            )
        stop = self._end if question < 0 else question
        found = list(_pieces(self._text, self._host, stop, ";"))[1:]
        return _of_parameter(self._text, [span for span in found if span[0] < span[1]], kind, key)

    def whole(self) -> Span:
        return self._start, self._end

    def scheme(self) -> Span:
        return self._start, self._colon

    def end(self) -> Span:
        stop = self._end if self._question < 0 else self._question
        return stop, stop

    def userinfo(self) -> Span | None:
        return None if self._sign < 0 else (self._colon + 1, self._sign)

    def user(self) -> Span | None:
        if self._sign < 0:
            return None
        password = self._text.find(":", self._colon + 1, self._sign)
        return self._colon + 1, self._sign if password < 0 else password

    def after_user(self) -> Span:
        user = self.user()
        return (self._host, self._host) if user is None else (user[1], user[1])

    def port(self) -> Span | None:
        text, host = self._text, self._host
        stop = self._end if self._question < 0 else self._question
        semicolon = text.find(";", host, stop)
        stop = stop if semicolon < 0 else semicolon
        colon = text.find(":", text.find("]", host, stop) + 1 or host, stop)
        return None if colon < 0 else (colon + 1, stop)

    def headers(self) -> Span | None:
        return None if self._question < 0 else (self._question, self._end)


_URI_PARTS: dict[str, Callable[[_URIPlaces], Span | None]] = {
    "whole": _URIPlaces.whole,
    "scheme": _URIPlaces.scheme,
    "end": _URIPlaces.end,
    "userinfo": _URIPlaces.userinfo,
    "user": _URIPlaces.user,
    "after-user": _URIPlaces.after_user,
    "port": _URIPlaces.port,
    "headers": _URIPlaces.headers,
}


def _pieces(text: str, begin: int, end: int, separator: str) -> Iterator[Span]:
    for piece in text[begin:end].split(separator):
        yield begin, begin + len(piece)
        begin += len(piece) + 1
