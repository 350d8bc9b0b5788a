"""Typed values: what they tell, what they write, and what cannot be made."""

from __future__ import annotations

import contextlib
import copy
import pickle
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sipgen.generated.headers import HEADER_FIELDS

import sipgen
from sipgen import (
    BuildError,
    Challenge,
    Credentials,
    CSeq,
    MediaType,
    NameAddr,
    Parameters,
    ParseError,
    RAck,
    SipURI,
    Via,
    split_list,
)
from sipgen.language.automata import automata
from sipgen.values import items, numbers
from sipgen.values.address import BareURI
from sipgen.values.families import FAMILIES, reading_of
from sipgen.values.splitting import separators


def test_every_header_field_has_a_family_and_every_family_a_header_field() -> None:
    assert {field.family for field in HEADER_FIELDS.values()} == set(FAMILIES)
    for name in HEADER_FIELDS:
        reading_of(name)
    text = [name for name, field in HEADER_FIELDS.items() if field.family == "text"]
    assert {"Subject", "Organization", "MIME-Version"} == {
        name for name in text if HEADER_FIELDS[name].has_grammar
    }


# -- parameters ----------------------------------------------------------------------


def test_parameters_are_a_mapping() -> None:
    params = Parameters.parse(';Tag=a1;lr; x = "a \\"b\\"";TAG=other;y=[::1]')
    assert dict(params) == {"tag": "a1", "lr": None, "x": 'a "b"', "y": "[::1]"}
    assert params["TAG"] == "a1"
    assert params.get("none") is None
    assert params.get("none", 1) == 1
    assert "LR" in params
    assert 5 not in params  # type: ignore[comparison-overlap]
    assert list(params) == list(params.keys()) == ["tag", "lr", "x", "y"]
    assert list(params.values())[:2] == ["a1", None]
    assert len(params) == 4
    assert params.pairs[3] == ("TAG", "other")
    assert str(params) == ';Tag=a1;lr;x="a \\"b\\"";TAG=other;y=[::1]'
    with pytest.raises(KeyError):
        params["none"]
    with pytest.raises(TypeError):
        params["x"] = "y"  # type: ignore[index]
    with pytest.raises(AttributeError):
        params.new = 1  # type: ignore[attr-defined]


def test_parameters_are_equal_if_they_say_the_same() -> None:
    one, other = Parameters.parse(";a=b;c"), Parameters.parse(';C;A="b"')
    assert one == other == {"a": "b", "c": None}
    assert hash(one) == hash(other)
    assert one != Parameters.parse(";a=B;c")
    assert one != 5
    assert {one: 1}[other] == 1
    assert repr(one) == "Parameters({'a': 'b', 'c': None})"
    assert copy.deepcopy(one) == pickle.loads(pickle.dumps(one)) == one  # noqa: S301


def test_parameters_changed() -> None:
    params = Parameters.parse(";a=1;b;c=3")
    assert str(params.with_("B", "x y")) == ';a=1;B="x y";c=3'
    assert str(params.with_("d")) == ";a=1;b;c=3;d"
    assert str(params.without("A")) == ";b;c=3"
    assert str(params) == ";a=1;b;c=3"
    assert str(Parameters([("a", ""), ("b", "[::1]")])) == ';a="";b=[::1]'


@pytest.mark.parametrize(
    "make",
    [
        lambda: Parameters({"a b": "c"}),
        lambda: Parameters({"": "c"}),
        lambda: Parameters({"a;b": None}),
        lambda: Parameters({"a": "b\r\nVia: c"}),
        lambda: Parameters({"a": "b\x00"}),
        lambda: Parameters.written([("a", "b;c=d")]),
        lambda: Parameters.written([("a", '"b')]),
        lambda: Parameters().with_("a=b"),
        lambda: sipgen.quote("\n"),
    ],
)
def test_parameters_that_cannot_be_written(make: Callable[[], object]) -> None:
    with pytest.raises(BuildError):
        make()


@pytest.mark.parametrize("text", [";", "a", ";a=", ';a="b', ";a=b c", ";;a", ";a=b,c", ";a b"])
def test_malformed_parameters(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        Parameters.parse(text)
    assert caught.value.finding.rule == "generic-param"


# -- lists ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a, b ,c", ["a", "b", "c"]),
        ("a,,b,", ["a", "", "b", ""]),
        ('"a,b" <sip:c,d@e>;x="f,\\"g,", <h>', ['"a,b" <sip:c,d@e>;x="f,\\"g,"', "<h>"]),
        ("1 (a, (b,) \\), c), 2", ["1 (a, (b,) \\), c)", "2"]),
        ("sip:a(b,c", ["sip:a(b", "c"]),
        ('"a,b', ['"a,b']),
        ('"a,\\', ['"a,\\']),
        ("<a,b", ["<a,b"]),
        ("(a, b", ["(a, b"]),
    ],
)
def test_splitting_lists(text: str, elements: list[str]) -> None:
    assert split_list(text) == elements


def test_splitting_at_other_separators() -> None:
    text = 'a "x;y";<sip:b;c>; (d;e);f(;g'
    assert [text[at:] for at in separators(text, ";")] == [
        ";<sip:b;c>; (d;e);f(;g",
        "; (d;e);f(;g",
        ";f(;g",
        ";g",
    ]


# -- addresses -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "uri", "params", "written"),
    [
        ('"A. \\"B\\"" <sip:a@b;lr>;tag=1', 'A. "B"', "sip:a@b;lr", {"tag": "1"}, None),
        ("Bob  Lee <sip:a@b>", "Bob Lee", "sip:a@b", {}, "Bob Lee <sip:a@b>"),
        ("<sip:a@b;x=y>;q=0.5", None, "sip:a@b;x=y", {"q": "0.5"}, None),
        ("sip:a@b;tag=1", None, "sip:a@b", {"tag": "1"}, "<sip:a@b>;tag=1"),
        ('"" <tel:+1>', "", "tel:+1", {}, None),
        ('"<sip:x>, y" <sip:a@b>', "<sip:x>, y", "sip:a@b", {}, None),
        ('sip:a@b;+x="<urn:y>"', None, "sip:a@b", {"+x": "<urn:y>"}, '<sip:a@b>;+x="<urn:y>"'),
        ("J\u00f6rg <sip:a@b>", "J\u00f6rg", "sip:a@b", {}, '"J\u00f6rg" <sip:a@b>'),
        ('"a\\\\" <sip:a@b>;TAG=x', "a\\", "sip:a@b", {"tag": "x"}, None),
        ("<http://a/b>;purpose=icon", None, "http://a/b", {"purpose": "icon"}, None),
    ],
)
def test_addresses(
    text: str, name: str | None, uri: str, params: dict[str, str], written: str | None
) -> None:
    address = NameAddr.parse(text)
    assert (address.display_name, str(address.uri)) == (name, uri)
    assert address.params == params
    assert address.tag == params.get("tag")
    assert str(address) == (written or text)
    assert NameAddr.parse(str(address)) == address
    assert not address.is_star
    assert hash(address) == hash(NameAddr.parse(str(address)))


def test_the_star_of_a_contact() -> None:
    star = NameAddr.parse("*")
    assert star.is_star
    assert str(star) == "*"


@pytest.mark.parametrize(
    "text",
    [
        *("", "<", "<>", "<sip:a@b", '"a <sip:a@b>', '"a" sip:a@b', "a b sip:a@b", "*;a", "<sip:a"),
        *("<sip:a@b>x", "<sip:a@b>;tag", "<sip:a@b>;tag=", "a@b", '"a"b <sip:a@b>', ";tag=1"),
    ],
)
def test_malformed_addresses(text: str) -> None:
    if text == "<sip:a@b>;tag":
        assert NameAddr.parse(text).tag is None
        return
    with pytest.raises(ParseError):
        NameAddr.parse(text)


def test_addresses_made() -> None:
    address = NameAddr('Bob "B"', "sip:bob@b.example", {"tag": "x"})
    assert str(address) == '"Bob \\"B\\"" <sip:bob@b.example>;tag=x'
    assert address.with_params({}).tag is None
    assert address._replace(display_name=None).display_name is None
    assert str(NameAddr(None, SipURI.of("a", "h"))) == "<sip:a@h>"
    for make in (
        lambda: NameAddr("a\r\nVia: x", "sip:a@b"),
        lambda: NameAddr("a", "no uri"),
        lambda: NameAddr("a", "sip:a@b>;x=<"),
        lambda: address._replace(display_name="\n"),
        lambda: BareURI("nothing"),
    ):
        with pytest.raises(BuildError):
            make()
    assert str(BareURI("sip:a@b", {"token": "x"})) == "sip:a@b;token=x"


# -- Via -----------------------------------------------------------------------------


def test_via() -> None:
    via = Via.parse(
        "SIP / 2.0 / UDP [2001:db8::9]:5060 ;received=[2001:db8::1];rport=9;branch=z9;maddr=h"
    )
    assert (via.protocol, via.transport, via.host, via.port) == (
        "SIP/2.0",
        "UDP",
        "[2001:db8::9]",
        5060,
    )
    assert (via.branch, via.received, via.rport, via.maddr) == ("z9", "2001:db8::1", 9, "h")
    assert via.sent_by == "[2001:db8::9]:5060"
    assert str(via).startswith("SIP/2.0/UDP [2001:db8::9]:5060;received=[2001:db8::1];rport=9")
    assert Via.parse("SIP/2.0/TCP h;received=2001:db8::1").received == "2001:db8::1"
    assert Via.parse("SIP/2.0/TCP h;rport").rport is True
    assert Via.parse("SIP/2.0/TCP h;rport=x").rport is None
    plain = Via.parse("SIP/2.0/TCP h")
    assert (plain.rport, plain.branch, plain.received, plain.port) == (None, None, None, None)
    assert str(Via("UDP", "h", 5060, {"branch": "z9hG4bK1", "rport": None})) == (
        "SIP/2.0/UDP h:5060;branch=z9hG4bK1;rport"
    )
    assert via._replace(port=None).sent_by == "[2001:db8::9]"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SIP/2.0/UDP",
        "SIP/2.0 h",
        "SIP/2.0/UDP h:",
        "SIP/2.0/UDP h h",
        "SIP/2.0/UDP h;branch=a b",
    ],
)
def test_malformed_via(text: str) -> None:
    with pytest.raises(ParseError):
        Via.parse(text)


# -- the others ----------------------------------------------------------------------


def test_cseq_and_rack() -> None:
    assert CSeq.parse("4711 INVITE") == (4711, "INVITE")
    assert CSeq.parse("0009 \t PRACK") == (9, "PRACK")
    assert str(CSeq(1, "ACK")) == "1 ACK"
    assert str(RAck.parse("776656 1 INVITE")) == "776656 1 INVITE"
    assert RAck(1, 2, "INVITE").cseq_num == 2
    for text in ("", "1", "INVITE 1", "1 INV@", "x INVITE", "-1 INVITE", "\u0661 INVITE", "1  "):
        with pytest.raises(ParseError):
            CSeq.parse(text)
    for text in ("", "1 2", "1 2 @", "1 x INVITE"):
        with pytest.raises(ParseError):
            RAck.parse(text)
    for make in (lambda: CSeq(-1, "A"), lambda: CSeq(1, "A B"), lambda: RAck(1, -2, "A")):
        with pytest.raises(BuildError):
            make()
    with pytest.raises(BuildError):
        CSeq(1, "ACK")._replace(method="")


def test_challenge() -> None:
    text = (
        'Digest realm="a, \\"b\\"", domain="sip:a sip:b", nonce="n",opaque="",'
        ' stale=TRUE, algorithm=MD5, qop="auth,auth-int"'
    )
    challenge = Challenge.parse(text)
    assert challenge.is_digest
    assert (challenge.realm, challenge.nonce, challenge.opaque) == ('a, "b"', "n", "")
    assert (challenge.algorithm, challenge.stale) == ("MD5", True)
    assert challenge.qop == ("auth", "auth-int")
    assert challenge.domain == ("sip:a", "sip:b")
    made = Challenge("Digest", {"realm": "x", "nonce": "1", "qop": "auth", "algorithm": "MD5"})
    assert str(made) == 'Digest realm="x", nonce="1", qop="auth", algorithm=MD5'
    assert Challenge.parse("Digest realm=x").qop == ()
    for bad in ("Digest", "Digest ", "Digest a", 'Digest a="b', "Digest a=b,", "Digest a=b;c=d"):
        if bad == "Digest a":
            assert Challenge.parse(bad).token68 == "a"
            continue
        with pytest.raises(ParseError):
            Challenge.parse(bad)
    with pytest.raises(BuildError):
        Challenge("Digest", {"realm": "a\r\nb"})


def test_credentials() -> None:
    text = (
        'Digest username="bob", realm="b", nonce="n", uri="sip:b", response="0f",'
        ' cnonce="c", qop=auth, nc=0000000a'
    )
    credentials = Credentials.parse(text)
    assert (credentials.username, credentials.uri, credentials.response) == ("bob", "sip:b", "0f")
    assert (credentials.cnonce, credentials.qop, credentials.nonce_count) == ("c", "auth", 10)
    assert Credentials.parse("Digest nc=x").nonce_count is None
    assert "0f" not in repr(credentials) + repr(credentials.params)
    assert "bob" in repr(credentials.params)
    made = Credentials("Digest", credentials.params)
    assert Credentials.parse(str(made)) == made == credentials
    bearer = Credentials.parse("Bearer abc.def==")
    assert (bearer.token68, str(bearer)) == ("abc.def==", "Bearer abc.def==")
    info = sipgen.AuthenticationInfo.parse('nextnonce="x", rspauth="", qop=auth')
    assert (info.nextnonce, info.rspauth) == ("x", "")
    assert info.get("nc") is None


def test_media_types() -> None:
    media = MediaType.parse('Application / SDP ; charset="utf-8"')
    assert (media.type, media.subtype, media.essence) == ("Application", "SDP", "application/sdp")
    assert media.charset == "utf-8"
    assert str(MediaType("multipart", "mixed", {"boundary": "a b"})) == (
        'multipart/mixed;boundary="a b"'
    )
    assert MediaType.parse("a/b;boundary=x").boundary == "x"
    for text in ("", "a", "a/", "/b", "a/b c", "a/b;", "a/b/c"):
        with pytest.raises(ParseError):
            MediaType.parse(text)


def test_dates() -> None:
    date = sipgen.Date.parse("Sat, 13 Nov 2010 23:29:00 GMT")
    assert date == datetime(2010, 11, 13, 23, 29, tzinfo=UTC)
    assert str(date) == "Sat, 13 Nov 2010 23:29:00 GMT"
    east = datetime(2010, 11, 14, 1, 29, tzinfo=timezone(timedelta(hours=2)))
    assert str(sipgen.Date.of(east)) == str(date)
    leap = sipgen.Date.parse("Sat, 31 Dec 2016 23:59:60 GMT")
    assert str(leap) == "Sun, 01 Jan 2017 00:00:00 GMT"
    for text in (
        "",
        "13 Nov 2010 23:29:00 GMT",
        "Sat, 31 Feb 2010 23:29:00 GMT",
        "Sat, 13 Nov 2010",
    ):
        with pytest.raises(ParseError):
            sipgen.Date.parse(text)
    with pytest.raises(BuildError):
        sipgen.Date.of(datetime(2010, 1, 1))  # noqa: DTZ001


def test_words_with_parameters() -> None:
    event = items.Event.parse("presence.winfo.winfo;id=7")
    assert (event.package, event.templates, event.id) == ("presence", ("winfo", "winfo"), "7")
    state = sipgen.SubscriptionState.parse("terminated;reason=timeout;retry-after=5;expires=x")
    assert (state.value, state.reason, state.retry_after, state.expires) == (
        "terminated",
        "timeout",
        5,
        None,
    )
    reason = sipgen.Reason.parse('SIP;cause=480;text="Gone, \\"really\\""')
    assert (reason.value, reason.cause, reason.text) == ("SIP", 480, 'Gone, "really"')
    assert str(sipgen.Reason("Q.850", {"cause": "16", "text": "Terminated"})) == (
        'Q.850;cause=16;text="Terminated"'
    )
    assert sipgen.Disposition.parse("session;handling=OPTIONAL").handling == "optional"
    assert sipgen.Disposition.parse("session").handling is None
    replaces = sipgen.Replaces.parse("a@b;to-tag=1;from-tag=2;early-only")
    assert (replaces.call_id, replaces.to_tag, replaces.from_tag) == ("a@b", "1", "2")
    assert replaces.early_only
    assert sipgen.Join.parse("a;to-tag=1;from-tag=2").from_tag == "2"
    target = sipgen.TargetDialog.parse("a;local-tag=1;remote-tag=2")
    assert (target.local_tag, target.remote_tag) == ("1", "2")
    session = sipgen.SessionID.parse("ab30317f1a784dc48ff824d0d3715d86;remote=0")
    assert (session.local_uuid[:4], session.remote_uuid) == ("ab30", "0")
    identity = sipgen.Identity.parse("a.b.c;info=<https://c.example/p.cer>;alg=ES256;ppt=shaken")
    assert (identity.info, identity.algorithm) == ("https://c.example/p.cer", "ES256")
    assert (identity.value, identity.passport_type) == ("a.b.c", "shaken")
    assert sipgen.Identity.parse('"abc="').info is None
    word = items.Word.parse('"other net";a')
    assert (word.value, str(word)) == ("other net", '"other net";a')
    assert str(items.Word("net")) == "net"
    assert str(sipgen.Item("gzip", {"q": "0.5"}).with_params({})) == "gzip"
    for text in ("", "a b", ";x", '"a"', "a;", "a;b=c d"):
        with pytest.raises(ParseError):
            sipgen.Item.parse(text)
    for value in ("a b", "a;b", ""):
        with pytest.raises(BuildError):
            sipgen.Item(value)


def test_numbers() -> None:
    expires = sipgen.SessionExpires.parse("1800;refresher=UAC")
    assert (expires.number, expires.refresher) == (1800, "uac")
    assert str(sipgen.SessionExpires(90, {"refresher": "uas"})) == "90;refresher=uas"
    assert sipgen.SessionExpires.parse("9").refresher is None
    retry = sipgen.RetryAfter.parse("120 (in a (long) meeting);duration=3600")
    assert (retry.seconds, retry.comment, retry.duration) == (120, "in a (long) meeting", 3600)
    assert str(retry) == "120 (in a (long) meeting);duration=3600"
    assert sipgen.RetryAfter.parse("5;duration=x").duration is None
    warning = numbers.Warning.parse('307 isi.edu:5060 "no \\"x\\""')
    assert warning == (307, "isi.edu:5060", 'no "x"')
    assert str(numbers.Warning(5, "h", "t")) == '005 h "t"'
    stamp = sipgen.Timestamp.parse("54.210 .5")
    assert stamp == (Decimal("54.21"), Decimal("0.5"))
    assert str(sipgen.Timestamp(54, Decimal("0.5"))) == "54 0.5"
    for kind, text in (
        (sipgen.SessionExpires, "x"),
        (sipgen.SessionExpires, "1" * 2_000),
        (sipgen.RetryAfter, "soon"),
        (sipgen.RetryAfter, "5 (open"),
        (sipgen.RetryAfter, "5 x"),
        (numbers.Warning, "30 a b"),
        (sipgen.Timestamp, ".5"),
        (sipgen.Timestamp, ""),
    ):
        with pytest.raises(ParseError):
            kind.parse(text)
    for make in (
        lambda: sipgen.SessionExpires(-1),
        lambda: sipgen.RetryAfter(1, "a)b"),
        lambda: numbers.Warning(1, "a b", "c"),
        lambda: numbers.Warning(1000, "a", "c"),
        lambda: sipgen.Timestamp(Decimal("NaN")),
        lambda: sipgen.Timestamp(-1),
    ):
        with pytest.raises(BuildError):
            make()


def test_products() -> None:
    read = reading_of("User-Agent").value("Soft phone/1.5 (build (7)) x/2")
    assert [str(part) for part in read] == ["Soft", "phone/1.5", "(build (7))", "x/2"]
    assert sipgen.Product("a", "1") == sipgen.Product.parse("a/1")
    assert sipgen.Comment.parse("(a)").text == "a"
    for text in ("", "(a", "a/", "@"):
        with pytest.raises(ParseError):
            reading_of("Server").value(text)
    for make in (lambda: sipgen.Product("a b"), lambda: sipgen.Comment("a)")):
        with pytest.raises(BuildError):
            make()
    with pytest.raises(ParseError):
        sipgen.Product.parse("(a)")
    with pytest.raises(ParseError):
        sipgen.Comment.parse("a")


def test_values_take_octets_and_folds() -> None:
    assert NameAddr.parse(b'"J\xc3\xb6"\r\n <sip:a@b>\r\n\t;tag=1') == NameAddr.parse(
        '"J\u00f6" <sip:a@b> ;tag=1'
    )
    assert CSeq.parse(memoryview(b" 1\r\n INVITE ")) == (1, "INVITE")


HOSTILE = [
    *(" " * 30_000, "\t" * 30_000 + "x", ";" * 30_000, ";a" * 15_000, ";a=" * 10_000),
    *("<" * 30_000, '"' * 30_001, '"\\' * 15_000, "(" * 30_000, "( " * 15_000, "," * 30_000),
    *("a " * 15_000, "sip:a@" * 5_000, "sip:" + "a" * 30_000, '"a" ' * 7_000, "a," * 15_000),
    *("<sip:a@b>," * 3_000, "a/" * 15_000, '=""' * 10_000, "1" * 30_000, "%41" * 10_000),
    *("Digest " + 'a="b",' * 5_000, "sip:a@h" + ";a=b" * 7_000, "\\" * 30_000, "\r\n " * 10_000),
]


@pytest.mark.timing
@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_reading_takes_linear_time(number: int) -> None:
    text = HOSTILE[number]
    automata("abnf")
    for name in HEADER_FIELDS:
        reading = reading_of(name)
        begin = time.process_time()
        with contextlib.suppress(ParseError):
            reading.value(text)
        assert time.process_time() - begin < 1.5, name
