"""Joins the RFCs' rules into one grammar, as the manifest says.

Each file is read on its own; then renamed rules take their new names, identical
definitions are merged, overrides and amendments take their places, and what is left
must be complete: nothing undefined, nothing unused, nothing left-recursive.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from sipgen.codegen.abnf import read_rules
from sipgen.codegen.manifest import Amendment, Manifest, read_manifest
from sipgen.codegen.rules import (
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
from sipgen.errors import GrammarError

__all__ = ["Entry", "Grammar", "load_grammar"]


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


def load_grammar(folder: Path) -> Grammar:
    """Read ``grammar/``: manifest, published rules, amendments.

    :param folder: the folder that holds ``manifest.toml``.
    :raises GrammarError: naming every fault with file, line and column.
    """
    manifest = read_manifest(folder / "manifest.toml")
    rules = _joined(folder, manifest)
    _amend(rules, folder, manifest)
    entries = _entries(rules, manifest)
    allowed = [name for drop in manifest.unused for name in drop.rules]
    starts = [manifest.entries.message, *(entry.rule for entry in entries), *allowed]
    rules.check(starts)
    bounded = {recursion.rule.lower() for recursion in manifest.recursion}
    for rule in rules.recursive():
        if rule.name.lower() not in bounded:
            raise _error(rule, f'rule "{rule.name}" is recursive; the manifest gives no depth')
    return Grammar(rules, entries, manifest)


def _error(rule: Rule, message: str) -> GrammarError:
    at = rule.position
    return GrammarError(message, path=at.path, line=at.line, column=at.column)


def _read(folder: Path, file: str, *, core: bool = False) -> list[Rule]:
    path = folder / file
    try:
        text = path.read_text(encoding="ascii")
    except OSError as error:
        raise GrammarError(error.strerror or str(error), path=str(path)) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise GrammarError("ABNF is written in ASCII", path=str(path), line=line) from None
    return read_rules(text, str(path), core=core)


def _joined(folder: Path, manifest: Manifest) -> RuleSet:
    overridden = {(item.rule.lower(), item.by): item.of for item in manifest.override}
    dropped = {(name.lower(), item.of) for item in manifest.drop for name in item.rules}
    joined = RuleSet()
    for source in manifest.source:
        names = {item.rule.lower(): item.to for item in manifest.rename if item.of == source.rfc}
        own = RuleSet(
            _renamed(rule, names) for rule in _read(folder, source.file, core=source.core)
        )
        for rule in own.values():
            key = (rule.name.lower(), source.rfc)
            if key in dropped:
                dropped.remove(key)
                continue
            known = joined.get(rule.name) if rule.name in joined else None
            if known is None:
                joined.add(rule)
            elif key in overridden and overridden[key] == known.rfc:
                del overridden[key]
                joined.override(rule)
            elif known.node != rule.node:
                raise _error(
                    rule,
                    f'RFC {source.rfc} and RFC {known.rfc} define "{rule.name}" differently;'
                    " the manifest must override or rename one",
                )
    for name, of in sorted(dropped):
        raise GrammarError(f'manifest drops "{name}" of RFC {of}, which is not there')
    for name, by in sorted(overridden):
        raise GrammarError(f'manifest overrides "{name}" by RFC {by}, which is not there')
    return joined


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
        for rule in _read(folder, file):
            found = amendments.pop(rule.name.lower(), None)
            if found is None:
                raise _error(rule, f'amendment "{rule.name}" has no entry in the manifest')
            exists = rule.name in rules
            if exists != (found.action == "override"):
                verb = "does not exist" if found.action == "override" else "exists already"
                raise _error(rule, f'amendment "{rule.name}" is to {found.action}: it {verb}')
            rules.override(rule)
        for name in amendments:
            raise GrammarError(f'rule "{name}" is not in it', path=str(folder / file))


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
    for name in wanted.start_lines:
        rule = rules[name]
        items = rule.node.items if isinstance(rule.node, Sequence) else ()
        if not items or items[-1] != Reference("CRLF"):
            raise _error(rule, f'start line "{name}" does not end in CRLF')
        found.append(Entry(rule.name, "start-line", rule.name, sequence(items[:-1])))
    found += [Entry(rules[name].name, "uri", name, Reference(name)) for name in wanted.uris]
    return tuple(found)


def _alternatives(node: Node) -> list[str]:
    """The rules that a header list such as ``message-header`` chooses from."""
    if isinstance(node, Reference):
        return [] if node.name == "CRLF" else [node.name]
    return [name for child in children(node) for name in _alternatives(child)]


def _header_value(rule: Rule) -> tuple[str, Node]:
    """The long name of a header rule, and what follows its colon."""
    items = rule.node.items if isinstance(rule.node, Sequence) else ()
    if len(items) < 2 or items[1] != Reference("HCOLON"):
        raise _error(rule, f'header rule "{rule.name}" does not begin with a name and HCOLON')
    names = [node.text for node in (items[0], *children(items[0])) if isinstance(node, Literal)]
    return (names[0] if names else rule.name), sequence((Reference("SWS"), *items[2:]))
