"""Tables too large for the RFCs' form: wider numbers, and what has no form."""

from __future__ import annotations

import pytest

from sipgen.codegen.automata import Alphabet
from sipgen.codegen.minimisation import Joint
from sipgen.codegen.packing import packed_automata
from sipgen.errors import GrammarError
from sipgen.language.automata import Automata


def alphabet(octets: int) -> Alphabet:
    return Alphabet(frozenset({octet}) for octet in range(octets))


@pytest.mark.parametrize("length", [10, 70_000])
def test_states_of_any_number(length: int) -> None:
    """A row of one letter, ``length`` long, and nothing else."""
    letters = alphabet(1)
    symbol = letters.class_map[0]
    rows = [{symbol: state + 1} for state in range(length)] + [{}]
    machine = Automata(packed_automata(Joint(rows, frozenset({length}), {"row": 0}), letters))
    machine.check()
    assert machine.matches("row", bytes(length))
    assert not machine.matches("row", bytes(length - 1))
    assert not machine.matches("row", bytes(length + 1))
    assert machine.failure("row", bytes(length - 1) + b"x")[0] == length - 1


def test_more_ways_than_an_octet_can_number_are_refused() -> None:
    letters = alphabet(256)
    rows = [{symbol: symbol + 1 for symbol in range(256)}]
    rows += [{symbol: symbol} for symbol in range(256)]
    with pytest.raises(GrammarError, match="more than 254 kinds of octets"):
        packed_automata(Joint(rows, frozenset({256}), {"all": 0}), letters)
