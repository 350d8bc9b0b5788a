"""The language ``ordinary`` keeps its promise: no rule finds anything in what it accepts.

Header lines that it accepts are not read, and message rules declared with ``unusual`` are not
asked about them. So a rule that would find something there is missed without a trace, unless
it is asked directly, as it is here.
"""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import pytest
from sipgen.generated.explanations import EXPLANATIONS
from sipgen.generated.methods import METHODS
from sipgen.generated.options import OptionTag
from sipgen.generated.parameters import HEADER_PARAMETERS, URI_PARAMETERS

import sipgen
from sipgen.cli.examples import example
from sipgen.codegen.abnf import read_abnf
from sipgen.codegen.automata import Automaton
from sipgen.codegen.model import Literal, Node, children
from sipgen.language.automata import automata
from sipgen.language.grammar import standard
from sipgen.message import Request, Response
from sipgen.rules.declaring import Kind, MessageRule, ValueRule, rules, status_in
from sipgen.rules.facts import Facts
from sipgen.rules.judge import Judge
from sipgen.rules.tables import rule_tables
from sipgen.rules.verdicts import Verdict
from sipgen.values.locate import REQUEST_LINE
from sipgen.wire.names import canonical
from tests.codegen.oracles.sentences import Sampler, one_edit
from tests.validation.test_header_values import VALUES

SENTENCES = 1_000
EDITS = 60
MESSAGES = 40
ORDINARY = automata("ordinary")
START_LINES = {REQUEST_LINE, "Status-Line"}
# Entries of which some value rule is asked.
JUDGED = sorted(set(ORDINARY.starts) & set(rule_tables().of_header))
VALUE_RULES = {rule.id: rule for rule in rules()[0]}
MESSAGE_RULES = {rule.id: rule for rule in rules()[1] if rule.unusual}
# In a body they are as many multipart faults as there can be, if the type is multipart.
BODIES = (b"", b"--a\r\nno header\r\n\r\n--a", b"--\r\n\r\n", b"text\r\n--b--\r\n")


@cache
def sampler(entry: str) -> Sampler:
    """Return a sampler of what ``ordinary`` accepts for an entry."""
    start = ORDINARY.starts[entry]
    order = [start, *(number for number in ORDINARY.reachable(entry) if number != start)]
    place = {number: at for at, number in enumerate(order)}
    classes = [
        frozenset(octet for octet in range(256) if ORDINARY.class_map[octet] == symbol)
        for symbol in range(ORDINARY.width)
    ]
    rows = [
        {
            symbol: place[target]
            for symbol in range(ORDINARY.width)
            if classes[symbol] and (target := ORDINARY._next(number, symbol))
        }
        for number in order
    ]
    accepting = frozenset(place[number] for number in order if ORDINARY._accepting[number])
    return Sampler(Automaton(rows, accepting), classes, entry)


def sampled(entry: str, count: int, seed: str = "") -> list[bytes]:
    """Return values, or start lines, that ``ordinary`` accepts."""
    chance = random.Random(entry + seed)  # noqa: S311 - sampling, not secrecy
    walks = sampler(entry)
    found = [
        walks.sentence(chance.randint(5, 90), over_a_rare_arc=number % 3 != 0)
        for number in range(count)
    ]
    assert all(ORDINARY.matches(entry, value) for value in found)
    return found


def verdict(entry: str, value: bytes) -> Verdict:
    """Return what all value rules find, as if there were no ``ordinary``."""
    judge = Judge(standard(), None)
    text = value.decode("utf-8", "surrogateescape")
    return judge.start_line(text) if entry in START_LINES else judge.line(entry, f"{entry}:{text}")


def found_in(entry: str, values: list[bytes]) -> list[tuple[bytes, Verdict]]:
    """Return the values in which a rule, or the grammar, finds anything."""
    verdicts = [(value, verdict(entry, value)) for value in values]
    return [
        (value, found)
        for value, found in verdicts
        if found.refusal or found.relaxations or found.findings or found.together
    ]


@pytest.mark.oracle
@pytest.mark.parametrize("entry", sorted(ORDINARY.starts))
def test_no_value_rule_finds_anything_in_a_sampled_value(entry: str) -> None:
    assert found_in(entry, sampled(entry, SENTENCES)) == []


def lines_of(data: bytes) -> list[tuple[str, bytes]]:
    """Return entry and value of the start line and of each header line of an example."""
    start, *lines = data.partition(b"\r\n\r\n")[0].split(b"\r\n")
    found = [("Status-Line" if start.startswith(b"SIP/") else REQUEST_LINE, start)]
    for line in lines:
        if line[:1] in {b" ", b"\t"}:
            entry, value = found.pop()
            found.append((entry, value + b"\r\n" + line))
        else:
            name, _, value = line.partition(b":")
            found.append((canonical(name.decode("latin-1")), value))
    return found


@cache
def written_examples() -> dict[str, list[bytes]]:
    """Return what the examples of the rules and the RFCs have of each entry."""
    found = {entry: [value.octets for value in VALUES[entry].valid]
             for entry in JUDGED if entry in VALUES}  # fmt: skip
    for explanation in EXPLANATIONS.values():
        for changes in (explanation.breaks, explanation.keeps):
            for entry, value in lines_of(example(explanation.on, changes)):
                found.setdefault(entry, []).append(value)
    return found


@cache
def near_examples(entry: str) -> list[bytes]:
    """Return examples, and what one slip makes of them, that ``ordinary`` accepts."""
    chance = random.Random(entry)  # noqa: S311 - sampling, not secrecy
    examples = sorted(set(written_examples()[entry]))
    edited = [one_edit(value, chance) for value in examples for _ in range(EDITS)]
    return sorted({value for value in examples + edited if ORDINARY.matches(entry, value)})


@pytest.mark.oracle
@pytest.mark.parametrize("entry", JUDGED)
def test_no_value_rule_finds_anything_one_slip_from_an_example(entry: str) -> None:
    # Examples are near the limits of the rules, where sampled sentences seldom come.
    assert found_in(entry, near_examples(entry)) == []


@pytest.mark.oracle
def test_nearly_all_entries_have_such_examples() -> None:
    # Those of Call-Info, for one, have http URIs, which are judged rule by rule.
    assert len([entry for entry in JUDGED if near_examples(entry)]) >= 0.9 * len(JUDGED)


# -- message rules -----------------------------------------------------------------------


def settings(rule: MessageRule) -> list[str]:
    """Return what examples can be made of that the rule is asked about."""
    methods = [*rule.methods] or [str(method) for method in METHODS]
    responses = [f"{code} {method}" for code in (200, 302, 404) for method in methods]
    return [
        on
        for on in (*sorted(methods), *sorted(responses))
        if status_in(rule.where, int(on.split()[0]) if " " in on else 0)
    ]


def message_of(on: str, headers: list[str], number: int) -> bytes:
    """Return an example in which each of these header fields has a sampled ordinary value."""
    changes = "".join(f"{name}: @{name}@\n" for name in headers if name != REQUEST_LINE)
    data = example(on, changes + "Content-Length: @length@")
    for name in headers:
        value = sampled(name, 1, f"{on} {number}")[0]
        if name == REQUEST_LINE:
            # The method is the example's; any sampled URI goes with it.
            _, rest = data.split(b"\r\n", 1)
            data = b"%s %s\r\n%s" % (on.encode(), value.partition(b" ")[2], rest)
        else:
            data = data.replace(b" @%s@" % name.encode(), value)
    body = BODIES[number % len(BODIES)]
    return data.partition(b"\r\n\r\n")[0].replace(b"@length@", b"%d" % len(body)) + (
        b"\r\n\r\n" + body
    )


def facts_of(data: bytes, on: str) -> Facts:
    """Return the facts of a message, none of them taken from what is known of ``ordinary``."""
    message = sipgen.parse(data)
    assert isinstance(message, Request | Response)
    names = tuple(name for name, _ in lines_of(data)[1:])
    code, _, method = on.rpartition(" ")
    kind = Kind(names, not code, bool(code), method, int(code or 0))
    return Facts(message, kind, unusual=frozenset(names))


@pytest.mark.oracle
@pytest.mark.parametrize("identifier", MESSAGE_RULES)
def test_no_message_rule_finds_anything_in_ordinary_values(identifier: str) -> None:
    rule = MESSAGE_RULES[identifier]
    named = sorted(rule.unusual | rule.headers)
    asked = 0
    for on in settings(rule):
        headers = [name for name in named if name != REQUEST_LINE or " " not in on]
        if on == "REGISTER":
            headers = [name for name in headers if name != REQUEST_LINE]
        for number in range(max(4, MESSAGES // len(settings(rule)))):
            data = message_of(on, headers, number)
            facts = facts_of(data, on)
            if not rule.concerns(facts.kind):
                continue
            asked += 1
            assert list(rule.find(facts)) == [], data
    assert asked >= MESSAGES // 2


@pytest.mark.parametrize("identifier", MESSAGE_RULES)
def test_a_message_rule_is_asked_about_its_example(identifier: str) -> None:
    # If all its values were ordinary, the rule would be left out.
    rule, explanation = MESSAGE_RULES[identifier], EXPLANATIONS[identifier]
    lines = lines_of(example(explanation.on, explanation.breaks))
    several = {entry for entry, _ in lines if [name for name, _ in lines].count(entry) > 1}
    assert several & rule.counts or any(
        not ORDINARY.matches(entry, value) for entry, value in lines if entry in rule.unusual
    )
    facts = facts_of(example(explanation.on, explanation.breaks), explanation.on)
    assert list(rule.find(facts))


# -- what breaks a rule is refused -------------------------------------------------------


def refused(rule: ValueRule, data: bytes) -> bool:
    """Return True if ``ordinary`` leaves something of an example to the rule."""
    lines = [(entry, value) for entry, value in lines_of(data) if entry in rule.headers]
    if any(not ORDINARY.matches(entry, value) for entry, value in lines):
        return True
    # Such a rule is asked about all lines of a header field if there are several.
    return rule.reads == "field" and len(lines) > len({entry for entry, _ in lines})


@pytest.mark.parametrize("identifier", VALUE_RULES)
def test_what_breaks_a_value_rule_is_not_ordinary(identifier: str) -> None:
    explanation = EXPLANATIONS[identifier]
    assert refused(VALUE_RULES[identifier], example(explanation.on, explanation.breaks))


# -- registries --------------------------------------------------------------------------


@cache
def own_rules() -> dict[str, Node]:
    """Return the rules of ``ordinary.abnf``."""
    path = Path(__file__).resolve().parents[2] / "grammar" / "ordinary.abnf"
    return {rule.name: rule.node for rule in read_abnf(path.read_text(), path.name)}


def literals(node: Node) -> list[str]:
    """Return the literals of a rule, in order."""
    if isinstance(node, Literal):
        return [node.text]
    return [text for child in children(node) for text in literals(child)]


def test_the_option_tags_are_the_registered_ones() -> None:
    named = literals(own_rules()["option-tag"])
    assert sorted(named) == sorted(str(tag) for tag in OptionTag)


@pytest.mark.parametrize("header", ["Allow", "CSeq"])
def test_the_methods_are_the_registered_ones(header: str) -> None:
    before = b"1 " if header == "CSeq" else b""
    for method in METHODS:
        assert ORDINARY.matches(header, before + method.encode())
        assert not ORDINARY.matches(header, before + method.lower().encode())
    if header == "Allow":
        assert {value.strip(b" \t\r\n") for value in sampled(header, SENTENCES)} == {
            b"", *(method.encode() for method in METHODS)
        }  # fmt: skip


def test_the_other_uri_parameters_are_not_registered() -> None:
    registered = {name.lower() for name in URI_PARAMETERS}
    unregistered = literals(own_rules()["ordinary-other"])
    for rule in ("line", "rinstance"):
        unregistered += literals(own_rules()[f"ordinary-{rule}"])
    names = {text.strip(";=").lower() for text in unregistered} - {""}
    assert "x-" in names
    assert not names & registered
    for rule in ("lr", "ob", "transport"):
        assert literals(own_rules()[f"ordinary-{rule}"])[0].strip(";=") in registered


@pytest.mark.parametrize(("rule", "header"), [
    ("rport", "Via"), ("branch", "Via"), ("qop", "Authorization"), ("nc", "Authorization"),
    ("md5", "Authorization"), ("algorithm", "WWW-Authenticate"),
])  # fmt: skip
def test_the_named_header_parameters_are_registered(rule: str, header: str) -> None:
    registered = {parameter.name for parameter in HEADER_PARAMETERS[header]}
    assert literals(own_rules()[f"ordinary-{rule}"])[0] in registered
