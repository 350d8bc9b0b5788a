"""Hostile values cost linear time: twice the octets, at most two and a half times the time."""

from __future__ import annotations

import time

import pytest

import sipgen
from sipgen.language.automata import automata
from sipgen.rules.profile import ProfileName

pytestmark = pytest.mark.timing

PATTERNS = {
    "semicolons": b";",
    "commas": b",",
    "parentheses": b"(",
    "quotes": b'"',
    "angle brackets": b"<",
    "blanks": b" ",
    "folds": b"\r\n ",
    "list": b"a,",
    "parameters": b";a",
    "escapes": b"\\\\",
}
SIZE = 30_000
MOST = 2.5
HEADERS = sorted({name for name in sipgen.HEADER_FIELDS if name in automata("strict").starts})


def message(name: str, pattern: bytes, size: int) -> bytes:
    value = pattern * (size // len(pattern))
    return b"OPTIONS sip:a@b SIP/2.0\r\n" + name.encode() + b": " + value + b"\r\nX: y\r\n\r\n"


def cpu(data: bytes, profile: ProfileName = "strict") -> float:
    begin = time.process_time()
    sipgen.validate(data, profile)
    return time.process_time() - begin


def ratio(small: bytes, large: bytes, profile: ProfileName = "strict") -> float:
    """Cost of ``large`` against ``small``; the least of interleaved rounds."""
    for rounds in (3, 9, 27):
        pairs = [(cpu(small, profile), cpu(large, profile)) for _ in range(rounds)]
        found = min(pair[1] for pair in pairs) / min(pair[0] for pair in pairs)
        if found <= MOST:
            break
    return found


@pytest.mark.parametrize("header", [*HEADERS, "X-Unknown", "Request-Line"])
def test_doubling_the_octets_at_most_doubles_the_time(header: str) -> None:
    for name, pattern in PATTERNS.items():
        small, large = (message(header, pattern, size) for size in (SIZE, 2 * SIZE))
        if header == "Request-Line":
            small, large = (
                b"OPTIONS sip:" + pattern * (size // len(pattern)) + b" SIP/2.0\r\n\r\n"
                for size in (4_000, 8_000)
            )
        sipgen.validate(small)
        assert ratio(small, large) <= MOST, name


def test_the_whole_of_hostile_input_stays_within_milliseconds() -> None:
    slowest = max(
        min(cpu(message(header, pattern, 2 * SIZE)) for _ in range(3))
        for header in ("Via", "Contact", "User-Agent", "Accept", "Authorization")
        for pattern in PATTERNS.values()
    )
    assert slowest < 1.0


# Values that the grammar accepts, so that the conformance rules go through them.
LONG = {
    "Via": b"SIP/2.0/UDP h.example;branch=z9hG4bK1;rport,",
    "Contact": b'"a, (b" <sip:a@h.example;x;y=1>;q=0.5;z,',
    "Route": b"<sip:a@h.example;lr>;a;b,",
    "History-Info": b"<sip:a@h.example?Reason=SIP>;index=1.1;rc=1,",
    "Reason": b'SIP;cause=200;text="a",',
    "Warning": b'399 h.example "a (b) c",',
    "Accept": b"application/sdp;q=0.5;a=b,",
    "Supported": b"timer,",
    "P-Asserted-Identity": b"<sip:a@h.example>,",
}


@pytest.mark.parametrize("profile", ["strict", "interop"])
@pytest.mark.parametrize("header", LONG)
def test_rules_take_linear_time(header: str, profile: ProfileName) -> None:
    small, large = (
        message(header, LONG[header], size).replace(b",\r\nX: y", b"\r\nX: y")
        for size in (SIZE, 2 * SIZE)
    )
    assert not [f for f in sipgen.validate(small).findings if f.rule == header]
    assert ratio(small, large, profile) <= MOST


@pytest.mark.parametrize("unit", [b"_", b"sip:#", b"\xff", b";lr=on", b'qop="auth",', b":::a"])
def test_relaxations_take_linear_time(unit: bytes) -> None:
    line = b"Contact: " + unit * (500 // len(unit)) + b"!\r\n"
    head = b"OPTIONS sip:a@b SIP/2.0\r\n"
    small, large = (head + line * (size // len(line)) + b"\r\n" for size in (SIZE, 2 * SIZE))
    assert ratio(small, large, "interop") <= MOST


def test_multipart_bodies_take_linear_time() -> None:
    part = b"--a\r\nContent-Type: multipart/mixed;boundary=a\r\n\r\nx\r\n"
    head = b"OPTIONS sip:a@b SIP/2.0\r\nContent-Type: multipart/mixed;boundary=a\r\n\r\n"
    small, large = (head + part * (size // len(part)) + b"--a--\r\n" for size in (SIZE, 2 * SIZE))
    assert ratio(small, large) <= MOST
