"""``make demo``: judge the torture messages of RFC 4475, then answer a SIP client.

First a report over the 49 messages: what the RFC says of each, what sipgen says, and the
first finding. Then an Endpoint on a free loopback port gets an OPTIONS and a method that
nobody knows, and both exchanges are shown; sipsak and SIPp are used too if installed.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import sys
import tomllib
from pathlib import Path

import sipgen

TORTURE = Path(__file__).resolve().parent.parent / "tests" / "data" / "rfc4475"
TIMEOUT = 10.0


def request(method: str, port: int) -> bytes:
    """A request as a small client would write it."""
    return (
        f"{method} sip:demo@127.0.0.1 SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKdemo{method.lower()};rport\r\n"
        "Max-Forwards: 70\r\n"
        "From: <sip:alice@example.com>;tag=1928301774\r\n"
        "To: <sip:demo@127.0.0.1>\r\n"
        f"Call-ID: demo-{method.lower()}@127.0.0.1\r\n"
        f"CSeq: 1 {method}\r\n"
        "Content-Length: 0\r\n\r\n"
    ).encode()


def torture_report() -> bool:
    """Print the report; whether every verdict is the one in the table."""
    verdicts = tomllib.loads((TORTURE / "verdicts.toml").read_text())["message"]
    print(f"RFC 4475: {len(verdicts)} torture messages\n")
    print(f"{'message':16}{'section':10}{'the RFC':9}{'sipgen':11}first finding")
    as_expected = 0
    for verdict in verdicts:
        report = sipgen.validate((TORTURE / verdict["file"]).read_bytes())
        errors = [finding for finding in report.findings if finding.severity == "error"]
        said = "accepts" if report.ok else "rejects"
        expected = "accepts" if verdict["valid"] else "rejects"
        as_expected += said == expected
        words = str(errors[0]) if errors else ""
        valid = "valid" if verdict["valid"] else "invalid"
        print(f"{verdict['file']:16}{verdict['section']:10}{valid:9}{said:11}{words}")
    print(f"\n{as_expected} of {len(verdicts)} as the table of verdicts expects\n")
    return as_expected == len(verdicts)


def show(title: str, data: bytes) -> None:
    """Print a message under a title."""
    print(f"--- {title}")
    print(data.decode("utf-8", "backslashreplace").replace("\r\n", "\n").rstrip("\n"))
    print()


async def exchange(endpoint: sipgen.Endpoint) -> None:
    """Send two requests from a plain socket, as any client would."""
    loop = asyncio.get_running_loop()
    address = endpoint.listen_addr or ()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind(("127.0.0.1", 0))
        client.setblocking(False)  # noqa: FBT003 - the socket module's own signature
        for method in ("OPTIONS", "FROBNICATE"):
            data = request(method, client.getsockname()[1])
            await loop.sock_sendto(client, data, address)
            show(f"sent to {address}", data)
            answer, sender = await asyncio.wait_for(loop.sock_recvfrom(client, 65_535), TIMEOUT)
            show(f"received from {sender}", answer)
            verdict = "no finding" if not sipgen.validate(answer).findings else "findings!"
            print(f"sipgen.validate(answer): {verdict}\n")


async def real_client(package: str, *command: str) -> None:
    """Run a real SIP program against the Endpoint, if it is installed."""
    if shutil.which(command[0]) is None:
        print(f"{command[0]} is not installed (Debian: apt-get install {package}); left out\n")
        return
    print(f"--- {' '.join(command)}")
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), TIMEOUT)
    except TimeoutError:
        process.kill()
        output, _ = await process.communicate()
    for line in output.decode(errors="replace").splitlines()[-12:]:
        print(f"    {line}")
    print(f"exit status {process.returncode}\n")


async def talk() -> None:
    """Open an Endpoint on a free port and exchange messages with it."""
    endpoint = sipgen.Endpoint(host="127.0.0.1", port=0)

    @endpoint.on("OPTIONS")
    async def options(
        request: sipgen.Request, _address: tuple[object, ...]
    ) -> sipgen.Response | None:
        return request.reply(200, to_tag="demo", headers=[("Accept", "application/sdp")])

    async with endpoint:
        serving = asyncio.create_task(endpoint.serve())
        address = endpoint.listen_addr or ()
        print(f"an Endpoint listens on {address}\n")
        await exchange(endpoint)
        target = f"127.0.0.1:{address[1]}"
        await real_client("sipsak", "sipsak", "-v", "-s", f"sip:demo@{target}")
        scenario = str(TORTURE.parents[1] / "interop" / "options.xml")
        await real_client("sip-tester", "sipp", target, "-sf", scenario, "-m", "3", "-nostdin")
        await endpoint.close()
        await serving


def main() -> int:
    """Run both halves; 1 if a verdict is not the expected one."""
    as_expected = torture_report()
    asyncio.run(talk())
    return 0 if as_expected else 1


if __name__ == "__main__":
    sys.exit(main())
