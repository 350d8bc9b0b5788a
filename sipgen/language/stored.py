"""Reads tables that ``sipgen generate`` wrote, and makes sure that they can be used.

They come from a file, so anything may have happened to them. Whatever would go wrong
while a message is judged goes wrong here instead, before the first message.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from sipgen.errors import GrammarError
from sipgen.generated.headers import HEADER_FIELDS
from sipgen.language.automata import Automata, automata
from sipgen.language.hints import Hints
from sipgen.language.unpacking import packed_octets
from sipgen.wire.names import canonical, is_token

__all__ = ["FORMAT", "unpacked"]

FORMAT = 3
"""Number of the form of the tables; another form gets another number."""

_MAX_UNPACKED = 50_000_000
"""Octets that one of the tables may hold: a hundred times the RFCs'."""

_LANGUAGES = ("strict", "abnf")
_OCTETS = 256


def unpacked(tables: Mapping[str, Any]) -> tuple[Automata, Automata, Hints, dict[str, str]]:
    """Automata of both languages, hints, and the entry by lower-case header field name.

    :param tables: as ``sipgen.codegen.extension`` makes them.
    :raises GrammarError: for tables of another form, or damaged. What is no table at all
        may raise anything else.
    """
    if tables["format"] != FORMAT:
        raise GrammarError(
            f"grammar tables of form {tables['format']!r:.30}; this sipgen reads form {FORMAT}:"
            " run sipgen generate again"
        )
    for language in _LANGUAGES:
        for name in ("PATTERNS", "SIZES", "SHAPES", "TARGETS", "ACCEPTING"):
            _refuse_too_much(tables[language][name])
    for name in ("TEXTS", "STATES", "NUMBERS"):
        _refuse_too_much(tables["hints"][name])
    strict, abnf = (Automata(tables[language]) for language in _LANGUAGES)
    entries: Mapping[str, Any] = tables["entries"]
    for machine in (strict, abnf):
        _require(set(machine.starts) == set(entries), "entry points and automata differ")
        machine.check()
    hints = Hints(tables["hints"])
    hints.check(strict)
    return strict, abnf, hints, _names(entries)


def _refuse_too_much(packed: str) -> None:
    stream = zlib.decompressobj()
    stream.decompress(packed_octets(packed), _MAX_UNPACKED)
    _require(stream.eof, "a table is too large, or its end is missing")


def _names(entries: Mapping[str, Any]) -> dict[str, str]:
    """Entry by lower-case name: what the RFCs know keeps its meaning."""
    known = automata("strict").starts
    found: dict[str, str] = {}
    for entry, facts in entries.items():
        registered = entry in HEADER_FIELDS
        if facts["kind"] != "header":
            _require(entry in known and not registered, f"{entry!r:.60} is no entry point")
            continue
        _require(registered or entry.lower() not in map(str.lower, known), f"{entry!r:.60}: taken")
        for name in facts["names"]:
            whose = canonical(name)
            mine = whose == entry if registered else whose not in HEADER_FIELDS
            _require(is_token(name) and mine and name.lower() not in found, f"{name!r:.60}: taken")
            found[name.lower()] = entry
    return found


def _require(holds: bool, what: str) -> None:  # noqa: FBT001 - a condition and its words
    if not holds:
        raise GrammarError(f"no grammar tables: {what}")
