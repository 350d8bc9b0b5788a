"""What goes into logs: no secrets, and nothing that a terminal obeys."""

from __future__ import annotations

import io
import json
import logging
import time

import pytest

import sipgen
from sipgen import Event, EventType, Request
from sipgen.endpoint.logs import EventLogger, JSONFormatter, printable, redacted

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
    for piece in (b"Authorization: " * 20_000, b"a=" * 100_000, b"\n " * 100_000):
        shown = redacted(b"A b c\r\nAuthorization: " + piece)
        assert shown.endswith("octets)")
        assert len(shown) < 40_000
    assert time.process_time() - begin < 2


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
