"""Hostile values cost linear time: twice the octets, at most two and a half times the time."""

from __future__ import annotations

import time

import pytest

import sipgen
from sipgen.validation.automata import automata

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


def cpu(data: bytes) -> float:
    begin = time.process_time()
    sipgen.validate(data)
    return time.process_time() - begin


def ratio(small: bytes, large: bytes) -> float:
    """Cost of ``large`` against ``small``; the least of interleaved rounds."""
    for rounds in (3, 9, 27):
        pairs = [(cpu(small), cpu(large)) for _ in range(rounds)]
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
