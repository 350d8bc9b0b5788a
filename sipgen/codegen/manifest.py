"""Reads ``grammar/manifest.toml``: what is in the grammar and what is made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sipgen.codegen.records import one_of, read_record, record

__all__ = [
    "Amendment",
    "Drop",
    "Entries",
    "Extend",
    "Harmless",
    "LarkChoices",
    "LeftOut",
    "Manifest",
    "Override",
    "Recursion",
    "Rename",
    "Source",
    "Strict",
    "Superseded",
    "Without",
    "read_manifest",
    "read_parts",
]


@dataclass(frozen=True)
class Source:
    """An RFC whose rules are in."""

    file: str
    rfc: int
    title: str
    core: bool = False


@dataclass(frozen=True)
class Override:
    """RFC ``by`` replaces a rule of RFC ``of``."""

    rule: str
    of: int
    by: int
    reason: str


@dataclass(frozen=True)
class Extend:
    """RFC ``by`` writes ``=`` for a rule of RFC ``of`` and means ``=/``."""

    rule: str
    of: int
    by: int
    reason: str


@dataclass(frozen=True)
class Superseded:
    """An RFC whose rules are not in, because later RFCs replaced all of them."""

    rfc: int
    by: tuple[int, ...]
    reason: str


@dataclass(frozen=True)
class LeftOut:
    """An RFC whose rules are not in, because they are not of messages: of bodies, say."""

    rfc: int
    reason: str


@dataclass(frozen=True)
class Harmless:
    """A rule that is not as its RFC must have meant it, and can stay as it is."""

    rule: str
    rfc: int
    reason: str


@dataclass(frozen=True)
class Drop:
    """Rules of RFC ``of`` that are left out, or that nothing needs to use."""

    rules: tuple[str, ...]
    of: int
    reason: str


@dataclass(frozen=True)
class Rename:
    """A rule of RFC ``of`` that goes by another name in the joined grammar."""

    rule: str
    of: int
    to: str
    reason: str


@dataclass(frozen=True)
class Amendment:
    """A rule of ``amendments/`` with what it rests on."""

    file: str
    rule: str
    action: str
    basis: str
    reason: str
    with_: tuple[str, ...] = field(default=(), metadata={"key": "with"})


@dataclass(frozen=True)
class Recursion:
    """A recursive rule, and the depth at which an automaton stops following it."""

    rule: str
    depth: int
    reason: str


@dataclass(frozen=True)
class Without:
    """What a rule, or one reference in it, does not take in the strict language."""

    rule: str
    reason: str
    reference: str | None = None
    names: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Strict:
    """How the strict language differs from the ABNF."""

    catch_all: tuple[str, ...]
    without: tuple[Without, ...] = ()


@dataclass(frozen=True)
class Entries:
    """The rules that automata are made of."""

    message: str
    headers: str
    extension_header: str
    start_lines: tuple[str, ...]
    uris: tuple[str, ...]


@dataclass(frozen=True)
class LarkChoices:
    """What is written differently in the Lark grammar."""

    lexemes: tuple[str, ...]


@dataclass(frozen=True)
class Manifest:
    """All of ``manifest.toml``."""

    source: tuple[Source, ...]
    entries: Entries
    strict: Strict
    lark: LarkChoices
    superseded: tuple[Superseded, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    override: tuple[Override, ...] = ()
    extend: tuple[Extend, ...] = ()
    harmless: tuple[Harmless, ...] = ()
    drop: tuple[Drop, ...] = ()
    unused: tuple[Drop, ...] = ()
    rename: tuple[Rename, ...] = ()
    amendment: tuple[Amendment, ...] = ()
    recursion: tuple[Recursion, ...] = ()


ACTIONS = ("define", "override", "extend")
"""What an amendment may do: a rule that was not there, another, further alternatives."""


def read_manifest(path: Path) -> Manifest:
    """Read and check the manifest.

    :param path: the ``manifest.toml``.
    :raises GrammarError: for what is no TOML, and for missing, unknown or ill-typed keys.
    """
    return _checked(read_record(Manifest, path, "the manifest"), path)


def read_parts(data: object, path: Path | str) -> Manifest:
    """The manifest that ``data``, as TOML or JSON gives it, stands for.

    :param path: the name under which mistakes are reported.
    :raises GrammarError: for missing, unknown or ill-typed keys.
    """
    return _checked(record(Manifest, data, "the manifest", path), path)


def _checked(manifest: Manifest, path: Path | str) -> Manifest:
    for amendment in manifest.amendment:
        one_of(amendment.action, ACTIONS, f'amendment "{amendment.rule}": action', path)
    return manifest
