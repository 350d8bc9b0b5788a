"""Messages: reading, changing, building, writing."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import sipgen
from sipgen import BuildError, HeaderField, Request, Response

RAW = (
    b"INVITE sip:bob@b.example SIP/2.0\r\n"
    b"v:  SIP/2.0/UDP one.example;branch=z9hG4bK1\r\n"
    b"VIA: SIP/2.0/UDP two.example\r\n ;branch=z9hG4bK2\r\n"
    b"f: <sip:a@b.example>;tag=a\r\n"
    b'To: "Bob; tag=no" <sip:bob@b.example;tag=uri>\r\n'
    b"Call-ID: 1\r\n"
    b"CSeq: 7 INVITE\r\n"
    b"this line is no header field\r\n"
    b"l: 4\r\n\r\nbody"
)


def invite() -> Request:
    message = sipgen.parse(RAW)
    assert isinstance(message, Request)
    return message


def test_reading() -> None:
    message = invite()
    assert message.is_request
    assert (message.method, message.request_uri) == ("INVITE", "sip:bob@b.example")
    assert (message.version, message.body) == ("SIP/2.0", b"body")
    assert message.get("From") == message.get("F") == "<sip:a@b.example>;tag=a"
    assert message.get_all("via") == [
        "SIP/2.0/UDP one.example;branch=z9hG4bK1",
        "SIP/2.0/UDP two.example ;branch=z9hG4bK2",
    ]
    assert message.get("Subject") is None
    assert message.get_all("Subject") == []
    assert len(message.headers) == 7
    assert message.headers[2] == HeaderField("f", "From", "<sip:a@b.example>;tag=a")
    assert [field.name for field in message.headers][-1] == "Content-Length"
    assert "Headers([" in repr(message.headers)
    assert [finding.rule for finding in message.defects] == ["header-colon"]
    assert repr(message) == "<Request 'INVITE' 'sip:bob@b.example'>"


def test_untouched_lines_come_out_as_they_came() -> None:
    message = invite()
    assert bytes(message) == RAW
    message.set("Call-ID", "2")
    assert bytes(message) == RAW.replace(b"Call-ID: 1\r\n", b"Call-ID: 2\r\n")
    message.add("X-New", " spaced ")
    assert message.remove("v") == 2
    assert message.remove("v") == 0
    written = bytes(message)
    assert b"via" not in written.lower().split(b"\r\n\r\n")[0].replace(b"two", b"")
    assert written.endswith(b"l: 4\r\nX-New: spaced\r\n\r\nbody")
    assert b"this line is no header field\r\n" in written


def test_set_replaces_all_of_a_name_where_the_first_stood() -> None:
    message = invite()
    message.set("Via", "SIP/2.0/UDP only.example")
    assert message.get_all("v") == ["SIP/2.0/UDP only.example"]
    assert message.headers[0].name == "Via"
    message.set("Subject", "new")
    assert message.headers[-1] == ("Subject", "Subject", "new")


def test_body_and_content_length() -> None:
    message = invite()
    message.prepare_for_send()
    assert bytes(message) == RAW
    message.body = "h\u00e9\r\n".encode()
    message.prepare_for_send()
    assert message.get("Content-Length") == "5"
    assert bytes(message).endswith("\r\n\r\nh\u00e9\r\n".encode())
    assert "h\u00e9" in str(message)


def test_reply_copies_what_a_response_needs() -> None:
    response = invite().reply(180, to_tag="t", headers=[("Contact", "<sip:b@c>")])
    assert not response.is_request
    assert (response.status_code, response.reason_phrase) == (180, "Ringing")
    assert bytes(response) == (
        b"SIP/2.0 180 Ringing\r\n"
        b"v:  SIP/2.0/UDP one.example;branch=z9hG4bK1\r\n"
        b"VIA: SIP/2.0/UDP two.example\r\n ;branch=z9hG4bK2\r\n"
        b"f: <sip:a@b.example>;tag=a\r\n"
        b'To: "Bob; tag=no" <sip:bob@b.example;tag=uri>;tag=t\r\n'
        b"Call-ID: 1\r\nCSeq: 7 INVITE\r\nContact: <sip:b@c>\r\nContent-Length: 0\r\n\r\n"
    )
    assert repr(response) == "<Response 180 'Ringing'>"


@pytest.mark.parametrize(
    ("to", "copied"),
    [
        ("<sip:b@c>;tag=x", "<sip:b@c>;tag=x"),
        ("<sip:b@c> ; TAG = x", "<sip:b@c> ; TAG = x"),
        ("sip:b@c;tag=x", "sip:b@c;tag=x"),
        ("sip:b@c", "sip:b@c;tag=t"),
        ('<sip:b@c>;tag=1;x="a>b"', '<sip:b@c>;tag=1;x="a>b"'),
        ('<sip:b@c>;x=";tag=1"', '<sip:b@c>;x=";tag=1";tag=t'),
        ('"a\\";tag=q" <sip:b@c>', '"a\\";tag=q" <sip:b@c>;tag=t'),
        ("<sip:b@c", "<sip:b@c;tag=t"),
        ("b@d <sip:b@c>;tag=x", "b@d <sip:b@c>;tag=x"),
        ("b@d <sip:b@c>;x", "b@d <sip:b@c>;x;tag=t"),
        ('"b <sip:b@c>;tag', '"b <sip:b@c>;tag'),
        ("<sip:b@c;tag=x>", "<sip:b@c;tag=x>;tag=t"),
        ("", ";tag=t"),
    ],
)
def test_a_tag_is_added_only_where_there_is_none(to: str, copied: str) -> None:
    request = sipgen.parse(f"OPTIONS sip:b@c SIP/2.0\r\nTo: {to}\r\n\r\n")
    assert isinstance(request, Request)
    assert request.reply(200, to_tag="t").get("To") == copied
    assert request.reply(200).get("To") == to


def test_building() -> None:
    request = Request("OPTIONS", "sip:a@b", [("Via", "SIP/2.0/UDP h"), ("t", "<sip:a@b>")], b"x")
    assert bytes(request) == (
        b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nt: <sip:a@b>\r\n\r\nx"
    )
    assert request.get("To") == "<sip:a@b>"
    assert bytes(Response(200)) == b"SIP/2.0 200 OK\r\n\r\n"
    assert Response(499).reason_phrase == "Bad Request"
    assert Response(699).reason_phrase == "Busy Everywhere"
    assert bytes(Response(200, "")) == b"SIP/2.0 200 \r\n\r\n"


FORBIDDEN = ["\x85", "\u2028", "\u2029", "\r", "\n", "\r\nX: y", "\x00", "\x1f", "\x7f", "\ud800"]


@pytest.mark.parametrize("bad", FORBIDDEN)
def test_nothing_that_breaks_a_line_gets_into_a_message(bad: str) -> None:
    request = Request("OPTIONS", "sip:a@b")
    with pytest.raises(BuildError):
        request.add("Subject", f"a{bad}b")
    with pytest.raises(BuildError):
        request.set("Subject", f"a{bad}b")
    with pytest.raises(BuildError):
        request.add(f"Sub{bad}ject", "a")
    with pytest.raises(BuildError):
        Request(f"OPT{bad}", "sip:a@b")
    with pytest.raises(BuildError):
        Request("OPTIONS", f"sip:{bad}")
    with pytest.raises(BuildError):
        Response(200, f"OK{bad}")
    with pytest.raises(BuildError):
        request.reply(200, headers=[("Subject", bad)])
    assert bytes(request) == b"OPTIONS sip:a@b SIP/2.0\r\n\r\n"


@pytest.mark.parametrize("method", ["", "A B", "A:B", "\u00c4"])
def test_a_method_is_a_token(method: str) -> None:
    with pytest.raises(BuildError, match="token"):
        Request(method, "sip:a@b")


def test_a_reply_never_carries_a_line_end_that_came_inside_a_field() -> None:
    start = b"OPTIONS sip:a@b SIP/2.0\r\n"
    folded = sipgen.parse(start + b"t: <sip:a>\n ;x=1\r\n\r\n")
    assert isinstance(folded, Request)
    assert b"\r\nTo: <sip:a> ;x=1\r\n" in bytes(folded.reply(200))
    broken = sipgen.parse(start + b"Via: x\rEvil: y\r\n\r\n")
    assert isinstance(broken, Request)
    assert b"\r\nVia: x Evil: y\r\n" in bytes(broken.reply(200))


def test_quoted_control_characters_do_not_keep_a_request_from_an_answer() -> None:
    start = b"OPTIONS sip:a@b SIP/2.0\r\n"
    request = sipgen.parse(start + b'To: "BEL:\\\x07" <sip:a>\r\n\r\n')
    assert isinstance(request, Request)
    assert b'\r\nTo: "BEL:\\\x07" <sip:a>;tag=t\r\n' in bytes(request.reply(501, to_tag="t"))


@pytest.mark.parametrize("tag", ["", "a;b=c", "a, <sip:evil>", "a\r\nX: y", "\u00e4"])
def test_a_to_tag_is_a_token(tag: str) -> None:
    with pytest.raises(BuildError, match="token"):
        Request("OPTIONS", "sip:b@c", [("To", "<sip:b@c>")]).reply(200, to_tag=tag)


def test_a_to_tag_is_checked_even_where_it_is_not_needed() -> None:
    with pytest.raises(BuildError, match="token"):
        Request("OPTIONS", "sip:b@c", [("To", "<sip:b@c>;tag=x")]).reply(200, to_tag="a;b")


@pytest.mark.parametrize("body", [5, "text", None])
def test_a_body_is_octets(body: object) -> None:
    with pytest.raises(TypeError):
        Request("OPTIONS", "sip:b@c", (), body)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        invite().body = body  # type: ignore[assignment]


def test_only_a_100_takes_the_timestamp_along() -> None:
    request = Request("OPTIONS", "sip:b@c", [("Timestamp", "54")])
    assert request.reply(100).get("Timestamp") == "54"
    assert request.reply(180).get("Timestamp") is None


def test_a_raw_name_ends_before_a_fold() -> None:
    message = sipgen.parse(b"OPTIONS sip:a@b SIP/2.0\r\nSubject\r\n : x\r\n\r\n")
    assert message.headers[0] == ("Subject", "Subject", "x")


@pytest.mark.parametrize("uri", ["", "sip:a b", "sip:a\tb"])
def test_a_request_uri_is_one_word(uri: str) -> None:
    with pytest.raises(BuildError, match="Request-URI"):
        Request("OPTIONS", uri)


@pytest.mark.parametrize("status", [0, 99, 700, -200])
def test_a_status_code_has_its_range(status: int) -> None:
    with pytest.raises(BuildError, match="100 to 699"):
        Response(status)


@given(st.text(max_size=30), st.text(max_size=30))
def test_what_can_be_built_can_be_read(name: str, value: str) -> None:
    try:
        request = Request("OPTIONS", "sip:a@b", [(name, value)])
    except BuildError:
        return
    # A Content-Length that does not fit the body leaves a message that cannot be framed.
    assume(request.get("Content-Length") is None)
    again = sipgen.parse(bytes(request))
    assert [(f.name, f.value) for f in again.headers] == [
        (f.name, f.value) for f in request.headers
    ]
    assert again.defects == ()
