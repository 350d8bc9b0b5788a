"""Messages from streams, blocking and asyncio, and by the framer alone."""

from __future__ import annotations

import asyncio
import io

import pytest

import sipgen
from sipgen import FramerLimits, LimitError, MessageFramer, ParseError, Request, Response

REQUEST = b"MESSAGE sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h\r\nl: 7\r\n\r\nhi\r\n\r\n!"
RESPONSE = b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"
UNREADABLE = b"no start line\r\nContent-Length: 0\r\n\r\n"


def test_the_framer_gives_messages() -> None:
    framer = MessageFramer()
    messages = framer.feed(REQUEST + b"\r\n\r\n" + RESPONSE + REQUEST[:20])
    assert [type(message) for message in messages] == [Request, Response]
    assert [bytes(message) for message in messages] == [REQUEST, RESPONSE]
    assert messages[0].body == b"hi\r\n\r\n!"
    assert (framer.keep_alives, framer.is_idle, framer.error) == (1, False, None)
    assert [bytes(message) for message in framer.feed(REQUEST[20:])] == [REQUEST]
    framer.close()


def test_a_message_that_cannot_be_read_ends_the_stream() -> None:
    framer = MessageFramer()
    assert len(framer.feed(RESPONSE + UNREADABLE + RESPONSE)) == 1
    assert framer.error is not None
    for call in (lambda: framer.feed(RESPONSE), framer.close):
        with pytest.raises(ParseError) as caught:
            call()
        assert caught.value.finding.rule == "start-line"
    with pytest.raises(ParseError):
        MessageFramer().feed(UNREADABLE)


def test_a_body_may_exceed_a_datagram() -> None:
    body = b"x" * 200_000
    data = b"MESSAGE sip:a@b SIP/2.0\r\nContent-Length: 200000\r\n\r\n" + body
    (message,) = MessageFramer().feed(data)
    assert message.body == body
    with pytest.raises(LimitError):
        MessageFramer(FramerLimits(body=199_999)).feed(data)
    assert MessageFramer(FramerLimits(body=9)).limits.body == 9


def test_reading_from_a_file_takes_no_octet_more() -> None:
    stream = io.BytesIO(b"\r\n" + REQUEST + b"\r\n\r\n" + RESPONSE + b"rest")
    first = sipgen.read_message(stream)
    assert bytes(first or b"") == REQUEST
    assert stream.tell() == 2 + len(REQUEST)
    assert bytes(sipgen.read_message(stream) or b"") == RESPONSE
    assert stream.read() == b"rest"
    assert sipgen.read_message(io.BytesIO(b"\r\n\r\n")) is None
    assert sipgen.read_message(io.BytesIO(b"")) is None


@pytest.mark.parametrize("data", [REQUEST[:-1], REQUEST[:30], UNREADABLE])
def test_reading_what_is_no_whole_message(data: bytes) -> None:
    with pytest.raises(ParseError):
        sipgen.read_message(io.BytesIO(data))

    async def reading() -> None:
        with pytest.raises(ParseError):
            await sipgen.read_message_async(fed(data))

    asyncio.run(reading())


def fed(*pieces: bytes) -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=1_000)
    for piece in pieces:
        reader.feed_data(piece)
    reader.feed_eof()
    return reader


def test_reading_from_asyncio() -> None:
    async def reading() -> None:
        octets = [bytes([octet]) for octet in b"\r\n\r\n" + REQUEST + RESPONSE]
        reader = fed(*octets)
        assert bytes(await sipgen.read_message_async(reader) or b"") == REQUEST
        assert bytes(await sipgen.read_message_async(reader) or b"") == RESPONSE
        assert await sipgen.read_message_async(reader) is None

    asyncio.run(reading())


def test_a_line_beyond_the_reader_s_limit() -> None:
    async def reading() -> None:
        long = b"OPTIONS sip:a@b SIP/2.0\r\nSubject: " + b"x" * 3_000 + b"\r\nl: 0\r\n\r\n"
        with pytest.raises(LimitError):
            await sipgen.read_message_async(fed(long))

    asyncio.run(reading())


def test_limits_hold_for_files_too() -> None:
    long = b"OPTIONS sip:a@b SIP/2.0\r\nSubject: " + b"x" * 100_000 + b"\r\nl: 0\r\n\r\n"
    with pytest.raises(LimitError):
        sipgen.read_message(io.BytesIO(long))
    with pytest.raises(LimitError):
        sipgen.read_message(io.BytesIO(REQUEST), FramerLimits(body=6))
