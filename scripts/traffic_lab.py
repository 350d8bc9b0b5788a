"""A SIP server and caller for :mod:`scripts.record_traffic`, which keeps what others send.

It is deliberately plain and is not sipgen: it looks at as little of a message as it can, so
that it records also what sipgen would refuse.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import sys
from collections import Counter
from pathlib import Path
from typing import Self

__all__ = ["Lab", "Log", "Read"]

Addr = tuple[str, int]
LIMIT = 40
"""Messages to keep of each program and kind."""
SDP = (
    "v=0\r\no=- 1 {version} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
)
CHALLENGES = (
    'Digest realm="lab.example.com", nonce="{nonce}", algorithm=MD5, qop="auth"',
    'Digest realm="lab.example.com", nonce="{nonce}"',
    'Digest realm="lab.example.com", nonce="{nonce}", opaque="5ccc069c", qop="auth", stale=FALSE',
)
REFUSALS = {
    "busy": (486, "Busy Here"),
    "missing": (404, "Not Found"),
    "moved": (480, "Temporarily Unavailable"),
    "broken": (503, "Service Unavailable"),
}
"""What the lab answers to the INVITE for a user."""
_COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "o": "event"}


LOOPBACK = {
    9: "127.0.0.2",
    10: "127.0.0.20",
    11: "127.0.0.200",
    12: "127.0.20.200",
    13: "127.0.200.200",
    14: "127.20.200.200",
    15: "127.200.200.200",
}
"""Loopback addresses by their length: Content-Length must stay right."""


def own_address() -> str:
    """Return the address of this machine that some programs write into SDP, or nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock, contextlib.suppress(OSError):
        # Nothing is sent: a datagram socket only looks up the route.
        sock.connect(("198.51.100.1", 9))
        return str(sock.getsockname()[0])
    return ""


class Read:
    """A message, taken apart as far as the lab needs it."""

    def __init__(self, data: bytes) -> None:
        """Split the head into header lines."""
        head, _, self.body = data.partition(b"\r\n\r\n")
        text = re.sub(r"\r?\n[ \t]+", " ", head.decode("latin-1"))
        self.start, *lines = text.replace("\r\n", "\n").split("\n")
        self.headers: dict[str, list[str]] = {}
        for line in lines:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            self.headers.setdefault(_COMPACT.get(name, name), []).append(value.strip())
        self.is_response = self.start.startswith("SIP/2.0")
        self.status = int(self.start.split()[1]) if self.is_response else 0
        self.method = self.get("cseq").split()[-1:] or ["?"]
        self.cseq_method = self.method[0]
        self.request_method = "" if self.is_response else self.start.split(" ")[0]

    def get(self, name: str) -> str:
        """Return the first value of a header field, or nothing."""
        return self.headers.get(name, [""])[0]

    def uri(self, name: str) -> str:
        """Return the URI of the first Contact, From or To."""
        value = self.get(name)
        found = re.search(r"<([^>]*)>", value)
        return found[1] if found else value.partition(";")[0].strip()

    def user(self) -> str:
        """Return the user of the Request-URI, or of To."""
        found = re.search(r"sips?:([^@;>]+)@", self.start) or re.search(
            r"sips?:([^@;>]+)@", self.get("to")
        )
        return found[1] if found else ""


class Log:
    """The messages that were recorded, by program."""

    def __init__(self) -> None:
        """Begin with none."""
        self.own = own_address().encode()
        self.other = LOOPBACK.get(len(self.own), "").encode()
        if self.own and not self.other:
            print(f"*** {self.own.decode()} is too short to be replaced ***", file=sys.stderr)
        self.rows: list[tuple[str, str]] = []
        self.seen: set[tuple[str, bytes]] = set()
        self.counts: Counter[tuple[str, str, str]] = Counter()

    def add(self, program: str, data: bytes) -> None:
        """Keep a datagram, unless it came already or there are enough like it."""
        if self.other:
            data = data.replace(self.own, self.other)
        message = Read(data)
        kind = (program, message.cseq_method, str(message.status))
        if (program, data) in self.seen or self.counts[kind] >= LIMIT:
            return
        self.seen.add((program, data))
        self.counts[kind] += 1
        self.rows.append((program, data.decode("latin-1")))

    def write(self, path: Path) -> None:
        """Write one JSON object a line, the programs one after the other."""
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = sorted(self.rows, key=lambda row: row[0].lower())
        lines = [json.dumps({"program": program, "data": data}) for program, data in rows]
        path.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")


class Lab(asyncio.DatagramProtocol):
    """A socket that answers as a server does, and calls; use it as a context manager."""

    def __init__(self, log: Log, program: str, *, challenges: bool = True) -> None:
        """Record in ``log`` what ``program`` sends."""
        self.log, self.program, self.challenges = log, program, challenges
        self.transport: asyncio.DatagramTransport | None = None
        self.port = 0
        self.number = 0
        self.waiting: dict[str, asyncio.Queue[Read]] = {}
        self.pending: dict[str, tuple[Read, Addr]] = {}
        self.tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", 0)
        )
        self.port = self.transport.get_extra_info("sockname")[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self.tasks:
            task.cancel()
        if self.transport is not None:
            self.transport.close()

    def error_received(self, exc: Exception) -> None:
        """Ignore that a program is gone."""

    def datagram_received(self, data: bytes, addr: Addr) -> None:
        """Record a datagram and answer it."""
        if not data.strip(b"\r\n\0 "):
            return
        self.log.add(self.program, data)
        message = Read(data)
        if message.is_response:
            branch = re.search(r"branch=([^;, ]+)", message.get("via"))
            if branch and branch[1] in self.waiting:
                self.waiting[branch[1]].put_nowait(message)
            return
        answer = getattr(self, f"on_{message.request_method.lower()}", self.on_any)
        answer(message, addr)

    def send(self, text: str, addr: Addr) -> None:
        """Send a message."""
        if self.transport is not None:
            self.transport.sendto(text.encode("latin-1"), addr)

    def reply(
        self, request: Read, addr: Addr, code: int, reason: str, *lines: str, body: str = ""
    ) -> None:
        """Answer a request as RFC 3261 says, to the source or to the port of its Via."""
        vias = list(request.headers.get("via", []))
        found = re.match(r"SIP/2.0/UDP\s+[^;:\s]+(?::(\d+))?", vias[0] if vias else "")
        if found and "rport" not in vias[0]:
            addr = (addr[0], int(found[1] or 5060))
        elif vias:
            vias[0] = re.sub(r"rport(=\d*)?", f"rport={addr[1]};received={addr[0]}", vias[0])
        to = request.get("to")
        if code > 100 and ";tag=" not in to:
            to += f";tag=lab{abs(hash(request.get('call-id'))) % 10**8}"
        head = [f"SIP/2.0 {code} {reason}", *(f"Via: {via}" for via in vias)]
        head += [f"Record-Route: {route}" for route in request.headers.get("record-route", [])]
        head += [f"From: {request.get('from')}", f"To: {to}", f"Call-ID: {request.get('call-id')}"]
        head += [f"CSeq: {request.get('cseq')}", *lines, f"Content-Length: {len(body)}"]
        self.send("\r\n".join(head) + "\r\n\r\n" + body, addr)

    @property
    def contact(self) -> str:
        """The Contact of the lab."""
        return f"Contact: <sip:lab@127.0.0.1:{self.port}>"

    def on_any(self, request: Read, addr: Addr) -> None:
        """Answer with 200."""
        self.reply(request, addr, 200, "OK", "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS")

    def on_ack(self, request: Read, addr: Addr) -> None:
        """Go on with the call as the user's name says."""
        if request.user() == "lab" and "far" in request.get("to"):
            self._later(self.within_dialog(request, addr))

    def on_register(self, request: Read, addr: Addr) -> None:
        """Challenge, then bind."""
        if self.challenges and "authorization" not in request.headers:
            self.number += 1
            challenge = CHALLENGES[self.number % 3].format(nonce=f"{self.number:08x}a1")
            self.reply(request, addr, 401, "Unauthorized", f"WWW-Authenticate: {challenge}")
            return
        contacts = request.headers.get("contact", [])
        bound = [f"Contact: {one};expires=300" for one in contacts if one != "*"]
        self.reply(request, addr, 200, "OK", *bound)

    def on_publish(self, request: Read, addr: Addr) -> None:
        """Take a publication."""
        self.reply(request, addr, 200, "OK", "SIP-ETag: a1", "Expires: 300")

    def on_subscribe(self, request: Read, addr: Addr) -> None:
        """Accept a subscription and notify once."""
        self.reply(request, addr, 200, "OK", self.contact, "Expires: 300")
        self._later(self.notify(request, addr))

    def on_cancel(self, request: Read, addr: Addr) -> None:
        """Take a call back."""
        self.reply(request, addr, 200, "OK")
        waiting = self.pending.pop(request.get("call-id"), None)
        if waiting is not None:
            self.reply(*waiting, 487, "Request Terminated")

    def on_invite(self, request: Read, addr: Addr) -> None:
        """Answer a call as the user's name says."""
        user = request.user()
        self.reply(request, addr, 100, "Trying")
        if user == "paid" and "proxy-authorization" not in request.headers:
            challenge = CHALLENGES[0].format(nonce="b7c9036d")
            self.reply(
                request,
                addr,
                407,
                "Proxy Authentication Required",
                f"Proxy-Authenticate: {challenge}",
            )
        elif user in REFUSALS:
            self.reply(request, addr, *REFUSALS[user])
        elif user == "slow":
            self.pending[request.get("call-id")] = (request, addr)
            self.reply(request, addr, 180, "Ringing", self.contact)
        else:
            self.reply(request, addr, 180, "Ringing", self.contact)
            more = (self.contact, "Content-Type: application/sdp")
            self.reply(request, addr, 200, "OK", *more, body=SDP.format(version=1))

    def _later(self, what: object) -> None:
        task = asyncio.ensure_future(what)  # type: ignore[call-overload]
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def notify(self, request: Read, addr: Addr) -> None:
        """Send a NOTIFY for a subscription."""
        await self.ask(
            "NOTIFY",
            request.uri("contact"),
            addr,
            dialog=(f"To: {request.get('from')}", f"From: {request.get('to')};tag=labsub"),
            call=request.get("call-id"),
            lines=(f"Event: {request.get('event')}", "Subscription-State: active;expires=300"),
        )

    async def within_dialog(self, ack: Read, addr: Addr) -> None:
        """Send what a callee sends within a call, and hang up."""
        dialog = (f"To: {ack.get('from')}", f"From: {ack.get('to')}")
        target = f"sip:{addr[0]}:{addr[1]}"
        await asyncio.sleep(0.1)
        for method in ("OPTIONS", "INVITE", "INFO", "UPDATE", "MESSAGE", "BYE"):
            await self.ask(method, target, addr, dialog=dialog, call=ack.get("call-id"))

    async def ask(
        self,
        method: str,
        target: str,
        addr: Addr,
        *,
        dialog: tuple[str, str] | None = None,
        call: str = "",
        lines: tuple[str, ...] = (),
        number: int = 0,
        branch: str = "",
        patience: float = 3.0,
    ) -> Read | None:
        """Send a request; return the final response, which is acknowledged if need be."""
        self.number += 1
        number = number or 100 + self.number
        branch = branch or f"z9hG4bKlab{self.number}p{self.port}"
        parties = dialog or (f"To: <{target}>", f"From: <sip:lab@127.0.0.1>;tag=f{self.number}")
        body = SDP.format(version=self.number) if method == "INVITE" else ""
        body = "hello" if method == "MESSAGE" else body
        kind = {"INVITE": "application/sdp", "MESSAGE": "text/plain"}.get(method)
        head = [
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch={branch};rport",
            "Max-Forwards: 70",
            *parties,
            f"Call-ID: {call or f'lab-{self.port}-{self.number}'}",
        ]
        tail = [self.contact, *lines, *([f"Content-Type: {kind}"] if kind else [])]
        text = [f"{method} {target} SIP/2.0", *head, f"CSeq: {number} {method}", *tail]
        queue = self.waiting.setdefault(branch, asyncio.Queue())
        final: Read | None = None
        for _ in range(3):
            self.send(
                "\r\n".join([*text, f"Content-Length: {len(body)}"]) + "\r\n\r\n" + body, addr
            )
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience / 3 if method != "INVITE" else patience):
                    while final is None or final.status < 200:
                        final = await queue.get()
                break
        if method == "INVITE" and final is not None and final.status >= 200:
            head[2:4] = [f"To: {final.get('to')}", parties[1]]
            head[0] = head[0] if final.status >= 300 else head[0].replace("lab", "ack")
            start = f"ACK {final.uri('contact') or target} SIP/2.0"
            ack = [start, *head, f"CSeq: {number} ACK", "Content-Length: 0"]
            self.send("\r\n".join(ack) + "\r\n\r\n", addr)
        return final

    async def call(self, target: str, addr: Addr, *, cancel: bool = False) -> None:
        """Call, do within the call what callers do, and hang up; or cancel the call."""
        self.number += 1
        call, tag = f"call-{self.port}-{self.number}", f"c{self.number}"
        parties = (f"To: <{target}>", f"From: Lab <sip:lab@127.0.0.1>;tag={tag}")
        branch = f"z9hG4bKlabcall{self.number}p{self.port}"
        sent = asyncio.ensure_future(
            self.ask("INVITE", target, addr, dialog=parties, call=call, number=1, branch=branch)
        )
        if cancel:
            await asyncio.sleep(0.3)
            await self.ask(
                "CANCEL", target, addr, dialog=parties, call=call, number=1, branch=branch
            )
        answer = await sent
        if answer is None or not 200 <= answer.status < 300:
            return
        dialog = (f"To: {answer.get('to')}", parties[1])
        at = answer.uri("contact") or target
        await asyncio.sleep(0.2)
        for method in ("INVITE", "OPTIONS", "INFO", "UPDATE", "BYE"):
            await self.ask(method, at, addr, dialog=dialog, call=call, patience=1.5)
