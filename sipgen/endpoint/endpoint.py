"""The Endpoint: reads datagrams, parses, dispatches by method, answers.

The socket is read from ``loop.add_reader``, a bounded number of datagrams at a time, which
costs a third of asyncio's own datagram protocol; loops without it are read by a task. A
plain handler is called where the datagram is read; an ``async`` one is a task of its own, so
that one which waits holds up nobody. Nothing that a handler, a hook or a datagram does ends
the loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

from sipgen.endpoint.config import Address, EndpointConfig, Handler
from sipgen.endpoint.counters import Counters
from sipgen.endpoint.events import EventType
from sipgen.endpoint.exchange import Exchange
from sipgen.endpoint.transport import LARGEST_DATAGRAM, DatagramTransport, UDPTransport
from sipgen.errors import EndpointError
from sipgen.message import Message, Request, Response

__all__ = ["Endpoint"]

DRAIN = 64
"""Datagrams read before the event loop gets its turn."""

_log = logging.getLogger("sipgen.endpoint")
_SomeHandler = TypeVar("_SomeHandler", bound=Handler)


class Endpoint(Exchange):
    """A SIP user agent server over one UDP socket, without transactions.

    ``Endpoint(config)``, or ``Endpoint(host=..., port=...)`` for a config with these
    settings. Register handlers, :meth:`open`, then :meth:`serve`; or ``async with``, which
    opens and closes.
    """

    def __init__(self, config: EndpointConfig | None = None, **settings: Any) -> None:
        if config is not None and settings:
            raise TypeError("give an EndpointConfig or settings, not both")
        super().__init__(config or EndpointConfig(**settings), Counters())
        self._stopped: asyncio.Future[None] | None = None
        self._reading = False
        self._closing = False

    # -- handlers --------------------------------------------------------------------

    def on(self, method: str) -> Callable[[_SomeHandler], _SomeHandler]:
        """Decorator: register the handler of ``method``."""

        def register(handler: _SomeHandler) -> _SomeHandler:
            self.register_handler(method, handler)
            return handler

        return register

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
        message.prepare_for_send()
        data = message.to_bytes()
        if isinstance(message, Request) and len(data) > self.config.max_request_size:
            self._oversize(message, len(data), addr)
        request = message if isinstance(message, Request) else None
        response = message if isinstance(message, Response) else None
        try:
            await transport.write(data, addr)
        except EndpointError as error:
            self.counters.send_errors += 1
            self._tell(EventType.SEND_ERROR, addr, request=request, response=response, error=error)
            raise
        self._tell(EventType.MESSAGE_SENT, addr, request=request, response=response)
        self._call(self.config.on_message_sent, addr, message, addr)

    def _oversize(self, request: Request, size: int, addr: Address) -> None:
        error = EndpointError(
            f"the {request.method} has {size} octets, more than {self.config.max_request_size} "
            "of UDP; use TCP (RFC 3261 section 18.1.1)"
        )
        self._tell(EventType.OVERSIZE, addr, request=request, error=error)
        if self.config.oversize == "error" or size > LARGEST_DATAGRAM:
            raise error
        _log.warning("%s", error)

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
        read, receive = transport.receive, self._receive
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
            receive(data, addr)

    def _hear_of_peers(self, transport: UDPTransport) -> None:
        """The socket woke up and has no datagram: ICMP has something to say."""
        for addr, error in transport.peer_errors():
            self._tell(EventType.PEER_UNREACHABLE, addr, error=error)

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
            # What sync_handlers has to wait for.
            while self._serial is not None:
                await asyncio.wait([self._serial])

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
        if self.config.on_read_error is not None:
            self._call(self.config.on_read_error, (), error)
        self._stop(EndpointError(f"cannot read on {self.listen_addr}: {error}"))
