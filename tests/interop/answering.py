"""What the interop tests share: an Endpoint that answers everything, and a program beside it."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import sipgen
from sipgen import Request, Response

__all__ = ["HERE", "Polite", "needs", "run_against"]

HERE = Path(__file__).parent
TIMEOUT = 60


def needs(program: str, package: str) -> pytest.MarkDecorator:
    """Skip, loudly, where ``program`` is not installed."""
    return pytest.mark.skipif(
        shutil.which(program) is None,
        reason=f"{program} is NOT INSTALLED: apt-get install {package}",
    )


class Polite:
    """An Endpoint that takes every call, message and registration, and remembers."""

    def __init__(self, **settings: Any) -> None:
        self.requests: list[Request] = []
        self.sent: list[bytes] = []
        self.endpoint = sipgen.Endpoint(
            host="127.0.0.1", port=0, on_response_sent=self._remember, **settings
        )
        for method in ("OPTIONS", "MESSAGE", "BYE", "CANCEL"):
            self.endpoint.register_handler(method, self._ok)
        self.endpoint.register_handler("REGISTER", self._register)
        self.endpoint.register_handler("INVITE", self._invite)
        self.endpoint.register_handler("ACK", self._ack)

    @property
    def methods(self) -> list[str]:
        """The methods of the requests, in order; retransmissions aside.

        Where the machine is slow, a client repeats what it has not seen answered yet.
        """
        seen = {(request.method, request.get("Via")): request for request in self.requests}
        return [request.method for request in seen.values()]

    def check(self) -> None:
        """Assert that every response that was sent is correct to the letter."""
        assert self.sent
        for data in self.sent:
            report = sipgen.validate(data)
            assert report.ok, [data.decode(), *map(str, report.findings)]

    def _remember(self, _request: Request, response: Response, _addr: object) -> None:
        self.sent.append(bytes(response))

    def _ok(self, request: Request, _addr: object) -> Response:
        self.requests.append(request)
        return request.reply(200, to_tag="interop")

    def _register(self, request: Request, _addr: object) -> Response:
        self.requests.append(request)
        contacts = [contact.with_params({"expires": "300"}) for contact in request.contact]
        headers = [("Contact", contact) for contact in contacts if not contact.is_star]
        return request.reply(200, to_tag="interop", headers=headers)

    def _invite(self, request: Request, _addr: object) -> Response:
        self.requests.append(request)
        host, port = (self.endpoint.listen_addr or ("", 0))[:2]
        sdp = (
            f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
            "m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=inactive\r\n"
        )
        routes = [("Record-Route", route) for route in request.record_route]
        return request.reply(
            200,
            to_tag="interop",
            headers=[
                *routes,
                ("Contact", f"<sip:interop@{host}:{port}>"),
                ("Content-Type", "application/sdp"),
            ],
            body=sdp.encode(),
        )

    def _ack(self, request: Request, _addr: object) -> None:
        self.requests.append(request)


async def run_against(
    polite: Polite, *command: str, environment: Mapping[str, str] | None = None
) -> tuple[int | None, str]:
    """Exit status and output of ``command``; {port} in it is the Endpoint's port."""
    endpoint = polite.endpoint
    async with endpoint:
        serving = asyncio.create_task(endpoint.serve())
        port = (endpoint.listen_addr or ("", 0))[1]
        process = await asyncio.create_subprocess_exec(
            *(part.replace("{port}", str(port)) for part in command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
        )
        try:
            output, _ = await asyncio.wait_for(process.communicate(), TIMEOUT)
        except TimeoutError:
            process.kill()
            output, _ = await process.communicate()
        await endpoint.close()
        await serving
    return process.returncode, output.decode(errors="replace")
