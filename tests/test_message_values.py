"""Typed values on messages: attributes, caches, and what is malformed."""

from __future__ import annotations

import pytest

import sipgen
from sipgen import BodyPart, LimitError, MediaType, ParseError, Request, SipURI
from sipgen.limits import MAX_MULTIPART_NESTING

RAW = (
    b"INVITE sip:bob@b.example;lr SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP one.example;branch=z9hG4bK1, SIP/2.0/UDP two.example\r\n"
    b"v: SIP/2.0/UDP three.example\r\n"
    b'f: "A" <sip:a@b.example>;tag=a\r\n'
    b"To: <sip:bob@b.example>\r\n"
    b"Call-ID: 1@h\r\nCSeq: 7\r\n\tINVITE\r\nMax-Forwards: 69\r\n"
    b"m: <sip:a@h>, sip:b@h;q=0.5\r\nRoute: <sip:p.example;lr>\r\n"
    b"Record-Route: <sip:q.example;lr>\r\nRecord-Route: <sip:r.example;lr>\r\n"
    b'WWW-Authenticate: Digest realm="a, b", qop="auth,auth-int"\r\n'
    b'WWW-Authenticate: Digest realm="c"\r\n'
    b"P-Asserted-Identity: <sip:a@b.example>, <tel:+1>\r\n"
    b"Supported:\r\nAllow: INVITE,ACK\r\nX-Own: some text\r\n"
    b'c: text/plain;charset="latin-1"\r\nl: 1\r\n\r\n\xe9'
)


def invite() -> Request:
    message = sipgen.parse(RAW)
    assert isinstance(message, Request)
    return message


def test_attributes() -> None:
    message = invite()
    assert [via.host for via in message.via] == ["one.example", "two.example", "three.example"]
    assert message.top_via == message.via[0]
    assert message.from_ is not None
    assert (message.from_.display_name, message.from_.tag) == ("A", "a")
    assert message.to is not None
    assert message.to.tag is None
    assert (message.call_id, message.cseq, message.max_forwards) == ("1@h", (7, "INVITE"), 69)
    assert [str(address.uri) for address in message.contact] == ["sip:a@h", "sip:b@h"]
    assert len(message.route) == 1
    assert [str(address.uri) for address in message.record_route] == [
        "sip:q.example;lr",
        "sip:r.example;lr",
    ]
    assert message.content_type == MediaType("text", "plain", {"charset": "latin-1"})
    assert message.content_length == 1
    assert isinstance(message.uri, SipURI)
    assert message.uri.params == {"lr": None}


def test_typed() -> None:
    message = invite()
    assert message.typed("from") is message.typed("F") is message.from_
    challenges = message.typed("www-authenticate")
    assert [challenge.realm for challenge in challenges] == ["a, b", "c"]
    assert [str(address.uri) for address in message.typed("P-Asserted-Identity")] == [
        "sip:a@b.example",
        "tel:+1",
    ]
    assert message.typed("Supported") == ()
    assert message.typed("Allow") == ("INVITE", "ACK")
    assert message.typed("X-Own") == "some text"
    assert message.typed("X-None") is None
    assert message.typed("Authorization") == ()
    assert message.typed("Require") == ()
    assert message.typed("Expires") is None
    assert Request("BYE", "sip:a@b").via == ()
    assert Request("BYE", "sip:a@b").top_via is None


def test_a_change_is_read_anew() -> None:
    message = invite()
    assert message.cseq == (7, "INVITE")
    assert message.top_via is message.top_via
    message.set("CSeq", "8 INVITE")
    assert message.cseq == (8, "INVITE")
    message.remove("Via")
    assert message.via == ()
    message.add("Via", "SIP/2.0/TCP new")
    assert str(message.top_via) == "SIP/2.0/TCP new"


@pytest.mark.parametrize(
    ("line", "name", "at", "fault"),
    [
        (b"From: <sip:a@b", "From", -1, b""),
        (b"CSeq: 1 INV@TE", "CSeq", 11, b"@"),
        (b"CSeq:\r\n x INVITE", "CSeq", 8, b"x"),
        (b"Max-Forwards: 7o", "Max-Forwards", 15, b"o"),
        (b"Via: SIP/2.0/UDP h, SIP/2.0/UDP ;x", "Via", 32, b";"),
        (b'Contact: <sip:a@b>, "x', "Contact", -1, b""),
        (b"Content-Type: text", "Content-Type", -1, b""),
        (b"Require:", "Require", -1, b""),
    ],
)
def test_what_is_malformed_has_its_place(line: bytes, name: str, at: int, fault: bytes) -> None:
    start = b"\r\n\r\nOPTIONS sip:a@b SIP/2.0\r\nSubject: x\r\n"
    message = sipgen.parse(start + line + b"\r\nCall-ID: c\r\n\r\n")
    with pytest.raises(ParseError) as caught:
        message.typed(name)
    finding = caught.value.finding
    place = len(start) + (at if at >= 0 else len(line))
    assert (finding.start, finding.end) == (place, place + len(fault))
    read = start + line
    assert read[finding.start : finding.end] == fault
    assert finding.line == read[: finding.start].count(b"\n") + 1
    assert (finding.header, finding.severity) == (name, "error")
    assert finding.rfc is not None
    assert finding.message.startswith(f"{name}: ")
    # The rest of the message is as usable as ever, and the fault is told again.
    assert message.call_id == "c"
    assert message.get("Subject") == "x"
    with pytest.raises(ParseError):
        message.typed(name)


def test_what_the_grammar_takes_and_no_reader_can_has_the_whole_value_as_its_place() -> None:
    line = b"Date: Wed, 31 Feb 2026 10:00:00 GMT"
    message = sipgen.parse(b"OPTIONS sip:a@b SIP/2.0\r\n" + line + b"\r\n\r\n")
    with pytest.raises(ParseError) as caught:
        message.typed("Date")
    assert caught.value.finding.end - caught.value.finding.start == len(line) - len("Date: ")


def test_only_the_top_via_is_read_for_the_top_via() -> None:
    message = sipgen.parse(b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h, bad\r\n\r\n")
    assert message.top_via is not None
    with pytest.raises(ParseError):
        _ = message.via
    other = sipgen.parse(b"OPTIONS sip:a@b SIP/2.0\r\nVia: bad\r\n\r\n")
    with pytest.raises(ParseError):
        _ = other.top_via


def test_a_place_is_told_for_messages_that_were_built_too() -> None:
    message = Request("OPTIONS", "sip:a@b", [("Subject", "x")])
    message._names += ("CSeq",)
    message._values.append("x")
    message._lines.append("CSeq: x")
    with pytest.raises(ParseError) as caught:
        _ = message.cseq
    assert bytes(message)[caught.value.finding.start :] == b"x\r\n\r\n"
    message.body = b"x" * 70_000
    with pytest.raises(ParseError, match="number, a space and a method"):
        _ = message.cseq


# -- bodies --------------------------------------------------------------------------

PARTS = (
    b"preamble\r\n--b\r\nContent-Type: application/sdp\r\nX-Long: a\r\n b\r\n\r\nv=0\r\n\r\n"
    b"--b \r\nContent-Type: multipart/alternative;boundary=i\r\n\r\n"
    b"--i\r\n\r\nplain\r\n--i--\r\n--b\r\nno empty line\r\n--b--\r\nepilogue"
)


def with_body(body: bytes, content_type: str) -> Request:
    return Request("INVITE", "sip:a@b", [("Content-Type", content_type)], body)


def test_text() -> None:
    message = invite()
    assert message.text() == "\u00e9"
    assert message.text("cp1252") == "\u00e9"
    with pytest.raises(ParseError, match="not utf-8") as caught:
        message.text("utf-8")
    assert (caught.value.finding.start, caught.value.finding.end) == (0, 1)
    with pytest.raises(ParseError, match="not a known character encoding"):
        message.text("klingon")
    with pytest.raises(ParseError, match="not a known character encoding"):
        message.text("hex")
    assert Request("INVITE", "sip:a@b", (), "\u00e9".encode()).text() == "\u00e9"


def test_parts() -> None:
    message = with_body(PARTS, 'multipart/mixed;boundary="b"')
    sdp, nested, bare = message.parts
    assert isinstance(sdp, BodyPart)
    assert sdp.body == b"v=0\r\n"
    assert sdp.get("x-long") == "a b"
    assert sdp.content_type == MediaType("application", "sdp")
    assert sdp.text() == "v=0\r\n"
    assert sdp.parts == ()
    assert PARTS[sdp.start : sdp.end].endswith(b"\r\n\r\nv=0\r\n")
    (inner,) = nested.parts
    assert (inner.body, inner.headers, inner.depth) == (b"plain", (), 2)
    assert PARTS[inner.start : inner.end] == b"\r\nplain"
    assert inner.content_type is None
    assert bare.body == b""
    assert bare.headers == (("", "", "no empty line"),)


def test_parts_of_what_is_not_multipart() -> None:
    assert with_body(PARTS, "text/plain").parts == ()
    assert Request("INVITE", "sip:a@b", (), PARTS).parts == ()
    assert with_body(b"nothing", "multipart/mixed;boundary=b").parts == ()
    with pytest.raises(ParseError, match="no boundary"):
        _ = with_body(PARTS, "multipart/mixed").parts
    (open_,) = with_body(b"--b\r\n\r\nnot closed\r\n", "multipart/mixed;boundary=b").parts
    assert open_.body == b"not closed\r\n"


def test_parts_nest_to_a_limit() -> None:
    body = b"deep"
    for level in range(MAX_MULTIPART_NESTING + 1):
        boundary = b"b%d" % level
        head = b"Content-Type: multipart/mixed;boundary=b%d\r\n" % (level - 1) if level else b""
        body = b"--%b\r\n%b\r\n%b\r\n--%b--\r\n" % (boundary, head, body, boundary)
    parts = with_body(body, f"multipart/mixed;boundary=b{MAX_MULTIPART_NESTING}").parts
    for _ in range(MAX_MULTIPART_NESTING - 1):
        parts = parts[0].parts
    with pytest.raises(LimitError):
        _ = parts[0].parts


# -- small questions -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "noise"),
    [
        *((b"\r\n\r\n", True), (b"\x00", False), (b"", False), (b" \t\r\n" * 16, True)),
        *((b" " * 65, False), (b"\r\n.\r\n", False), (b"\x0b", False)),
    ],
)
def test_noise(data: bytes, *, noise: bool) -> None:
    assert sipgen.is_signaling_noise_datagram(data) is noise


def test_helpers() -> None:
    assert sipgen.body_bytes_len("\u00e9\n") == 3
    assert sipgen.body_bytes_len(b"\r\n") == 2
    assert sipgen.parse_cseq_num("314159 INVITE") == 314159
    assert sipgen.parse_cseq_num(" 0") == 0
    assert [
        sipgen.parse_cseq_num(text) for text in ("", " ", "x 1", "-1", "\u0663", "1" * 2_000)
    ] == [None] * 6
    assert sipgen.parse_rack("1 314159 INVITE") == (1, 314159, "INVITE")
    with pytest.raises(ParseError):
        sipgen.parse_rack("1 INVITE")
    assert [sipgen.with_cseq_ack(n) for n in (314159, 1, 0, -5)] == [
        "314159 ACK",
        "1 ACK",
        "1 ACK",
        "1 ACK",
    ]
    assert sipgen.DEFAULT_MAX_FORWARDS == 70
    assert sipgen.SIP_VERSION == "SIP/2.0"
    assert sipgen.CAPABILITY_HEADERS == ("Require", "Supported")
    assert sipgen.CORRELATION_HEADERS == ("Via", "From", "To", "Call-ID", "CSeq")
    response = sipgen.default_no_route_response(invite(), ["OPTIONS", "BYE"])
    assert (response.status_code, response.get("Allow")) == (501, "OPTIONS, BYE")
    assert response.cseq == (7, "INVITE")


def test_a_body_keeps_its_line_ends() -> None:
    for body in (b"a\nb\rc\r\n", b"\r\n", b"a\r\n\r\n", b"\n"):
        message = sipgen.parse(b"MESSAGE sip:a@b SIP/2.0\r\nl: %d\r\n\r\n%b" % (len(body), body))
        assert message.body == body
        message.set("Subject", "x")
        assert bytes(message).endswith(b"\r\n\r\n" + body)
        request = Request("MESSAGE", "sip:a@b", (), body)
        request.prepare_for_send()
        assert sipgen.parse(bytes(request)).body == body
