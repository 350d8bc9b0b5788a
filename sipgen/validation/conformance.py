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
from sipgen.validation.context import Context, Fault
from sipgen.wire.locator import Locator

__all__ = ["Function", "conformance_findings", "functions", "rule"]

Faults = Iterable[Fault]


class Function(NamedTuple):
    """What finds the breaches of a rule."""

    id: str
    headers: frozenset[str]
    """It is asked only where one of these header fields is there; empty: always."""
    find: Callable[[Context], Faults]


_FUNCTIONS: dict[str, Function] = {}


def rule(
    identifier: str, *headers: str
) -> Callable[[Callable[[Context], Faults]], Callable[[Context], Faults]]:
    """Make a function the one of the rule ``identifier``.

    :param headers: canonical names; the function is asked only if one of them is there.
    """

    def register(function: Callable[[Context], Faults]) -> Callable[[Context], Faults]:
        if identifier in _FUNCTIONS:
            raise ValueError(f"two functions for rule {identifier}")
        _FUNCTIONS[identifier] = Function(identifier, frozenset(headers), function)
        return function

    return register


@cache
def functions() -> tuple[Function, ...]:
    """All functions, in the order of the rules in ``conformance.toml``."""
    import sipgen.validation.rules  # noqa: F401, PLC0415 - they register themselves

    ordered = dict.fromkeys([*RULES, *_FUNCTIONS])
    return tuple(_FUNCTIONS[name] for name in ordered if name in _FUNCTIONS)


def conformance_findings(
    context: Context, locator: Locator, severity_of: Callable[[str], Severity | None]
) -> Iterator[Finding]:
    """Everything that breaks a rule which is not off.

    :param context: the message.
    :param locator: the same octets, for lines and columns.
    :param severity_of: severity by rule id, ``None`` for a rule that is off.
    """
    for function in functions():
        if function.headers and function.headers.isdisjoint(context.names):
            continue
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
