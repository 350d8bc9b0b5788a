"""A copy of the traffic for a HOMER collector: HEP version 3 over UDP.

HEP (Homer Encapsulation Protocol, "EEP" version 3) wraps each message in chunks that say
where it came from, where it went and when.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from ipaddress import IPv4Address, IPv6Address, ip_address

from sipgen.endpoint.config import Address
from sipgen.endpoint.events import Event, EventType

__all__ = ["HEPMirror", "hep_packet"]

_UDP = 17
_SIP = 1


_UNKNOWN: Address = ("0.0.0.0", 0)  # noqa: S104 - what a packet says, nothing is bound

_IPAddress = IPv4Address | IPv6Address


def _chunk(kind: int, value: bytes) -> bytes:
    # Vendor 0: the chunks that everybody knows.
    return struct.pack("!HHH", 0, kind, len(value) + 6) + value


def hep_packet(
    payload: bytes,
    source: Address,
    destination: Address,
    moment: float,
    *,
    capture_id: int = 2001,
    password: str = "",
    correlation_id: str = "",
) -> bytes:
    """A HEPv3 packet about one SIP message over UDP.

    :param payload: the octets of the message.
    :param source: IP address and port that sent it.
    :param destination: IP address and port that it was sent to.
    :param moment: when, in seconds since 1970.
    :param capture_id: number of the capture agent, 32 bits.
    :param password: what the collector asks of agents, if anything.
    :param correlation_id: what ties messages together, such as the Call-ID.
    :raises ValueError: for a host that is no IP address, a number that its chunk has no room
        for, or more than the 65,535 octets that a packet can have.
    """
    family, first, hosts = _addresses(source[0], destination[0])
    seconds, microseconds = divmod(round(moment * 1_000_000), 1_000_000)
    try:
        chunks = [
            _chunk(0x01, bytes([family])),
            _chunk(0x02, bytes([_UDP])),
            _chunk(first, hosts[0].packed),
            _chunk(first + 1, hosts[1].packed),
            _chunk(0x07, struct.pack("!H", source[1])),
            _chunk(0x08, struct.pack("!H", destination[1])),
            _chunk(0x09, struct.pack("!I", seconds)),
            _chunk(0x0A, struct.pack("!I", microseconds)),
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
    except struct.error as error:
        raise ValueError(f"not to be told in a HEP packet: {error}") from error


def _addresses(source: str, destination: str) -> tuple[int, int, list[_IPAddress]]:
    """Number of the family, type of the first address chunk, and both addresses in that family.

    A dual-stack socket shows IPv4 peers as ``::ffff:192.0.2.1``: to a collector they are IPv4.
    The number is that of Linux, whatever the system that this runs on calls IPv6.
    """
    hosts = [_plain(source), _plain(destination)]
    if all(host.version == 4 or host.is_unspecified for host in hosts) and any(
        host.version == 4 for host in hosts
    ):
        return 2, 3, [host if host.version == 4 else IPv4Address(0) for host in hosts]
    return 10, 5, [_six(host) for host in hosts]


def _plain(host: str) -> _IPAddress:
    address = ip_address(host.partition("%")[0])
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _six(address: _IPAddress) -> IPv6Address:
    if isinstance(address, IPv6Address):
        return address
    # "All of IPv4" is no address among IPv6 ones.
    return IPv6Address(0 if address.is_unspecified else (0xFFFF << 32) | int(address))


class HEPMirror:
    """An ``on_event`` hook that sends a copy of each message to a collector.

    It never waits and never raises; what could not be sent is counted in ``lost``. An
    Endpoint on port 0 knows its port once it is open: set ``mirror.local =
    endpoint.listen_addr`` then.
    """

    def __init__(
        self,
        host: str,
        port: int = 9060,
        *,
        local: Address | None = None,
        capture_id: int = 2001,
        password: str = "",
    ) -> None:
        """Mirror to ``host`` and ``port``; ``local`` is the Endpoint's own address.

        :raises OSError: if ``host`` cannot be found.
        :raises ValueError: if no packet can hold ``capture_id``, ``password`` or ``local``.
        """
        # What would fail for each message fails here, once.
        where = local or _UNKNOWN
        hep_packet(b"", where, where, 0.0, capture_id=capture_id, password=password)
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        family, _, _, _, collector = found[0]
        self._collector: Address = collector
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)  # noqa: FBT003 - the socket module's own signature
        self.local = local
        """The Endpoint's own address; ``None`` if it is not known."""
        self._capture_id = capture_id
        self._password = password
        self.sent = 0
        """Packets that were sent."""
        self.lost = 0
        """Messages that were not: the socket was busy, or they are too large."""

    def __call__(self, event: Event) -> None:
        """Mirror a datagram that was received, or a response that was sent."""
        here = self.local or _UNKNOWN
        try:
            if event.type == EventType.DATAGRAM_RECEIVED:
                self._mirror(event.raw, event.addr, here, "")
            elif event.type in {EventType.RESPONSE_SENT, EventType.MESSAGE_SENT}:
                message = event.response or event.request
                if message is not None:
                    call = message.get("Call-ID") or ""
                    self._mirror(message.to_bytes(), here, event.destination or event.addr, call)
        except Exception:  # noqa: BLE001 - a gateway's addr may be anything
            self.lost += 1

    def _mirror(self, data: bytes, source: Address, destination: Address, call: str) -> None:
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
        self.sent += 1

    def close(self) -> None:
        """Close the socket."""
        with contextlib.suppress(OSError):
            self._socket.close()
