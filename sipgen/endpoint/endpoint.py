"""The Endpoint: reads datagrams, parses, dispatches by method, answers.

The socket is read from ``loop.add_reader``, a bounded number of datagrams at a time, which
costs a third of asyncio's own datagram protocol; loops without it are read by a task. Each
request is answered in a task of its own, so a handler that waits holds up nobody. Nothing
that a handler, a hook or a datagram does ends the loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from types import TracebackType
from typing import Any, Self, TypeVar

from sipgen.endpoint.config import Address, EndpointConfig, Handler
from sipgen.endpoint.dispatch import default_no_route_response, to_tag
from sipgen.endpoint.events import Event, EventType
from sipgen.endpoint.transport import DatagramTransport, UDPTransport
from sipgen.errors import EndpointError, ParseError
from sipgen.generated.methods import Method
from sipgen.generated.statuses import Status
from sipgen.message import Message, Request, Response, read
from sipgen.message.signaling import is_signaling_noise_datagram

__all__ = ["Endpoint"]

DRAIN = 32
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
        self.config = config or EndpointConfig(**settings)
        self._handlers: dict[str, Handler] = {}
        self._no_route_handler = self.config.no_route_handler
        self._transport: UDPTransport | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped: asyncio.Future[None] | None = None
        self._closing = False

    # -- handlers --------------------------------------------------------------------

    def on(self, method: str) -> Callable[[_SomeHandler], _SomeHandler]:
        """Decorator: register the handler of ``method``."""

        def register(handler: _SomeHandler) -> _SomeHandler:
            self.register_handler(method, handler)
            return handler

        return register

    def register_handler(self, method: str, handler: Handler) -> None:
        """Let ``handler`` answer requests of ``method`` (any case; kept in capitals)."""
        self._handlers[method.upper()] = handler

    def set_no_route_handler(self, handler: Handler | None) -> None:
        """Let ``handler`` answer methods without one; ``None`` for the default 501."""
        self._no_route_handler = handler

    # -- life ------------------------------------------------------------------------

    async def open(self) -> None:
        """Bind the socket.

        :raises EndpointError: if it cannot be bound, or is open already.
        """
        if self._transport is not None:
            raise EndpointError(f"open already, on {self.listen_addr}")
        self._transport = UDPTransport.bind(self.config)
        self._closing = False
        _log.info("listening on %s", self._transport.local_address)

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
        descriptor = transport.fileno()
        try:
            loop.add_reader(descriptor, self._drain, transport)
        except NotImplementedError:
            reader = loop.create_task(self._read_forever(transport))
        try:
            await stopped
        finally:
            self._stopped = None
            if reader is None:
                loop.remove_reader(descriptor)
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

        :raises EndpointError: if the Endpoint is not open or the socket refuses.
        """
        transport = self._open_transport()
        message.prepare_for_send()
        await transport.write(message.to_bytes(), addr)
        self._call(self.config.on_message_sent, addr, message, addr)

    async def dispatch_request(self, request: Request, addr: Address) -> Response | None:
        """What the handler of the request's method answers; nothing is sent.

        For gateways that read requests elsewhere (TCP, TLS). A handler that raises gives a
        500; an ACK gives ``None`` (RFC 3261 section 17.1.1.3).
        """
        try:
            answer = self._handler_answer(request, addr)
            response = await answer if isawaitable(answer) else answer
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is contained
            response = self._server_error(request, addr, error)
        return None if request.method == Method.ACK else response

    # -- in --------------------------------------------------------------------------

    def _drain(self, transport: UDPTransport) -> None:
        for _ in range(DRAIN):
            if self._stopped is None or self._stopped.done():
                return
            try:
                datagram = transport.read()
            except OSError as error:
                self._fail(error)
                return
            if datagram is None:
                return
            self._receive(*datagram)

    async def _read_forever(self, transport: UDPTransport) -> None:
        while True:
            try:
                datagram = await transport.wait_readable()
            except ConnectionError:
                continue
            except OSError as error:
                self._fail(error)
                return
            self._receive(*datagram)

    def _receive(self, data: bytes, addr: Address) -> None:
        if is_signaling_noise_datagram(data):
            return
        config = self.config
        self._call(config.on_datagram, addr, data, addr)
        self._tell(EventType.DATAGRAM_RECEIVED, addr, raw=data)
        try:
            message = read(data)
        except ParseError as error:
            self._call(config.on_parse_error, addr, data, addr, error)
            self._tell(EventType.PARSE_ERROR, addr, raw=data, error=error)
            return
        if isinstance(message, Response):
            self._call(config.on_sip_response, addr, message, addr)
            self._tell(EventType.RESPONSE_RECEIVED, addr, raw=data, response=message)
            return
        self._call(config.on_request, addr, message, addr)
        self._tell(EventType.REQUEST_RECEIVED, addr, raw=data, request=message)
        self._start(self._answer(message, addr))

    async def _answer(self, request: Request, addr: Address) -> None:
        response = await self.dispatch_request(request, addr)
        if response is None:
            return
        self._call(self.config.on_response, addr, request, response, addr)
        try:
            response.prepare_for_send()
            await self._open_transport().write(response.to_bytes(), addr)
        except EndpointError as error:
            _log.warning("%s", error)
            self._tell(EventType.SEND_ERROR, addr, request=request, response=response, error=error)
            return
        self._tell(EventType.RESPONSE_SENT, addr, request=request, response=response)
        self._call(self.config.on_response_sent, addr, request, response, addr)

    def _handler_answer(
        self, request: Request, addr: Address
    ) -> Response | Awaitable[Response | None] | None:
        handler = self._handlers.get(request.method) or self._no_route_handler
        if handler is not None:
            return handler(request, addr)
        if request.method == Method.ACK:
            return None
        return default_no_route_response(request, self._handlers)

    def _server_error(self, request: Request, addr: Address, error: Exception) -> Response:
        _log.error("the handler of %r raised", request.method, exc_info=error)
        self._tell(EventType.HANDLER_ERROR, addr, request=request, error=error)
        return request.reply(Status.SERVER_INTERNAL_ERROR, to_tag=to_tag())

    def _start(self, answer: Any) -> None:
        """Run ``answer`` as a task that close() waits for."""
        task = asyncio.get_running_loop().create_task(answer)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- inner -----------------------------------------------------------------------

    def _open_transport(self) -> UDPTransport:
        if self._transport is None:
            raise EndpointError("the Endpoint is not open")
        return self._transport

    def _stop(self, error: Exception | None) -> None:
        if self._stopped is not None and not self._stopped.done():
            if error is None:
                self._stopped.set_result(None)
            else:
                self._stopped.set_exception(error)

    def _fail(self, error: OSError) -> None:
        if self.config.on_read_error is not None:
            self._call(self.config.on_read_error, (), error)
        self._stop(EndpointError(f"cannot read on {self.listen_addr}: {error}"))

    def _call(self, hook: Callable[..., object] | None, addr: Address, *arguments: object) -> None:
        if hook is None:
            return
        try:
            hook(*arguments)
        except Exception as error:  # noqa: BLE001 - whatever a hook raises is contained
            _log.error("a hook raised", exc_info=error)
            self._tell(EventType.HANDLER_ERROR, addr, error=error)

    def _tell(self, kind: EventType, addr: Address, **facts: Any) -> None:
        hook = self.config.on_event
        if hook is None:
            return
        try:
            hook(Event(kind, addr, **facts))
        except Exception as error:  # noqa: BLE001 - and so is what on_event raises
            _log.error("on_event raised", exc_info=error)
