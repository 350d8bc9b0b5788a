"""SIPp: 1,000 calls of each kind, all of them complete."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.interop.answering import HERE, Polite, needs, run_against

pytestmark = pytest.mark.interop

CALLS = 1_000
RATE = 250


@needs("sipp", "sip-tester")
@pytest.mark.parametrize(
    ("scenario", "methods"),
    [
        ("options", {"OPTIONS"}),
        ("register", {"REGISTER"}),
        ("message", {"MESSAGE"}),
        ("invite", {"INVITE", "ACK", "BYE"}),
    ],
)
def test_every_call_completes(scenario: str, methods: set[str], tmp_path: Path) -> None:
    polite = Polite()
    status, output = asyncio.run(
        run_against(
            polite,
            *("sipp", "127.0.0.1:{port}", "-sf", str(HERE / f"{scenario}.xml")),
            *("-i", "127.0.0.1", "-m", str(CALLS), "-r", str(RATE), "-nostdin"),
            *("-trace_err", "-error_file", str(tmp_path / "errors.log")),
        )
    )
    assert status == 0, output[-3_000:]
    assert set(polite.methods) == methods
    for method in methods:
        calls = {r.call_id for r in polite.requests if r.method == method}
        assert len(calls) == CALLS
    polite.check()
