"""Measures sipgen on streams of messages that it meets once: python -m scripts.bench_streams.

The streams are recorded traffic, the messages of RFCs with the torture messages, and messages
of fifty made-up senders. Each round is a process of its own. It warms up on the six messages
of ``make bench`` and on a random quarter of the stream, then goes through the other three
quarters in random order, once: on each chunk the floor first, then the operation. Reported is
the operation's CPU time over the floor's, as minimum and median over the rounds.

Further rounds time each message by itself, for the dearest: each message's least time over
the rounds, divided by the least time of its own floor.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import sipgen
from scripts import senders
from scripts.bench_messages import MESSAGES
from sipgen.rules.profile import ProfileName

__all__ = [
    "BARS",
    "OPERATIONS",
    "STREAMS",
    "Figures",
    "all_figures",
    "figures",
    "floor",
    "missed",
    "show",
]

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "tests" / "data"
CHUNK = 16
FLOORS = 5
"""Times that the floor of a single message is timed."""
PATIENCE = 300


def floor(data: bytes) -> tuple[str, dict[str, list[str]], bytes]:
    """What is left of a parser without its checks."""
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("utf-8", "surrogateescape").split("\r\n")
    headers: dict[str, list[str]] = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), []).append(value.strip())
    return lines[0], headers, body


def recorded(_seed: int = 0) -> list[bytes]:
    """Return what ``scripts/record_traffic.py`` recorded."""
    path = DATA / "traffic" / "recorded.jsonl"
    lines = path.read_text(encoding="ascii").splitlines()
    return [json.loads(line)["data"].encode("latin-1") for line in lines]


def printed(_seed: int = 0) -> list[bytes]:
    """Return the messages that RFCs print, and the torture messages."""
    found = [
        message["text"].replace("\n", "\r\n").encode()
        for path in sorted((DATA / "rfc_messages").glob("rfc*.toml"))
        for message in tomllib.loads(path.read_text(encoding="utf-8")).get("message", [])
    ]
    for suite in ("rfc4475", "rfc5118"):
        found += [path.read_bytes() for path in sorted((DATA / suite).glob("*.dat"))]
    return found


def made_up(seed: int = 0) -> list[bytes]:
    """Return 2,000 messages of the made-up senders."""
    return senders.messages(2_000, seed)


STREAMS: dict[str, Callable[[int], list[bytes]]] = {
    "recorded traffic": recorded,
    "RFCs and torture suites": printed,
    "fifty senders": made_up,
}


class Operation(NamedTuple):
    """What is timed: ``act``, over what ``prepare`` made of the message before."""

    act: Callable[[Any], object]
    prepare: Callable[[bytes], Any] = bytes


def _parsed(data: bytes) -> Any:
    try:
        return sipgen.parse(data)
    except sipgen.SipError:
        return None


def _validate(profile: ProfileName) -> Callable[[bytes], object]:
    def validate(data: bytes) -> object:
        return sipgen.validate(data, profile)

    return validate


def _from_tag(message: Any) -> object:
    return message.from_.tag


def _to_tag(message: Any) -> object:
    return message.to.tag


def _cseq(message: Any) -> object:
    cseq = message.cseq
    return cseq.number, cseq.method


def _branch(message: Any) -> object:
    return message.top_via.branch


def _contact(message: Any) -> object:
    contacts = message.contact
    return contacts[0].uri.host if contacts else None


def _seven_fields(data: bytes) -> object:
    """Parse and read From tag, To tag, Call-ID, CSeq, top Via branch and Contact host."""
    message = _parsed(data)
    if message is None:
        return None
    found: list[object] = [message.call_id]
    for read in (_from_tag, _to_tag, _cseq, _branch, _contact):
        try:
            found.append(read(message))
        except (sipgen.SipError, AttributeError):
            # The field is missing or malformed, or a Contact is "*" and has no host.
            found.append(None)
    return found


def _names(data: bytes) -> tuple[bytes, list[str]]:
    return data, list(floor(data)[1])


def _all_headers(given: tuple[bytes, list[str]]) -> object:
    data, names = given
    message = _parsed(data)
    if message is None:
        return None
    found: list[object] = []
    for name in names:
        try:
            found.append(message.typed(name))
        except sipgen.SipError:
            found.append(None)
    return found


def _edit(message: Any) -> bytes:
    if message is None:
        return b""
    message.set("Max-Forwards", "68")
    return bytes(message)


OPERATIONS: dict[str, Operation] = {
    "parse": Operation(_parsed),
    "validate strict": Operation(_validate("strict")),
    "validate interop": Operation(_validate("interop")),
    "seven fields": Operation(_seven_fields),
    "all structured headers": Operation(_all_headers, _names),
    "edit": Operation(_edit, _parsed),
}
"""What is measured. ``edit`` is the change and the writing, without the parsing before."""

BARS: dict[tuple[str, str], float] = {
    ("recorded traffic", "validate strict"): 6.0,
    ("recorded traffic", "validate interop"): 6.0,
    ("fifty senders", "validate strict"): 8.0,
    ("fifty senders", "validate interop"): 8.0,
    ("RFCs and torture suites", "validate strict"): 15.0,
    ("recorded traffic", "seven fields"): 2.8,
    ("recorded traffic", "all structured headers"): 4.7,
    ("recorded traffic", "edit"): 0.29,
}
"""Floors that an operation may cost on a stream."""
DEAREST_BAR = 60.0
"""Floors that validating any single message of a stream may cost."""


def warm_up(operation: Operation, stream: list[bytes], chance: Random) -> list[bytes]:
    """Meet the six messages and a quarter of the stream; return the rest in random order."""
    stream = list(stream)
    chance.shuffle(stream)
    quarter = len(stream) // 4
    for data in [*MESSAGES.values(), *stream[:quarter]]:
        floor(data)
        operation.act(operation.prepare(data))
    return stream[quarter:]


def time_all(operation: Operation, rest: list[bytes]) -> tuple[int, int]:
    """Return the CPU time of the operation and of the floor in ns, each message once."""
    clock, act, prepare = time.process_time_ns, operation.act, operation.prepare
    of_operation = of_floor = 0
    for start in range(0, len(rest), CHUNK):
        chunk = rest[start : start + CHUNK]
        begin = clock()
        for data in chunk:
            floor(data)
        of_floor += clock() - begin
        prepared = [prepare(data) for data in chunk]
        begin = clock()
        for item in prepared:
            act(item)
        of_operation += clock() - begin
    return of_operation, of_floor


def time_each(operation: Operation, rest: list[bytes]) -> list[tuple[int, int]]:
    """Return each message's time and the least time of its floor in ns."""
    clock, act, prepare = time.perf_counter_ns, operation.act, operation.prepare
    found = []
    for data in rest:
        floors = []
        for _ in range(FLOORS):
            begin = clock()
            floor(data)
            floors.append(clock() - begin)
        item = prepare(data)
        begin = clock()
        act(item)
        found.append((clock() - begin, min(floors)))
    return found


def one_round(stream: str, operation: str, order: int, seed: int, *, each: bool) -> list[Any]:
    """Measure in this process: two sums, or a list of index, time and floor's time."""
    data = STREAMS[stream](seed)
    places = {message: place for place, message in enumerate(data)}
    does = OPERATIONS[operation]
    rest = warm_up(does, data, Random(order))  # noqa: S311 - reproducible, not secret
    if not each:
        return list(time_all(does, rest))
    times = time_each(does, rest)
    return [[places[message], *pair] for message, pair in zip(rest, times, strict=True)]


def fresh_round(stream: str, operation: str, order: int, seed: int, *, each: bool) -> list[Any]:
    """Measure as :func:`one_round` does, in a process of its own."""
    command = [sys.executable, "-m", "scripts.bench_streams", "--stream", stream]
    command += ["--operation", operation, "--round", str(order), str(seed), str(int(each))]
    found = subprocess.run(  # noqa: S603 - this program itself
        command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    result: list[Any] = json.loads(found.stdout)
    return result


class Figures(NamedTuple):
    """What an operation costs on a stream, in floors."""

    least: float
    median: float
    microseconds: float
    """A message, in the round with the least ratio."""
    dearest: float
    place: int
    first_line: str
    """The dearest message, by its place in the stream."""


def figures(stream: str, operation: str, rounds: int) -> Figures:
    """Measure one operation on one stream."""
    sums = [fresh_round(stream, operation, n, n, each=False) for n in range(rounds)]
    ratios = [of_operation / of_floor for of_operation, of_floor in sums]
    data = STREAMS[stream](0)
    best = sums[ratios.index(min(ratios))][0] / (len(data) - len(data) // 4)
    seen: dict[int, list[float]] = {}
    floors: dict[int, float] = {}
    for number in range(rounds):
        # The same messages each time, in other orders.
        for place, ns, of_floor in fresh_round(stream, operation, 1_000 + number, 0, each=True):
            seen.setdefault(place, []).append(ns)
            floors[place] = min(of_floor, floors.get(place, of_floor))
    # What was met in one round only may owe its time to the machine.
    least = {
        place: min(times) / floors[place]
        for place, times in seen.items()
        if len(times) > 1 or rounds == 1
    }
    place = max(least, key=lambda one: least[one])
    line = data[place].partition(b"\n")[0].decode("utf-8", "replace").strip()
    return Figures(
        min(ratios), statistics.median(ratios), best / 1_000, least[place], place, line[:60]
    )


def all_figures(
    rounds: int, streams: Iterable[str] = STREAMS, operations: Iterable[str] = OPERATIONS
) -> dict[tuple[str, str], Figures]:
    """Measure all operations on all streams."""
    found = {}
    wanted = [(stream, operation) for stream in streams for operation in operations]
    for stream, operation in wanted:
        print(f"{stream}: {operation} ...", file=sys.stderr, flush=True)
        found[stream, operation] = figures(stream, operation, rounds)
    return found


def show(found: dict[tuple[str, str], Figures]) -> None:
    """Print a table."""
    if not found:
        return
    print(f"\n{'each message met once':44}{'µs':>9}{'min/floor':>11}{'median':>9}{'dearest':>9}")
    for (stream, operation), one in found.items():
        bar = BARS.get((stream, operation))
        name = f"{operation}, {stream}" + (f" (bar {bar:g})" if bar else "")
        print(
            f"{name:52}{one.microseconds:9.2f}{one.least:9.2f}{one.median:9.2f}{one.dearest:9.1f}"
            f"  #{one.place} {one.first_line}"
        )


def missed(found: dict[tuple[str, str], Figures]) -> list[str]:
    """Name the bars that are not kept."""
    names = []
    for (stream, operation), one in found.items():
        if one.least > BARS.get((stream, operation), one.least):
            names.append(f"{operation}, {stream}")
        if operation.startswith("validate") and one.dearest > DEAREST_BAR:
            names.append(f"{operation}, {stream}: dearest message")
    return names


def main() -> int:
    """Measure and print; 1 if a bar is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5, help="processes (%(default)s)")
    parser.add_argument("--stream", choices=STREAMS, help="this one only")
    parser.add_argument("--operation", choices=OPERATIONS, help="this one only")
    parser.add_argument("--round", type=int, nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.round:
        order, seed, each = arguments.round
        print(
            json.dumps(
                one_round(arguments.stream, arguments.operation, order, seed, each=bool(each))
            )
        )
        return 0
    found = all_figures(
        arguments.rounds,
        [arguments.stream] if arguments.stream else STREAMS,
        [arguments.operation] if arguments.operation else OPERATIONS,
    )
    show(found)
    names = missed(found)
    print("bars missed: " + ", ".join(names) if names else "all bars of the streams are kept")
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())
