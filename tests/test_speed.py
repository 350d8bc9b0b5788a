"""A guard against slowness: ratios to a calibration loop, with slack for any machine.

``make bench`` measures with care and holds the bars; this only finds what has become far
slower than it was, such as a hot path that is no longer taken.
"""

from __future__ import annotations

import pytest

from scripts.bench import BARS, Times, measure, memory_per_message, ratios, sipgen_operations
from scripts.bench_messages import MESSAGES

pytestmark = pytest.mark.timing

SLACK = 1.8
"""Times its bar that an operation may take before it is called slow."""


def best() -> dict[str, float]:
    times: dict[str, Times] = {
        kind: measure(sipgen_operations(data), 12, 60) for kind, data in MESSAGES.items()
    }
    return ratios(times, min)


def test_no_operation_has_become_slow() -> None:
    # A machine that is busy with something else gets another chance.
    for _ in range(3):
        found = best()
        slow = {name: found[name] for name, bar in BARS.items() if found[name] > bar * SLACK}
        if not slow:
            return
    pytest.fail(f"slower than {SLACK} times the bars of make bench: {slow}")


def test_a_kept_message_is_small() -> None:
    assert memory_per_message(500) < 6.0
