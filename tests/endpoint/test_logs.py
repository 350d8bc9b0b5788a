"""What goes into logs: no secrets, and nothing that a terminal obeys."""

from __future__ import annotations

import io
import json
import logging
import time

import pytest

import sipgen
from sipgen import Event, EventType, Request
from sipgen.endpoint.logs import EventLogger, JSONFormatter, event_facts, printable, redacted

SECRET = "6629fae49393a05397450978507c4ef1"  # noqa: S105
DIGEST = f'Digest username="bob", realm="b.example", nonce="n0nce", response="{SECRET}"'


@pytest.mark.parametrize(
    "field",
    [
        f"Authorization: {DIGEST}",
        f"proxy-authorization : {DIGEST}",
        f"AUTHORIZATION\t:{DIGEST}",
        f'Authorization: Digest username="bob",\r\n realm="b.example",\r\n\tresponse="{SECRET}"',
        f"Authorization: Bearer {SECRET}",
        f"Authorization:{SECRET}",
        f'Authentication-Info: rspauth="{SECRET}", realm="b.example"',
    ],
)
def test_secrets_are_not_shown(field: str) -> None:
    for start in ("OPTIONS sip:a@b SIP/2.0", "no SIP at all"):
        shown = redacted(f"{start}\r\nSubject: x\r\n{field}\r\nCall-ID: 1\r\n\r\n".encode())
        assert SECRET not in shown
        assert "n0nce" not in shown
        assert shown.startswith(start)
        assert "\nCall-ID: 1\n" in shown


START = "REGISTER sip:b.example SIP/2.0\r\n"
WHOLE = f"Authorization: {DIGEST}\r\n\r\n"


@pytest.mark.parametrize(
    "text",
    [
        f"\r\n\r\n{START}{WHOLE}",  # which RFC 3261 section 7.5 has us read
        f"{START}\r\n{START}{WHOLE}",  # message/sipfrag
        f"\ufeff{WHOLE}",
        f"{START} {WHOLE}",
        f"{START}X-{WHOLE}",
        f"{START}Authorization: a{SECRET}\r\n\r\n",
        f"{START}Authorization Bearer {SECRET}\r\n\r\n",
        f"{START}Authorization\r\n : Bearer {SECRET}\r\n\r\n",
        f"{START}Authorization\x0b\x00: Bearer {SECRET}\r\n\r\n",
        f"{START}Authorization: Bearer\r{SECRET}\r\n\r\n",
        f"{START}Authorization: Bearer\r\n\t{SECRET}",
        f"{START}Authorization: Bearer username={SECRET}\r\n\r\n",
        f"{START}Authorization: Digest a={SECRET} username={SECRET}\r\n\r\n",
        f'{START}Authorization: Digest uri="sip:b:{SECRET}@b"\r\n\r\n',
        f'{START}Authorization: Digest response="x, username={SECRET}"\r\n\r\n',
        f'{START}Authorization: Digest response="\\", username={SECRET}"\r\n\r\n',
        f'{START}Authorization: Digest username="bob, response={SECRET}\r\n\r\n',
        (START + WHOLE).replace("\r\n", "\r"),
        (START + WHOLE).replace("\r\n", "\n"),
        (START + WHOLE).replace("Auth", "Au th"),  # no name that one would know
    ],
)
def test_secrets_are_not_shown_where_framing_goes_wrong(text: str) -> None:
    for lines in (True, False):
        shown = redacted(text.encode(), lines=lines)
        assert SECRET not in shown
        assert "..." in shown
        assert len(shown.splitlines()) == 1 or lines


def test_no_cut_shows_a_secret() -> None:
    for size in range(3_900, 4_100):
        shown = redacted(b"Subject: " + b"x" * size + f"\r\n{WHOLE}".encode())
        assert SECRET[:4] not in shown


def test_what_is_no_credential_is_left_alone() -> None:
    text = (
        'SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm="b", nonce="challenge"\r\n'
        "Subject: his response = none\r\n\r\n"
    )
    shown = redacted(text.encode(), lines=False)
    assert shown == printable(text).replace("= none", "=...").replace("response =", "response=")
    several = f'{START}Authorization: DIGEST realm="a\\", b", UserName = "\u00e9"\r\nTo: x\r\n\r\n'
    assert redacted(several.encode()) == (
        'REGISTER sip:b.example SIP/2.0\nAuthorization: DIGEST realm="a\\", b", '
        'UserName="\u00e9", ...\nTo: x\n\n'
    )


def test_what_is_of_use_is_kept() -> None:
    shown = redacted(f"A b SIP/2.0\r\nAuthorization: {DIGEST}\r\n\r\nbody".encode())
    assert 'Authorization: Digest username="bob", realm="b.example", ...\n\nbody' in shown


@pytest.mark.parametrize("evil", ["\x1b[2J", "\r", "\x00", "\u202e", "\u2028", "\x9b", "\x7f"])
def test_what_a_terminal_obeys_is_escaped(evil: str) -> None:
    data = f"OPTIONS sip:a@b SIP/2.0\r\nUser-Agent: a{evil}b\r\n\r\n".encode()
    shown = redacted(data)
    assert evil not in shown
    assert all(c.isprintable() or c == "\n" for c in shown)
    assert "\n" not in redacted(data, lines=False)
    assert redacted(b"\xff\xfe") == "\\udcff\\udcfe"
    assert printable("plain \u00e9") == "plain \u00e9"


def test_long_messages_are_cut_in_linear_time() -> None:
    begin = time.process_time()
    pieces = (b"Authorization: ", b"a=", b"\n ", b"Authorization ", b'response="\\', b"response  ")
    for piece in [piece * 20_000 for piece in pieces]:
        shown = redacted(b"A b c\r\nAuthorization: " + piece)
        assert shown.endswith("octets)")
        assert len(shown) < 40_000
        error = sipgen.ParseError(finding(0, 1))
        # Of a finding the whole datagram is looked at.
        facts = event_facts(Event(EventType.PARSE_ERROR, ("h", 1), raw=piece, error=error))
        assert facts["octets"] == len(piece)
    assert time.process_time() - begin < 2


def finding(start: int, end: int) -> sipgen.Finding:
    return sipgen.Finding("rule", "error", f"It is {SECRET}.", 3261, "1", None, start, end, 1, 1)


def logged(*events: Event, messages: bool = False) -> list[dict[str, object]]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JSONFormatter())
    logger = logging.getLogger("test.sipgen.traffic")
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(logging.INFO)
    hook = EventLogger(logger, messages=messages)
    for event in events:
        hook(event)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_events_are_logged_as_lines_of_json() -> None:
    raw = f"OPTIONS sip:a@b SIP/2.0\r\nCall-ID: c\x1b1\r\nAuthorization: {DIGEST}\r\n\r\n".encode()
    request = sipgen.parse(raw)
    assert isinstance(request, Request)
    addr = ("192.0.2.1", 5060)
    lines = logged(
        Event(EventType.REQUEST_RECEIVED, addr, raw=raw, request=request),
        Event(EventType.RESPONSE_SENT, addr, request=request, response=request.reply(200)),
        Event(EventType.HANDLER_ERROR, addr, error=ValueError("a\r\nFake: line")),
        messages=True,
    )
    assert [line["level"] for line in lines] == ["INFO", "INFO", "ERROR"]
    assert lines[0]["message"] == "192.0.2.1:5060 request received OPTIONS"
    sip = lines[0]["sip"]
    assert isinstance(sip, dict)
    assert (sip["method"], sip["call_id"], sip["octets"]) == ("OPTIONS", "c\\x1b1", len(raw))
    assert SECRET not in str(lines)
    assert "Fake: line" in str(lines[2]["message"])
    assert "\r" not in str(lines[2]["message"])


def test_a_response_is_logged_with_its_status_its_method_and_its_size() -> None:
    request = sipgen.parse(f"{START}CSeq: 7 REGISTER\r\nCall-ID: c\r\n\r\n")
    assert isinstance(request, Request)
    response = request.reply(200)
    (line,) = logged(
        Event(EventType.RESPONSE_SENT, ("2001:db8::1", 5060), request=request, response=response)
    )
    assert line["message"] == "[2001:db8::1]:5060 response sent 200 to REGISTER"
    assert line["sip"] == {
        "type": "response sent",
        "peer": ["2001:db8::1", 5060],
        "method": "REGISTER",
        "status": 200,
        "call_id": "c",
        "cseq": "7 REGISTER",
        "octets": len(bytes(response)),
    }


@pytest.mark.parametrize("raw", [WHOLE, f"Authorization: Bearer\r\n a{SECRET}\r\n\r\n"])
def test_an_error_does_not_quote_credentials(raw: str) -> None:
    with pytest.raises(sipgen.ParseError) as caught:
        sipgen.parse(raw)
    octets = raw.encode()
    at = octets.index(SECRET.encode())
    for error in (
        caught.value,
        sipgen.ParseError(finding(at, at)),
        sipgen.ParseError(finding(0, len(octets))),
        ValueError(f"cannot use {raw}"),
        ValueError(f"cannot use response={SECRET}"),
    ):
        lines = logged(Event(EventType.PARSE_ERROR, ("h", 1), raw=octets, error=error))
        assert SECRET not in str(lines)
        assert lines[0]["level"] == "WARNING"
    (line,) = logged(Event(EventType.PARSE_ERROR, ("h", 1), raw=octets, error=caught.value))
    assert "[start-line]" in str(line["message"])


def test_an_error_elsewhere_is_told() -> None:
    raw = f"{START}Content-Length: z\x1b\r\n{WHOLE}".encode()
    with pytest.raises(sipgen.ParseError) as caught:
        sipgen.parse(raw)
    (line,) = logged(Event(EventType.PARSE_ERROR, ("h", 1), raw=raw, error=caught.value))
    assert str(line["message"]) == f"h:1 parse error {printable(str(caught.value))}"


def test_lines_cannot_be_forged() -> None:
    evil = "x\r\n2026-01-01 root logged in\x1b[1A\u202e\u2028\x85"
    logger = logging.getLogger("test.sipgen.plain")
    stream = io.StringIO()
    logger.handlers = [logging.StreamHandler(stream)]
    logger.propagate = False
    logger.setLevel(logging.INFO)
    hook = EventLogger(logger, messages=True)
    hook(Event(EventType.PARSE_ERROR, (evil, 1), raw=evil.encode(), error=ValueError(evil)))
    shown = stream.getvalue()
    assert len(shown.splitlines()) == 1
    assert shown[:-1].isprintable()


def test_one_message_does_not_fill_a_log() -> None:
    request = sipgen.parse(f"{START}Call-ID: {'x' * 60_000}\r\n\r\n")
    assert isinstance(request, Request)
    event = Event(
        EventType.REQUEST_RECEIVED, ("h", 1), request=request, error=ValueError("\0" * 9999)
    )
    assert len(json.dumps(event_facts(event))) < 6_000


class UnspeakableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def test_logging_never_raises() -> None:
    (line,) = logged(Event(EventType.HANDLER_ERROR, (b"host", None), error=UnspeakableError()))
    assert line["message"] == "b'host':None handler error UnspeakableError"
    logger = logging.getLogger("test.sipgen.broken")
    logger.setLevel(logging.INFO)
    logger.handlers = [logging.NullHandler()]
    logger.addFilter(lambda _record: 1 / 0 > 0)
    hook = EventLogger(logger)
    hook(Event(EventType.DATAGRAM_RECEIVED, ("h", 1), raw=b"x"))
    hook(Event(EventType.DATAGRAM_RECEIVED, None, raw=b"x"))  # type: ignore[arg-type]
    assert hook.lost == 2


def test_a_formatter_writes_whatever_a_record_holds() -> None:
    record = logging.LogRecord("n", logging.INFO, "p", 1, "a\nb\u2028\udcff", None, None)
    record.created = 1_700_000_000.25
    record.stack_info = "here"
    record.__dict__["sip"] = {"raw": b"x"}
    line = JSONFormatter().format(record)
    assert line.isascii()
    assert "\n" not in line
    assert json.loads(line) == {
        "time": "2023-11-14T22:13:20.250+00:00",
        "level": "INFO",
        "logger": "n",
        "message": "a\nb\u2028\udcff",
        "sip": {"raw": "b'x'"},
        "stack": "here",
    }
    assert json.loads(JSONFormatter(datefmt="%Y").format(record))["time"] == "2023"


def test_what_is_not_wanted_is_not_made() -> None:
    logger = logging.getLogger("test.sipgen.quiet")
    logger.setLevel(logging.CRITICAL)
    EventLogger(logger)(Event(EventType.PARSE_ERROR, ("h", 1), error=ValueError("x")))


def test_tracebacks_are_kept() -> None:
    record = logging.LogRecord("n", logging.ERROR, "p", 1, "m", None, None)
    try:
        raise ValueError("why")  # noqa: TRY301
    except ValueError as error:
        record.exc_info = (ValueError, error, error.__traceback__)
    assert "ValueError: why" in json.loads(JSONFormatter().format(record))["traceback"]
