"""A node as a non-deterministic automaton, as Thompson builds it.

The subset construction makes a deterministic automaton of it: for that a rule is compiled
once and spliced into its users in minimal form. A hint needs to know which rules an arc is
part of: for that every rule is expanded, and each arc has a label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipgen.codegen.model import (
    Alternation,
    Difference,
    Literal,
    Node,
    OctetClass,
    Prose,
    Reference,
    Repetition,
    Sequence,
    written_name,
)
from sipgen.codegen.wording import Label, Wording, octets_text
from sipgen.errors import GrammarError

if TYPE_CHECKING:
    from sipgen.codegen.automata import Automaton, Compiler

__all__ = ["MAX_PARTS", "NFA", "Arc", "letter"]

MAX_PARTS = 10
"""Parts, for each state that an automaton may have, that a rule may be put together from."""

Arc = tuple[tuple[int, ...], int, Label]
"""Symbols, the state that they lead to, and where in the grammar that is."""

_SHOWN = 60
"""Characters of a literal that a hint shows."""

_NOWHERE = Label((), "")


def letter(character: str, *, case_sensitive: bool) -> frozenset[int]:
    """The octets that a character of a literal stands for."""
    if case_sensitive:
        return frozenset({ord(character)})
    return frozenset({ord(character.lower()), ord(character.upper())})


class NFA:
    """A non-deterministic automaton with empty transitions."""

    def __init__(self, compiler: Compiler, wording: Wording | None = None) -> None:
        """Begin without any state.

        :param compiler: compiles what is spliced in, and limits the number of states.
        :param wording: for labels; it says which rules are not expanded.
        """
        self.compiler = compiler
        self.empty: list[list[int]] = []
        self.arcs: list[list[Arc]] = []
        self._wording = wording

    def state(self) -> int:
        """A new state."""
        number = len(self.empty)
        if not number % 1000:
            self.compiler.allow(number // MAX_PARTS, 1000)
        self.empty.append([])
        self.arcs.append([])
        return number

    def add(self, node: Node, start: int, end: int, path: tuple[str, ...] = ()) -> None:
        """Add what leads from ``start`` to ``end`` over the sentences of ``node``.

        :param path: the rules from the entry down to ``node``.
        """
        match node:
            case Literal(text, case_sensitive):
                self._literal(text, start, end, path, case_sensitive=case_sensitive)
            case OctetClass(octets):
                label = Label(path, octets_text(octets)) if self._wording else _NOWHERE
                self.arcs[start].append((self.compiler.alphabet.symbols(octets), end, label))
            case Sequence(items):
                for item in items:
                    following = self.state()
                    self.add(item, start, following, path)
                    start = following
                self.empty[start].append(end)
            case Alternation(items):
                for item in items:
                    first = self.state()
                    self.empty[start].append(first)
                    self.add(item, first, end, path)
            case Repetition(minimum, maximum, item):
                self._repeat(minimum, maximum, item, start, end, path)
            case Reference(name):
                below = (*path, written_name(self.compiler.grammar[name].name))
                if self._wording and not self._wording.is_leaf(name):
                    self.add(self.compiler.grammar[name].node, start, end, below)
                else:
                    self._splice(self.compiler.rule(name), start, end, below)
            case Difference(left, _):
                below = (*path, written_name(left.name)) if isinstance(left, Reference) else path
                self._splice(self.compiler.automaton(node), start, end, below)
            case Prose(text):
                raise GrammarError(f"<{text}> is prose: no automaton can be made of it")

    def _literal(
        self, text: str, start: int, end: int, path: tuple[str, ...], *, case_sensitive: bool
    ) -> None:
        for at, character in enumerate(text):
            following = self.state()
            octets = letter(character, case_sensitive=case_sensitive)
            symbols = self.compiler.alphabet.symbols(octets)
            label = Label(path, _quoted(text[at : at + _SHOWN + 1])) if self._wording else _NOWHERE
            self.arcs[start].append((symbols, following, label))
            start = following
        self.empty[start].append(end)

    def _repeat(
        self,
        minimum: int,
        maximum: int | None,
        item: Node,
        start: int,
        end: int,
        path: tuple[str, ...],
    ) -> None:
        for _ in range(minimum):
            following = self.state()
            self.add(item, start, following, path)
            start = following
        if maximum is None:
            loop = self.state()
            self.empty[start].append(loop)
            self.add(item, loop, loop, path)
            self.empty[loop].append(end)
            return
        for _ in range(maximum - minimum):
            following = self.state()
            self.empty[start].append(end)
            self.add(item, start, following, path)
            start = following
        self.empty[start].append(end)

    def _splice(self, part: Automaton, start: int, end: int, path: tuple[str, ...]) -> None:
        states = [self.state() for _ in part.rows]
        if not states:
            return
        label = Label(path, "") if self._wording else _NOWHERE
        self.empty[start].append(states[0])
        for state, row in zip(states, part.rows, strict=True):
            by_target: dict[int, list[int]] = {}
            for symbol, target in row.items():
                by_target.setdefault(target, []).append(symbol)
            self.arcs[state] += [
                (tuple(symbols), states[target], label) for target, symbols in by_target.items()
            ]
        for accepting in part.accepting:
            self.empty[states[accepting]].append(end)


def _quoted(text: str) -> str:
    return f'"{text}"' if len(text) <= _SHOWN else f'"{text[:_SHOWN]}..."'
