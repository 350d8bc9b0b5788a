"""Reads ``grammar/manifest.toml``: what is in the grammar and what is made of it.

Every key is checked, so that a misspelt one is an error with the nearest right name
rather than a decision that silently does not hold.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from sipgen.errors import GrammarError

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

_PARTS: dict[str, type] = {
    "source": Source,
    "superseded": Superseded,
    "left_out": LeftOut,
    "override": Override,
    "extend": Extend,
    "harmless": Harmless,
    "drop": Drop,
    "unused": Drop,
    "rename": Rename,
    "amendment": Amendment,
    "recursion": Recursion,
    "without": Without,
    "entries": Entries,
    "strict": Strict,
    "lark": LarkChoices,
}

_Part = TypeVar("_Part")


def read_manifest(path: Path) -> Manifest:
    """Read and check the manifest.

    :param path: the ``manifest.toml``.
    :raises GrammarError: for what is no TOML, and for missing, unknown or ill-typed keys.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise GrammarError(str(error), path=str(path)) from error
    return read_parts(data, path)


def read_parts(data: object, path: Path | str) -> Manifest:
    """The manifest that ``data``, as TOML or JSON gives it, stands for.

    :param path: the name under which mistakes are reported.
    :raises GrammarError: for missing, unknown or ill-typed keys.
    """
    manifest = _record(Manifest, data, "the manifest", path)
    for amendment in manifest.amendment:
        if amendment.action not in ACTIONS:
            raise GrammarError(
                f'amendment "{amendment.rule}": action is "{amendment.action}"',
                path=str(path),
                expected=tuple(f'"{action}"' for action in ACTIONS),
            )
    return manifest


def _record(kind: type[_Part], data: object, what: str, path: Path | str) -> _Part:
    if not isinstance(data, dict):
        raise GrammarError(f"{what} is not a table", path=str(path))
    known = {item.metadata.get("key", item.name): item for item in fields(kind)}  # type: ignore[arg-type]
    _refuse_unknown(data, known, what, path)
    values: dict[str, Any] = {}
    for key, item in known.items():
        if key in data:
            values[item.name] = _value(data[key], str(item.type), f"{what}, {key}", path)
        elif item.default is MISSING:
            raise GrammarError(f'{what} lacks "{key}"', path=str(path))
    return kind(**values)


def _refuse_unknown(data: Iterable[str], known: Iterable[str], what: str, path: Path | str) -> None:
    names = sorted(known)
    for key in data:
        if key not in names:
            near = difflib.get_close_matches(key, names, n=1)
            raise GrammarError(
                f'{what} has an unknown key "{key}"',
                path=str(path),
                expected=tuple(f'"{name}"' for name in near or names),
            )


def _value(value: object, kind: str, what: str, path: Path | str) -> object:
    part = what.rsplit(", ", 1)[-1]
    if kind.startswith("tuple["):
        if not isinstance(value, list):
            raise GrammarError(f"{what} is not a list", path=str(path))
        inner = kind[6:].split(",", 1)[0]
        if inner in {"str", "int"}:
            return tuple(_value(item, inner, what, path) for item in value)
        return tuple(
            _record(_PARTS[part], item, f"{what} {number}", path)
            for number, item in enumerate(value, start=1)
        )
    if part in _PARTS and kind in {"Entries", "LarkChoices", "Strict"}:
        return _record(_PARTS[part], value, what, path)
    wanted: type = {"int": int, "bool": bool}.get(kind, str)
    if type(value) is not wanted:
        raise GrammarError(f"{what} is not of type {wanted.__name__}", path=str(path))
    return value
