"""A soak of the Endpoint: many requests, a window of them on their way, nothing lost.

With a window of 64, then of 2,048, each request must be answered, or where the kernel did
not grant the receive buffer, what is missing must be in its count of drops; and the server's
memory must stay where it was.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from scripts.bench_endpoint import Peer, burst

__all__ = ["kernel_drops", "resident", "soak"]

WINDOWS = (64, 2_048)


def resident(process: int) -> int:
    """Octets of memory that a process has resident."""
    pages = Path(f"/proc/{process}/statm").read_text("ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGESIZE")


def kernel_drops(port: int) -> int:
    """Datagrams that the kernel dropped at a UDP port because the receive buffer was full."""
    for line in Path("/proc/net/udp").read_text("ascii").splitlines()[1:]:
        columns = line.split()
        if int(columns[1].partition(":")[2], 16) == port:
            return int(columns[-1])
    return 0


def soak(count: int, window: int) -> tuple[int, int, int]:
    """Answered requests, the kernel's drops, and octets by which the server grew."""
    peer = Peer("Endpoint")
    try:
        # What the first requests import and remember is no leak.
        burst(peer.address, min(count, 20_000), 64)
        before = resident(peer.process.pid or 0)
        answered = burst(peer.address, count, window)
        grown = resident(peer.process.pid or 0) - before
        return answered, kernel_drops(peer.address[1]), grown
    finally:
        peer.close()


def main() -> int:
    """Print what came of each window; 1 if something was lost or memory grew."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=200_000, help="requests (%(default)s)")
    arguments = parser.parse_args()
    sound = True
    for window in WINDOWS:
        answered, drops, grown = soak(arguments.count, window)
        lost = arguments.count - answered
        print(
            f"window {window}: {answered} of {arguments.count} answered, {drops} dropped by the "
            f"kernel, memory {grown / 1e6:+.1f} MB"
        )
        sound = sound and lost <= drops and grown < 4_000_000
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
