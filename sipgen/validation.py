"""``validate``: a message against the grammar, its framing and the conformance rules.

A message is read once. Each header line has its verdict, which depends on its text alone;
the rules about several values are asked by what is there. Where in the octets something is
wrong is worked out only when there is something to report. Nothing about one header field
hides findings about another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any, cast

from sipgen.errors import Finding, ParseError, Severity
from sipgen.generated.conformance import RULES
from sipgen.generated.methods import Method
from sipgen.language.automata import automata
from sipgen.language.grammar import Grammar
from sipgen.message import (
    Data,
    Layout,
    Message,
    Request,
    Response,
    elements_at,
    header_lines,
    reading_of_octets,
)
from sipgen.rules.declaring import Kind
from sipgen.rules.facts import BODY, HEAD_END, NAME, START_LINE, Facts, Place
from sipgen.rules.judge import Judge, judge_of
from sipgen.rules.plans import Plan, concerned, plan_of
from sipgen.rules.profile import Profile, ProfileName, profile_of
from sipgen.rules.tables import rule_tables
from sipgen.rules.verdicts import ORDINARY, Verdict
from sipgen.values.locate import REQUEST_LINE, WrittenValue
from sipgen.wire.names import is_token

__all__ = ["Report", "validate"]

_METHODS = frozenset(map(str, Method))

_standard = judge_of(None)
_ordinary = automata("ordinary")
_order_of = rule_tables().order
_new_finding = tuple.__new__

_UNUSABLE_LENGTHS = frozenset({"content-length-negative", "content-length-number"})


class Report:
    """All findings about one message, in the order of their place in it."""

    __slots__ = ("findings", "message")

    def __init__(self, findings: tuple[Finding, ...], message: Request | Response | None) -> None:
        self.findings = findings
        """What is wrong or odd, by offset."""
        self.message = message
        """The message as read leniently, ``None`` if it cannot be read at all."""

    @property
    def ok(self) -> bool:
        """Whether no finding is of severity ``error``."""
        return all(finding.severity != "error" for finding in self.findings)

    def to_dict(self) -> dict[str, object]:
        """The report as a JSON-ready dict: ``ok`` and ``findings``."""
        return {"ok": self.ok, "findings": [finding.to_dict() for finding in self.findings]}

    def __repr__(self) -> str:
        return f"Report(ok={self.ok}, findings={len(self.findings)})"


def validate(
    data: Data | Message,
    profile: Profile | ProfileName = "strict",
    *,
    grammar: Grammar | None = None,
) -> Report:
    """Judge one message by the RFCs' grammar, framing and rules.

    Never raises for any octets: what cannot be read is a finding too.

    :param data: the octets of a datagram, a str that is encoded in UTF-8, or a message. One
        that was read and not changed since is judged as it was read, and not read again.
    :param profile: ``strict``, the RFCs to the letter; ``interop``, what careful receivers
        accept; or a :class:`Profile` of your own.
    :param grammar: the RFCs' with rules of your own; ``None`` for the RFCs' alone.
    :return: a :class:`Report` with all findings and, if it can be read, the message.
    :raises SipError: if there is no such profile.
    """
    judged_by = profile if type(profile) is Profile else profile_of(profile)
    try:
        message, failure = reading_of_octets(data)
    except ParseError as error:
        return Report(tuple(_weighed((error.finding,), judged_by.severities)), None)
    judge = _standard if grammar is None else judge_of(grammar)
    found = _Judging(message, failure, judged_by, judge).findings()
    if failure is not None:
        return Report(found, None)
    return Report(found, data if isinstance(data, Message) else message)  # type: ignore[arg-type]


def _weighed(findings: Iterable[Finding], severities: Mapping[str, str]) -> Iterable[Finding]:
    """Findings with the severity that the profile gives them, without what is off."""
    for finding in findings:
        severity = severities.get(finding.rule, "error")
        if severity == finding.severity:
            yield finding
        elif severity != "off":
            yield finding._replace(severity=cast("Severity", severity))


class _Judging:
    """One message on its way to a report."""

    __slots__ = (
        "_failure",
        "_found",
        "_judge",
        "_layout",
        "_lines",
        "_message",
        "_names",
        "_noted",
        "_refused",
        "_severities",
        "_values",
    )  # fmt: skip

    def __init__(
        self, message: Message, failure: Finding | None, profile: Profile, judge: Judge
    ) -> None:
        self._message = message
        self._failure = failure
        self._severities = profile.severities
        self._judge = judge
        self._names, self._lines = header_lines(message)
        self._layout: Layout | None = None
        self._values: dict[int, WrittenValue] = {}
        """Values in which places were looked for, by the number of their line."""
        self._refused: list[int] = []
        self._noted: dict[str, str] = {}
        """What is known of the lines that ``ordinary`` accepts: see :class:`Facts`."""
        self._found: list[tuple[int, int, int, Finding]] = []
        """Findings with what they are sorted by: their place, and the number of their rule."""

    def findings(self) -> tuple[Finding, ...]:
        """Everything there is to say about the message."""
        message, judge = self._message, self._judge
        plan = plan_of(self._key(), _ordinary)
        unusual = self._quick_verdicts(plan) if judge is _standard else self._verdicts()
        told: list[str] = []
        for at, name, verdict in unusual:
            if verdict.findings or verdict.refusal is not None or verdict.together:
                self._tell(at, name, verdict)
            told.append(name)
        if "CSeq" in told and not plan.kind.is_request:
            # The method of a response is that of a CSeq that is not refused.
            plan = plan_of(self._key(is_ordinary=False), _ordinary)
        for identifier, place in plan.by_kind:
            self._place(identifier, place)
        self._ask(plan, told)
        if message.defects or self._failure is not None:
            self._join_defects(message.defects)
        found = self._found
        if not found:
            return ()
        if len(found) > 1:
            found.sort(key=_order)
        return tuple([item[3] for item in found])

    def _quick_verdicts(self, plan: Plan) -> list[tuple[int, str, Verdict]]:  # noqa: PLR0912 - hot
        """The verdicts on the lines that are not ordinary, by the grammar of the RFCs."""
        judge, names, lines = self._judge, self._names, self._lines
        unusual = []
        start_text = self._message.start_text
        verdict = judge.start_lines.get(start_text) or judge.start_line(start_text)
        if verdict is not ORDINARY:
            unusual.append((START_LINE, REQUEST_LINE, verdict))
        verdicts = [*map(judge.lines.get, plan.pick(lines))]
        if verdicts.count(ORDINARY) != len(verdicts):
            for at, known in zip(plan.recurring, verdicts, strict=True):
                verdict = known or judge.line(names[at], lines[at])
                if verdict is not ORDINARY:
                    unusual.append((at, names[at], verdict))
        noted, prefixes = self._noted, judge.prefixes.get
        for at, name, start, look, end, is_noted in plan.fresh:
            line = lines[at]
            if not end:
                if look(line.partition(":")[2]):
                    continue
                verdict = judge.fresh(name, start, line)
                if is_noted and verdict is ORDINARY:
                    noted[name] = line.split()[-1]
            else:
                head, sign, tail = line.partition(end)
                if ";" in tail:
                    tail, semicolon, rest = tail.partition(";")
                    rest = semicolon + rest
                    behind = prefixes(f"{head}{end}{rest}")
                elif sign:
                    behind = prefixes(head)
                    rest = ""
                else:
                    # Without a tag or branch it may recur.
                    verdict = judge.lines.get(line) or judge.line(name, line)
                    if verdict is not ORDINARY:
                        unusual.append((at, name, verdict))
                    if is_noted and verdict.refusal is None and "tag" not in line.lower():
                        noted[name] = ""
                    continue
                if behind is None or behind.look is None or not behind.look(tail):
                    behind, verdict = judge.fresh_tail(name, start, line, (head, end, rest))
                else:
                    verdict = behind.verdict
                if is_noted and behind.is_tag and verdict.refusal is None and is_token(tail):
                    noted[name] = tail
            if verdict is not ORDINARY:
                unusual.append((at, name, verdict))
        return unusual

    def _verdicts(self) -> list[tuple[int, str, Verdict]]:
        """The same by the grammar of a user."""
        judge = self._judge
        found = [(START_LINE, REQUEST_LINE, judge.start_line(self._message.start_text))]
        for at, (name, line) in enumerate(zip(self._names, self._lines, strict=True)):
            if name:
                found.append((at, name, judge.line(name, line)))
        return [item for item in found if item[2] is not ORDINARY]

    def _key(self, *, is_ordinary: bool = True) -> tuple[Any, ...]:
        """The fields of the message's :class:`Kind`.

        :param is_ordinary: whether CSeq may be ``ordinary``.
        """
        message, names = self._message, self._names
        if type(message) is Request:
            return names, True, False, message.method, 0
        method = ""
        for at, name in enumerate(names):
            if name == "CSeq" and at not in self._refused:
                # The last word of what is ordinary, and of nothing else to be sure.
                method = self._lines[at].rpartition(" ")[2] if is_ordinary else ""
                if method not in _METHODS:
                    cseq = elements_at(message, at)
                    method = cseq[0].method if cseq else ""
                break
        if type(message) is Response:
            return names, False, True, method, message.status_code
        return names, False, False, method, 0

    def _ask(self, plan: Plan, unusual: list[str]) -> None:
        """Ask the rules that read values."""
        message, kind, noted = self._message, plan.kind, self._noted
        asked = [
            rule for unless, rule in plan.always if not (unless and unless(noted, kind, message))
        ]
        by_header = plan.unusual
        for header in unusual:
            rules = by_header.get(header)
            for unless, rule in concerned(plan, header) if rules is None else rules:
                # One rule may be about several header fields.
                if rule not in asked and not (unless and unless(noted, kind, message)):
                    asked.append(rule)
        if not asked and not plan.repeated:
            return
        facts = self._facts(kind, unusual)
        for rule in asked:
            for place in rule.find(facts):
                self._place(rule.id, place)
        for header in plan.repeated:
            self._together(header, facts)

    def _facts(self, kind: Kind, unusual: list[str]) -> Facts:
        """The message as message rules see it."""
        return Facts(
            self._message,
            kind,
            self._refused,
            framed=self._failure is None,
            noted=self._noted,
            unusual=unusual,
        )

    def _together(self, header: str, facts: Facts) -> None:
        """Ask about all elements of a header field with several lines."""
        rules = rule_tables().of_header.get(header)
        elements = facts.elements(header)
        if rules is None or not elements:
            return
        values = tuple([element.value for element in elements])
        for rule in rules.fields:
            for fault in rule.find(values, header) if rule.with_header else rule.find(values):
                at = elements[fault.element]
                self._place(rule.id, at.fault(fault.message, header, fault.part, fault.expected))

    def _tell(self, at: int, name: str, verdict: Verdict) -> None:
        """Take over what a verdict says, by the profile."""
        refusal = verdict.refusal
        if refusal is not None:
            severities = [self._severities.get(item.rule) for item in verdict.relaxations]
            if not severities or "error" in severities:
                self._refused.append(at)
                if severities:
                    # By its own rule, with a word about who accepts it.
                    names = ", ".join(dict.fromkeys(item.rule for item in verdict.relaxations))
                    hint = f"{refusal.hint} " if refusal.hint else ""
                    refusal = refusal._replace(hint=f"{hint}The interop profile takes it: {names}.")
                self._add(at, refusal, -1)
                return
            for item in verdict.relaxations:
                self._add(at, item, -1)
        for item in verdict.findings:
            self._add(at, item, _order_of[item.rule])
        if verdict.together and self._names.count(name) == 1:
            for item in verdict.together:
                self._add(at, item, _order_of[item.rule])

    def _add(self, at: int, finding: Finding, rank: int) -> None:
        """Take over a finding whose offsets count from the beginning of a value."""
        rule, _, message, rfc, section, header, start, end, _, _, expected, hint = finding
        severity = self._severities.get(rule, "error")
        if severity == "off":
            return
        layout = self._layout or self._laid_out()
        end -= start
        start, line, column = layout.place(at, start)
        end += start
        made = _new_finding(Finding, (
            rule, severity, message, rfc, section, header, start, end, line, column, expected,
            hint,
        ))  # fmt: skip
        self._found.append((start, end, rank, made))

    def _place(self, identifier: str, place: Place) -> None:
        """Take over what a message rule found."""
        severity = self._severities.get(identifier, "error")
        if severity == "off":
            return
        layout = self._layout or self._laid_out()
        facts = RULES[identifier]
        if place.line == HEAD_END:
            start, line, column = layout.head_end()
            end = start
        else:
            start, end = self._span(layout, place)
            line, column = layout.position(start)
        made = _new_finding(Finding, (
            identifier, severity, place.message, facts.rfc, facts.section, place.header,
            start, end, line, column, place.expected, facts.hint,
        ))  # fmt: skip
        self._found.append((start, end, _order_of[identifier], made))

    def _laid_out(self) -> Layout:
        self._layout = layout = Layout(self._message)
        return layout

    def _span(self, layout: Layout, place: Place) -> tuple[int, int]:
        at = place.line
        if at == BODY:
            begin = layout.body_start
            return begin + place.element, begin + cast("int", place.part.key)
        if place.part is NAME:
            return layout.name_span(at)
        offset = layout.value_start(at)
        header = REQUEST_LINE if at == START_LINE else self._names[at]
        value = self._values.get(at)
        if value is None:
            value = self._values[at] = WrittenValue(header, layout.written(at))
        start, end = value.locate(place.element, place.part)
        return offset + start, offset + end

    def _join_defects(self, defects: Iterable[Finding]) -> None:
        """Take in what the reader found; of several findings about one fault the most telling.

        For a length that cannot be used that is the finding about framing; otherwise the
        automaton's, which names the rule and what it expects.
        """
        scanned = list(_weighed(defects, self._severities))
        lengths = [finding for finding in scanned if finding.rule in _UNUSABLE_LENGTHS]
        grammar = [item for item in self._found if item[2] == -1]
        if lengths:
            dropped = [
                item
                for item in grammar
                if any(length.start <= item[0] <= length.end for length in lengths)
            ]
            self._found = [item for item in self._found if item not in dropped]
            grammar = [item for item in grammar if item not in dropped]
        places = {item[0] for item in grammar}
        lines = {item[3].line for item in grammar if item[3].header is None}
        for finding in scanned:
            if finding.start not in places and not (
                finding.rule == "start-line" and finding.line in lines
            ):
                self._found.append((finding.start, finding.end, -1, finding))


_order = itemgetter(0, 1, 2)
