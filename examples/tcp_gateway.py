"""The same handlers over TCP: asyncio streams, ``MessageFramer`` and ``dispatch_request``.

python examples/tcp_gateway.py [PORT]
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import sipgen
from sipgen import MessageFramer, ParseError, Request, Response

PIECE = 65_536


class TCPGateway:
    """Serves an Endpoint's handlers over TCP; the Endpoint itself need not be open."""

    def __init__(self, endpoint: sipgen.Endpoint) -> None:
        self.endpoint = endpoint

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection: give this to ``asyncio.start_server``."""
        peer = writer.get_extra_info("peername")
        framer = MessageFramer()
        pongs = 0
        try:
            while data := await reader.read(PIECE):
                messages = framer.feed(data)
                # RFC 5626 section 3.5.1: a double CRLF is a ping, one CRLF its answer.
                writer.write(b"\r\n" * (framer.keep_alives - pongs))
                pongs = framer.keep_alives
                for message in messages:
                    await self._take(message, peer, writer)
                await writer.drain()
                if framer.error is not None:
                    # Nobody knows where the next message begins (RFC 3261 section 18.3).
                    break
            else:
                framer.close()
        except (ParseError, ConnectionError) as error:
            print(f"the connection from {peer} ends: {error}")
        finally:
            writer.close()

    async def _take(
        self, message: Request | Response, peer: tuple[Any, ...], writer: asyncio.StreamWriter
    ) -> None:
        if isinstance(message, Response):
            self.endpoint.invoke_on_sip_response(message, peer)
            return
        sipgen.stamp_received(message, peer[0], peer[1])
        response = await self.endpoint.dispatch_request(message, peer)
        if response is not None:
            response.prepare_for_send()
            writer.write(bytes(response))
            self.endpoint.notify_response_delivered(message, response, peer)


async def main(port: int) -> None:
    """Serve until Ctrl-C."""
    endpoint = sipgen.Endpoint()

    @endpoint.on("OPTIONS")
    def options(request: Request, _addr: tuple[Any, ...]) -> Response:
        return request.reply(200, to_tag="tcp")

    server = await asyncio.start_server(TCPGateway(endpoint).serve, "127.0.0.1", port)
    async with server:
        print("listening on", server.sockets[0].getsockname())
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5060))
