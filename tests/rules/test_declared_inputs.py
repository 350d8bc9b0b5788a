"""Each message rule reads what it declares, and each value rule the value that it is given."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sipgen.generated.explanations import EXPLANATIONS
from sipgen.generated.headers import HEADER_FIELDS

import sipgen
from scripts.bench_streams import printed, recorded
from sipgen import validation
from sipgen.cli.examples import example
from sipgen.message import Message, Request
from sipgen.rules.declaring import MessageRule, ValueRule, message_rule, rules
from sipgen.rules.facts import START_LINE, Element, Facts, Place
from sipgen.rules.profile import ProfileName, profile_of
from sipgen.values.locate import REQUEST_LINE

VALUE_RULES, MESSAGE_RULES = rules()
BY_ID = {rule.id: rule for rule in MESSAGE_RULES}
BODY = "body"
PROFILES: tuple[ProfileName, ...] = ("strict", "interop")
WATCHED = frozenset(header for rule in MESSAGE_RULES for header in rule.unusual)
"""Header fields for which the facts know whether the values are usual."""
LEAST = 3_000
NEVER_READ: dict[str, set[str]] = {}
"""Declared inputs that no message here makes a rule read, by the rule's id: none so far."""


class RecordingFacts(Facts):
    """Facts that note which inputs a rule reads.

    The slots of ``Facts`` itself stay empty: a new way to read that is missing here either
    fails or is noted as ``message``.
    """

    def __init__(self, facts: Facts) -> None:
        self.kind = facts.kind
        self.facts = facts
        self.read: set[str] = set()
        self.compared: set[str] = set()
        """Header fields for which the rule asked whether they are usual."""

    def noted(self, name: str) -> Facts:
        self.read.add(name)
        return self.facts

    @property
    def message(self) -> Message:  # type: ignore[override]
        return self.noted("message").message

    @property
    def framed(self) -> bool:  # type: ignore[override]
        return self.noted(BODY).framed

    @property
    def body(self) -> bytes:
        return self.noted(BODY).body

    @property
    def uri(self) -> Any:
        return self.noted(REQUEST_LINE).uri

    def elements(self, name: str) -> list[Element]:
        return self.noted(name).elements(name)

    def only(self, name: str) -> Any:
        return self.noted(name).only(name)

    def tag(self, name: str) -> str | None:
        return self.noted(name).tag(name)

    def cseq_method(self) -> str | None:
        return self.noted("CSeq").cseq_method()

    def all_usable(self, name: str) -> bool:
        return self.noted(name).all_usable(name)

    def is_usual(self, name: str) -> bool:
        self.compared.add(name)
        return self.noted(name).is_usual(name)


class Judged(NamedTuple):
    """A message as its rules saw it, and what a report says of it."""

    data: bytes
    profile: ProfileName
    facts: Facts
    found: tuple[tuple[str, str], ...]
    """Rule and sentence of each finding of a message rule, sorted."""

    def begins(self) -> str:
        return self.data[:60].decode("latin-1").partition("\r\n")[0]


def judged(data: bytes, profile: ProfileName) -> Iterator[Judged]:
    """Validate a message, and keep the facts that the rules were given."""
    kept: list[Facts] = []
    ask = validation._Judging._ask

    def keep(judging: Any, plan: Any, unusual: Any) -> None:
        kept.append(judging._facts(plan.kind, unusual))
        ask(judging, plan, unusual)

    with mock.patch.object(validation._Judging, "_ask", keep):
        findings = sipgen.validate(data, profile).findings
    found = sorted((item.rule, item.message) for item in findings if item.rule in BY_ID)
    for facts in kept:
        yield Judged(data, profile, facts, tuple(found))


EXAMPLES = [
    example(explanation.on, changes)
    for explanation in EXPLANATIONS.values()
    for changes in (explanation.breaks, explanation.keeps)
]

# A message for each header field of ``unusual`` that must be unusual alone.
_BINDING = "Contact: <sip:bob@192.0.2.4>"
_HANDLED = "--a\nContent-Disposition: render;handling=odd\n\nx\n--a--\n"
ALONE = [
    example("INVITE", "Route: <sips:proxy.example.com;lr>"),
    example("REGISTER", f"{_BINDING}\nFrom: <sips:bob@biloxi.example.com>;tag=1928301774"),
    example("REGISTER", f"{_BINDING}\nTo: <sips:bob@biloxi.example.com>"),
    example("INVITE", f"Content-Type: multipart/mixed;boundary=a\n\n{_HANDLED}"),
    example("REFER", "-Supported\nTarget-Dialog: a@b;local-tag=c;remote-tag=d"),
]


@pytest.fixture(scope="module")
def messages() -> list[Judged]:
    data = dict.fromkeys([*EXAMPLES, *ALONE, *printed(), *recorded()])
    return [item for octets in data for profile in PROFILES for item in judged(octets, profile)]


def asked(rule: MessageRule, messages: Iterable[Judged]) -> Iterator[Judged]:
    return (item for item in messages if rule.concerns(item.facts.kind))


def wrong_inputs(rule: MessageRule, messages: Iterable[Judged]) -> list[str]:
    """Return a sentence for each input that a rule reads or declares wrongly."""
    read: dict[str, Judged] = {}
    compared: set[str] = set()
    for item in asked(rule, messages):
        facts = RecordingFacts(item.facts)
        list(rule.find(facts))
        compared |= facts.compared
        for name in facts.read:
            read.setdefault(name, item)
    never = rule.reads - read.keys() - NEVER_READ.get(rule.id, set())
    return [
        *(
            f"Rule {rule.id} reads {name} without declaring it: {read[name].begins()}"
            for name in sorted(read.keys() - rule.reads)
        ),
        *(f"Rule {rule.id} declares {name} and never reads it." for name in sorted(never)),
        *(
            f"Rule {rule.id} asks if {name} is usual, and no rule declares it unusual."
            for name in sorted(compared - WATCHED)
        ),
    ]


def with_other_values(facts: Facts, kept: AbstractSet[str]) -> Facts:
    """Return facts of the same kind in which every input outside ``kept`` is different.

    What changes is the value, whether the grammar refuses it, and whether it is usual.
    """
    message = facts.message.copy()
    names = facts.kind.names
    changed = {at for at, name in enumerate(names) if name not in kept}
    for at in changed:
        message._lines[at] = f"{names[at]}: ?"
    if REQUEST_LINE not in kept:
        changed.add(START_LINE)
    message._cut_values = None
    if REQUEST_LINE not in kept and isinstance(message, Request):
        message._start_line = message._start_line._replace(request_uri="other:?")
    if BODY not in kept:
        message._body = b"" if message._body else b"other"
    return Facts(
        message,
        facts.kind,
        {*facts._refused} ^ changed,
        framed=facts.framed == (BODY in kept),
        noted={name: text for name, text in facts._noted.items() if name in kept},
        unusual={*facts._unusual} ^ ({*names, REQUEST_LINE} - kept),
    )


@pytest.mark.parametrize("identifier", BY_ID)
def test_a_rule_reads_what_it_declares(identifier: str, messages: list[Judged]) -> None:
    assert wrong_inputs(BY_ID[identifier], messages) == []


@pytest.mark.parametrize("identifier", BY_ID)
def test_what_is_not_declared_changes_nothing(identifier: str, messages: list[Judged]) -> None:
    rule = BY_ID[identifier]
    for item in asked(rule, messages):
        if type(item.facts.message) is Message:
            continue  # It has no start line, and cannot be copied.
        other = with_other_values(item.facts, rule.reads)
        assert list(rule.find(other)) == list(rule.find(item.facts)), (identifier, item.begins())


def found_if_asked(item: Judged) -> tuple[tuple[str, str], ...]:
    """Return what the rules find if every rule that concerns the message is asked."""
    severities = profile_of(item.profile).severities
    found = [
        (rule.id, place.message)
        for rule in MESSAGE_RULES
        if rule.concerns(item.facts.kind) and severities.get(rule.id) != "off"
        for place in rule.find(item.facts)
    ]
    return tuple(sorted(found))


def test_no_rule_is_left_out_that_would_find_something(messages: list[Judged]) -> None:
    # A false ``unusual`` or ``counts`` would lose findings.
    for item in messages:
        assert item.found == found_if_asked(item), item.data


LINES = sorted(
    {
        line
        for data in (*EXAMPLES, *ALONE)
        for line in data.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
        if not line.lower().startswith(b"content-length")
    }
)
READABLE = [data for data in (*EXAMPLES, *ALONE) if data.count(b"\r\n\r\n") == 1]


@given(st.sampled_from(READABLE), st.lists(st.sampled_from(LINES), max_size=4), st.data())
def test_no_rule_is_left_out_whatever_lines_meet(
    octets: bytes, others: list[bytes], data: st.DataObject
) -> None:
    head, _, body = octets.partition(b"\r\n\r\n")
    start_line, *lines = head.split(b"\r\n")
    for line in others:
        name = line.partition(b":")[0]
        if data.draw(st.booleans()):
            lines = [other for other in lines if other.partition(b":")[0] != name]
        lines.insert(data.draw(st.integers(0, len(lines))), line)
    changed = b"\r\n".join([start_line, *lines, b"", body])
    for profile in PROFILES:
        for item in judged(changed, profile):
            assert item.found == found_if_asked(item)


def test_there_are_enough_messages(messages: list[Judged]) -> None:
    assert len(messages) >= LEAST


def test_inputs_have_known_names() -> None:
    for rule in MESSAGE_RULES:
        assert rule.reads <= {*HEADER_FIELDS, REQUEST_LINE, BODY}, rule.id
        assert rule.unusual <= rule.reads, rule.id
        assert rule.by_kind == (not rule.reads), rule.id
        assert rule.counts <= rule.reads, rule.id


def test_exceptions_are_of_rules() -> None:
    for identifier, names in NEVER_READ.items():
        assert names <= BY_ID[identifier].reads


# --- A wrong declaration is found.


def _expiring(facts: Facts) -> Iterator[Place]:
    if facts.first("Expires") == 0 and facts.framed:
        yield facts.missing("No Contact expires.", "Contact")


SMALL = BY_ID["cseq-method"]._replace(
    id="small-rule", find=_expiring, headers=frozenset({"Expires"}), reads=frozenset({"Expires"})
)
FIRST_LINE = "REGISTER sip:registrar.biloxi.example.com SIP/2.0"


@pytest.mark.parametrize(
    ("reads", "problems"),
    [
        ({"Expires", BODY}, []),
        ({"Expires"}, [f"Rule small-rule reads body without declaring it: {FIRST_LINE}"]),
        ({BODY}, [f"Rule small-rule reads Expires without declaring it: {FIRST_LINE}"]),
        (
            {"Expires", BODY, "Contact"},
            ["Rule small-rule declares Contact and never reads it."],
        ),
    ],
)
def test_a_wrong_declaration_is_found(reads: set[str], problems: list[str]) -> None:
    messages = [*judged(example("REGISTER", "Expires: 0"), "strict")]
    assert wrong_inputs(SMALL._replace(reads=frozenset(reads)), messages) == problems


def _usual(facts: Facts) -> Iterator[Place]:
    if facts.is_usual("Subject") and facts.message.body is not None:
        yield facts.missing("There is no Date.", "Date")


def test_reading_past_the_facts_is_found() -> None:
    rule = SMALL._replace(find=_usual, headers=frozenset(), reads=frozenset({"Subject"}))
    messages = [*judged(example("REGISTER", "Subject: x"), "strict")]
    assert wrong_inputs(rule, messages) == [
        f"Rule small-rule reads message without declaring it: {FIRST_LINE}",
        "Rule small-rule asks if Subject is usual, and no rule declares it unusual.",
    ]


@pytest.mark.parametrize("name", ["CSeq", REQUEST_LINE, BODY])
def test_other_values_are_other(name: str) -> None:
    (item,) = judged(example("OPTIONS", "CSeq: 1 INVITE\n\nbody"), "strict")
    everything = {*item.facts.kind.names, REQUEST_LINE, BODY}
    same, other = (with_other_values(item.facts, everything - out) for out in (set(), {name}))

    def values(facts: Facts) -> dict[str, object]:
        return {
            "CSeq": (facts.elements("CSeq"), facts.cseq_method()),
            REQUEST_LINE: facts.uri,
            BODY: (facts.body, facts.framed),
        }

    before, after = values(item.facts), values(other)
    assert values(same) == before
    assert {name for name in before if before[name] != after[name]} == {name}


def test_a_rule_by_kind_declares_no_inputs() -> None:
    with pytest.raises(ValueError, match=r"rule small-rule reads more than the kind: Expires"):
        message_rule("small-rule", by_kind=True, reads=["Expires"])
    assert "small-rule" not in {rule.id for rule in rules()[1]}


# --- Value rules


@pytest.mark.parametrize("rule", VALUE_RULES, ids=lambda rule: rule.id)
def test_a_value_rule_is_given_a_value_and_its_header(rule: ValueRule) -> None:
    given = [*inspect.signature(rule.find).parameters.values()]
    if rule.reads == "written":
        assert [item.annotation for item in given[1:]] == ["str"]
        assert not rule.with_header or len(given) == 2
    elif rule.with_header:
        assert [(item.name, item.annotation) for item in given[1:]] == [("header", "str")]
    else:
        assert len(given) == 1
    for item in given:
        assert item.kind is item.POSITIONAL_OR_KEYWORD
        assert item.default is item.empty
        assert not {"Facts", "Message", "Kind"} & {*str(item.annotation).replace("|", " ").split()}
    # Nothing that an earlier message left behind.
    code = inspect.unwrap(rule.find).__code__
    assert code.co_freevars == ()
