"""Reads ``conformance.toml`` and ``presence.toml``: the rules that ABNF cannot say.

What they say becomes three modules: ``conformance.py`` with what findings need, small
enough to be imported by every program that validates, ``presence.py``, and
``explanations.py`` with the reasons and examples that ``sipgen explain`` shows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sipgen.codegen.records import one_of, read_record
from sipgen.errors import GrammarError

__all__ = [
    "LEVELS",
    "SEVERITIES",
    "Conformance",
    "LeftOut",
    "Presence",
    "PresenceTable",
    "Rule",
    "read_conformance",
    "read_presence",
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


@dataclass(frozen=True)
class Conformance:
    """All of ``conformance.toml``."""

    rule: tuple[Rule, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class PresenceTable:
    """All of ``presence.toml``."""

    presence: tuple[Presence, ...] = ()
    repeatable: tuple[str, ...] = ()
    """The header fields that may appear several times, lists aside."""


_CODE = r"[1-6](?:xx|[0-9]x|[0-9][0-9](?:-[1-6][0-9][0-9])?)"
_CODES = re.compile(rf"{_CODE}(?: {_CODE})*")


def read_conformance(path: Path) -> Conformance:
    """The rules of ``conformance.toml``, in its order, and what is left out.

    :raises GrammarError: for what is no TOML; for a key that is missing, unknown (with the
        nearest one) or of another type; for an id that is there twice.
    """
    found = read_record(Conformance, path, "the file")
    seen: set[str] = set()
    for rule in found.rule:
        what = f'rule "{rule.id}"'
        if rule.id in seen:
            raise GrammarError(f"{what} is there twice", path=str(path))
        seen.add(rule.id)
        one_of(rule.level, LEVELS, f"{what}, level", path)
        one_of(rule.strict, SEVERITIES, f"{what}, strict", path)
        one_of(rule.interop, SEVERITIES, f"{what}, interop", path)
    return found


def read_presence(path: Path) -> PresenceTable:
    """What ``presence.toml`` holds; errors as for :func:`read_conformance`."""
    found = read_record(PresenceTable, path, "the file")
    for row in found.presence:
        if row.where not in {"any", "request", "response"} and not _CODES.fullmatch(row.where):
            raise GrammarError(
                f'presence of {row.header}, where is "{row.where}"',
                path=str(path),
                expected=('"any"', '"request"', '"response"', 'codes such as "2xx 401 500-599"'),
            )
    return found
