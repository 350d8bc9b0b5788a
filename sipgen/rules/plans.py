"""What is asked about messages of one kind: worked out once for each sequence of names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

from sipgen.language.automata import Automata, State
from sipgen.memory import Memory
from sipgen.message import Message
from sipgen.rules.declaring import Kind, MessageRule, Unless, rules, status_in
from sipgen.rules.facts import Facts, Place
from sipgen.rules.tables import rule_tables

__all__ = ["Plan", "concerned", "plan_of"]

_NOTED = frozenset({"CSeq", "From", "To"})
_NONCE = 'nonce="'
_FRESH = {
    "Authorization": _NONCE,
    "CSeq": "",
    "Call-ID": "",
    "From": ";tag=",
    "Proxy-Authenticate": _NONCE,
    "Proxy-Authorization": _NONCE,
    "RAck": "",
    "Timestamp": "",
    "To": ";tag=",
    "Via": ";branch=z9hG4bK",
    "WWW-Authenticate": _NONCE,
}
"""Header fields whose value is another in each message, and what the part of it that recurs
ends with. To remember such values would push out what recurs; the state that the recurring
part leads to is remembered instead: see :attr:`Judge.prefixes`."""


class Fresh(NamedTuple):
    """A header line whose value is another in each message."""

    line: int
    name: str
    start: State
    """Where ``ordinary`` begins, and"""
    look: Callable[[str], object]
    """a quick look at what is behind the colon, where nothing of it recurs."""
    end: str
    """What ends the part of such a line that recurs; empty if none does."""
    is_noted: bool
    """Whether message rules ask what is behind it."""


class Plan(NamedTuple):
    """How messages of one kind are judged."""

    kind: Kind
    fresh: tuple[Fresh, ...]
    recurring: tuple[int, ...]
    """Numbers of the header lines whose verdicts are remembered, and"""
    pick: Callable[[list[str]], Iterable[str]]
    """what takes them out of all lines."""
    by_kind: tuple[tuple[str, Place], ...]
    """What the rules find that read nothing but the kind: rule and place."""
    always: tuple[tuple[Unless | None, MessageRule], ...]
    """Rules to ask, with what spares the trouble."""
    unusual: dict[str, tuple[tuple[Unless | None, MessageRule], ...]]
    """Rules to ask where a value of a header field is not ordinary, of those header fields
    that it happened to: see :func:`concerned`."""
    repeated: tuple[str, ...]
    """Header fields with several lines, of which a rule asks about all elements together."""


def concerned(plan: Plan, header: str) -> tuple[tuple[Unless | None, MessageRule], ...]:
    """Return the rules to ask because a value of a header field is not ordinary."""
    always = {rule.id for _, rule in plan.always}
    method = plan.kind.method if plan.kind.method in _numbered()[2] else ""
    found = plan.unusual[header] = tuple([
        (rule.unless, rule)
        for rule in _candidates(method, plan.kind.status).unusual.get(header, ())
        if rule.id not in always and rule.concerns(plan.kind)
    ])  # fmt: skip
    return found


_plans: Memory[tuple[Any, ...], Plan] = Memory(
    "plans for kinds of messages", characters=131_072, longest=2_048
)
_known = _plans.get


def plan_of(key: tuple[Any, ...], ordinary: Automata) -> Plan:
    """Return the plan for messages of a kind.

    :param key: the fields of a :class:`Kind`.
    """
    found = _known(key)
    if found is None:
        weight = sum(map(len, key[0])) + len(key[3])
        found = _plans.find(key, weight) or _plans.keep(key, _made(Kind(*key), ordinary), weight)
    return found


_Numbered = tuple[int, MessageRule]
"""A rule, and its number in ``conformance.toml``."""


class _Candidates(NamedTuple):
    """The rules that concern messages of one method and status, whatever their names."""

    always: tuple[_Numbered, ...]
    without: tuple[tuple[str, _Numbered], ...]
    """Those that ask for a header field not to be present, and"""
    with_header: dict[str, tuple[_Numbered, ...]]
    """those that ask for one of some header fields to be present."""
    counting: tuple[_Numbered, ...]
    """Those that can object where a header field has several lines, and"""
    unusual: dict[str, tuple[MessageRule, ...]]
    """those that can object only where a value of a header field is not ordinary."""


@cache
def _numbered() -> tuple[list[_Numbered], frozenset[str], frozenset[str]]:
    """All rules in order, header fields with rules of all their elements, methods in rules."""
    order = rule_tables().order
    found = sorted((order.get(rule.id, -1), rule) for rule in rules()[1])
    fields = {header for header, asked in rule_tables().of_header.items() if asked.fields}
    methods = {method for _, rule in found for method in rule.methods}
    return found, frozenset(fields), frozenset(methods)


@cache  # by the methods that rules name, and 601 status codes
def _candidates(method: str, status: int) -> _Candidates:
    always: list[_Numbered] = []
    without: list[tuple[str, _Numbered]] = []
    with_header: dict[str, list[_Numbered]] = {}
    counting: list[_Numbered] = []
    unusual: dict[str, list[MessageRule]] = {}
    numbered = _numbered()[0]
    here = {where for where in {rule.where for _, rule in numbered} if status_in(where, status)}
    for item in numbered:
        rule = item[1]
        if (rule.methods and method not in rule.methods) or rule.where not in here:
            continue
        if rule.unusual:
            for header in rule.unusual:
                unusual.setdefault(header, []).append(rule)
            if rule.counts:
                counting.append(item)
        elif rule.headers:
            for header in rule.headers:
                with_header.setdefault(header, []).append(item)
        elif rule.without:
            without.append((rule.without, item))
        else:
            always.append(item)
    return _Candidates(
        tuple(always),
        tuple(without),
        {name: tuple(found) for name, found in with_header.items()},
        tuple(counting),
        {name: tuple(found) for name, found in unusual.items()},
    )


@cache  # there is one
def _fresh_starts(ordinary: Automata) -> dict[str, tuple[State, Callable[[str], object]]]:
    """Start state and quick look of each header field that is fresh in each message."""
    return {name: (ordinary.start(name), ordinary.quick_look_behind_space(name)) for name in _FRESH}


_nothing = Message()


def _made(kind: Kind, ordinary: Automata) -> Plan:
    _, with_field_rules, methods = _numbered()
    names = kind.names
    present = {*names}
    candidates = _candidates(kind.method if kind.method in methods else "", kind.status)
    asked = [*candidates.always]
    asked += [item for name, item in candidates.without if name not in present]
    with_header = candidates.with_header
    for name in with_header.keys() & present:
        asked += with_header[name]
    several: set[str] = set()
    if len(present) < len(names):
        several = {name for name in present if names.count(name) > 1}
        asked += [
            item
            for item in candidates.counting
            if not item[1].counts.isdisjoint(several)
            and not (item[1].headers and item[1].headers.isdisjoint(present))
        ]
    asked.sort()
    starts = _fresh_starts(ordinary)
    fresh = []
    recurring = []
    for at, name in enumerate(names):
        if name in starts:
            is_noted = name in _NOTED and name not in several
            start, look = starts[name]
            fresh.append(_fresh(Fresh, (at, name, start, look, _FRESH[name], is_noted)))
        elif name:
            recurring.append(at)
    facts = Facts(_nothing, kind)
    by_kind: list[tuple[str, Place]] = []
    always: list[tuple[Unless | None, MessageRule]] = []
    last = None
    for _, rule in asked:
        # Two header fields may have brought the same rule.
        if rule is last or (rule.without and rule.without in present):
            continue
        last = rule
        if rule.by_kind:
            by_kind += [(rule.id, place) for place in rule.find(facts)]
        else:
            always.append((rule.unless, rule))
    return Plan(
        kind,
        tuple(fresh),
        tuple(recurring),
        _picker(tuple(recurring)),
        tuple(by_kind),
        tuple(always),
        {},
        tuple(sorted(with_field_rules.intersection(several))) if several else (),
    )


_fresh = tuple.__new__


def _picker(places: tuple[int, ...]) -> Callable[[list[str]], Iterable[str]]:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda lines: [lines[at] for at in places]
