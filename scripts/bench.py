"""Measures sipgen beside other Python SIP libraries, as ratios to a floor.

The floor is the least that any Python parser does: decode the head, split it at CRLF,
partition each line at its colon, strip, append to a dict of lists; no checks. For each of
six typical messages every round times each operation of each library once, in turn, in CPU
time, over messages of which no two are alike. Reported are the minimum and the median over
the rounds in microseconds, and both as ratios to the floor's, all as geometric means over
the six messages. Then come messages that are odd but can be read
(:mod:`scripts.bench_oddities`) and streams of messages that are met once
(:mod:`scripts.bench_streams`).

``make bench`` runs this in an environment of its own, .venv-bench, which has the other
libraries; without them sipgen is measured alone.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from itertools import cycle
from math import exp, log
from pathlib import Path
from typing import Any

import sipgen
from scripts import bench_oddities, bench_streams
from scripts.bench_messages import MESSAGES, shuffled, variants
from scripts.bench_peers import Peer, installed
from scripts.bench_streams import floor

__all__ = ["BARS", "floor", "measure", "memory_per_message", "ratios", "sipgen_operations"]

Operation = Callable[[], object]
Times = dict[str, list[float]]

BARS = {
    "parse": 0.95,
    "seven fields": 2.8,
    "all structured headers": 4.7,
    "serialise, unmodified": 0.07,
    "edit": 0.29,
    "validate, six messages": 4.5,
}
"""Ratio to the floor that each operation may cost on the six messages, as a geometric mean.

``seven fields`` and ``all structured headers`` include the parsing; ``edit`` is to change one
header field and to write the message, without the parsing. The bars of streams of messages
that are met once are in :mod:`scripts.bench_streams`, that of odd messages in
:mod:`scripts.bench_oddities`.
"""

MEMORY_BAR = 6.0
"""kB that a kept INVITE of 1 kB may cost."""

_EDIT = "parse, change one header, serialise"


def seven_fields(message: Any) -> tuple[object, ...]:
    """From tag, To tag, Call-ID, CSeq number and method, top Via branch, Contact host."""
    cseq = message.cseq
    return (
        message.from_.tag,
        message.to.tag,
        message.call_id,
        cseq.number,
        cseq.method,
        message.top_via.branch,
        message.contact[0].uri.host,
    )


def sipgen_operations(data: bytes) -> dict[str, Operation]:
    """What is measured of sipgen, and the floor, over messages like ``data``."""
    messages = cycle(variants(data))
    disordered = cycle(shuffled(data))
    message = sipgen.parse(data)
    names = list(dict.fromkeys(field.name for field in message.headers))

    def all_headers() -> object:
        read = sipgen.parse(next(messages))
        return [read.typed(name) for name in names]

    def edit() -> bytes:
        read = sipgen.parse(next(messages))
        read.set("Max-Forwards", "68")
        return bytes(read)

    return {
        "floor": lambda: floor(next(messages)),
        "parse": lambda: sipgen.parse(next(messages)),
        "parse, lines in any order": lambda: sipgen.parse(next(disordered)),
        "seven fields": lambda: seven_fields(sipgen.parse(next(messages))),
        "all structured headers": all_headers,
        "serialise, unmodified": lambda: bytes(message),
        _EDIT: edit,
        "validate, six messages": lambda: sipgen.validate(next(messages)),
    }


def peer_operations(peer: Peer, data: bytes) -> dict[str, Operation]:
    """What is measured of another library over messages like ``data``; less if it fails."""
    messages = cycle(variants(data))
    parse = peer.parse
    fields, headers, serialise = peer.fields, peer.headers, peer.serialise
    found: dict[str, Operation] = {}

    def add(name: str, operation: Operation) -> None:
        try:
            operation()
        except Exception as error:  # noqa: BLE001 - whatever the library raises
            print(f"  {name}: {type(error).__name__}: {error}", file=sys.stderr)
        else:
            found[name] = operation

    add("parse", lambda: parse(next(messages)))
    if found:
        message = parse(data)
        add("serialise, unmodified", lambda: serialise(message))
        if fields is not None:
            add("seven fields", lambda: fields(parse(next(messages))))
        if headers is not None:
            add("all structured headers", lambda: headers(parse(next(messages))))
    return found


def measure(operations: dict[str, Operation], rounds: int, calls: int) -> Times:
    """CPU time in microseconds per call: a list of ``rounds`` figures for each operation."""
    times: Times = {name: [] for name in operations}
    for _ in range(rounds):
        for name, operation in operations.items():
            begin = time.process_time_ns()
            for _ in range(calls):
                operation()
            times[name].append((time.process_time_ns() - begin) / calls / 1000)
    return times


def ratios(times: dict[str, Times], statistic: Callable[[list[float]], float]) -> dict[str, float]:
    """Geometric mean over the messages of each operation's time in floors.

    :param times: by kind of message, what :func:`measure` gave.
    :param statistic: what of the rounds counts: ``min`` or ``statistics.median``.
    """
    found = {}
    for name in next(iter(times.values())):
        of_all = [
            statistic(one[name]) / statistic(one["floor"]) for one in times.values() if name in one
        ]
        if len(of_all) == len(times):
            found[name] = exp(sum(map(log, of_all)) / len(of_all))
    if _EDIT in found:
        # A difference may come out as nothing, of which there is no logarithm.
        beyond = [
            max(statistic(one[_EDIT]) - statistic(one["parse"]), 0.01) / statistic(one["floor"])
            for one in times.values()
        ]
        found["edit"] = exp(sum(map(log, beyond)) / len(beyond))
    return found


def memory_per_message(count: int = 2_000) -> float:
    """KB that a parsed INVITE takes while it is kept, its octets included."""
    octets = variants(MESSAGES["INVITE"])[:count]
    sipgen.parse(octets[0])
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        kept = [sipgen.parse(bytes(bytearray(data))) for data in octets]
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return (after - before) / len(kept) / 1000


def main() -> int:
    """Print tables and whether sipgen keeps its bars; 1 if it does not."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=40, help="interleaved rounds (%(default)s)")
    parser.add_argument("--calls", type=int, default=200, help="calls a round (%(default)s)")
    parser.add_argument(
        "--stream-rounds", type=int, default=5, help="processes a stream (%(default)s); 0: none"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE too")
    arguments = parser.parse_args()
    peers = installed()
    if not peers:
        print("no other library is installed here: `make bench` measures beside them")
    times: dict[str, Times] = {}
    for kind, data in MESSAGES.items():
        report = sipgen.validate(data)
        if report.findings:
            print(f"the {kind} is not clean:", *report.findings, sep="\n")
            return 1
        print(f"{kind}, {len(data)} octets ...", file=sys.stderr, flush=True)
        operations = sipgen_operations(data)
        for library, peer in peers.items():
            for name, operation in peer_operations(peer, data).items():
                operations[f"{library}: {name}"] = operation
        times[kind] = measure(operations, arguments.rounds, arguments.calls)
    least, middle = ratios(times, min), ratios(times, statistics.median)
    _print_messages(times)
    _print_operations(times, least, middle, list(peers))
    kept = memory_per_message()
    print(
        f"\nA kept INVITE of {len(MESSAGES['INVITE'])} octets: {kept:.1f} kB (bar {MEMORY_BAR:g})"
    )
    missed = [name for name, bar in BARS.items() if least[name] > bar]
    missed += ["memory"] if kept > MEMORY_BAR else []
    missed += ["parse: Lark was imported"] if "lark" in sys.modules else []
    odd = _oddities()
    missed += [name for name, ratio in odd.items() if ratio > bench_oddities.BAR]
    streams = bench_streams.all_figures(arguments.stream_rounds) if arguments.stream_rounds else {}
    bench_streams.show(streams)
    missed += bench_streams.missed(streams)
    print("bars missed: " + "; ".join(missed) if missed else "all bars are kept")
    if arguments.json:
        figures = {
            "python": sys.version,
            "microseconds": {
                kind: {
                    name: {"min": min(all_), "median": statistics.median(all_)}
                    for name, all_ in one.items()
                }
                for kind, one in times.items()
            },
            "ratios": {"min": least, "median": middle},
            "bars": BARS,
            "kB a kept INVITE": kept,
            "oddities": odd,
            "streams": {
                f"{operation}, {stream}": one._asdict()
                for (stream, operation), one in streams.items()
            },
        }
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 1 if missed else 0


def _oddities() -> dict[str, float]:
    """Measure and print what parsing odd messages costs, the worst first."""
    found = {}
    print("\nparse, a readable oddity: ratio to the floor on the same messages")
    for name in bench_oddities.ODDITIES:
        if bench_oddities.readable(name):
            found[f"parse, {name}"] = bench_oddities.times(name, 8, 100)
        else:
            print(f"{name}: sipgen does not read it")
    for name, ratio in sorted(found.items(), key=lambda item: -item[1]):
        print(f"{name:38}{ratio:9.2f}")
    worst = max(found.values())
    print(f"{f'the worst (bar {bench_oddities.BAR:g})':38}{worst:9.2f}")
    return found


def _print_messages(times: dict[str, Times]) -> None:
    print("\nsipgen, minimum in µs of CPU time by message")
    names = [name for name in next(iter(times.values())) if ": " not in name]
    print(f"{'':38}" + "".join(f"{kind:>10}" for kind in times))
    for name in names:
        print(f"{name:38}" + "".join(f"{min(one[name]):10.2f}" for one in times.values()))


def _print_operations(
    times: dict[str, Times], least: dict[str, float], middle: dict[str, float], peers: list[str]
) -> None:
    of_floor = [min(one["floor"]) for one in times.values()]
    unit = exp(sum(map(log, of_floor)) / len(of_floor))
    print(f"\nGeometric mean over {len(times)} messages; the floor takes {unit:.2f} µs")
    print(f"{'':38}{'µs':>9}{'min/floor':>11}{'median/floor':>14}{'sipgen is':>15}")
    for name, bar in BARS.items():
        print(f"{name} (bar {bar:g})")
        for library in ("sipgen", *peers):
            key = name if library == "sipgen" else f"{library}: {name}"
            if key not in least:
                continue
            faster = "" if library == "sipgen" else f"{least[key] / least[name]:.1f} times"
            print(
                f"  {library:36}{least[key] * unit:9.2f}{least[key]:11.2f}{middle[key]:14.2f}"
                f"{faster:>15}"
            )


if __name__ == "__main__":
    sys.exit(main())
