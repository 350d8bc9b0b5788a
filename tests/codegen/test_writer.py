"""Rules as ABNF text: what is written is read back the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from sipgen.codegen.abnf import read_abnf
from sipgen.codegen.grammar import Grammar
from sipgen.codegen.joined import joined_outputs, read_joined
from sipgen.codegen.model import Difference, OctetClass, Reference
from sipgen.codegen.writer import write_node, write_rules

GENERATED = Path(__file__).resolve().parents[2] / "generated"


@pytest.mark.parametrize(
    "text",
    [
        'a = "b" / %s"C" d',
        'a = ("b" / "c") d',
        'a = ["b" / c] [[d]]',
        "a = %x0D.0A / %x41-5A / %x7E",
        'a = 3"b" 2*c *4d 1*(e f) *(g / h) 2(3i)',
        'a = ("b" / ("c" / "d")) ("e" "f")',
        'a = ("b" "c") / "d"',
        'a = "" / "\\" / <some prose>',
        "a = (%x0D.0A) b",
    ],
)
def test_nodes_are_read_back(text: str) -> None:
    (rule,) = read_abnf(text + "\n", "x.abnf")
    (again,) = read_abnf(write_rules([rule]), "y.abnf")
    assert again.node == rule.node
    assert write_rules([again]) == write_rules([rule])


def test_what_abnf_cannot_say_is_not_written() -> None:
    with pytest.raises(TypeError, match="no difference"):
        write_node(Difference(Reference("a"), Reference("b")))
    with pytest.raises(TypeError, match="one octet or a range"):
        write_node(OctetClass(frozenset({1, 3})))


def test_sources_are_read_back() -> None:
    text = (
        "; RFC 3261, section 25.1\n\na = b\n; extended by RFC 5626, section 10\n"
        "; extended by RFC 9999\nb = c\n\n; no RFC\n\nc = d\n\n; RFC 4028\n\nd = %x30\n"
    )
    rules = read_abnf(text, "x.abnf")
    assert [(rule.rfc, rule.section) for rule in rules] == [
        (3261, "25.1"),
        (3261, "25.1"),
        (None, None),
        (4028, None),
    ]
    assert rules[1].extended_by == ((5626, "10"), (9999, None))
    assert not rules[0].extended_by + rules[2].extended_by
    assert write_rules(rules) == text


def test_the_joined_grammar_is_read_back_whole(grammar: Grammar) -> None:
    outputs = joined_outputs(grammar)
    for name, text in outputs.items():
        assert (GENERATED / name).read_text() == text
    again = read_joined(outputs["sip.abnf"], outputs["manifest.json"])
    assert set(again.rules) == set(grammar.rules)
    for rule in grammar.rules.values():
        other = again.rules[rule.name]
        assert other.node == rule.node, rule.name
        assert (other.rfc, other.section) == (rule.rfc, rule.section)
        assert (other.core, other.extended_by) == (rule.core, rule.extended_by)
    assert {entry.name: entry for entry in again.entries} == {
        entry.name: entry for entry in grammar.entries
    }
    assert again.manifest.strict == grammar.manifest.strict
    assert again.manifest.recursion == grammar.manifest.recursion
    assert all(len(line) <= 100 for line in outputs["sip.abnf"].splitlines())
