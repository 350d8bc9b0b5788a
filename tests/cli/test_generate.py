"""``sipgen generate`` and ``sipgen check --grammar`` as a person meets them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sipgen.cli.examples import example
from sipgen.cli.main import main

ABNF = 'X-Acme-Trunk = "X-Acme-Trunk" HCOLON trunk-id\ntrunk-id = 1*DIGIT\n'
MESSAGE = example("OPTIONS", "X-Acme-Trunk: %s")


@pytest.fixture
def abnf(tmp_path: Path) -> Path:
    path = tmp_path / "my.abnf"
    path.write_text(ABNF)
    return path


def generate(*abnf: Path, out: Path) -> int:
    arguments = [part for path in abnf for part in ("--abnf", str(path))]
    return main(["generate", *arguments, "--out", str(out)])


def test_end_to_end(abnf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "folder"
    assert generate(abnf, out=out) == 0
    printed, progress = capsys.readouterr()
    assert printed.startswith(f"{out / 'grammar.json'}: X-Acme-Trunk (")
    assert "1 entry points to compile: X-Acme-Trunk" in progress
    for value, status in ((b"12", 0), (b"twelve", 1)):
        path = tmp_path / "message.sip"
        path.write_bytes(MESSAGE % value)
        assert main(["check", str(path)]) == 0
        assert main(["check", "--grammar", str(out), str(path)]) == status
    assert 'X-Acme-Trunk: unexpected "t"; expected trunk-id' in capsys.readouterr().out


def test_several_files(abnf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.abnf"
    other.write_text('X-Other = "X-Other" HCOLON trunk-id\n')
    assert generate(abnf, other, out=tmp_path) == 0
    assert "grammar.json: X-Acme-Trunk, X-Other (" in capsys.readouterr().out


def test_mistakes(abnf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert generate(abnf, out=tmp_path) == 0
    before = (tmp_path / "grammar.json").read_bytes()
    abnf.write_text(ABNF + 'more = "x" / / "y"\n')
    assert generate(abnf, out=tmp_path) == 2
    assert f"sipgen: {abnf}:3:14: " in capsys.readouterr().err
    assert (tmp_path / "grammar.json").read_bytes() == before
    abnf.write_bytes(b"\xff")
    assert generate(abnf, out=tmp_path) == 2
    assert "ASCII" in capsys.readouterr().err
    assert generate(tmp_path / "none.abnf", out=tmp_path) == 2
    assert "none.abnf: No such file or directory" in capsys.readouterr().err


def test_a_place_that_cannot_be_written(
    abnf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert generate(abnf, out=tmp_path / "file") == 2
    assert "file/grammar.json: " in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == ""


def test_check_with_a_grammar_that_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "message.sip"
    path.write_bytes(MESSAGE % b"12")
    assert main(["check", "--grammar", str(tmp_path), str(path)]) == 2
    printed, error = capsys.readouterr()
    assert printed == ""
    assert "grammar.json: No such file or directory: sipgen generate" in error


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["generate", "--help"])
    assert caught.value.code == 0
    assert 'X-Acme-Trunk = "X-Acme-Trunk" HCOLON trunk-id' in capsys.readouterr().out
    with pytest.raises(SystemExit) as caught:
        main(["generate"])
    assert caught.value.code == 2
