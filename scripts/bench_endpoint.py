"""CPU time per OPTIONS answered with 200, beside an asyncio DatagramProtocol echo.

Each server runs in a process of its own; this one is the client and keeps a window of
requests on their way, so that what is timed is the server's CPU time (user and system), as
the kernel counts it. Rounds of all servers are interleaved; the minimum is reported with the
median, and as a ratio to the echo.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import os
import resource
import socket
import statistics
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import sipgen

__all__ = ["SERVERS", "burst", "measured"]

Server = Callable[[Connection], None]

REQUEST = (
    "OPTIONS sip:carol@chicago.example.com SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKhjhs8ass877-{number}\r\n"
    "Max-Forwards: 70\r\n"
    "To: <sip:carol@chicago.example.com>\r\n"
    "From: Alice <sip:alice@atlanta.example.com>;tag=1928301774\r\n"
    "Call-ID: a84b4c76e66710-{number}\r\n"
    "CSeq: 63104 OPTIONS\r\n"
    "Contact: <sip:alice@pc33.atlanta.example.com>\r\n"
    "Accept: application/sdp\r\n"
    "Content-Length: 0\r\n\r\n"
)


MOST_OF_THE_ECHO = 0.6
"""What a request may cost, in echoes: a figure of one machine holds on no other."""


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def _reports(pipe: Connection, answered: Callable[[], dict[str, Any]]) -> None:
    """Tell the client CPU time and counts whenever it asks, until it goes."""
    loop = asyncio.get_running_loop()
    gone = loop.create_future()

    def asked() -> None:
        try:
            pipe.recv()
            pipe.send((_cpu(), answered()))
        except (EOFError, OSError):
            loop.remove_reader(pipe.fileno())
            gone.set_result(None)

    loop.add_reader(pipe.fileno(), asked)
    await gone


async def _endpoint(pipe: Connection) -> None:
    endpoint = sipgen.Endpoint(host="127.0.0.1", port=0)

    @endpoint.on("OPTIONS")
    def options(request: sipgen.Request, _addr: tuple[Any, ...]) -> sipgen.Response:
        return request.reply(200, to_tag="314159")

    async with endpoint:
        serving = asyncio.create_task(endpoint.serve())
        address = endpoint.listen_addr
        assert address is not None  # noqa: S101 - it is open
        pipe.send(address)
        await _reports(pipe, endpoint.counters.to_dict)
        await endpoint.close()
        await serving


class _Echo(asyncio.DatagramProtocol):
    transport: Any

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self.transport.sendto(data, addr)


async def _echo(pipe: Connection) -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(_Echo, local_addr=("127.0.0.1", 0))
    pipe.send(transport.get_extra_info("sockname"))
    await _reports(pipe, dict)
    transport.close()


async def _sockets(pipe: Connection) -> None:
    """What the system calls cost: each datagram goes back as it came, read as sipgen reads."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)  # noqa: FBT003 - the socket module's own signature

        def readable() -> None:
            with contextlib.suppress(BlockingIOError):
                for _ in range(64):
                    data, addr = sock.recvfrom(65_536)
                    sock.sendto(data, addr)

        loop.add_reader(sock.fileno(), readable)
        pipe.send(sock.getsockname())
        await _reports(pipe, dict)
        loop.remove_reader(sock.fileno())


def _plain(server: Callable[[Connection], Any], pipe: Connection) -> None:
    _on_core(0)
    asyncio.run(server(pipe))


def _on_core(number: int) -> None:
    """Keep this process on one of the first two cores, where there are two."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) > 1:
            os.sched_setaffinity(0, {cores[number]})


def _uvloop(server: Callable[[Connection], Any], pipe: Connection) -> None:
    import uvloop  # noqa: PLC0415 - where it is installed

    _on_core(0)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(server(pipe))


def _has_uvloop() -> bool:
    try:
        import uvloop  # noqa: F401, PLC0415
    except ImportError:
        return False
    return True


SERVERS: dict[str, tuple[Callable[..., None], Callable[[Connection], Any]]] = {
    "echo": (_plain, _echo),
    "sockets alone": (_plain, _sockets),
    "Endpoint": (_plain, _endpoint),
}
"""What is measured: how it is run, and the server."""

if _has_uvloop():
    SERVERS |= {
        "echo, uvloop": (_uvloop, _echo),
        "Endpoint, uvloop": (_uvloop, _endpoint),
    }


class Peer:
    """A server in a process of its own."""

    def __init__(self, name: str) -> None:
        run, server = SERVERS[name]
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=run, args=(server, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.address = self.pipe.recv()

    def cpu(self) -> tuple[float, dict[str, Any]]:
        """Seconds of CPU time so far, and the server's counts."""
        self.pipe.send(None)
        seconds, counts = self.pipe.recv()
        return seconds, counts

    def close(self) -> None:
        """End the process."""
        self.pipe.close()
        self.process.join(10)


def burst(address: tuple[str, int], count: int, window: int, patience: float = 2.0) -> int:
    """Send ``count`` requests with ``window`` on their way; how many came back.

    It never sleeps: waking a client would be counted as the server's time.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
        sock.bind(("127.0.0.1", 0))
        sock.connect(address)
        sock.setblocking(False)  # noqa: FBT003 - the socket module's own signature
        port = sock.getsockname()[1]
        requests = [REQUEST.format(port=port, number=n).encode() for n in range(window)]
        sent = received = seen = 0
        heard = time.monotonic()
        while received < count:
            while sent < count and sent - received < window:
                try:
                    sock.send(requests[sent % window])
                except BlockingIOError:
                    break
                sent += 1
            try:
                while received < sent:
                    sock.recv(65_535)
                    received += 1
            except BlockingIOError:
                if received > seen:
                    seen, heard = received, time.monotonic()
                elif time.monotonic() - heard > patience:
                    break
        return received


def measured(names: list[str], rounds: int, count: int, window: int) -> dict[str, list[float]]:
    """Microseconds of CPU per request, a list of ``rounds`` figures for each server."""
    peers = {name: Peer(name) for name in names}
    times: dict[str, list[float]] = {name: [] for name in names}
    # Not before: a server would inherit it.
    _on_core(1)
    try:
        for number in range(rounds + 1):
            for name, peer in peers.items():
                before, _ = peer.cpu()
                received = burst(peer.address, count, window)
                after, _ = peer.cpu()
                if received < count:
                    raise RuntimeError(f"{name} answered {received} of {count}")
                # The first round warms up.
                if number:
                    times[name].append((after - before) / count * 1e6)
    finally:
        for peer in peers.values():
            peer.close()
    return times


def main() -> int:
    """Print a table; 1 if a bar is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=10, help="interleaved rounds (%(default)s)")
    parser.add_argument("--count", type=int, default=10_000, help="requests a round (%(default)s)")
    parser.add_argument("--window", type=int, default=64, help="on their way (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE too")
    arguments = parser.parse_args()
    times = measured(list(SERVERS), arguments.rounds, arguments.count, arguments.window)
    echo = times["echo"]
    print(
        f"{'CPU per request':20}{'min µs':>9}{'median µs':>11}{'min/echo':>10}{'median/echo':>13}"
    )
    for name, figures in times.items():
        least, middle = min(figures), statistics.median(figures)
        print(
            f"{name:20}{least:9.2f}{middle:11.2f}{least / min(echo):10.2f}"
            f"{middle / statistics.median(echo):13.2f}"
        )
    if arguments.json:
        arguments.json.write_text(json.dumps(times, indent=2) + "\n")
    if "Endpoint, uvloop" in times:
        print(
            f"Endpoint, uvloop: {min(times['Endpoint, uvloop']):.2f} µs "
            "(bar 14, where Go's package takes 17)"
        )
    ratio = min(times["Endpoint"]) / min(echo)
    print(f"Endpoint / echo: {ratio:.2f} (bar {MOST_OF_THE_ECHO})")
    return 1 if ratio > MOST_OF_THE_ECHO else 0


if __name__ == "__main__":
    sys.exit(main())
