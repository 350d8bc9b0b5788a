"""The verdict on one header line, or start line: it depends on its text alone.

What the grammar says of it, what a relaxation makes of that, and what the value rules find,
all with offsets relative to the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

from sipgen.errors import Finding, ParseError
from sipgen.generated.conformance import RULES
from sipgen.language.grammar import Grammar
from sipgen.language.judging import refusal, relaxation_finding
from sipgen.language.relaxations import RELAXATIONS, relaxed
from sipgen.rules.declaring import Fault, ValueRule, rules
from sipgen.rules.request_lines import Target
from sipgen.rules.tables import Asked, rule_tables
from sipgen.values.families import elements_of
from sipgen.values.locate import REQUEST_LINE, WrittenValue, elements
from sipgen.values.text import unfolded
from sipgen.values.uri import AbsoluteURI, parse_uri

__all__ = ["ORDINARY", "Verdict", "judged"]


class Verdict(NamedTuple):
    """What there is to say of one line, whatever the profile."""

    ordinary: bool
    """Whether the language ``ordinary`` accepts it."""
    refusal: Finding | None = None
    """Why the grammar refuses it."""
    relaxations: tuple[Finding, ...] = ()
    """What careful receivers accept in it all the same."""
    findings: tuple[Finding, ...] = ()
    """What rules of an element or a URI find."""
    together: tuple[Finding, ...] = ()
    """What rules of all elements of a header field find, if this is its only line."""


ORDINARY = Verdict(ordinary=True)
_CLEAN = Verdict(ordinary=False)


def judged(grammar: Grammar, entry: str, header: str | None, text: str, value: bytes) -> Verdict:
    """Return the verdict on a line that ``ordinary`` does not accept, or was not asked about.

    :param entry: its entry point.
    :param header: canonical name of the header field, ``None`` for a start line.
    :param text: what is behind the colon, or the start line, and
    :param value: its octets.
    """
    name = header or entry
    asked = rule_tables().of_header.get(name)
    refused = refusal(grammar, entry, header, value)
    taken: tuple[Finding, ...] = ()
    if refused is not None:
        found = relaxed(partial(grammar.matches, entry), value, header or entry, RELAXATIONS)
        taken = tuple([relaxation_finding(item, header) for item in found])
        if not taken:
            return Verdict(ordinary=False, refusal=refused)
    values = () if asked is None else _values(name, text)
    if refused is not None and not values and _is_garbled(entry, taken):
        return Verdict(ordinary=False, refusal=refused)
    findings: tuple[Finding, ...] = ()
    together: tuple[Finding, ...] = ()
    if asked is not None:
        findings, together = _broken(asked, name, value, text, values)
    if refused is None and not findings and not together:
        return _CLEAN if name in _WATCHED else ORDINARY
    return Verdict(False, refused, taken, findings, together)  # noqa: FBT003


_NEEDED = frozenset({"CSeq", "Contact", "From", "Record-Route", REQUEST_LINE, "Route", "To", "Via"})


def _is_garbled(entry: str, taken: tuple[Finding, ...]) -> bool:
    """Return True if octets that are not UTF-8 make a field unreadable that every receiver needs.

    No rule can look at it, so it must not be accepted.
    """
    return entry in _NEEDED and any(item.rule == "character-encoding" for item in taken)


_WATCHED = frozenset(header for rule in rules()[1] for header in rule.unusual)
"""Header fields of which some message rule asks whether their values are ordinary."""


def _values(header: str, text: str) -> tuple[Any, ...]:
    """The typed values of a line; none if it cannot be read."""
    return _target(text) if header == REQUEST_LINE else elements_of(header, unfolded(text))


def _broken(
    asked: Asked, header: str, written: bytes, text: str, values: tuple[Any, ...]
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """What value rules find in a value that the grammar accepts."""
    places: WrittenValue | None = None
    findings: list[Finding] = []
    for number, value in enumerate(values):
        for rule, fault in _of_element(asked, header, value):
            places = places or WrittenValue(header, written)
            findings.append(_placed(rule, fault, header, places, number))
    if asked.written:
        places = places or WrittenValue(header, written)
        findings += [
            _placed(rule, fault, header, places, number)
            for number, (begin, end) in enumerate(elements(header, text))
            for rule in asked.written
            for fault in rule.find(values[number] if values else None, text[begin:end])
        ]
    together: list[Finding] = []
    for rule in asked.fields if values else ():
        for fault in _asked(rule, values, header):
            places = places or WrittenValue(header, written)
            together.append(_placed(rule, fault, header, places, fault.element))
    return tuple(findings), tuple(together)


def _target(text: str) -> tuple[Target, ...]:
    method, _, rest = text.partition(" ")
    try:
        return (Target(method, parse_uri(rest.rpartition(" ")[0])),)
    except ParseError:
        return ()


def _of_element(asked: Asked, header: str, value: Any) -> Iterator[tuple[ValueRule, Fault]]:
    asked_of = asked.elements
    if asked.by_parameter and value.params:
        asked_of = _with_needed(asked_of, asked.by_parameter, value.params)
    for rule in asked_of:
        for fault in _asked(rule, value, header):
            yield rule, fault
    if asked.uris:
        uri = value.uri
        asked_of = asked.uris
        if not isinstance(uri, AbsoluteURI) and uri.params:
            asked_of = _with_needed(asked_of, asked.uris_by_parameter, uri.params)
        for rule in asked_of:
            for fault in rule.find(uri):
                yield rule, fault._replace(part=fault.part._replace(of_uri=True))


def _with_needed(
    always: tuple[ValueRule, ...], by_parameter: dict[str, tuple[ValueRule, ...]], params: Any
) -> tuple[ValueRule, ...]:
    """Rules asked about any element, and those of the parameters that it has."""
    found = [rule for name in params for rule in by_parameter.get(name, ())]
    # One rule may need one of several parameters.
    return (*always, *dict.fromkeys(found)) if found else always


def _asked(rule: ValueRule, value: Any, header: str) -> Iterable[Fault]:
    # Rules of several header fields are told which one it is.
    return rule.find(value, header) if rule.with_header else rule.find(value)


def _placed(
    rule: ValueRule, fault: Fault, header: str, places: WrittenValue, element: int
) -> Finding:
    facts = RULES[rule.id]
    start, end = places.locate(element, fault.part)
    return Finding(
        rule.id, "error", fault.message, facts.rfc, facts.section,
        None if header == REQUEST_LINE else header, start, end, 0, 0, fault.expected, facts.hint,
    )  # fmt: skip
