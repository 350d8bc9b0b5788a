"""Every automaton is the one that derivatives of the rules give: no sentence apart."""

from __future__ import annotations

from functools import cache

import pytest

from sipgen.codegen.model import (
    Alternation,
    Difference,
    Literal,
    Node,
    OctetClass,
    Reference,
    Repetition,
    Sequence,
)
from tests.codegen.oracles.compiled import LANGUAGES, compiled, entry_names
from tests.codegen.oracles.derivatives import Derivatives
from tests.codegen.oracles.walks import AutomatonMachine, DerivativeMachine, first_in_one_only

pytestmark = pytest.mark.oracle


@cache
def derivatives(language: str) -> Derivatives:
    """The terms of a language, shared between its entries."""
    made = compiled(language).language
    return Derivatives(made.rules, made.alphabet.classes)


@pytest.mark.parametrize("entry", entry_names())
@pytest.mark.parametrize("language", LANGUAGES)
def test_automaton_is_what_derivatives_give(language: str, entry: str) -> None:
    made = compiled(language)
    node = next(item.node for item in made.language.entries if item.name == entry)
    octets = [min(members) for members in made.language.alphabet.classes]
    apart = first_in_one_only(
        AutomatonMachine(made.automata[entry], made.language.alphabet, octets),
        DerivativeMachine(derivatives(language), node),
        octets,
    )
    assert apart is None


def _accepts(node: Node, sentence: bytes) -> bool:
    machine = Derivatives({}, [frozenset({octet}) for octet in range(256)])
    state = machine.start(node)
    for octet in sentence:
        state = machine.step(state)[octet]
    return machine.nullable(state)


_A, _B = Literal("a"), OctetClass(frozenset(b"b"))


@pytest.mark.parametrize(
    ("node", "inside", "outside"),
    [
        (Literal("aB"), ["ab", "AB", "aB"], ["", "a", "abb"]),
        (Literal("aB", case_sensitive=True), ["aB"], ["ab", "AB"]),
        (Sequence(()), [""], ["a"]),
        (Alternation(()), [], ["", "a"]),
        (Repetition(0, None, Alternation((_A, Sequence(())))), ["", "aaa"], ["b", "ab"]),
        (Repetition(2, 3, _A), ["aa", "aaa"], ["", "a", "aaaa"]),
        (Repetition(2, None, _A), ["aa", "aaaaa"], ["", "a"]),
        (Repetition(0, 2, Sequence((_A, _B))), ["", "ab", "abab"], ["a", "ababab"]),
        (Difference(Repetition(0, None, _A), _A), ["", "aa"], ["a", "b"]),
        (
            Sequence((Difference(Repetition(1, None, _A), Literal("aa")), _B)),
            ["ab", "aaab"],
            ["aab", "b", "a"],
        ),
        (
            Difference(_A, Repetition(0, None, OctetClass(frozenset(range(256))))),
            [],
            ["", "a", "b"],
        ),
    ],
)
def test_derivatives_accept_by_definition(
    node: Node, inside: list[str], outside: list[str]
) -> None:
    assert [text for text in inside if not _accepts(node, text.encode())] == []
    assert [text for text in outside if _accepts(node, text.encode())] == []


def test_derivatives_refuse_classes_that_a_rule_tears() -> None:
    torn = Derivatives({}, [frozenset(range(128)), frozenset(range(128, 256))])
    with pytest.raises(ValueError, match="torn"):
        torn.start(_B)
    with pytest.raises(ValueError, match="partition"):
        Derivatives({}, [frozenset(range(255))])


def test_derivatives_know_no_prose_and_no_unknown_rule() -> None:
    with pytest.raises(KeyError):
        _accepts(Reference("nowhere"), b"")
