"""The generator as a whole: complete, deterministic, never stale, offline.

Its ways are tried on a small grammar. That ``generated/`` is what the whole grammar gives
is what ``make check`` asks of ``scripts/generate.py --check``, under a hash seed of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sipgen.codegen.pipeline import generate, stale, write

ROOT = Path(__file__).resolve().parents[2]
SMALL = Path(__file__).parent / "small"
SCRIPT = ROOT / "scripts" / "generate.py"


def run(*arguments: str, seed: str = "0", cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        timeout=300,
    )


def contents(folder: Path) -> dict[str, str | bytes]:
    """The files of a folder: tables as octets, the others as texts."""
    return {
        path.name: path.read_bytes() if path.suffix == ".bin" else path.read_text()
        for path in folder.glob("*.*")
    }


@pytest.fixture(scope="module")
def expected() -> dict[str, str | bytes]:
    """The outputs of the small grammar."""
    return generate(SMALL, lambda _line: None)[0]


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_the_same_grammar_gives_the_same_files_under_any_hash_seed(
    tmp_path: Path, expected: dict[str, str | bytes], seed: str
) -> None:
    docs = tmp_path / "docs"
    out = tmp_path / "out"
    where = ("--grammar", str(SMALL), "--out", str(out), "--docs", str(docs))
    done = run(*where, seed=seed)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "grammar read and joined" in done.stderr
    assert contents(out) == expected
    assert "words have capitals too" in (docs / "amendments.md").read_text()
    done = run("--check", *where, seed=seed + "7")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "up to date" in done.stdout
    (out / "hints.py").write_text("edited")
    (docs / "amendments.md").write_text("edited")
    done = run("--check", *where)
    assert done.returncode == 1
    assert "out/hints.py: stale" in done.stdout
    assert "docs/amendments.md: stale" in done.stdout


def test_generates_into_an_empty_folder_without_the_old_outputs(
    tmp_path: Path, expected: dict[str, str | bytes]
) -> None:
    # A checkout whose generated/ is empty: only what the generator itself needs is there.
    for name in ("sipgen", "scripts"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(SMALL, tmp_path / "grammar")
    (tmp_path / "generated").mkdir()
    done = subprocess.run(
        [sys.executable, "-S", "-c", _WITHOUT_EDITABLE_INSTALL, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert contents(tmp_path / "generated") == expected


# -S leaves out the .pth file of the editable install, so that nothing finds the
# repository's own generated/; the third-party packages are put back by hand.
_WITHOUT_EDITABLE_INSTALL = f"""
import runpy, sys
root = sys.argv[1]
sys.path[:0] = [root]
sys.path += {[p for p in sys.path if p.endswith("site-packages")]!r}
sys.argv = ["generate.py"]
runpy.run_path(root + "/scripts/generate.py", run_name="__main__")
"""


def test_a_mistake_in_the_grammar_is_reported_and_leaves_the_outputs_alone(tmp_path: Path) -> None:
    grammar = tmp_path / "grammar"
    shutil.copytree(ROOT / "grammar", grammar)
    file = grammar / "abnf" / "rfc5954.abnf"
    file.write_text(file.read_text() + 'broken = "a" / / "b"\n')
    out = tmp_path / "out"
    out.mkdir()
    (out / "kept.py").write_text("kept")
    done = run("--grammar", str(grammar), "--out", str(out), "--docs", str(tmp_path / "docs"))
    assert done.returncode == 2
    assert f"{file}:{file.read_text().count(chr(10))}:" in done.stderr
    assert "expected" in done.stderr
    assert [path.name for path in out.iterdir()] == ["kept.py"]


def test_stale_and_write(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    outputs: dict[str, str | bytes] = {"a.py": "one\n", "b.bin": b"\xff\n"}
    assert dict(stale(outputs, folder)) == {
        "a.py": "missing",
        "b.bin": "missing",
    }
    write(outputs, folder)
    assert stale(outputs, folder) == []
    (folder / "a.py").write_text("edited\n")
    (folder / "c.py").write_text("stranger\n")
    assert stale(outputs, folder) == [("a.py", "stale"), ("c.py", "not generated")]
    write(outputs, folder)
    assert stale(outputs, folder) == []
    assert not (folder / "c.py").exists()
