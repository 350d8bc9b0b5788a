"""Values of every header field, written from its RFC, against its automaton and ``validate``."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest
from sipgen.generated.headers import HEADER_FIELDS

from sipgen.language.automata import automata
from sipgen.rules.declaring import rule_ids
from sipgen.validation import validate

DATA = Path(__file__).resolve().parents[1] / "data" / "header_values"
LEAST = 5


class Value(NamedTuple):
    text: str
    source: str

    @property
    def octets(self) -> bytes:
        return b" " + self.text.encode()


class Values(NamedTuple):
    valid: list[Value]
    invalid: list[Value]


def read() -> dict[str, Values]:
    found: dict[str, Values] = {}
    for path in sorted(DATA.glob("*.toml")):
        for header, kinds in tomllib.loads(path.read_text(encoding="utf-8")).items():
            assert header not in found, f"{header} stands in {path.name} a second time"
            found[header] = Values(*([Value(*row) for row in kinds[k]] for k in Values._fields))
    return found


VALUES = read()
# The length of the body, and what the grammar does not say.
LEFT_OUT = {"content-length-too-large", *rule_ids()}


def test_every_header_field_with_a_grammar_has_values() -> None:
    assert set(VALUES) == {name for name, field in HEADER_FIELDS.items() if field.has_grammar}
    assert len(VALUES) == 120


def errors(header: str, value: Value) -> list[str]:
    """The grammar's rules in the error findings about ``header``."""
    data = b"OPTIONS sip:a@b.example SIP/2.0\r\n%s:%s\r\n\r\n" % (header.encode(), value.octets)
    return [
        finding.rule
        for finding in validate(data).findings
        if finding.severity == "error" and finding.rule not in LEFT_OUT
    ]


@pytest.mark.parametrize("header", sorted(VALUES))
def test_values(header: str) -> None:
    valid, invalid = VALUES[header]
    for values in (valid, invalid):
        assert len({value.text for value in values}) == len(values) >= LEAST
        assert all("RFC" in value.source or "draft-" in value.source for value in values)
    machine = automata("strict")
    refused = [v for v in valid if not machine.matches(header, v.octets) or errors(header, v)]
    assert refused == []
    accepted = [v for v in invalid if machine.matches(header, v.octets) or not errors(header, v)]
    assert accepted == []
