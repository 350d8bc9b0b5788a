from __future__ import annotations

import sipgen
from scripts import senders
from scripts.senders_faults import BYTE_FAULTS, FAULTS

COUNT = 1_000
STREAM = senders.messages(COUNT, 7)


def test_the_same_seed_gives_the_same_messages() -> None:
    assert senders.messages(COUNT, 7) == STREAM
    assert not set(senders.messages(COUNT, 8)) & set(STREAM)


def test_no_two_messages_are_alike() -> None:
    assert len(set(STREAM)) == COUNT
    assert len({data.partition(b"branch=")[2][:40] for data in STREAM}) == COUNT


def test_about_a_third_has_findings() -> None:
    # Folded lines and the like are read; what cannot be read has findings, too.
    found = sum(bool(sipgen.validate(data).findings) for data in STREAM)
    assert 0.25 * COUNT <= found <= 0.42 * COUNT


def test_findings_are_spread_over_rules() -> None:
    rules = {finding.rule for data in STREAM for finding in sipgen.validate(data).findings}
    assert len(rules) >= 20


def test_every_fault_of_the_bytes_is_a_fault() -> None:
    assert set(BYTE_FAULTS) <= set(FAULTS)
