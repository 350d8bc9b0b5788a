"""Two Endpoints behind Kamailio's dispatcher: a Call-ID stays with one, both get their share."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from pathlib import Path

import pytest

import sipgen
from sipgen import Request, Response
from tests.interop.answering import HERE, Polite, needs

pytestmark = pytest.mark.interop

CONFIG = HERE.parents[1] / "scripts" / "kamailio.cfg"
CALLS = 40


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def options(port: int, call: str) -> Request:
    return Request(
        "OPTIONS",
        "sip:service@127.0.0.1",
        [
            ("Via", f"SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{call}-{port};rport"),
            ("Max-Forwards", 70),
            ("From", "<sip:a@example.com>;tag=1"),
            ("To", "<sip:service@example.com>"),
            ("Call-ID", call),
            ("CSeq", "1 OPTIONS"),
        ],
    )


@needs("kamailio", "kamailio")
def test_calls_are_dealt_out(tmp_path: Path) -> None:
    async def scenario() -> None:
        workers = [Polite(), Polite()]
        answers: asyncio.Queue[Response] = asyncio.Queue()
        client = sipgen.Endpoint(
            host="127.0.0.1", port=0, on_sip_response=lambda r, _: answers.put_nowait(r)
        )
        async with contextlib.AsyncExitStack() as stack:
            serving = []
            for endpoint in (client, *(worker.endpoint for worker in workers)):
                await stack.enter_async_context(endpoint)
                serving.append(asyncio.ensure_future(endpoint.serve()))
            ports = [(w.endpoint.listen_addr or ("", 0))[1] for w in workers]
            members = "".join(f"1 sip:127.0.0.1:{port}\n" for port in ports)
            (tmp_path / "dispatcher.list").write_text(members)
            proxy = ("127.0.0.1", free_port())
            process = await asyncio.create_subprocess_exec(
                *("kamailio", "-DD", "-E", "-f", str(CONFIG), "-l", f"udp:127.0.0.1:{proxy[1]}"),
                *("-A", f'DISPATCHER_LIST="{tmp_path}/dispatcher.list"'),
                *("-Y", str(tmp_path), "-P", str(tmp_path / "pid"), "-m", "64", "-M", "8"),
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                port = (client.listen_addr or ("", 0))[1]
                await until_ready(client, answers, proxy, port)
                for call in [f"call-{number}" for number in range(CALLS)]:
                    for _ in range(2):
                        await client.send(options(port, call), proxy)
                        response = await asyncio.wait_for(answers.get(), 10)
                        while str(response.call_id).startswith("ready-"):
                            response = await asyncio.wait_for(answers.get(), 10)
                        assert (response.status_code, response.call_id) == (200, call)
                        assert sipgen.validate(bytes(response)).ok
            finally:
                if process.returncode is None:
                    process.terminate()
                _, errors = await process.communicate()
            await client.close()
        await asyncio.gather(*serving)
        calls = [
            {r.call_id for r in worker.requests if str(r.call_id).startswith("call-")}
            for worker in workers
        ]
        assert all(calls), errors.decode()
        assert not calls[0] & calls[1]
        assert len(calls[0] | calls[1]) == CALLS

    asyncio.run(scenario())


async def until_ready(
    client: sipgen.Endpoint, answers: asyncio.Queue[Response], proxy: tuple[str, int], port: int
) -> None:
    """Ask until Kamailio has started and answers."""
    for attempt in range(100):
        with contextlib.suppress(sipgen.EndpointError):
            await client.send(options(port, f"ready-{attempt}"), proxy)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(answers.get(), 0.2)
            break
    while not answers.empty():
        answers.get_nowait()
