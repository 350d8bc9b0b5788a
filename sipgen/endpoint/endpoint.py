"""The Endpoint: the asyncio driver of an EndpointCore over one UDP socket.

The socket is read from ``loop.add_reader``, a bounded number of datagrams at a time, which
costs a third of asyncio's own datagram protocol; loops without it are read by a task. A
plain handler is called where the datagram is read; an ``async`` one is a task of its own, so
one that waits holds up no other. Nothing that a handler, a hook or a datagram does ends the
loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from sipgen.endpoint.config import Address, EndpointConfig, Handler
from sipgen.endpoint.core import EndpointCore, ResponseToSend
from sipgen.endpoint.counters import Counters
from sipgen.endpoint.handlers import HandlerToRun
from sipgen.endpoint.hooks import ResponseSentHook
from sipgen.endpoint.routing import Destination
from sipgen.endpoint.transport import DatagramTransport, UDPTransport
from sipgen.errors import EndpointError
from sipgen.message import Message, Request, Response

__all__ = ["Endpoint"]

DRAIN = 64
"""Datagrams read before the event loop gets its turn."""

_log = logging.getLogger("sipgen.endpoint")
_SomeHandler = TypeVar("_SomeHandler", bound=Handler)


class Endpoint:
    """A SIP user agent server over one UDP socket, without transactions.

    ``Endpoint(config)``, or ``Endpoint(host=..., port=...)`` for a config with these
    settings. Register handlers, :meth:`open`, then :meth:`serve`; or ``async with``, which
    opens and closes.
    """

    def __init__(self, config: EndpointConfig | None = None, **settings: Any) -> None:
        if config is not None and settings:
            raise TypeError("give an EndpointConfig or settings, not both")
        self._core = EndpointCore(config or EndpointConfig(**settings))
        self._transport: UDPTransport | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._serial: asyncio.Task[None] | None = None
        self._stopped: asyncio.Future[None] | None = None
        self._reading = False
        self._closing = False

    @property
    def config(self) -> EndpointConfig:
        """The settings and hooks."""
        return self._core.config

    @property
    def counters(self) -> Counters:
        """What has been done so far."""
        return self._core.counters

    # -- handlers and hooks ------------------------------------------------------------

    def on(self, method: str) -> Callable[[_SomeHandler], _SomeHandler]:
        """Decorator: register the handler of ``method``."""

        def register(handler: _SomeHandler) -> _SomeHandler:
            self.register_handler(method, handler)
            return handler

        return register

    def register_handler(self, method: str, handler: Handler) -> None:
        """Let ``handler`` answer requests of ``method`` (any case; kept in capitals)."""
        self._core.handlers.register(method, handler)

    def set_no_route_handler(self, handler: Handler | None) -> None:
        """Let ``handler`` answer methods without a handler; ``None`` for the default 501."""
        self._core.handlers.set_no_route(handler)

    def append_on_response_sent(self, hook: ResponseSentHook) -> None:
        """Call ``hook`` after a response was sent, after the hooks that are there."""
        self._core.after_response_sent.append(hook)

    # -- for gateways that read and write elsewhere (TCP, TLS) ---------------------------

    async def dispatch_request(self, request: Request, addr: Address) -> Response | None:
        """Return what the handler of the request's method answers; nothing is sent.

        A handler that raises, or returns something else than a Response or ``None``, gives a
        500; an ACK gives ``None`` (RFC 3261 section 17.1.1.3).
        """
        answer = self._core.handlers.call(request, request.method, addr)
        return await self._result(answer) if isinstance(answer, HandlerToRun) else answer

    def invoke_on_sip_response(self, response: Response, addr: Address) -> None:
        """Count and report a response that came from ``addr``."""
        self._core.response_received(response, addr)

    def notify_response_delivered(
        self,
        request: Request,
        response: Response,
        addr: Address,
        destination: Address | None = None,
    ) -> None:
        """Count and report a response that was sent.

        :param addr: where the request came from.
        :param destination: where the response went, if that is known; events contain it.
        """
        self._core.response_sent(request, response, addr, destination)

    # -- life ------------------------------------------------------------------------

    async def open(self) -> None:
        """Bind the socket.

        :raises EndpointError: if it cannot be bound, or is open already.
        """
        if self._transport is not None:
            raise EndpointError(f"open already, on {self.listen_addr}")
        self._transport = UDPTransport.bind(self.config)
        self._closing = False
        granted = self._transport.receive_buffer
        _log.info(
            "listening on %s, receive buffer %d octets", self._transport.local_address, granted
        )

    async def serve(self) -> None:
        """Read and answer until :meth:`close`, cancellation or a failing socket.

        :raises EndpointError: if the Endpoint is not open, is served already, or its
            socket fails.
        """
        transport = self._open_transport()
        if self._closing:
            return
        if self._stopped is not None:
            raise EndpointError("served already")
        loop = asyncio.get_running_loop()
        stopped = self._stopped = loop.create_future()
        reader: asyncio.Task[None] | None = None
        try:
            self._resume()
        except NotImplementedError:
            reader = loop.create_task(self._read_forever(transport))
        try:
            await stopped
        finally:
            self._stopped = None
            if reader is None:
                self._pause()
            else:
                reader.cancel()
                await asyncio.gather(reader, return_exceptions=True)

    async def close(self) -> None:
        """End :meth:`serve`, wait for running handlers, close the socket.

        Handlers that run longer than ``close_timeout`` are cancelled.
        """
        transport = self._transport
        if transport is None:
            return
        self._closing = True
        self._stop(None)
        # Let serve() leave the loop before the descriptor goes.
        await asyncio.sleep(0)
        running = [task for task in self._tasks if task is not asyncio.current_task()]
        if running:
            _, late = await asyncio.wait(running, timeout=self.config.close_timeout)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._transport = None
        transport.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def listen_addr(self) -> Address | None:
        """The bound socket address, ``None`` while closed."""
        return self._transport.local_address if self._transport else None

    @property
    def transport(self) -> DatagramTransport | None:
        """The transport, ``None`` while closed."""
        return self._transport

    # -- out -------------------------------------------------------------------------

    async def send(self, message: Message, addr: Address) -> None:
        """Send a message, with its Content-Length set, to a socket address.

        A request of more than ``max_request_size`` octets should go over TCP (RFC 3261
        section 18.1.1): it is an event and a warning, or with ``oversize="error"`` an error.

        :raises EndpointError: if the Endpoint is not open, the message is too large, or the
            socket refuses.
        """
        transport = self._open_transport()
        core = self._core
        data = core.message_to_send(message, addr)
        try:
            await transport.write(data, addr)
        except EndpointError as error:
            core.message_not_sent(message, addr, error)
            raise
        core.message_sent(message, addr)

    async def _send_later(self, work: ResponseToSend) -> None:
        """Send what could not be sent at once: the socket is busy, or a host is to be found."""
        data, destination, request, response, addr = work
        try:
            transport = self._open_transport()
            if isinstance(destination, Destination):
                if destination.ttl is not None:
                    transport.set_multicast_ttl(destination.ttl)
                destination = await transport.looked_up(destination.host, destination.port)
            await transport.write(data, destination)
        except (OSError, UnicodeError) as error:
            # UnicodeError: a label of the host is too long for a name.
            self._core.response_not_sent(request, response, addr, error)
            return
        self._core.response_sent(request, response, addr, destination)

    # -- in --------------------------------------------------------------------------

    def _resume(self) -> None:
        if not self._reading and not self._closing and self._stopped is not None:
            transport = self._open_transport()
            loop = asyncio.get_running_loop()
            loop.add_reader(transport.fileno(), self._drain, transport)
            self._reading = True

    def _pause(self) -> None:
        if self._reading and self._transport is not None:
            asyncio.get_running_loop().remove_reader(self._transport.fileno())
        self._reading = False

    def _drain(self, transport: UDPTransport) -> None:
        read, receive, perform = transport.receive, self._core.receive, self._perform
        for number in range(DRAIN):
            # A handler may have closed the Endpoint, or have to be waited for.
            if not self._reading:
                return
            try:
                data, addr = read()
            except OSError as error:
                if not transport.has_no_datagram(error):
                    self._fail(error)
                elif number == 0:
                    self._hear_of_peers(transport)
                return
            work = receive(data, addr)
            if work is not None:
                perform(work)

    def _hear_of_peers(self, transport: UDPTransport) -> None:
        """The socket woke up and has no datagram: ICMP has something to say."""
        for addr, error in transport.peer_errors():
            self._core.peer_unreachable(addr, error)

    async def _read_forever(self, transport: UDPTransport) -> None:
        while True:
            try:
                datagram = await transport.wait_readable()
            except ConnectionError:
                continue
            except OSError as error:
                self._fail(error)
                return
            work = self._core.receive(*datagram)
            if work is not None:
                self._perform(work)
            # What sync_handlers has to wait for.
            while self._serial is not None:
                await asyncio.wait([self._serial])

    def _perform(self, work: ResponseToSend | HandlerToRun) -> None:
        """Run a handler as a task; send a response now, or as soon as it can be sent."""
        if isinstance(work, tuple):
            data, destination, request, response, addr = work
            if type(destination) is not Destination:
                try:
                    sent = (self._transport or self._open_transport()).write_now(data, destination)
                except EndpointError as error:
                    self._core.response_not_sent(request, response, addr, error)
                    return
                if sent:
                    self._core.response_sent(request, response, addr, destination)
                    return
            self._core.postponed()
            self._start(self._send_later(work))
            return
        task = self._start(self._run(work))
        if self.config.sync_handlers:
            self._serial = task
            self._pause()

    async def _run(self, run: HandlerToRun) -> None:
        """Await a handler and send its response."""
        work = self._core.answered(run, await self._result(run))
        if work is not None:
            self._perform(work)

    async def _result(self, run: HandlerToRun) -> Response | None:
        try:
            result = await run.awaitable
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is contained
            return self._core.handlers.raised(run, error)
        return self._core.handlers.returned(run, result)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run what the core counts as pending, as a task that close() waits for."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._core.ended()
        if task is self._serial:
            self._serial = None
            self._resume()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("an answer failed", exc_info=error)

    # -- inner -----------------------------------------------------------------------

    def _open_transport(self) -> UDPTransport:
        if self._transport is None:
            raise EndpointError("the Endpoint is not open")
        return self._transport

    def _stop(self, error: Exception | None) -> None:
        self._pause()
        if self._stopped is not None and not self._stopped.done():
            if error is None:
                self._stopped.set_result(None)
            else:
                self._stopped.set_exception(error)

    def _fail(self, error: OSError) -> None:
        self._core.read_failed(error)
        self._stop(EndpointError(f"cannot read on {self.listen_addr}: {error}"))
