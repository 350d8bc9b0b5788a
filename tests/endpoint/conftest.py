"""A client socket, and an Endpoint that serves while a test runs."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest

import sipgen

TIMEOUT = 10.0

Run = Callable[[Coroutine[Any, Any, None]], None]


@pytest.fixture
def run() -> Run:
    """Run a coroutine on a loop in debug mode; no task and no socket may be left over."""

    def runner(coroutine: Coroutine[Any, Any, None]) -> None:
        async def bounded() -> None:
            await asyncio.wait_for(coroutine, TIMEOUT)
            left = asyncio.all_tasks() - {asyncio.current_task()}
            assert not left, left

        asyncio.run(bounded(), debug=True)

    return runner


class Client:
    """A UDP client on loopback."""

    def __init__(self, sock: socket.socket, endpoint: sipgen.Endpoint) -> None:
        self.socket = sock
        self.endpoint = endpoint
        self.loop = asyncio.get_running_loop()

    async def send(self, data: bytes) -> None:
        address = self.endpoint.listen_addr
        assert address is not None
        await self.loop.sock_sendto(self.socket, data, address)

    async def receive(self) -> sipgen.Response:
        data = await asyncio.wait_for(self.loop.sock_recv(self.socket, 65_535), TIMEOUT)
        report = sipgen.validate(data)
        assert report.findings == ()
        assert isinstance(report.message, sipgen.Response)
        return report.message

    async def ask(self, data: bytes) -> sipgen.Response:
        await self.send(data)
        return await self.receive()


@contextlib.asynccontextmanager
async def serving(endpoint: sipgen.Endpoint) -> AsyncIterator[Client]:
    """Serve ``endpoint`` and give a client; closed at the end."""
    async with endpoint:
        task = asyncio.create_task(endpoint.serve())
        family = (
            socket.AF_INET6 if ":" in str((endpoint.listen_addr or ("",))[0]) else socket.AF_INET
        )
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)  # noqa: FBT003
            sock.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
            try:
                yield Client(sock, endpoint)
            finally:
                await endpoint.close()
                await task


def request(method: str = "OPTIONS", call: str = "1") -> bytes:
    """A request with all that a response copies."""
    return (
        f"{method} sip:bob@127.0.0.1 SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK{call};rport\r\n"
        "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKfirst\r\n"
        "Max-Forwards: 70\r\n"
        "From: <sip:alice@example.com>;tag=a\r\n"
        "To: <sip:bob@127.0.0.1>\r\n"
        f"Call-ID: {call}@127.0.0.1\r\n"
        f"CSeq: 1 {method}\r\n"
        "Content-Length: 0\r\n\r\n"
    ).encode()
