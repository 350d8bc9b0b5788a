"""Streams taken apart: where messages end, and what a stream cannot be read after."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.fuzz import PIECES
from sipgen.errors import LimitError, ParseError
from sipgen.wire import reference
from sipgen.wire.framer import Framer, FramerLimits

ONE = b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h\r\nContent-Length: 4\r\n\r\nb\r\ny"
TWO = b"SIP/2.0 200 OK\r\nl: 0\r\n\r\n"


def test_several_messages_in_one_piece() -> None:
    assert Framer().feed(ONE + TWO + b"\r\n\r\n" + ONE) == [ONE, TWO, ONE]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_messages_in_pieces(size: int) -> None:
    stream = b"\r\n" + ONE + b"\r\n\r\n\r\n" + TWO + TWO
    framer = Framer()
    found = []
    for at in range(0, len(stream), size):
        found += framer.feed(stream[at : at + size])
    assert found == [ONE, TWO, TWO]
    assert framer.keep_alives == 1
    assert framer.is_idle
    framer.close()


def test_pings_are_counted_and_not_kept() -> None:
    framer = Framer()
    for _ in range(1_000):
        assert framer.feed(b"\r\n") == []
        assert framer.feed(b"\r\n") == []
    assert framer.keep_alives == 1_000
    assert framer.is_idle
    # A message between them begins the count anew.
    assert framer.feed(b"\r\n" + TWO + b"\r\n" + TWO) == [TWO, TWO]
    assert framer.keep_alives == 1_000


def test_what_is_missing() -> None:
    framer = Framer()
    seen = [framer.missing]
    for piece in (ONE[:-3], ONE[-3:]):
        framer.feed(piece)
        seen.append(framer.missing)
    assert seen == [None, 3, None]
    framer.feed(ONE[:9])
    assert not framer.is_idle


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        (b"Via: x\r\n", "content-length-missing"),
        (b"Content-Length: 1\r\nl: 2\r\n", "content-length-conflict"),
        (b"Content-Length: -1\r\n", "content-length-negative"),
        (b"Content-Length: 1x\r\n", "content-length-number"),
        (b"Content-Length:\r\n", "content-length-number"),
        (b"Content-Length: 0x10\r\n", "content-length-number"),
    ],
)
def test_a_length_that_is_not_certain_ends_the_stream(lines: bytes, rule: str) -> None:
    framer = Framer()
    bad = b"OPTIONS sip:a@b SIP/2.0\r\n" + lines + b"\r\n"
    # What was whole before is given out first.
    assert framer.feed(TWO + bad + TWO) == [TWO]
    for _ in range(2):
        with pytest.raises(ParseError) as caught:
            framer.feed(TWO)
        assert caught.value.finding.rule == rule
    with pytest.raises(ParseError):
        framer.close()


@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: 4\r\nl: 4\r\n",
        b"Content-Length:\r\n 4\r\n",
        b"CONTENT-LENGTH \t: 4 \r\n",
        b"l:4\n",
        b"Content-Length: 00004\r\n",
        b"Subject: l: 9\r\n l: 8\r\nContent-Length: 4\r\n",
    ],
)
def test_odd_but_certain_lengths(lines: bytes) -> None:
    message = b"OPTIONS sip:a@b SIP/2.0\r\n" + lines + b"\r\n" + b"body"
    assert Framer().feed(message + TWO) == [message, TWO]
    assert reference.tokenize(message).body == b"body"


@pytest.mark.parametrize(
    ("limits", "stream", "rule"),
    [
        (FramerLimits(start_line=20), b"O" * 22, "start-line-too-long"),
        (FramerLimits(start_line=11), b"A b SIP/2.0.\r\nl: 0\r\n\r\n", "start-line-too-long"),
        (FramerLimits(header_section=60), ONE, "header-section-too-long"),
        (FramerLimits(header_line=30), ONE[:-30] + b"X: " + b"y" * 40, None),
        (FramerLimits(header_line=17), ONE, "header-line-too-long"),
        (FramerLimits(header_lines=1), ONE, "too-many-header-lines"),
        (FramerLimits(body=3), ONE, "body-too-large"),
        (FramerLimits(), b"A b SIP/2.0\r\nl: 99999999999999999999\r\n\r\n", "body-too-large"),
        (FramerLimits(), b"A b SIP/2.0\r\n" + b"x: y\r\n" * 11_000, "header-section-too-long"),
        (FramerLimits(), b"A b c\r\n" + b"x:\r\n" * 1_025 + b"\r\n", "too-many-header-lines"),
        (FramerLimits(), b"A" * 9_000, "start-line-too-long"),
    ],
)  # fmt: skip
def test_limits(limits: FramerLimits, stream: bytes, rule: str | None) -> None:
    framer = Framer(limits)
    if rule is None:
        assert framer.feed(stream) == []
        return
    with pytest.raises(LimitError) as caught:
        framer.feed(stream)
    assert caught.value.finding.rule == rule
    assert framer.error is caught.value


def test_a_message_at_each_limit_is_within_it() -> None:
    limits = FramerLimits(
        start_line=23, header_line=18, header_lines=2, header_section=len(ONE) - 4, body=4
    )
    assert Framer(limits).feed(ONE) == [ONE]
    assert limits.message == len(ONE)


@pytest.mark.parametrize(("end", "said"), [(10, "header section"), (len(ONE) - 1, "1 byte")])
def test_a_stream_that_ends_within_a_message(end: int, said: str) -> None:
    framer = Framer()
    framer.feed(ONE[:end])
    with pytest.raises(ParseError, match=said) as caught:
        framer.close()
    assert caught.value.finding.rule == "stream-ended"


@given(
    st.lists(st.sampled_from([*PIECES, ONE, TWO, b"l: 3\r\n", b"A b SIP/2.0\r\n"]), max_size=12),
    st.integers(0, 2**32),
)
@settings(max_examples=500, deadline=None)
def test_the_framer_ends_messages_where_the_parser_does(pieces: list[bytes], seed: int) -> None:
    stream = b"".join(pieces)
    chance = random.Random(seed)  # noqa: S311 - reproducible
    framer = Framer()
    found: list[bytes] = []
    at = 0
    try:
        while at < len(stream):
            size = chance.randint(1, 20)
            found += framer.feed(stream[at : at + size])
            at += size
    except ParseError:
        pass
    position = 0
    for message in found:
        rest = stream[position:]
        read = reference.examine(rest, len(stream))
        begin = len(rest) - len(rest.lstrip(b"\r\n"))
        assert rest[begin : read.body_end] == message
        position += read.body_end


@pytest.mark.timing
@pytest.mark.parametrize(
    "stream",
    [
        b"A b SIP/2.0\r\n" + b"x: y\r\n" * 1_000 + b"l: 0\r\n\r\n",
        b"\r\n" * 30_000,
        b"A b SIP/2.0\nl:0\n\n" * 3_000,
    ],
)
def test_time_is_linear_in_single_octets(stream: bytes) -> None:
    def taken(count: int) -> float:
        framer = Framer()
        begin = time.process_time()
        for at in range(count):
            framer.feed(stream[at : at + 1])
        return time.process_time() - begin

    size = len(stream)
    assert taken(size) < 8 * max(taken(size // 4), 0.002) + 0.2
