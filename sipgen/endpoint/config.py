"""How an Endpoint is set up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any, Literal

from sipgen.endpoint.events import Event
from sipgen.message import Message, Request, Response

__all__ = ["LARGEST_DATAGRAM", "Address", "EndpointConfig", "Handler"]

LARGEST_DATAGRAM = 65_507
"""Bytes of payload in the largest UDP datagram over IPv4 (RFC 768)."""

Address = tuple[Any, ...]
"""A socket address as the ``socket`` module has it: ``(host, port)`` or, for IPv6,
``(host, port, flow info, scope id)``."""

Handler = Callable[[Request, Address], Response | Awaitable[Response | None] | None]
"""Answers a request, plain or ``async``; after ``None`` nothing is sent.

Anything else than a Response or ``None`` is an error of the handler: the client gets a 500."""


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
    sync_handlers: bool = False
    """Let each ``async`` handler end before the next datagram is read."""
    max_pending_requests: int = 10_000
    """Requests whose ``async`` handlers may run at a time; any more get 503, an ACK nothing."""
    retry_after: int = 5
    """Seconds that the Retry-After of a 503 says."""
    validation: Literal["off", "interop", "strict"] = "off"
    """Refuse requests that break a rule of this profile with 400, other versions with 505."""
    supported_extensions: Collection[str] | None = None
    """Option tags that Require may ask for, others get 420; ``None`` leaves it to handlers."""
    answer_bad_requests: bool = False
    """Answer a request that does not parse with 400 where its Via can be read."""
    respond_to_source: bool = False
    """Send responses to where the request came from, rather than by its Via."""
    oversize: Literal["warn", "error"] = "warn"
    """What becomes of a request that ``send`` is given and is too large for UDP."""
    max_request_size: int = 1_300
    """Octets of a request that may go over UDP (RFC 3261 section 18.1.1): 1,300, or what the
    path's MTU leaves less 200."""
    reuse_port: bool = False
    """Share the port with other processes (SO_REUSEPORT); the kernel deals peers out."""
    warning_agent: str = "sipgen"
    """Who speaks in a Warning: a host, or a pseudonym."""
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
