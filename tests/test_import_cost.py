"""``import sipgen`` costs next to nothing and brings nothing along."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.timing

MOST_MILLISECONDS = 30
ROUNDS = 9


def cpu_milliseconds(code: str, folder: Path) -> float:
    """CPU time of a Python process that runs ``code``; what it compiles goes to ``folder``."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder)}
    # Some machines that run tests compile every module anew, which nobody else does.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


@pytest.mark.parametrize(
    ("code", "most"),
    [
        ("import sipgen", MOST_MILLISECONDS),
        # What the first use of a name imports has no bar of its own; this is a guard.
        ("import sipgen; sipgen.parse; sipgen.validate; sipgen.Request", 3 * MOST_MILLISECONDS),
    ],
    ids=["import", "import and first use"],
)
def test_import_is_quick(code: str, most: int, tmp_path: Path) -> None:
    bare, full = [], []
    for _ in range(ROUNDS):
        bare.append(cpu_milliseconds("pass", tmp_path))
        full.append(cpu_milliseconds(code, tmp_path))
    print(f"{code}: {min(full) - min(bare):.1f} ms more than pass, {min(bare):.1f} ms")
    assert min(full) - min(bare) <= most


def test_parse_and_validate_bring_neither_lark_nor_asyncio() -> None:
    code = (
        "import sys, sipgen; sipgen.parse(b'OPTIONS sip:a@b SIP/2.0\\r\\n\\r\\n');"
        "report = sipgen.validate(b'OPTIONS sip:a@b SIP/2.0\\r\\nCSeq: x\\r\\n\\r\\n');"
        "assert not report.ok;"
        "assert not {'lark', 'asyncio'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_clean_message_is_read_without_the_rules() -> None:
    code = (
        "import sys, sipgen; sipgen.parse(b'OPTIONS sip:a@b SIP/2.0\\r\\n\\r\\n');"
        "assert 'sipgen.generated.conformance' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
