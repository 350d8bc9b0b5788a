"""The UDP layer: one socket, parse, dispatch by method, answer, and what it tells of that."""

from sipgen.endpoint.answers import default_no_route_response
from sipgen.endpoint.config import Address, EndpointConfig, Handler
from sipgen.endpoint.counters import Counters
from sipgen.endpoint.endpoint import Endpoint
from sipgen.endpoint.events import Event, EventType
from sipgen.endpoint.logs import EventLogger, JSONFormatter, redacted
from sipgen.endpoint.routing import Destination, response_destination, stamp_received
from sipgen.endpoint.transport import DatagramTransport, UDPTransport

__all__ = [
    "Address",
    "Counters",
    "DatagramTransport",
    "Destination",
    "Endpoint",
    "EndpointConfig",
    "Event",
    "EventLogger",
    "EventType",
    "Handler",
    "JSONFormatter",
    "UDPTransport",
    "default_no_route_response",
    "redacted",
    "response_destination",
    "stamp_received",
]
