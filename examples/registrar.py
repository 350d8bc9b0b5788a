"""A registrar in memory (RFC 3261 section 10.3); who may register is your function's to say.

python examples/registrar.py [PORT]
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Hashable
from typing import Any

import sipgen
from sipgen import NameAddr, Request, Response

Challenge = Callable[[Request], sipgen.Challenge | None]
"""Gives the challenge that a request has still to meet, ``None`` if it may go on. Digest is
computed here, by the user's own means; sipgen reads and writes what it is made of."""

DEFAULT_EXPIRES = 3_600
MAX_BINDINGS = 10


def anybody(_request: Request) -> None:
    """No challenge for anybody."""


class Registrar:
    """Bindings of addresses-of-record, and the handler of REGISTER."""

    def __init__(self, challenge: Challenge = anybody) -> None:
        self.challenge = challenge
        self.bindings: dict[Hashable, list[tuple[NameAddr, float]]] = {}
        """Contacts and when they end, by the comparison key of the address-of-record."""

    def contacts(self, uri: sipgen.SipURI, now: float | None = None) -> list[NameAddr]:
        """The contacts of an address-of-record that have not ended."""
        now = time.monotonic() if now is None else now
        return [contact for contact, end in self.bindings.get(uri.comparison_key, []) if end > now]

    def register(self, request: Request, _addr: tuple[Any, ...]) -> Response:
        """Answer a REGISTER."""
        wanted = self.challenge(request)
        if wanted is not None:
            return request.reply(401, to_tag="registrar", headers=[("WWW-Authenticate", wanted)])
        try:
            record, contacts = request.to, request.contact
            default = request.typed("Expires")
        except sipgen.ParseError as error:
            return request.reply(400, str(error.finding.rule), to_tag="registrar")
        if record is None or not isinstance(record.uri, sipgen.SipURI):
            return request.reply(404, to_tag="registrar")
        now = time.monotonic()
        key = record.uri.comparison_key
        bound = [(contact, end) for contact, end in self.bindings.get(key, []) if end > now]
        for contact in contacts:
            if contact.is_star:
                bound = []
                continue
            text = contact.params.get("expires") or str(default or DEFAULT_EXPIRES)
            seconds = int(text) if text.isdigit() and len(text) < 10 else DEFAULT_EXPIRES
            if default == 0 and "expires" not in contact.params:
                seconds = 0
            bound = [one for one in bound if not one[0].uri.equivalent(contact.uri)]
            if seconds:
                bound.append((contact, now + seconds))
        if len(bound) > MAX_BINDINGS:
            return request.reply(403, to_tag="registrar")
        self.bindings[key] = bound
        headers = [
            ("Contact", NameAddr(None, contact.uri, {"expires": str(round(end - now))}))
            for contact, end in bound
        ]
        return request.reply(200, to_tag="registrar", headers=headers)


def registrar(host: str = "127.0.0.1", port: int = 5060, **settings: Any) -> sipgen.Endpoint:
    """An Endpoint with a registrar."""
    endpoint = sipgen.Endpoint(host=host, port=port)
    endpoint.register_handler("REGISTER", Registrar(**settings).register)
    return endpoint


async def main(port: int) -> None:
    """Serve until Ctrl-C."""
    async with registrar(port=port) as endpoint:
        print("listening on", endpoint.listen_addr)
        await endpoint.serve()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5060))
