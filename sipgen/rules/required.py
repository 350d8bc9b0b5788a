"""Rules about which header field must, may or must not be in a message.

The facts are in ``grammar/presence.toml``: a row that names a rule makes the function of
that rule. What a row cannot say, such as one of several header fields, has a function here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from sipgen.generated.headers import HEADER_FIELDS
from sipgen.generated.presence import PRESENCE, REPEATABLE, Presence
from sipgen.rules.declaring import message_rule, status_in
from sipgen.rules.facts import NAME, Facts, Place
from sipgen.rules.hops import is_rfc2543

__all__: list[str] = []

_RFC2543 = frozenset({"invite-contact", "mandatory-max-forwards"})
"""Rules that peers of RFC 2543 cannot know."""

_SINGLE = frozenset(
    name
    for name, field in HEADER_FIELDS.items()
    # Of Content-Length the reader says it.
    if field.has_grammar
    and not field.is_list
    and name not in REPEATABLE
    and name != "Content-Length"
)


_ROWS = [
    (row.header, row.where, {*row.mandatory.split(), *row.optional.split()}, row.forbidden.split())
    for row in PRESENCE
]
_METHODS = frozenset().union(*(allowed for _, _, allowed, _ in _ROWS), *(row[3] for row in _ROWS))


@cache  # the methods of the table, and 601 status codes
def _out_of_place(method: str, status: int) -> frozenset[str]:
    """Header fields that have no place in a kind of message."""
    here = {where for where in {row[1] for row in _ROWS} if status_in(where, status)}
    ruled = {header for header, where, _, _ in _ROWS if where in here}
    elsewhere = {header for header, _, allowed, _ in _ROWS if method in allowed} - ruled
    rows = [row for row in _ROWS if row[1] in here]
    allowed_here = {header for header, _, allowed, _ in rows if method in allowed}
    forbidden = {header for header, _, _, forbidden in rows if method in forbidden}
    return frozenset(elsewhere | (forbidden - allowed_here))


@message_rule("header-not-applicable", by_kind=True)
def _header_not_applicable(facts: Facts) -> Iterator[Place]:
    method, status, names = facts.method, facts.status, facts.kind.names
    wrong = _out_of_place(method, status).intersection(names) if method in _METHODS else ()
    for name in sorted(wrong, key=names.index):
        responses = f"{status} responses to {method}"
        where = f"{method} requests" if facts.is_request else responses
        yield Place(f"{name} has no place in {where}.", names.index(name), name, NAME)


@message_rule("header-repeated", by_kind=True)
def _header_repeated(facts: Facts) -> Iterator[Place]:
    names = facts.kind.names
    if len({*names}) == len(names):
        return
    seen = set()
    for at, name in enumerate(names):
        if name in _SINGLE:
            if name in seen:
                yield Place(f"{name} is given again.", at, name, NAME)
            seen.add(name)


def _missing(row: Presence) -> Callable[[Facts], Iterator[Place]]:
    def find(facts: Facts) -> Iterator[Place]:
        if (facts.is_request or facts.kind.is_response) and not (
            row.rule in _RFC2543 and is_rfc2543(facts)
        ):
            what = "The request" if facts.is_request else f"The {facts.status} response"
            yield facts.missing(f"{what} has no {row.header}.", row.header)

    return find


def _declare() -> None:
    for row in PRESENCE:
        if row.rule:
            # What every message has is known of methods to come, too.
            everyone = row.rule.startswith("mandatory-")
            message_rule(
                row.rule,
                methods=() if everyone else row.mandatory.split(),
                where=row.where,
                without=row.header,
                by_kind=row.rule not in _RFC2543,
                reads=["Via"] if row.rule in _RFC2543 else None,
            )(_missing(row))


_declare()


@message_rule("response-415-accept", where="415", by_kind=True)
def _response_415_accept(facts: Facts) -> Iterator[Place]:
    wanted = {"Accept", "Accept-Encoding", "Accept-Language"}
    if wanted.isdisjoint(facts.kind.names):
        message = "The 415 response does not say what would be supported."
        yield facts.missing(message, "Accept", tuple(sorted(wanted)))


@message_rule("identity-date", "Identity", where="request", without="Date", by_kind=True)
def _identity_date(facts: Facts) -> Iterator[Place]:
    if facts.is_request:
        yield facts.missing("The request has an Identity and no Date.", "Date")


def _wanted(identifier: str, header: str, where: str) -> None:
    """Declare that a header field should be there: in INVITE requests, or responses to them."""

    def find(facts: Facts) -> Iterator[Place]:
        # Within a dialog the peers have told each other already.
        if not facts.status and _in_dialog(facts):
            return
        if facts.is_request or facts.kind.is_response:
            what = "The INVITE" if facts.is_request else "The response to INVITE"
            yield facts.missing(f"{what} has no {header}.", header)

    by_kind = where != "request"
    message_rule(
        identifier,
        methods=["INVITE"],
        where=where,
        without=header,
        by_kind=by_kind,
        reads=() if by_kind else ["To"],
        unless=None if by_kind else lambda noted, *_: noted.get("To"),
    )(find)


def _in_dialog(facts: Facts) -> bool:
    tag = facts.tag("To")
    if tag is not None:
        return tag != ""
    return any("tag" in to.value.params for to in facts.elements("To"))


_wanted("invite-allow", "Allow", "request")
_wanted("invite-supported", "Supported", "request")
_wanted("invite-2xx-allow", "Allow", "2xx")
_wanted("invite-2xx-supported", "Supported", "2xx")
