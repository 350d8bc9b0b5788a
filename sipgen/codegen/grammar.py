"""Joins the RFCs' rules into one grammar, as the manifest says.

Each file is read on its own; then renamed rules take their new names, identical
definitions are merged, overrides and amendments take their places, and what is left
must be complete: nothing undefined, nothing unused, nothing left-recursive.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from sipgen.codegen.abnf import read_abnf
from sipgen.codegen.manifest import Amendment, Manifest, read_manifest
from sipgen.codegen.model import (
    Alternation,
    Literal,
    Node,
    Reference,
    Rule,
    RuleSet,
    Sequence,
    children,
    rebuild,
    sequence,
)
from sipgen.codegen.registry import Row, read_table
from sipgen.errors import GrammarError

__all__ = [
    "Entry",
    "Grammar",
    "completed",
    "entry_node",
    "header_names",
    "join_grammar",
    "refers_to",
    "with_headers",
]


class Entry(NamedTuple):
    """Something that a message is taken apart into, and judged by an automaton of its own."""

    name: str
    """A header field's name, or the rule's name for start lines and URIs."""
    kind: str
    """``header``, ``extension-header``, ``start-line`` or ``uri``."""
    rule: str
    """The ABNF rule that the entry is taken from."""
    node: Node
    """What is matched: of a header field what follows the colon, of a start line all
    but its CRLF."""


class Grammar(NamedTuple):
    """The joined grammar."""

    rules: RuleSet
    entries: tuple[Entry, ...]
    manifest: Manifest
    ordinary: tuple[Rule, ...] = ()
    """What the language ``ordinary`` has instead of rules of the same name, and helpers."""


def join_grammar(folder: Path) -> Grammar:
    """Read ``grammar/``: manifest, published rules, amendments, ordinary rules.

    :param folder: the folder that holds ``manifest.toml``.
    :raises GrammarError: naming every fault with file, line and column.
    """
    manifest = read_manifest(folder / "manifest.toml")
    rules = _joined(folder, manifest)
    _amend(rules, folder, manifest)
    _attach(rules, read_table(folder / "registry", "header_fields").rows, manifest.entries.headers)
    return completed(rules, manifest)._replace(ordinary=tuple(_read(folder, "ordinary.abnf")))


def completed(rules: RuleSet, manifest: Manifest) -> Grammar:
    """The grammar of ``rules``, once it is sure that an automaton can be made of each.

    :raises GrammarError: naming every rule that is undefined, unused, left-recursive, or
        recursive without a depth in the manifest.
    """
    entries = _entries(rules, manifest)
    allowed = [name for drop in manifest.unused for name in drop.rules]
    starts = [manifest.entries.message, *(entry.rule for entry in entries), *allowed]
    rules.check(starts)
    bounded = {recursion.rule.lower() for recursion in manifest.recursion}
    for rule in rules.recursive():
        if rule.name.lower() not in bounded:
            raise rule.position.error(
                f'rule "{rule.name}" is recursive; the manifest gives no depth'
            )
    return Grammar(rules, entries, manifest)


def _read(folder: Path, file: str, *, core: bool = False) -> list[Rule]:
    path = folder / file
    try:
        text = path.read_text(encoding="ascii")
    except OSError as error:
        raise GrammarError(error.strerror or str(error), path=str(path)) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise GrammarError("ABNF is written in ASCII", path=str(path), line=line) from None
    return read_abnf(text, str(path), core=core)


def _joined(folder: Path, manifest: Manifest) -> RuleSet:
    joined = RuleSet()
    decisions = _Decisions(manifest)
    for source in manifest.source:
        names = {item.rule.lower(): item.to for item in manifest.rename if item.of == source.rfc}
        for published in _read(folder, source.file, core=source.core):
            rule = _renamed(published, names)
            if not decisions.drops(published, source.rfc):
                _take_in(joined, rule, source.rfc, decisions)
    decisions.check()
    return joined


def _take_in(joined: RuleSet, rule: Rule, rfc: int, decisions: _Decisions) -> None:
    known = joined.get(rule.name) if rule.name in joined else None
    if known is None or rule.incremental:
        joined.add(rule)
    elif decisions.overrides(rule, known.rfc, rfc):
        if known.extended_by:
            further = ", ".join(f"RFC {number}" for number, _ in known.extended_by)
            raise rule.position.error(
                f'to override "{rule.name}" would lose what {further} added to it'
            )
        joined.override(rule)
    elif decisions.extends(rule, known.rfc, rfc):
        joined.extend(rule)
    elif known.node != rule.node:
        raise rule.position.error(
            f'RFC {rfc} and RFC {known.rfc} define "{rule.name}" differently;'
            " the manifest must override, extend, drop or rename one",
        )


class _Decisions:
    """What the manifest says of rules that more than one RFC defines, and what of it is used."""

    def __init__(self, manifest: Manifest) -> None:
        self._override = {(item.rule.lower(), item.by): item.of for item in manifest.override}
        self._extend = {(item.rule.lower(), item.by): item.of for item in manifest.extend}
        self._drop = {(name.lower(), item.of) for item in manifest.drop for name in item.rules}
        self._used: set[tuple[str, str, int]] = set()

    def drops(self, rule: Rule, rfc: int) -> bool:
        found = (rule.name.lower(), rfc) in self._drop
        return found and self._use("drops", rule, rfc)

    def overrides(self, rule: Rule, of: int | None, by: int) -> bool:
        found = self._override.get((rule.name.lower(), by))
        return found is not None and found == of and self._use("overrides", rule, by)

    def extends(self, rule: Rule, of: int | None, by: int) -> bool:
        found = self._extend.get((rule.name.lower(), by))
        return found is not None and found == of and self._use("extends", rule, by)

    def _use(self, verb: str, rule: Rule, rfc: int) -> bool:
        self._used.add((verb, rule.name.lower(), rfc))
        return True

    def check(self) -> None:
        """Refuse decisions about what is not there."""
        made = {("drops", *key) for key in self._drop}
        made |= {("overrides", *key) for key in self._override}
        made |= {("extends", *key) for key in self._extend}
        for verb, name, rfc in sorted(made - self._used):
            raise GrammarError(
                f'manifest {verb} "{name}" by RFC {rfc}, which is not there or is the first'
                if verb != "drops"
                else f'manifest drops "{name}" of RFC {rfc}, which is not there'
            )


def _renamed(rule: Rule, names: dict[str, str]) -> Rule:
    def change(node: Node) -> Node:
        if isinstance(node, Reference):
            return replace(node, name=names.get(node.name.lower(), node.name))
        return rebuild(node, change)

    return replace(rule, name=names.get(rule.name.lower(), rule.name), node=change(rule.node))


def _amend(rules: RuleSet, folder: Path, manifest: Manifest) -> None:
    decided: dict[str, dict[str, Amendment]] = {}
    for amendment in manifest.amendment:
        for name in (amendment.rule, *amendment.with_):
            decided.setdefault(amendment.file, {})[name.lower()] = amendment
    for file, amendments in decided.items():
        missing = dict(amendments)
        for rule in _read(folder, file):
            found = amendments.get(rule.name.lower())
            missing.pop(rule.name.lower(), None)
            if found is None:
                raise rule.position.error(f'amendment "{rule.name}" has no entry in the manifest')
            # What comes with an amendment is new.
            action = found.action if rule.name.lower() == found.rule.lower() else "define"
            exists = rule.name in rules
            if exists == (action == "define"):
                verb = "exists already" if exists else "does not exist"
                raise rule.position.error(f'amendment "{rule.name}" is to {action}: it {verb}')
            if rule.incremental != (action == "extend"):
                raise rule.position.error(f'amendment "{rule.name}" is to {action}: "=/" extends')
            if rule.incremental:
                rules.add(rule)
            else:
                rules.override(rule)
        for name in missing:
            raise GrammarError(f'rule "{name}" is not in it', path=str(folder / file))


def _attach(rules: RuleSet, rows: list[Row], headers: str) -> None:
    """Make the header fields of the registry alternatives of ``message-header``.

    Few RFCs write ``message-header =/``; the registry is what says that a rule is the one
    of a header field.
    """
    known = {name.lower() for name in _alternatives(rules[headers].node)}
    added = []
    for row in rows:
        if not row["rule"]:
            continue
        if row["rule"] not in rules:
            raise GrammarError(f'registry: header field {row["name"]} has no rule "{row["rule"]}"')
        rule = rules[row["rule"]]
        name, _ = _header_value(rule)
        if name.lower() != row["name"].lower():
            raise rule.position.error(
                f'"{rule.name}" is not the rule of {row["name"]}, but of {name}'
            )
        if rule.name.lower() not in known:
            added.append(Reference(rule.name))
    rules.override(with_headers(rules[headers], added))


def with_headers(rule: Rule, added: list[Reference]) -> Rule:
    """``message-header`` with further alternatives, before the CRLF that ends them all."""
    match rule.node:
        case Sequence((Alternation(items), Reference("CRLF"))):
            return replace(rule, node=Sequence((Alternation((*items, *added)), Reference("CRLF"))))
    raise rule.position.error(f'"{rule.name}" is not a choice of header fields and CRLF')


def entry_node(rule: Rule, kind: str) -> Node:
    """What the values of an entry point are matched with, by its rule."""
    match kind:
        case "uri":
            return Reference(rule.name)
        case "start-line":
            items = rule.node.items if isinstance(rule.node, Sequence) else ()
            if not items or not refers_to(items[-1], "CRLF"):
                raise rule.position.error(f'start line "{rule.name}" does not end in CRLF')
            return sequence(items[:-1])
        case _:
            return _header_value(rule)[1]


def _entries(rules: RuleSet, manifest: Manifest) -> tuple[Entry, ...]:
    wanted = manifest.entries
    found: list[Entry] = []
    for name in _alternatives(rules[wanted.headers].node):
        rule = rules[name]
        header, node = _header_value(rule)
        if name.lower() == wanted.extension_header.lower():
            found.append(Entry(rule.name, "extension-header", rule.name, node))
        else:
            found.append(Entry(header, "header", rule.name, node))
    others = [(name, "start-line") for name in wanted.start_lines]
    others += [(name, "uri") for name in wanted.uris]
    for name, kind in others:
        rule = rules[name]
        found.append(Entry(rule.name, kind, rule.name, entry_node(rule, kind)))
    return tuple(found)


def refers_to(node: Node, name: str) -> bool:
    """Whether ``node`` is the use of rule ``name``, in any case."""
    return isinstance(node, Reference) and node.name.lower() == name.lower()


def _alternatives(node: Node) -> list[str]:
    """The rules that a header list such as ``message-header`` chooses from."""
    if isinstance(node, Reference):
        return [] if refers_to(node, "CRLF") else [node.name]
    return [name for child in children(node) for name in _alternatives(child)]


def header_names(rule: Rule) -> list[str]:
    """The names that a header rule begins with: the long one, then compact forms."""
    first = rule.node.items[0] if isinstance(rule.node, Sequence) and rule.node.items else rule.node
    return [node.text for node in (first, *children(first)) if isinstance(node, Literal)]


def _header_value(rule: Rule) -> tuple[str, Node]:
    """The long name of a header rule, and what follows its colon."""
    items = rule.node.items if isinstance(rule.node, Sequence) else ()
    if len(items) < 2 or not refers_to(items[1], "HCOLON"):
        raise rule.position.error(
            f'header rule "{rule.name}" does not begin with a name and HCOLON'
        )
    names = header_names(rule) or [rule.name]
    return names[0], sequence((Reference("SWS"), *items[2:]))
