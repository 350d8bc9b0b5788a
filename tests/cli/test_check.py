"""``sipgen check`` as a person meets it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from sipgen.cli.main import main
from sipgen.cli.text import Style, render
from sipgen.validation import validate

GOOD = (
    b"OPTIONS sip:a@b.example SIP/2.0\r\nVia: SIP/2.0/UDP h.example;branch=z9hG4bK1\r\n"
    b"CSeq: 1 OPTIONS\r\nFrom: <sip:c@d.example>;tag=1\r\nTo: <sip:a@b.example>\r\n"
    b"Call-ID: 1\r\nMax-Forwards: 70\r\n\r\n"
)
BAD = GOOD.replace(b"CSeq: 1 OPTIONS", b"CSeq: one OPTIONS").replace(b"branch=", b"branch=,")
TORTURE = Path(__file__).resolve().parents[1] / "data" / "rfc4475"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    for name, data in (("good.sip", GOOD), ("bad.sip", BAD), ("empty.sip", b"")):
        (tmp_path / name).write_bytes(data)
    return {name: str(tmp_path / name) for name in ("good.sip", "bad.sip", "empty.sip", "none.sip")}


def test_clean(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", files["good.sip"]]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "1 checked, 1 clean, 0 errors, 0 warnings\n"


def test_findings_as_text(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", files["good.sip"], files["bad.sip"]]) == 1
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0].startswith(f"{files['bad.sip']}:2:35: error: Via: ")
    assert lines[0].endswith(", RFC 3261 section 25.1]")
    assert lines[1] == "  Via: SIP/2.0/UDP h.example;branch=,z9hG4bK1"
    assert lines[2] == "  " + " " * 34 + "^"
    assert lines[3].startswith("  expected: ")
    assert f"{files['bad.sip']}:3:7: error: CSeq: " in out
    assert err == "2 checked, 1 clean, 2 errors, 0 warnings\n"


def test_json(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--json", files["good.sip"], files["bad.sip"]]) == 1
    written = json.loads(capsys.readouterr().out)
    assert written["version"] == 1
    good, bad = written["files"]
    assert (good["path"], good["ok"], good["findings"]) == (files["good.sip"], True, [])
    assert bad["ok"] is False
    finding = bad["findings"][-1]
    assert finding["header"] == "CSeq"
    assert (finding["line"], finding["column"]) == (3, 7)
    assert BAD[finding["start"] : finding["end"]] == b"o"
    assert set(finding) == set(validate(BAD).findings[0]._fields)


def test_quiet(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--quiet", files["bad.sip"]]) == 1
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("name", "why"),
    [("none.sip", "No such file"), ("empty.sip", "is empty"), (".", "Is a directory")],
)
def test_unreadable_input_is_one_line_and_exit_2(
    files: dict[str, str], capsys: pytest.CaptureFixture[str], name: str, why: str
) -> None:
    path = files.get(name, name)
    assert main(["check", path, files["bad.sip"]]) == 2
    out, err = capsys.readouterr()
    first, *rest = err.splitlines()
    assert first.startswith(f"sipgen: {path}: ")
    assert why in first
    assert rest == ["1 checked, 0 clean, 2 errors, 0 warnings"]
    assert "CSeq" in out


def test_a_name_that_no_file_can_have(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "a\x00b"]) == 2
    assert "null" in capsys.readouterr().err


def test_a_file_too_large_to_be_a_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(16 * 1024 * 1024 + 1)
    assert main(["check", str(path)]) == 2
    assert "more than" in capsys.readouterr().err


def test_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(BAD)))
    assert main(["check", "-"]) == 1
    assert capsys.readouterr().out.startswith("-:2:35: error")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert main(["check", "-"]) == 2
    assert "standard input: is empty" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["check"], ["chek"], ["check", "--no-such", "x"]])
def test_wrong_usage_is_exit_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: sipgen" in capsys.readouterr().err


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["check", "--help"]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 0
        assert "exit status" in capsys.readouterr().out


def test_every_torture_message_can_be_shown(capsys: pytest.CaptureFixture[str]) -> None:
    paths = sorted(map(str, TORTURE.glob("*.dat")))
    assert main(["check", *paths]) == 1
    out, _ = capsys.readouterr()
    assert all(character.isprintable() or character == "\n" for character in out)
    for line in out.splitlines():
        if line.strip(" ").startswith("^"):
            assert set(line.strip(" ")) <= {"^", "~"}


def show(data: bytes, *, colour: bool = False) -> list[str]:
    finding = next(item for item in validate(data).findings if item.severity == "error")
    return render("m", data, finding, Style(colour=colour)).splitlines()


def test_the_caret_stands_under_the_fault() -> None:
    text = GOOD.replace(b"Via:", "Subject: caf\xe9 \u4e16 \x01\r\nVia:".encode())
    _, line, caret, *_ = show(text)
    assert line == "  Subject: caf\xe9 \u4e16 \\x01"
    assert line[caret.index("^") :] == "\\x01"
    assert caret.strip() == "^~~~"


def test_terminal_escapes_are_shown_not_sent() -> None:
    text = GOOD.replace(b"Via:", b"Subject: \x1b[31m\xe2\x80\xae\r\nVia:")
    assert not {"\x1b", "\u202e"} & set("".join(show(text)))
    assert any("\x1b[1;31merror" in line for line in show(text, colour=True))


def test_a_long_line_is_cut_around_the_fault() -> None:
    text = GOOD.replace(b"Via:", b"Max-Forwards: " + b"7" * 300 + b"x" + b"8" * 300 + b"\r\nVia:")
    _, line, caret, *_ = show(text)
    assert len(line) < 120
    assert line.startswith("  ...777")
    assert line.endswith("888...")
    assert line[caret.index("^")] == "x"


def test_many_expectations_are_cut() -> None:
    finding = validate(BAD).findings[0]._replace(expected=tuple("abcdefghi"), hint="do this")
    lines = render("m", BAD, finding, Style(colour=False)).splitlines()
    assert lines[-2:] == ["  expected: a, b, c, d, e, f and 3 more", "  hint: do this"]


def test_as_a_process_and_into_a_closed_pipe(files: dict[str, str]) -> None:
    command = [sys.executable, "-m", "sipgen", "check", files["bad.sip"]]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"CSeq" in done.stdout
    many = subprocess.Popen(
        [*command, *[files["bad.sip"]] * 2000], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert many.stdout is not None
    assert many.stderr is not None
    many.stdout.readline()
    many.stdout.close()
    error = many.stderr.read()
    many.stderr.close()
    many.wait()
    assert b"Traceback" not in error
    version = subprocess.run(
        [sys.executable, "-m", "sipgen", "--version"], capture_output=True, check=True
    )
    assert version.stdout.startswith(b"sipgen ")


@pytest.fixture
def overlarge(tmp_path: Path) -> str:
    path = tmp_path / "overlarge.sip"
    path.write_bytes(GOOD.replace(b"Max-Forwards: 70", b"Max-Forwards: 300"))
    return str(path)


def test_profile(overlarge: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", overlarge]) == 1
    assert "error: Max-Forwards is more than 255." in capsys.readouterr().out
    assert main(["check", "--profile", "interop", overlarge]) == 0
    assert "warning: Max-Forwards is more than 255." in capsys.readouterr().out


def test_rules(overlarge: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--rule", "max-forwards-range=off", overlarge]) == 0
    assert capsys.readouterr().out == ""
    rules = ["--rule", "max-forwards-range=off", "--rule", "max-forwards-range=warning"]
    assert main(["check", *rules, overlarge]) == 0
    assert "warning: " in capsys.readouterr().out


def test_pyproject(
    overlarge: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    project = tmp_path / "project"
    (project / "deep").mkdir(parents=True)
    config = project / "pyproject.toml"
    config.write_text('[tool.sipgen.rules]\nmax-forwards-range = "off"\n')
    monkeypatch.chdir(project / "deep")
    assert main(["check", overlarge]) == 0
    assert main(["check", "--rule", "max-forwards-range=error", overlarge]) == 1
    (project / "deep" / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    assert main(["check", overlarge]) == 0
    monkeypatch.chdir(tmp_path)
    assert main(["check", overlarge]) == 1
    assert main(["check", "--config", str(config), overlarge]) == 0
    config.write_text("[tool.sipgen]\nprofil = 'strict'\n")
    capsys.readouterr()
    assert main(["check", "--config", str(config), overlarge]) == 2
    assert 'did you mean "profile"?' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--profile", "interp"], 'no profile "interp"; did you mean "interop"?'),
        (["--rule", "cseq-methd=off"], 'no rule "cseq-methd"; did you mean "cseq-method"?'),
        (["--rule", "cseq-method=of"], 'no severity "of"; did you mean "off"?'),
        (["--rule", "cseq-method"], "write ID=error, ID=warning or ID=off"),
        (["--config", "none.toml"], "none.toml: "),
    ],
)
def test_a_wrong_profile(
    arguments: list[str], message: str, overlarge: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *arguments, overlarge]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
