"""Rules about From, To, Route, Record-Route, and the parameters of header fields.

RFC 3261 sections 7.3.1, 8.1.1, 16.6 and 19, RFC 3327, RFC 3608.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sipgen.validation.conformance import rule
from sipgen.validation.context import ADDRESS_HEADERS, Context, Fault
from sipgen.validation.parts import URI, Address, Parameter, Part, parameters, split
from sipgen.validation.rules.uris import uri_parameter
from sipgen.validation.rules.via import is_rfc2543

__all__ = ["disallowed", "parameter_of", "tag_of"]

_SHOWN = 30

# The only dash in RFC 3261 table 1 that is no parameter, besides "port".
_HEADERS = "headers"
_IN_FROM_AND_TO = frozenset({"lr", "maddr", "method", "transport", "ttl"})
_IN_ROUTES = frozenset({"method", "ttl", _HEADERS})

_WITH_PARAMETERS = frozenset(
    {
        "Accept", "Accept-Contact", "Accept-Encoding", "Accept-Language", "Alert-Info",
        "Answer-Mode", "Call-Info", "Content-Disposition", "Content-Type", "Error-Info", "Event",
        "Feature-Caps", "Geolocation-Error", "Identity", "Identity-Info", "Join", "Min-SE",
        "P-Access-Network-Info", "P-Answer-State", "P-Visited-Network-ID", "Priv-Answer-Mode",
        "Reason", "Refer-Events-At", "Refer-Sub", "Reject-Contact", "Replaces",
        "Security-Client", "Security-Server", "Security-Verify", "Session-Expires", "Session-ID",
        "Subscription-State", "Target-Dialog", "User-to-User", "Via",
    }
)  # fmt: skip
"""Header fields with parameters after semicolons besides the addresses.

Not P-Charging-Function-Addresses, where RFC 3455 gave each address of several by the same
name, and not Retry-After, whose comment may hold a semicolon.
"""


def parameter_of(address: Address, name: str) -> Parameter | None:
    """The first header parameter of that name, in lower case."""
    return next((item for item in address.parameters if item.key == name), None)


def tag_of(context: Context, header: str) -> Part | None:
    """The tag of From or To, ``None`` if it cannot be told or there is none."""
    for address in context.addresses(header)[:1]:
        tag = parameter_of(address, "tag")
        return tag.part if tag else None
    return None


def disallowed(uri: URI, names: frozenset[str]) -> Iterator[tuple[Part, str]]:
    """The components of a SIP URI that table 1 of RFC 3261 has a dash for.

    :param names: URI parameters, and ``headers``.
    :return: each with the words for it.
    """
    if not uri.is_sip:
        return
    for parameter in uri.parameters:
        if parameter.key in names:
            yield parameter.name, f"the parameter {parameter.key}"
    if uri.headers and _HEADERS in names:
        start = uri.headers[0].name.start - 1
        yield Part(uri.whole.text[start - uri.whole.start :], start), "header fields"


def _tagged_by_rfc3261(context: Context) -> bool:
    """Whether who sent the request can be held to RFC 3261, which made tags mandatory."""
    return bool(context.values("Via")) and not is_rfc2543(context)


@rule("from-tag-missing", "From")
def _from_tag(context: Context) -> Iterator[Fault]:
    if _tagged_by_rfc3261(context):
        for address in context.addresses("From"):
            if parameter_of(address, "tag") is None:
                end = address.whole.end
                yield Fault(end, end, "From has no tag.", "From", ("tag",))


@rule("to-tag-response", "To")
def _to_tag_response(context: Context) -> Iterator[Fault]:
    if context.status > 100 and tag_of(context, "From") and _tagged_by_rfc3261(context):
        for address in context.addresses("To"):
            if parameter_of(address, "tag") is None:
                end = address.whole.end
                message = f"To has no tag in a {context.status} response."
                yield Fault(end, end, message, "To", ("tag",))


@rule("same-tag", "From", "To")
def _same_tag(context: Context) -> Iterator[Fault]:
    sender, receiver = tag_of(context, "From"), tag_of(context, "To")
    if sender and receiver and sender.text == receiver.text:
        yield Fault.at(receiver, "To has the tag of From.", "To")


@rule("from-to-uri-components", "From", "To")
def _from_to_uri_components(context: Context) -> Iterator[Fault]:
    for header in ("From", "To"):
        yield from _components(context, header, _IN_FROM_AND_TO | {_HEADERS})


@rule("from-to-uri-port", "From", "To")
def _from_to_uri_port(context: Context) -> Iterator[Fault]:
    for header in ("From", "To"):
        for address in context.addresses(header):
            port = context.uri(address.uri).port
            if port:
                yield Fault.at(port, f"The URI of {header} has a port.", header)


@rule("route-uri-components", "Record-Route", "Route")
def _route_uri_components(context: Context) -> Iterator[Fault]:
    for header in ("Record-Route", "Route"):
        yield from _components(context, header, _IN_ROUTES)


def _components(context: Context, header: str, names: frozenset[str]) -> Iterator[Fault]:
    for address in context.addresses(header):
        for part, words in disallowed(context.uri(address.uri), names):
            yield Fault.at(part, f"The URI of {header} has {words}.", header)


def _without_lr(context: Context, header: str, addresses: Iterable[Address]) -> Iterator[Fault]:
    for address in addresses:
        uri = context.uri(address.uri)
        if uri.is_sip and uri_parameter(uri, "lr") is None:
            end = uri.headers[0].name.start - 1 if uri.headers else uri.whole.end
            yield Fault(end, end, f"The URI of {header} has no lr.", header, ("lr",))


@rule("record-route-lr", "Record-Route")
def _record_route_lr(context: Context) -> Iterator[Fault]:
    return _without_lr(context, "Record-Route", context.addresses("Record-Route"))


@rule("record-route-sip-uri", "Record-Route")
def _record_route_sip_uri(context: Context) -> Iterator[Fault]:
    for address in context.addresses("Record-Route"):
        if not context.uri(address.uri).is_sip:
            message = "The URI of Record-Route is neither SIP nor SIPS."
            yield Fault.at(address.uri, message, "Record-Route", ("SIP-URI", "SIPS-URI"))


@rule("path-lr", "Path")
def _path_lr(context: Context) -> Iterator[Fault]:
    return _without_lr(context, "Path", context.addresses("Path"))


@rule("service-route-lr", "Service-Route")
def _service_route_lr(context: Context) -> Iterator[Fault]:
    return _without_lr(context, "Service-Route", context.addresses("Service-Route"))


@rule("route-lr", "Route")
def _route_lr(context: Context) -> Iterator[Fault]:
    # Below the topmost there may be the remote target, which a strict router put there.
    return _without_lr(context, "Route", context.addresses("Route")[:1])


@rule("parameter-repeated", *ADDRESS_HEADERS, *_WITH_PARAMETERS)
def _parameter_repeated(context: Context) -> Iterator[Fault]:
    # The order of a set differs from run to run.
    for header in sorted(context.names & (ADDRESS_HEADERS | _WITH_PARAMETERS)):
        for found in _parameters(context, header):
            seen: set[str] = set()
            for parameter in found:
                key = parameter.key
                if key in seen:
                    message = f"{header} has the parameter {key[:_SHOWN]} already."
                    yield Fault.at(parameter.name, message, header)
                seen.add(key)


def _parameters(context: Context, header: str) -> Iterator[tuple[Parameter, ...]]:
    """The parameters of each value of a header field."""
    if header in ADDRESS_HEADERS:
        for address in context.addresses(header):
            yield address.parameters
    else:
        for value in context.values(header):
            yield parameters(split(value, ";")[1:])
