"""Rules about From, To, Route and Record-Route (RFC 3261 sections 8.1.1, 19.1.1, 19.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sipgen.validation.conformance import rule
from sipgen.validation.context import ADDRESS_HEADERS, Context, Fault
from sipgen.validation.parts import URI, Address, Parameter, Part, parameters, split
from sipgen.validation.rules.via import is_rfc2543, vias

__all__ = ["components", "tag_of"]

_ROUTES = ("Path", "Record-Route", "Route", "Service-Route")
_OTHERS = (
    "Accept", "Accept-Encoding", "Accept-Language", "Alert-Info", "Call-Info",
    "Content-Disposition", "Content-Type", "Error-Info", "Event", "Join", "Min-SE", "Replaces",
    "Retry-After", "Session-Expires", "Subscription-State", "Target-Dialog",
)  # fmt: skip
"""Header fields whose values are followed by parameters, the addresses aside."""


def tag_of(address: Address) -> Parameter | None:
    """The tag of a From or To."""
    return next((item for item in address.parameters if item.key == "tag"), None)


def components(uri: URI, forbidden: frozenset[str]) -> Iterator[tuple[Part, str]]:
    """The components of a URI that a place forbids (RFC 3261 section 19.1.1, table 1).

    :param forbidden: parameter names, ``port``, ``headers``.
    """
    if not uri.is_sip:
        return
    if uri.port and "port" in forbidden:
        yield uri.port, "a port"
    for parameter in uri.parameters:
        if parameter.key in forbidden:
            yield parameter.name, f"the parameter {parameter.key}"
    if uri.headers and "headers" in forbidden:
        yield uri.headers[0].name, "header fields"


def _forbidden(
    context: Context, names: Iterable[str], forbidden: frozenset[str]
) -> Iterator[Fault]:
    for name in names:
        for address in context.addresses(name):
            for part, what in components(context.uri(address.uri), forbidden):
                yield Fault.at(part, f"The URI of {name} has {what}.", name)


@rule("from-tag-missing", "From")
def _from_tag_missing(context: Context) -> Iterator[Fault]:
    if not is_rfc2543(context):
        for address in context.addresses("From"):
            if tag_of(address) is None:
                end = address.whole.end
                yield Fault(end, end, "From has no tag.", "From", ("tag",))


@rule("to-tag-response", "To")
def _to_tag_response(context: Context) -> Iterator[Fault]:
    if context.status <= 100 or is_rfc2543(context):
        return
    if all(tag_of(address) for address in context.addresses("From")):
        for address in context.addresses("To"):
            if tag_of(address) is None:
                end = address.whole.end
                message = f"To has no tag in a {context.status} response."
                yield Fault(end, end, message, "To", ("tag",))


@rule("same-tag", "To")
def _same_tag(context: Context) -> Iterator[Fault]:
    tags = {tag.text for address in context.addresses("From") if (tag := tag_of(address))}
    for address in context.addresses("To"):
        tag = tag_of(address)
        if tag and tag.text in tags:
            yield Fault.at(tag.part, "To has the same tag as From.", "To")


@rule("from-to-uri", "From", "To")
def _from_to_uri(context: Context) -> Iterator[Fault]:
    forbidden = frozenset({"port", "method", "maddr", "ttl", "transport", "lr", "headers"})
    return _forbidden(context, ("From", "To"), forbidden)


@rule("route-uri", *_ROUTES)
def _route_uri(context: Context) -> Iterator[Fault]:
    return _forbidden(context, _ROUTES, frozenset({"method", "ttl", "headers"}))


@rule("record-route-lr", "Record-Route")
def _record_route_lr(context: Context) -> Iterator[Fault]:
    for address in context.addresses("Record-Route"):
        uri = context.uri(address.uri)
        if uri.is_sip and all(parameter.key != "lr" for parameter in uri.parameters):
            end = address.uri.end
            yield Fault(end, end, "The URI of Record-Route has no lr.", "Record-Route", ("lr",))


@rule("parameter-repeated", "Via", *ADDRESS_HEADERS, *_OTHERS)
def _parameter_repeated(context: Context) -> Iterator[Fault]:
    found = [("Via", via.parameters) for via in vias(context)]
    for name in sorted(ADDRESS_HEADERS & context.names):
        found += [(name, address.parameters) for address in context.addresses(name)]
    for name in _OTHERS:
        for part in context.values(name):
            found.append((name, parameters(split(part, ";")[1:])))
    for name, given in found:
        seen = set()
        for parameter in given:
            if parameter.key in seen:
                message = f"The parameter {parameter.key[:40]} is given again."
                yield Fault.at(parameter.name, message, name)
            seen.add(parameter.key)
