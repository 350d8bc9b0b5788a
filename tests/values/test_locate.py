"""Where the parts of a value are: ``locate`` against the places in its parse tree."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import cache

import pytest
from sipgen.generated.headers import HEADER_FIELDS

import sipgen
from sipgen.errors import LimitError
from sipgen.language.automata import automata
from sipgen.values.locate import END, REQUEST_LINE, WHOLE, Part, Span, WrittenValue, elements
from tests.validation.test_header_values import VALUES
from tests.values.reading import Element, Value, sentences

SENTENCES = 12
FOLDS = 3
LINES = 100
REQUEST_LINES = (
    b"INVITE sip:bob:pw@[2001:db8::1]:5070;transport=tcp;lr?Subject=a&to=b SIP/2.0",
    b"OPTIONS sips:a;b=c?d@biloxi.example.com;x SIP/2.0",
)
HEADERS = [name for name, field in HEADER_FIELDS.items() if field.has_grammar]
WHITE_SPACE = " \t\r\n"

AUTHENTICATION = {"authentication-info", "challenge", "credentials"}
URIS = {"bare-uri", "name-addr", "uri"}
WORDS = {"cseq", "rack", "warning", "timestamp"}
NUMBERS = {"number", "number-with-parameters", "retry-after", "session-expires"}
WITHOUT_PARAMETERS = WORDS | {"call-id", "call-ids", "date", "number", "privacy", "products",
                              "text", "token", "tokens", "uri"}  # fmt: skip

Expected = tuple[int, Part, Span | None]
"""Number of the element, the part, and where the tree has it; ``None`` if it has none."""


def family(name: str) -> str:
    return HEADER_FIELDS[name].family


def stripped(text: str, span: Span) -> Span:
    begin, end = span
    # What is nothing but white space is nothing, behind it: a matter of taste.
    while begin < end and text[begin] in WHITE_SPACE:
        begin += 1
    while begin < end and text[end - 1] in WHITE_SPACE:
        end -= 1
    return begin, end


def node_span(element: Element, *names: str) -> Span | None:
    """Return where the first node of one of these rules is in an element."""
    for name in names:
        for node in element.value.nodes(name, element.begin, element.end):
            return node.meta.start_pos, node.meta.end_pos
    return None


def parameters(
    number: int, value: Value, pieces: list[Span], of_uri: str = ""
) -> Iterator[Expected]:
    """Return name, value and end of each parameter, by its number and by its name."""
    text = value.text
    pieces = [stripped(text, piece) for piece in pieces]
    known: set[str] = set()
    for place, (begin, end) in enumerate([piece for piece in pieces if piece[0] < piece[1]]):
        equal = text.find("=", begin, end)
        nodes = [] if of_uri else value.nodes("equal", begin, end)
        last, first = (equal, equal + 1) if equal >= 0 else (end, end)
        if nodes:
            last, first = nodes[0].meta.start_pos, nodes[0].meta.end_pos
        name = stripped(text, (begin, last))
        given = stripped(text, (first, end)) if equal >= 0 else name
        keys: list[str | int] = [place]
        if (lower := text[slice(*name)].lower()) not in known:
            known.add(lower)
            keys.append(lower)
        for key in keys:
            yield number, Part("parameter", key, bool(of_uri)), given
            yield number, Part("parameter-name", key, bool(of_uri)), name
            if not of_uri:
                yield number, Part("parameter-end", key), (end, end)


def sip_uri(number: int, element: Element, span: Span) -> Iterator[Expected]:
    """Return the parts of a SIP URI."""
    text = element.value.text
    begin, end = span
    user = node_span(element, "user", "bare_user")
    headers = node_span(element, "headers")
    port = node_span(element, "port")
    host = node_span(element, "host")
    assert host is not None
    colon = text.index(":", begin)
    last = headers[0] if headers else end
    yield number, Part("scheme", of_uri=True), (begin, colon)
    yield number, Part("user", of_uri=True), user
    # A password may be empty, and then it is no node: the sign is in front of the host.
    yield number, Part("userinfo", of_uri=True), user and (user[0], host[0] - 1)
    after = user[1] if user else host[0]
    yield number, Part("after-user", of_uri=True), (after, after)
    yield number, Part("port", of_uri=True), port
    yield number, Part("headers", of_uri=True), headers
    yield number, Part("end", of_uri=True), (last, last)
    found = node_span(element, "uri_parameters")
    if found:
        yield from parameters(number, element.value, cut(text, found, ";")[1:], "uri")
    known: set[str] = set()
    for piece in cut(text, (headers[0] + 1, headers[1]), "&") if headers else []:
        name = piece[0], text.index("=", *piece)
        if (lower := text[slice(*name)].lower()) not in known:
            known.add(lower)
            yield number, Part("header-name", lower, of_uri=True), name


def cut(text: str, span: Span, separator: str) -> list[Span]:
    """Return what is between the separators of a text that has no quotation marks."""
    begin, end = span
    ends = [at for at in range(begin, end) if text[at] == separator]
    return list(zip([begin, *(at + 1 for at in ends)], [*ends, end], strict=True))


def addressed(number: int, element: Element) -> Iterator[Expected]:
    """Return the URI of an element and its parts."""
    value = element.value
    opening = value.nodes("laquot", element.begin, element.end)
    if opening:
        closing = value.nodes("raquot", element.begin, element.end)
        uri = opening[0].meta.end_pos, closing[0].meta.start_pos
    else:
        uri = stripped(value.text, value.cut("semi", element.begin, element.end)[0])
    yield number, Part("uri"), uri
    yield number, Part("whole", of_uri=True), uri
    if value.text[slice(*uri)].partition(":")[0].lower() in {"sip", "sips"}:
        yield from sip_uri(number, element, uri)


def via(number: int, element: Element) -> Iterator[Expected]:
    """Return the protocol and the port of a Via."""
    yield number, Part("port"), node_span(element, "port")
    name, version = node_span(element, "protocol_name"), node_span(element, "protocol_version")
    assert name is not None
    assert version is not None
    slash = element.value.nodes("slash", version[1])[0].meta
    # A slash has white space around it: the protocol ends at the slash itself.
    at = element.value.text.index("/", slash.start_pos)
    yield number, Part("protocol"), (name[0], at)


def spans_of(name: str, value: Value) -> list[Span]:
    """Return where the elements are."""
    text = value.text
    kind, everything = family(name), (0, len(text))
    if kind == "privacy":
        return [part for begin, end in value.cut("comma", *everything)
                for part in value.cut("semi", begin, end)]  # fmt: skip
    if HEADER_FIELDS[name].is_list and kind not in AUTHENTICATION:
        return value.cut("comma", *everything)
    return [everything]


def expected(name: str, value: Value) -> Iterator[Expected]:
    """Return each part that the family of a header field has, by the parse tree."""
    kind, text = family(name), value.text
    for number, span in enumerate(spans_of(name, value)):
        element = Element(value, *span)
        begin, end = stripped(text, span)
        yield number, WHOLE, (begin, end)
        yield number, END, (end, end)
        if kind in AUTHENTICATION:
            start = begin
            if kind != "authentication-info":
                start += len(text[begin:end].split()[0])
            yield from parameters(number, value, value.cut("comma", start, end))
        elif kind not in WITHOUT_PARAMETERS:
            head, *pieces = value.cut("semi", *span)
            yield number, Part("head"), stripped(text, head)
            yield from parameters(
                number, value, [head, *pieces] if kind == "parameters" else pieces
            )
        if kind in URIS:
            yield from addressed(number, element)
        elif kind == "via":
            yield from via(number, element)
        elif kind in WORDS:
            for word, match in enumerate(re.finditer(r"[^ \t\r\n]+", text[begin:end])):
                if kind != "warning" or word < 2:
                    yield number, Part("word", word), (begin + match.start(), begin + match.end())
        elif kind in NUMBERS:
            digits = re.match("[0-9]+", text[begin:end])
            assert digits is not None
            yield number, Part("digits"), (begin, begin + digits.end())


def disagreements(name: str, octets: bytes) -> list[str] | None:
    """Return where ``locate`` differs from the tree; ``None`` if there is no tree."""
    try:
        value = Value(HEADER_FIELDS[name].rule, octets)
    except LimitError:
        return None
    written = WrittenValue(name, octets)
    found = []
    wholes: dict[int, Span] = {}
    wanted = list(expected(name, value))
    for number, part, span in wanted:
        if part == WHOLE and span is not None:
            wholes[number] = span
        # What is not there is the whole element.
        place = wholes[number] if span is None else span
        located = written.locate(number, part)
        if located != place:
            begin, end = located
            found.append(
                f"{name} {octets!r} {number} {tuple(part)}: {located} {octets[begin:end]!r},"
                f" not {place} {octets[slice(*place)]!r}"
            )
    if len(elements(name, value.text)) != len(wholes):
        found.append(f"{name} {octets!r}: {len(wholes)} elements")
    return found


@cache
def folded(name: str, octets: bytes) -> list[bytes]:
    """Return the value with folds in place of white space, as far as the grammar has them."""
    chance = random.Random(name)  # noqa: S311 - sampling, not secrecy
    places = [match.span() for match in re.finditer(rb"[ \t]+", octets)]
    found = []
    for begin, end in chance.sample(places, min(FOLDS, len(places))):
        changed = octets[:begin] + b" \r\n\t " + octets[end:]
        if automata("strict").matches(name, changed):
            found.append(changed)
    return found


def held(name: str, values: list[bytes]) -> None:
    """Hold values, and what becomes of them by folding, against their trees."""
    found = [
        disagreements(name, other) for value in values for other in (value, *folded(name, value))
    ]
    assert [line for lines in found for line in lines or ()] == []
    assert any(lines is not None for lines in found)


@pytest.mark.oracle
@pytest.mark.parametrize("name", HEADERS)
def test_values_from_the_rfcs(name: str) -> None:
    held(name, [value.octets for value in VALUES[name].valid])


@pytest.mark.oracle
@pytest.mark.parametrize("name", HEADERS)
def test_sampled_sentences(name: str) -> None:
    held(name, sentences(name, SENTENCES))


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        ("Retry-After", b' 5(a;b "c\r\n );duration=9;x=y'),
        ("Retry-After", b"5 \r\n ;x=y"),
        ("Replaces", b' <a"(b@c;to-tag=1;from-tag=2;x="a;b"'),
        ("Join", b"(a ;to-tag=1; from-tag=2"),
        ("Target-Dialog", b' "@c\r\n ;local-tag=1;remote-tag=2'),
    ],
)
def test_values_that_were_cut_wrongly_once(name: str, octets: bytes) -> None:
    held(name, [octets])


class RequestLine(Value):
    """A Request-Line, by its parse tree."""

    def __init__(self, octets: bytes) -> None:
        self.text = octets.decode("latin-1")
        self.tree = sipgen.parse_tree("Request-Line", octets + b"\r\n")


@pytest.mark.oracle
def test_the_uri_of_a_request_line() -> None:
    compared = 0
    for octets in (*REQUEST_LINES, *sentences(REQUEST_LINE, LINES)):
        value = RequestLine(octets)
        element = Element(value, 0, len(octets))
        place = node_span(element, "request_uri")
        assert place is not None
        written = WrittenValue(REQUEST_LINE, octets)
        assert written.locate(0, Part("uri")) == place
        assert written.locate(0, Part("whole", of_uri=True)) == place
        if octets[slice(*place)].partition(b":")[0].lower() in {b"sip", b"sips"}:
            compared += 1
            for number, part, span in sip_uri(0, element, place):
                wanted = (0, len(octets)) if span is None else span
                assert written.locate(number, part) == wanted, (octets, part)
    assert compared > len(REQUEST_LINES)
