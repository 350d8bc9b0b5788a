"""Judges start lines and header field values by their automata, and says what is wrong.

A header field is dispatched by its name to the automaton of its own rule; a name without
one goes to ``extension-header``. Nothing falls back from the one to the other: a
malformed ``CSeq`` is not an extension header (RFC 3261 section 7.3).
"""

from __future__ import annotations

import re

from sipgen.errors import Finding
from sipgen.generated.conformance import RULES
from sipgen.validation.grammar import Grammar
from sipgen.validation.hints import END
from sipgen.validation.relaxations import Relaxed
from sipgen.wire.locator import Locator

__all__ = ["relaxation_finding", "start_line_entry", "value_finding"]

_SHOWN_EXPECTATIONS = 6
_CATCH_ALL_HINT = (
    "The RFC's ABNF alone takes this through a rule for any parameter, scheme or URI; "
    "what has a rule of its own must match that rule."
)


def start_line_entry(line: bytes) -> str:
    """``Status-Line`` for what begins as one (RFC 3261 section 7.2), else ``Request-Line``."""
    return "Status-Line" if line[:4].upper() == b"SIP/" else "Request-Line"


def value_finding(
    grammar: Grammar, entry: str, header: str | None, locator: Locator, start: int, end: int
) -> Finding | None:
    """The finding about octets ``start`` to ``end``, ``None`` if it is a sentence of ``entry``.

    :param entry: the entry point, see :meth:`Grammar.entry_of` and :func:`start_line_entry`.
    :param header: canonical header name for the finding, ``None`` for a start line.
    :param locator: the whole message, for offset, line and column.
    """
    value = locator.data[start:end]
    tables = grammar.tables(entry)
    if tables.strict.matches(entry, value):
        return None
    offset, state = tables.strict.failure(entry, value)
    found = tables.hints().of(entry, state)
    parameter = _parameter(value[:offset])
    if parameter:
        found = tables.hints().within(parameter, found)
    at = start + offset
    what = header or entry
    octet = value[offset : offset + 1]
    fault = f"{_shown(octet)} cannot stand here" if octet else "the value ends too early"
    if offset and octet and _only_white_space(value[offset:]):
        fault = "white space cannot stand at the end"
    line, column = locator.position(at)
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
        line=line,
        column=column,
        expected=found.expected,
        hint=_CATCH_ALL_HINT if lenient else "",
    )


def relaxation_finding(taken: Relaxed, header: str | None, locator: Locator, start: int) -> Finding:
    """The finding about octets of the value at ``start`` that a relaxation took."""
    facts = RULES[taken.relaxation.id]
    begin, end = start + taken.start, start + taken.end
    line, column = locator.position(begin)
    return Finding(
        rule=facts.id,
        severity="warning",
        message=taken.relaxation.message,
        rfc=facts.rfc,
        section=facts.section,
        header=header,
        start=begin,
        end=end,
        line=line,
        column=column,
        hint=facts.hint,
    )


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


def _shown(octet: bytes) -> str:
    """An octet for a person: quoted if printable, by number if not."""
    if octet == b" ":
        return "a space"
    if octet == b"\t":
        return "a tab"
    if octet.isascii() and octet.decode("ascii").isprintable():
        return f'"{octet.decode("ascii")}"'
    return f"octet 0x{octet.hex().upper()}"
