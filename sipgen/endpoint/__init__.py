"""The UDP layer: one socket, parse, dispatch by method, answer.

First cut: it opens, serves, dispatches, answers 501 to methods that nobody registered,
sends and closes. A response goes to the address that the request came from.
"""

from sipgen.endpoint.config import Address, EndpointConfig, Handler
from sipgen.endpoint.dispatch import default_no_route_response
from sipgen.endpoint.endpoint import Endpoint
from sipgen.endpoint.events import Event, EventType
from sipgen.endpoint.transport import DatagramTransport, UDPTransport

__all__ = [
    "Address",
    "DatagramTransport",
    "Endpoint",
    "EndpointConfig",
    "Event",
    "EventType",
    "Handler",
    "UDPTransport",
    "default_no_route_response",
]
