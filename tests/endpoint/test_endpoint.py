"""The Endpoint over real sockets on loopback."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

import sipgen
from sipgen import Endpoint, EndpointConfig, EndpointError, Event, EventType, Request, Response
from sipgen.endpoint import Address
from tests.endpoint.conftest import TIMEOUT, Client, Run, request, serving

TORTURE = Path(__file__).resolve().parents[1] / "data" / "rfc4475"


def local(**settings: object) -> Endpoint:
    return Endpoint(EndpointConfig(host="127.0.0.1", port=0, **settings))  # type: ignore[arg-type]


def test_a_handler_answers(run: Run) -> None:
    async def scenario() -> None:
        endpoint = local()

        @endpoint.on("options")
        def options(message: Request, addr: Address) -> Response:
            assert addr[0] == "127.0.0.1"
            return message.reply(
                200, to_tag="b", headers=[("Content-Type", "text/plain")], body=b"hello"
            )

        async with serving(endpoint) as client:
            port = client.socket.getsockname()[1]
            response = await client.ask(request())
        assert response.status_code == 200
        assert response.get_all("Via") == [
            f"SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1;rport={port};received=127.0.0.1",
            "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKfirst",
        ]
        assert response.get("CSeq") == "1 OPTIONS"
        assert response.get("To") == "<sip:bob@127.0.0.1>;tag=b"
        assert response.get("Content-Length") == "5"
        assert response.body == b"hello"

    run(scenario())


def test_an_async_handler_does_not_hold_up_others(run: Run) -> None:
    async def scenario() -> None:
        endpoint = local()
        release = asyncio.Event()

        @endpoint.on("MESSAGE")
        async def slow(message: Request, _addr: Address) -> Response:
            await release.wait()
            return message.reply(200, to_tag="slow")

        @endpoint.on("OPTIONS")
        async def fast(message: Request, _addr: Address) -> Response:
            return message.reply(200, to_tag="fast")

        async with serving(endpoint) as client:
            await client.send(request("MESSAGE"))
            response = await client.ask(request("OPTIONS"))
            assert response.get("CSeq") == "1 OPTIONS"
            release.set()
            assert (await client.receive()).get("CSeq") == "1 MESSAGE"

    run(scenario())


def test_a_method_without_a_handler_gets_501_and_the_methods_there_are(run: Run) -> None:
    async def scenario() -> None:
        endpoint = local()
        endpoint.register_handler("invite", lambda _request, _addr: None)
        endpoint.register_handler("OPTIONS", lambda _request, _addr: None)
        async with serving(endpoint) as client:
            response = await client.ask(request("FROBNICATE"))
        assert (response.status_code, response.reason_phrase) == (501, "Not Implemented")
        assert response.get("Allow") == "INVITE, OPTIONS"
        assert response.get("Call-ID") == "1@127.0.0.1"

    run(scenario())


def test_no_route_handler_takes_the_place_of_the_501(run: Run) -> None:
    async def scenario() -> None:
        endpoint = local(no_route_handler=lambda message, _addr: message.reply(405, to_tag="x"))
        async with serving(endpoint) as client:
            assert (await client.ask(request("FROBNICATE"))).status_code == 405
            endpoint.set_no_route_handler(None)
            assert (await client.ask(request("FROBNICATE"))).status_code == 501

    run(scenario())


async def silent(client: Client, data: bytes) -> None:
    """Send ``data``, then an OPTIONS: the first answer must be the one to the OPTIONS."""
    await client.send(data)
    assert (await client.ask(request("OPTIONS", "after"))).get("Call-ID") == "after@127.0.0.1"


def test_no_answer_to_ack_responses_noise_and_garbage(run: Run) -> None:
    async def scenario() -> None:
        seen: list[Event] = []
        acks: list[Request] = []
        endpoint = local(on_event=seen.append)

        @endpoint.on("ACK")
        def ack(message: Request, _addr: Address) -> Response:
            acks.append(message)
            return message.reply(200)

        async with serving(endpoint) as client:
            await silent(client, request("ACK"))
            await silent(client, b"\r\n\r\n")
            await silent(client, b"this is no SIP message")
            await silent(client, b"SIP/2.0 200 OK\r\nCSeq: 1 OPTIONS\r\n\r\n")
        assert len(acks) == 1
        kinds = [event.type for event in seen]
        assert kinds.count(EventType.PARSE_ERROR) == 1
        assert kinds.count(EventType.RESPONSE_RECEIVED) == 1
        assert kinds.count(EventType.DATAGRAM_RECEIVED) == 3 + 4
        assert kinds.count(EventType.RESPONSE_SENT) == 4

    run(scenario())


def test_an_ack_without_a_handler_is_left_alone(run: Run) -> None:
    async def scenario() -> None:
        async with serving(local()) as client:
            await silent(client, request("ACK"))

    run(scenario())


def test_hooks_in_order(run: Run) -> None:
    async def scenario() -> None:
        order: list[str] = []
        endpoint = local(
            on_datagram=lambda data, _addr: order.append(f"datagram {len(data)}"),
            on_request=lambda message, _addr: order.append(f"request {message.method}"),
            on_response=lambda _m, response, _addr: order.append(
                f"response {response.status_code}"
            ),
            on_response_sent=lambda _m, response, _a: order.append(f"sent {response.status_code}"),
            on_parse_error=lambda _data, _addr, error: order.append(type(error).__name__),
            on_sip_response=lambda response, _addr: order.append(f"got {response.status_code}"),
            on_event=lambda event: order.append(f"event {event.type.value}"),
        )

        @endpoint.on("OPTIONS")
        def options(message: Request, _addr: Address) -> Response:
            order.append("handler")
            return message.reply(200, to_tag="b")

        data = request()
        async with serving(endpoint) as client:
            await client.ask(data)
            await client.send(b"SIP/2.0 180 Ringing\r\n\r\n")
            await client.send(b"nonsense")
            await client.ask(data)
        assert order[:8] == [
            f"datagram {len(data)}",
            "event datagram received",
            "request OPTIONS",
            "event request received",
            "handler",
            "response 200",
            "event response sent",
            "sent 200",
        ]
        assert "got 180" in order
        assert order.index("ParseError") == order.index("event parse error") - 1

    run(scenario())


def test_a_handler_that_raises_gives_500_and_ends_nothing(run: Run) -> None:
    async def scenario() -> None:
        seen: list[Event] = []
        endpoint = local(on_event=seen.append)

        @endpoint.on("OPTIONS")
        def broken(_message: Request, _addr: Address) -> Response:
            raise RuntimeError("not today")

        @endpoint.on("INFO")
        async def broken_later(_message: Request, _addr: Address) -> Response:
            await asyncio.get_running_loop().run_in_executor(None, int, "7")
            raise RuntimeError("nor tomorrow")

        async with serving(endpoint) as client:
            assert (await client.ask(request("OPTIONS"))).status_code == 500
            assert (await client.ask(request("INFO"))).status_code == 500
            assert (await client.ask(request("FROBNICATE"))).status_code == 501
        errors = [event for event in seen if event.type is EventType.HANDLER_ERROR]
        assert [str(event.error) for event in errors] == ["not today", "nor tomorrow"]
        assert [event.request_method for event in errors] == ["OPTIONS", "INFO"]
        assert errors[0].response_status == 0

    run(scenario())


def test_a_handler_that_returns_no_response_gives_500_plain_or_async(run: Run) -> None:
    async def scenario() -> None:
        seen: list[Event] = []
        endpoint = local(on_event=seen.append)

        async def later(message: Request, _addr: Address) -> Request:
            await asyncio.sleep(0)
            return message

        endpoint.register_handler("OPTIONS", lambda _message, _addr: "200 OK")  # type: ignore[arg-type, return-value]
        endpoint.register_handler("INFO", later)  # type: ignore[arg-type]
        async with serving(endpoint) as client:
            assert (await client.ask(request("OPTIONS"))).status_code == 500
            assert (await client.ask(request("INFO"))).status_code == 500
        for method in ("OPTIONS", "INFO"):
            message = sipgen.parse(request(method))
            assert isinstance(message, Request)
            response = await endpoint.dispatch_request(message, ("192.0.2.1", 5060))
            assert response is not None
            assert response.status_code == 500
        errors = [event.error for event in seen if event.type is EventType.HANDLER_ERROR]
        assert [type(error) for error in errors] == [TypeError] * 4
        assert endpoint.counters.handler_errors == 4

    run(scenario())


def test_hooks_that_raise_are_contained(run: Run) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("a hook")

    async def scenario() -> None:
        endpoint = local(on_datagram=broken, on_request=broken, on_response=broken, on_event=broken)
        async with serving(endpoint) as client:
            assert (await client.ask(request())).status_code == 501

    run(scenario())


def test_a_response_that_cannot_be_sent_is_an_event(run: Run) -> None:
    async def scenario() -> None:
        seen: list[Event] = []
        endpoint = local(on_event=seen.append)

        @endpoint.on("OPTIONS")
        def options(message: Request, _addr: Address) -> Response:
            return message.reply(200, to_tag="b", body=bytes(70_000))

        async with serving(endpoint) as client:
            await client.send(request())
            assert (await client.ask(request("FROBNICATE"))).status_code == 501
        assert [e.response_status for e in seen if e.type is EventType.SEND_ERROR] == [200]

    run(scenario())


def test_send(run: Run) -> None:
    async def scenario() -> None:
        sent: list[sipgen.Message] = []
        endpoint = local(on_message_sent=lambda message, _addr: sent.append(message))
        message = Request("MESSAGE", "sip:bob@127.0.0.1", [("CSeq", "1 MESSAGE")], b"hi")
        with pytest.raises(EndpointError, match="not open"):
            await endpoint.send(message, ("127.0.0.1", 9))
        async with serving(endpoint) as client:
            await endpoint.send(message, client.socket.getsockname())
            data = await asyncio.wait_for(client.loop.sock_recv(client.socket, 65_535), TIMEOUT)
            assert data.endswith(b"Content-Length: 2\r\n\r\nhi")
            assert sent == [message]
            with pytest.raises(EndpointError, match="cannot send"):
                await endpoint.send(message, ("127.0.0.1", 70_000))

    run(scenario())


def test_dispatch_without_sending(run: Run) -> None:
    async def scenario() -> None:
        endpoint = local()
        endpoint.register_handler("OPTIONS", lambda message, _addr: message.reply(200))
        options = sipgen.parse(request())
        assert isinstance(options, Request)
        response = await endpoint.dispatch_request(options, ("192.0.2.1", 5060))
        assert response is not None
        assert response.status_code == 200

    run(scenario())


@pytest.mark.parametrize("path", sorted(TORTURE.glob("*.dat")), ids=lambda path: path.name)
def test_every_request_that_can_be_read_can_be_answered(run: Run, path: Path) -> None:
    data = path.read_bytes()

    async def scenario() -> None:
        try:
            message = sipgen.parse(data)
        except sipgen.ParseError:
            return
        if isinstance(message, Request):
            response = await local().dispatch_request(message, ("192.0.2.1", 5060))
            assert response is not None
            assert sipgen.parse(bytes(response)).get("Via") == message.get("Via")

    run(scenario())


def test_life(run: Run) -> None:
    async def scenario() -> None:
        endpoint = local()
        assert (endpoint.listen_addr, endpoint.transport) == (None, None)
        with pytest.raises(EndpointError, match="not open"):
            await endpoint.serve()
        await endpoint.close()
        await endpoint.open()
        assert "127.0.0.1" in repr(endpoint.transport)
        with pytest.raises(EndpointError, match="open already"):
            await endpoint.open()
        serve = asyncio.create_task(endpoint.serve())
        await asyncio.sleep(0)
        with pytest.raises(EndpointError, match="served already"):
            await endpoint.serve()
        serve.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serve
        again = asyncio.create_task(endpoint.serve())
        await asyncio.sleep(0)
        await endpoint.close()
        await again
        assert endpoint.listen_addr is None

    run(scenario())


def test_close_before_serve_had_its_turn(run: Run) -> None:
    async def scenario() -> None:
        async with local() as endpoint:
            serve = asyncio.create_task(endpoint.serve())
            await endpoint.close()
            await asyncio.wait_for(serve, TIMEOUT)

    run(scenario())


def test_close_waits_for_handlers_then_cancels_them(run: Run) -> None:
    async def scenario() -> None:
        endpoint = local(close_timeout=0.01)
        started = asyncio.Event()
        cancelled = asyncio.Event()

        @endpoint.on("OPTIONS")
        async def endless(_message: Request, _addr: Address) -> None:
            started.set()
            try:
                await asyncio.get_running_loop().create_future()
            except asyncio.CancelledError:
                cancelled.set()
                raise

        async with serving(endpoint) as client:
            await client.send(request())
            await asyncio.wait_for(started.wait(), TIMEOUT)
        assert cancelled.is_set()

    run(scenario())


def test_a_port_in_use_is_a_clear_error(run: Run) -> None:
    async def scenario() -> None:
        async with local() as first:
            assert first.listen_addr is not None
            port = first.listen_addr[1]
            with pytest.raises(EndpointError, match=f"127.0.0.1, UDP port {port}: .*in use"):
                await Endpoint(host="127.0.0.1", port=port).open()

    run(scenario())


@pytest.mark.parametrize(
    "settings",
    [
        {"host": "no-such-host.invalid", "port": 0},
        {"host": "192.0.2.1", "port": 0},
        {"host": "127.0.0.1", "port": 70_000},
        {"host": "::1", "port": 0, "network": "udp4"},
    ],
)
def test_an_address_that_cannot_be_bound_is_a_clear_error(
    run: Run, settings: dict[str, object]
) -> None:
    async def scenario() -> None:
        with pytest.raises(EndpointError, match="cannot listen on"):
            await Endpoint(None, **settings).open()

    run(scenario())


def test_config_or_settings_but_not_both() -> None:
    with pytest.raises(TypeError, match="not both"):
        Endpoint(EndpointConfig(), port=5080)


def test_a_failing_socket_ends_serve_with_an_error(run: Run) -> None:
    async def scenario() -> None:
        errors: list[Exception] = []
        endpoint = local(on_read_error=errors.append)
        await endpoint.open()
        transport = endpoint._transport
        assert transport is not None

        def broken() -> None:
            raise OSError(5, "Input/output error")

        transport.receive = broken  # type: ignore[assignment]
        serve = asyncio.create_task(endpoint.serve())
        await asyncio.sleep(0)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(b"x", transport.local_address)
            with pytest.raises(EndpointError, match="cannot read"):
                await asyncio.wait_for(serve, TIMEOUT)
        await endpoint.close()
        assert [type(error) for error in errors] == [OSError]

    run(scenario())


def test_a_loop_without_add_reader(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        loop = asyncio.get_running_loop()

        def absent(*_arguments: object) -> None:
            raise NotImplementedError

        endpoint = local()
        await endpoint.open()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)  # noqa: FBT003
            sock.bind(("127.0.0.1", 0))
            client = Client(sock, endpoint)
            with monkeypatch.context() as patch:
                patch.setattr(loop, "add_reader", absent)
                serve = asyncio.create_task(endpoint.serve())
                await asyncio.sleep(0)
            assert (await client.ask(request())).status_code == 501
        await endpoint.close()
        await serve

    run(scenario())


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 on loopback")
@pytest.mark.parametrize("network", ["udp6", "udp"])
def test_ipv6(run: Run, network: str) -> None:
    async def scenario() -> None:
        endpoint = Endpoint(host="::1", port=0, network=network)
        async with serving(endpoint) as client:
            assert (await client.ask(request())).status_code == 501

    run(scenario())


def test_the_receive_buffer_that_was_granted_is_told(run: Run) -> None:
    async def scenario() -> None:
        async with local() as endpoint:
            assert endpoint._transport is not None
            assert endpoint._transport.receive_buffer > 65_535

    run(scenario())


@pytest.mark.parametrize(
    ("data", "noise"),
    [
        (b"", False),
        (b"\r\n\r\n", True),
        (b" \t\r\n" * 16, True),
        (b" " * 65, False),
        (b"\x00", False),
        (b"hello", False),
    ],
)
def test_noise(data: bytes, *, noise: bool) -> None:
    assert sipgen.is_signaling_noise_datagram(data) is noise
