"""One UDP socket: open, read without waiting, write."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Protocol

from sipgen.endpoint.config import Address, EndpointConfig
from sipgen.errors import EndpointError

__all__ = ["DatagramTransport", "UDPTransport"]

RECEIVE_BUFFER = 4 * 1024 * 1024
"""Octets asked for as SO_RCVBUF: a burst waits in the kernel while a handler runs. The
kernel may grant less; :attr:`UDPTransport.receive_buffer` says what it did."""


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
        self._receive_size = receive_size
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
            if family == socket.AF_INET6:
                only = config.network == "udp6"
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only)
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            sock.bind(found[0][4])
        except OSError as error:
            sock.close()
            raise EndpointError(f"cannot listen on {where}: {error.strerror or error}") from error
        return cls(sock, config.receive_buffer_size)

    def read(self) -> tuple[bytes, Address] | None:
        """See :meth:`DatagramTransport.read`."""
        try:
            return self._socket.recvfrom(self._receive_size)
        except (BlockingIOError, InterruptedError):
            return None
        except ConnectionError:
            # An ICMP error about a datagram sent earlier; the socket itself is well.
            return None

    async def wait_readable(self) -> tuple[bytes, Address]:
        """The next datagram, waiting for it, on a loop without ``add_reader``."""
        loop = asyncio.get_running_loop()
        return await loop.sock_recvfrom(self._socket, self._receive_size)

    async def write(self, data: bytes, addr: Address) -> None:
        """See :meth:`DatagramTransport.write`."""
        try:
            await asyncio.get_running_loop().sock_sendto(self._socket, data, addr)
        except (OSError, TypeError, ValueError, OverflowError) as error:
            raise EndpointError(f"cannot send {len(data)} octets to {addr}: {error}") from error

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

    def __repr__(self) -> str:
        return f"UDPTransport({self._local_address})"
