"""Judges start lines and header field values by their automata, and says what is wrong.

A header field is dispatched by its name to the automaton of its own rule; a name without
one goes to ``extension-header``. Nothing falls back from the one to the other: a
malformed ``CSeq`` is not an extension header (RFC 3261 section 7.3).
"""

from __future__ import annotations

import re

from sipgen.errors import Finding
from sipgen.language.automata import LanguageName, automata
from sipgen.language.grammar import Grammar
from sipgen.language.hints import END
from sipgen.language.relaxations import Relaxed
from sipgen.wire.locator import finding_of

__all__ = ["refusal", "relaxation_finding", "shown", "start_line_entry", "where_refused"]

_SHOWN_EXPECTATIONS = 6
_CATCH_ALL_HINT = (
    "The RFC's ABNF alone takes this through a rule for any parameter, scheme or URI; "
    "what has a rule of its own must match that rule."
)


def start_line_entry(line: bytes) -> str:
    """``Status-Line`` for what begins as one (RFC 3261 section 7.2), else ``Request-Line``."""
    return "Status-Line" if line[:4].upper() == b"SIP/" else "Request-Line"


def refusal(grammar: Grammar, entry: str, header: str | None, value: bytes) -> Finding | None:
    """What is wrong with a value by the grammar; ``None`` if it is a sentence of ``entry``.

    :param entry: the entry point, see :meth:`Grammar.entry_of` and :func:`start_line_entry`.
    :param header: canonical header name for the finding, ``None`` for a start line.
    :param value: the octets behind the colon of a header line, or the start line.
    :return: a finding whose offsets count from the first octet of ``value``; its line and
        column are 0.
    """
    tables = grammar.tables(entry)
    if tables.strict.matches(entry, value):
        return None
    at, state = tables.strict.failure(entry, value)
    found = tables.hints().of(entry, state)
    parameter = _parameter(value[:at])
    if parameter:
        found = tables.hints().within(parameter, found)
    what = header or entry
    octet = value[at : at + 1]
    fault = f"unexpected {shown(octet)}" if octet else "the value ends too early"
    if at and octet and _only_white_space(value[at:]):
        fault = "unexpected white space at the end"
    # A rule that is expected, or that names the line, need not be named once more.
    within = "" if found.rule in {what, *found.expected} else f" in {found.rule}"
    lenient = tables.abnf.matches(entry, value)
    return Finding(
        rule=found.rule,
        severity="error",
        message=f"{what}: {fault}; expected {_expectation(found.expected)}{within}",
        rfc=found.rfc,
        section=found.section,
        header=header,
        start=at,
        end=at + len(octet),
        line=0,
        column=0,
        expected=found.expected,
        hint=_CATCH_ALL_HINT if lenient else "",
    )


def relaxation_finding(taken: Relaxed, header: str | None) -> Finding:
    """The finding about octets of a value that a relaxation took, placed as by :func:`refusal`."""
    relaxation, start, end = taken.relaxation, taken.start, taken.end
    return finding_of(relaxation.id, relaxation.message, start, end, (0, 0), header=header)


def where_refused(
    entry: str, value: bytes, language: LanguageName = "strict"
) -> tuple[int, str] | None:
    """Return where a value stops matching a rule of the RFCs' grammar, and words for it.

    :return: the offset of the first octet that cannot be there, and words that follow a
        colon; ``None`` if the value matches, or if the grammar has no such entry.
    """
    machine = automata(language)
    if entry not in machine.starts or machine.matches(entry, value):
        return None
    at, _ = machine.failure(entry, value)
    if at >= len(value):
        return at, "it ends too early"
    return at, f"unexpected {shown(value[at : at + 1])} at byte {at}"


_NAME = rb"([\w.!%*+`'~-]+)"
_IN_VALUE = re.compile(_NAME + rb"""[ \t\r\n]*=[ \t\r\n]*"?[^;,=<>?&"]*\Z""", re.ASCII)
_AFTER_NAME = re.compile(rb"""[;,<?&"\s]""" + _NAME + rb"\Z", re.ASCII)
_LONGEST = 200


def _parameter(before: bytes) -> str | None:
    """The name of the parameter that a fault after ``before`` is in, in lower case."""
    text = before[-_LONGEST:]
    match = _IN_VALUE.search(text) if b"=" in text else None
    match = match or _AFTER_NAME.search(text)
    return match[1].decode("ascii").lower() if match else None


def _expectation(expected: tuple[str, ...]) -> str:
    # One more is as short as the words that stand for it.
    shown = list(expected[: _SHOWN_EXPECTATIONS + (len(expected) == _SHOWN_EXPECTATIONS + 1)])
    if END in expected and END not in shown:
        shown[-1] = END
    more = len(expected) - len(shown)
    if more:
        return ", ".join(shown) + f" or one of {more} others"
    return " or ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def _only_white_space(octets: bytes) -> bool:
    return not octets.strip(b" \t\r\n")


def shown(octet: bytes) -> str:
    """Return an octet for a person: quoted if printable, by number if not."""
    if octet == b" ":
        return "space"
    if octet == b"\t":
        return "tab"
    if octet.isascii() and octet.decode("ascii").isprintable():
        return f'"{octet.decode("ascii")}"'
    return f"byte 0x{octet.hex().upper()}"
