"""``validate`` and strict ``parse``: a message against the grammar and its framing.

Most messages have nothing wrong, so they are judged first by the shortest way there is:
read the message, then run each line's octets through an automaton. Only if a line is
refused or the reading was not plain is the message gone through again, line by line with
offsets, to say everything that is wrong with it. Nothing about one header field hides
findings about another.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Literal

from sipgen.errors import Finding, ParseError, SipError
from sipgen.message import Message, Request, Response, octets_of, read
from sipgen.validation.automata import Automata, State, automata
from sipgen.validation.grammar import Grammar, standard
from sipgen.validation.report import Report
from sipgen.validation.values import start_line_entry, value_finding
from sipgen.wire.lines import Head
from sipgen.wire.locator import Locator
from sipgen.wire.names import canonical
from sipgen.wire.reference import examine

__all__ = ["ProfileName", "parse", "validate"]

ProfileName = Literal["strict"]
_PROFILES = ("strict",)
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
    profile: ProfileName = "strict",
    *,
    grammar: Grammar | None = None,
) -> Report:
    """Judge one message by the RFCs' grammar and framing.

    Never raises for any octets: what cannot be read is a finding too.

    :param data: the octets of a datagram; a str is encoded in UTF-8.
    :param profile: ``strict``, the RFCs to the letter.
    :param grammar: the RFCs' with rules of your own; ``None`` for the RFCs' alone.
    :return: a :class:`Report` with all findings and, if it can be read, the message.
    :raises SipError: if there is no such profile.
    """
    if profile not in _PROFILES:
        import difflib  # noqa: PLC0415 - for this message only

        near = difflib.get_close_matches(profile, _PROFILES, n=1)
        instead = f'; did you mean "{near[0]}"?' if near else f"; there is {_PROFILES[0]}"
        raise SipError(f'no profile "{profile}"{instead}')
    message: Message | None
    try:
        octets = octets_of(data)
    except ParseError as error:
        return Report((error.finding,), None)
    try:
        message = read(octets)
    except ParseError:
        return Report(_all_findings(octets, grammar or standard()), None)
    if not message.defects:
        if grammar is None:
            accepted = _machine().accepts(octets, message.start)
        else:
            accepted = _accepts(grammar, octets, message.start)
        if accepted:
            return Report((), message)
    return Report(_all_findings(octets, grammar or standard()), message)


class _StartStates(dict[bytes, State]):
    """Start state by header name as it stands on the wire, white space and all."""

    def __missing__(self, raw: bytes) -> State:
        machine = automata("strict")
        if raw[:1] in _FOLD:
            # No name, but the rest of a folded value: for the way with offsets to judge.
            state = machine.failed
        else:
            state = machine.start(standard().entry_of(canonical(raw.decode("latin-1"))))
        if len(self) < _MAX_REMEMBERED:
            self[raw] = state
        return state


_MAX_REMEMBERED = 1_024
_FOLD = (b" ", b"\t")


class _Machine:
    """The RFCs' strict automata, ready for whole heads."""

    def __init__(self, machine: Automata) -> None:
        self.class_map = machine.class_map
        self.flag = machine.width
        self.request_line: State = machine.start("Request-Line")
        self.status_line: State = machine.start("Status-Line")
        self.headers = _StartStates()

    def accepts(self, octets: bytes, start: int) -> bool:
        """Whether every line of a plainly read head is a sentence of its entry."""
        lines = octets[start : octets.find(b"\r\n\r\n", start)].split(b"\r\n")
        class_map, flag, headers = self.class_map, self.flag, self.headers
        first = lines[0]
        state = self.status_line if first[:4].upper() == b"SIP/" else self.request_line
        for symbol in first.translate(class_map):
            state = state[symbol]
        if not state[flag]:
            return False
        del lines[0]
        for line in lines:
            name, _, value = line.partition(b":")
            state = headers[name]
            for symbol in value.translate(class_map):
                state = state[symbol]
            if not state[flag]:
                return False
        return True


@cache
def _machine() -> _Machine:
    return _Machine(automata("strict"))


def _accepts(grammar: Grammar, octets: bytes, start: int) -> bool:
    """What :meth:`_Machine.accepts` says, for a grammar with rules of a user's own.

    So a folded value is not accepted here either, whatever it holds.
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


def _all_findings(octets: bytes, grammar: Grammar) -> tuple[Finding, ...]:
    """Everything that is wrong with a message, by offset."""
    try:
        examined = examine(octets)
    except ParseError as error:
        return (error.finding,)
    refused = _value_findings(Locator(octets), examined.head, grammar)
    return _without_repetition(refused, examined.findings)


def _value_findings(locator: Locator, head: Head, grammar: Grammar) -> list[Finding]:
    data = locator.data
    start, end = head.start_line
    entry = start_line_entry(data[start : start + 4])
    found = [value_finding(grammar, entry, None, locator, start, end)]
    for line, field in zip(head.header_lines, head.fields, strict=True):
        if field.name:
            colon = data.index(b":", line.start)
            entry = grammar.entry_of(field.name)
            found.append(value_finding(grammar, entry, field.name, locator, colon + 1, line.end))
    return [finding for finding in found if finding is not None]


def _without_repetition(
    refused: Iterable[Finding], scanned: Iterable[Finding]
) -> tuple[Finding, ...]:
    """By offset; of several findings about one fault the most telling stands.

    For a length that cannot be used that is the finding about framing; otherwise the
    automaton's, which names the rule and what it expects.
    """
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
    return tuple(sorted(found, key=lambda finding: (finding.start, finding.end)))
