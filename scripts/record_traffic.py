"""Records what real SIP programs send: python -m scripts.record_traffic.

Runs SIPp, sipsak, baresip, PJSIP, Net::SIP, npm's sip and Kamailio on loopback against a
plain server and caller (:mod:`scripts.traffic_lab`) and writes the datagrams that the
programs sent, not what they were sent, to ``tests/data/traffic/recorded.jsonl``: one JSON
object a line, ``{"program": ..., "data": ...}``, the message as Latin-1 text. Takes two
minutes. Install sip-tester, sipsak, baresip-core, kamailio and libnet-sip-perl, and run
``make interop-tools`` first; a program that is not there is said loudly and left out. Two
runs do not give the same file: branches, tags and nonces are the programs' own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shutil
import socket
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from scripts import traffic_sipp
from scripts.traffic_lab import Lab, Log

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "tests" / "data" / "traffic" / "recorded.jsonl"
SCRIPTS = ROOT / "scripts" / "traffic"
INTEROP = ROOT / "tests" / "interop"
TOOLS = Path(os.environ.get("SIPGEN_INTEROP_TOOLS", str(ROOT / "build" / "interop")))
PATIENCE = 25
HOST = "127.0.0.1"
OWN_CALLS = {"PJSIP": 4.0, "Net::SIP": 6.0, "npm sip": 3.0}
"""Seconds in which a program makes its own calls, before it is called."""


def free_port() -> int:
    """Return a UDP port that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HOST, 0))
        return int(sock.getsockname()[1])


@contextlib.asynccontextmanager
async def running(*command: str, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a program, and end it at the end."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def run(*command: str, patience: float = PATIENCE, **environment: str) -> int | None:
    """Run a program to its end, or for as long as there is patience."""
    async with running(*command, **environment) as process:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), patience)
        return process.returncode


async def sipp(log: Log, directory: Path) -> None:
    """SIPp as caller with its own scenarios and others, and as callee."""
    common = ("-i", HOST, "-nostdin", "-r", "20", "-timeout", "15", "-m")
    for name in traffic_sipp.CALLERS:
        path = directory / f"{name.replace(' ', '-')}.xml"
        path.write_text(traffic_sipp.scenario(name))
        async with Lab(log, "SIPp") as lab:
            status = await run("sipp", f"{HOST}:{lab.port}", "-sf", str(path), *common, "6")
            if status:
                print(f"SIPp, {name}: status {status}", file=sys.stderr)
    for path in sorted(INTEROP.glob("*.xml")):
        async with Lab(log, "SIPp", challenges=False) as lab:
            await run("sipp", f"{HOST}:{lab.port}", "-sf", str(path), *common, "4")
    for name in ("uac", "regexp", "branchc"):
        async with Lab(log, "SIPp", challenges=False) as lab:
            extra = ("-s", "bob")
            await run("sipp", f"{HOST}:{lab.port}", "-sn", name, *extra, *common, "5", patience=10)
    for name in ("uas", "branchs"):
        port = free_port()
        command = ("sipp", "-sn", name, "-p", str(port), "-i", HOST, "-nostdin")
        async with Lab(log, "SIPp") as lab, running(*command):
            await asyncio.sleep(0.8)
            if name == "branchs":
                await lab.ask("REGISTER", f"sip:{HOST}:{port}", (HOST, port))
            for number in range(6):
                target = f"sip:service{number}@{HOST}:{port}"
                number_of = await lab.ask("INVITE", target, (HOST, port))
                if number_of is None:
                    break
                dialog = (f"To: {number_of.get('to')}", f"From: {number_of.get('from')}")
                call = number_of.get("call-id")
                await lab.ask("BYE", target, (HOST, port), dialog=dialog, call=call)


async def sipsak(log: Log, directory: Path) -> None:
    """Sipsak in its modes."""
    own = directory / "own.sip"
    own.write_text(
        "OPTIONS sip:own@127.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK1\n"
        "From: <sip:me@example.com>;tag=1\nTo: <sip:own@example.com>\nCall-ID: own\n"
        "CSeq: 1 OPTIONS\nMax-Forwards: 70\nContent-Length: 0\n\n"
    )
    async with Lab(log, "sipsak") as lab, Lab(log, "sipsak", challenges=False) as free:
        uri, at = f"{HOST}:{lab.port}", f"{HOST}:{free.port}"
        for arguments in (
            ("-s", f"sip:demo@{uri}"),
            ("-s", f"sip:{uri}"),
            ("-s", f"sip:demo@{uri}", "-m", "7"),
            ("-s", f"sip:demo@{uri}", "-H", "phone.example.com"),
            ("-n", "-s", f"sip:demo@{uri}"),
            ("-N", "-s", f"sip:demo@{uri}"),
            ("-i", "-s", f"sip:demo@{uri}"),
            ("-T", "-s", f"sip:demo@{uri}"),
            ("-f", str(own), "-s", f"sip:demo@{uri}"),
            *(
                ("-U", "-C", f"sip:alice@{HOST}", "-a", "secret", "-x", x, "-s", f"sip:{u}@{uri}")
                for x, u in (("60", "alice"), ("3600", "1001"), ("0", "alice"), ("90", "j.doe"))
            ),
            ("-U", "-C", "*", "-x", "0", "-a", "x", "-s", f"sip:alice@{uri}"),
            ("-U", "-C", "empty", "-a", "x", "-s", f"sip:alice@{uri}"),
            ("-U", "-s", f"sip:bob@{at}"),
            ("-U", "-I", "-e", "3", "-s", f"sip:bob@{at}"),
            ("-U", "-b", "1", "-e", "5", "-s", f"sip:line@{at}"),
        ):
            await run("sipsak", *arguments, patience=2.5)


CONFIG = """\
poll_method epoll
sip_listen 127.0.0.1:{port}
call_max_calls 6
audio_player aufile,{dir}/out.wav
audio_source ausine,400
audio_alert aufile,{dir}/alert.wav
module_path {modules}
module g711.so
module ausine.so
module aufile.so
module_tmp account.so
module_app menu.so
module_app contact.so
module_app presence.so
module_app mwi.so
rtp_ports 40300-40400
"""


def baresip_modules() -> str:
    """Return the directory of baresip's modules."""
    found = sorted(Path("/usr/lib").rglob("baresip/modules/g711.so"))
    return str(found[0].parent) if found else ""


async def baresip(log: Log, directory: Path) -> None:
    """Baresip with several accounts, as caller and as callee."""
    modules = baresip_modules()
    accounts = (
        ("bob", '"Alice" <sip:alice@{lab}>;regint=60;auth_pass=x;answermode=auto', True),
        ("far", "<sip:1001@{lab};transport=udp>;auth_pass=x;regint=600;mwi=yes", True),
        ("slow", '<sip:j.doe@{lab}>;auth_pass=x;auth_user=j;outbound="sip:{lab};lr"', False),
        ("busy", '"B \\"x\\"" <sip:+4930123@{lab}>;auth_pass=x;answermode=early;ptime=10', True),
        ("paid", "<sip:alice@{lab}>;auth_pass=x;pubint=60;answermode=manual", True),
        ("missing", "<sip:alice@{lab}>;auth_pass=x;regint=60;sipnat=outbound", False),
    )
    for number, (callee, account, incoming) in enumerate(accounts):
        home, port = directory / f"baresip{number}", free_port()
        home.mkdir()
        (home / "config").write_text(CONFIG.format(dir=home, modules=modules, port=port))
        async with Lab(log, "baresip") as lab:
            at = f"{HOST}:{lab.port}"
            (home / "accounts").write_text(account.replace("{lab}", at) + "\n")
            (home / "contacts").write_text(f'"Bob" <sip:bob@{at}>;presence=p2p\n')
            command = ("baresip", "-f", str(home), "-t", "8", "-e", f"/dial sip:{callee}@{at}")
            async with running(*command) as process:
                await asyncio.sleep(3)
                user = account.partition("sip:")[2].partition("@")[0]
                if incoming:
                    await calls(lab, user, port, ring=number)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), 8)


async def calls(lab: Lab, user: str, port: int, *, ring: int = 0) -> None:
    """Ask a program what a phone is asked, and call it."""
    target, at = f"sip:{user}@{HOST}:{port}", (HOST, port)
    for method in ("OPTIONS", "MESSAGE", "SUBSCRIBE", "BYE", "INFO", "REFER", "FOO"):
        event = ("Event: presence", "Expires: 60") if method == "SUBSCRIBE" else ()
        refer = (f"Refer-To: <sip:carol@{HOST}:{lab.port}>",) if method == "REFER" else ()
        await lab.ask(method, target, at, lines=(*event, *refer), patience=0.9)
    await lab.call(target, at, cancel=ring % 2 == 1)
    await lab.call(target, at)


async def pjsip(log: Log, directory: Path) -> None:
    """PJSIP in several settings, as caller and as callee."""
    del directory
    python, script = str(TOOLS / "pjsip/bin/python"), str(SCRIPTS / "pjsip_client.py")

    async def one(number: int, callee: str, style: str) -> None:
        port = free_port()
        command = (python, script, "{lab}", str(port), callee, style)
        user = "alice" if style in {"plain", "hold", "transfers"} else "+4930123456"
        await beside(log, "PJSIP", command, user, port, number)

    pairs = [("bob", "plain"), ("bob", "hold"), ("bob", "transfers"), ("far", "refuses")]
    pairs += [("slow", "ringing"), ("busy", "plain"), ("missing", "hold"), ("paid", "transfers")]
    for start in range(0, len(pairs), 4):
        group = pairs[start : start + 4]
        await asyncio.gather(*(one(start + n, *pair) for n, pair in enumerate(group)))


async def net_sip(log: Log, directory: Path) -> None:
    """Net::SIP as caller and as callee."""
    del directory
    for user in ("alice", "1001", "j.doe"):
        port = free_port()
        command = ("perl", str(SCRIPTS / "net_sip.pl"), "{lab}", str(port), user)
        await beside(log, "Net::SIP", command, user, port, 0)


async def npm_sip(log: Log, directory: Path) -> None:
    """The npm package sip as caller and as callee."""
    del directory
    for number, user in enumerate(("alice", "1001", "refused")):
        port = free_port()
        command = ("node", str(SCRIPTS / "npm_sip.js"), "{lab}", str(port), user)
        await beside(log, "npm sip", command, user, port, number)


async def beside(
    log: Log, program: str, command: tuple[str, ...], user: str, port: int, ring: int
) -> None:
    """Run a program that calls and is called; {lab} in its command is the lab's port."""
    async with Lab(log, program) as lab:
        command = tuple(part.replace("{lab}", str(lab.port)) for part in command)
        async with running(*command, NODE_PATH=str(TOOLS / "node_modules")) as process:
            await asyncio.sleep(OWN_CALLS[program])
            await calls(lab, user, port, ring=ring)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 4)


async def kamailio(log: Log, directory: Path) -> None:
    """Kamailio between SIPp, sipsak, PJSIP or a caller, and the lab."""
    names = ("SIPp", "sipsak")
    async with Lab(log, "Kamailio") as server, Lab(log, "Kamailio") as client:
        for config in ("traffic/kamailio.cfg", "kamailio.cfg"):
            port = free_port()
            home = directory / config.replace("/", "-")
            home.mkdir()
            (home / "list").write_text(f"1 sip:{HOST}:{server.port}\n")
            command = ["kamailio", "-DD", "-E", "-f", str(ROOT / "scripts" / config)]
            command += ["-l", f"udp:{HOST}:{port}", "-Y", str(home), "-P", str(home / "pid")]
            command += ["-A", f'DISPATCHER_LIST="{home}/list"', "-m", "64", "-M", "8"]
            command += ["-A", f'LAB="sip:{HOST}:{server.port}"']
            async with running(*command) as process:
                await asyncio.sleep(3)
                await through(client, port, directory, names)
                process.terminate()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), 5)


async def through(client: Lab, port: int, directory: Path, names: tuple[str, ...]) -> None:
    """Send by way of Kamailio."""
    proxy = (HOST, port)
    for user in ("bob", "busy", "missing", "moved", "far"):
        target = f"sip:{user}@example.com"
        await client.call(target, proxy)
        for method in ("OPTIONS", "MESSAGE", "SUBSCRIBE", "REGISTER"):
            event = ("Event: presence",) if method == "SUBSCRIBE" else ()
            await client.ask(method, target, proxy, lines=event, patience=1)
    await client.call("sip:slow@example.com", proxy, cancel=True)
    await client.ask("REGISTER", "sip:locked@example.com", proxy, patience=1)
    dialog = ("To: <sip:bob@example.com>;tag=gone", "From: <sip:a@example.com>;tag=1")
    await client.ask("BYE", "sip:bob@example.com", proxy, dialog=dialog, patience=1)
    if "SIPp" in names and shutil.which("sipp"):
        for name in ("re-INVITE", "call and cancel", "options and message"):
            path = directory / f"through-{name.replace(' ', '-')}.xml"
            path.write_text(traffic_sipp.scenario(name))
            more = ("-i", HOST, "-nostdin", "-r", "10", "-m", "4", "-timeout", "6")
            await run("sipp", f"{HOST}:{port}", "-sf", str(path), *more, patience=8)
    if "sipsak" in names and shutil.which("sipsak"):
        await run("sipsak", "-s", f"sip:demo@{HOST}:{port}", patience=2)


async def is_there(*command: str) -> bool:
    """Return True if a command can be run and succeeds."""
    return shutil.which(command[0]) is not None and (
        len(command) == 1 or await run(*command, NODE_PATH=str(TOOLS / "node_modules")) == 0
    )


PROGRAMS: dict[str, tuple[tuple[str, ...], Callable[[Log, Path], Awaitable[None]]]] = {
    "SIPp": (("sipp",), sipp),
    "sipsak": (("sipsak",), sipsak),
    "baresip": (("baresip",), baresip),
    "PJSIP": ((str(TOOLS / "pjsip/bin/python"), "-c", "import pjsua2"), pjsip),
    "Net::SIP": (("perl", "-MNet::SIP", "-e", "1"), net_sip),
    "npm sip": (("node", "-e", "require('sip')"), npm_sip),
    "Kamailio": (("kamailio",), kamailio),
}
"""How to see whether a program is there, and how it is driven."""


async def record_one(name: str, log: Log) -> None:
    """Drive one program, if it is there."""
    there, drive = PROGRAMS[name]
    if not await is_there(*there):
        print(f"*** {name} is NOT INSTALLED and is left out ***", file=sys.stderr)
        return
    print(f"{name} ...", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as directory:
        await drive(log, Path(directory))


async def record(programs: list[str], log: Log) -> None:
    """Drive the programs, all at the same time."""
    await asyncio.gather(*(record_one(name, log) for name in programs))


def main() -> int:
    """Record and write; say how much there is of each program."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--program", choices=PROGRAMS, action="append", help="this one only")
    parser.add_argument("--output", type=Path, default=TARGET, metavar="FILE")
    arguments = parser.parse_args()
    log = Log()
    asyncio.run(record(arguments.program or list(PROGRAMS), log))
    log.write(arguments.output)
    for program, count in Counter(program for program, _ in log.rows).items():
        kinds = sorted(
            f"{method} {status}" if status != "0" else method
            for own, method, status in log.counts
            if own == program
        )
        print(f"{program}: {count} messages: {', '.join(kinds)}")
    print(f"{len(log.rows)} messages, {arguments.output.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
