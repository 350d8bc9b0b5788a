"""Minimal deterministic automata over classes of octets.

A grammar's octets fall into classes that no rule tells apart; one :class:`Alphabet`
serves all automata of a grammar, so that they can be spliced, subtracted, compared and
joined without translation. Nodes become a Thompson automaton, the subset construction
makes it deterministic, and :mod:`.minimisation` makes it minimal. Each rule is compiled
once and spliced into its users in minimal form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from sipgen.codegen import model
from sipgen.codegen.budget import Budget, ExplosionError, OverflowingError
from sipgen.codegen.minimisation import Joint, minimise
from sipgen.codegen.nfa import MAX_PARTS, NFA, letter

__all__ = [
    "Alphabet",
    "Automaton",
    "Compiler",
    "common",
    "counterexample",
    "difference",
    "join",
    "octets_of",
    "surplus",
]

MAX_STATES = 60_000
"""States that one automaton may have before the grammar is refused as exploding."""


class Alphabet:
    """A partition of the 256 octets into classes; a symbol is a class's number."""

    def __init__(self, sets: Iterable[frozenset[int]]) -> None:
        distinct = sorted(set(sets), key=sorted)
        groups: dict[tuple[int, ...], list[int]] = {}
        for octet in range(256):
            key = tuple(i for i, octets in enumerate(distinct) if octet in octets)
            groups.setdefault(key, []).append(octet)
        self.classes: tuple[frozenset[int], ...] = tuple(map(frozenset, groups.values()))
        """The octets of each symbol."""
        self.class_map: bytes = bytes(
            next(i for i, octets in enumerate(self.classes) if octet in octets)
            for octet in range(256)
        )
        """Symbol of each octet."""
        self._symbols: dict[frozenset[int], tuple[int, ...]] = {}

    def symbols(self, octets: frozenset[int]) -> tuple[int, ...]:
        """The symbols that make up ``octets``, which must be a union of classes."""
        found = self._symbols.get(octets)
        if found is None:
            found = tuple(i for i, members in enumerate(self.classes) if members <= octets)
            self._symbols[octets] = found
        return found

    @classmethod
    def of(cls, nodes: Iterable[model.Node]) -> Alphabet:
        """The coarsest alphabet that tells apart all that ``nodes`` do."""
        return cls(octets for node in nodes for octets in octets_of(node))


def octets_of(node: model.Node) -> Iterable[frozenset[int]]:
    """The sets of octets that stand in ``node``, not looking through references."""
    match node:
        case model.OctetClass(octets):
            yield octets
        case model.Literal(text, case_sensitive):
            for character in text:
                yield letter(character, case_sensitive=case_sensitive)
        case _:
            for child in model.children(node):
                yield from octets_of(child)


class Automaton(NamedTuple):
    """A partial deterministic automaton; state 0 starts, every state leads to acceptance."""

    rows: list[dict[int, int]]
    """Next state by symbol, for each state."""
    accepting: frozenset[int]
    """The states in which a sentence may end."""

    def matches(self, data: bytes, alphabet: Alphabet) -> bool:
        """Whether ``data`` is a sentence."""
        state = 0
        for symbol in data.translate(alphabet.class_map):
            following = self.rows[state].get(symbol)
            if following is None:
                return False
            state = following
        return state in self.accepting


class Compiler:
    """Makes automata of the nodes and rules of one grammar."""

    def __init__(
        self,
        grammar: Mapping[str, model.Rule],
        alphabet: Alphabet,
        max_states: int = MAX_STATES,
        budget: Budget | None = None,
    ) -> None:
        self.grammar = grammar
        self.alphabet = alphabet
        self.max_states = max_states
        self.budget = budget or Budget()
        self._rules: dict[str, Automaton | None] = {}

    def rule(self, name: str) -> Automaton:
        """The automaton of a rule; :class:`GrammarError` if it is recursive."""
        key = name.lower()
        if key not in self._rules:
            self._rules[key] = None
            rule = self.grammar[key]
            try:
                self._rules[key] = self.automaton(rule.node)
            except OverflowingError as error:
                raise ExplosionError(rule, str(error)) from None
        found = self._rules[key]
        if found is None:
            raise self.grammar[key].position.error(
                f'rule "{name}" is recursive without a bound in the manifest'
            )
        return found

    def automaton(self, node: model.Node) -> Automaton:
        """The minimal automaton of ``node``."""
        if isinstance(node, model.Reference):
            return self.rule(node.name)
        if isinstance(node, model.Difference):
            return difference(self.automaton(node.left), self.automaton(node.right), self)
        build = NFA(self)
        start, end = build.state(), build.state()
        build.add(node, start, end)
        return _determinise(build, start, end)

    def allow(self, states: int, steps: int) -> None:
        """Refuse what takes too much: :class:`OverflowingError`.

        :param states: states that an automaton has so far.
        :param steps: steps taken since the last call.
        """
        if states > self.max_states:
            raise OverflowingError(f"{self.max_states} states")
        self.budget.spend(steps)


def _determinise(build: NFA, start: int, end: int) -> Automaton:
    # Each state as a set: made once, because there are millions of uses.
    alone = [frozenset({state}) for state in range(len(build.empty))]
    numbers: dict[frozenset[int], int] = {}
    pending: list[frozenset[int]] = []
    after: dict[frozenset[int], int] = {}

    def following(raw: frozenset[int]) -> int:
        """The number of the state that ``raw`` and what it leads to without input make."""
        number = after.get(raw)
        if number is None:
            closed = _closure(build, raw, end)
            number = after[raw] = numbers.setdefault(closed, len(numbers))
            if number == len(pending):
                pending.append(closed)
        return number

    following(frozenset({start}))
    rows: list[dict[int, int]] = []
    accepting = set()
    for states in pending:
        if end in states:
            accepting.add(len(rows))
        targets: dict[int, frozenset[int] | set[int]] = {}
        steps = 0
        for state in states:
            for symbols, target, _ in build.arcs[state]:
                steps += len(symbols)
                for symbol in symbols:
                    known = targets.get(symbol)
                    if known is None:
                        targets[symbol] = alone[target]
                    elif isinstance(known, set):
                        known.add(target)
                    else:
                        targets[symbol] = {*known, target}
        # In the order of symbols, so that states are numbered alike in every run.
        rows.append({symbol: following(frozenset(targets[symbol])) for symbol in sorted(targets)})
        build.compiler.allow(len(rows), steps + len(states))
    return _minimal(rows, accepting)


def _closure(build: NFA, states: Iterable[int], end: int) -> frozenset[int]:
    """``states`` and what they lead to without input, less what leads nowhere."""
    pending = list(states)
    found = set(pending)
    for state in pending:
        for target in build.empty[state]:
            if target not in found:
                found.add(target)
                pending.append(target)
    build.compiler.allow(0, len(pending))
    return frozenset(state for state in found if build.arcs[state] or state == end)


def _minimal(rows: list[dict[int, int]], accepting: Iterable[int]) -> Automaton:
    joint = minimise(rows, accepting, {"": 0})
    return Automaton(joint.rows, joint.accepting) if joint.starts else Automaton([], frozenset())


def join(parts: Mapping[str, Automaton]) -> Joint:
    """One minimal automaton with a start state for each of ``parts`` that has a sentence."""
    rows: list[dict[int, int]] = []
    accepting: set[int] = set()
    starts: dict[str, int] = {}
    for name, part in parts.items():
        offset = len(rows)
        if part.rows:
            starts[name] = offset
        rows.extend(
            {symbol: target + offset for symbol, target in row.items()} for row in part.rows
        )
        accepting.update(state + offset for state in part.accepting)
    return minimise(rows, accepting, starts)


_DEAD = -1


def _product(
    left: Automaton,
    right: Automaton,
    keep: Callable[[bool, bool], bool],
    compiler: Compiler | None = None,
) -> tuple[list[dict[int, int]], set[int], list[tuple[int, int]]]:
    """Pairs of states reached together; ``_DEAD`` where one side has failed."""
    first = (0 if left.rows else _DEAD, 0 if right.rows else _DEAD)
    numbers = {first: 0}
    pending = [first]
    rows: list[dict[int, int]] = []
    accepting = set()
    for pair in pending:
        if keep(pair[0] in left.accepting, pair[1] in right.accepting):
            accepting.add(len(rows))
        left_row = left.rows[pair[0]] if pair[0] != _DEAD else {}
        right_row = right.rows[pair[1]] if pair[1] != _DEAD else {}
        row = {}
        for symbol in sorted(left_row.keys() | right_row.keys()):
            target = (left_row.get(symbol, _DEAD), right_row.get(symbol, _DEAD))
            number = numbers.setdefault(target, len(numbers))
            if number == len(pending):
                pending.append(target)
            row[symbol] = number
        rows.append(row)
        if compiler:
            compiler.allow(len(rows) // MAX_PARTS, 1)
    return rows, accepting, pending


def difference(left: Automaton, right: Automaton, compiler: Compiler | None = None) -> Automaton:
    """The sentences of ``left`` that ``right`` does not accept, within a compiler's limits."""
    rows, accepting, _ = _product(left, right, lambda a, b: a and not b, compiler)
    return _minimal(rows, accepting)


def counterexample(left: Automaton, right: Automaton, alphabet: Alphabet) -> bytes | None:
    """A shortest sentence of exactly one of the two; ``None`` if they are equal."""
    rows, accepting, _ = _product(left, right, lambda a, b: a != b)
    return _shortest(rows, accepting, alphabet)


def common(left: Automaton, right: Automaton, compiler: Compiler) -> bytes | None:
    """A shortest sentence of both, within a compiler's limits; ``None`` if there is none."""
    rows, accepting, _ = _product(left, right, lambda a, b: a and b, compiler)
    return _shortest(rows, accepting, compiler.alphabet)


def surplus(left: Automaton, right: Automaton, compiler: Compiler) -> bytes | None:
    """A shortest sentence of ``left`` that ``right`` refuses; ``None`` if there is none."""
    rows, accepting, _ = _product(left, right, lambda a, b: a and not b, compiler)
    return _shortest(rows, accepting, compiler.alphabet)


def _shortest(rows: list[dict[int, int]], accepting: set[int], alphabet: Alphabet) -> bytes | None:
    previous: dict[int, tuple[int, int]] = {}
    pending = [0]
    seen = {0}
    for state in pending:
        if state in accepting:
            return _path_to(state, previous, alphabet)
        for symbol, target in rows[state].items():
            if target not in seen:
                seen.add(target)
                previous[target] = (state, symbol)
                pending.append(target)
    return None


def _path_to(state: int, previous: Mapping[int, tuple[int, int]], alphabet: Alphabet) -> bytes:
    octets = bytearray()
    while state:
        state, symbol = previous[state]
        octets.append(min(alphabet.classes[symbol]))
    return bytes(reversed(octets))
