"""Joins a user's rules to the RFCs' and compiles what they add or change.

A rule of the form ``"X-Acme-Trunk" HCOLON ...`` is a header field's and becomes an
alternative of message-header; ``=/`` adds alternatives to a rule of the RFCs. Only the
entry points that the user's rules reach into are compiled. The text may come from
anywhere, so everything about it is limited: what is too much is refused with the rule
named, within seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sipgen.codegen import user_errors
from sipgen.codegen.abnf import read_abnf
from sipgen.codegen.compilation import MAX_STATES, MAX_STEPS, Compilation
from sipgen.codegen.grammar import Entry, Grammar, completed, header_names, with_headers
from sipgen.codegen.model import Reference, Rule, RuleSet, references
from sipgen.codegen.user_errors import MAX_DEPTH
from sipgen.errors import GrammarError

__all__ = [
    "MAX_DEPTH",
    "MAX_RULES",
    "MAX_STATES",
    "MAX_STEPS",
    "MAX_TEXT",
    "compiled_extension",
]

FORMAT = 3
"""Number of the form of the tables, as ``sipgen.language.stored`` knows it."""

MAX_TEXT = 100_000
"""Characters of a user's ABNF; the RFCs' whole grammar has half as many."""

MAX_RULES = 1_000
"""Rules in a user's ABNF; the RFCs have 844."""

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
    first = next(iter(texts), None)
    size = sum(map(len, texts.values()))
    if size > MAX_TEXT:
        raise GrammarError(f"{size} characters of ABNF; the limit is {MAX_TEXT}", path=first)
    rules = [rule for path, text in texts.items() for rule in _read(text, path)]
    if len(rules) > MAX_RULES:
        raise GrammarError(f"{len(rules)} rules; the limit is {MAX_RULES}", path=first)
    grammar, changed, extended = _joined(base, rules)
    part = _reached(grammar, changed)
    if not part.entries:
        raise GrammarError("nothing in it is new", path=first)
    names = ", ".join(entry.name for entry in part.entries)
    progress(f"{len(part.entries)} entry points to compile: {names}")
    tables: dict[str, Any] = {
        "format": FORMAT,
        "entries": {
            entry.name: {"kind": entry.kind, "names": _names_of(entry, grammar)}
            for entry in part.entries
        },
    }
    work = Compilation(part, changed, MAX_STATES, MAX_STEPS)
    user_errors.refuse_overlaps(extended, base, *work.strict)
    known = {entry.name for entry in base.entries}
    own = [entry for entry in part.entries if entry.name not in known]
    # The user's own first, then the largest: what is too much is most likely among them.
    others = sorted((entry for entry in part.entries if entry.name in known), key=work.size)
    for number, entry in enumerate([*own, *reversed(others)], start=1):
        work.compile(entry)
        progress(f"{number}/{len(part.entries)} {entry.name}")
    return tables | work.tables()


def _read(abnf: str, path: str) -> list[Rule]:
    try:
        abnf.encode("ascii")
    except UnicodeEncodeError as error:
        line = abnf.count("\n", 0, error.start) + 1
        column = error.start - abnf.rfind("\n", 0, error.start)
        message = "ABNF is written in ASCII"
        raise GrammarError(message, path=path, line=line, column=column) from None
    rules = read_abnf(abnf, path)
    if not rules:
        raise GrammarError("there are no rules in it", path=path)
    return rules


def _joined(base: Grammar, added: list[Rule]) -> tuple[Grammar, set[str], list[Rule]]:
    """The grammar with the user's rules, and what is not as it was.

    That is lower-case names of rules, and the rules that add to one of the RFCs'.
    """
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
            user_errors.refuse_to_redefine(rule, base)
            extended.append(rule)
        rules.add(rule)
        # What is wrong with it now is wrong with what was added.
        rules.override(replace(rules[name], position=rule.position))
        if not rule.incremental:
            own.add(rule)
        changed.add(name)
    fields = [rules[rule.name] for rule in own.values() if user_errors.is_header(rules[rule.name])]
    user_errors.refuse_taken_names(fields, base)
    user_errors.refuse_other_headers(attached, fields)
    rules.override(with_headers(rules[headers], [Reference(rule.name) for rule in fields]))
    user_errors.refuse_recursion(
        rules, changed, {item.rule.lower() for item in base.manifest.recursion}
    )
    user_errors.refuse_unused(rules, own, base)
    grammar = completed(rules, base.manifest)
    user_errors.refuse_depth(rules, changed)
    user_errors.refuse_ambiguous(extended, base, grammar)
    return grammar, changed, extended


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
