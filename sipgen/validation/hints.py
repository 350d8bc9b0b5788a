"""What an automaton state expects, as computed when the grammar was generated."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from sipgen.automata import Automata, automata

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
    """What the states of strict automata expect; those of an entry when first asked for."""

    def __init__(self, packed: str, strict: Automata) -> None:
        """Unpack what ``sipgen.codegen.packing.packed_hints`` made for ``strict``."""
        # Needed only where a value failed.
        import json  # noqa: PLC0415
        import zlib  # noqa: PLC0415
        from base64 import b64decode  # noqa: PLC0415

        unpacked = json.loads(zlib.decompress(b64decode(packed)))
        sources: dict[str, list[Any]] = unpacked["sources"]
        self._sources = sources
        self._parameters: dict[str, dict[str, list[str]]] = unpacked["parameters"]
        self._strict = strict
        self._hints = []
        for rule, expected in unpacked["hints"]:
            rfc, section = sources.get(rule, (None, None))
            self._hints.append(Hint(rule, rfc, section, tuple(expected)))
        self._numbers: dict[str, list[int]] = unpacked["states"]
        self._states: dict[str, dict[int, Hint]] = {}

    @property
    def rules(self) -> list[str]:
        """Names of the rules that hints name, as their RFC writes them."""
        return list(self._sources)

    def check(self, entries: Iterable[str]) -> None:
        """Make sure that every state of ``entries`` has a hint, and all are of texts.

        :raises ValueError: if not: the table is damaged.
        """
        texts: list[object] = [text for hint in self._hints for text in (hint.rule, *hint.expected)]
        texts += [section for _, section in self._sources.values() if section is not None]
        texts += self._parameters
        for rules in self._parameters.values():
            texts += rules
            texts += [above for names in rules.values() for above in names]
        numbers: list[object] = [rfc for rfc, _ in self._sources.values() if rfc is not None]
        sound = (
            all(isinstance(text, str) and text for text in texts)
            and all(isinstance(number, int) for number in numbers)
            and self._numbers.keys() == set(entries)
            and all(
                0 <= number < len(self._hints) for of in self._numbers.values() for number in of
            )
        )
        if not sound:
            raise ValueError("a table of hints is damaged")
        for entry, states in self._numbers.items():
            if len(states) != len(self._strict.reachable(entry)):
                raise ValueError("states and hints differ")

    def of(self, entry: str, state: int) -> Hint:
        """What ``state`` of the strict automaton of ``entry`` expects.

        :param entry: a header name with a rule of its own, ``extension-header``, a start
            line or a URI rule.
        :param state: a state number as :meth:`Automata.failure` gives it.
        """
        states = self._states.get(entry)
        if states is None:
            reachable = self._strict.reachable(entry)
            numbers = self._numbers[entry]
            states = {
                number: self._hints[hint] for number, hint in zip(reachable, numbers, strict=True)
            }
            self._states[entry] = states
        return states[state]

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
    from sipgen.generated.hints import HINTS  # noqa: PLC0415 - see Hints

    return Hints(HINTS, automata("strict"))
