"""What the Endpoint does beyond reading and answering: refusals, limits, hooks, counters."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

import sipgen
from sipgen import EndpointError, Event, EventType, Request, Response
from sipgen.endpoint.logs import event_facts
from tests.endpoint.conftest import request, serving

Address = tuple[Any, ...]
Run = Callable[[Coroutine[Any, Any, None]], None]


def endpoint(events: list[Event] | None = None, **settings: Any) -> sipgen.Endpoint:
    hook = None if events is None else events.append
    made = sipgen.Endpoint(host="127.0.0.1", port=0, on_event=hook, **settings)
    made.register_handler("OPTIONS", lambda message, _: message.reply(200, to_tag="t"))
    return made


def kinds(events: list[Event]) -> list[EventType]:
    return [event.type for event in events]


# -- refusals ------------------------------------------------------------------------


def test_strict_mode_answers_400_and_says_why(run: Run) -> None:
    async def scenario() -> None:
        events: list[Event] = []
        made = endpoint(events, validation="strict")
        async with serving(made) as client:
            bad = request().replace(b"Max-Forwards: 70", b"Max-Forwards: many")
            response = await client.ask(bad)
            assert response.status_code == 400
            (warning,) = response.typed("Warning")
            assert (warning.code, warning.agent) == (399, "sipgen")
            assert "Max-Forwards" in warning.text
            assert (await client.ask(request())).status_code == 200
        assert EventType.REQUEST_REFUSED in kinds(events)
        assert made.counters.dropped == {"refused": 1}

    run(scenario())


def test_other_versions_get_505(run: Run) -> None:
    async def scenario() -> None:
        async with serving(endpoint(validation="interop")) as client:
            response = await client.ask(request().replace(b"SIP/2.0\r\nVia", b"SIP/3.0\r\nVia"))
            assert response.status_code == 505

    run(scenario())


def test_extensions_that_are_not_supported_get_420(run: Run) -> None:
    async def scenario() -> None:
        made = endpoint(supported_extensions={"timer"})
        async with serving(made) as client:
            line = b"Require: 100rel, timer, path\r\nContent-Length"
            response = await client.ask(request().replace(b"Content-Length", line))
            assert response.status_code == 420
            assert response.typed("Unsupported") == ("100rel", "path")
            line = b"Require: timer\r\nContent-Length"
            assert (await client.ask(request().replace(b"Content-Length", line))).status_code == 200
            line = b"Require: a b\r\nContent-Length"
            assert (await client.ask(request().replace(b"Content-Length", line))).status_code == 400

    run(scenario())


def test_a_request_that_does_not_parse_may_get_400(run: Run) -> None:
    async def scenario() -> None:
        made = endpoint(answer_bad_requests=True)
        async with serving(made) as client:
            bad = request().replace(b"Content-Length: 0", b"Content-Length: 99")
            response = await client.ask(bad)
            assert response.status_code == 400
            assert "Content-Length" in response.typed("Warning")[0].text
            # Neither what has no Via, nor an ACK, nor a response, nor garbage.
            await client.send(bad.replace(b"Via:", b"X:"))
            await client.send(bad.replace(b"OPTIONS", b"ACK"))
            await client.send(b"SIP/2.0 200 OK\r\nContent-Length: 5\r\n\r\n")
            await client.send(b"garbage")
            assert (await client.ask(request())).status_code == 200
        assert made.counters.parse_errors == {"content-length-too-large": 4, "start-line": 1}

    run(scenario())


def test_too_many_requests_get_503_and_an_ack_nothing(run: Run) -> None:
    async def scenario() -> None:
        release = asyncio.Event()
        made = endpoint(max_pending_requests=1, retry_after=7)

        @made.on("MESSAGE")
        async def slow(message: Request, _addr: Address) -> Response:
            await release.wait()
            return message.reply(200, to_tag="slow")

        async with serving(made) as client:
            await client.send(request("MESSAGE", "1"))
            response = await client.ask(request("MESSAGE", "2"))
            assert response.status_code == 503
            assert response.typed("Retry-After").seconds == 7
            await client.send(request("ACK", "3"))
            assert (await client.ask(request("MESSAGE", "4"))).status_code == 503
            assert made.counters.pending == 1
            release.set()
            assert (await client.receive()).status_code == 200
        assert made.counters.dropped == {"overload": 3}

    run(scenario())


# -- limits --------------------------------------------------------------------------


def test_a_truncated_datagram_is_told(run: Run) -> None:
    async def scenario() -> None:
        events: list[Event] = []
        made = endpoint(events, receive_buffer_size=len(request()))
        async with serving(made) as client:
            await client.send(request() + b"more")
            assert (await client.ask(request())).status_code == 200
        assert made.counters.truncated == 1
        assert kinds(events)[0] == EventType.TRUNCATED

    run(scenario())


def test_a_request_too_large_for_udp(run: Run) -> None:
    async def scenario() -> None:
        events: list[Event] = []
        message = Request("MESSAGE", "sip:a@b", (), b"x" * 1_400)
        warned, refused = endpoint(events), endpoint(events, oversize="error")
        async with serving(warned) as client:
            await warned.send(message, client.socket.getsockname())
            assert len(await asyncio.get_running_loop().sock_recv(client.socket, 65_535)) > 1_400
            assert kinds(events) == [EventType.OVERSIZE, EventType.MESSAGE_SENT]
            assert events[1].request is message
            message.body = b"x" * 70_000
            with pytest.raises(EndpointError, match="TCP"):
                await warned.send(message, client.socket.getsockname())
            # A response of any size goes if UDP can carry it.
            await warned.send(Response(200, None, (), b"x" * 1_400), client.socket.getsockname())
            with pytest.raises(EndpointError, match="65507"):
                await warned.send(Response(200, None, (), b"x" * 66_000), ("127.0.0.1", 9))
            assert warned.counters.send_errors == 1
        async with serving(refused) as client:
            message.body = b"x" * 1_400
            with pytest.raises(EndpointError, match=r"18\.1\.1"):
                await refused.send(message, client.socket.getsockname())

    run(scenario())


def test_a_peer_that_is_gone_is_told(run: Run) -> None:
    async def scenario() -> None:
        told: asyncio.Queue[Event] = asyncio.Queue()
        made = sipgen.Endpoint(host="127.0.0.1", port=0, on_event=told.put_nowait)
        async with serving(made):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                sock.bind(("127.0.0.1", 0))
                gone = sock.getsockname()
            await made.send(Request("OPTIONS", "sip:a@b"), gone)
            assert (await asyncio.wait_for(told.get(), 5)).type == EventType.MESSAGE_SENT
            event = await asyncio.wait_for(told.get(), 5)
            assert event.type == EventType.PEER_UNREACHABLE
            assert event.addr == gone
            assert "ECONNREFUSED" in str(event.error)

    run(scenario())


# -- where responses go --------------------------------------------------------------


def test_responses_go_by_the_via_or_to_the_source(run: Run) -> None:
    async def scenario() -> None:
        for setting, expected in ((False, "by via"), (True, "to source")):
            events: list[Event] = []
            made = endpoint(events, respond_to_source=setting)
            async with serving(made) as client:
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                    other.setblocking(False)  # noqa: FBT003
                    other.bind(("127.0.0.1", 0))
                    port = other.getsockname()[1]
                    data = request().replace(b"5070", str(port).encode()).replace(b";rport", b"")
                    await client.send(data)
                    sock = client.socket if expected == "to source" else other
                    loop = asyncio.get_running_loop()
                    answer = await asyncio.wait_for(loop.sock_recv(sock, 65_535), 5)
                    assert answer.startswith(b"SIP/2.0 200 OK\r\n")
                    sent = events[-1]
                    assert sent.type == EventType.RESPONSE_SENT
                    assert sent.addr == client.socket.getsockname()
                    assert sent.destination == sock.getsockname()
                    told = event_facts(sent).get("destination")
                    assert told == (None if sock is client.socket else ["127.0.0.1", port])

    run(scenario())


def test_a_name_in_a_via_is_looked_up(run: Run) -> None:
    async def scenario() -> None:
        events: list[Event] = []
        made = endpoint(events)
        async with serving(made) as client:
            port = client.socket.getsockname()[1]
            via = f"127.0.0.1:{port};maddr=localhost;branch=z9hG4bK1".encode()
            data = request().replace(b"127.0.0.1:5070;branch=z9hG4bK1;rport", via)
            assert (await client.ask(data)).status_code == 200
            lost = data.replace(b"localhost", b"no-such-host.invalid")
            await client.send(lost)
            await client.send(data.replace(b"localhost", b"a" * 64 + b".invalid"))
            assert (await client.ask(data)).status_code == 200
        assert made.counters.responses_sent == {"2xx": 2}
        assert made.counters.send_errors == 2
        assert kinds(events).count(EventType.SEND_ERROR) == 2

    run(scenario())


# -- handlers and hooks --------------------------------------------------------------


def test_sync_handlers_run_one_at_a_time(run: Run) -> None:
    async def scenario() -> None:
        order: list[str] = []
        made = endpoint(sync_handlers=True)

        @made.on("MESSAGE")
        async def slow(message: Request, _addr: Address) -> Response:
            order.append(f"begin {message.call_id}")
            await asyncio.sleep(0)
            order.append(f"end {message.call_id}")
            return message.reply(200, to_tag="t")

        async with serving(made) as client:
            for call in "123":
                await client.send(request("MESSAGE", call))
            for _ in "123":
                await client.receive()
        assert order == [f"{what} {n}@127.0.0.1" for n in "123" for what in ("begin", "end")]

    run(scenario())


def test_hooks_for_gateways(run: Run) -> None:
    async def scenario() -> None:
        seen: list[str] = []
        made = endpoint(
            on_response_sent=lambda *_: seen.append("config"),
            on_sip_response=lambda *_: seen.append("response"),
        )
        made.append_on_response_sent(lambda *_: seen.append("first"))
        made.append_on_response_sent(lambda *_: seen.append("second"))
        message = sipgen.parse(request())
        assert isinstance(message, Request)
        answer = await made.dispatch_request(message, ("192.0.2.1", 9))
        assert answer is not None
        made.notify_response_delivered(message, answer, ("192.0.2.1", 9))
        made.invoke_on_sip_response(answer, ("192.0.2.1", 9))
        assert seen == ["config", "first", "second", "response"]
        assert made.counters.responses_sent == made.counters.responses_received == {"2xx": 1}

    run(scenario())


def test_counters(run: Run) -> None:
    async def scenario() -> None:
        made = endpoint()
        async with serving(made) as client:
            await client.send(b"\r\n\r\n")
            await client.send(b"garbage")
            await client.send(b"SIP/2.0 180 Ringing\r\n\r\n")
            await client.ask(request())
            await client.ask(request("FROBNICATE"))
        counts = made.counters.to_dict()
        assert counts["received"] == 5
        assert counts["noise"] == 1
        assert counts["parse_errors"] == {"start-line": 1}
        assert counts["requests"] == {"OPTIONS": 1, "other": 1}
        assert counts["responses_received"] == {"1xx": 1}
        assert counts["responses_sent"] == {"2xx": 1, "5xx": 1}
        assert counts["handler_calls"] == 2
        assert made.counters.handler_seconds > 0
        assert counts["pending"] == 0

    run(scenario())


def test_labels_are_bounded() -> None:
    counters = sipgen.Endpoint(port=0).counters
    for number in range(1_000):
        counters.parse_error(f"rule-{number}")
    assert len(counters.parse_errors) == 257
    assert counters.parse_errors["other"] == 1_000 - 256


def test_many_workers_share_a_port(run: Run) -> None:
    async def scenario() -> None:
        async with sipgen.Endpoint(host="127.0.0.1", port=0, reuse_port=True) as one:
            address = one.listen_addr
            assert address is not None
            async with sipgen.Endpoint(host="127.0.0.1", port=address[1], reuse_port=True) as other:
                assert other.listen_addr == address
            with pytest.raises(EndpointError, match="in use"):
                await sipgen.Endpoint(host="127.0.0.1", port=address[1]).open()

    run(scenario())
