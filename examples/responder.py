"""The smallest service: OPTIONS gets a 200, everything else the 501 that says so.

python examples/responder.py [PORT]
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import sipgen


def responder(host: str = "127.0.0.1", port: int = 5060) -> sipgen.Endpoint:
    """An Endpoint that answers OPTIONS."""
    endpoint = sipgen.Endpoint(host=host, port=port)

    @endpoint.on("OPTIONS")
    async def options(request: sipgen.Request, _addr: tuple[Any, ...]) -> sipgen.Response:
        return request.reply(200, to_tag="responder", headers=[("Accept", "application/sdp")])

    return endpoint


async def main(port: int) -> None:
    """Serve until Ctrl-C."""
    async with responder(port=port) as endpoint:
        print("listening on", endpoint.listen_addr)
        await endpoint.serve()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5060))
