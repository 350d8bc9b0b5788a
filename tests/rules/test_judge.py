"""Verdicts on lines of which a part is another in each message."""

from __future__ import annotations

import pytest

from sipgen.language.automata import automata
from sipgen.language.grammar import standard
from sipgen.rules.judge import Judge
from sipgen.rules.verdicts import ORDINARY, judged

HEADS = [
    "<sip:alice@example.com>",
    "<sip:alice@example.com:5070>",
    '"Alice" <sip:alice@example.com;transport=tcp>',
    "<sip:alice@example.com;lr;maddr=192.0.2.1>",
    "sip:alice@example.com",
    "<sip:al ice@example.com>",
    "<sip:alice@example_host.com>",
    '"a;tag=x" <sip:alice@example.com:1>',
    '"a;tag=x;" <sip:alice@example.com>',
    "<sip:alice@example.com:99999>",
    "<sip:alice@example.com>;a=b;a=c",
]
RESTS = ["", ";x=y", ";x=y;x=z", ";tag=again", " ", ";", ";x=(", ";x=\u00e9"]
TAGS = ["x", "1928301774", "a!b~c", "", "a b", "a;b", '"a"', "a=b", "\u00e9", "a,b", "a@b"]


def parts_of(line: str, end: str) -> tuple[str, str, str]:
    head, _, tail = line.partition(end)
    return head, end, "".join(tail.partition(";")[1:])


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("name", ["From", "To"])
def test_one_verdict_serves_all_tags(name: str, head: str) -> None:
    judge = Judge(standard(), automata("ordinary"))
    start = automata("ordinary").start(name)
    for rest in RESTS:
        for tag in [*TAGS, *TAGS]:
            line = f"{name}: {head};tag={tag}{rest}"
            text = line.partition(":")[2]
            value = text.encode()
            found = judge.fresh_tail(name, start, line, parts_of(line, ";tag="))[1]
            wanted = judged(standard(), name, name, text, value)
            if automata("ordinary").matches(name, value):
                assert found is ORDINARY, line
                # Whatever rule asks, it has nothing to say.
                assert wanted[1:] == ORDINARY[1:], line
            else:
                assert found[1:] == wanted[1:], line


@pytest.mark.parametrize(
    "before",
    [
        "SIP/2.0/UDP h.example",
        "SIP/2.0/UDP h.example:5070;rport",
        "SIP/2.0/TCP h.example;received=192.0.2.1;received=192.0.2.2",
        "SIP/2.0/UDP h_x.example",
        "SIP/3.0/UDP h.example",
    ],
)
def test_branches(before: str) -> None:
    judge = Judge(standard(), automata("ordinary"))
    start = automata("ordinary").start("Via")
    for rest in (
        "",
        ";rport",
        ";rport=1;received=192.0.2.1",
        ";branch=z9hG4bKx",
        ", SIP/2.0/UDP b",
    ):
        for branch in ("1", "a.b", "", "\u00e9", "a b", "1" * 300, "a@b"):
            for _ in range(10):
                line = f"Via: {before};branch=z9hG4bK{branch}{rest}"
                text = line.partition(":")[2]
                parts = parts_of(line, ";branch=z9hG4bK")
                found = judge.fresh_tail("Via", start, line, parts)[1]
                wanted = judged(standard(), "Via", "Via", text, text.encode())
                assert found[1:] == wanted[1:], line


def test_octets_that_are_not_utf8_are_not_ordinary() -> None:
    judge = Judge(standard(), automata("ordinary"))
    start = automata("ordinary").start("To")
    for line in ("To: <sip:a@b\udcff>;tag=x", "To: <sip:a@b>;tag=\udcff", "To: \udcff"):
        head, end, rest = parts_of(line, ";tag=")
        assert judge.fresh_tail("To", start, line, (head, end, rest))[1].refusal is not None
        assert judge.fresh("To", start, line).refusal is not None
