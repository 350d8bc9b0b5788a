"""The wheel holds the package and nothing else, and works where it is installed."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = tmp_path_factory.mktemp("source")
    # Built from a copy: setuptools leaves build/ and egg-info in the tree that it builds.
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in names:
        if not name.startswith("tests/") and (ROOT / name).is_file():
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    out = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), source],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))


def test_nothing_lies_outside_the_package(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"sipgen"}


def test_every_module_and_data_file_is_in(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for path in (ROOT / "sipgen").rglob("*"):
        if path.suffix in {".py", ".j2", ".typed"}:
            assert f"sipgen/{path.relative_to(ROOT / 'sipgen').as_posix()}" in names
    for path in (ROOT / "generated").glob("*.*"):
        assert f"sipgen/generated/{path.name}" in names


def test_the_generated_package_is_small(wheel: Path) -> None:
    infos = zipfile.ZipFile(wheel).infolist()
    size = sum(info.file_size for info in infos if info.filename.startswith("sipgen/generated/"))
    print(f"sipgen.generated: {size / 1000:.0f} kB")
    assert size < 1_000_000


def test_the_wheel_works_where_it_is_installed(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import sipgen;"
        f"assert sipgen.__file__.startswith({str(tmp_path)!r});"
        "from sipgen.cli.examples import example;"
        "report = sipgen.validate(example('OPTIONS'));"
        "assert report.ok, report.findings;"
        "assert sipgen.parse_tree('host', 'b.example').data == 'host';"
        "grammar = sipgen.Grammar.extended('X-A = \"X-A\" HCOLON token\\n');"
        "assert grammar.headers == ('X-A',)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)


def test_every_rfc_that_rules_are_from_stands_in_the_notice() -> None:
    notice = (ROOT / "NOTICE").read_text()
    manifest = tomllib.loads((ROOT / "grammar" / "manifest.toml").read_text())
    for source in manifest["source"]:
        assert f"RFC {source['rfc']} (" in notice
