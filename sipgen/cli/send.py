"""``sipgen send``: one request, its responses, and how long they took."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sipgen.errors import SipError

if TYPE_CHECKING:
    from sipgen.errors import Finding
    from sipgen.message import Request, Response

__all__ = ["add_parser"]

_EPILOG = """\
  sipgen send sip:bob@192.0.2.4                       # OPTIONS
  sipgen send --method MESSAGE --body hello sip:bob@192.0.2.4:5070
  sipgen send --file invite.sip sip:192.0.2.4         # what the file has not is filled in
  sipgen send --header 'Subject: test' --json sip:bob@192.0.2.4

Via, Max-Forwards, From, To, Call-ID, CSeq and Content-Length are filled in where they are
missing. Each response is validated. The final response to an INVITE is acknowledged, and a
call that was accepted is ended.

exit status: 0 answered with 2xx, and correctly; 1 anything else that happens; 2 wrong usage"""

_TIMEOUT = 4.0


class Answer(NamedTuple):
    """A response, with what is wrong with it."""

    response: Response
    seconds: float
    findings: tuple[Finding, ...]


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "send",
        help="send a request over UDP, validate the responses, tell the round trip time",
        description="Send one request over UDP and wait for its final response.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("uri", help="where to: a SIP URI")
    parser.add_argument("--method", default=None, help="method (OPTIONS, or that of the file)")
    parser.add_argument("--file", metavar="FILE", help="the request, or part of it; - for stdin")
    parser.add_argument(
        "--header", action="append", default=[], metavar="LINE", help="a header field to add"
    )
    parser.add_argument("--body", help="the body, text/plain")
    parser.add_argument(
        "--timeout", type=float, default=_TIMEOUT, help="seconds to wait (%(default)s)"
    )
    parser.add_argument("--profile", choices=("strict", "interop"), default="strict")
    parser.add_argument("--json", action="store_true", help="write JSON")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    import asyncio  # noqa: PLC0415 - not for --help

    try:
        return asyncio.run(_exchange(arguments))
    except (SipError, OSError, ValueError) as error:
        print(f"sipgen: {error}", file=sys.stderr)
        return 2


async def _exchange(arguments: argparse.Namespace) -> int:
    import asyncio  # noqa: PLC0415
    import socket  # noqa: PLC0415
    import time  # noqa: PLC0415

    from sipgen.endpoint import Endpoint  # noqa: PLC0415
    from sipgen.validation import validate  # noqa: PLC0415
    from sipgen.values.uri import SipURI  # noqa: PLC0415

    uri = SipURI.parse(arguments.uri)
    loop = asyncio.get_running_loop()
    host = uri.host[1:-1] if uri.host[0] == "[" else uri.host
    found = await loop.getaddrinfo(host, uri.port or 5060, type=socket.SOCK_DGRAM)
    family, _, _, _, target = found[0]
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect(target)
        local = probe.getsockname()[0]
    received: asyncio.Queue[tuple[Response, float]] = asyncio.Queue()
    endpoint = Endpoint(
        host=local,
        port=0,
        network="udp6" if family == socket.AF_INET6 else "udp4",
        on_sip_response=lambda response, _: received.put_nowait((response, time.perf_counter())),
    )
    async with endpoint:
        serving = asyncio.ensure_future(endpoint.serve())
        address = endpoint.listen_addr or ("", 0)
        request = _request(arguments, address)
        begin = time.perf_counter()
        await endpoint.send(request, target)
        answers: list[Answer] = []
        try:
            async with asyncio.timeout(arguments.timeout):
                while not answers or answers[-1].response.status_code < 200:
                    response, moment = await received.get()
                    if response.get("Call-ID") != request.get("Call-ID"):
                        continue
                    report = validate(bytes(response), arguments.profile)
                    answers.append(Answer(response, moment - begin, report.findings))
        except TimeoutError:
            pass
        if request.method == "INVITE" and answers:
            await _settle(endpoint, request, answers[-1].response, target)
        await endpoint.close()
        await serving
    _print(arguments, request, answers)
    final = answers[-1].response.status_code if answers else 0
    wrong = any(finding.severity == "error" for answer in answers for finding in answer.findings)
    return 0 if 200 <= final < 300 and not wrong else 1


async def _settle(endpoint: Any, request: Request, response: Response, target: Any) -> None:
    """Acknowledge a final response to an INVITE; end a call that was accepted."""
    if response.status_code >= 300:
        await endpoint.send(request.ack(response), target)
    elif response.status_code >= 200:
        for method in ("ACK", "BYE"):
            following = request.copy()
            number = request.cseq.number if request.cseq else 1
            following.replace_first("Via", _via(endpoint.listen_addr))
            following.set("To", response.get("To") or "")
            following.set("CSeq", f"{number + (method == 'BYE')} {method}")
            following.method = method
            following.body = b""
            following.remove("Content-Type")
            await endpoint.send(following, target)


def _via(address: tuple[Any, ...]) -> str:
    host, port = address[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"SIP/2.0/UDP {shown}:{port};branch=z9hG4bK{secrets.token_hex(8)};rport"


def _request(arguments: argparse.Namespace, address: tuple[Any, ...]) -> Request:
    """The request: what the file has, and what it needs besides."""
    from sipgen.message import Request, read  # noqa: PLC0415

    body = (arguments.body or "").encode()
    if arguments.file is None:
        request = Request(arguments.method or "OPTIONS", arguments.uri, (), body)
    else:
        data = (
            sys.stdin.buffer.read() if arguments.file == "-" else Path(arguments.file).read_bytes()
        )
        if b"\n\n" not in data.replace(b"\r", b""):
            data = data.rstrip(b"\r\n") + b"\r\n\r\n"
        message = read(data)
        if not isinstance(message, Request):
            raise ValueError(f"{arguments.file} holds a response, not a request")
        request = message
        if arguments.method:
            request.method = arguments.method
        if arguments.body is not None:
            request.body = body
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    needed = {
        "Via": _via(address),
        "Max-Forwards": "70",
        "From": f"<sip:sipgen@{host}>;tag={secrets.token_hex(4)}",
        "To": f"<{_address_of_record(arguments.uri)}>",
        "Call-ID": f"{secrets.token_hex(8)}@{host}",
        "CSeq": f"1 {request.method}",
    }
    for name, value in needed.items():
        if request.get(name) is None:
            request.add(name, value)
    if request.method in {"INVITE", "SUBSCRIBE"} and request.get("Contact") is None:
        request.add("Contact", f"<sip:sipgen@{host}:{address[1]}>")
    if request.body and request.get("Content-Type") is None:
        request.add("Content-Type", "text/plain")
    for line in arguments.header:
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError(f"--header {line!r} is not 'Name: value'")
        request.add(name, value.strip())
    request.prepare_for_send()
    return request


def _address_of_record(text: str) -> str:
    """A URI without what belongs to one way of reaching it (RFC 3261 section 19.1.1)."""
    from sipgen.values.uri import SipURI  # noqa: PLC0415

    uri = SipURI.parse(text)
    return str(SipURI(uri.scheme, uri.user, None, uri.host))


def _print(arguments: argparse.Namespace, request: Request, answers: list[Answer]) -> None:
    from sipgen.endpoint.logs import redacted  # noqa: PLC0415

    if arguments.json:
        facts = {
            "version": 1,
            "request": redacted(bytes(request)),
            "responses": [
                {
                    "status": answer.response.status_code,
                    "milliseconds": round(answer.seconds * 1000, 3),
                    "message": redacted(bytes(answer.response)),
                    "findings": [finding.to_dict() for finding in answer.findings],
                }
                for answer in answers
            ],
        }
        json.dump(facts, sys.stdout, indent=2)
        print()
        return
    print(redacted(bytes(request)))
    for answer in answers:
        print(f"--- after {answer.seconds * 1000:.2f} ms")
        print(redacted(bytes(answer.response)))
        for finding in answer.findings:
            print(f"{finding.severity}: {finding}")
    if not answers:
        print(f"no response within {arguments.timeout:g} s", file=sys.stderr)
