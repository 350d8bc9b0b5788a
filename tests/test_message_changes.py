"""Changing and building messages: order, places, forms, and what is refused."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sipgen
from sipgen import BuildError, CSeq, NameAddr, Request, Response, SipURI, Via
from sipgen.language.automata import automata
from tests.values.reading import clean, sentences

RAW = (
    b"INVITE sip:bob@b.example SIP/2.0\r\n"
    b"v:  SIP/2.0/UDP one.example;branch=z9hG4bK1 ,\r\n SIP/2.0/UDP two.example;branch=z9hG4bK2\r\n"
    b"Route: <sip:p1.example;lr>, <sip:p2.example;lr>\r\n"
    b"f: <sip:a@b.example>;tag=a\r\nTo: <sip:bob@b.example>\r\n"
    b"Call-ID: 1\r\nCSeq: 7 INVITE\r\nMax-Forwards: 70\r\n"
    b'Authorization: Digest username="a"\r\nl: 4\r\n\r\nbody'
)


def invite() -> Request:
    message = sipgen.parse(RAW)
    assert isinstance(message, Request)
    return message


# -- the same, whatever was read before ---------------------------------------------------

READ = [
    RAW,
    RAW.replace(b" ,\r\n SIP/2.0/UDP two.example;branch=z9hG4bK2", b""),
    RAW.replace(b"Call-ID: 1\r\n", "Subject: \u00e9\r\n\tx\r\nCall-ID: 1\r\n".encode()),
    RAW.replace(b"Call-ID: 1\r\n", b"Call-ID: 1\r\nContent-Length: 4\r\nSubject:  \xff \r\n"),
    RAW.replace(b"l: 4\r\n", b""),
    b"OPTIONS sip:a@b SIP/2.0\r\n\r\n",
]
CHANGES: list[Callable[[Request], object]] = [
    lambda message: message.set("Subject", " new "),
    lambda message: message.add("Subject", "other"),
    lambda message: message.insert("Via", "SIP/2.0/UDP zero;branch=z9hG4bK0"),
    lambda message: message.remove("Route"),
    lambda message: message.remove_first("Via"),
    lambda message: message.remove_first("Call-ID"),
    lambda message: message.replace_first("f", "<sip:new@b>;tag=1"),
    lambda message: setattr(message, "body", b"longer"),
    lambda message: message.copy().remove("Via"),
    lambda message: message.prepare_for_send(),
]


@given(st.sampled_from(READ), st.lists(st.sampled_from(CHANGES), max_size=6), st.integers(0, 6))
@settings(max_examples=300, deadline=None)
def test_values_are_the_same_whenever_they_are_read(
    data: bytes, changes: list[Callable[[Request], object]], when: int
) -> None:
    messages = [sipgen.parse(data), sipgen.parse(data)]
    for number, change in enumerate(changes):
        if number == when:
            _ = [*messages[0].headers]
        for message in messages:
            assert isinstance(message, Request)
            change(message)
    early, late = messages
    assert bytes(early) == bytes(late)
    assert [*early.headers] == [*late.headers]
    assert isinstance(early, Request)
    assert isinstance(late, Request)
    answers = [request.reply(200, to_tag="x") for request in (early, late)]
    assert bytes(answers[0]) == bytes(answers[1])
    assert [*answers[0].headers] == [*answers[1].headers]
    sent = early.outgoing()
    late.prepare_for_send()
    assert sent == late.to_bytes() == early.to_bytes()


# -- places --------------------------------------------------------------------------


def test_messages_from_scratch_are_in_order() -> None:
    request = Request(
        "INVITE",
        "sip:b@c",
        [
            ("X-Own", "1"),
            ("Content-Type", "application/sdp"),
            ("CSeq", "1 INVITE"),
            ("Subject", "s"),
            ("Contact", "<sip:a@b>"),
            ("User-Agent", "u"),
            ("t", "<sip:b@c>"),
            ("X-Two", "2"),
            ("Supported", "timer"),
            ("Via", "SIP/2.0/UDP one"),
            ("Call-ID", "1"),
            ("Allow", "INVITE"),
            ("Via", "SIP/2.0/UDP two"),
            ("From", "<sip:a@b>;tag=1"),
            ("Max-Forwards", "70"),
        ],
        b"v=0\r\n",
    )
    request.prepare_for_send()
    names = [field.name for field in request.headers]
    assert names == [
        *("Via", "Via", "Max-Forwards", "From", "To", "Call-ID", "CSeq", "Contact", "Allow"),
        *("Supported", "User-Agent", "Subject", "Content-Type", "Content-Length"),
        *("X-Own", "X-Two"),
    ]
    assert request.get_all("Via") == ["SIP/2.0/UDP one", "SIP/2.0/UDP two"]
    known = [name for name in names if name in sipgen.HEADER_ORDER]
    assert known == [name for name in sipgen.HEADER_ORDER for _ in range(names.count(name))]


def test_what_is_added_to_a_message_that_was_read_stands_at_the_end() -> None:
    message = invite()
    message.add("Max-Breadth", "60")
    assert message.headers[-1].name == "Max-Breadth"


def test_inserting_at_the_top() -> None:
    message = invite()
    message.insert("Via", Via("UDP", "zero.example", 5060, {"branch": "z9hG4bK0"}))
    message.insert("Record-Route", "<sip:p0.example;lr>")
    assert bytes(message).startswith(
        b"INVITE sip:bob@b.example SIP/2.0\r\nRecord-Route: <sip:p0.example;lr>\r\n"
        b"Via: SIP/2.0/UDP zero.example:5060;branch=z9hG4bK0\r\n"
        b"v:  SIP/2.0/UDP one.example;branch=z9hG4bK1 ,\r\n SIP/2.0/UDP two"
    )
    assert [via.host for via in message.via] == ["zero.example", "one.example", "two.example"]


def test_taking_the_first_value_off() -> None:
    message = invite()
    assert message.remove_first("Via") == "SIP/2.0/UDP one.example;branch=z9hG4bK1"
    assert b"\r\nv: SIP/2.0/UDP two.example;branch=z9hG4bK2\r\n" in bytes(message)
    assert message.remove_first("v") == "SIP/2.0/UDP two.example;branch=z9hG4bK2"
    assert message.remove_first("v") is None
    assert message.top_via is None
    assert message.remove_first("Authorization") == 'Digest username="a"'
    assert bytes(invite()) == RAW


def test_replacing_the_first_value() -> None:
    message = invite()
    message.replace_first("Via", "SIP/2.0/UDP one.example;branch=z9hG4bK1;received=192.0.2.1")
    assert message.get("Via") == (
        "SIP/2.0/UDP one.example;branch=z9hG4bK1;received=192.0.2.1, "
        "SIP/2.0/UDP two.example;branch=z9hG4bK2"
    )
    assert message.top_via is not None
    assert message.top_via.received == "192.0.2.1"
    message.replace_first("Subject", "new")
    assert message.get("Subject") == "new"
    with pytest.raises(BuildError):
        message.replace_first("Via", "nonsense")


# -- forms ---------------------------------------------------------------------------


def test_long_and_compact_names_on_output() -> None:
    message = invite()
    long = message.to_bytes(names="long")
    assert b"\r\nVia:  SIP/2.0/UDP one.example;branch=z9hG4bK1 ,\r\n SIP" in long
    assert b"\r\nFrom: " in long
    assert b"\r\nContent-Length: 4\r\n" in long
    compact = message.to_bytes(names="compact")
    assert b"\r\nt: <sip:bob@b.example>\r\ni: 1\r\nCSeq: 7 INVITE\r\n" in compact
    assert message.to_bytes() == bytes(message) == RAW
    assert sipgen.parse(compact).to_bytes("long") == sipgen.parse(long).to_bytes()
    with pytest.raises(BuildError):
        message.to_bytes(names="short")  # type: ignore[arg-type]


def test_a_line_that_is_no_field_stays_in_every_form() -> None:
    message = sipgen.parse(b"OPTIONS sip:a@b SIP/2.0\r\nno field here\r\ns: x\r\n\r\n")
    assert b"\r\nno field here\r\nSubject: x\r\n" in message.to_bytes(names="long")


def test_values_may_be_typed() -> None:
    request = Request("INVITE", SipURI.of("b", "c.example"))
    request.set("CSeq", CSeq(1, "INVITE"))
    request.set("Max-Forwards", sipgen.DEFAULT_MAX_FORWARDS)
    request.set("Allow", ("INVITE", "ACK"))
    request.set("Contact", [NameAddr("A, B", "sip:a@b"), NameAddr(None, "tel:+1")])
    assert request.request_uri == "sip:b@c.example"
    assert request.get("Allow") == "INVITE, ACK"
    assert request.get("Contact") == '"A, B" <sip:a@b>, <tel:+1>'
    assert [address.display_name for address in request.contact] == ["A, B", None]
    for bad in (None, b"x", True, bytearray(b"x")):
        with pytest.raises(BuildError):
            request.set("Subject", bad)


def test_a_copy_changes_alone() -> None:
    message = invite()
    assert message.cseq == (7, "INVITE")
    other = copy.copy(message)
    other.set("CSeq", "8 INVITE")
    other.body = b"longer body"
    assert (message.cseq, other.cseq) == ((7, "INVITE"), (8, "INVITE"))
    assert bytes(message) == RAW
    assert isinstance(message.copy(), Request)


def test_content_length_follows_the_body() -> None:
    message = invite()
    message.body = "\u00e9\r\n".encode()
    assert message.content_length == 4
    message.body = b""
    assert bytes(message).endswith(b"\r\nContent-Length: 0\r\n\r\n")
    for call in (message.set, message.add, message.insert, message.replace_first):
        with pytest.raises(BuildError, match="octets of the body"):
            call("l", "5")


def test_the_request_uri_can_be_changed() -> None:
    message = invite()
    message.request_uri = "sip:carol@c.example;lr"
    assert bytes(message).startswith(b"INVITE sip:carol@c.example;lr SIP/2.0\r\nv:  SIP")
    assert str(message.uri) == "sip:carol@c.example;lr"
    for bad in ("", "sip:a b", "no uri", "sip:a@b\r\nX: y", "sip:a@b?"):
        with pytest.raises(BuildError):
            message.request_uri = bad


# -- what is refused -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CSeq", "x INVITE"),
        ("Via", "SIP/2.0/UDP h;branch=z9 z9"),
        ("From", "<sip:a@b"),
        ("Contact", "sip:a@b?c=d"),
        ("Content-Type", "text"),
        ("Max-Forwards", "many"),
        ("Max-Forwards", ""),
        ("Call-ID", "a b"),
        ("Subject", "a\x7fb"),
        ("X-Own", "\udc80"),
        ("X Own", "1"),
        ("", "1"),
    ],
)
def test_values_that_the_grammar_forbids(name: str, value: str) -> None:
    request = Request("OPTIONS", "sip:a@b")
    for call in (request.add, request.set, request.insert):
        with pytest.raises(BuildError):
            call(name, value)
    with pytest.raises(BuildError):
        Response(200, None, [(name, value)])
    assert len(request.headers) == 0


def test_an_error_says_where() -> None:
    with pytest.raises(BuildError, match='unexpected "x" at byte 2'):
        Request("OPTIONS", "sip:a@b").add("Max-Forwards", "70x")
    with pytest.raises(BuildError, match="ends too early"):
        Request("OPTIONS", "sip:a@b").add("CSeq", "1")
    with pytest.raises(BuildError, match="unexpected byte 0xC3 at byte 1"):
        Request("OPTIONS", "sip:a@b").add("Call-ID", "a\u00e9")
    with pytest.raises(BuildError, match="UTF-8"):
        Request("OPTIONS", "sip:a@b").add("Subject", "\udcff")


@pytest.mark.parametrize("reason", ["a\r\nb", "\x00", "a\tb\x0b"])
def test_a_reason_phrase_is_one_line(reason: str) -> None:
    with pytest.raises(BuildError):
        Response(200, reason)
    with pytest.raises(BuildError):
        invite().reply(200, reason)


# -- requests that follow ------------------------------------------------------------


def test_the_ack_of_a_failure() -> None:
    request = invite()
    response = request.reply(486, to_tag="b")
    ack = request.ack(response)
    assert bytes(ack) == (
        b"ACK sip:bob@b.example SIP/2.0\r\n"
        b"Via: SIP/2.0/UDP one.example;branch=z9hG4bK1\r\n"
        b"Max-Forwards: 70\r\n"
        b"Route: <sip:p1.example;lr>, <sip:p2.example;lr>\r\n"
        b"From: <sip:a@b.example>;tag=a\r\nTo: <sip:bob@b.example>;tag=b\r\n"
        b'Call-ID: 1\r\nCSeq: 7 ACK\r\nAuthorization: Digest username="a"\r\n'
        b"Content-Length: 0\r\n\r\n"
    )
    with pytest.raises(BuildError, match="not 200"):
        request.ack(request.reply(200))
    with pytest.raises(BuildError, match="not to BYE"):
        Request("BYE", "sip:a@b").ack(response)


def test_the_cancel_of_a_request() -> None:
    cancel = invite().cancel()
    assert bytes(cancel) == (
        b"CANCEL sip:bob@b.example SIP/2.0\r\n"
        b"Via: SIP/2.0/UDP one.example;branch=z9hG4bK1\r\n"
        b"Max-Forwards: 70\r\n"
        b"Route: <sip:p1.example;lr>, <sip:p2.example;lr>\r\n"
        b"From: <sip:a@b.example>;tag=a\r\nTo: <sip:bob@b.example>\r\n"
        b"Call-ID: 1\r\nCSeq: 7 CANCEL\r\nContent-Length: 0\r\n\r\n"
    )
    assert sipgen.validate(bytes(cancel)).ok
    for method in ("ACK", "CANCEL"):
        with pytest.raises(BuildError):
            Request(method, "sip:a@b").cancel()
    with pytest.raises(BuildError, match="no Via"):
        Request("INVITE", "sip:a@b").cancel()


# -- all together --------------------------------------------------------------------

MANDATORY = [
    ("Via", "SIP/2.0/UDP h.example;branch=z9hG4bK1"),
    ("Max-Forwards", "70"),
    ("From", "<sip:a@b.example>;tag=1"),
    ("To", "<sip:b@c.example>"),
    ("Call-ID", "1"),
    ("CSeq", "1 OPTIONS"),
]
FREE = [
    *("Accept", "Accept-Language", "Allow", "Call-Info", "Date", "Organization", "Reason"),
    *("Subject", "Supported", "User-Agent", "Warning", "Record-Route", "Path", "Identity"),
]
DRAWN = {name: [clean(one.decode("latin-1")) for one in sentences(name, 40)] for name in FREE}


@pytest.mark.parametrize(("name", "value"), [("Accept-Language", ""), ("Contact", "*")])
def test_what_may_only_stand_alone_is_not_put_into_a_list(name: str, value: str) -> None:
    listed = {"Accept-Language": "da, en", "Contact": "<sip:a@b>, <sip:c@d>"}[name]
    request = Request("REGISTER", "sip:b", [(name, listed)])
    with pytest.raises(BuildError, match=name):
        request.replace_first(name, value)
    assert request.get(name) == listed
    request.set(name, "da" if name != "Contact" else "<sip:a@b>")
    request.replace_first(name, value)
    assert request.get(name) == value


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_what_is_written_the_strict_grammar_accepts(data: st.DataObject) -> None:
    body = data.draw(st.binary(max_size=20))
    request = Request("OPTIONS", "sip:b@c.example", MANDATORY, body)
    for _ in range(data.draw(st.integers(0, 6))):
        name = data.draw(st.sampled_from(FREE))
        value = data.draw(st.one_of(st.sampled_from(DRAWN[name]), st.text(max_size=12)))
        change = data.draw(st.sampled_from(["set", "add", "insert", "replace_first"]))
        try:
            getattr(request, change)(name, value)
        except BuildError:
            continue
    if data.draw(st.booleans()):
        request.remove(data.draw(st.sampled_from(FREE)))
    request.prepare_for_send()
    for form in ("received", "long", "compact"):
        written = request.to_bytes(names=form)
        again = sipgen.parse(written)
        assert again.defects == ()
        assert again.body == body
        assert [(f.name, f.value) for f in again.headers] == [
            (f.name, f.value) for f in request.headers
        ]
        machine = automata("strict")
        for field in again.headers:
            assert machine.matches(field.name, field.value.encode())
        grammar = [
            finding
            for finding in sipgen.validate(written).findings
            if finding.severity == "error" and finding.rule in GRAMMAR_RULES
        ]
        assert grammar == []
    reply = request.reply(200, to_tag="t")
    assert sipgen.parse(bytes(reply)).defects == ()


GRAMMAR_RULES = {"line-end", "control-character", "header-name", "start-line", *FREE}
