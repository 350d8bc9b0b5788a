"""The core of an Endpoint, driven without a socket and without an event loop."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import sipgen.endpoint.core as core_module
from sipgen import EndpointConfig, EndpointError, Event, EventType, Request, Response
from sipgen.endpoint.core import EndpointCore, ResponseToSend
from sipgen.endpoint.handlers import HandlerToRun
from sipgen.endpoint.routing import Destination
from tests.endpoint.conftest import request

PEER = ("192.0.2.1", 40_000)
RESPONSE = b"SIP/2.0 180 Ringing\r\n\r\n"


class Pause:
    """What a handler awaits; whoever drives it sends the value."""

    def __await__(self) -> Generator[None, Any, Any]:
        return (yield)


def core(events: list[Event] | None = None, **settings: Any) -> EndpointCore:
    hook = None if events is None else events.append
    made = EndpointCore(EndpointConfig(on_event=hook, **settings))
    made.handlers.register("OPTIONS", lambda message, _addr: message.reply(200, to_tag="t"))

    async def slow(message: Request, _addr: object) -> Any:
        status = await Pause()
        return message.reply(status, to_tag="slow") if isinstance(status, int) else status

    made.handlers.register("MESSAGE", slow)
    return made


def kinds(events: list[Event]) -> list[EventType]:
    return [event.type for event in events]


class Work(NamedTuple):
    """A ResponseToSend with names."""

    data: bytes
    destination: tuple[Any, ...]
    request: Request
    response: Response
    addr: tuple[Any, ...]


def to_send(work: object) -> Work:
    assert isinstance(work, tuple)
    return Work(*work)


def to_run(work: object) -> HandlerToRun:
    assert isinstance(work, HandlerToRun)
    return work


def result(run: HandlerToRun, value: object) -> object:
    """What the coroutine of ``run`` returns once it is given ``value``."""
    coroutine: Any = run.awaitable
    coroutine.send(None)
    with pytest.raises(StopIteration) as stop:
        coroutine.send(value)
    return stop.value.value


def finish(made: EndpointCore, run: HandlerToRun, value: object) -> ResponseToSend | None:
    work = made.answered(run, made.handlers.returned(run, result(run, value)))
    made.ended()
    return work


def test_nothing_in_the_core_imports_a_socket_or_a_loop() -> None:
    script = (
        "import sys, types\n"
        "package = types.ModuleType('sipgen.endpoint')\n"
        "import sipgen\n"
        "package.__path__ = [sipgen.__path__[0] + '/endpoint']\n"
        # The package itself imports the driver.
        "sys.modules['sipgen.endpoint'] = package\n"
        "import sipgen.endpoint.core\n"
        "assert not {'asyncio', 'socket'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_a_request_in_and_a_response_out() -> None:
    events: list[Event] = []
    made = core(events)
    work = to_send(made.receive(request(), PEER))
    assert work.data.startswith(b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;")
    assert b";rport=40000;received=192.0.2.1\r\n" in work.data
    assert bytes(work.response) == work.data
    assert (work.destination, work.addr, work.request.method) == (PEER, PEER, "OPTIONS")
    assert made.counters.responses_sent == {}
    assert kinds(events) == [EventType.DATAGRAM_RECEIVED, EventType.REQUEST_RECEIVED]
    made.response_sent(work.request, work.response, work.addr, PEER)
    assert made.counters.responses_sent == {"2xx": 1}
    assert made.counters.requests == {"OPTIONS": 1}
    assert (made.counters.received, made.counters.handler_calls) == (1, 1)
    assert events[-1].type is EventType.RESPONSE_SENT
    assert events[-1].destination == PEER


@pytest.mark.parametrize(
    ("sent_by", "settings", "destination"),
    [
        ("192.0.2.1:40000", {}, PEER),
        ("192.0.2.1:5070", {}, ("192.0.2.1", 5070)),
        ("192.0.2.1", {}, ("192.0.2.1", 5060)),
        ("client.example:5070", {}, ("192.0.2.1", 5070)),
        ("192.0.2.1:5070", {"respond_to_source": True}, PEER),
        ("192.0.2.1:7;maddr=192.0.2.9", {}, Destination("192.0.2.9", 7, None)),
        ("192.0.2.1:7;maddr=224.0.1.75;ttl=3", {}, Destination("224.0.1.75", 7, 3)),
        ("192.0.2.1:7;maddr=192.0.2.9", {"respond_to_source": True}, PEER),
    ],
)
def test_destinations(
    sent_by: str, settings: dict[str, Any], destination: tuple[object, ...]
) -> None:
    data = request().replace(b"127.0.0.1:5070", sent_by.encode()).replace(b";rport", b"")
    work = to_send(core(**settings).receive(data, PEER))
    assert work.destination == destination
    assert type(work.destination) is type(destination)


def test_a_peer_on_a_dual_stack_socket_keeps_the_form_of_its_address() -> None:
    data = request().replace(b";rport", b"")
    work = to_send(core().receive(data, ("::ffff:192.0.2.1", 40_000, 0, 0)))
    assert work.destination == ("::ffff:192.0.2.1", 5070, 0, 0)


def test_a_response_whose_via_the_handler_changed_goes_elsewhere() -> None:
    made = core()

    def elsewhere(message: Request, _addr: object) -> Response:
        response = message.reply(200, to_tag="t")
        response.set("Via", "SIP/2.0/UDP 192.0.2.7:5070;branch=z9hG4bK1")
        return response

    made.handlers.register("INFO", elsewhere)
    work = to_send(made.receive(request("INFO"), PEER))
    assert work.destination == Destination("192.0.2.7", 5070, None)


def test_an_async_handler() -> None:
    made = core()
    run = to_run(made.receive(request("MESSAGE"), PEER))
    assert (run.addr, run.request.method) == (PEER, "MESSAGE")
    assert (made.counters.pending, made.counters.handler_calls) == (1, 0)
    work = to_send(finish(made, run, 202))
    assert work.data.startswith(b"SIP/2.0 202 Accepted\r\n")
    assert work.destination == PEER
    assert (made.counters.pending, made.counters.handler_calls) == (0, 1)


def test_an_async_handler_without_a_response() -> None:
    made = core()
    assert finish(made, to_run(made.receive(request("MESSAGE"), PEER)), None) is None
    assert made.counters.handler_errors == 0


def test_an_async_handler_that_raises() -> None:
    events: list[Event] = []
    made = core(events)
    run = to_run(made.receive(request("MESSAGE"), PEER))
    error = RuntimeError("not today")
    work = to_send(made.answered(run, made.handlers.raised(run, error)))
    made.ended()
    run.awaitable.close()  # type: ignore[attr-defined]
    assert work.response.status_code == 500
    assert events[-1].type is EventType.HANDLER_ERROR
    assert events[-1].error is error
    assert made.counters.handler_errors == 1


class Odd(Response):
    """A Response of somebody's own."""

    __slots__ = ()


def a_str(_message: Request) -> object:
    return "200 OK"


def an_int(_message: Request) -> object:
    return 200


def the_request(message: Request) -> object:
    return message


def nothing(_message: Request) -> object:
    return None


def a_response(message: Request) -> object:
    return message.reply(200, to_tag="t")


def a_subclass(message: Request) -> object:
    return Odd(200, None, [(name, message.get(name)) for name in ("Via", "To", "From", "CSeq")])


@pytest.mark.parametrize("is_async", [False, True], ids=["plain", "async"])
@pytest.mark.parametrize(
    ("give", "status"),
    [
        (a_str, 500),
        (an_int, 500),
        (the_request, 500),
        (a_response, 200),
        (a_subclass, 200),
        (nothing, None),
    ],
)
def test_what_a_handler_may_return(
    give: Callable[[Request], object], status: int | None, *, is_async: bool
) -> None:
    events: list[Event] = []
    made = core(events)

    async def later(message: Request, _addr: object) -> Any:
        return await Pause() or give(message)

    def now(message: Request, _addr: object) -> Any:
        return give(message)

    made.handlers.register("INFO", later if is_async else now)
    work: object = made.receive(request("INFO"), PEER)
    if is_async:
        work = finish(made, to_run(work), None)
    assert (to_send(work).response.status_code if work else None) == status
    failed = status == 500
    assert made.counters.handler_errors == failed
    assert made.counters.handler_calls == 1
    errors = [event.error for event in events if event.type is EventType.HANDLER_ERROR]
    assert [type(error) for error in errors] == [TypeError] * failed
    if failed:
        assert "'INFO'" in str(errors[0])
        assert "not a Response or None" in str(errors[0])


def test_an_ack_gets_no_response() -> None:
    made = core()
    made.handlers.register("ACK", lambda message, _addr: message.reply(200))
    assert made.receive(request("ACK"), PEER) is None
    assert made.receive(request("FROBNICATE"), PEER) is not None
    assert made.counters.handler_calls == 2


def test_a_request_that_is_refused() -> None:
    events: list[Event] = []
    made = core(events, validation="strict")
    bad = request().replace(b"Max-Forwards: 70", b"Max-Forwards: many")
    work = to_send(made.receive(bad, PEER))
    assert work.response.status_code == 400
    assert work.destination == PEER
    assert events[-1].type is EventType.REQUEST_REFUSED
    assert made.receive(bad.replace(b"OPTIONS", b"ACK"), PEER) is None
    assert made.counters.dropped == {"refused": 2}
    assert made.counters.handler_calls == 0


def test_a_request_that_cannot_be_parsed() -> None:
    bad = request().replace(b"Content-Length: 0", b"Content-Length: 99")
    assert core().receive(bad, PEER) is None
    work = to_send(core(answer_bad_requests=True).receive(bad, PEER))
    assert work.response.status_code == 400
    assert work.destination == PEER


def test_overload() -> None:
    made = core(max_pending_requests=1)
    run = to_run(made.receive(request("MESSAGE", "1"), PEER))
    work = to_send(made.receive(request("MESSAGE", "2"), PEER))
    assert work.response.status_code == 503
    assert made.receive(request("ACK", "3"), PEER) is None
    assert made.counters.dropped == {"overload": 2}
    # Its response has to wait for the socket: that is pending too.
    work = to_send(made.answered(run, made.handlers.returned(run, result(run, 200))))
    made.postponed()
    made.ended()
    assert to_send(made.receive(request("OPTIONS", "4"), PEER)).response.status_code == 503
    made.response_sent(work.request, work.response, work.addr)
    made.ended()
    assert made.counters.pending == 0
    assert to_send(made.receive(request("OPTIONS", "5"), PEER)).response.status_code == 200


def test_a_response_in() -> None:
    seen: list[object] = []
    events: list[Event] = []
    made = core(events, on_sip_response=lambda response, addr: seen.append((response, addr)))
    assert made.receive(RESPONSE, PEER) is None
    assert kinds(events) == [EventType.DATAGRAM_RECEIVED, EventType.RESPONSE_RECEIVED]
    assert seen == [(events[1].response, PEER)]
    assert made.counters.responses_received == {"1xx": 1}


def test_nothing_to_do_about_noise_and_datagrams_that_are_too_long() -> None:
    made = core(receive_buffer_size=100)
    assert made.receive(b"\r\n\r\n", PEER) is None
    assert made.receive(request(), PEER) is None
    assert (made.counters.noise, made.counters.truncated) == (1, 1)


def test_a_response_that_was_not_sent() -> None:
    events: list[Event] = []
    sent: list[object] = []
    made = core(events, on_response_sent=lambda *_: sent.append("config"))
    made.after_response_sent.append(lambda *_: sent.append("appended"))
    work = to_send(made.receive(request(), PEER))
    error = EndpointError("the socket is full")
    made.response_not_sent(work.request, work.response, work.addr, error)
    assert (made.counters.send_errors, made.counters.responses_sent) == (1, {})
    assert events[-1].type is EventType.SEND_ERROR
    assert (events[-1].error, events[-1].response) == (error, work.response)
    assert sent == []
    made.response_sent(work.request, work.response, work.addr)
    assert sent == ["config", "appended"]


def test_messages_of_ones_own() -> None:
    events: list[Event] = []
    made = core(events, oversize="error")
    message = Request("MESSAGE", "sip:a@b", (), b"hi")
    assert made.message_to_send(message, PEER).endswith(b"Content-Length: 2\r\n\r\nhi")
    made.message_sent(message, PEER)
    error = EndpointError("the socket is full")
    made.message_not_sent(message, PEER, error)
    message.body = b"x" * 1_400
    with pytest.raises(EndpointError, match="use TCP"):
        made.message_to_send(message, PEER)
    assert kinds(events) == [EventType.MESSAGE_SENT, EventType.SEND_ERROR, EventType.OVERSIZE]
    assert made.counters.send_errors == 1


def test_troubles_of_the_socket() -> None:
    events: list[Event] = []
    errors: list[Exception] = []
    made = core(events, on_read_error=errors.append)
    error = OSError(111, "refused")
    made.peer_unreachable(PEER, error)
    made.read_failed(error)
    assert (kinds(events), errors) == ([EventType.PEER_UNREACHABLE], [error])


def test_no_private_slot_of_a_message_is_read_here() -> None:
    slots = {slot for kind in Request.__mro__ for slot in getattr(kind, "__slots__", ())}
    private = {slot for slot in slots if slot.startswith("_")}
    assert "_lines" in private
    for path in Path(core_module.__file__).parent.glob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text()))
        read = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        assert not read & private, path
