"""How an Endpoint is set up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from sipgen.endpoint.events import Event
from sipgen.message import Message, Request, Response

__all__ = ["Address", "EndpointConfig", "Handler"]

Address = tuple[Any, ...]
"""A socket address as the ``socket`` module has it: ``(host, port)`` or, for IPv6,
``(host, port, flow info, scope id)``."""

Handler = Callable[[Request, Address], Response | Awaitable[Response | None] | None]
"""Answers a request, plain or ``async``; ``None`` means that nothing is to be sent."""


@dataclass(kw_only=True)
class EndpointConfig:
    """Settings and hooks of an :class:`~sipgen.endpoint.Endpoint`.

    A hook is a plain function; what it raises becomes an event and goes no further.
    """

    host: str = "0.0.0.0"  # noqa: S104 - a server listens on all interfaces by default
    """Local address to bind; ``""`` for all interfaces."""
    port: int = 5060
    """Local UDP port; 0 for a free one."""
    network: Literal["udp4", "udp6", "udp"] = "udp4"
    """Address family: IPv4, IPv6, or both on one IPv6 socket."""
    receive_buffer_size: int = 65_535
    """Octets read of a datagram; the default is the largest there is."""
    close_timeout: float = 5.0
    """Seconds that ``close`` waits for running handlers before it cancels them."""
    on_datagram: Callable[[bytes, Address], object] | None = None
    """Every datagram that is no noise, before it is parsed."""
    on_parse_error: Callable[[bytes, Address, Exception], object] | None = None
    """A datagram that is no SIP message."""
    on_request: Callable[[Request, Address], object] | None = None
    """A request, before its handler."""
    on_response: Callable[[Request, Response, Address], object] | None = None
    """A handler's response, before it is sent."""
    on_response_sent: Callable[[Request, Response, Address], object] | None = None
    """A response that was sent."""
    on_sip_response: Callable[[Response, Address], object] | None = None
    """A response that was received."""
    on_message_sent: Callable[[Message, Address], object] | None = None
    """A message that ``send`` has sent."""
    on_read_error: Callable[[Exception], object] | None = None
    """The socket failed while reading; ``serve`` ends with an EndpointError after it."""
    on_event: Callable[[Event], object] | None = None
    """Everything, as events."""
    no_route_handler: Handler | None = None
    """Answers methods without a handler; without one they get a 501."""
