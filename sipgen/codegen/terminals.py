"""Decides which rules are terminals of the Lark grammar, and writes their patterns.

A rule becomes a terminal where matching as far as possible can never change what the
grammar accepts: no octet that may follow the rule continues a sentence of it. That is
checked for every rule on its automaton, so a terminal is exact, not a guess.

The pattern is made from the minimal automaton by eliminating states. Such a pattern has
one way to match any text, so Python's ``re`` walks it in linear time; it ends in a
look-ahead that refuses a match which could go on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from sipgen.codegen.automata import Alphabet, Automaton, Compiler, octets_of
from sipgen.codegen.model import (
    Alternation,
    Literal,
    Node,
    OctetClass,
    Reference,
    Repetition,
    RuleSet,
    Sequence,
    references,
)

__all__ = ["Terminals", "octet_pattern", "pattern_of"]

_CLASS = re.compile(r"\[(?:\\.|[^\]\\])*\]")

MAX_STATES = 40
"""States of a rule that becomes a terminal: a pattern grows fast with them."""

MAX_CHARACTER = 6
"""Octets of the longest sentence of a rule that counts as one character: 1 to 3 for an
escape or a letter, 6 for the longest UTF-8 sequence of RFC 3261."""


class Terminals:
    """The rules that are terminals, with what it takes to find out."""

    def __init__(
        self,
        rules: RuleSet,
        compiler: Compiler,
        starts: Iterable[Node],
        lexemes: Iterable[str],
    ) -> None:
        self.rules = rules
        self.compiler = compiler
        self.follow = _Follow(rules, compiler.alphabet, starts).follow
        """The symbols that may follow each rule, by lower-case name."""
        self._lexemes = {name.lower() for name in lexemes}
        self._lengths: dict[str, float] = {}

    def is_terminal(self, name: str) -> bool:
        """Whether the rule is a lexical unit that may be matched as far as possible."""
        key = name.lower()
        lexical = key in self._lexemes or all(
            self._is_character(ref.name) for ref in references(self.rules[key].node)
        )
        if not lexical or isinstance(self.rules[key].node, Reference):
            return False
        automaton = self.compiler.rule(key)
        if 0 in automaton.accepting or len(automaton.rows) > MAX_STATES:
            return False
        return not _continuing(automaton) & self.follow.get(key, frozenset())

    def pattern(self, name: str) -> str:
        """The pattern of a terminal, over text decoded as Latin-1."""
        automaton = self.compiler.rule(name)
        alphabet = self.compiler.alphabet
        pattern = pattern_of(automaton, alphabet)
        further = _continuing(automaton)
        if further:
            pattern = f"(?:{pattern})(?!{_class(further, alphabet)})"
        return pattern

    def _is_character(self, name: str) -> bool:
        return self._longest(Reference(name)) <= MAX_CHARACTER

    def _longest(self, node: Node) -> float:
        """Length of the longest sentence, infinite if there is none."""
        match node:
            case Literal(text):
                return len(text)
            case OctetClass():
                return 1
            case Sequence(items):
                return sum(self._longest(item) for item in items)
            case Alternation(items):
                return max(self._longest(item) for item in items)
            case Repetition(_, maximum, item):
                return float("inf") if maximum is None else maximum * self._longest(item)
            case Reference(name):
                key = name.lower()
                if key not in self._lengths:
                    self._lengths[key] = float("inf")
                    self._lengths[key] = self._longest(self.rules[key].node)
                return self._lengths[key]
            case _:
                raise TypeError(node)


def _continuing(automaton: Automaton) -> frozenset[int]:
    """The symbols by which a sentence can become a longer one."""
    return frozenset(s for state in automaton.accepting for s in automaton.rows[state])


class _Follow:
    """FOLLOW sets of the rules, in symbols."""

    def __init__(self, rules: RuleSet, alphabet: Alphabet, starts: Iterable[Node]) -> None:
        self.rules = rules
        self.alphabet = alphabet
        self.follow: dict[str, frozenset[int]] = {}
        self._firsts: dict[str, tuple[frozenset[int], bool]] = {}
        self._pending: list[str] = []
        for node in starts:
            self._visit(node, frozenset())
        for rule in rules.values():
            self._visit(rule.node, frozenset())
        while self._pending:
            name = self._pending.pop()
            self._visit(rules[name].node, self.follow[name])

    def _visit(self, node: Node, follow: frozenset[int]) -> None:
        match node:
            case Sequence(items):
                for item in reversed(items):
                    self._visit(item, follow)
                    first, nullable = self._first(item)
                    follow = first | follow if nullable else first
            case Alternation(items):
                for item in items:
                    self._visit(item, follow)
            case Repetition(_, maximum, item):
                if maximum != 1:
                    follow |= self._first(item)[0]
                self._visit(item, follow)
            case Reference(name):
                key = name.lower()
                known = self.follow.get(key)
                if known is None or not follow <= known:
                    self.follow[key] = follow | (known or frozenset())
                    self._pending.append(key)
            case _:
                return

    def _first(self, node: Node) -> tuple[frozenset[int], bool]:
        """The symbols that ``node`` begins with, and whether it can be empty."""
        match node:
            case Literal(text):
                sets = [*octets_of(Literal(text[:1], node.case_sensitive)), frozenset[int]()]
                return frozenset(self.alphabet.symbols(sets[0])), not text
            case OctetClass(octets):
                return frozenset(self.alphabet.symbols(octets)), False
            case Sequence(items):
                found: frozenset[int] = frozenset()
                for item in items:
                    first, nullable = self._first(item)
                    found |= first
                    if not nullable:
                        return found, False
                return found, True
            case Alternation(items):
                parts = [self._first(item) for item in items]
                return frozenset().union(*(first for first, _ in parts)), any(n for _, n in parts)
            case Repetition(minimum, _, item):
                first, nullable = self._first(item)
                return first, nullable or minimum == 0
            case Reference(name):
                key = name.lower()
                if key not in self._firsts:
                    self._firsts[key] = self._first(self.rules[key].node)
                return self._firsts[key]
            case _:
                raise TypeError(node)


def pattern_of(automaton: Automaton, alphabet: Alphabet) -> str:
    """A regular expression for the sentences of ``automaton``, by eliminating states."""
    start, end = -1, -2
    arcs: dict[int, dict[int, str]] = {start: {0: ""}, end: {}}
    for state, row in enumerate(automaton.rows):
        by_target: dict[int, set[int]] = {}
        for symbol, target in row.items():
            by_target.setdefault(target, set()).add(symbol)
        arcs[state] = {target: _class(symbols, alphabet) for target, symbols in by_target.items()}
        if state in automaton.accepting:
            arcs[state][end] = ""
    while len(arcs) > 2:
        state = min((s for s in arcs if s >= 0), key=lambda s: (_weight(arcs, s), -s))
        _eliminate(arcs, state)
    return arcs[start][end]


def _weight(arcs: Mapping[int, Mapping[int, str]], state: int) -> int:
    """What eliminating ``state`` costs: text written, times where it is written."""
    into = [targets[state] for source, targets in arcs.items() if state in targets]
    out = [text for target, text in arcs[state].items() if target != state]
    return sum(map(len, into)) * len(out) + sum(map(len, out)) * len(into)


def _eliminate(arcs: dict[int, dict[int, str]], state: int) -> None:
    out = arcs.pop(state)
    loop = out.pop(state, None)
    between = f"{_grouped(loop)}*" if loop is not None else ""
    for targets in arcs.values():
        before = targets.pop(state, None)
        if before is None:
            continue
        for target, after in out.items():
            path = _sequenced(before) + between + _sequenced(after)
            known = targets.get(target)
            targets[target] = path if known is None else _either(known, path)


def _either(first: str, second: str) -> str:
    if not first:
        return f"{_grouped(second)}?"
    if not second:
        return f"{_grouped(first)}?"
    # The longer alternative first: it saves the look-ahead some work.
    return "|".join(sorted((first, second), key=len, reverse=True))


def _sequenced(pattern: str) -> str:
    return f"(?:{pattern})" if _has_choice(pattern) else pattern


def _grouped(pattern: str) -> str:
    return pattern if _CLASS.fullmatch(pattern) else f"(?:{pattern})"


def _has_choice(pattern: str) -> bool:
    """Whether ``|`` stands outside all brackets."""
    depth = 0
    for character in _CLASS.sub("", pattern):
        if character == "|" and not depth:
            return True
        depth += {"(": 1, ")": -1}.get(character, 0)
    return False


def _class(symbols: Iterable[int], alphabet: Alphabet) -> str:
    octets: frozenset[int] = frozenset().union(*(alphabet.classes[s] for s in symbols))
    return octet_pattern(octets)


def octet_pattern(octets: frozenset[int]) -> str:
    """A character class in which nothing stands unescaped that ``re`` or Lark reads."""
    ranges: list[list[int]] = []
    for octet in sorted(octets):
        if ranges and ranges[-1][1] == octet - 1:
            ranges[-1][1] = octet
        else:
            ranges.append([octet, octet])
    return (
        "["
        + "".join(
            _character(low) if low == high else f"{_character(low)}-{_character(high)}"
            for low, high in ranges
        )
        + "]"
    )


def _character(octet: int) -> str:
    character = chr(octet)
    if not character.isascii() or not character.isprintable():
        return f"\\x{octet:02x}"
    return character if character.isalnum() else f"\\{character}"
