"""What of a user's rules cannot be joined to the RFCs', said in words for their writer.

Each function looks for one mistake and raises :class:`GrammarError` with the place in the
user's text, the rule's name, and what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sipgen.codegen.automata import Compiler, common
from sipgen.codegen.catch_alls import Names
from sipgen.codegen.grammar import Grammar, header_names, refers_to
from sipgen.codegen.languages import Language
from sipgen.codegen.model import Alternation, Node, Rule, RuleSet, Sequence, references
from sipgen.codegen.writer import write_node

__all__ = [
    "MAX_DEPTH",
    "is_header",
    "refuse_ambiguous",
    "refuse_depth",
    "refuse_other_headers",
    "refuse_overlaps",
    "refuse_recursion",
    "refuse_taken_names",
    "refuse_to_redefine",
    "refuse_unused",
]

MAX_DEPTH = 100
"""Rules from an entry point down; the RFCs' go down 30, and Python 1,000 calls."""

_TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")

_KINDS = {
    "header": "header field",
    "extension-header": "header field",
    "start-line": "start line",
    "uri": "URI",
}


def refuse_to_redefine(rule: Rule, base: Grammar) -> None:
    """Refuse a second definition, and alternatives to what is no choice."""
    existing = base.rules[rule.name]
    where = f"RFC {existing.rfc}" if existing.rfc else "sipgen"
    if existing.rfc and existing.section:
        where += f", section {existing.section}"
    if not rule.incremental:
        raise rule.position.error(
            f'rule "{rule.name}" is defined already, in {where}: take another name, or "=/"'
            " to add alternatives to it",
        )
    kinds = {entry.rule.lower(): entry.kind for entry in base.entries}
    kind = kinds.get(rule.name.lower())
    if kind and not isinstance(existing.node, Alternation):
        raise rule.position.error(
            f'rule "{rule.name}" is a {_KINDS[kind]} of {where}: add'
            " alternatives to a rule that it is made of",
        )


def refuse_ambiguous(added: list[Rule], base: Grammar, grammar: Grammar) -> None:
    """Refuse alternatives that begin with a name which the extended rule has already."""
    catch_all = grammar.manifest.strict.catch_all
    before, after = Names(base.rules, catch_all), Names(grammar.rules, catch_all)
    taken: dict[str, frozenset[Node]] = {}
    for rule in added:
        key = rule.name.lower()
        known = taken.get(key) or before.own(base.rules[key].node)
        new = after.begins(rule.node)
        if known & new:
            names = ", ".join(sorted(write_node(name) for name in known & new))
            raise rule.position.error(
                f'what is added to "{rule.name}" is ambiguous: {names} has a rule there already',
            )
        taken[key] = known | new


def refuse_overlaps(
    added: Iterable[Rule], base: Grammar, language: Language, compiler: Compiler
) -> None:
    """Refuse alternatives beside a catch-all that a sibling has a sentence in common with.

    What begins with a name of its own has none: the strict language keeps that name from
    the catch-all. So this finds what does not begin with a name.
    """
    names = Names(base.rules, base.manifest.strict.catch_all)
    for rule in added:
        before = base.rules[rule.name].node
        siblings = before.items if isinstance(before, Alternation) else (before,)
        if not any(names.swallows(item) for item in siblings):
            continue
        after = language.rules[rule.name].node
        items = after.items if isinstance(after, Alternation) else (after,)
        published = zip(siblings, items, strict=False)
        for sibling, old in published:
            for new in items[len(siblings) :]:
                shared = common(compiler.automaton(new), compiler.automaton(old), compiler)
                if shared is not None:
                    raise rule.position.error(
                        f'what is added to "{rule.name}" is ambiguous: {shared.decode("latin-1")!r}'
                        f" is a sentence of {write_node(sibling)} too. Begin it with a name in"
                        " quotes, followed by EQUAL or by nothing",
                    )


def refuse_depth(rules: RuleSet, changed: set[str]) -> None:
    """Refuse rules that lead through too many others, before anything follows them."""
    depths: dict[str, int] = {}
    for start in changed:
        pending = [start]
        while pending:
            name = pending[-1]
            below = {reference.name.lower() for reference in references(rules[name].node)}
            unknown = below - depths.keys() - {name}
            if unknown:
                pending += unknown
                continue
            pending.pop()
            depths[name] = 1 + max((depths.get(item, 0) for item in below), default=0)
            if depths[name] > MAX_DEPTH:
                raise rules[name].position.error(
                    f'rule "{rules[name].name}" leads through more than {MAX_DEPTH} rules',
                )


def refuse_taken_names(fields: list[Rule], base: Grammar) -> None:
    """Refuse header rules whose name is none, or is another's."""
    taken: dict[str, str] = {}
    for entry in base.entries:
        if entry.kind == "header":
            rule = base.rules[entry.rule]
            of = f"{entry.name} (RFC {rule.rfc})" if rule.rfc else entry.name
            taken |= {name.lower(): of for name in (entry.name, *header_names(rule))}
    others = {entry.name.lower() for entry in base.entries if entry.kind != "header"}
    for rule in fields:
        names = header_names(rule)
        if not names:
            raise rule.position.error(
                f'header rule "{rule.name}" does not begin with a name in quotes'
            )
        for name in names:
            if name.lower() in taken:
                raise rule.position.error(
                    f'rule "{rule.name}" is ambiguous: "{name}" is the name of header field'
                    f" {taken[name.lower()]}",
                )
            if name.lower() in others:
                raise rule.position.error(
                    f'rule "{rule.name}": "{name}" is the name of a rule that sipgen starts at',
                )
            if not _TOKEN.fullmatch(name):
                raise rule.position.error(
                    f'rule "{rule.name}": header field name "{name}" is no token'
                )
            taken[name.lower()] = rule.name
        if isinstance(rule.node, Sequence) and refers_to(rule.node.items[-1], "CRLF"):
            raise rule.position.error(f'rule "{rule.name}" ends in CRLF, which message-header adds')


def refuse_other_headers(attached: Iterable[Rule], fields: list[Rule]) -> None:
    """Refuse ``message-header =/`` with what is no header rule of the user's."""
    known = {rule.name.lower() for rule in fields}
    for rule in attached:
        for reference in references(rule.node):
            if reference.name.lower() not in known:
                raise rule.position.error(
                    f'"{rule.name}" is extended by "{reference.name}", which is no header'
                    ' rule of yours: "Name" HCOLON value',
                )


def refuse_unused(rules: RuleSet, own: RuleSet, base: Grammar) -> None:
    """Refuse rules that nothing leads to: most often a header rule of another form."""
    reached = rules.reachable([base.manifest.entries.message, *base.manifest.entries.uris])
    for rule in own.values():
        if rule.name.lower() not in reached:
            raise rule.position.error(
                f'rule "{rule.name}" is used by nothing, and is no header field\'s:'
                ' that is written "Name" HCOLON value',
            )


def refuse_recursion(rules: RuleSet, changed: set[str], bounded: set[str]) -> None:
    """In words for those who have no manifest to give a depth in."""
    left = [rule for rule in rules.left_recursive() if rule.name.lower() in changed]
    if left:
        names = " and ".join(f'rule "{rule.name}"' for rule in left)
        raise left[0].position.error(f"{names} {'are' if left[1:] else 'is'} left-recursive")
    for name in sorted(changed - bounded):
        rule = rules[name]
        if name in rules.reachable(reference.name for reference in references(rule.node)):
            raise rule.position.error(
                f'rule "{rule.name}" is recursive: an automaton needs a bound, so write out as'
                " many levels as are needed",
            )


def is_header(rule: Rule) -> bool:
    """Whether a rule has the form of a header field's."""
    return (
        isinstance(rule.node, Sequence)
        and len(rule.node.items) > 1
        and refers_to(rule.node.items[1], "HCOLON")
    )
