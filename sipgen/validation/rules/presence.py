"""Rules about which header field must, may or must not stand in a message.

The facts are in ``grammar/presence.toml``: a row that names a rule makes the function of
that rule. What a row cannot say, such as one of several header fields, has a function here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from sipgen.generated.headers import HEADER_FIELDS
from sipgen.generated.presence import PRESENCE, REPEATABLE, Presence
from sipgen.validation.conformance import rule, stands_in
from sipgen.validation.context import Context, Fault
from sipgen.validation.rules.via import is_rfc2543

__all__: list[str] = []

_RFC2543 = frozenset({"invite-contact", "mandatory-max-forwards"})
"""Rules that peers of RFC 2543 cannot know."""


_WITH_ROWS = frozenset(row.header for row in PRESENCE)


class _Cells(NamedTuple):
    """What the rows say of one header field in one kind of message."""

    known: frozenset[str]
    """Methods that some row for other messages names: in this one it has no place."""
    allowed: frozenset[str]
    forbidden: frozenset[str]


@cache
def _cells(header: str, status: int) -> _Cells:
    rows = [row for row in PRESENCE if row.header == header]
    here = [row for row in rows if stands_in(row.where, status)]
    allowed = frozenset(" ".join(f"{row.mandatory} {row.optional}" for row in here).split())
    forbidden = frozenset(" ".join(row.forbidden for row in here).split())
    elsewhere = frozenset(" ".join(f"{r.mandatory} {r.optional}" for r in rows).split())
    return _Cells(elsewhere if not here else frozenset(), allowed, forbidden)


@rule("header-not-applicable")
def _header_not_applicable(context: Context) -> Iterator[Fault]:
    if not context.method:
        return
    # Not for names that anybody can invent: what _cells finds is remembered.
    for name in sorted(context.names & _WITH_ROWS):
        cells = _cells(name, context.status)
        method = context.method
        if method in cells.known or (method in cells.forbidden and method not in cells.allowed):
            responses = f"{context.status} responses to {method}"
            place = f"{method} requests" if context.is_request else responses
            for part in context.names_of(name)[:1]:
                yield Fault.at(part, f"{name} has no place in {place}.", name)


@rule("header-repeated")
def _header_repeated(context: Context) -> Iterator[Fault]:
    for name in sorted(context.names):
        facts = HEADER_FIELDS.get(name)
        single = facts is not None and facts.has_grammar and not facts.is_list
        # Of Content-Length the reader says it.
        if single and name not in REPEATABLE and name != "Content-Length":
            for part in context.names_of(name)[1:]:
                yield Fault.at(part, f"{name} is given again.", name)


def _missing(row: Presence) -> Callable[[Context], Iterator[Fault]]:
    def find(context: Context) -> Iterator[Fault]:
        if (
            row.header not in context.names
            and (context.is_request or context.is_response)
            and stands_in(row.where, context.status)
            and not (row.rule in _RFC2543 and is_rfc2543(context))
        ):
            what = "The request" if context.is_request else f"The {context.status} response"
            yield Fault.at(context.missing, f"{what} has no {row.header}.", row.header)

    return find


def _register() -> None:
    for row in PRESENCE:
        if row.rule:
            # What every message has is known of methods to come, too.
            everyone = row.rule.startswith("mandatory-")
            methods = () if everyone else row.mandatory.split()
            rule(row.rule, methods=methods, where=row.where)(_missing(row))


_register()


@rule("response-415-accept")
def _response_415_accept(context: Context) -> Iterator[Fault]:
    wanted = {"Accept", "Accept-Encoding", "Accept-Language"}
    if context.status == 415 and context.names.isdisjoint(wanted):
        message = "The 415 response does not say what would be supported."
        yield Fault.at(context.missing, message, "Accept", tuple(sorted(wanted)))


@rule("identity-date", "Identity")
def _identity_date(context: Context) -> Iterator[Fault]:
    if context.is_request and "Date" not in context.names:
        yield Fault.at(context.missing, "The request has an Identity and no Date.", "Date")


def _wanted(identifier: str, header: str, method: str, low: int = 0, high: int = 0) -> None:
    """A header field that should be there: in requests, or in responses of some codes."""

    def find(context: Context) -> Iterator[Fault]:
        asked = context.is_request if not low else low <= context.status <= high
        # Within a dialog the peers have told each other already.
        known = context.is_request and ";tag=" in "".join(p.text for p in context.fields("To"))
        if asked and header not in context.names and not known:
            what = f"The {method}" if context.is_request else f"The response to {method}"
            yield Fault.at(context.missing, f"{what} has no {header}.", header)

    rule(identifier, methods=[method])(find)


_wanted("invite-allow", "Allow", "INVITE")
_wanted("invite-supported", "Supported", "INVITE")
_wanted("invite-2xx-allow", "Allow", "INVITE", 200, 299)
_wanted("invite-2xx-supported", "Supported", "INVITE", 200, 299)
