"""What an automaton state expects, as computed when the grammar was generated."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from sipgen.language.automata import Automata
from sipgen.language.unpacking import numbers_in, octets_in

__all__ = ["END", "Hint", "Hints", "hints"]

END = "the end of the value"
"""Stands among the expectations where the value could have ended."""


class Hint(NamedTuple):
    """What may stand where a value goes wrong."""

    rule: str
    """The deepest ABNF rule that the value is in for certain."""
    rfc: int | None
    """The RFC that holds the rule, and its section."""
    section: str | None
    expected: tuple[str, ...]
    """Rule names, quoted literals, or :data:`END`."""


class Hints:
    """What the states of strict automata expect."""

    def __init__(self, packed: Mapping[str, Any]) -> None:
        """Unpack what ``sipgen.codegen.packing.packed_hints`` made."""
        # Needed only where a value failed.
        import json  # noqa: PLC0415

        texts = json.loads(octets_in(packed["TEXTS"]))
        self._sources: dict[str, list[Any]] = texts["sources"]
        self._parameters: dict[str, dict[str, list[str]]] = texts["parameters"]
        self._hints: list[tuple[str, list[str]]] = texts["hints"]
        # Of each entry the states, ascending, and beside each the number of its hint.
        self._states = numbers_in(packed["STATES"], packed["BITS"])
        self._numbers = numbers_in(packed["NUMBERS"], packed["BITS"])
        self._places: dict[str, tuple[int, int]] = {}
        first = 0
        for entry, size in packed["SIZES"].items():
            self._places[entry] = first, first + size
            first += size

    @property
    def rules(self) -> list[str]:
        """Names of the rules that hints name, as their RFC writes them."""
        return list(self._sources)

    def check(self, strict: Automata) -> None:
        """Make sure that every state of ``strict`` has a hint, and all are of texts.

        :raises ValueError: if not: the table is damaged.
        """
        texts: list[object] = [text for rule, expected in self._hints for text in (rule, *expected)]
        texts += [section for _, section in self._sources.values() if section is not None]
        texts += self._parameters
        for rules in self._parameters.values():
            texts += rules
            texts += [above for names in rules.values() for above in names]
        numbers: list[object] = [rfc for rfc, _ in self._sources.values() if rfc is not None]
        sound = (
            all(isinstance(text, str) and text for text in texts)
            and all(isinstance(number, int) for number in numbers)
            and self._places.keys() == strict.starts.keys()
            and len(self._states) == len(self._numbers)
            and max(self._numbers) < len(self._hints)
        )
        if not sound:
            raise ValueError("a table of hints is damaged")
        for entry, (first, past) in self._places.items():
            if self._states[first:past].tolist() != strict.reachable(entry):
                raise ValueError("states and hints differ")

    def of(self, entry: str, state: int) -> Hint:
        """What ``state`` of the strict automaton of ``entry`` expects.

        :param entry: a header name with a rule of its own, ``extension-header``, a start
            line or a URI rule.
        :param state: a state number as :meth:`Automata.failure` gives it.
        """
        first, past = self._places[entry]
        place = bisect_left(self._states, state, first, past)
        if place == past or self._states[place] != state:
            raise KeyError(state)
        rule, expected = self._hints[self._numbers[place]]
        rfc, section = self._sources.get(rule, (None, None))
        return Hint(rule, rfc, section, tuple(expected))

    def within(self, name: str, hint: Hint) -> Hint:
        """A hint about the parameter ``name`` (lower case), which the value goes wrong in.

        A state forgets which of several parameters led to it; so its hint may name what
        holds them all. The hint stays as it is unless one rule below it has the name.
        """
        rules = [
            rule for rule, above in self._parameters.get(name, {}).items() if hint.rule in above
        ]
        if len(rules) != 1:
            return hint
        rfc, section = self._sources.get(rules[0], (None, None))
        texts = tuple(text for text in hint.expected if text[0] in '"%' or text == END)
        return Hint(rules[0], rfc, section, (rules[0], *texts))


@cache
def hints() -> Hints:
    """The hints of the RFCs' grammar, unpacked once."""
    from sipgen.generated import hints as generated  # noqa: PLC0415 - needed where a value failed

    return Hints(vars(generated))
