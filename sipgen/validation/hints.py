"""What an automaton state expects, as computed when the grammar was generated."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from sipgen.validation.automata import automata

__all__ = ["END", "Hint", "hint"]

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


class _Hints:
    """The generated hints, unpacked; the states of an entry when it is first asked for."""

    def __init__(self) -> None:
        # Needed only where a value failed.
        import json  # noqa: PLC0415
        import zlib  # noqa: PLC0415
        from base64 import b64decode  # noqa: PLC0415

        from sipgen.generated.hints import HINTS  # noqa: PLC0415

        packed = json.loads(zlib.decompress(b64decode(HINTS)))
        sources = packed["sources"]
        self._hints = []
        for rule, expected in packed["hints"]:
            rfc, section = sources.get(rule, (None, None))
            self._hints.append(Hint(rule, rfc, section, tuple(expected)))
        self._numbers: dict[str, list[int]] = packed["states"]
        self._states: dict[str, dict[int, Hint]] = {}

    def of(self, entry: str, state: int) -> Hint:
        states = self._states.get(entry)
        if states is None:
            reachable = automata("strict").reachable(entry)
            numbers = self._numbers[entry]
            states = {
                number: self._hints[hint] for number, hint in zip(reachable, numbers, strict=True)
            }
            self._states[entry] = states
        return states[state]


@cache
def _hints() -> _Hints:
    return _Hints()


def hint(entry: str, state: int) -> Hint:
    """What ``state`` of the strict automaton of ``entry`` expects.

    :param entry: a header name with a rule of its own, ``extension-header``, a start line
        or a URI rule.
    :param state: a state number as :meth:`Automata.failure` gives it.
    """
    return _hints().of(entry, state)
