"""The rules that ABNF cannot say: which functions there are, and what they find.

``grammar/conformance.toml`` says what each rule requires, where, and how severe it is; a
function here or in :mod:`sipgen.validation.rules` finds what breaks it. The two meet by
the rule's id. Some rules are the readers': their findings come with the reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import NamedTuple

from sipgen.errors import Finding, Severity
from sipgen.generated.conformance import RULES
from sipgen.memory import Memory
from sipgen.validation.context import Context, Fault
from sipgen.wire.locator import Locator

__all__ = ["Function", "Kind", "conformance_findings", "functions", "rule", "stands_in"]

Faults = Iterable[Fault]


class Function(NamedTuple):
    """What finds the breaches of a rule."""

    id: str
    find: Callable[[Context], Faults]
    headers: frozenset[str]
    """It is asked only where one of these header fields is there; empty: always."""
    methods: frozenset[str]
    """It is asked only about these methods; empty: always."""
    where: str
    """It is asked only about these messages, as :func:`stands_in` takes them."""

    def concerns(self, kind: Kind) -> bool:
        """Whether it is asked about messages of a kind."""
        return (
            not (self.headers and self.headers.isdisjoint(kind.names))
            and not (self.methods and kind.method not in self.methods)
            and stands_in(self.where, kind.status)
        )


class Kind(NamedTuple):
    """What decides which functions are asked about a message."""

    names: frozenset[str]
    """Canonical names of its header fields."""
    method: str
    status: int
    """Status code, 0 for a request."""


_FUNCTIONS: dict[str, Function] = {}
_kinds: Memory[Kind, tuple[Function, ...]] = Memory("rules by kind of message", longest=1_024)


def stands_in(where: str, status: int) -> bool:
    """Whether a message is meant.

    :param where: ``any``, ``request``, ``response``, or response codes: ``2xx 401 300-699``.
    :param status: the status code of a response, 0 for a request.
    """
    if where in {"any", "request", "response"}:
        return where == "any" or (where == "request") == (status == 0)
    return any(_has_code(part, status) for part in where.split())


def _has_code(part: str, status: int) -> bool:
    low, _, high = part.partition("-")
    if high:
        return int(low) <= status <= int(high)
    return all(digit in {"x", own} for digit, own in zip(part, f"{status:03}", strict=True))


def rule(
    identifier: str, *headers: str, methods: Iterable[str] = (), where: str = "any"
) -> Callable[[Callable[[Context], Faults]], Callable[[Context], Faults]]:
    """Make a function the one of the rule ``identifier``.

    :param headers: canonical names; the function is asked only if one of them is there.
    :param methods: the function is asked only about these; none: about all.
    :param where: the messages that it is asked about, see :func:`stands_in`.
    """

    def register(function: Callable[[Context], Faults]) -> Callable[[Context], Faults]:
        if identifier in _FUNCTIONS:
            raise ValueError(f"two functions for rule {identifier}")
        found = Function(identifier, function, frozenset(headers), frozenset(methods), where)
        _FUNCTIONS[identifier] = found
        return function

    return register


@cache
def functions() -> tuple[Function, ...]:
    """All functions, in the order of the rules in ``conformance.toml``."""
    import sipgen.validation.rules  # noqa: F401, PLC0415 - they register themselves

    ordered = dict.fromkeys([*RULES, *_FUNCTIONS])
    return tuple(_FUNCTIONS[name] for name in ordered if name in _FUNCTIONS)


def _concerned(kind: Kind) -> tuple[Function, ...]:
    found = _kinds.get(kind)
    if found is None:
        weight = sum(map(len, kind.names)) + len(kind.method)
        found = _kinds.find(kind, weight) or _kinds.keep(
            kind, tuple(function for function in functions() if function.concerns(kind)), weight
        )
    return found


def conformance_findings(
    context: Context, locator: Locator, severity_of: Callable[[str], Severity | None]
) -> Iterator[Finding]:
    """Everything that breaks a rule which is not off.

    :param context: the message.
    :param locator: the same octets, for lines and columns.
    :param severity_of: severity by rule id, ``None`` for a rule that is off.
    """
    kind = Kind(frozenset(context.names), context.method, context.status)
    for function in _concerned(kind):
        severity = severity_of(function.id)
        if severity is None:
            continue
        facts = RULES[function.id]
        for fault in function.find(context):
            line, column = locator.position(fault.start)
            yield Finding(
                function.id,
                severity,
                fault.message,
                facts.rfc,
                facts.section,
                fault.header,
                fault.start,
                fault.end,
                line,
                column,
                fault.expected,
                facts.hint,
            )
