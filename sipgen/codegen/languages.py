"""The three languages of an entry point, as rules over one alphabet.

``abnf`` is what the RFCs' grammar says, as published and amended, with the recursive
rule unrolled to its depth. ``strict`` is the same less what the catch-alls swallow: a
rule for any parameter does not take the name of a parameter with a rule of its own, and
a rule for any URI does not take a scheme with a rule of its own. ``ordinary`` is a part of
``strict``: some of its rules are replaced by narrower ones, so that no conformance rule
about a single value can object to a sentence. All are plain rule sets, so that they can be
compiled, explained and checked by anything that reads rules.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from sipgen.codegen.automata import MAX_STATES, Alphabet, Automaton, Compiler, surplus
from sipgen.codegen.budget import Budget
from sipgen.codegen.catch_alls import AFTER_NAME, Names
from sipgen.codegen.grammar import Entry, Grammar, entry_node
from sipgen.codegen.manifest import Recursion, Without
from sipgen.codegen.model import (
    Alternation,
    Difference,
    Literal,
    Node,
    OctetClass,
    Reference,
    Repetition,
    Rule,
    RuleSet,
    Sequence,
    alternation,
    rebuild,
)
from sipgen.errors import GrammarError

__all__ = [
    "HELPER",
    "Language",
    "abnf_language",
    "ordinary_language",
    "refuse_empty",
    "refuse_surplus",
    "strict_language",
]

HELPER = "ordinary-"
"""What the names of rules in ``ordinary.abnf`` begin with, if they replace no other rule."""

_ANYTHING = Repetition(0, None, OctetClass(frozenset(range(256))))


class Language(NamedTuple):
    """A grammar ready to compile."""

    name: str
    rules: RuleSet
    entries: tuple[Entry, ...]
    alphabet: Alphabet

    def compiler(self, max_states: int = MAX_STATES, budget: Budget | None = None) -> Compiler:
        """A compiler that shares its work between the entries."""
        return Compiler(self.rules, self.alphabet, max_states, budget)

    def automata(self, compiler: Compiler | None = None) -> dict[str, Automaton]:
        """The minimal automaton of every entry, by its name."""
        compiler = compiler or self.compiler()
        return {entry.name: compiler.automaton(entry.node) for entry in self.entries}


def abnf_language(grammar: Grammar) -> Language:
    """The grammar as published and amended; recursion unrolled to the manifest's depth."""
    rules = _unrolled(grammar)
    return Language("abnf", rules, grammar.entries, _alphabet(rules.values(), grammar.entries))


def strict_language(grammar: Grammar) -> Language:
    """The grammar less what its catch-alls swallow.

    Raises :class:`GrammarError` where the manifest names a rule that is not there.
    """
    rules = _unrolled(grammar)
    catch_alls = {name.lower() for name in grammar.manifest.strict.catch_all}
    for name in sorted(catch_alls):
        if name not in rules:
            raise GrammarError(f'manifest, strict: catch-all "{name}" is not a rule')
    known = Names(rules, catch_alls)
    strict = RuleSet(
        replace(rule, node=_without_swallowing(rule.node, known)) for rule in rules.values()
    )
    for without in grammar.manifest.strict.without:
        _take_away(strict, without)
    # The rule of a header field may itself hold a choice with a catch-all.
    entries = tuple(
        entry._replace(node=entry_node(strict[entry.rule], entry.kind)) for entry in grammar.entries
    )
    return Language("strict", strict, entries, _alphabet(strict.values(), entries))


def ordinary_language(grammar: Grammar) -> Language:
    """The strict language with the rules of ``ordinary.abnf`` in the place of its own.

    URIs have no entries. The alphabet also serves :func:`strict_language`, so that the
    automata of both can be compared.

    :raises GrammarError: for a rule that replaces none of the grammar's and is not named
        as a helper; for a rule that nothing uses, or that uses an undefined one.
    """
    strict = strict_language(grammar)
    own = RuleSet(grammar.ordinary)
    rules = RuleSet(strict.rules.values())
    for rule in own.values():
        if rule.name not in strict.rules and not rule.name.lower().startswith(HELPER):
            message = f'rule "{rule.name}" is neither in the grammar nor named "{HELPER}..."'
            near = difflib.get_close_matches(rule.name, list(strict.rules), n=1)
            raise rule.position.error(message, tuple(f'"{name}"' for name in near))
        rules.override(rule)
    rules.check(rules)
    used = rules.reachable(entry.rule for entry in strict.entries if entry.kind != "uri")
    for rule in own.values():
        if rule.name.lower() not in used:
            raise rule.position.error(f'rule "{rule.name}" is used by nothing')
    entries = tuple(
        entry._replace(node=entry_node(rules[entry.rule], entry.kind))
        for entry in strict.entries
        if entry.kind != "uri"
    )
    both = _alphabet([*strict.rules.values(), *own.values()], [*strict.entries, *entries])
    return Language("ordinary", rules, entries, both)


def refuse_surplus(
    ordinary: Mapping[str, Automaton], strict: Mapping[str, Automaton], compiler: Compiler
) -> None:
    """Refuse an entry of which ``ordinary`` accepts a sentence that ``strict`` does not.

    Both are automata by entry, over the alphabet of ``compiler``.
    """
    for entry, automaton in ordinary.items():
        sentence = surplus(automaton, strict[entry], compiler)
        if sentence is not None:
            shown = sentence.decode("latin-1").encode("unicode_escape").decode("ascii")
            raise GrammarError(
                f'ordinary accepts "{shown}" as {entry}, and strict does not',
                path="ordinary.abnf",
            )


def refuse_empty(language: Language, starts: Mapping[str, int]) -> None:
    """Refuse an entry that has no sentence, and so no start state among ``starts``."""
    for entry in language.entries:
        if entry.name not in starts:
            rule = language.rules[entry.rule]
            raise rule.position.error(f'{language.name} leaves no sentence of "{entry.rule}"')


def _alphabet(rules: Iterable[Rule], entries: Iterable[Entry]) -> Alphabet:
    nodes = [rule.node for rule in rules]
    return Alphabet.of([*nodes, *(entry.node for entry in entries)])


def _unrolled(grammar: Grammar) -> RuleSet:
    rules = RuleSet(grammar.rules.values())
    for recursion in grammar.manifest.recursion:
        rule = rules[recursion.rule]
        for level in range(recursion.depth + 1):
            rules.override(_level(rule, recursion, level))
    return rules


def _level(rule: Rule, recursion: Recursion, level: int) -> Rule:
    """``rule`` with ``level`` further levels below it."""
    here = rule.name.lower()

    def change(node: Node) -> Node:
        if isinstance(node, Reference) and node.name.lower() == here:
            return Reference(f"{rule.name}#{level - 1}") if level else Alternation(())
        return rebuild(node, change)

    name = rule.name if level == recursion.depth else f"{rule.name}#{level}"
    return replace(rule, name=name, node=change(rule.node))


def _without_swallowing(node: Node, known: Names) -> Node:
    node = rebuild(node, lambda child: _without_swallowing(child, known))
    if not isinstance(node, Alternation):
        return node
    swallowing = [known.swallows(item) for item in node.items]
    if not any(swallowing):
        return node
    own = [known.own(item) for item in node.items]
    everything = {name for names in own for name in names}
    return Alternation(
        tuple(
            Difference(item, _named(everything - names))
            if swallows and everything - names
            else item
            for item, swallows, names in zip(node.items, swallowing, own, strict=True)
        )
    )


def _named(names: Iterable[Node]) -> Node:
    """Anything that begins with one of ``names`` as a whole."""
    rest = Repetition(0, 1, Sequence((AFTER_NAME, _ANYTHING)))
    return Sequence((alternation(sorted(names, key=repr)), rest))


def _take_away(rules: RuleSet, without: Without) -> None:
    rule = rules[without.rule]
    if without.names:
        taken = _named(Literal(name.lower()) for name in without.names)
    else:
        taken = Sequence((alternation(Literal(text) for text in without.prefixes), _ANYTHING))

    def change(node: Node) -> Node:
        if isinstance(node, Reference) and node.name == without.reference:
            return Difference(node, taken)
        return rebuild(node, change)

    changed = change(rule.node) if without.reference else Difference(rule.node, taken)
    if changed == rule.node:
        raise GrammarError(f'manifest, strict: "{without.rule}" has no "{without.reference}"')
    rules.override(replace(rule, node=changed))
