from __future__ import annotations

import pytest

from scripts import bench_oddities, bench_streams
from scripts.bench_messages import MESSAGES


@pytest.mark.parametrize("operation", bench_streams.OPERATIONS)
def test_an_operation_goes_through_every_stream(operation: str) -> None:
    for stream, make in bench_streams.STREAMS.items():
        messages = make(1)[:60]
        does = bench_streams.OPERATIONS[operation]
        assert len(messages) == 60, stream
        for data in messages:
            does.act(does.prepare(data))


def test_a_round_meets_three_quarters_once() -> None:
    size = len(bench_streams.printed())
    found = bench_streams.one_round("RFCs and torture suites", "parse", 3, 0, each=True)
    assert len(found) == size - size // 4
    assert all(ns > 0 and of_floor > 0 for _, ns, of_floor in found)


def test_one_tiny_run() -> None:
    found = bench_streams.all_figures(1, ["recorded traffic"], ["parse"])
    figures = found["recorded traffic", "parse"]
    assert 0 < figures.least <= figures.median
    assert figures.dearest > 0
    assert figures.first_line in bench_streams.recorded()[figures.place].decode("latin-1")
    bench_streams.show(found)


def test_missed_bars_are_named() -> None:
    dear = bench_streams.Figures(99, 99, 1, 99, 0, "OPTIONS")
    names = bench_streams.missed({("fifty senders", "validate strict"): dear})
    assert names == [
        "validate strict, fifty senders",
        "validate strict, fifty senders: dearest message",
    ]


@pytest.mark.parametrize("oddity", bench_oddities.ODDITIES)
def test_an_oddity_changes_every_message(oddity: str) -> None:
    for data in MESSAGES.values():
        assert bench_oddities.ODDITIES[oddity](data) != data
    assert bench_oddities.readable(oddity)
    assert bench_oddities.times(oddity, 1, 5) > 0
