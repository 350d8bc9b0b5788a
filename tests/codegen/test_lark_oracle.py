"""The automata and the Lark grammar of the same rules take the same strings.

The strings are sentences of the automaton, sentences with one slip, texts that go wrong
at a given state, and long or folded white space wherever white space can stand.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from functools import cache

import pytest
from lark import Lark
from lark.exceptions import UnexpectedInput

from sipgen.codegen.larkgrammar import lark_grammar, start_name
from tests.codegen.oracles.compiled import compiled, entry_names, grammar
from tests.codegen.oracles.sentences import Sampler, one_edit

pytestmark = pytest.mark.oracle

_SENTENCES = 300
_NEAR_MISSES = 100
_LONGEST = 60
_LEAST_STRINGS = 200
_SECONDS = 1.0

_BLANKS = [b" " * 200, b"\t " * 100, b" \t\r\n" + b" " * 200]
_FOLDS = [b"\r\n " * times for times in (1, 2, 3, 20)]


@cache
def _lark() -> Lark:
    made = compiled("abnf")
    return Lark(
        lark_grammar(grammar(), made.language, made.compiler),
        parser="earley",
        lexer="dynamic",
        keep_all_tokens=True,
        maybe_placeholders=False,
        start=[start_name(entry) for entry in made.language.entries],
    )


def _lark_takes(entry: str, value: bytes) -> bool:
    start = next(start_name(e) for e in compiled("abnf").language.entries if e.name == entry)
    try:
        _lark().parse(value.decode("latin-1"), start=start)
    except UnexpectedInput:
        return False
    return True


def _disagreements(entry: str, values: Iterable[bytes]) -> list[bytes]:
    made = compiled("abnf")
    return [v for v in values if made.matches(entry, v) != _lark_takes(entry, v)]


def _sampler(entry: str) -> Sampler:
    made = compiled("abnf")
    return Sampler(made.automata[entry], made.language.alphabet.classes, entry)


@pytest.mark.parametrize("entry", entry_names())
def test_lark_agrees_on_sentences_and_slips(entry: str) -> None:
    sampler = _sampler(entry)
    chance = random.Random(entry)  # noqa: S311 - sampling, not secrecy
    sentences = [
        sampler.sentence(10 + number % _LONGEST, over_a_rare_arc=number % 2 == 0)
        for number in range(_SENTENCES)
    ]
    slips = [one_edit(sentence, chance) for sentence in sentences]
    misses = [sampler.near_miss() for _ in range(_NEAR_MISSES)]
    values = dict.fromkeys(sentences + slips + misses)
    made = compiled("abnf")
    assert all(made.matches(entry, sentence) for sentence in sentences)
    assert len(values) >= _LEAST_STRINGS
    assert not all(made.matches(entry, value) for value in values)
    assert _disagreements(entry, values) == []


@pytest.mark.parametrize("entry", entry_names())
def test_white_space_stays_fast_and_agrees(entry: str) -> None:
    sampler = _sampler(entry)
    class_map = compiled("abnf").language.alphabet.class_map
    values = [
        sampler.around(place, run, class_map)
        for place in sampler.places_taking(ord(" "), at_most=6)
        for run in (*_BLANKS, *_FOLDS)
    ]
    slow = []
    for value in values:
        # Once more if it was slow: a full garbage collection may have come in between.
        for _ in range(2):
            begin = time.process_time()
            assert _disagreements(entry, [value]) == []
            taken = time.process_time() - begin
            if taken <= _SECONDS:
                break
        if taken > _SECONDS:
            slow.append(value)
    assert slow == []


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("Subject", b" one\r\n \r\n \r\n two"),
        ("Server", b" SIP/1 (a\r\n \r\n\t\r\n b)\r\n  (c)"),
        ("Server", b" SIP/1" + b" " * 200 + b"(a" + b" " * 200 + b")" + b" " * 200),
        ("From", b' "a\r\n \r\n b"\r\n <sip:a@b>\r\n \r\n ;tag=1'),
        ("From", b' "' + b" " * 200 + b'"' + b" " * 200 + b"<sip:a@b>" + b" " * 200 + b";tag=1"),
        ("Via", b"SIP / 2.0\r\n / UDP\r\n a\r\n : 5060\r\n ;\r\n ttl\r\n =\r\n 1"),
        ("Contact", b"\r\n <sip:a@b>\r\n ,\r\n <sip:c@d>\r\n ;\r\n q\r\n =\r\n 0.5"),
        ("Warning", b'301 a "' + b"\r\n " * 100 + b'"'),
    ],
)
def test_folds_in_a_row_are_taken_by_both(entry: str, value: bytes) -> None:
    begin = time.process_time()
    assert _lark_takes(entry, value)
    assert time.process_time() - begin < _SECONDS
    assert compiled("abnf").matches(entry, value)


def test_a_run_of_blanks_does_not_cost_more_than_its_length() -> None:
    def seconds(blanks: int) -> float:
        value = b'"a"' + b" " * blanks + b"<sip:a@b>" + b" " * blanks + b";tag=1"
        begin = time.process_time()
        for _ in range(5):
            assert _lark_takes("From", value)
        return time.process_time() - begin

    seconds(10)
    assert seconds(400) < 10 * seconds(100)
