"""The typed reading of a value agrees with its parse tree, and what it writes is correct."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from sipgen.generated.headers import HEADER_FIELDS

from sipgen.errors import LimitError, ParseError
from sipgen.language.automata import automata
from sipgen.limits import MAX_DIGITS
from sipgen.values.families import reading_of
from sipgen.values.text import unquote
from sipgen.values.uri import SipURI
from tests.validation.test_header_values import VALUES
from tests.values.reading import Element, Value, clean, sentences

SENTENCES = 12
HEADERS = [name for name, field in HEADER_FIELDS.items() if field.has_grammar]


def family(name: str) -> str:
    return HEADER_FIELDS[name].family


def same_uri(typed: Any, element: Element, text: str) -> None:
    if not isinstance(typed, SipURI):
        scheme, _, rest = text.partition(":")
        assert str(typed) == f"{scheme.lower()}:{rest}"
        return
    port = element.node("port")
    assert typed.scheme == text.partition(":")[0].lower()
    assert typed.user == (element.node("user") or element.node("bare_user"))
    assert (typed.password or "") == (
        element.node("password") or element.node("bare_password") or ""
    )
    assert typed.host == element.node("host")
    assert typed.port == (None if port is None else int(port))
    assert str(typed.params) == (element.node("uri_parameters") or "")
    headers = element.node("headers")
    assert str(typed.headers) == (headers[1:] if headers else "")


def same_address(typed: Any, element: Element) -> None:
    if element.text == "*":
        assert typed.is_star
        return
    inside = element.bracketed
    if inside is None:
        assert typed.display_name is None
        same_uri(typed.uri, element, element.head)
    else:
        name, uri = inside
        wanted = unquote(name) if name[:1] == '"' else " ".join(name.split()) or None
        assert typed.display_name == wanted
        same_uri(typed.uri, element, uri)
    assert typed.params.pairs == element.params


def same_bare_uri(typed: Any, element: Element) -> None:
    same_uri(typed.uri, element, element.head)
    assert typed.params.pairs == element.params


def same_via(typed: Any, element: Element) -> None:
    port = element.node("port")
    assert typed.transport == element.node("transport")
    assert typed.host == element.node("host")
    assert typed.port == (None if port is None else int(port))
    assert typed.protocol == f"{element.node('protocol_name')}/{element.node('protocol_version')}"
    assert typed.params.pairs == element.params


def same_item(typed: Any, element: Element) -> None:
    assert typed.value == unquote(element.head)
    assert typed.params.pairs == element.params


def same_media(typed: Any, element: Element) -> None:
    assert f"{typed.type}/{typed.subtype}" == re.sub(r"\s*/\s*", "/", element.head)
    assert typed.params.pairs == element.params


def same_number(typed: Any, element: Element) -> None:
    assert typed.number == int(element.head)
    assert typed.params.pairs == element.params


def same_retry_after(typed: Any, element: Element) -> None:
    comment = element.node("comment")
    assert typed.seconds == int(re.match("[0-9]+", element.text)[0])  # type: ignore[index]
    assert typed.comment == (None if comment is None else comment[1:-1])
    assert typed.params.pairs == element.params


def same_warning(typed: Any, element: Element) -> None:
    code, agent, text = element.text.split(None, 2)
    assert typed == (int(code), agent, unquote(text))


def same_timestamp(typed: Any, element: Element) -> None:
    stamp, *delay = element.text.split()
    assert typed.timestamp == Decimal(stamp)
    assert typed.delay == (Decimal(f"0{delay[0]}") if delay else None)


def same_products(typed: Any, element: Element) -> None:
    products = len(element.value.nodes("product")) + len(element.value.nodes("comment"))
    assert len(typed) == products


def same_words(typed: Any, element: Element) -> None:
    *numbers, method = element.text.split()
    assert tuple(typed) == (*map(int, numbers), method)


def same_integer(typed: Any, element: Element) -> None:
    assert typed == int(element.text)


def same_text(typed: Any, element: Element) -> None:
    assert typed == element.text


def same_date(typed: Any, element: Element) -> None:
    assert str(typed)[5:].lower() == element.text[5:].lower()


COMPARE: dict[str, Callable[[Any, Element], None]] = {
    "cseq": same_words,
    "date": same_date,
    "media-type": same_media,
    "name-addr": same_address,
    "number": same_integer,
    "number-with-parameters": same_number,
    "rack": same_words,
    "retry-after": same_retry_after,
    "session-expires": same_number,
    "text": same_text,
    "timestamp": same_timestamp,
    "token": same_text,
    "bare-uri": same_bare_uri,
    "call-id": same_text,
    "tokens": same_text,
    "call-ids": same_text,
    "via": same_via,
    "warning": same_warning,
    **dict.fromkeys(
        (
            *("disposition", "event", "identity", "item", "join", "reason", "replaces"),
            *(
                "plain-word",
                "quoted-word",
                "session-id",
                "subscription-state",
                "target-dialog",
                "word",
            ),
        ),
        same_item,
    ),
}


def agree(name: str, octets: bytes) -> bool:  # noqa: PLR0912 - a case for each family
    """Hold both readings of a value against each other; false if there is no tree."""
    try:
        value = Value(HEADER_FIELDS[name].rule, octets)
    except LimitError:
        return False
    text = clean(octets.decode("latin-1"))
    if re.search(rf"[0-9]{{{MAX_DIGITS + 1}}}", text):
        return False
    reading = reading_of(name)
    typed = reading.value(text)
    whole = Element(value, 0, len(value.text))
    elements = list(value.elements()) if reading.is_list else [whole]
    kind = family(name)
    if kind in {"challenge", "credentials", "authentication-info"}:
        same_authentication(typed if kind == "authentication-info" else typed[0], value)
    elif kind == "privacy":
        assert list(typed) == [part for element in elements for part in element.segments]
    elif kind == "products":
        same_products(typed, elements[0])
    elif kind == "date":
        if typed.second == int(text[-6:-4]):
            same_date(typed, Element(value, 0, len(value.text)))
    elif kind == "parameters":
        typed = typed if reading.is_list else (typed,)
        for one, element in zip(typed, elements, strict=True):
            assert one.pairs == tuple(value.pairs("semi", element.begin, element.end))
    elif kind == "uri":
        assert [str(one) for one in typed] == [
            element.text[:4].lower() + element.text[4:] for element in elements
        ]
    elif not text and reading.is_list:
        assert typed == ()
    else:
        typed = typed if reading.is_list else (typed,)
        for one, element in zip(typed, elements, strict=True):
            COMPARE[kind](one, element)
    return True


def same_authentication(typed: Any, value: Value) -> None:
    text = value.text
    begin = 0
    if hasattr(typed, "scheme"):
        match = re.match(r"\s*([^\s]+)\s+", text)
        assert match is not None
        assert typed.scheme == match[1]
        if typed.token68 is not None:
            assert typed.token68 == clean(text[match.end() :])
            return
        begin = match.end()
        typed = typed.params
    assert typed.pairs == tuple(value.pairs("comma", begin, len(text)))


def impossible(name: str, text: str) -> bool:
    """Whether a value that the ABNF takes cannot be read: there are two kinds.

    A date may be none, and the call-id of RFC 4235, in quotation marks but no quoted-string,
    may hold a quotation mark.
    """
    if family(name) != "date":
        return bool(re.search(r'(?i);\s*call-id\s*=\s*"[^ ]*["\\][^ ]*"', text))
    _, day, month, year, time, _ = text.split()
    try:
        datetime.strptime(f"{day} {month} {year} {time}", "%d %b %Y %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return True
    return False


@pytest.mark.oracle
@pytest.mark.parametrize("name", HEADERS)
def test_sampled_sentences(name: str) -> None:
    compared = 0
    for octets in sentences(name, SENTENCES):
        try:
            compared += agree(name, octets)
        except ParseError:
            if not impossible(name, octets.decode("latin-1")):
                raise
    assert compared or family(name) == "date"


@pytest.mark.oracle
@pytest.mark.parametrize("name", HEADERS)
def test_values_from_the_rfcs(name: str) -> None:
    assert sum(agree(name, value.octets) for value in VALUES[name].valid)


@pytest.mark.parametrize("name", HEADERS)
def test_what_a_value_writes_is_correct_and_reads_the_same(name: str) -> None:
    reading, machine = reading_of(name), automata("strict")
    values = [value.octets for value in VALUES[name].valid] + sentences(name, 200)
    for octets in values:
        text = clean(octets.decode("latin-1"))
        if re.search(rf"[0-9]{{{MAX_DIGITS + 1}}}", text):
            continue
        try:
            typed = reading.value(text)
        except ParseError:
            assert impossible(name, text)
            continue
        hash(typed)
        written = ", ".join(map(str, typed)) if reading.is_list else str(typed)
        if family(name) == "privacy":
            written = ";".join(typed)
        elif family(name) == "products":
            written = " ".join(map(str, typed))
        elif family(name) == "parameters":
            written = ", ".join(str(one)[1:] for one in (typed if reading.is_list else (typed,)))
        assert reading.value(written) == typed
        assert machine.matches(name, written.encode("utf-8", "surrogateescape")), written


@pytest.mark.parametrize("name", HEADERS)
def test_what_is_wrong_is_read_or_refused(name: str) -> None:
    for value in VALUES[name].invalid:
        try:
            reading_of(name).value(clean(value.octets.decode("latin-1")))
        except ParseError as error:
            assert error.finding.start <= error.finding.end  # noqa: PT017
