"""Profiles: from Python, from pyproject.toml, and what a wrong one is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from sipgen.generated.conformance import RULES

import sipgen
from sipgen.cli.examples import example

BREACH = example("OPTIONS", "Max-Forwards: 300")
OTHER = example("OPTIONS", "Max-Forwards: 300\nTo: <sip:bob@bi_loxi.example.com>")


def severities(profile: sipgen.Profile, data: bytes = BREACH) -> dict[str, str]:
    return {f.rule: f.severity for f in sipgen.validate(data, profile).findings}


def test_a_rule_is_set() -> None:
    assert severities(sipgen.Profile()) == {"max-forwards-range": "error"}
    assert severities(sipgen.Profile(rules={"max-forwards-range": "warning"})) == {
        "max-forwards-range": "warning"
    }
    assert severities(sipgen.Profile(rules={"max-forwards-range": "off"})) == {}
    assert severities(sipgen.Profile("interop", {"max-forwards-range": "error"})) == {
        "max-forwards-range": "error"
    }


def test_a_relaxation_is_set() -> None:
    strict = severities(sipgen.Profile(), OTHER)
    assert "host-underscore" not in strict
    assert len(strict) == 2
    taken = sipgen.Profile(rules={"host-underscore": "warning", "max-forwards-range": "off"})
    assert severities(taken, OTHER) == {"host-underscore": "warning"}
    silent = taken.with_rules({"host-underscore": "off"})
    assert severities(silent, OTHER) == {}
    refused = sipgen.Profile("interop", {"host-underscore": "error"})
    assert "error" in severities(refused, OTHER).values()


def test_a_relaxation_finds_what_is_odd_and_nothing_else() -> None:
    data = example("OPTIONS", "To: Bob <sip:#1@bi_loxi.example.com>\nContact: <sip:@h>")
    found = sipgen.validate(data, "interop").findings
    assert [(f.rule, data[f.start : f.end]) for f in found if f.header == "To"] == [
        ("userinfo-unescaped", b"#1"),
        ("host-underscore", b"bi_loxi.example.com"),
    ]
    assert [f.severity for f in found if f.header == "Contact"] == ["error"]


def test_a_rule_of_the_grammar_is_set() -> None:
    data = example("OPTIONS", "Max-Forwards: many")
    assert severities(sipgen.Profile(), data) == {"Max-Forwards": "error"}
    assert severities(sipgen.Profile(rules={"Max-Forwards": "warning"}), data) == {
        "Max-Forwards": "warning"
    }
    assert severities(sipgen.Profile(rules={"Max-Forwards": "off"}), data) == {}


def test_what_one_header_field_breaks_hides_nothing() -> None:
    data = example("OPTIONS", "Max-Forwards: 300\nCSeq: 1 INVITE\nFrom: <sip:a@b.example>;tag=(\n"
                   "Via: SIP/2.0/UDP a.example;branch=z9hG4bK")  # fmt: skip
    rules = {finding.rule for finding in sipgen.validate(data).findings}
    assert {"max-forwards-range", "cseq-method", "via-branch-empty"} < rules
    assert any(f.header == "From" for f in sipgen.validate(data).findings)


def test_a_profile_is_told_apart() -> None:
    profile = sipgen.Profile("interop", {"max-forwards-range": "off"})
    assert repr(profile) == "Profile('interop', {'max-forwards-range': 'off'})"
    assert repr(sipgen.Profile()) == "Profile('strict')"
    assert profile.severity("max-forwards-range") is None
    assert profile.severity("Via") == "error"


@pytest.mark.parametrize(
    ("base", "rules", "message"),
    [
        ("strct", {}, 'no profile "strct"; did you mean "strict"?'),
        ("", {}, 'no profile ""'),
        ("strict", {"cseq-numbr": "off"}, 'no rule "cseq-numbr"; did you mean "cseq-number"?'),
        ("strict", {"Vias": "off"}, 'no rule "Vias"; did you mean'),
        ("strict", {"cseq-number": "of"}, 'rule cseq-number: no severity "of"; did you mean "off"'),
        ("strict", {"cseq-number": 5}, 'rule cseq-number: no severity "5"'),
    ],
)
def test_a_wrong_profile(base: str, rules: dict[str, object], message: str) -> None:
    with pytest.raises(sipgen.SipError) as caught:
        sipgen.Profile(base, rules)  # type: ignore[arg-type]
    assert message in str(caught.value)


def test_validate_takes_a_name() -> None:
    assert not sipgen.validate(BREACH, "strict").ok
    assert sipgen.validate(BREACH, "interop").ok
    with pytest.raises(sipgen.SipError, match='no profile "lax"'):
        sipgen.validate(BREACH, "lax")  # type: ignore[arg-type]


def test_from_pyproject(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text('[tool.sipgen]\nprofile = "interop"\nrules = { cseq-number = "off" }\n')
    profile = sipgen.Profile.from_pyproject(path)
    assert (profile.base, profile.rules) == ("interop", {"cseq-number": "off"})
    path.write_text("[project]\nname = 'x'\n")
    assert repr(sipgen.Profile.from_pyproject(str(path))) == "Profile('strict')"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.sipgen]\nprofil = 'strict'\n", 'has no key "profil"; did you mean "profile"?'),
        ("[tool.sipgen]\nrules = 5\n", "rules is not a table"),
        ("[tool.sipgen]\nrules = { x = 'off' }\n", 'no rule "x"'),
        ("[tool]\nsipgen = 5\n", "[tool.sipgen] is not a table"),
        ("tool = 5\n", "[tool.sipgen] is not a table"),
        ("[tool.sipgen\n", "pyproject.toml: "),
    ],
)
def test_a_wrong_pyproject(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text(text)
    with pytest.raises(sipgen.SipError) as caught:
        sipgen.Profile.from_pyproject(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_no_pyproject(tmp_path: Path) -> None:
    with pytest.raises(sipgen.SipError, match="No such file"):
        sipgen.Profile.from_pyproject(tmp_path / "pyproject.toml")


def test_every_rule_can_be_set() -> None:
    everything = dict.fromkeys(RULES, "off")
    assert severities(sipgen.Profile(rules=everything)) == {}  # type: ignore[arg-type]
