"""What it costs to parse a message that is odd but can be read, in floors.

Each of the six messages of ``make bench`` gets each oddity in turn; of the variants of one
kind no two are alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import exp, log

import sipgen
from scripts.bench_messages import MESSAGES, variants
from scripts.bench_streams import floor

__all__ = ["BAR", "ODDITIES", "readable", "times"]

BAR = 4.0
"""Floors that parsing the worst of the readable oddities may cost."""
CHUNK = 25


def _line(data: bytes, place: int) -> bytes:
    return data.split(b"\r\n")[place]


def _folded(data: bytes) -> bytes:
    return data.replace(b";tag=", b"\r\n ;tag=", 1)


def _one_lf(data: bytes) -> bytes:
    second = _line(data, 2)
    return data.replace(second + b"\r\n", second + b"\n", 1)


def _all_lf(data: bytes) -> bytes:
    # The body keeps its line ends, and so its length.
    head, _, body = data.partition(b"\r\n\r\n")
    return head.replace(b"\r\n", b"\n") + b"\n\n" + body


def _named(name: bytes) -> Callable[[bytes], bytes]:
    def named(data: bytes) -> bytes:
        start = data.index(b"From: ") + 6
        return data[:start] + name + b" " + data[data.index(b"<sip:", start) :]

    return named


def _without_colon(data: bytes) -> bytes:
    return data.replace(b"\r\nCall-ID:", b"\r\nX-Debug\r\nCall-ID:", 1)


ODDITIES: dict[str, Callable[[bytes], bytes]] = {
    "a folded line": _folded,
    "bytes behind the body": lambda data: data + b"\0\0\0\0",
    "a CRLF behind the body": lambda data: data + b"\r\n",
    "LF at one line": _one_lf,
    "LF at all lines": _all_lf,
    "white space before a colon": lambda data: data.replace(b"From:", b"From :", 1),
    "a CRLF before the message": lambda data: b"\r\n" + data,
    "a tab after a colon": lambda data: data.replace(b"From: ", b"From:\t", 1),
    "UTF-8 in a display name": _named('"Jürgen Groß"'.encode()),
    "Latin-1 in a display name": _named('"Jürgen Groß"'.encode("latin-1")),
    "a line without a colon": _without_colon,
}
"""How a message is made odd."""


def readable(oddity: str) -> bool:
    """Return True if sipgen reads the six messages with this oddity."""
    for data in MESSAGES.values():
        try:
            sipgen.parse(ODDITIES[oddity](data))
        except sipgen.SipError:
            return False
    return True


def times(oddity: str, rounds: int, calls: int) -> float:
    """Return the geometric mean over the messages of the least time of parse, in floors."""
    clock, parse, change = time.process_time_ns, sipgen.parse, ODDITIES[oddity]
    sum_of_logs = 0.0
    for data in MESSAGES.values():
        stream = [change(one) for one in variants(data)[: rounds * calls]]
        of_parse, of_floor = [], []
        for start in range(0, len(stream), calls):
            sums = [0, 0]
            for place in range(start, min(start + calls, len(stream)), CHUNK):
                chunk = stream[place : place + CHUNK]
                begin = clock()
                for one in chunk:
                    floor(one)
                between = clock()
                for one in chunk:
                    parse(one)
                sums[1] += clock() - between
                sums[0] += between - begin
            of_floor.append(sums[0])
            of_parse.append(sums[1])
        sum_of_logs += log(min(of_parse) / min(of_floor))
    return exp(sum_of_logs / len(MESSAGES))
