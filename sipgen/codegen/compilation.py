"""Compiles entry points one by one, within limits, to tables of their own.

Both languages of an entry point and its hints are made before the next entry point is
begun: so what is too much for a limit is known soon.
"""

from __future__ import annotations

from typing import Any

from sipgen.codegen.automata import Automaton, Compiler, join
from sipgen.codegen.budget import Budget, ExplosionError, OverflowingError
from sipgen.codegen.diagnosis import diagnose
from sipgen.codegen.grammar import Entry, Grammar
from sipgen.codegen.languages import Language, abnf_language, refuse_empty, strict_language
from sipgen.codegen.minimisation import Joint
from sipgen.codegen.model import Literal, Node, Reference, Repetition, children
from sipgen.codegen.packing import packed_automata, packed_hints
from sipgen.codegen.wording import Hint
from sipgen.errors import GrammarError

__all__ = ["MAX_STATES", "MAX_STEPS", "Compilation"]

MAX_STATES = 10_000
"""States of one automaton; the largest of the RFCs' has 2,300."""

MAX_STEPS = 6_000_000
"""Steps of making one entry point, or all of the user's rules: each about a microsecond."""


class Compilation:
    """The entry points of a grammar on their way to tables."""

    def __init__(
        self,
        grammar: Grammar,
        changed: set[str],
        max_states: int = MAX_STATES,
        max_steps: float = MAX_STEPS,
    ) -> None:
        """Compile the rules that are new.

        :param grammar: what the entry points to compile are made of.
        :param changed: lower-case names of the rules that are not the RFCs'.
        :param max_states: states of one automaton.
        :param max_steps: steps for one entry point, and for the new rules together.
        :raises GrammarError: for a rule that takes more.
        """
        self._grammar = grammar
        self._changed = changed
        self._budget = Budget(max_steps)
        languages = strict_language(grammar), abnf_language(grammar)
        self._work: list[tuple[Language, Compiler, dict[str, Automaton]]] = [
            (language, language.compiler(max_states, self._budget), {}) for language in languages
        ]
        self._hints: dict[str, dict[int, Hint]] = {}
        self._joints: dict[str, Joint] = {}
        self._sizes: dict[str, int] = {}
        for language, compiler, _ in self._work:
            for name in sorted(changed):
                if name in language.rules:
                    compiler.rule(name)

    @property
    def strict(self) -> tuple[Language, Compiler]:
        """The strict language, and what compiles it."""
        language, compiler, _ = self._work[0]
        return language, compiler

    def size(self, entry: Entry) -> int:
        """How much there is to compile: octets and repetitions, every reference followed."""
        return self._size(entry.node)

    def _size(self, node: Node) -> int:
        match node:
            case Literal(text):
                return len(text)
            case Reference(name):
                key = name.lower()
                if key not in self._sizes:
                    self._sizes[key] = 1
                    self._sizes[key] = self._size(self._grammar.rules[key].node)
                return self._sizes[key]
            case Repetition(minimum, maximum, item):
                return max(1, minimum, maximum or 0) * self._size(item)
            case _:
                return 1 + sum(map(self._size, children(node)))

    def compile(self, entry: Entry) -> None:
        """Compile one entry point.

        :raises GrammarError: if that takes more than a limit, naming a rule of the user's.
        """
        self._budget.begin()
        try:
            for language, compiler, automata in self._work:
                here = next(item for item in language.entries if item.name == entry.name)
                automata[entry.name] = self._automaton(language, compiler, here)
                if language.name == "strict":
                    joint = join({entry.name: automata[entry.name]})
                    refuse_empty(language._replace(entries=(here,)), joint.starts)
                    self._joints[entry.name] = joint
                    self._hints[entry.name] = diagnose(language, compiler, here, joint)
        except ExplosionError as error:
            raise self._blamed(entry, error) from None

    @staticmethod
    def _automaton(language: Language, compiler: Compiler, entry: Entry) -> Automaton:
        try:
            return compiler.automaton(entry.node)
        except OverflowingError as error:
            raise ExplosionError(language.rules[entry.rule], str(error)) from None

    def _blamed(self, entry: Entry, error: ExplosionError) -> GrammarError:
        """The error with a rule of the user's, where a rule of the RFCs is too much with it."""
        if error.rule.name.lower() in self._changed:
            return error
        reached = self._grammar.rules.reachable([entry.rule])
        rule = self._grammar.rules[min(reached & self._changed)]
        return rule.position.error(
            f'with rule "{rule.name}", "{error.rule.name}" of {entry.name} needs more than'
            f" {error.limit}"
        )

    def tables(self) -> dict[str, Any]:
        """The tables of all that was compiled, as JSON holds them."""
        tables: dict[str, Any] = {}
        for language, _, automata in self._work:
            joint = join(dict(sorted(automata.items())))
            tables[language.name] = packed_automata(joint, language.alphabet)
            if language.name == "strict":
                hints = {name: self._renumbered(name, joint) for name in self._hints}
                tables["hints"] = packed_hints(hints, language.rules)
        return tables

    def _renumbered(self, name: str, joint: Joint) -> dict[int, Hint]:
        """The hints of an entry point by the states that all entry points share."""
        alone, hints = self._joints[name], self._hints[name]
        numbers = {alone.starts[name]: joint.starts[name]}
        pending = list(numbers)
        for state in pending:
            for symbol, target in alone.rows[state].items():
                if target not in numbers:
                    numbers[target] = joint.rows[numbers[state]][symbol]
                    pending.append(target)
        return {numbers[state]: hint for state, hint in hints.items()}
