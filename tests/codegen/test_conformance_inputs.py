"""Mistakes in ``conformance.toml`` and ``presence.toml`` are told with what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from sipgen.codegen.rule_data import read_conformance, read_presence
from sipgen.errors import GrammarError

RULE = """
[[rule]]
id = "cseq-method"
requirement = "One."
rfc = 3261
section = "8.1.1.5"
level = "MUST"
strict = "error"
interop = "off"
hint = "Two."
why = "Three."
on = "OPTIONS"
breaks = "CSeq: 1 INVITE"
keeps = ""
"""
PRESENCE = """
[[presence]]
header = "Via"
where = "request"
rfc = 3261
section = "20"
forbidden = ["INVITE"]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rules.toml"


def test_rules_are_read(path: Path) -> None:
    path.write_text(RULE)
    (rule,) = read_conformance(path).rule
    assert (rule.id, rule.rfc, rule.interop, rule.keeps) == ("cseq-method", 3261, "off", "")


def test_presence_is_read(path: Path) -> None:
    path.write_text(PRESENCE)
    (row,) = read_presence(path).presence
    assert (row.forbidden, row.mandatory, row.rule) == (("INVITE",), (), "")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "hint =",
            "hints =",
            r'rule 1 \("cseq-method"\) has an unknown key "hints"; expected "hint"',
        ),
        ('hint = "Two."\n', "", r'rule 1 \("cseq-method"\) lacks "hint"'),
        ('"MUST"', '"MUSt"', 'level is "MUSt"; expected "MUST"'),
        ('"error"', '"fatal"', r'strict is "fatal"; expected "error" or "warning" or "off"'),
        ('"off"', '"of"', 'interop is "of"; expected "off"'),
        ("3261", '"3261"', "rfc is not of type int"),
        ('"One."', "1", "requirement is not of type str"),
        ("[[rule]]", "[[rules]]", 'the file has an unknown key "rules"; expected "rule"'),
        ("[[rule]]", "[[leftout]]", 'the file has an unknown key "leftout"; expected "left_out"'),
        ("[[rule]]", "[rule]", "rule is not a list"),
        ("[[rule]]", "rule = [5]\n[x]", 'unknown key "x"'),
        ("[[rule]]", "[[rule", "rules.toml: "),
        (RULE, RULE + RULE, 'rule "cseq-method" is there twice'),
        (RULE, "rule = [5]", "rule 1 is not a table"),
    ],
)
def test_a_mistake_in_a_rule(path: Path, old: str, new: str, message: str) -> None:
    path.write_text(RULE.replace(old, new, 1))
    with pytest.raises(GrammarError, match=message) as caught:
        read_conformance(path)
    assert caught.value.path == str(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("forbidden", "forbiden", r'\("Via"\) has an unknown key "forbiden"; expected "forbidden"'),
        ('"request"', '"requests"', 'where is "requests"; expected "any" or "request"'),
        ('"request"', '"7xx"', 'where is "7xx"'),
        ("[[presence]]", "[[presense]]", 'unknown key "presense"; expected "presence"'),
        ('["INVITE"]', '"INVITE"', "forbidden is not a list"),
        ('["INVITE"]', "[5]", "forbidden 1 is not of type str"),
    ],
)
def test_a_mistake_in_a_row(path: Path, old: str, new: str, message: str) -> None:
    path.write_text(PRESENCE.replace(old, new, 1))
    with pytest.raises(GrammarError, match=message):
        read_presence(path)


def test_repeatable_header_fields(path: Path) -> None:
    path.write_text('repeatable = ["Identity"]\n' + PRESENCE)
    assert read_presence(path).repeatable == ("Identity",)
    path.write_text("repeatable = 5\n" + PRESENCE)
    with pytest.raises(GrammarError, match="repeatable is not a list"):
        read_presence(path)


@pytest.mark.parametrize("codes", ["2xx", "18x 2xx", "300-699", "401 407"])
def test_response_codes(path: Path, codes: str) -> None:
    path.write_text(PRESENCE.replace("request", codes))
    assert read_presence(path).presence[0].where == codes


def test_a_file_that_is_not_there(path: Path) -> None:
    with pytest.raises(GrammarError, match="No such file"):
        read_conformance(path)
