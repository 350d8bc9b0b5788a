"""Joins a user's rules to the RFCs' and compiles what they add or change.

A rule of the form ``"X-Acme-Trunk" HCOLON ...`` is a header field's and becomes an
alternative of message-header; ``=/`` adds alternatives to a rule of the RFCs. Only the
entry points that the user's rules reach into are compiled. The text may come from
anywhere, so everything about it is limited: what is too much is refused with the rule
named, within seconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from sipgen.codegen.abnf import read_rules
from sipgen.codegen.automata import Automaton, Compiler, ExplosionError, exploding, join
from sipgen.codegen.diagnosis import diagnose
from sipgen.codegen.grammar import Entry, Grammar, completed, header_names, with_headers
from sipgen.codegen.languages import Language, abnf_language, refuse_empty, strict_language
from sipgen.codegen.names import Names
from sipgen.codegen.packing import packed_automata, packed_hints
from sipgen.codegen.rules import (
    Alternation,
    Node,
    Reference,
    Rule,
    RuleSet,
    Sequence,
    references,
)
from sipgen.codegen.writer import write_node
from sipgen.errors import GrammarError

__all__ = [
    "FORMAT",
    "MAX_DEPTH",
    "MAX_RULES",
    "MAX_STATES",
    "MAX_STEPS",
    "MAX_TEXT",
    "compiled_extension",
]

FORMAT = 1
"""Number of the form of the tables; another form gets another number."""

MAX_TEXT = 100_000
"""Characters of a user's ABNF; the RFCs' whole grammar has half as many."""

MAX_RULES = 1_000
"""Rules in a user's ABNF; the RFCs have 844."""

MAX_DEPTH = 100
"""Rules from an entry point down; the RFCs' go down 30, and Python 1,000 calls."""

MAX_STATES = 10_000
"""States of one automaton; the largest of the RFCs' has 2,300."""

MAX_STEPS = 3_000_000
"""Steps of making one automaton, or all of the user's rules: each about a microsecond."""

_TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")

Progress = Callable[[str], None]


def compiled_extension(
    base: Grammar, texts: Mapping[str, str], progress: Progress = lambda _line: None
) -> dict[str, Any]:
    """The tables of the entry points that a user's ABNF adds or changes, as JSON holds them.

    :param base: the RFCs' grammar.
    :param texts: the user's rules, by the name under which mistakes are reported.
    :param progress: called with a line of text as each step ends.
    :raises GrammarError: naming file, line and rule: for what is no ABNF; for a rule that
        is undefined, unused, recursive, defined already or ambiguous with an existing
        one; for a header field whose name is taken; for what exceeds a limit.
    """
    try:
        return _compiled(base, texts, progress)
    except RecursionError:
        raise GrammarError(
            "groups are nested too deeply: give the inner ones names", path=next(iter(texts))
        ) from None


def _compiled(base: Grammar, texts: Mapping[str, str], progress: Progress) -> dict[str, Any]:
    size = sum(map(len, texts.values()))
    if size > MAX_TEXT:
        raise GrammarError(f"{size} characters of ABNF; the limit is {MAX_TEXT}")
    rules = [rule for path, text in texts.items() for rule in _read(text, path)]
    if len(rules) > MAX_RULES:
        raise GrammarError(f"{len(rules)} rules; the limit is {MAX_RULES}")
    grammar, changed = _joined(base, rules)
    part = _reached(grammar, changed)
    names = ", ".join(entry.name for entry in part.entries)
    progress(f"{len(part.entries)} entry points to compile: {names}")
    tables: dict[str, Any] = {
        "format": FORMAT,
        "entries": {
            entry.name: {"kind": entry.kind, "names": _names_of(entry, grammar)}
            for entry in part.entries
        },
    }
    for language in (abnf_language(part), strict_language(part)):
        tables |= _tables(language, part, sorted(changed))
        progress(f"language {language.name} compiled")
    return tables


def _read(abnf: str, path: str) -> list[Rule]:
    try:
        abnf.encode("ascii")
    except UnicodeEncodeError as error:
        line = abnf.count("\n", 0, error.start) + 1
        raise GrammarError("ABNF is written in ASCII", path=path, line=line) from None
    rules = read_rules(abnf, path)
    if not rules:
        raise GrammarError("there are no rules in it", path=path)
    return rules


def _error(rule: Rule, message: str) -> GrammarError:
    at = rule.position
    return GrammarError(message, path=at.path, line=at.line, column=at.column)


def _joined(base: Grammar, added: list[Rule]) -> tuple[Grammar, set[str]]:
    """The grammar with the user's rules, and the lower-case names of what is not as it was."""
    headers = base.manifest.entries.headers
    rules = RuleSet(base.rules.values())
    own = RuleSet()
    extended: list[Rule] = []
    changed: set[str] = set()
    attached: list[Rule] = []
    for rule in added:
        name = rule.name.lower()
        if rule.incremental and name == headers.lower():
            attached.append(rule)
            continue
        if name in base.rules:
            if not rule.incremental and rule.node == base.rules[name].node:
                continue
            _refuse_to_redefine(rule, base)
            extended.append(rule)
        rules.add(rule)
        if not rule.incremental:
            own.add(rule)
        changed.add(name)
    fields = [rules[rule.name] for rule in own.values() if _is_header(rules[rule.name])]
    _refuse_taken_names(fields, base)
    _refuse_other_headers(attached, fields)
    rules.override(with_headers(rules[headers], [Reference(rule.name) for rule in fields]))
    _refuse_recursion(rules, changed)
    _refuse_unused(rules, own, base)
    grammar = completed(rules, base.manifest)
    _refuse_depth(rules, changed)
    _refuse_ambiguous(extended, base, grammar)
    return grammar, changed


def _refuse_to_redefine(rule: Rule, base: Grammar) -> None:
    existing = base.rules[rule.name]
    where = f"RFC {existing.rfc}" if existing.rfc else "sipgen"
    if existing.rfc and existing.section:
        where += f", section {existing.section}"
    if not rule.incremental:
        raise _error(
            rule,
            f'rule "{rule.name}" is defined already, in {where}: take another name, or "=/"'
            " to add alternatives to it",
        )
    entries = {entry.rule.lower() for entry in base.entries}
    if rule.name.lower() in entries and not isinstance(existing.node, Alternation):
        raise _error(
            rule,
            f'rule "{rule.name}" is a header field or start line of {where}: add'
            " alternatives to a rule that it is made of",
        )


def _refuse_ambiguous(added: list[Rule], base: Grammar, grammar: Grammar) -> None:
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
            raise _error(
                rule,
                f'what is added to "{rule.name}" is ambiguous: {names} has a rule there already',
            )
        taken[key] = known | new


def _refuse_depth(rules: RuleSet, changed: set[str]) -> None:
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
                raise _error(
                    rules[name],
                    f'rule "{rules[name].name}" leads through more than {MAX_DEPTH} rules',
                )


def _is_header(rule: Rule) -> bool:
    return (
        isinstance(rule.node, Sequence)
        and len(rule.node.items) > 1
        and rule.node.items[1] == Reference("HCOLON")
    )


def _refuse_taken_names(fields: list[Rule], base: Grammar) -> None:
    taken: dict[str, str] = {}
    for entry in base.entries:
        if entry.kind == "header":
            rule = base.rules[entry.rule]
            of = f"{entry.name} (RFC {rule.rfc})" if rule.rfc else entry.name
            taken |= {name.lower(): of for name in (entry.name, *header_names(rule))}
    for rule in fields:
        names = header_names(rule)
        if not names:
            raise _error(rule, f'header rule "{rule.name}" does not begin with a name in quotes')
        for name in names:
            if name.lower() in taken:
                raise _error(
                    rule,
                    f'rule "{rule.name}" is ambiguous: "{name}" is the name of header field'
                    f" {taken[name.lower()]}",
                )
            if not _TOKEN.fullmatch(name):
                raise _error(rule, f'rule "{rule.name}": header field name "{name}" is no token')
            taken[name.lower()] = rule.name
        if isinstance(rule.node, Sequence) and rule.node.items[-1] == Reference("CRLF"):
            raise _error(rule, f'rule "{rule.name}" ends in CRLF, which message-header adds')


def _refuse_other_headers(attached: Iterable[Rule], fields: list[Rule]) -> None:
    known = {rule.name.lower() for rule in fields}
    for rule in attached:
        for reference in references(rule.node):
            if reference.name.lower() not in known:
                raise _error(
                    rule,
                    f'"{rule.name}" is extended by "{reference.name}", which is no header'
                    ' rule of yours: "Name" HCOLON value',
                )


def _refuse_unused(rules: RuleSet, own: RuleSet, base: Grammar) -> None:
    """Refuse rules that nothing leads to: most often a header rule of another form."""
    reached = rules.reachable([base.manifest.entries.message, *base.manifest.entries.uris])
    for rule in own.values():
        if rule.name.lower() not in reached:
            raise _error(
                rule,
                f'rule "{rule.name}" is used by nothing, and is no header field\'s:'
                ' that is written "Name" HCOLON value',
            )


def _refuse_recursion(rules: RuleSet, changed: set[str]) -> None:
    """In words for those who have no manifest to give a depth in."""
    left = {rule.name.lower() for rule in rules.left_recursive()}
    for name in sorted(changed - left):
        rule = rules[name]
        if name in rules.reachable(reference.name for reference in references(rule.node)):
            raise _error(
                rule,
                f'rule "{rule.name}" is recursive: an automaton needs a bound, so write out as'
                " many levels as are needed",
            )


def _reached(grammar: Grammar, changed: set[str]) -> Grammar:
    """The part of a grammar that the entry points with changed rules are made of."""
    entries = []
    needed: set[str] = set()
    for entry in grammar.entries:
        names = grammar.rules.reachable([entry.rule])
        if names & changed:
            entries.append(entry)
            needed |= names
    for entry in entries:
        needed |= grammar.rules.reachable(ref.name for ref in references(entry.node))
    rules = RuleSet(rule for rule in grammar.rules.values() if rule.name.lower() in needed)
    manifest = grammar.manifest
    strict = replace(
        manifest.strict,
        catch_all=tuple(name for name in manifest.strict.catch_all if name in rules),
        without=tuple(item for item in manifest.strict.without if item.rule in rules),
    )
    recursion = tuple(item for item in manifest.recursion if item.rule in rules)
    manifest = replace(manifest, strict=strict, recursion=recursion)
    return Grammar(rules, tuple(entries), manifest)


def _names_of(entry: Entry, grammar: Grammar) -> list[str]:
    return header_names(grammar.rules[entry.rule]) if entry.kind == "header" else [entry.name]


def _automaton(compiler: Compiler, language: Language, entry: Entry) -> Automaton:
    try:
        return compiler.automaton(entry.node)
    except ExplosionError as error:
        raise exploding(language.rules[entry.rule], error) from None


def _tables(language: Language, part: Grammar, changed: list[str]) -> dict[str, Any]:
    compiler = language.compiler(MAX_STATES, MAX_STEPS)
    # The user's own rules first: what is too much is most likely among them.
    for name in changed:
        if name in language.rules:
            compiler.rule(name)
    automata = {}
    for entry in language.entries:
        compiler.begin()
        automata[entry.name] = _automaton(compiler, language, entry)
    joint = join(automata)
    refuse_empty(language, joint.starts)
    if len(joint.rows) > 0xFFFF - 1:
        raise GrammarError(
            f"all headers together need {len(joint.rows)} states; 65534 is the limit"
        )
    tables: dict[str, Any] = {language.name: packed_automata(joint, language.alphabet)}
    if language.name == "strict":
        hints = {}
        for entry in language.entries:
            compiler.begin()
            hints[entry.name] = diagnose(language, compiler, entry, joint)
        depths = {item.rule: item.depth for item in part.manifest.recursion}
        tables["hints"] = packed_hints(hints, language.rules, depths)["HINTS"]
    return tables
