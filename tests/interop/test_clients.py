"""Clients that people use, each in its own language: they register, call and hang up."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.interop.answering import HERE, Polite, needs, run_against

pytestmark = pytest.mark.interop

TOOLS = Path(os.environ.get("SIPGEN_INTEROP_TOOLS", "build/interop")).resolve()
"""Where `make interop-tools` puts what is in no distribution."""


def has_perl_module(name: str) -> bool:
    command = ["perl", f"-M{name}", "-e", "1"]
    return (
        shutil.which("perl") is not None
        and subprocess.run(command, capture_output=True, check=False).returncode == 0
    )


def has_pjsua2() -> str | None:
    for python in (str(TOOLS / "pjsip/bin/python"), sys.executable):
        if shutil.which(python):
            found = subprocess.run(
                [python, "-c", "import pjsua2"], capture_output=True, check=False
            )
            if found.returncode == 0:
                return python
    return None


@needs("sipsak", "sipsak")
def test_sipsak() -> None:
    polite = Polite()
    status, output = asyncio.run(
        run_against(polite, "sipsak", "-vv", "-s", "sip:demo@127.0.0.1:{port}")
    )
    assert status == 0, output
    assert polite.methods == ["OPTIONS"]
    polite.check()


@pytest.mark.skipif(
    not has_perl_module("Net::SIP"),
    reason="Net::SIP is NOT INSTALLED: apt-get install libnet-sip-perl",
)
def test_net_sip() -> None:
    polite = Polite()
    status, output = asyncio.run(run_against(polite, "perl", str(HERE / "net_sip.pl"), "{port}"))
    assert status == 0, output
    assert polite.methods == ["REGISTER", "INVITE", "ACK", "BYE"]
    polite.check()


@pytest.mark.skipif(
    shutil.which("node") is None or not (TOOLS / "node_modules/sip").is_dir(),
    reason="npm's sip is NOT INSTALLED: make interop-tools, with node",
)
def test_npm_sip() -> None:
    polite = Polite()
    status, output = asyncio.run(
        run_against(
            polite,
            *("node", str(HERE / "npm_sip.js"), "{port}"),
            environment={"NODE_PATH": str(TOOLS / "node_modules")},
        )
    )
    assert status == 0, output
    assert polite.methods == ["OPTIONS", "REGISTER", "INVITE", "ACK", "BYE"]
    polite.check()


@pytest.mark.skipif(has_pjsua2() is None, reason="PJSIP is NOT INSTALLED: make interop-tools")
def test_pjsip() -> None:
    polite = Polite()
    python = has_pjsua2() or ""
    status, output = asyncio.run(run_against(polite, python, str(HERE / "pjsip.py"), "{port}"))
    assert status == 0, output[-3_000:]
    assert polite.methods == ["REGISTER", "INVITE", "ACK", "BYE"]
    polite.check()


CONFIG = """\
poll_method epoll
sip_listen 127.0.0.1:0
call_max_calls 4
audio_player aufile,{dir}/out.wav
audio_source ausine,400
audio_alert aufile,{dir}/alert.wav
module_path {modules}
module g711.so
module ausine.so
module aufile.so
module_tmp account.so
module_app menu.so
rtp_ports 40100-40200
"""


def baresip_modules() -> str:
    found = sorted(Path("/usr/lib").rglob("baresip/modules/g711.so"))
    return str(found[0].parent) if found else ""


@needs("baresip", "baresip-core")
def test_baresip(tmp_path: Path) -> None:
    polite = Polite()

    async def scenario() -> tuple[int | None, str]:
        config = CONFIG.format(dir=tmp_path, modules=baresip_modules())
        (tmp_path / "config").write_text(config)
        (tmp_path / "contacts").write_text("")
        original = polite.endpoint.open

        async def opened() -> None:
            await original()
            port = (polite.endpoint.listen_addr or ("", 0))[1]
            account = f"<sip:alice@127.0.0.1:{port}>;regint=60;auth_pass=x\n"
            (tmp_path / "accounts").write_text(account)

        polite.endpoint.open = opened  # type: ignore[method-assign]
        return await run_against(
            polite,
            *("baresip", "-f", str(tmp_path), "-v", "-t", "6"),
            *("-e", "/dial sip:bob@127.0.0.1:{port}"),
        )

    _, output = asyncio.run(scenario())
    assert "REGISTER" in polite.methods, output
    call = [method for method in polite.methods if method in {"INVITE", "ACK", "BYE"}]
    assert call == ["INVITE", "ACK", "BYE"], output
    polite.check()
