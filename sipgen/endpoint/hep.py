"""A copy of the traffic for a HOMER collector: HEP version 3 over UDP.

HEP (Homer Encapsulation Protocol, "EEP" version 3) wraps each message in chunks that say
where it came from, where it went and when.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from ipaddress import IPv6Address, ip_address

from sipgen.endpoint.config import Address
from sipgen.endpoint.events import Event, EventType

__all__ = ["HEPMirror", "hep_packet"]

_UDP = 17
_SIP = 1


def _chunk(kind: int, value: bytes) -> bytes:
    # Vendor 0: the chunks that everybody knows.
    return struct.pack("!HHH", 0, kind, len(value) + 6) + value


def hep_packet(
    payload: bytes,
    source: Address,
    destination: Address,
    moment: float,
    *,
    capture_id: int = 0,
    password: str = "",
    correlation_id: str = "",
) -> bytes:
    """A HEPv3 packet about one SIP message over UDP.

    :param payload: the octets of the message.
    :param source: IP address and port that sent it.
    :param destination: IP address and port that it was sent to.
    :param moment: when, in seconds since 1970.
    :param capture_id: number of the capture agent.
    :param password: what the collector asks of agents, if anything.
    :param correlation_id: what ties messages together, such as the Call-ID.
    :raises ValueError: for a host that is no IP address.
    """
    addresses = [ip_address(host.partition("%")[0]) for host in (source[0], destination[0])]
    six = any(isinstance(address, IPv6Address) for address in addresses)
    packed = [
        address.packed if isinstance(address, IPv6Address) or not six else _mapped(address.packed)
        for address in addresses
    ]
    first = 5 if six else 3
    seconds = int(moment)
    chunks = [
        _chunk(0x01, bytes([socket.AF_INET6 if six else socket.AF_INET])),
        _chunk(0x02, bytes([_UDP])),
        _chunk(first, packed[0]),
        _chunk(first + 1, packed[1]),
        _chunk(0x07, struct.pack("!H", source[1])),
        _chunk(0x08, struct.pack("!H", destination[1])),
        _chunk(0x09, struct.pack("!I", seconds)),
        _chunk(0x0A, struct.pack("!I", int((moment - seconds) * 1e6))),
        _chunk(0x0B, bytes([_SIP])),
        _chunk(0x0C, struct.pack("!I", capture_id)),
    ]
    if password:
        chunks.append(_chunk(0x0E, password.encode()))
    if correlation_id:
        chunks.append(_chunk(0x11, correlation_id.encode("utf-8", "surrogateescape")))
    chunks.append(_chunk(0x0F, payload))
    body = b"".join(chunks)
    return b"HEP3" + struct.pack("!H", len(body) + 6) + body


def _mapped(packed: bytes) -> bytes:
    """An IPv4 address among IPv6 ones."""
    return b"\x00" * 10 + b"\xff\xff" + packed


class HEPMirror:
    """An ``on_event`` hook that sends a copy of each message to a collector.

    It never waits and never raises; what could not be sent is counted in ``lost``.
    """

    def __init__(
        self,
        host: str,
        port: int = 9060,
        *,
        local: Address = ("0.0.0.0", 5060),  # noqa: S104 - what a packet says, nothing is bound
        capture_id: int = 0,
        password: str = "",
    ) -> None:
        """Mirror to ``host`` and ``port``; ``local`` is the Endpoint's own address.

        :raises OSError: if ``host`` cannot be found.
        """
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        family, _, _, _, collector = found[0]
        self._collector: Address = collector
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)  # noqa: FBT003 - the socket module's own signature
        self._local = local
        self._capture_id = capture_id
        self._password = password
        self.sent = 0
        """Packets that were sent."""
        self.lost = 0
        """Messages that were not: the socket was busy, or they are too large."""

    def __call__(self, event: Event) -> None:
        """Mirror a datagram that was received, or a response that was sent."""
        if event.type == EventType.DATAGRAM_RECEIVED:
            self._mirror(event.raw, event.addr, self._local, "")
        elif event.type == EventType.RESPONSE_SENT and event.response is not None:
            call = event.response.get("Call-ID") or ""
            self._mirror(event.response.to_bytes(), self._local, event.addr, call)

    def _mirror(self, data: bytes, source: Address, destination: Address, call: str) -> None:
        try:
            packet = hep_packet(
                data,
                source,
                destination,
                time.time(),
                capture_id=self._capture_id,
                password=self._password,
                correlation_id=call[:256],
            )
            self._socket.sendto(packet, self._collector)
        except (OSError, ValueError, struct.error):
            self.lost += 1
        else:
            self.sent += 1

    def close(self) -> None:
        """Close the socket."""
        with contextlib.suppress(OSError):
            self._socket.close()
