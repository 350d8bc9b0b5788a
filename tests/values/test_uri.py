"""URIs: components, escapes, equivalence by both RFCs, construction."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sipgen
from sipgen import AbsoluteURI, BuildError, ParseError, SipURI, TelURI, parse_uri
from sipgen.limits import MAX_REMEMBERED_TEXT


def test_components() -> None:
    uri = SipURI.parse("SIPS:al%20ice:pw@[2001:DB8::1]:5061;transport=TCP;lr?a=b&c=sip:d%40e")
    assert uri[:5] == ("sips", "al%20ice", "pw", "[2001:DB8::1]", 5061)
    assert uri.unescaped_user == "al ice"
    assert uri.params == {"transport": "TCP", "lr": None}
    assert uri.headers["C"] == "sip:d%40e"
    assert uri.transport == "tcp"
    assert uri.hostport == "[2001:DB8::1]:5061"
    assert str(uri)[:5] == "sips:"
    assert str(uri)[5:] == "al%20ice:pw@[2001:DB8::1]:5061;transport=TCP;lr?a=b&c=sip:d%40e"
    assert hash(uri) == hash(parse_uri(str(uri)))


@pytest.mark.parametrize(
    "text",
    [
        # RFC 3261 section 19.1.3
        "sip:alice@atlanta.com",
        "sip:alice:secretword@atlanta.com;transport=tcp",
        "sips:alice@atlanta.com?subject=project%20x&priority=urgent",
        "sip:+1-212-555-1212:1234@gateway.com;user=phone",
        "sips:1212@gateway.com",
        "sip:alice@192.0.2.4",
        "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
        "sip:alice;day=tuesday@atlanta.com",
        # RFC 3966
        "tel:+1-201-555-0123",
        "tel:7042;phone-context=example.com",
        "tel:863-1234;phone-context=+1-914-555",
        # others
        "sip:bob@biloxi.example.com:5060",
        "sip:user@host?a=",
        "mailto:a@b.example",
        "urn:service:sos",
        "https://example.com:443/path?query=1#part",
        "cid:abc@example.com",
        "sip:under_score@host_name;x",
        "sip:a#b@host",
    ],
)
def test_what_is_read_is_written(text: str) -> None:
    uri = parse_uri(text)
    assert str(uri) == text
    assert parse_uri(text.encode()) == uri
    assert type(uri).parse(f" {text} ") == uri
    assert uri.equivalent(uri)


def test_examples_of_section_19_1_3() -> None:
    day = SipURI.parse("sip:alice;day=tuesday@atlanta.com")
    assert day.user == "alice;day=tuesday"
    assert not day.params
    phone = SipURI.parse("sip:+1-212-555-1212:1234@gateway.com;user=phone")
    assert (phone.user, phone.password) == ("+1-212-555-1212", "1234")


@pytest.mark.parametrize(
    "text",
    [
        *("", "sip:", "sip:@host", "sip:a@", "sip:a@b@c", "sip:a@b:", "sip:a@b:x", "sip:a b@c"),
        *("sip:a@b;", "sip:a@b;=x", "sip:a@b?", "sip:a@b?x", "sip:a@b?=x", "sip:a@[::1", "//a"),
        *("tel:", "tel:+1x", "tel:+1 2", "tel:+1;", "no-colon", ":a", "1a:b", "http:", "http:a b"),
        *("sip:a@b\r\nVia: x", "sip:a\x00@b", 'sip:"a"@b', "sip:<a@b>", "sip:a@b:" + "1" * 2_000),
    ],
)
def test_what_is_no_uri(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_uri(text)
    assert 0 <= caught.value.finding.start <= caught.value.finding.end <= len(text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [(SipURI, "tel:+1"), (TelURI, "sip:a@b"), (AbsoluteURI, "sip:a@b"), (AbsoluteURI, "tel:+1")],
)
def test_each_kind_reads_its_own(kind: type, text: str) -> None:
    with pytest.raises(ParseError):
        kind.parse(text)  # type: ignore[attr-defined]


EQUIVALENT = [
    # RFC 3261 section 19.1.4
    (
        "sip:%61lice@atlanta.com;transport=TCP",
        "sip:alice@AtLanTa.CoM;Transport=tcp",
    ),
    (
        "sip:carol@chicago.com",
        "sip:carol@chicago.com;newparam=5",
    ),
    (
        "sip:carol@chicago.com",
        "sip:carol@chicago.com;security=on",
    ),
    (
        "sip:carol@chicago.com;newparam=5",
        "sip:carol@chicago.com;security=on",
    ),
    (
        "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
        "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
    ),
    (
        "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
        "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
    ),
    ("sip:carol@chicago.com", "sip:carol@chicago.com;security=off"),
    # its rules
    ("sip:a@h;x=%41", "sip:a@h;x=a"),
    ("sip:a@[2001:db8::1]", "sip:a@[2001:DB8:0:0::1]"),
    ("sip:a%2fb@h", "sip:a%2Fb@h"),
    ("sip:h?To=sip:a%40b", "sip:h?t=%3csip:a%40B%3e"),
    ("sip:h?priority=URGENT", "sip:h?Priority=urgent"),
    # RFC 3966 section 4
    ("tel:+1-201-555-0123", "tel:+1(201)555.0123"),
    ("tel:+1-201-555-0123", "TEL:+12015550123"),
    ("tel:7042;phone-context=example.com", "tel:70-42;phone-context=EXAMPLE.com"),
    ("tel:863-1234;phone-context=+1-914-555", "tel:8631234;phone-context=+1914555"),
    ("tel:+1;ext=1-2;a=b", "tel:+1;A=B;ext=12"),
    ("tel:+1;a=%41", "tel:+1;a=A"),
    ("http://a/%7Eb", "HTTP://a/~b"),
]

DIFFERENT = [
    # RFC 3261 section 19.1.4
    (
        "SIP:ALICE@AtLanTa.CoM;Transport=udp",
        "sip:alice@AtLanTa.CoM;Transport=UDP",
    ),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
    (
        "sip:carol@chicago.com",
        "sip:carol@chicago.com?Subject=next%20meeting",
    ),
    ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
    (
        "sip:carol@chicago.com;security=on",
        "sip:carol@chicago.com;security=off",
    ),
    # its rules
    ("sip:a@h", "sips:a@h"),
    ("sip:a@h", "sip:h"),
    ("sip:a@h", "sip:a:p@h"),
    ("sip:a:p@h", "sip:a:P@h"),
    ("sip:a@h", "sip:a@h;user=phone"),
    ("sip:a@h", "sip:a@h;ttl=1"),
    ("sip:h", "sip:h;method=INVITE"),
    ("sip:a@h", "sip:a@h;maddr=192.0.2.1"),
    ("sip:a@h;x", "sip:a@h;x=1"),
    ("sip:a;b@h", "sip:a%3Bb@h"),
    ("sip:a/b@h", "sip:a%2fb@h"),
    ("sip:h?subject=A", "sip:h?subject=a"),
    ("sip:h?a=b", "sip:h?a=b&a=b"),
    ("sip:a@h", "tel:+1"),
    # RFC 3966 section 4
    ("tel:+12015550123", "tel:12015550123;phone-context=+1"),
    ("tel:7042;phone-context=example.com", "tel:7042;phone-context=example.org"),
    ("tel:7042;phone-context=example.com", "tel:7042;phone-context=+1"),
    ("tel:+1;ext=1", "tel:+1;ext=2"),
    ("tel:+1", "tel:+1;a=b"),
    ("tel:+1", "sip:+1@h;user=phone"),
    ("http://a/b", "http://a/B"),
    ("http://a/b", "https://a/b"),
]


@pytest.mark.parametrize(("one", "other"), EQUIVALENT)
def test_equivalent(one: str, other: str) -> None:
    first, second = parse_uri(one), parse_uri(other)
    assert first.equivalent(second)
    assert second.equivalent(first)
    assert first.comparison_key == second.comparison_key
    assert hash(first.comparison_key) == hash(second.comparison_key)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_not_equivalent(one: str, other: str) -> None:
    assert not parse_uri(one).equivalent(parse_uri(other))
    assert not parse_uri(other).equivalent(parse_uri(one))


def test_a_key_groups_what_may_be_equivalent() -> None:
    bindings = {parse_uri("sip:%61@H").comparison_key: 1}
    assert bindings[parse_uri("sip:a@h;q=1").comparison_key] == 1
    assert parse_uri("sip:[::::]").comparison_key == parse_uri("sip:[::::]").comparison_key


def test_construction() -> None:
    assert str(SipURI("sip", "alice", None, "example.com")) == "sip:alice@example.com"
    params = {"x": "1;2", "lr": None}
    uri = SipURI.of("bob@home", "example.com", 5060, password="a b", params=params)  # noqa: S106
    assert str(uri) == "sip:bob%40home:a%20b@example.com:5060;x=1%3B2;lr"
    assert uri.unescaped_user == "bob@home"
    assert str(SipURI.of(None, "h", headers={"Subject": "a & b"})) == "sip:h?Subject=a%20%26%20b"
    assert str(SipURI(host="h", params={"transport": "tcp"})) == "sip:h;transport=tcp"
    assert str(TelURI("+1-201", {"ext": "5"})) == "tel:+1-201;ext=5"
    assert str(AbsoluteURI("urn", "service:sos")) == "urn:service:sos"
    assert str(uri._replace(user="carol")) == str(uri).replace("bob%40home", "carol")


@pytest.mark.parametrize(
    "make",
    [
        lambda: SipURI("sip", "a b", None, "h"),
        lambda: SipURI("sip", "a@b", None, "h"),
        lambda: SipURI("sip", "a", None, ""),
        lambda: SipURI("sip", "a", None, "h h"),
        lambda: SipURI("sip", "a", None, "h;lr"),
        lambda: SipURI("sip", "a", None, "h:1"),
        lambda: SipURI("sip", "a", None, "h\r\nVia: x"),
        lambda: SipURI("sip", None, "secret", "h"),
        lambda: SipURI("sip", "a", None, "h", -1),
        lambda: SipURI("tel", "a", None, "h"),
        lambda: SipURI("sip", "\u00e9", None, "h"),
        lambda: SipURI("sip", "a", None, "h", params={"a;b": "c"}),
        lambda: SipURI("sip", "a", None, "h", params={"a": "b?c=d"}),
        lambda: SipURI("sip", "a", None, "h", headers={"a": "b&c=d"}),
        lambda: SipURI.parse("sip:a@h")._replace(user="x\n"),
        lambda: SipURI.of("\ud800", "h"),
        lambda: TelURI("12x"),
        lambda: TelURI("7042"),
        lambda: AbsoluteURI("sip", "a@b"),
        lambda: AbsoluteURI("x y", "z"),
        lambda: AbsoluteURI("http", "//a\r\n"),
    ],
)
def test_what_cannot_be_constructed(make: object) -> None:
    with pytest.raises(BuildError):
        make()  # type: ignore[operator]


def test_tel() -> None:
    uri = TelURI.parse("tel:863-1234;phone-context=+1-914-555")
    assert (uri.scheme, uri.number, uri.digits) == ("tel", "863-1234", "8631234")
    assert not uri.is_global
    assert uri.phone_context == "+1-914-555"
    assert TelURI.parse("tel:+1").is_global


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_any_text_can_be_a_user(text: str) -> None:
    for component in ("user", "password", "parameter", "header"):
        escaped = sipgen.escape(text, component)
        assert escaped.isascii()
        assert sipgen.unescape(escaped) == text
    if text:
        assert SipURI.of(text, "h").unescaped_user == text


def test_escapes() -> None:
    assert sipgen.unescape("%zz%4") == "%zz%4"
    assert sipgen.unescape("%C3%A9%ff") == "\u00e9\udcff"
    assert sipgen.escape("a;b?c", "user") == "a;b?c"
    assert sipgen.escape("a;b?c", "parameter") == "a%3Bb%3Fc"
    assert sipgen.escape("[x]", "parameter") == "[x]"
    assert sipgen.escape("%", "header") == "%25"


def test_long_texts_are_read_though_not_remembered() -> None:
    text = "sip:" + "a" * MAX_REMEMBERED_TEXT + "@h"
    assert str(parse_uri(text)) == text
