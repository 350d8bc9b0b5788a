"""What each automaton state expects, in the words of the grammar.

An automaton alone can say which octets are possible; a person wants to know which rule
the value is in and what that rule allows next. So each entry point is expanded, rule by
rule, into a non-deterministic automaton whose arcs remember the path of rules that they
stand in, and the pairs (state of the expansion, state of the minimal automaton) that
some text leads to are walked once. What meets in one state of the minimal automaton is
then put in words: the deepest rule that all paths share, and what each expects below it.

Walking pairs instead of subsets is what makes it fast: the pairs of the largest header
number some ten thousand, its subsets of paths many millions.
"""

from __future__ import annotations

from sipgen.codegen.automata import MAX_PARTS, Automaton, Compiler
from sipgen.codegen.budget import ExplosionError, OverflowingError
from sipgen.codegen.grammar import Entry
from sipgen.codegen.languages import Language, written_name
from sipgen.codegen.minimisation import Joint
from sipgen.codegen.rules import (
    Alternation,
    Difference,
    Literal,
    Node,
    OctetClass,
    Prose,
    Reference,
    Repetition,
    Sequence,
)
from sipgen.codegen.wording import Hint, Label, Wording, octets_text

__all__ = ["diagnose"]

_SHOWN = 60
"""Characters of a literal that a hint shows."""


class _Expansion:
    """An entry point with every reference followed, arcs labelled."""

    def __init__(self, language: Language, compiler: Compiler, wording: Wording) -> None:
        self.rules = language.rules
        self.compiler = compiler
        self.empty: list[list[int]] = []
        self.arcs: list[list[tuple[tuple[int, ...], int, Label]]] = []
        self.wording = wording
        self._closed: dict[int, list[tuple[tuple[int, ...], int, Label]]] = {}

    def state(self) -> int:
        if not len(self.empty) % 1000:
            self.compiler.allow(len(self.empty) // MAX_PARTS, 1000)
        self.empty.append([])
        self.arcs.append([])
        return len(self.empty) - 1

    def add(self, node: Node, path: tuple[str, ...], start: int, end: int) -> None:
        match node:
            case Literal(text, case_sensitive):
                self._literal(text, path, start, end, case_sensitive=case_sensitive)
            case OctetClass(octets):
                symbols = self.compiler.alphabet.symbols(octets)
                self.arcs[start].append((symbols, end, Label(path, octets_text(octets))))
            case Sequence(items):
                for item in items:
                    following = self.state()
                    self.add(item, path, start, following)
                    start = following
                self.empty[start].append(end)
            case Alternation(items):
                for item in items:
                    self._branch(item, path, start, end)
            case Repetition(minimum, maximum, item):
                self._repeat(minimum, maximum, item, path, start, end)
            case Reference(name):
                below = (*path, written_name(self.rules[name].name))
                if self.wording.is_leaf(name):
                    self._splice(self.compiler.rule(name), below, start, end)
                else:
                    self.add(self.rules[name].node, below, start, end)
            case Difference(left, _):
                below = (*path, written_name(left.name)) if isinstance(left, Reference) else path
                self._splice(self.compiler.automaton(node), below, start, end)
            case Prose(_):  # pragma: no cover - refused when the grammar is checked
                raise TypeError(node)

    def _branch(self, item: Node, path: tuple[str, ...], start: int, end: int) -> None:
        first = self.state()
        self.empty[start].append(first)
        self.add(item, path, first, end)

    def _literal(
        self, text: str, path: tuple[str, ...], start: int, end: int, *, case_sensitive: bool
    ) -> None:
        for i, character in enumerate(text):
            octets = {ord(character)}
            if not case_sensitive:
                octets = {ord(character.lower()), ord(character.upper())}
            following = self.state()
            symbols = self.compiler.alphabet.symbols(frozenset(octets))
            self.arcs[start].append(
                (symbols, following, Label(path, _quoted(text[i : i + _SHOWN + 1])))
            )
            start = following
        self.empty[start].append(end)

    def _repeat(
        self,
        minimum: int,
        maximum: int | None,
        item: Node,
        path: tuple[str, ...],
        start: int,
        end: int,
    ) -> None:
        for _ in range(minimum):
            following = self.state()
            self.add(item, path, start, following)
            start = following
        if maximum is None:
            loop = self.state()
            self.empty[start].append(loop)
            self.add(item, path, loop, loop)
            self.empty[loop].append(end)
            return
        for _ in range(maximum - minimum):
            following = self.state()
            self.empty[start].append(end)
            self.add(item, path, start, following)
            start = following
        self.empty[start].append(end)

    def _splice(self, part: Automaton, path: tuple[str, ...], start: int, end: int) -> None:
        states = [self.state() for _ in part.rows]
        if not states:
            return
        label = Label(path, "")
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

    def closed_arcs(self, state: int) -> list[tuple[tuple[int, ...], int, Label]]:
        """The arcs that leave ``state`` after any number of empty transitions."""
        found = self._closed.get(state)
        if found is None:
            pending = [state]
            seen = {state}
            for here in pending:
                for there in self.empty[here]:
                    if there not in seen:
                        seen.add(there)
                        pending.append(there)
            self.compiler.allow(0, len(pending))
            found = self._closed[state] = [arc for here in pending for arc in self.arcs[here]]
        return found


def _quoted(text: str) -> str:
    return f'"{text}"' if len(text) <= _SHOWN else f'"{text[:_SHOWN]}..."'


def diagnose(language: Language, compiler: Compiler, entry: Entry, joint: Joint) -> dict[int, Hint]:
    """The hint of every joint state that ``entry`` leads to.

    :raises GrammarError: if that takes more than the compiler allows.
    """
    wording = Wording(language.rules)
    try:
        labels = _labels(_Expansion(language, compiler, wording), entry, joint)
    except OverflowingError as error:
        raise ExplosionError(language.rules[entry.rule], str(error)) from None
    return {
        state: wording.hint(found, entry, ends=state in joint.accepting)
        for state, found in sorted(labels.items())
    }


def _labels(expansion: _Expansion, entry: Entry, joint: Joint) -> dict[int, set[Label]]:
    """What the paths into each joint state are about to expect."""
    start, end = expansion.state(), expansion.state()
    expansion.add(entry.node, (entry.rule,), start, end)
    first = (start, joint.starts[entry.name])
    seen = {first}
    pending = [first]
    labels: dict[int, set[Label]] = {}
    for state, minimal in pending:
        row = joint.rows[minimal]
        here = labels.setdefault(minimal, set())
        arcs = expansion.closed_arcs(state)
        expansion.compiler.allow(0, 1 + len(arcs))
        for symbols, target, label in arcs:
            here.add(label)
            for following in {row[symbol] for symbol in symbols if symbol in row}:
                pair = (target, following)
                if pair not in seen:
                    seen.add(pair)
                    pending.append(pair)
    return labels
