"""The two languages of an entry point, as rules over one alphabet.

``abnf`` is what the RFCs' grammar says, as published and amended, with the recursive
rule unrolled to its depth. ``strict`` is the same less what the catch-alls swallow: a
rule for any parameter does not take the name of a parameter with a rule of its own, and
a rule for any URI does not take a scheme with a rule of its own. Both are plain rule
sets, so that they can be compiled, explained and checked by anything that reads rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from sipgen.codegen.automata import Alphabet, Automaton, Compiler
from sipgen.codegen.grammar import Entry, Grammar
from sipgen.codegen.manifest import Recursion, Without
from sipgen.codegen.rules import (
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
    is_nullable,
    rebuild,
)
from sipgen.errors import GrammarError

__all__ = ["Language", "abnf_language", "strict_language", "written_name"]

_ANYTHING = Repetition(0, None, OctetClass(frozenset(range(256))))
# What can follow a parameter name or an authentication scheme: EQUAL or LWS.
_AFTER_NAME = OctetClass(frozenset(b" \t\r="))


class Language(NamedTuple):
    """A grammar ready to compile."""

    name: str
    rules: RuleSet
    entries: tuple[Entry, ...]
    alphabet: Alphabet

    def compiler(self) -> Compiler:
        """A compiler that shares its work between the entries."""
        return Compiler(self.rules, self.alphabet)

    def automata(self, compiler: Compiler | None = None) -> dict[str, Automaton]:
        """The minimal automaton of every entry, by its name."""
        compiler = compiler or self.compiler()
        return {entry.name: compiler.automaton(entry.node) for entry in self.entries}


def abnf_language(grammar: Grammar) -> Language:
    """The grammar as published and amended; recursion unrolled to the manifest's depth."""
    rules = _unrolled(grammar)
    return Language("abnf", rules, grammar.entries, _alphabet(rules, grammar))


def strict_language(grammar: Grammar) -> Language:
    """The grammar less what its catch-alls swallow.

    Raises :class:`GrammarError` where the manifest names a rule that is not there.
    """
    rules = _unrolled(grammar)
    catch_alls = {name.lower() for name in grammar.manifest.strict.catch_all}
    for name in sorted(catch_alls):
        if name not in rules:
            raise GrammarError(f'manifest, strict: catch-all "{name}" is not a rule')
    strict = RuleSet(
        replace(rule, node=_without_swallowing(rule.node, rules, catch_alls))
        for rule in rules.values()
    )
    for without in grammar.manifest.strict.without:
        _take_away(strict, without)
    return Language("strict", strict, grammar.entries, _alphabet(strict, grammar))


def written_name(name: str) -> str:
    """The rule name as the RFC writes it: unrolled copies lose their level."""
    return name.partition("#")[0]


def _alphabet(rules: RuleSet, grammar: Grammar) -> Alphabet:
    nodes = [rule.node for rule in rules.values()]
    return Alphabet.of([*nodes, *(entry.node for entry in grammar.entries)])


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


def _without_swallowing(node: Node, rules: RuleSet, catch_alls: set[str]) -> Node:
    node = rebuild(node, lambda child: _without_swallowing(child, rules, catch_alls))
    if not isinstance(node, Alternation):
        return node
    swallowing = [_swallows(item, rules, catch_alls) for item in node.items]
    if not any(swallowing):
        return node
    own = [_own_names(item, rules, catch_alls) for item in node.items]
    everything = {name for names in own for name in names}
    return Alternation(
        tuple(
            Difference(item, _named(everything - names))
            if swallows and everything - names
            else item
            for item, swallows, names in zip(node.items, swallowing, own, strict=True)
        )
    )


def _swallows(node: Node, rules: RuleSet, catch_alls: set[str]) -> bool:
    """Whether ``node`` is a catch-all, or a rule that has one among its alternatives."""
    match node:
        case Reference(name):
            return name.lower() in catch_alls or _swallows(rules[name].node, rules, catch_alls)
        case Alternation(items):
            return any(_swallows(item, rules, catch_alls) for item in items)
        case _:
            return False


def _own_names(node: Node, rules: RuleSet, catch_alls: set[str]) -> frozenset[Node]:
    """The names that ``node`` has a rule for, what its catch-alls take left out."""
    match node:
        case Reference(name) if name.lower() in catch_alls:
            return frozenset()
        case Reference(name) if _swallows(node, rules, catch_alls):
            return _own_names(rules[name].node, rules, catch_alls)
        case Alternation(items):
            return frozenset().union(*(_own_names(item, rules, catch_alls) for item in items))
        case _:
            return frozenset(_names(node, rules))


def _names(node: Node, rules: RuleSet) -> Iterator[Node]:
    """The names that the sentences of ``node`` begin with, up to ``=`` or white space.

    A name is a literal, or a sequence that begins with one: ``"+" ftag-name``.
    """
    match node:
        case Literal(text):
            yield Literal(text.removesuffix("=").lower())
        case Reference(name):
            yield from _names(rules[name].node, rules)
        case Alternation(items):
            for item in items:
                yield from _names(item, rules)
        case Sequence(items) if items:
            length = _name_length(items, rules)
            if length == 1:
                yield from _names(items[0], rules)
            elif isinstance(items[0], Literal):
                yield Sequence(items[:length])


def _name_length(items: tuple[Node, ...], rules: RuleSet) -> int:
    """How many of ``items`` make up the name that their sentences begin with."""
    first = items[0]
    while isinstance(first, Reference):
        first = rules[first.name].node
    if isinstance(first, Literal) and first.text.endswith("="):
        return 1
    return next(
        (at for at in range(1, len(items)) if _first(items[at], rules) <= _AFTER_NAME.octets),
        len(items),
    )


def _first(node: Node, rules: RuleSet) -> frozenset[int]:
    """The octets that ``node`` may begin with."""
    match node:
        case Literal(text):
            return frozenset(text[:1].lower().encode() + text[:1].upper().encode())
        case OctetClass(octets):
            return octets
        case Sequence(items):
            found: frozenset[int] = frozenset()
            for item in items:
                found |= _first(item, rules)
                if not is_nullable(item, rules):
                    break
            return found
        case Alternation(items):
            return frozenset().union(*(_first(item, rules) for item in items))
        case Repetition(item=item):
            return _first(item, rules)
        case Difference(left, _):
            return _first(left, rules)
        case Reference(name):
            return _first(rules[name].node, rules)
        case _:
            return frozenset()


def _named(names: Iterable[Node]) -> Node:
    """Anything that begins with one of ``names`` as a whole."""
    rest = Repetition(0, 1, Sequence((_AFTER_NAME, _ANYTHING)))
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
