"""``validate`` and strict ``parse``: a message against the grammar and its framing.

Most messages have nothing wrong, so they are judged first by the shortest way there is:
read the message, then run each line's octets through an automaton. Only if a line is
refused or the reading was not plain is the message gone through again, line by line with
offsets, to say everything that is wrong with it. Nothing about one header field hides
findings about another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from sipgen.errors import Finding, ParseError
from sipgen.message import Message, Request, Response, octets_of, read
from sipgen.validation.conformance import conformance_findings
from sipgen.validation.context import Context
from sipgen.validation.grammar import Grammar, standard
from sipgen.validation.profile import Profile, ProfileName, profile_of
from sipgen.validation.relaxations import RELAXATIONS, relaxed
from sipgen.validation.report import Report
from sipgen.validation.screens import MAX_REMEMBERED, shape_of
from sipgen.validation.values import relaxation_finding, start_line_entry, value_finding
from sipgen.wire.lines import Head
from sipgen.wire.locator import Locator
from sipgen.wire.names import canonical
from sipgen.wire.reference import Examination, examine

__all__ = ["parse", "validate"]

_UNUSABLE_LENGTHS = frozenset({"content-length-negative", "content-length-number"})
_START_LINES = frozenset({"start-line"})


def parse(
    data: bytes | bytearray | memoryview | str,
    *,
    strict: bool = False,
    grammar: Grammar | None = None,
) -> Request | Response:
    """Read one message.

    :param data: the octets of a datagram, or of a message that was framed; a str is
        encoded in UTF-8.
    :param strict: refuse what breaks a rule, as :func:`validate` finds it; otherwise what
        is odd but readable becomes a defect of the message.
    :param grammar: with ``strict``, the grammar to judge by, see :func:`validate`.
    :return: a :class:`Request` or a :class:`Response`.
    :raises ParseError: if the message cannot be read: its start line (RFC 3261 section 7)
        or its framing (section 18.3); with ``strict``, for the first error finding.
    :raises LimitError: if the message exceeds a limit of :mod:`sipgen.limits`.
    """
    if not strict:
        return read(data)
    octets = octets_of(data)
    message = read(octets)
    for finding in validate(octets, grammar=grammar).findings:
        if finding.severity == "error":
            raise ParseError(finding)
    return message


def validate(
    data: bytes | bytearray | memoryview | str,
    profile: Profile | ProfileName = "strict",
    *,
    grammar: Grammar | None = None,
) -> Report:
    """Judge one message by the RFCs' grammar and framing.

    Never raises for any octets: what cannot be read is a finding too.

    :param data: the octets of a datagram; a str is encoded in UTF-8.
    :param profile: ``strict``, the RFCs to the letter; ``interop``, what careful receivers
        take; or a :class:`Profile` of your own.
    :param grammar: the RFCs' with rules of your own; ``None`` for the RFCs' alone.
    :return: a :class:`Report` with all findings and, if it can be read, the message.
    :raises SipError: if there is no such profile.
    """
    judged_by = profile_of(profile)
    message: Message | None
    try:
        octets = octets_of(data)
    except ParseError as error:
        return Report((error.finding,), None)
    try:
        message = read(octets)
    except ParseError:
        return Report(_all_findings(octets, grammar or standard(), judged_by), None)
    if not message.defects:
        accepted = _accepts(grammar or standard(), octets, message.start)
        if accepted:
            return _conforming(octets, message, judged_by)
    return Report(_all_findings(octets, grammar or standard(), judged_by), message)


def _conforming(octets: bytes, message: Message, profile: Profile) -> Report:
    """The report on a message that grammar and reading have nothing against."""
    shape = shape_of(message)
    if shape is not None and shape in profile.clean:
        return Report((), message)
    findings = _broken_rules(octets, examine(octets), (), profile)
    if shape is not None and not findings:
        if len(profile.clean) >= MAX_REMEMBERED:
            profile.clean.clear()
        profile.clean.add(shape)
    return Report(findings, message)


_FOLD = (b" ", b"\t")


def _accepts(grammar: Grammar, octets: bytes, start: int) -> bool:
    """Whether every line of a head that was read plainly is a sentence of its entry.

    A folded value is not accepted here, whatever it holds.
    """
    first, *lines = octets[start : octets.find(b"\r\n\r\n", start)].split(b"\r\n")
    if not grammar.matches(start_line_entry(first), first):
        return False
    for line in lines:
        name, _, value = line.partition(b":")
        if name[:1] in _FOLD:
            return False
        if not grammar.matches(grammar.entry_of(canonical(name.decode("latin-1"))), value):
            return False
    return True


def _all_findings(octets: bytes, grammar: Grammar, profile: Profile) -> tuple[Finding, ...]:
    """Everything that is wrong with a message, by offset."""
    try:
        examined = examine(octets)
    except ParseError as error:
        return tuple(_weighed((error.finding,), profile))
    locator = Locator(octets)
    refused, lines = _value_findings(locator, examined.head, grammar, profile)
    read = _without_repetition(refused, _weighed(examined.findings, profile))
    return tuple(sorted([*read, *_broken_rules(octets, examined, lines, profile)], key=_place))


def _broken_rules(
    octets: bytes, examined: Examination, refused: Iterable[int], profile: Profile
) -> tuple[Finding, ...]:
    """What the conformance rules find, by offset."""
    context = Context(octets, examined, refused)
    found = conformance_findings(context, Locator(octets), profile.severity)
    return tuple(sorted(found, key=_place))


def _place(finding: Finding) -> tuple[int, int]:
    return finding.start, finding.end


def _weighed(findings: Iterable[Finding], profile: Profile) -> Iterator[Finding]:
    """Findings with the severity that the profile gives them, without what is off."""
    for finding in findings:
        severity = profile.severity(finding.rule)
        if severity is not None:
            yield finding if severity == finding.severity else finding._replace(severity=severity)


def _value_findings(
    locator: Locator, head: Head, grammar: Grammar, profile: Profile
) -> tuple[list[Finding], list[int]]:
    """What the grammar refuses, and the offsets of the lines that it refuses."""
    data = locator.data
    start, end = head.start_line
    entry = start_line_entry(data[start : start + 4])
    found, bad = _judged(locator, grammar, profile, entry, None, start, end)
    lines = [start] if bad else []
    for line, field in zip(head.header_lines, head.fields, strict=True):
        if field.name:
            colon = data.index(b":", line.start)
            entry = grammar.entry_of(field.name)
            more, refused = _judged(
                locator, grammar, profile, entry, field.name, colon + 1, line.end
            )
            found += more
            if refused:
                lines.append(line.start)
    return found, lines


def _judged(
    locator: Locator,
    grammar: Grammar,
    profile: Profile,
    entry: str,
    header: str | None,
    start: int,
    end: int,
) -> tuple[list[Finding], bool]:
    """Findings about a value, and whether it is refused for good."""
    finding = value_finding(grammar, entry, header, locator, start, end)
    if finding is None:
        return [], False
    taken = relaxed(
        partial(grammar.matches, entry), locator.data[start:end], header or entry, RELAXATIONS
    )
    if not taken:
        return list(_weighed([finding], profile)), True
    severities = [profile.severity(item.relaxation.id) for item in taken]
    if "error" in severities:
        # By its own rule, with a word about who takes it.
        names = ", ".join(dict.fromkeys(item.relaxation.id for item in taken))
        hint = f"{finding.hint} " if finding.hint else ""
        told = finding._replace(hint=f"{hint}The interop profile takes it: {names}.")
        return list(_weighed([told], profile)), True
    found = [relaxation_finding(item, header, locator, start) for item in taken]
    return list(_weighed(found, profile)), False


def _without_repetition(
    refused: Iterable[Finding], scanned: Iterable[Finding]
) -> tuple[Finding, ...]:
    """By offset; of several findings about one fault the most telling stands.

    For a length that cannot be used that is the finding about framing; otherwise the
    automaton's, which names the rule and what it expects.
    """
    scanned = tuple(scanned)
    lengths = [finding for finding in scanned if finding.rule in _UNUSABLE_LENGTHS]
    found = [
        finding
        for finding in refused
        if not any(length.start <= finding.start <= length.end for length in lengths)
    ]
    places = {finding.start for finding in found}
    lines = {finding.line for finding in found if finding.header is None}
    found += [
        finding
        for finding in scanned
        if finding.start not in places
        and not (finding.rule in _START_LINES and finding.line in lines)
    ]
    return tuple(sorted(found, key=_place))
