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

from collections.abc import Iterable
from typing import NamedTuple

from sipgen.codegen.automata import MAX_PARTS, Automaton, Compiler, ExplosionError, exploding
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
    RuleSet,
    Sequence,
    references,
)

__all__ = ["END", "Hint", "diagnose"]

END = "the end of the value"
"""Stands among the expectations where the value could have ended."""

_WHITE_SPACE = frozenset({"lws", "sws"})


class Hint(NamedTuple):
    """What a state expects."""

    rule: str
    """The deepest rule that the value is in for certain."""
    expected: tuple[str, ...]
    """What may come next: rule names, quoted literals, :data:`END`."""


class _Label(NamedTuple):
    path: tuple[str, ...]
    """Rules from the entry down to where the arc stands."""
    what: str
    """The arc itself, where it stands directly in the last of them."""


class _Expansion:
    """An entry point with every reference followed, arcs labelled."""

    def __init__(self, language: Language, compiler: Compiler) -> None:
        self.rules = language.rules
        self.compiler = compiler
        self.empty: list[list[int]] = []
        self.arcs: list[list[tuple[tuple[int, ...], int, _Label]]] = []
        self._leaves: dict[str, bool] = {}
        self._closed: dict[int, list[tuple[tuple[int, ...], int, _Label]]] = {}

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
                self.arcs[start].append((symbols, end, _Label(path, _octets(octets))))
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
                if self._is_leaf(name):
                    self._splice(self.compiler.rule(name), below, start, end)
                else:
                    self.add(self.rules[name].node, below, start, end)
            case Difference(left, _):
                below = (*path, _name_of(left))
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
            self.arcs[start].append((symbols, following, _Label(path, f'"{text[i:]}"')))
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
        label = _Label(path, "")
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

    def _is_leaf(self, name: str) -> bool:
        """Whether a rule explains itself by its name: made of single octets only."""
        key = name.lower()
        if key not in self._leaves:
            self._leaves[key] = key in _WHITE_SPACE or all(
                _is_single_octet(Reference(ref.name), self.rules)
                for ref in references(self.rules[name].node)
            )
        return self._leaves[key]

    def closed_arcs(self, state: int) -> list[tuple[tuple[int, ...], int, _Label]]:
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
            found = self._closed[state] = [arc for here in pending for arc in self.arcs[here]]
        return found


def diagnose(language: Language, compiler: Compiler, entry: Entry, joint: Joint) -> dict[int, Hint]:
    """The hint of every joint state that ``entry`` leads to.

    :raises GrammarError: if that takes more than the compiler allows.
    """
    try:
        labels = _labels(language, compiler, entry, joint)
    except ExplosionError as error:
        raise exploding(language.rules[entry.rule], error) from None
    names: dict[str, str] = {}
    return {
        state: _hint(found, names, language.rules, entry, ends=state in joint.accepting)
        for state, found in sorted(labels.items())
    }


def _labels(
    language: Language, compiler: Compiler, entry: Entry, joint: Joint
) -> dict[int, set[_Label]]:
    """What the paths into each joint state are about to expect."""
    expansion = _Expansion(language, compiler)
    start, end = expansion.state(), expansion.state()
    expansion.add(entry.node, (entry.rule,), start, end)
    first = (start, joint.starts[entry.name])
    seen = {first}
    pending = [first]
    labels: dict[int, set[_Label]] = {}
    for state, minimal in pending:
        compiler.allow(0, 1)
        row = joint.rows[minimal]
        here = labels.setdefault(minimal, set())
        for symbols, target, label in expansion.closed_arcs(state):
            here.add(label)
            for following in {row[symbol] for symbol in symbols if symbol in row}:
                pair = (target, following)
                if pair not in seen:
                    seen.add(pair)
                    pending.append(pair)
    return labels


def _hint(
    labels: Iterable[_Label], names: dict[str, str], rules: RuleSet, entry: Entry, *, ends: bool
) -> Hint:
    telling = [label for label in labels if not _WHITE_SPACE & {n.lower() for n in label.path}]
    telling = telling or list(labels)
    paths = [label.path for label in telling] or [(entry.rule,)]
    common = _shared(paths)
    while len(common) > 1 and _is_trivial(common[-1], names, rules):
        common = common[:-1]
    tail = _shared([path[len(common) :][::-1] for path in paths])
    if tail:
        expected = {_shown(tail[-1], names, rules)}
    else:
        expected = {_next(label, len(common), names, rules) for label in telling}
    expected.discard("")
    if not expected and labels:
        expected = {_shown(common[-1], names, rules)}
    return Hint(common[-1], (*sorted(expected), *([END] if ends else ())))


def _next(label: _Label, depth: int, names: dict[str, str], rules: RuleSet) -> str:
    """What an arc expects, told from ``depth`` rules down: a separator by its text."""
    last = label.path[-1]
    if last in rules and not rules[last].core:
        text = _shown(last, names, rules)
        if text != last and not any(map(str.isalnum, text)):
            return text
    return _shown(label.path[depth], names, rules) if len(label.path) > depth else label.what


def _shared(paths: list[tuple[str, ...]]) -> tuple[str, ...]:
    """What all ``paths`` begin with."""
    common = paths[0]
    for path in paths:
        length = 0
        while length < min(len(common), len(path)) and common[length] == path[length]:
            length += 1
        common = common[:length]
    return common


def _is_trivial(name: str, names: dict[str, str], rules: RuleSet) -> bool:
    """Whether a rule says nothing about where one is: a separator, a core rule."""
    return name in rules and (rules[name].core or _shown(name, names, rules) != name)


def _shown(name: str, names: dict[str, str], rules: RuleSet) -> str:
    """A rule as an expectation: its text where it is one, its name otherwise."""
    found = names.get(name)
    if found is None:
        text = _constant(Reference(name), rules) if name in rules else None
        # A quotation mark in quotation marks is hard to read: DQUOTE, as the RFC writes.
        found = names[name] = f'"{text}"' if text and text != '"' else name
    return found


def _constant(node: Node, rules: RuleSet) -> str | None:
    """The one text of ``node``, white space around it aside; ``None`` if there is a choice."""
    match node:
        case Literal(text):
            return text
        case OctetClass(octets) if len(octets) == 1:
            return chr(min(octets))
        case Sequence(items):
            parts = [
                _constant(item, rules)
                for item in items
                if not (isinstance(item, Reference) and item.name.lower() in _WHITE_SPACE)
            ]
            return None if None in parts else "".join(part for part in parts if part)
        case Reference(name):
            return None if name.lower() in _WHITE_SPACE else _constant(rules[name].node, rules)
        case _:
            return None


def _is_single_octet(node: Node, rules: RuleSet) -> bool:
    match node:
        case OctetClass():
            return True
        case Literal(text):
            return len(text) == 1
        case Alternation(items):
            return all(_is_single_octet(item, rules) for item in items)
        case Reference(name):
            return _is_single_octet(rules[name].node, rules)
        case _:
            return False


def _name_of(node: Node) -> str:
    return written_name(node.name) if isinstance(node, Reference) else ""


def _octets(octets: frozenset[int]) -> str:
    """A set of octets in ABNF's notation, ``%x41-5A``, a printable one quoted."""
    if len(octets) == 1 and 0x20 < min(octets) < 0x7F:
        return f'"{chr(min(octets))}"'
    ranges: list[list[int]] = []
    for octet in sorted(octets):
        if ranges and ranges[-1][1] == octet - 1:
            ranges[-1][1] = octet
        else:
            ranges.append([octet, octet])
    return " / ".join(
        f"%x{low:02X}" if low == high else f"%x{low:02X}-{high:02X}" for low, high in ranges
    )
