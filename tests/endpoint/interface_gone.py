"""Run by test_interface.py, in a network of its own: the Endpoint's address goes and comes."""

from __future__ import annotations

import asyncio
import socket
import subprocess

import pytest

import sipgen
from sipgen import Event, EventType

ADDRESS = "198.51.100.77"
REQUEST = (
    b"OPTIONS sip:a@b SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bK1\r\n"
    b"Content-Length: 0\r\n\r\n"
)


def network(*words: str) -> None:
    subprocess.run(["ip", *words, "dev", "lo"], check=True)


async def main() -> None:
    """Assert what an Endpoint says while it is cut off, and that it goes on afterwards."""
    network("link", "set", "up")
    network("addr", "add", f"{ADDRESS}/32")
    told: asyncio.Queue[Event] = asyncio.Queue()
    asked, cut_off = asyncio.Event(), asyncio.Event()
    made = sipgen.Endpoint(host=ADDRESS, port=0, on_event=told.put_nowait)

    @made.on("OPTIONS")
    async def options(request: sipgen.Request, _addr: object) -> sipgen.Response:
        asked.set()
        await cut_off.wait()
        return request.reply(200)

    async def next_event(kind: EventType) -> Event:
        while (event := await asyncio.wait_for(told.get(), 10)).type != kind:
            pass
        return event

    async with made:
        serving = asyncio.create_task(made.serve())
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.setblocking(False)  # noqa: FBT003
            client.bind(("127.0.0.1", 0))
            assert made.listen_addr is not None
            client.sendto(REQUEST, made.listen_addr)
            await asyncio.wait_for(asked.wait(), 10)
            network("addr", "del", f"{ADDRESS}/32")
            cut_off.set()
            event = await next_event(EventType.SEND_ERROR)
            assert isinstance(event.error, sipgen.EndpointError), event
            assert "Network is unreachable" in str(event.error), event
            with pytest.raises(sipgen.EndpointError, match="Network is unreachable"):
                await made.send(sipgen.Request("OPTIONS", "sip:a@b"), client.getsockname())
            assert not serving.done()
            network("addr", "add", f"{ADDRESS}/32")
            client.sendto(REQUEST, made.listen_addr)
            await next_event(EventType.RESPONSE_SENT)
            loop = asyncio.get_running_loop()
            answer = await asyncio.wait_for(loop.sock_recv(client, 65_535), 10)
            assert answer.startswith(b"SIP/2.0 200 OK\r\n")
    await serving
    print("as expected")


if __name__ == "__main__":
    asyncio.run(main(), debug=True)
