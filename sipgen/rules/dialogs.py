"""Rules about events, sessions and dialogs (RFC 3891, 3911, 4028, 4538, 6446, 6665)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sipgen.rules.declaring import Fault, element_rule, message_rule
from sipgen.rules.facts import Facts, Place
from sipgen.values.items import Item
from sipgen.values.locate import END, Part, parameter, parameter_name
from sipgen.values.numbers import NumberWithParameters, SessionExpires

__all__: list[str] = []

_LEAST_INTERVAL = 90
"""Seconds of a session interval (RFC 4028 section 4)."""
_RATES = frozenset({"max-rate", "min-rate", "adaptive-min-rate"})


def _last(value: Item, name: str) -> int | None:
    """Return the number of the last parameter of that name, ``None`` without one."""
    numbers = [at for at, (here, _) in enumerate(value.params.pairs) if here.lower() == name]
    return numbers[-1] if numbers else None


@element_rule("subscription-state-expires", "Subscription-State", needs=["expires"])
def _subscription_state_expires(state: Item) -> Iterator[Fault]:
    at = _last(state, "expires")
    if at is not None and state.value.lower() == "terminated":
        message = "A subscription that is terminated does not expire."
        yield Fault(message, parameter_name(at))


@element_rule("subscription-state-reason", "Subscription-State", needs=["reason", "retry-after"])
def _subscription_state_reason(state: Item) -> Iterator[Fault]:
    which = state.value.lower()
    for name in ("reason", "retry-after") if which in {"active", "pending"} else ():
        at = _last(state, name)
        if at is not None:
            message = f"{name} says why a subscription ended, and this one is {which}."
            yield Fault(message, parameter_name(at))


@element_rule("event-rate", "Event", "Subscription-State", needs=_RATES)
def _event_rate(value: Item) -> Iterator[Fault]:
    last = {name.lower(): (at, given) for at, (name, given) in enumerate(value.params.pairs)}
    for name, (at, given) in last.items():
        if name in _RATES and given and not given.strip("0."):
            message = f"{name} is zero: there would be no notifications."
            yield Fault(message, parameter(at))


@element_rule("session-expires-minimum", "Session-Expires")
def _session_expires_minimum(value: SessionExpires) -> Iterator[Fault]:
    return _least(value, "Session-Expires")


@element_rule("min-se-minimum", "Min-SE")
def _min_se_minimum(value: NumberWithParameters) -> Iterator[Fault]:
    return _least(value, "Min-SE")


def _least(value: NumberWithParameters, header: str) -> Iterator[Fault]:
    if value.number < _LEAST_INTERVAL:
        message = f"{header} is less than {_LEAST_INTERVAL} seconds."
        yield Fault(message, Part("digits"), (f"{_LEAST_INTERVAL} or more",))


@message_rule("session-expires-min-se", "Min-SE", reads=["Min-SE", "Session-Expires"])
def _session_expires_min_se(facts: Facts) -> Iterator[Place]:
    least = max((item.value.number for item in facts.elements("Min-SE")), default=0)
    for item in facts.elements("Session-Expires"):
        if item.value.number < least:
            yield item.fault("Session-Expires is less than Min-SE.", "Session-Expires")


@message_rule("session-expires-refresher", "Session-Expires", where="2xx")
def _session_expires_refresher(facts: Facts) -> Iterable[Place]:
    only = facts.only("Session-Expires")
    if only is not None and only.refresher:
        return ()
    return _without_refresher(facts)


def _without_refresher(facts: Facts) -> Iterator[Place]:
    for item in facts.elements("Session-Expires"):
        if "refresher" not in item.value.params:
            message = "The response does not say who refreshes the session."
            yield item.fault(message, "Session-Expires", END, ("refresher",))


def _exactly_one(value: Item, header: str, names: tuple[str, ...]) -> Iterator[Fault]:
    for name in names:
        same = [at for at, (here, _) in enumerate(value.params.pairs) if here.lower() == name]
        if not same:
            yield Fault(f"{header} has no {name}.", END, (name,))
        for at in same[1:]:
            yield Fault(f"{header} has another {name}.", parameter_name(at))


@element_rule("replaces-tags", "Replaces")
def _replaces_tags(value: Item) -> Iterator[Fault]:
    return _exactly_one(value, "Replaces", ("to-tag", "from-tag"))


@element_rule("join-tags", "Join")
def _join_tags(value: Item) -> Iterator[Fault]:
    return _exactly_one(value, "Join", ("to-tag", "from-tag"))


@element_rule("target-dialog-tags", "Target-Dialog")
def _target_dialog_tags(value: Item) -> Iterator[Fault]:
    return _exactly_one(value, "Target-Dialog", ("local-tag", "remote-tag"))


@message_rule("replaces-join", "Replaces", by_kind=True)
def _replaces_join(facts: Facts) -> Iterator[Place]:
    if "Join" in facts:
        yield next(facts.names("Join", "A call either replaces another or joins it."))


@message_rule("replaces-method", "Replaces", where="request", by_kind=True)
def _replaces_method(facts: Facts) -> Iterator[Place]:
    return _only_invite(facts, "Replaces")


@message_rule("join-method", "Join", where="request", by_kind=True)
def _join_method(facts: Facts) -> Iterator[Place]:
    return _only_invite(facts, "Join")


def _only_invite(facts: Facts, header: str) -> Iterator[Place]:
    if facts.is_request and facts.method and facts.method != "INVITE":
        yield next(facts.names(header, f"{header} stands in what is no INVITE."))
