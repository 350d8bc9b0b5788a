"""Every conformance rule: its function, an example that breaks it, one that keeps it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sipgen.generated.conformance import RULES
from sipgen.generated.explanations import EXPLANATIONS
from sipgen.generated.headers import HEADER_FIELDS
from sipgen.generated.presence import PRESENCE

import sipgen
from sipgen.cli.examples import example
from sipgen.errors import Finding
from sipgen.language.hints import hints
from sipgen.language.relaxations import RELAXATIONS
from sipgen.rules.declaring import MessageRule, ValueRule, message_rule, rule_ids, rules
from sipgen.rules.profile import ProfileName
from sipgen.values.locate import REQUEST_LINE

LEAST = 110

# Found while a message is read; no function of their own.
READ = {
    "character-encoding",
    "content-length-conflict",
    "content-length-negative",
    "content-length-number",
    "content-length-repeated",
    "content-length-too-large",
    "control-character",
    "header-colon",
    "header-colon-space",
    "header-fold",
    "header-name",
    "header-section-end",
    "leading-white-space",
    "line-end",
    "message-empty",
    "sip-version",
    "sip-version-case",
    "start-line",
    "trailing-octets",
}
# A start line is a request's or a response's, and the hint says which form it has.
NARROWER = {"start-line"}
# The grammar says the same of the same octets, and more: a report holds its finding.
OF_THE_GRAMMAR = {"control-character", "start-line"}
RELAXED = {relaxation.id for relaxation in RELAXATIONS}
EVERY: tuple[ValueRule | MessageRule, ...] = (*rules()[0], *rules()[1])
PROFILES: tuple[ProfileName, ...] = ("strict", "interop")


def test_each_rule_has_what_finds_it_and_each_function_a_rule() -> None:
    found_by = rule_ids()
    assert len(found_by) == len(set(found_by))
    assert not set(found_by) & (READ | RELAXED)
    assert {*found_by, *READ, *RELAXED} == set(RULES)
    assert set(EXPLANATIONS) == set(RULES)
    assert len(RULES) >= LEAST


def test_rules_name_header_fields_that_are_known() -> None:
    for function in EVERY:
        assert set(function.headers) <= {*HEADER_FIELDS, REQUEST_LINE}, function.id
    for row in PRESENCE:
        assert row.header in HEADER_FIELDS
        assert row.rule in {"", *RULES}


def test_no_rule_is_called_like_one_of_the_grammar() -> None:
    assert not set(hints().rules) & set(RULES)


def test_a_rule_has_one_function() -> None:
    with pytest.raises(ValueError, match="two functions for rule cseq-method"):
        message_rule("cseq-method")(lambda _facts: ())


@pytest.mark.parametrize("identifier", RULES)
def test_a_rule_is_told_in_sentences(identifier: str) -> None:
    facts, explanation = RULES[identifier], EXPLANATIONS[identifier]
    for sentence in (facts.requirement, facts.hint, explanation.why):
        assert sentence[:1].strip()
        assert sentence[-1] in ".!`'~\"" or sentence[-1].isalnum()
    assert facts.requirement.endswith(".")
    assert facts.section
    assert facts.rfc > 2000


def findings(data: bytes, profile: ProfileName) -> tuple[Finding, ...]:
    return sipgen.validate(data, profile).findings


def read_rules(data: bytes) -> set[str]:
    try:
        return {finding.rule for finding in sipgen.parse(data).defects}
    except sipgen.ParseError as error:
        return {error.finding.rule}


@pytest.mark.parametrize("identifier", sorted(READ))
def test_the_reader_says_of_a_rule_what_the_table_says(identifier: str) -> None:
    explanation, facts = EXPLANATIONS[identifier], RULES[identifier]
    found: tuple[Finding, ...]
    try:
        found = sipgen.parse(example(explanation.on, explanation.breaks)).defects
    except sipgen.ParseError as error:
        found = (error.finding,)
    named = [finding for finding in found if finding.rule == identifier]
    assert named
    for finding in named:
        told = finding.rfc, finding.section, finding.severity
        assert told == (facts.rfc, facts.section, facts.strict)
        assert finding.hint == facts.hint or identifier in NARROWER


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("identifier", RULES)
def test_the_breach_is_found(identifier: str, profile: ProfileName) -> None:
    severity = getattr(RULES[identifier], profile)
    data = example(EXPLANATIONS[identifier].on, EXPLANATIONS[identifier].breaks)
    found = findings(data, profile)
    named = [finding for finding in found if finding.rule == identifier]
    if identifier in READ:
        assert identifier in read_rules(data)
    if identifier in OF_THE_GRAMMAR:
        assert any(finding.severity == "error" for finding in found)
    elif identifier in RELAXED and severity == "error":
        (finding,) = [finding for finding in found if identifier in finding.hint]
        assert finding.severity == "error"
        assert finding.rule not in RELAXED
    elif severity == "off":
        assert not named
    else:
        assert named
        assert all(finding.severity == severity for finding in named)
        assert all(0 <= item.start <= item.end <= len(data) for item in named)
        assert all((item.rfc, item.section) == RULES[identifier][2:4] for item in named)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("identifier", RULES)
def test_what_keeps_it_is_clean(identifier: str, profile: ProfileName) -> None:
    data = example(EXPLANATIONS[identifier].on, EXPLANATIONS[identifier].keeps)
    assert findings(data, profile) == ()


@pytest.mark.parametrize(
    "body",
    ["--abX", "--ab", "--abX\n--abY", "\n--abX", "--ab\n--abX", "--ab--X", "--ab\n\nx\n--abX\n"],
)
def test_what_only_begins_like_a_delimiter_ends(body: str) -> None:
    data = example("MESSAGE", f"Content-Type: multipart/mixed;boundary=ab\n\n{body}")
    assert all(finding.header == "Content-Type" for finding in findings(data, "strict"))


METHODS = [str(method) for method in sipgen.Method]
USUAL = [*METHODS, *(f"{code} {method}" for code in (100, 180, 200, 302, 401, 404, 407, 420, 500)
                     for method in METHODS)]  # fmt: skip


@pytest.mark.parametrize("on", USUAL)
def test_the_usual_message_is_clean(on: str) -> None:
    assert [f for f in findings(example(on), "strict") if f.severity == "error"] == []


EXAMPLES = [
    example(EXPLANATIONS[name].on, changes)
    for name in RULES
    for changes in (EXPLANATIONS[name].breaks, EXPLANATIONS[name].keeps)
]


@given(st.sampled_from(EXAMPLES), st.data())
def test_nothing_but_findings_for_whatever_an_example_becomes(
    octets: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(octets)))
    end = data.draw(st.integers(at, min(len(octets), at + 4)))
    other = data.draw(st.sampled_from([b"", b",", b";", b"=", b'"', b"<", b">", b"(", b"%", b"\\"])
                      | st.binary(max_size=3))  # fmt: skip
    changed = octets[:at] + other + octets[end:]
    for profile in PROFILES:
        for finding in findings(changed, profile):
            assert 0 <= finding.start <= finding.end <= len(changed)
            assert finding.line == changed.count(b"\n", 0, finding.start) + 1
