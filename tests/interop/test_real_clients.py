"""Real SIP programs against an Endpoint on loopback."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

import sipgen

pytestmark = pytest.mark.interop

HERE = Path(__file__).parent
CALLS = 100


def needs(program: str, package: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(
        shutil.which(program) is None,
        reason=f"{program} is NOT INSTALLED: apt-get install {package}",
    )


async def run_against(endpoint: sipgen.Endpoint, *command: str) -> tuple[int | None, str]:
    """Exit status and output of ``command``; {port} in it is the Endpoint's port."""
    async with endpoint:
        serving = asyncio.create_task(endpoint.serve())
        address = endpoint.listen_addr
        assert address is not None
        process = await asyncio.create_subprocess_exec(
            *(part.format(port=address[1]) for part in command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            output, _ = await asyncio.wait_for(process.communicate(), 60)
        except TimeoutError:
            process.kill()
            output, _ = await process.communicate()
        await endpoint.close()
        await serving
    return process.returncode, output.decode(errors="replace")


def answering(seen: list[sipgen.Request], sent: list[bytes]) -> sipgen.Endpoint:
    def remember(_request: sipgen.Request, response: sipgen.Response, _addr: object) -> None:
        sent.append(bytes(response))

    endpoint = sipgen.Endpoint(host="127.0.0.1", port=0, on_response_sent=remember)

    @endpoint.on("OPTIONS")
    def options(request: sipgen.Request, _addr: tuple[object, ...]) -> sipgen.Response:
        seen.append(request)
        return request.reply(200, to_tag="interop")

    return endpoint


@needs("sipsak", "sipsak")
def test_sipsak_gets_its_200() -> None:
    seen: list[sipgen.Request] = []
    sent: list[bytes] = []
    status, output = asyncio.run(
        run_against(answering(seen, sent), "sipsak", "-vv", "-s", "sip:demo@127.0.0.1:{port}")
    )
    assert status == 0, output
    assert [request.method for request in seen] == ["OPTIONS"]
    assert all(sipgen.validate(data).ok for data in sent)


@needs("sipp", "sip-tester")
def test_sipp_completes_every_call(tmp_path: Path) -> None:
    seen: list[sipgen.Request] = []
    sent: list[bytes] = []
    status, output = asyncio.run(
        run_against(
            answering(seen, sent),
            "sipp",
            "127.0.0.1:{port}",
            "-sf",
            str(HERE / "options.xml"),
            "-i",
            "127.0.0.1",
            "-m",
            str(CALLS),
            "-r",
            str(CALLS),
            "-nostdin",
            "-trace_err",
            "-error_file",
            str(tmp_path / "errors.log"),
        )
    )
    assert status == 0, output
    assert len({request.get("Call-ID") for request in seen}) == CALLS
    # SIPp puts ports into From and To, which is a warning.
    for data in (*map(bytes, seen), *sent):
        assert sipgen.validate(data).ok
