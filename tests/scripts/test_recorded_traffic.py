from __future__ import annotations

import ipaddress
import json
import re
from collections import Counter

from scripts.bench_streams import DATA, recorded
from scripts.record_traffic import PROGRAMS

PATH = DATA / "traffic" / "recorded.jsonl"
ROWS = [json.loads(line) for line in PATH.read_text(encoding="ascii").splitlines()]


def test_each_row_is_a_program_and_a_message() -> None:
    for row in ROWS:
        assert set(row) == {"program", "data"}
        data = row["data"].encode("latin-1")
        assert re.match(rb"(SIP/2.0 \d{3} |[A-Z]+ \S+ SIP/2.0\r?\n)", data), data
    assert len({(row["program"], row["data"]) for row in ROWS}) == len(ROWS)
    assert recorded() == [row["data"].encode("latin-1") for row in ROWS]


def test_there_are_enough_of_each_program() -> None:
    counts = Counter(row["program"] for row in ROWS)
    assert set(counts) == set(PROGRAMS)
    assert min(counts.values()) >= 15
    assert 300 <= len(ROWS) <= 1_400
    assert PATH.stat().st_size < 1_500_000


def test_addresses_are_of_this_machine() -> None:
    for row in ROWS:
        data = row["data"].replace("sipsak 0.9.8.1", "")
        for address in re.findall(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])", data):
            assert ipaddress.ip_address(address).is_loopback or address == "0.0.0.0", address  # noqa: S104
