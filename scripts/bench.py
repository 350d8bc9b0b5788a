"""Measures reading and validation against a floor, in one interleaved run.

The floor is the least that any Python parser does: decode the head, split it at CRLF,
partition each line at its colon, strip, append to a dict of lists; no checks. Every round
times each operation once, in turn, in CPU time; the minimum over the rounds is reported
with the median, and each as a ratio to the floor's. ``make bench`` runs this.

``validate`` goes through messages of which no two are alike in Via, tags, Call-ID and CSeq,
as in traffic; ``validate, first of its kind`` asks all rules, as for the first message with
these header fields from a peer.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import sipgen

SDP = (
    b"v=0\r\no=alice 2890844526 2890844526 IN IP4 pc33.atlanta.example.com\r\ns=-\r\n"
    b"c=IN IP4 192.0.2.101\r\nt=0 0\r\nm=audio 49172 RTP/AVP 0 8 101\r\n"
    b"a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
    b"a=fmtp:101 0-15\r\na=sendrecv\r\n"
)
INVITE = (
    b"INVITE sip:bob@biloxi.example.com SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP bigbox3.site3.atlanta.example.com;branch=z9hG4bK77ef4c2312983.1\r\n"
    b"Via: SIP/2.0/UDP pc33.atlanta.example.com:5060;branch=z9hG4bK776asdhds;rport\r\n"
    b"Max-Forwards: 69\r\n"
    b'From: "Alice" <sip:alice@atlanta.example.com>;tag=1928301774\r\n'
    b"To: Bob <sip:bob@biloxi.example.com>\r\n"
    b"Call-ID: a84b4c76e66710@pc33.atlanta.example.com\r\n"
    b"CSeq: 314159 INVITE\r\n"
    b"Contact: <sip:alice@pc33.atlanta.example.com;transport=udp>\r\n"
    b"Record-Route: <sip:bigbox3.site3.atlanta.example.com;lr>\r\n"
    b"Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, MESSAGE, UPDATE\r\n"
    b"Supported: replaces, timer, 100rel\r\n"
    b"User-Agent: Example-Phone/4.2 (build 1731)\r\n"
    b"Content-Type: application/sdp\r\n"
    b"Content-Length: " + str(len(SDP)).encode() + b"\r\n\r\n" + SDP
)


OPTIONS = (
    b"OPTIONS sip:carol@chicago.example.com SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP pc33.atlanta.example.com;branch=z9hG4bKhjhs8ass877\r\n"
    b"Max-Forwards: 70\r\n"
    b"To: <sip:carol@chicago.example.com>\r\n"
    b"From: Alice <sip:alice@atlanta.example.com>;tag=1928301774\r\n"
    b"Call-ID: a84b4c76e66710\r\n"
    b"CSeq: 63104 OPTIONS\r\n"
    b"Contact: <sip:alice@pc33.atlanta.example.com>\r\n"
    b"Accept: application/sdp\r\n"
    b"User-Agent: Example-Phone/4.2\r\n"
    b"Content-Length: 0\r\n\r\n"
)
VARIANTS = 512


def variants(data: bytes) -> list[bytes]:
    """Messages like ``data`` with other branches, tags, Call-IDs and sequence numbers."""
    return [
        data.replace(b"branch=z9hG4bK", b"branch=z9hG4bK%04x" % number)
        .replace(b"tag=1928", b"tag=%04d" % number)
        .replace(b"Call-ID: a84b", b"Call-ID: %04x" % number)
        .replace(b"CSeq: ", b"CSeq: %d" % (100 + number))
        for number in range(VARIANTS)
    ]


def floor(data: bytes) -> tuple[str, dict[str, list[str]], bytes]:
    """What is left of a parser without its checks."""
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("utf-8", "surrogateescape").split("\r\n")
    headers: dict[str, list[str]] = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), []).append(value.strip())
    return lines[0], headers, body


def measure(
    operations: dict[str, Callable[[], object]], rounds: int, calls: int
) -> dict[str, list[float]]:
    """CPU time in microseconds per call: a list of ``rounds`` figures for each operation."""
    times: dict[str, list[float]] = {name: [] for name in operations}
    for _ in range(rounds):
        for name, operation in operations.items():
            begin = time.process_time_ns()
            for _ in range(calls):
                operation()
            times[name].append((time.process_time_ns() - begin) / calls / 1000)
    return times


def main() -> int:
    """Print a table, or with ``--json`` the figures; 1 if validate needs Lark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60, help="interleaved rounds (%(default)s)")
    parser.add_argument("--calls", type=int, default=200, help="calls a round (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE too")
    arguments = parser.parse_args()
    figures = {}
    for name, data in (("INVITE", INVITE), ("OPTIONS", OPTIONS)):
        found = _measured(name, data, arguments.rounds, arguments.calls)
        if found is None:
            return 1
        figures[name] = found
    print(f"Lark imported: {'lark' in sys.modules}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 1 if "lark" in sys.modules else 0


def _measured(
    title: str, data: bytes, rounds: int, calls: int
) -> dict[str, dict[str, float]] | None:
    """The figures of one message, printed; ``None`` if something is wrong with it."""
    report = sipgen.validate(data)
    if report.findings or report.message is None:
        print(f"the {title} is not clean:", *report.findings, sep="\n")
        return None
    message = report.message
    different = cycle(variants(data))

    def first_of_its_kind() -> object:
        profile.clean.clear()
        return sipgen.validate(data, profile)

    profile = sipgen.Profile()
    operations: dict[str, Callable[[], object]] = {
        "floor": lambda: floor(data),
        "parse": lambda: sipgen.parse(data),
        "validate": lambda: sipgen.validate(next(different)),
        "validate, first of its kind": first_of_its_kind,
        "serialise, unmodified": lambda: bytes(message),
    }
    times = measure(operations, rounds, calls)
    least = {name: min(figures) for name, figures in times.items()}
    middle = {name: statistics.median(figures) for name, figures in times.items()}
    print(f"{title}, {len(message.headers)} header fields, {len(data)} octets; CPU time")
    print(f"{'operation':28}{'min µs':>9}{'median µs':>11}{'min/floor':>11}{'median/floor':>14}")
    for name in operations:
        print(
            f"{name:28}{least[name]:9.2f}{middle[name]:11.2f}"
            f"{least[name] / least['floor']:11.2f}{middle[name] / middle['floor']:14.2f}"
        )
    print()
    return {name: {"min": least[name], "median": middle[name]} for name in operations}


if __name__ == "__main__":
    sys.exit(main())
