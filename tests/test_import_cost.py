"""``import sipgen`` costs next to nothing and brings nothing along."""

from __future__ import annotations

import os
import subprocess
import sys

MOST_MILLISECONDS = 30
ROUNDS = 9


def cpu_seconds(code: str) -> float:
    """CPU time of a Python process that runs ``code``."""
    before = os.times()
    subprocess.run([sys.executable, "-c", code], check=True)
    after = os.times()
    return (
        after.children_user - before.children_user + after.children_system - before.children_system
    )


def test_import_is_quick() -> None:
    code = "import sipgen"
    bare, full = [], []
    for _ in range(ROUNDS):
        bare.append(cpu_seconds("pass"))
        full.append(cpu_seconds(code))
    assert (min(full) - min(bare)) * 1000 <= MOST_MILLISECONDS


def test_parse_and_validate_bring_neither_lark_nor_asyncio() -> None:
    code = (
        "import sys, sipgen; sipgen.parse(b'OPTIONS sip:a@b SIP/2.0\\r\\n\\r\\n');"
        "report = sipgen.validate(b'OPTIONS sip:a@b SIP/2.0\\r\\nCSeq: x\\r\\n\\r\\n');"
        "assert not report.ok;"
        "assert not {'lark', 'asyncio'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
