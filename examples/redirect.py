"""A stateless redirect server (RFC 3261 section 8.3): 302 with where the user is.

python examples/redirect.py [PORT]
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import Any

import sipgen
from sipgen import Request, Response, SipURI

LOCATIONS = {"sip:bob@127.0.0.1": "sip:bob@192.0.2.4:5070"}


def redirect(
    locations: Mapping[str, str], host: str = "127.0.0.1", port: int = 5060
) -> sipgen.Endpoint:
    """An Endpoint that redirects requests for the URIs in ``locations``."""
    known = {
        SipURI.parse(uri).comparison_key: SipURI.parse(there) for uri, there in locations.items()
    }

    def answer(request: Request, _addr: tuple[Any, ...]) -> Response | None:
        if request.method == "ACK":
            return None
        uri = request.uri
        if not isinstance(uri, SipURI):
            return request.reply(416, to_tag="redirect")
        # A port, as a client adds it to reach this server, is not part of who is meant.
        there = known.get(SipURI(uri.scheme, uri.user, None, uri.host).comparison_key)
        if request.method == "CANCEL":
            return request.reply(481, to_tag="redirect")
        if there is None:
            return request.reply(404, to_tag="redirect")
        return request.reply(302, to_tag="redirect", headers=[("Contact", f"<{there}>")])

    return sipgen.Endpoint(host=host, port=port, no_route_handler=answer)


async def main(port: int) -> None:
    """Serve until Ctrl-C."""
    async with redirect(LOCATIONS, port=port) as endpoint:
        print("listening on", endpoint.listen_addr)
        await endpoint.serve()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5060))
