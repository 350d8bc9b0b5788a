"""The verdict on one header line, or start line: it depends on its text alone.

What the grammar says of it, what a relaxation makes of that, and what the value rules find,
all with offsets relative to the value. A line that recurs in traffic (Allow, Supported,
User-Agent, Contact) costs a look-up, whatever else is in the message. A line that is new is
run through the language ``ordinary``: to what it accepts no value rule can object, so
nothing else need be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sipgen.errors import Finding, ParseError
from sipgen.generated.conformance import RULES
from sipgen.generated.headers import HEADER_FIELDS
from sipgen.language.automata import Automata, State, automata, never
from sipgen.language.grammar import Grammar, standard
from sipgen.language.judging import refusal, relaxation_finding, start_line_entry
from sipgen.language.relaxations import RELAXATIONS, relaxed
from sipgen.memory import Memory
from sipgen.rules.declaring import Fault, ValueRule, rules
from sipgen.rules.request_lines import Target
from sipgen.values.families import elements_of
from sipgen.values.locate import REQUEST_LINE, WrittenValue, elements
from sipgen.values.text import unfolded
from sipgen.values.uri import AbsoluteURI, parse_uri
from sipgen.wire.names import is_token

__all__ = ["ORDINARY", "Judge", "RuleTables", "Verdict", "judge_of", "rule_tables"]

_LONGEST = 1_024
"""Characters of a line, and of what is found in it, that are remembered."""
_FINDING = 150
"""Characters that a finding counts for."""


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


class _Asked(NamedTuple):
    """The value rules of one header field."""

    elements: tuple[ValueRule, ...]
    """Those asked about every element, and"""
    by_parameter: dict[str, tuple[ValueRule, ...]]
    """those asked where a parameter is present."""
    uris: tuple[ValueRule, ...]
    uris_by_parameter: dict[str, tuple[ValueRule, ...]]
    written: tuple[ValueRule, ...]
    fields: tuple[ValueRule, ...]


class RuleTables(NamedTuple):
    """Value rules by header field, and the order of all rules."""

    of_header: dict[str, _Asked]
    order: dict[str, int]
    """Number of each rule in ``conformance.toml``: of two findings about one place, the one
    of the earlier rule comes first."""


@cache
def rule_tables() -> RuleTables:
    """Return the rules, sorted once."""
    values, _ = rules()
    order = {identifier: number for number, identifier in enumerate(RULES)}
    values = sorted(values, key=lambda rule: order.get(rule.id, -1))
    found = {}
    for header in (REQUEST_LINE, *HEADER_FIELDS):
        own = [rule for rule in values if header in rule.headers]
        if own:
            found[header] = _Asked(
                *_by_needs([rule for rule in own if rule.reads == "element"]),
                *_by_needs([rule for rule in own if rule.reads == "uri"]),
                tuple([rule for rule in own if rule.reads == "written"]),
                tuple([rule for rule in own if rule.reads == "field"]),
            )
    return RuleTables(found, order)


_TAGGED = frozenset({"From", "To"})
_TAG = ";tag="


def _by_needs(
    rules_: list[ValueRule],
) -> tuple[tuple[ValueRule, ...], dict[str, tuple[ValueRule, ...]]]:
    names = {name for rule in rules_ for name in rule.needs}
    return (
        tuple([rule for rule in rules_ if not rule.needs]),
        {name: tuple([rule for rule in rules_ if name in rule.needs]) for name in names},
    )


class Behind(NamedTuple):
    """What is known of a place in a header line, behind the beginning that recurs."""

    look: Callable[[str], object] | None
    """A quick look at the part that is another in each message; ``None`` until it pays."""
    verdict: Verdict
    """The verdict on every line of which ``look`` is true."""
    state: State
    """State of ``ordinary``, for all other lines."""
    is_tag: bool
    """Whether a token here is the tag of the address."""


class Judge:
    """Gives verdicts by one grammar."""

    def __init__(self, grammar: Grammar, ordinary: Automata | None) -> None:
        """Judge by a grammar.

        :param ordinary: the language to try first; ``None`` where a user's rules may differ.
        """
        self.grammar = grammar
        self.ordinary = ordinary
        self.class_map = ordinary.class_map if ordinary else b""
        self.width = ordinary.width if ordinary else 0
        self.lines: Memory[str, Verdict] = Memory(
            "verdicts on header lines", characters=4 * 32_768, longest=_LONGEST
        )
        self.start_lines: Memory[str, Verdict] = Memory("verdicts on start lines")
        self.prefixes: Memory[str, Behind] = Memory("states that beginnings of lines lead to")
        """State of ``ordinary`` behind the beginning of a header line, such as a Via up to its
        branch, and a quick look at what follows: 0.25 µs where running it takes 1 µs."""

    def line(self, name: str, line: str, *, may_be_ordinary: bool = True) -> Verdict:
        """Return the verdict on a header line, remembered or new.

        :param name: its canonical name.
        :param line: the line as it came, folds included.
        :param may_be_ordinary: false if ``ordinary`` was found not to accept it.
        """
        found = self.lines.get(line)
        if found is None and (found := self.lines.find(line)) is None:
            entry = self.grammar.entry_of(name)
            found = self._judged(entry, name, line.partition(":")[2], may_be_ordinary)
            self.lines.keep(line, found, _weight(line, found))
        return found

    def behind(self, name: str, start: State, head: str, end: str, rest: str) -> Behind:
        """Return what is known of the place behind ``head`` and ``end``, a line's beginning.

        :param start: the start state of its header field.
        :param rest: what is behind the part that is another in each message: empty, or
            parameters and the semicolon in front of them.
        :raises UnicodeEncodeError: for text that was not UTF-8.
        """
        prefixes, ordinary = self.prefixes, _ordinary()
        key = f"{head}{end}{rest}" if rest else head
        found = prefixes.get(key) or prefixes.find(key)
        if found is None:
            octets = f"{head.partition(':')[2]}{end}".encode()
            is_tag = '"' not in rest and ">" not in rest
            found = Behind(None, ORDINARY, ordinary.after(start, octets), is_tag)
            prefixes.keep(key, found)
        if found.look is None:
            look: Callable[[str], object] | None
            verdict = ORDINARY
            octets = rest.encode()
            if name in _TAGGED and not ordinary.accepts(found.state, b"x" + octets):
                verdict = self._representative(name, head, rest)
                look = never if verdict is ORDINARY else is_token
            else:
                look = ordinary.quick_look(found.state, octets)
            if look is not None:
                found = prefixes.keep(key, found._replace(look=look, verdict=verdict))
        return found

    def _representative(self, name: str, head: str, rest: str) -> Verdict:
        """Return the verdict on a line, whatever its tag is; ``ORDINARY`` if there is no such.

        Which token a tag is, no rule asks. But what is behind it has another place.
        """
        verdict = self.line(name, f"{head}{_TAG}x{rest}", may_be_ordinary=False)
        last = len(head) - head.find(":")
        refusals = [] if verdict.refusal is None else [verdict.refusal]
        findings = (*refusals, *verdict.relaxations, *verdict.findings, *verdict.together)
        return verdict if all(finding.end < last for finding in findings) else ORDINARY

    def start_line(self, line: str) -> Verdict:
        """Return the verdict on a start line."""
        found = self.start_lines.get(line)
        if found is None and (found := self.start_lines.find(line)) is None:
            found = self._judged(start_line_entry(line[:4].encode("utf-8", "replace")), None, line)
            self.start_lines.keep(line, found, _weight(line, found))
        return found

    def _judged(
        self,
        entry: str,
        header: str | None,
        text: str,
        may_be_ordinary: bool = True,  # noqa: FBT001, FBT002
    ) -> Verdict:
        value = text.encode("utf-8", "surrogateescape")
        grammar = self.grammar
        name = header or entry
        asked = rule_tables().of_header.get(name)
        ordinary = self.ordinary if may_be_ordinary and asked is not None else None
        if ordinary is not None and ordinary.matches(entry, value):
            return ORDINARY
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


def _weight(line: str, verdict: Verdict) -> int:
    found = len(verdict.relaxations) + len(verdict.findings) + len(verdict.together)
    return len(line) + _FINDING * found


def _ordinary() -> Automata:
    return automata("ordinary")


@cache
def _standard() -> Judge:
    return Judge(standard(), _ordinary())


_judges: WeakKeyDictionary[Grammar, Judge] = WeakKeyDictionary()


def judge_of(grammar: Grammar | None) -> Judge:
    """Return the judge by a user's grammar, or by that of the RFCs."""
    if grammar is None:
        return _standard()
    found = _judges.get(grammar)
    if found is None:
        found = _judges.setdefault(grammar, Judge(grammar, None))
    return found


_WATCHED = frozenset(header for rule in rules()[1] for header in rule.unusual)
"""Header fields of which some message rule asks whether their values are ordinary."""

_Finder = Callable[..., Iterator[Fault]]


def _values(header: str, text: str) -> tuple[Any, ...]:
    """The typed values of a line; none if it cannot be read."""
    return _target(text) if header == REQUEST_LINE else elements_of(header, unfolded(text))


def _broken(
    asked: _Asked, header: str, written: bytes, text: str, values: tuple[Any, ...]
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


def _of_element(asked: _Asked, header: str, value: Any) -> Iterator[tuple[ValueRule, Fault]]:
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
