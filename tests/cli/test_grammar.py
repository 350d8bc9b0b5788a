"""``sipgen grammar`` as a person meets it."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from sipgen.cli.main import main
from sipgen.codegen.abnf import read_abnf
from sipgen.codegen.model import RuleSet

SVG = "{http://www.w3.org/2000/svg}"


def grammar(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["grammar", *arguments]) == 0
    return capsys.readouterr().out


def test_a_header_field_with_all_that_it_reaches(capsys: pytest.CaptureFixture[str]) -> None:
    text = grammar(capsys, "Session-Expires")
    assert text.startswith(
        "; header field Session-Expires, compact form x: RFC 4028, section 4;\n"
        "; active, one value\n; parameter refresher: RFC 4028, rule refresher-param\n"
    )
    assert 'refresher-param = "refresher" EQUAL ("uas" / "uac")' in text
    rules = RuleSet(read_abnf(text, "printed"))
    assert next(iter(rules)) == "Session-Expires"
    assert rules.undefined() == []
    assert rules.unused(["Session-Expires"]) == []
    assert (rules["token"].rfc, rules["token"].section) == (3261, "25.1")
    for other in ("session-expires", "x", "X"):
        assert grammar(capsys, other) == text


def test_extensions_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    text = grammar(capsys, "contact-params")
    assert "; extended by RFC 5626, section 10\n" in text
    assert text.startswith("; RFC 3261, section 25.1\n")


def test_a_header_field_without_a_grammar(capsys: pytest.CaptureFixture[str]) -> None:
    text = grammar(capsys, "Cellular-Network-Info")
    assert "of which no RFC gives a grammar" in text
    assert "extension-header = " in text


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    lines = grammar(capsys, "--list").splitlines()
    headers = [line.split()[1] for line in lines if line.startswith("header ")]
    rules = [line.split()[1] for line in lines if line.startswith("rule ")]
    assert len(headers) == 136
    assert len(rules) > 800
    assert "Via" in headers
    assert rules == sorted(rules, key=str.lower)
    assert any(line.split()[1:] == ["x-not"] for line in lines) is False
    assert "header  Contact                          m  RFC 3261, section 20.10" in lines


def test_every_name_in_the_list_is_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    lines = grammar(capsys, "--list").splitlines()
    for line in lines[::200]:
        assert grammar(capsys, line.split()[1])


def test_railroad_diagrams(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "via.svg"
    assert f"{path}: " in grammar(capsys, "Via", "--svg", str(path))
    root = ET.fromstring(path.read_text())  # noqa: S314 - our own file
    assert root.tag == f"{SVG}svg"
    rules = RuleSet(read_abnf(grammar(capsys, "Via"), "printed"))
    drawn = {group.attrib["id"]: group for group in root.iter(f"{SVG}g") if "id" in group.attrib}
    assert list(drawn) == list(rules)
    links = {link.attrib["{http://www.w3.org/1999/xlink}href"] for link in root.iter(f"{SVG}a")}
    assert {link.removeprefix("#") for link in links} <= set(drawn)
    text = "".join(drawn["via-params"].itertext())
    assert "RFC 3261, section 25.1; extended by RFC 3581, section 5" in text
    height = float(root.attrib["height"])
    diagrams = [svg.attrib for svg in root.iter(f"{SVG}svg") if svg is not root]
    assert len(diagrams) == len(rules)
    assert all(float(one["y"]) + float(one["height"]) <= height for one in diagrams)


def test_repetitions_are_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rules.svg"
    grammar(capsys, "IPv6address", "--svg", str(path))
    text = path.read_text()
    for times in ("6 times", "1 to 4 times"):
        assert times in text


def test_mistakes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["grammar", "Contakt"]) == 2
    assert 'no header field or rule "Contakt"; did you mean Contact' in capsys.readouterr().err
    assert main(["grammar", "qqqqqqqqq"]) == 2
    assert "sipgen grammar --list has all" in capsys.readouterr().err
    assert main(["grammar", "Via", "--svg", str(tmp_path)]) == 2
    assert "Is a directory" in capsys.readouterr().err
    assert main(["grammar", "--list", "--svg", "x.svg"]) == 2
    assert "one NAME" in capsys.readouterr().err
    monkeypatch.delitem(sys.modules, "sipgen.cli.railroads", raising=False)
    monkeypatch.setitem(sys.modules, "railroad", None)
    assert main(["grammar", "Via", "--svg", str(tmp_path / "x.svg")]) == 2
    assert "pip install 'sipgen[svg]'" in capsys.readouterr().err
    for arguments in (["grammar"], ["grammar", "Via", "--list"]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
