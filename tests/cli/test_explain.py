"""``sipgen explain``."""

from __future__ import annotations

import json

import pytest
from sipgen.generated.conformance import RULES

from sipgen.cli.main import main


@pytest.mark.parametrize("identifier", RULES)
def test_every_rule_is_explained(identifier: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", identifier]) == 0
    out, err = capsys.readouterr()
    rule = RULES[identifier]
    assert out.startswith(f"{identifier}: {rule.requirement}\n  RFC {rule.rfc}, section")
    assert "A message that breaks it:" in out
    assert "One that keeps it:" in out
    assert err == ""


def test_the_example_shows_the_finding(capsys: pytest.CaptureFixture[str]) -> None:
    main(["explain", "via-branch-empty"])
    out = capsys.readouterr().out
    assert "example:2:50: error: " in out
    assert "[via-branch-empty, RFC 3261 section 8.1.1.7]" in out
    assert "^~~~~~~" in out


def test_a_rule_that_is_off_in_strict_is_shown_too(capsys: pytest.CaptureFixture[str]) -> None:
    for identifier in [name for name, rule in RULES.items() if rule.strict == "off"]:
        main(["explain", identifier])
        assert "example:" in capsys.readouterr().out


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(RULES)
    assert lines == sorted(lines)
    assert all(line.split()[0] in RULES for line in lines)


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [rule["id"] for rule in listed["rules"]] == list(RULES)
    assert main(["explain", "cseq-method", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["id"] == "cseq-method"
    assert "CSeq: 1 INVITE\r\n" in told["breaks"]
    assert told["why"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cseq-methd"], 'no rule "cseq-methd"; did you mean "cseq-method"?'),
        (["%%%%"], "sipgen explain --list has them all"),
        (["Via"], '"Via" is a rule of the ABNF: sipgen grammar Via'),
        ([], "explain takes an ID, or --list"),
        (["cseq-method", "--list"], "explain takes an ID, or --list"),
    ],
)
def test_wrong_usage(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1
