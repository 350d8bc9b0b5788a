"""A second construction of the languages, by Antimirov's partial derivatives.

Nothing of it is shared with the compiler: no Thompson automaton, no subset construction,
no splicing of rules, no minimisation. A rule node becomes a term of a small regular
algebra, hash-consed to a number; a state is a set of terms, and the transitions of a
state are the linear forms of its terms (V. Antimirov, "Partial derivatives of regular
expressions and finite automaton constructions", 1996), memoised term by term. Where the
strict language subtracts, both sides are derived at once (Brzozowski's rule for
difference), so a difference is a term like any other.

A set of octets is an integer with a bit for each class of octets; the classes are checked
to refine every set that the grammar writes, so that no octet is left untried.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sipgen.codegen.model import (
    Alternation,
    Difference,
    Literal,
    Node,
    OctetClass,
    Reference,
    Repetition,
    Rule,
)
from sipgen.codegen.model import Sequence as Concatenation

__all__ = ["Derivatives", "State"]

State = frozenset[int]
"""A set of terms; the empty one accepts nothing."""


class _Class(NamedTuple):
    mask: int


class _Catenation(NamedTuple):
    first: int
    rest: int


class _Choice(NamedTuple):
    items: State


class _Star(NamedTuple):
    item: int


class _Call(NamedTuple):
    rule: str


class _Less(NamedTuple):
    left: State
    right: State


_Term = _Class | _Catenation | _Choice | _Star | _Call | _Less | None

_EMPTY = 0
"""The term of the empty sentence."""


class Derivatives:
    """Terms over one grammar, and what becomes of them octet by octet."""

    def __init__(self, grammar: Mapping[str, Rule], classes: Sequence[frozenset[int]]) -> None:
        """Check that ``classes`` partition the octets; :class:`ValueError` if they do not."""
        if sorted(octet for members in classes for octet in members) != list(range(256)):
            raise ValueError("the classes are no partition of the octets")
        self.grammar = grammar
        self.classes = classes
        self._terms: list[_Term] = [None]
        self._numbers: dict[tuple[str, _Term], int] = {}
        self._masks: dict[frozenset[int], int] = {}
        self._bodies: dict[str, int] = {}
        self._forms: dict[int, dict[int, int]] = {}
        self._nullable: dict[int, bool] = {_EMPTY: True}
        self._steps: dict[State, tuple[State, ...]] = {}
        every = (1 << len(classes)) - 1
        self._anything = self._star(self._number(_Class(every)))

    # -- terms ---------------------------------------------------------------------------

    def start(self, node: Node) -> State:
        """The state before the first octet of ``node``."""
        return frozenset({self._term(node)})

    def _number(self, term: _Term) -> int:
        key = (type(term).__name__, term)
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self._terms)
            self._terms.append(term)
        return found

    def _mask(self, octets: frozenset[int]) -> int:
        found = self._masks.get(octets)
        if found is None:
            found = 0
            for symbol, members in enumerate(self.classes):
                if members <= octets:
                    found |= 1 << symbol
                elif members & octets:
                    raise ValueError(f"class {sorted(members)} is torn by {sorted(octets)}")
            self._masks[octets] = found
        return found

    def _catenation(self, first: int, rest: int) -> int:
        """``first rest``, nested to the right so that equal continuations meet."""
        if rest == _EMPTY:
            return first
        if first == _EMPTY:
            return rest
        term = self._terms[first]
        if isinstance(term, _Catenation):
            return self._catenation(term.first, self._catenation(term.rest, rest))
        return self._number(_Catenation(first, rest))

    def _star(self, item: int) -> int:
        return self._number(_Star(item))

    def _choice(self, items: Iterable[int]) -> int:
        found = frozenset(items)
        return next(iter(found)) if len(found) == 1 else self._number(_Choice(found))

    def _term(self, node: Node) -> int:
        match node:
            case Literal(text, case_sensitive):
                found = _EMPTY
                for character in reversed(text):
                    cases = (
                        {character} if case_sensitive else {character.lower(), character.upper()}
                    )
                    octets = self._number(_Class(self._mask(frozenset(map(ord, cases)))))
                    found = self._catenation(octets, found)
                return found
            case OctetClass(octets):
                return self._number(_Class(self._mask(octets)))
            case Concatenation(items):
                found = _EMPTY
                for item in reversed(items):
                    found = self._catenation(self._term(item), found)
                return found
            case Alternation(items):
                return self._choice(map(self._term, items))
            case Repetition(minimum, maximum, item):
                return self._repeated(self._term(item), minimum, maximum)
            case Reference(name):
                return self._number(_Call(name.lower()))
            case Difference(left, right):
                return self._number(_Less(self.start(left), self.start(right)))
            case _:
                raise TypeError(node)

    def _repeated(self, item: int, minimum: int, maximum: int | None) -> int:
        found = _EMPTY if maximum is not None else self._star(item)
        for _ in range(minimum, minimum if maximum is None else maximum):
            found = self._choice((_EMPTY, self._catenation(item, found)))
        for _ in range(minimum):
            found = self._catenation(item, found)
        return found

    def _body(self, rule: str) -> int:
        found = self._bodies.get(rule)
        if found is None:
            found = self._bodies[rule] = self._term(self.grammar[rule].node)
        return found

    # -- what a term or state accepts ----------------------------------------------------

    def nullable(self, state: State) -> bool:
        """Whether a sentence may end in ``state``."""
        return any(self._is_nullable(term) for term in state)

    def _is_nullable(self, number: int) -> bool:
        found = self._nullable.get(number)
        if found is None:
            match self._terms[number]:
                case _Catenation(first, rest):
                    found = self._is_nullable(first) and self._is_nullable(rest)
                case _Choice(items):
                    found = self.nullable(items)
                case _Star():
                    found = True
                case _Call(rule):
                    found = self._is_nullable(self._body(rule))
                case _Less(left, right):
                    found = self.nullable(left) and not self.nullable(right)
                case _:
                    found = False
            self._nullable[number] = found
        return found

    # -- derivatives ---------------------------------------------------------------------

    def step(self, state: State) -> tuple[State, ...]:
        """The state that each class of octets leads to, in the order of the classes."""
        found = self._steps.get(state)
        if found is None:
            merged: dict[int, int] = {}
            for term in state:
                for target, mask in self._form(term).items():
                    merged[target] = merged.get(target, 0) | mask
            found = self._steps[state] = self._by_class(merged)
        return found

    def _by_class(self, form: Mapping[int, int]) -> tuple[State, ...]:
        """The targets of each class; classes are split only where the masks differ."""
        blocks: list[tuple[int, tuple[int, ...]]] = [((1 << len(self.classes)) - 1, ())]
        for target, mask in form.items():
            split: list[tuple[int, tuple[int, ...]]] = []
            for block, targets in blocks:
                if block & mask:
                    split.append((block & mask, (*targets, target)))
                if block & ~mask:
                    split.append((block & ~mask, targets))
            blocks = split
        found = [State()] * len(self.classes)
        for block, targets in blocks:
            state = State(targets)
            rest = block
            while rest:
                lowest = rest & -rest
                found[lowest.bit_length() - 1] = state
                rest ^= lowest
        return tuple(found)

    def _form(self, number: int) -> dict[int, int]:
        """The linear form of a term: what may follow, and after which octets."""
        found = self._forms.get(number)
        if found is None:
            found = self._forms[number] = self._linear_form(number)
        return found

    def _linear_form(self, number: int) -> dict[int, int]:
        match self._terms[number]:
            case _Class(mask):
                return {_EMPTY: mask}
            case _Catenation(first, rest):
                form = self._followed(self._form(first), rest)
                return _union(form, self._form(rest)) if self._is_nullable(first) else form
            case _Choice(items):
                form = {}
                for item in items:
                    form = _union(form, self._form(item))
                return form
            case _Star(item):
                return self._followed(self._form(item), number)
            case _Call(rule):
                return self._form(self._body(rule))
            case _Less(left, right):
                return self._less(left, right)
            case _:
                return {}

    def _followed(self, form: Mapping[int, int], rest: int) -> dict[int, int]:
        found: dict[int, int] = {}
        for target, mask in form.items():
            term = self._catenation(target, rest)
            found[term] = found.get(term, 0) | mask
        return found

    def _less(self, left: State, right: State) -> dict[int, int]:
        found: dict[int, int] = {}
        pairs = zip(self.step(left), self.step(right), strict=True)
        for symbol, (left_state, right_state) in enumerate(pairs):
            if not left_state or self._anything in right_state:
                continue
            if right_state:
                targets = {self._number(_Less(left_state, right_state))}
            else:
                targets = set(left_state)
            for target in targets:
                found[target] = found.get(target, 0) | 1 << symbol
        return found


def _union(one: Mapping[int, int], other: Mapping[int, int]) -> dict[int, int]:
    found = dict(one)
    for target, mask in other.items():
        found[target] = found.get(target, 0) | mask
    return found
