"""What an Endpoint tells of what it does."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from sipgen.message import Request, Response

__all__ = ["Event", "EventType"]


class EventType(StrEnum):
    """What happened."""

    DATAGRAM_RECEIVED = "datagram received"
    """A datagram that is no noise, not parsed yet."""
    PARSE_ERROR = "parse error"
    """A datagram that is no SIP message; ``error`` says why."""
    REQUEST_RECEIVED = "request received"
    RESPONSE_RECEIVED = "response received"
    RESPONSE_SENT = "response sent"
    """A handler's response; ``addr`` is where its request came from, ``destination`` where
    it went."""
    MESSAGE_SENT = "message sent"
    """A message that ``Endpoint.send`` was given; ``addr`` is where it went."""
    HANDLER_ERROR = "handler error"
    """A handler or a hook raised ``error``, or a handler returned something else than a Response
    or ``None``; the Endpoint goes on."""
    SEND_ERROR = "send error"
    """A response could not be sent; ``error`` says why."""
    REQUEST_REFUSED = "request refused"
    """A request that no handler sees: ``response`` says why; ``None`` for an ACK."""
    TRUNCATED = "truncated"
    """A datagram was longer than ``receive_buffer_size``; ``raw`` is what was read."""
    OVERSIZE = "oversize"
    """A request is too large for UDP; ``error`` says by how much."""
    PEER_UNREACHABLE = "peer unreachable"
    """ICMP says that a datagram sent to ``addr`` did not get there."""


class Event(NamedTuple):
    """One observation, for metrics and tracing."""

    type: EventType
    addr: tuple[Any, ...]
    """Socket address of the peer."""
    raw: bytes = b""
    """The datagram as received, where there is one."""
    request: Request | None = None
    response: Response | None = None
    error: BaseException | None = None
    destination: tuple[Any, ...] | None = None
    """Where a response went by its Via (RFC 3261 section 18.2.2), where that is known."""

    @property
    def request_method(self) -> str:
        """Method of ``request``, empty without one."""
        return self.request.method if self.request is not None else ""

    @property
    def response_status(self) -> int:
        """Status code of ``response``, 0 without one."""
        return self.response.status_code if self.response is not None else 0
