"""One UDP socket: open, read and write without waiting, and what ICMP says."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from functools import partial
from typing import Protocol

from sipgen.endpoint.config import LARGEST_DATAGRAM, Address, EndpointConfig
from sipgen.errors import EndpointError

__all__ = ["DatagramTransport", "UDPTransport"]

RECEIVE_BUFFER = 4 * 1024 * 1024
"""Octets asked for as SO_RCVBUF: a burst waits in the kernel while a handler runs. The
kernel may grant less; :attr:`UDPTransport.receive_buffer` says what it did."""

_PEER_ERRORS = {
    errno.ECONNREFUSED,
    errno.ECONNRESET,
    errno.EHOSTUNREACH,
    errno.EHOSTDOWN,
    errno.ENETUNREACH,
    errno.EMSGSIZE,
    errno.EPROTO,
    errno.ENOPROTOOPT,
}
"""Errors about a datagram that was sent earlier; the socket itself is well."""

# What Linux calls them; the socket module has no names for these.
_IP_RECVERR = 11
_IPV6_RECVERR = 25
_MSG_ERRQUEUE = getattr(socket, "MSG_ERRQUEUE", 0)


class DatagramTransport(Protocol):
    """Connectionless I/O as an Endpoint uses it."""

    def read(self) -> tuple[bytes, Address] | None:
        """The next datagram and who sent it; ``None`` if none is there. May raise OSError."""
        ...

    async def write(self, data: bytes, addr: Address) -> None:
        """Send a datagram; :class:`EndpointError` if it cannot be sent."""
        ...

    def close(self) -> None:
        """Close the socket; nothing happens if it is closed."""
        ...

    def fileno(self) -> int:
        """The socket's file descriptor."""
        ...

    @property
    def local_address(self) -> Address:
        """The address that the socket is bound to."""
        ...


class UDPTransport:
    """A bound, non-blocking UDP socket."""

    def __init__(self, sock: socket.socket, receive_size: int = 65_535) -> None:
        sock.setblocking(False)  # noqa: FBT003 - the socket module's own signature
        self._socket = sock
        # One octet more than wanted: where it is there, the datagram was longer.
        self._receive_size = receive_size + 1
        self.receive = partial(sock.recvfrom, self._receive_size)
        """:meth:`read` as the socket has it: BlockingIOError without a datagram."""
        self._local_address: Address = sock.getsockname()

    @classmethod
    def bind(cls, config: EndpointConfig) -> UDPTransport:
        """Open and bind a socket; :class:`EndpointError` says why it cannot be done."""
        family = socket.AF_INET if config.network == "udp4" else socket.AF_INET6
        where = f"{config.host or 'all interfaces'}, UDP port {config.port}"
        if not 0 <= config.port <= 65_535:
            # getaddrinfo would take it modulo 65,536.
            raise EndpointError(f"cannot listen on {where}: a port is from 0 to 65535")
        try:
            found = socket.getaddrinfo(
                config.host or None,
                config.port,
                family,
                socket.SOCK_DGRAM,
                flags=socket.AI_PASSIVE | socket.AI_V4MAPPED * (family == socket.AF_INET6),
            )
            sock = socket.socket(family, socket.SOCK_DGRAM)
        except (OSError, UnicodeError) as error:
            raise EndpointError(f"cannot listen on {where}: {error}") from error
        try:
            _set_up(sock, config)
            sock.bind(found[0][4])
        except OSError as error:
            sock.close()
            raise EndpointError(f"cannot listen on {where}: {error.strerror or error}") from error
        return cls(sock, config.receive_buffer_size)

    def read(self) -> tuple[bytes, Address] | None:
        """See :meth:`DatagramTransport.read`.

        An error about a datagram sent earlier is no OSError here: see :meth:`peer_errors`.
        """
        try:
            return self.receive()
        except OSError as error:
            if self.has_no_datagram(error):
                return None
            raise

    @staticmethod
    def has_no_datagram(error: OSError) -> bool:
        """Whether the socket is well, though ``error`` came instead of a datagram."""
        return isinstance(error, BlockingIOError | InterruptedError) or error.errno in _PEER_ERRORS

    def peer_errors(self) -> list[tuple[Address, OSError]]:
        """What ICMP has said since the last call: destination and error of each datagram."""
        found: list[tuple[Address, OSError]] = []
        while _MSG_ERRQUEUE and len(found) < 64:
            try:
                _, ancillary, _, addr = self._socket.recvmsg(0, 512, _MSG_ERRQUEUE)
            except OSError:
                break
            code = next((int.from_bytes(data[:4], "little") for _, _, data in ancillary), 0)
            name = errno.errorcode.get(code, "unknown error")
            found.append((addr, OSError(code, f"the peer cannot be reached: {name}")))
        return found

    async def wait_readable(self) -> tuple[bytes, Address]:
        """The next datagram, waiting for it, on a loop without ``add_reader``."""
        loop = asyncio.get_running_loop()
        return await loop.sock_recvfrom(self._socket, self._receive_size)

    def write_now(self, data: bytes, addr: Address) -> bool:
        """Send a datagram if that needs no waiting; whether it was sent.

        :raises EndpointError: if it cannot be sent.
        """
        try:
            self._socket.sendto(data, addr)
        except (BlockingIOError, InterruptedError):
            return False
        except (OSError, TypeError, ValueError, OverflowError) as error:
            if isinstance(error, OSError) and error.errno in _PEER_ERRORS:
                # The error of an earlier datagram is told at the next one, whoever it is for.
                return self._write_again(data, addr)
            raise _cannot_send(data, addr, error) from error
        return True

    def _write_again(self, data: bytes, addr: Address) -> bool:
        try:
            self._socket.sendto(data, addr)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError as error:
            raise _cannot_send(data, addr, error) from error
        return True

    async def write(self, data: bytes, addr: Address) -> None:
        """See :meth:`DatagramTransport.write`."""
        if self.write_now(data, addr):
            return
        try:
            await asyncio.get_running_loop().sock_sendto(self._socket, data, addr)
        except (OSError, TypeError, ValueError, OverflowError) as error:
            raise _cannot_send(data, addr, error) from error

    async def looked_up(self, host: str, port: int) -> Address:
        """The first address of ``host`` in the socket's family; OSError if there is none."""
        family = self._socket.family
        found = await asyncio.get_running_loop().getaddrinfo(
            host,
            port,
            family=family,
            type=socket.SOCK_DGRAM,
            flags=socket.AI_V4MAPPED * (family == socket.AF_INET6),
        )
        address: Address = found[0][4]
        return address

    def close(self) -> None:
        """See :meth:`DatagramTransport.close`."""
        self._socket.close()

    def fileno(self) -> int:
        """See :meth:`DatagramTransport.fileno`."""
        return self._socket.fileno()

    @property
    def local_address(self) -> Address:
        """See :attr:`DatagramTransport.local_address`."""
        return self._local_address

    @property
    def receive_buffer(self) -> int:
        """Octets of SO_RCVBUF that the kernel granted."""
        return self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)

    def set_multicast_ttl(self, ttl: int) -> None:
        """Let datagrams to multicast groups live for ``ttl`` hops."""
        with contextlib.suppress(OSError):
            if self._socket.family == socket.AF_INET:
                self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, ttl)
            else:
                self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, ttl)

    def __repr__(self) -> str:
        return f"UDPTransport({self._local_address})"


def _set_up(sock: socket.socket, config: EndpointConfig) -> None:
    if sock.family == socket.AF_INET6:
        only = config.network == "udp6"
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only)
    if config.reuse_port:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    if _MSG_ERRQUEUE:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)
        if sock.family == socket.AF_INET6:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVERR, 1)


def _cannot_send(data: bytes, addr: Address, error: Exception) -> EndpointError:
    if len(data) > LARGEST_DATAGRAM:
        return EndpointError(
            f"cannot send {len(data)} octets to {addr}: a UDP datagram holds {LARGEST_DATAGRAM}; "
            "use TCP"
        )
    return EndpointError(f"cannot send {len(data)} octets to {addr}: {error}")
