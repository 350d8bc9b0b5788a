"""The examples do what they say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import sipgen
from examples.redirect import redirect
from examples.registrar import Registrar, registrar
from examples.responder import responder
from examples.tcp_gateway import TCPGateway
from sipgen import Challenge, Request, Response, SipURI
from tests.endpoint.conftest import request, serving

Run = Callable[[Coroutine[Any, Any, None]], None]


def with_lines(method: str, *lines: str) -> bytes:
    added = "".join(f"{line}\r\n" for line in lines).encode()
    return request(method).replace(b"Content-Length", added + b"Content-Length")


def test_the_responder(run: Run) -> None:
    async def scenario() -> None:
        async with serving(responder(port=0)) as client:
            assert (await client.ask(request())).status_code == 200
            assert (await client.ask(request("BYE"))).status_code == 501

    run(scenario())


def test_the_registrar(run: Run) -> None:
    async def scenario() -> None:
        async with serving(registrar(port=0)) as client:
            bind = with_lines(
                "REGISTER",
                "Contact: <sip:bob@192.0.2.4>;expires=60, <sip:bob@192.0.2.5>",
                "Expires: 120",
            )
            response = await client.ask(bind)
            assert [(str(c.uri), c.params["expires"]) for c in response.contact] == [
                ("sip:bob@192.0.2.4", "60"),
                ("sip:bob@192.0.2.5", "120"),
            ]
            # The same binding anew, another spelling; then a query; then an end.
            again = with_lines("REGISTER", "Contact: <sip:%62ob@192.0.2.4>;expires=30")
            response = await client.ask(again)
            assert len(response.contact) == 2
            assert len((await client.ask(with_lines("REGISTER"))).contact) == 2
            gone = with_lines("REGISTER", "Contact: <sip:bob@192.0.2.5>;expires=0")
            assert len((await client.ask(gone)).contact) == 1
            star = with_lines("REGISTER", "Contact: *", "Expires: 0")
            assert (await client.ask(star)).contact == ()
            bad = with_lines("REGISTER", "Contact: <sip:bob@192.0.2.4")
            assert (await client.ask(bad)).status_code == 400

    run(scenario())


def test_the_registrar_challenges(run: Run) -> None:
    async def scenario() -> None:
        wanted = Challenge("Digest", {"realm": "r", "nonce": "n", "qop": "auth"})

        def challenge(message: Request) -> Challenge | None:
            given = message.typed("Authorization")
            return None if given and given[0].response == "0" * 32 else wanted

        async with serving(registrar(port=0, challenge=challenge)) as client:
            response = await client.ask(with_lines("REGISTER"))
            assert response.status_code == 401
            assert response.typed("WWW-Authenticate") == (wanted,)
            line = (
                'Authorization: Digest username="bob", realm="r", nonce="n", uri="sip:r"'
                f', response="{"0" * 32}", qop=auth, cnonce="c", nc=00000001'
            )
            assert (await client.ask(with_lines("REGISTER", line))).status_code == 200

    run(scenario())


def test_bindings_end() -> None:
    made = Registrar()
    message = sipgen.parse(with_lines("REGISTER", "Contact: <sip:bob@192.0.2.4>;expires=60"))
    assert isinstance(message, Request)
    made.register(message, ())
    uri = SipURI.parse("sip:bob@127.0.0.1")
    assert len(made.contacts(uri)) == 1
    assert made.contacts(uri, now=float("inf")) == []


def test_the_redirect_server(run: Run) -> None:
    async def scenario() -> None:
        there = {"sip:bob@127.0.0.1": "sip:bob@192.0.2.4:5070"}
        async with serving(redirect(there, port=0)) as client:
            response = await client.ask(with_lines("INVITE", "Contact: <sip:a@192.0.2.1>"))
            assert response.status_code == 302
            assert [str(c.uri) for c in response.contact] == ["sip:bob@192.0.2.4:5070"]
            other = request("INVITE").replace(b"sip:bob@127.0.0.1 SIP", b"sip:eve@127.0.0.1 SIP")
            assert (await client.ask(other)).status_code == 404
            tel = request("INVITE").replace(b"sip:bob@127.0.0.1 SIP", b"tel:+1 SIP")
            assert (await client.ask(tel)).status_code == 416
            await client.send(request("ACK"))
            assert (await client.ask(request("CANCEL"))).status_code == 481

    run(scenario())


def test_the_tcp_gateway(run: Run) -> None:
    async def scenario() -> None:
        seen: list[str] = []
        endpoint = sipgen.Endpoint(
            on_response_sent=lambda *_: seen.append("sent"),
            on_sip_response=lambda *_: seen.append("response"),
        )

        @endpoint.on("OPTIONS")
        async def options(message: Request, _addr: tuple[Any, ...]) -> Response:
            return message.reply(200, to_tag="tcp")

        server = await asyncio.start_server(TCPGateway(endpoint).serve, "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            data = request().replace(b"/UDP", b"/TCP")
            writer.write(b"\r\n\r\n" + data + data[:50])
            assert await reader.readexactly(2) == b"\r\n"
            first = await sipgen.read_message_async(reader)
            assert isinstance(first, Response)
            assert first.status_code == 200
            answer = b"SIP/2.0 180 Ringing\r\nContent-Length: 0\r\n\r\n"
            writer.write(data[50:] + answer + b"garbage\r\n\r\n")
            assert await sipgen.read_message_async(reader) is not None
            # What cannot be framed ends the connection.
            assert await sipgen.read_message_async(reader) is None
            writer.close()
            await writer.wait_closed()
        assert seen == ["sent", "sent", "response"]

    run(scenario())
