"""Gives verdicts by one grammar, and remembers those on lines that recur.

A header line that recurs in traffic (Allow, Supported, User-Agent, Contact) costs a look-up.
Of a line with something that is another in each message, such as a tag or a branch, the
place that the part in front of it leads to is remembered, and a pattern of what may follow.
A line that is new is run through the language ``ordinary``: to what it accepts no value
rule can object, so nothing else need be asked.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple
from weakref import WeakKeyDictionary

from sipgen.language.automata import Automata, State, automata, never
from sipgen.language.grammar import Grammar, standard
from sipgen.language.judging import start_line_entry
from sipgen.memory import Memory
from sipgen.rules.tables import rule_tables
from sipgen.rules.verdicts import ORDINARY, Verdict, judged
from sipgen.values.locate import REQUEST_LINE
from sipgen.wire.names import is_token

__all__ = ["Behind", "Judge", "judge_of"]

_LONGEST = 1_024
"""Characters of a line, and of what is found in it, that are remembered."""
_FINDING = 150
"""Characters that a finding counts for."""
_TAGGED = frozenset({"From", "To"})
_TAG = ";tag="


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
        self._of_name: dict[str, tuple[str, State | None]] = {}
        """Entry point, and start state in ``ordinary``, of registered header fields."""
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
        lines = self.lines
        found = lines.get(line) or lines.find(line)
        if found is not None:
            return found
        entry, start = self._of_name.get(name) or self._of(name)
        text = line.partition(":")[2]
        value = text.encode("utf-8", "surrogateescape")
        if start is not None and may_be_ordinary and _ordinary().accepts(start, value):
            return lines.keep(line, ORDINARY)
        found = judged(self.grammar, entry, name, text, value)
        return lines.keep(line, found, _weight(line, found))

    def _of(self, name: str) -> tuple[str, State | None]:
        entry = self.grammar.entry_of(name)
        start = None
        if self.ordinary is not None and name in rule_tables().of_header:
            start = self.ordinary.start(entry)
        if name in rule_tables().of_header:
            self._of_name[name] = entry, start
        return entry, start

    def start_line(self, line: str) -> Verdict:
        """Return the verdict on a start line."""
        lines = self.start_lines
        found = lines.get(line) or lines.find(line)
        if found is None:
            entry = start_line_entry(line[:4].encode("utf-8", "replace"))
            value = line.encode("utf-8", "surrogateescape")
            ordinary = self.ordinary if entry == REQUEST_LINE else None
            if ordinary is not None and ordinary.matches(entry, value):
                return lines.keep(line, ORDINARY)
            found = judged(self.grammar, entry, None, line, value)
            lines.keep(line, found, _weight(line, found))
        return found

    def fresh(self, name: str, start: State, line: str) -> Verdict:
        """Return the verdict on a line that is another in each message.

        :param start: the start state of its header field in ``ordinary``.
        """
        try:
            if _ordinary().accepts(start, line.partition(":")[2].encode()):
                return ORDINARY
        except UnicodeEncodeError:
            # What is not UTF-8 is not ordinary.
            pass
        return self.line(name, line, may_be_ordinary=False)

    def fresh_tail(
        self, name: str, start: State, line: str, parts: tuple[str, str, str]
    ) -> tuple[Behind, Verdict]:
        """Return the verdict on a line of which only a tag, a branch or a nonce is new.

        :param parts: what is in front of that, ending with the second, and what is behind it:
            nothing, or parameters and the semicolon in front of them.
        """
        head, end, rest = parts
        key = f"{head}{end}{rest}" if rest else head
        tail = line[len(head) + len(end) : len(line) - len(rest)]
        prefixes, ordinary = self.prefixes, _ordinary()
        behind = prefixes.get(key) or prefixes.find(key)
        try:
            if behind is None:
                state = ordinary.reached(start, f"{head.partition(':')[2]}{end}".encode())
                behind = Behind(None, ORDINARY, state, '"' not in rest and ">" not in rest)
                if name in _TAGGED and not ordinary.accepts(state, f"x{rest}".encode()):
                    behind = self._with_any_tag(behind, name, head, rest)
                prefixes.keep(key, behind)
            elif behind.look is None:
                look = ordinary.quick_look(behind.state, rest.encode())
                if look is not None:
                    behind = prefixes.keep(key, behind._replace(look=look))
            if behind.look is not None and behind.look(tail):
                return behind, behind.verdict
            if ordinary.accepts(behind.state, f"{tail}{rest}".encode()):
                return behind, ORDINARY
        except UnicodeEncodeError:
            behind = behind or Behind(None, ORDINARY, start, is_tag=False)
        return behind, self.line(name, line, may_be_ordinary=False)

    def _with_any_tag(self, behind: Behind, name: str, head: str, rest: str) -> Behind:
        """Return ``behind`` with the verdict on a line whatever its tag is, if there is such.

        Which token a tag is, no rule asks. But what is behind it has another place.
        """
        verdict = self.line(name, f"{head}{_TAG}x{rest}", may_be_ordinary=False)
        last = len(head) - head.find(":")
        refusals = [] if verdict.refusal is None else [verdict.refusal]
        findings = (*refusals, *verdict.relaxations, *verdict.findings, *verdict.together)
        if verdict is ORDINARY or any(finding.end >= last for finding in findings):
            return behind._replace(look=never)
        return behind._replace(look=is_token, verdict=verdict)


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
