"""Reads ``conformance.toml`` and ``presence.toml``: the rules that ABNF cannot say.

What they say becomes three modules: ``conformance.py`` with what findings need, small
enough to be imported by every program that validates, ``presence.py``, and
``explanations.py`` with the reasons and examples that ``sipgen explain`` shows.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from sipgen.errors import GrammarError

__all__ = [
    "LEVELS",
    "SEVERITIES",
    "LeftOut",
    "Presence",
    "Rule",
    "read_left_out",
    "read_presence",
    "read_repeatable",
    "read_rules",
]

LEVELS = ("MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "derived")
"""What a rule is worth: RFC 2119's words, or what follows from the RFC without one."""

SEVERITIES = ("error", "warning", "off")


@dataclass(frozen=True)
class Rule:
    """A rule beyond the ABNF."""

    id: str
    requirement: str
    """In our words."""
    rfc: int
    section: str
    level: str
    strict: str
    """Severity by the RFCs' letter."""
    interop: str
    """Severity for a careful receiver."""
    hint: str
    """What to do about a breach."""
    why: str
    """Why the rule exists, or what goes wrong without it."""
    on: str
    """What the examples are made of: ``INVITE``, ``200 INVITE``."""
    breaks: str
    """What to change in it to break the rule."""
    keeps: str
    """What to change in it to keep the rule, close to the breach."""


@dataclass(frozen=True)
class Presence:
    """What the RFCs say of a header field in requests or responses."""

    header: str
    where: str
    """``any``, ``request``, ``response``, or response codes: ``2xx 401 300-699``."""
    rfc: int
    section: str
    mandatory: tuple[str, ...] = ()
    """Methods with which it must be there."""
    forbidden: tuple[str, ...] = ()
    """Methods with which it must not be there."""
    optional: tuple[str, ...] = ()
    """Methods with which it may be there."""
    rule: str = ""
    """Id of the rule that is broken where it is missing."""


@dataclass(frozen=True)
class LeftOut:
    """A requirement of the RFCs that one message alone cannot be held to."""

    requirement: str
    """In our words."""
    rfc: int
    section: str
    reason: str
    """Why no rule asks for it."""


_Record = TypeVar("_Record", Rule, LeftOut, Presence)
_FILE = ("rule", "left_out")
_PRESENCE_FILE = ("presence", "repeatable")
_CODE = r"[1-6](?:xx|[0-9]x|[0-9][0-9](?:-[1-6][0-9][0-9])?)"
_CODES = re.compile(rf"{_CODE}(?: {_CODE})*")


def read_rules(path: Path) -> tuple[Rule, ...]:
    """The rules of ``conformance.toml``, in its order.

    :raises GrammarError: for what is no TOML; for a key that is missing, unknown (with the
        nearest one) or of another type; for an id that is there twice.
    """
    rules = _read(path, "rule", Rule, _FILE)
    seen: set[str] = set()
    for rule in rules:
        what = f'rule "{rule.id}"'
        if rule.id in seen:
            raise GrammarError(f"{what} is there twice", path=str(path))
        seen.add(rule.id)
        _one_of(rule.level, LEVELS, f"{what}, level", path)
        _one_of(rule.strict, SEVERITIES, f"{what}, strict", path)
        _one_of(rule.interop, SEVERITIES, f"{what}, interop", path)
    return rules


def read_left_out(path: Path) -> tuple[LeftOut, ...]:
    """What ``conformance.toml`` says is left out; errors as for :func:`read_rules`."""
    return _read(path, "left_out", LeftOut, _FILE)


def read_presence(path: Path) -> tuple[Presence, ...]:
    """The rows of ``presence.toml``; errors as for :func:`read_rules`."""
    rows = _read(path, "presence", Presence, _PRESENCE_FILE)
    for row in rows:
        if row.where not in {"any", "request", "response"} and not _CODES.fullmatch(row.where):
            raise GrammarError(
                f'presence of {row.header}, where is "{row.where}"',
                path=str(path),
                expected=('"any"', '"request"', '"response"', 'codes such as "2xx 401 500-599"'),
            )
    return rows


def read_repeatable(path: Path) -> tuple[str, ...]:
    """The header fields that ``presence.toml`` lets stand several times, lists aside."""
    found = _value(_data(path).get("repeatable", []), "tuple[str, ...]", "repeatable", path)
    return tuple(map(str, found)) if isinstance(found, tuple) else ()


def _read(path: Path, key: str, kind: type[_Record], keys: tuple[str, ...]) -> tuple[_Record, ...]:
    data = _data(path)
    for name in data:
        _one_of(name, keys, "the file, key", path)
    rows = data.get(key, [])
    if not isinstance(rows, list):
        raise GrammarError(f'"{key}" is not a list of tables', path=str(path))
    return tuple(_record(kind, row, f"{key} {n}", path) for n, row in enumerate(rows, start=1))


def _data(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise GrammarError(str(error), path=str(path)) from error


def _record(kind: type[_Record], row: object, what: str, path: Path) -> _Record:
    if not isinstance(row, dict):
        raise GrammarError(f"{what} is not a table", path=str(path))
    name = row.get("id") or row.get("header")
    what = f'{what} ("{name}")' if name else what
    known = {item.name: item for item in fields(kind)}
    for key in row:
        _one_of(key, tuple(known), f"{what}, key", path)
    values: dict[str, Any] = {}
    for key, item in known.items():
        if key in row:
            values[key] = _value(row[key], str(item.type), f"{what}, {key}", path)
        elif item.default is MISSING:
            raise GrammarError(f'{what} lacks "{key}"', path=str(path))
    return kind(**values)


def _value(value: object, kind: str, what: str, path: Path) -> object:
    if kind.startswith("tuple["):
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise GrammarError(f"{what} is not a list of texts", path=str(path))
        return tuple(value)
    wanted: type = int if kind == "int" else str
    if type(value) is not wanted:
        raise GrammarError(f"{what} is not of type {wanted.__name__}", path=str(path))
    return value


def _one_of(found: str, known: tuple[str, ...], what: str, path: Path) -> None:
    if found not in known:
        near = difflib.get_close_matches(found, known, n=1)
        raise GrammarError(
            f'{what} is "{found}"',
            path=str(path),
            expected=tuple(f'"{name}"' for name in near or known),
        )
