"""From a datagram to its answer: hooks, refusals, handlers, responses.

No socket is read here. What an Endpoint, or a gateway that calls
:meth:`Exchange.dispatch_request`, does with a message happens in the order of the hooks.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from inspect import isawaitable
from time import perf_counter
from typing import Any

from sipgen.endpoint.config import Address, EndpointConfig, Handler
from sipgen.endpoint.counters import STATUS_CLASSES, Counters, method_label
from sipgen.endpoint.dispatch import default_no_route_response
from sipgen.endpoint.events import Event, EventType
from sipgen.endpoint.refusals import (
    bad_request,
    overloaded,
    refusal,
    to_tag,
    unreadable_request,
)
from sipgen.endpoint.routing import Destination, arrive, response_destination, source_address
from sipgen.endpoint.transport import UDPTransport
from sipgen.errors import EndpointError, ParseError
from sipgen.generated.methods import Method
from sipgen.generated.statuses import Status
from sipgen.message import Request, Response, read
from sipgen.message.signaling import MAX_NOISE, is_signaling_noise_datagram

__all__ = ["Exchange"]

_log = logging.getLogger("sipgen.endpoint")
_ACK = str(Method.ACK)
_VIA = "Via"


class Exchange:
    """The part of an Endpoint between socket and handlers."""

    def __init__(self, config: EndpointConfig, counters: Counters) -> None:
        self.config = config
        """The settings and hooks."""
        self.counters = counters
        """What has been done so far."""
        self._handlers: dict[str, Handler] = {}
        self._no_route_handler = config.no_route_handler
        self._tasks: set[asyncio.Task[None]] = set()
        self._serial: asyncio.Task[None] | None = None
        self._refuses = config.validation != "off" or config.supported_extensions is not None
        self._transport: UDPTransport | None = None
        self._response_sent: list[Callable[[Request, Response, Address], object]] = []

    # -- handlers and hooks ------------------------------------------------------------

    def register_handler(self, method: str, handler: Handler) -> None:
        """Let ``handler`` answer requests of ``method`` (any case; kept in capitals)."""
        self._handlers[method.upper()] = handler

    def set_no_route_handler(self, handler: Handler | None) -> None:
        """Let ``handler`` answer methods without one; ``None`` for the default 501."""
        self._no_route_handler = handler

    def append_on_response_sent(self, hook: Callable[[Request, Response, Address], object]) -> None:
        """Call ``hook`` after a response was sent, behind the hooks that are there."""
        self._response_sent.append(hook)

    async def dispatch_request(self, request: Request, addr: Address) -> Response | None:
        """What the handler of the request's method answers; nothing is sent.

        For gateways that read requests elsewhere (TCP, TLS). A handler that raises gives a
        500; an ACK gives ``None`` (RFC 3261 section 17.1.1.3).
        """
        begin = perf_counter()
        try:
            answer = self._handler_of(request)(request, addr)
            response: Response | None = await answer if isawaitable(answer) else answer
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is contained
            response = self._server_error(request, addr, error)
        self._count_handler(begin)
        return None if request.method == _ACK else response

    def invoke_on_sip_response(self, response: Response, addr: Address) -> None:
        """Do what is done for a response that came in: for gateways that read elsewhere."""
        label = STATUS_CLASSES.get(response.status_code // 100, "other")
        received = self.counters.responses_received
        received[label] = received.get(label, 0) + 1
        self._call(self.config.on_sip_response, addr, response, addr)
        self._tell(EventType.RESPONSE_RECEIVED, addr, response=response)

    def notify_response_delivered(
        self,
        request: Request,
        response: Response,
        addr: Address,
        destination: Address | None = None,
    ) -> None:
        """Do what is done once a response was sent: for gateways that write elsewhere.

        :param addr: where the request came from.
        :param destination: where the response went, if that is known; events tell it.
        """
        config = self.config
        sent = self.counters.responses_sent
        label = STATUS_CLASSES.get(response._start_line.status_code // 100, "other")  # noqa: SLF001
        sent[label] = sent.get(label, 0) + 1
        if config.on_event is not None:
            facts = {"request": request, "response": response, "destination": destination}
            self._tell(EventType.RESPONSE_SENT, addr, **facts)
        if config.on_response_sent is not None:
            self._call(config.on_response_sent, addr, request, response, addr)
        for hook in self._response_sent:
            self._call(hook, addr, request, response, addr)

    # -- in --------------------------------------------------------------------------

    def _receive(self, data: bytes, addr: Address) -> None:
        counters, config = self.counters, self.config
        counters.received += 1
        size = len(data)
        if size <= MAX_NOISE and is_signaling_noise_datagram(data):
            counters.noise += 1
            return
        if size > config.receive_buffer_size:
            self._truncated(data, addr)
            return
        watched = config.on_event is not None
        if config.on_datagram is not None:
            self._call(config.on_datagram, addr, data, addr)
        if watched:
            self._tell(EventType.DATAGRAM_RECEIVED, addr, raw=data)
        try:
            message = read(data)
        except ParseError as error:
            self._unreadable(data, addr, error)
            return
        if isinstance(message, Response):
            self.invoke_on_sip_response(message, addr)
            return
        requests = counters.requests
        method = message._start_line.method  # noqa: SLF001 - one package
        try:
            requests[method] += 1
        except KeyError:
            label = method_label(method)
            requests[label] = requests.get(label, 0) + 1
        target = arrive(message, addr[0], addr[1])
        if config.on_request is not None:
            self._call(config.on_request, addr, message, addr)
        if watched:
            self._tell(EventType.REQUEST_RECEIVED, addr, raw=data, request=message)
        self._take(message, method, data, addr, target)

    def _truncated(self, data: bytes, addr: Address) -> None:
        self.counters.truncated += 1
        most = self.config.receive_buffer_size
        error = EndpointError(f"a datagram has more than {most} octets")
        _log.warning("%s", error)
        self._tell(EventType.TRUNCATED, addr, raw=data, error=error)

    def _unreadable(self, data: bytes, addr: Address, error: ParseError) -> None:
        self.counters.parse_error(error.finding.rule)
        self._call(self.config.on_parse_error, addr, data, addr, error)
        self._tell(EventType.PARSE_ERROR, addr, raw=data, error=error)
        if self.config.answer_bad_requests:
            request = unreadable_request(data)
            if request is not None:
                target = arrive(request, addr[0], addr[1])
                response = bad_request(request, error.finding, self.config)
                self._refuse(request, response, addr, target)

    def _take(
        self,
        request: Request,
        method: str,
        data: bytes,
        addr: Address,
        target: Destination | None,
    ) -> None:
        """Refuse a request, or call its handler."""
        if self._refuses:
            refused = refusal(request, data, self.config)
            if refused is not None:
                self.counters.drop("refused")
                self._refuse(request, refused, addr, target)
                return
        if len(self._tasks) >= self.config.max_pending_requests:
            self.counters.drop("overload")
            self._refuse(request, overloaded(request, self.config), addr, target)
            return
        handler = self._handlers.get(method) or self._no_route_handler or self._no_route
        begin = perf_counter()
        try:
            answer = handler(request, addr)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is contained
            answer = self._server_error(request, addr, error)
        if answer is None or type(answer) is Response:
            counters = self.counters
            counters.handler_calls += 1
            counters.handler_seconds += perf_counter() - begin
            if answer is not None and method != _ACK:
                self._answer(request, answer, addr, target)
            return
        if isinstance(answer, Response):
            self._count_handler(begin)
            if method != _ACK:
                self._answer(request, answer, addr, target)
            return
        task = asyncio.get_running_loop().create_task(
            self._await(request, answer, addr, target, begin)
        )
        self._tasks.add(task)
        self.counters.pending = len(self._tasks)
        task.add_done_callback(self._ended)
        if self.config.sync_handlers:
            self._serial = task
            self._pause()

    async def _await(
        self,
        request: Request,
        answer: Any,
        addr: Address,
        target: Destination | None,
        begin: float,
    ) -> None:
        try:
            response = await answer
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is contained
            response = self._server_error(request, addr, error)
        self._count_handler(begin)
        if request.method != _ACK:
            self._answer(request, response, addr, target)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.counters.pending = len(self._tasks)
        if task is self._serial:
            self._serial = None
            self._resume()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("an answer failed", exc_info=error)

    def _count_handler(self, begin: float) -> None:
        self.counters.handler_calls += 1
        self.counters.handler_seconds += perf_counter() - begin

    # -- out -------------------------------------------------------------------------

    def _refuse(
        self, request: Request, response: Response, addr: Address, target: Destination | None
    ) -> None:
        wanted = None if request.method == _ACK else response
        self._tell(EventType.REQUEST_REFUSED, addr, request=request, response=wanted)
        self._answer(request, wanted, addr, target)

    def _answer(
        self,
        request: Request,
        response: Response | None,
        addr: Address,
        target: Destination | None,
    ) -> None:
        """Send what a handler gave, or nothing."""
        if response is None:
            return
        config = self.config
        if config.on_response is not None:
            self._call(config.on_response, addr, request, response, addr)
        try:
            data = response.outgoing()
            transport = self._transport or self._open_transport()
            if target is None or config.respond_to_source:
                where: Address | None = addr
            else:
                # Mostly the very same str, at the top of both.
                ours = request._lines  # noqa: SLF001 - one package
                if (
                    not ours
                    or response._lines[0] is not ours[0]  # noqa: SLF001
                    or response._names[0] != _VIA  # noqa: SLF001
                ):
                    target = self._rerouted(request, response, target)
                if target is None or (target[0] == addr[0] and target[1] == addr[1]):
                    where = addr
                else:
                    where = self._address(target, addr, transport)
            if where is not None and transport.write_now(data, where):
                self.notify_response_delivered(request, response, addr, where)
                return
        except (EndpointError, AttributeError) as error:
            self._not_sent(request, response, addr, error)
            return
        self._start(self._write(transport, request, response, data, where or target or addr, addr))

    @staticmethod
    def _rerouted(request: Request, response: Response, target: Destination) -> Destination | None:
        """Where ``response`` goes if it may not have the Via that ``request`` came with."""
        same = response.get(_VIA) == request.get(_VIA)
        return target if same else response_destination(response)

    @staticmethod
    def _address(target: Destination, addr: Address, transport: UDPTransport) -> Address | None:
        """``target`` as a socket address; ``None`` if a name must be looked up."""
        host, port, ttl = target
        if host == source_address(addr[0]):
            return addr if port == addr[1] else (addr[0], port, *addr[2:])
        if ttl is not None:
            transport.set_multicast_ttl(ttl)
        return None

    async def _write(
        self,
        transport: UDPTransport,
        request: Request,
        response: Response,
        data: bytes,
        target: Destination | Address,
        addr: Address,
    ) -> None:
        """Send what could not be sent at once: the socket is busy, or a name is to be found."""
        try:
            if isinstance(target, Destination):
                target = await transport.looked_up(target.host, target.port)
            await transport.write(data, target)
        except (EndpointError, OSError) as error:
            self._not_sent(request, response, addr, error)
            return
        self.notify_response_delivered(request, response, addr, target)

    def _not_sent(
        self, request: Request, response: Response, addr: Address, error: Exception
    ) -> None:
        self.counters.send_errors += 1
        _log.warning("%s", error)
        self._tell(EventType.SEND_ERROR, addr, request=request, response=response, error=error)

    # -- inner -----------------------------------------------------------------------

    def _handler_of(self, request: Request) -> Handler:
        handler = self._handlers.get(request.method) or self._no_route_handler
        return handler or self._no_route

    def _no_route(self, request: Request, _addr: Address) -> Response | None:
        if request.method == _ACK:
            return None
        return default_no_route_response(request, self._handlers)

    def _server_error(self, request: Request, addr: Address, error: Exception) -> Response:
        self.counters.handler_errors += 1
        if isinstance(error, ParseError) and error.finding.header is not None:
            # What the handler read of the request is malformed: that is the client's fault.
            self._tell(EventType.HANDLER_ERROR, addr, request=request, error=error)
            return bad_request(request, error.finding, self.config)
        _log.error("the handler of %r raised", request.method, exc_info=error)
        self._tell(EventType.HANDLER_ERROR, addr, request=request, error=error)
        return request.reply(Status.SERVER_INTERNAL_ERROR, to_tag=to_tag())

    def _start(self, answer: Any) -> None:
        """Run ``answer`` as a task that close() waits for."""
        task = asyncio.get_running_loop().create_task(answer)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _open_transport(self) -> UDPTransport:
        raise NotImplementedError

    def _resume(self) -> None:
        raise NotImplementedError

    def _pause(self) -> None:
        raise NotImplementedError

    def _call(self, hook: Callable[..., object] | None, addr: Address, *arguments: object) -> None:
        if hook is None:
            return
        try:
            hook(*arguments)
        except Exception as error:  # noqa: BLE001 - whatever a hook raises is contained
            self.counters.handler_errors += 1
            _log.error("a hook raised", exc_info=error)
            self._tell(EventType.HANDLER_ERROR, addr, error=error)

    def _tell(self, kind: EventType, addr: Address, **facts: Any) -> None:
        hook = self.config.on_event
        if hook is None:
            return
        try:
            hook(Event(kind, addr, **facts))
        except Exception as error:  # noqa: BLE001 - and so is what on_event raises
            self.counters.handler_errors += 1
            _log.error("on_event raised", exc_info=error)
