"""Rules about events, sessions and dialogs (RFC 3891, 3911, 4028, 4538, 6446, 6665)."""

from __future__ import annotations

from collections.abc import Iterator

from sipgen.validation.conformance import rule
from sipgen.validation.context import Context, Fault
from sipgen.validation.parts import Parameter, Part, parameters, split
from sipgen.validation.rules.numbers import number

__all__: list[str] = []

_LEAST_INTERVAL = 90
"""Seconds of a session interval (RFC 4028 section 4)."""
_RATES = frozenset({"max-rate", "min-rate", "adaptive-min-rate"})


def _parameters(part: Part) -> dict[str, Parameter]:
    """What follows the first semicolon; the last of a name."""
    return {item.key: item for item in parameters(split(part, ";")[1:])}


@rule("subscription-state-expires", "Subscription-State")
def _subscription_state_expires(context: Context) -> Iterator[Fault]:
    for part in context.fields("Subscription-State"):
        state = part.text.partition(";")[0].strip().lower()
        parameter = _parameters(part).get("expires")
        if parameter and state == "terminated":
            message = "A subscription that is terminated does not expire."
            yield Fault.at(parameter.name, message, "Subscription-State")


@rule("subscription-state-reason", "Subscription-State")
def _subscription_state_reason(context: Context) -> Iterator[Fault]:
    for part in context.fields("Subscription-State"):
        state = part.text.partition(";")[0].strip().lower()
        found = _parameters(part)
        for name in ("reason", "retry-after") if state in {"active", "pending"} else ():
            if name in found:
                message = f"{name} says why a subscription ended, and this one is {state}."
                yield Fault.at(found[name].name, message, "Subscription-State")


@rule("event-rate", "Event", "Subscription-State")
def _event_rate(context: Context) -> Iterator[Fault]:
    for header in ("Event", "Subscription-State"):
        for part in context.fields(header):
            for name, parameter in _parameters(part).items():
                if name in _RATES and parameter.value and not parameter.text.strip("0."):
                    message = f"{name} is zero: there would be no notifications."
                    yield Fault.at(parameter.part, message, header)


@rule("session-expires-minimum", "Session-Expires")
def _session_expires_minimum(context: Context) -> Iterator[Fault]:
    return _least(context, "Session-Expires")


@rule("min-se-minimum", "Min-SE")
def _min_se_minimum(context: Context) -> Iterator[Fault]:
    return _least(context, "Min-SE")


def _least(context: Context, header: str) -> Iterator[Fault]:
    for part in context.fields(header):
        if number(part) < _LEAST_INTERVAL:
            digits = Part(part.text[: len(part.text) - len(part.text.lstrip("0123456789"))],
                          part.start)  # fmt: skip
            message = f"{header} is less than {_LEAST_INTERVAL} seconds."
            yield Fault.at(digits, message, header, (f"{_LEAST_INTERVAL} or more",))


@rule("session-expires-min-se", "Session-Expires")
def _session_expires_min_se(context: Context) -> Iterator[Fault]:
    least = max((number(part) for part in context.fields("Min-SE")), default=0)
    for part in context.fields("Session-Expires"):
        if number(part) < least:
            message = "Session-Expires is less than Min-SE."
            yield Fault.at(part, message, "Session-Expires")


@rule("session-expires-refresher", "Session-Expires")
def _session_expires_refresher(context: Context) -> Iterator[Fault]:
    for part in context.fields("Session-Expires") if 200 <= context.status < 300 else ():
        if "refresher" not in _parameters(part):
            message = "The response does not say who refreshes the session."
            yield Fault(part.end, part.end, message, "Session-Expires", ("refresher",))


def _exactly_one(context: Context, header: str, names: tuple[str, ...]) -> Iterator[Fault]:
    for part in context.values(header):
        given = parameters(split(part, ";")[1:])
        for name in names:
            same = [item for item in given if item.key == name]
            if not same:
                yield Fault(part.end, part.end, f"{header} has no {name}.", header, (name,))
            for item in same[1:]:
                yield Fault.at(item.name, f"{header} has another {name}.", header)


@rule("replaces-tags", "Replaces")
def _replaces_tags(context: Context) -> Iterator[Fault]:
    return _exactly_one(context, "Replaces", ("to-tag", "from-tag"))


@rule("join-tags", "Join")
def _join_tags(context: Context) -> Iterator[Fault]:
    return _exactly_one(context, "Join", ("to-tag", "from-tag"))


@rule("target-dialog-tags", "Target-Dialog")
def _target_dialog_tags(context: Context) -> Iterator[Fault]:
    return _exactly_one(context, "Target-Dialog", ("local-tag", "remote-tag"))


@rule("replaces-join", "Replaces")
def _replaces_join(context: Context) -> Iterator[Fault]:
    for name in context.names_of("Join")[:1]:
        message = "A call either replaces another or joins it."
        yield Fault.at(name, message, "Join")


@rule("replaces-method", "Replaces")
def _replaces_method(context: Context) -> Iterator[Fault]:
    return _only_invite(context, "Replaces")


@rule("join-method", "Join")
def _join_method(context: Context) -> Iterator[Fault]:
    return _only_invite(context, "Join")


def _only_invite(context: Context, header: str) -> Iterator[Fault]:
    if context.is_request and context.method and context.method != "INVITE":
        for name in context.names_of(header)[:1]:
            yield Fault.at(name, f"{header} stands in what is no INVITE.", header)
