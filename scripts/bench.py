"""Measures reading and validation against a floor, in one interleaved run.

The floor is the least that any Python parser does: decode the head, split it at CRLF,
partition each line at its colon, strip, append to a dict of lists; no checks. Every round
times each operation once, in turn, in CPU time; the minimum over the rounds is reported
with the median, and each as a ratio to the floor's. ``make bench`` runs this.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
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
    report = sipgen.validate(INVITE)
    if report.findings or report.message is None:
        print("the INVITE is not clean:", *report.findings, sep="\n")
        return 1
    message = report.message
    operations: dict[str, Callable[[], object]] = {
        "floor": lambda: floor(INVITE),
        "parse": lambda: sipgen.parse(INVITE),
        "validate": lambda: sipgen.validate(INVITE),
        "serialise, unmodified": lambda: bytes(message),
    }
    times = measure(operations, arguments.rounds, arguments.calls)
    least = {name: min(figures) for name, figures in times.items()}
    middle = {name: statistics.median(figures) for name, figures in times.items()}
    print(f"INVITE, {len(message.headers)} header fields, {len(INVITE)} octets; CPU time")
    print(f"{'operation':24}{'min µs':>9}{'median µs':>11}{'min/floor':>11}{'median/floor':>14}")
    for name in operations:
        print(
            f"{name:24}{least[name]:9.2f}{middle[name]:11.2f}"
            f"{least[name] / least['floor']:11.2f}{middle[name] / middle['floor']:14.2f}"
        )
    print(f"Lark imported: {'lark' in sys.modules}")
    if arguments.json:
        figures = {name: {"min": least[name], "median": middle[name]} for name in operations}
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 1 if "lark" in sys.modules else 0


if __name__ == "__main__":
    sys.exit(main())
