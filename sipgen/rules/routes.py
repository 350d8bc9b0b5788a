"""Rules about From, To, Route, Record-Route, and the parameters of header fields.

RFC 3261 sections 7.3.1, 8.1.1, 16.6 and 19, RFC 3327, RFC 3608.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sipgen.rules.declaring import ADDRESSES, Fault, element_rule, field_rule, message_rule
from sipgen.rules.facts import Facts, Place
from sipgen.rules.hops import is_rfc2543
from sipgen.values.address import NameAddr
from sipgen.values.locate import END, Part, parameter, parameter_name
from sipgen.values.pairs import Pair
from sipgen.values.parameters import NONE
from sipgen.values.uri import URI, SipURI

__all__ = ["disallowed"]

_SHOWN = 30

# The only dash in RFC 3261 table 1 that is no parameter, besides "port".
_HEADERS = "headers"
_IN_FROM_AND_TO = frozenset({"lr", "maddr", "method", "transport", "ttl", _HEADERS})
_IN_ROUTES = frozenset({"method", "ttl", _HEADERS})

_WITH_PARAMETERS = (
    "Accept", "Accept-Contact", "Accept-Encoding", "Accept-Language", "Alert-Info",
    "Answer-Mode", "Call-Info", "Content-Disposition", "Content-Type", "Error-Info", "Event",
    "Feature-Caps", "Geolocation-Error", "Identity", "Identity-Info", "Join", "Min-SE",
    "P-Access-Network-Info", "P-Answer-State", "P-Visited-Network-ID", "Priv-Answer-Mode",
    "Reason", "Refer-Events-At", "Refer-Sub", "Reject-Contact", "Replaces",
    "Security-Client", "Security-Server", "Security-Verify", "Session-Expires", "Session-ID",
    "Subscription-State", "Target-Dialog", "User-to-User", "Via",
)  # fmt: skip
"""Header fields with parameters after semicolons besides the addresses.

Not P-Charging-Function-Addresses, where RFC 3455 gave each address of several by the same
name, and not Retry-After, whose comment may hold a semicolon.
"""


def disallowed(uri: URI, names: frozenset[str]) -> Iterable[tuple[Part, str]]:
    """Return the components of a SIP URI that table 1 of RFC 3261 has a dash for.

    :param names: URI parameters, and ``headers``.
    :return: each with the words for it.
    """
    if not isinstance(uri, SipURI):
        return ()
    pairs, headers = uri.params.pairs, uri.headers.pairs
    return _of_components(pairs, names, headers) if pairs or headers else ()


def _of_components(
    pairs: tuple[Pair, ...], names: frozenset[str], headers: tuple[Pair, ...]
) -> Iterator[tuple[Part, str]]:
    for number, (name, _) in enumerate(pairs):
        if name.lower() in names:
            part = Part("parameter-name", number, of_uri=True)
            yield part, f"the parameter {name.lower()}"
    if headers and _HEADERS in names:
        yield Part("headers", of_uri=True), "header fields"


def _tagged_by_rfc3261(facts: Facts) -> bool:
    """Return True if the sender can be held to RFC 3261, which made tags mandatory."""
    usual = facts.is_usual("Via") and "Via" in facts
    return usual or (bool(facts.elements("Via")) and not is_rfc2543(facts))


@message_rule(
    "from-tag-missing",
    "From",
    unusual=["From"],
    reads=["Via"],
    unless=lambda noted, *_: noted.get("From"),
)
def _from_tag_missing(facts: Facts) -> Iterator[Place]:
    for sender in facts.elements("From"):
        if "tag" not in sender.value.params and _tagged_by_rfc3261(facts):
            yield sender.fault("From has no tag.", "From", END, ("tag",))


@message_rule(
    "to-tag-response",
    "To",
    where="101-999",
    reads=["To", "From", "Via"],
    unless=lambda noted, *_: noted.get("To"),
)
def _to_tag_response(facts: Facts) -> Iterator[Place]:
    for receiver in facts.elements("To"):
        if "tag" in receiver.value.params:
            continue
        sender = facts.first("From")
        if sender is not None and "tag" in sender.params and _tagged_by_rfc3261(facts):
            message = f"To has no tag in a {facts.status} response."
            yield receiver.fault(message, "To", END, ("tag",))


def _tags_differ(noted: Mapping[str, str], *_: object) -> bool:
    receiver, sender = noted.get("To"), noted.get("From")
    return receiver == "" or (receiver != sender and receiver is not None and sender is not None)


@message_rule("same-tag", "To", reads=["To", "From"], unless=_tags_differ)
def _same_tag(facts: Facts) -> Iterator[Place]:
    for receiver in facts.elements("To")[:1]:
        if "tag" in receiver.value.params and "From" in facts:
            sender = facts.first("From")
            if sender is not None and "tag" in sender.params and sender.tag == receiver.value.tag:
                yield receiver.fault("To has the tag of From.", "To", parameter("tag"))


@element_rule("from-to-uri-components", "From", "To")
def _from_to_uri_components(address: NameAddr, header: str) -> Iterable[Fault]:
    return _components(address, header, _IN_FROM_AND_TO)


@element_rule("from-to-uri-port", "From", "To")
def _from_to_uri_port(address: NameAddr, header: str) -> Iterable[Fault]:
    if not isinstance(address.uri, SipURI) or address.uri.port is None:
        return ()
    return (Fault(f"The URI of {header} has a port.", Part("port", of_uri=True)),)


@element_rule("route-uri-components", "Record-Route", "Route")
def _route_uri_components(address: NameAddr, header: str) -> Iterable[Fault]:
    return _components(address, header, _IN_ROUTES)


def _components(address: NameAddr, header: str, names: frozenset[str]) -> Iterable[Fault]:
    return [
        Fault(f"The URI of {header} has {words}.", part)
        for part, words in disallowed(address.uri, names)
    ]


def _without_lr(address: NameAddr, header: str) -> Iterator[Fault]:
    if isinstance(address.uri, SipURI) and "lr" not in address.uri.params:
        yield Fault(f"The URI of {header} has no lr.", Part("end", of_uri=True), ("lr",))


@element_rule("record-route-lr", "Record-Route")
def _record_route_lr(address: NameAddr, header: str) -> Iterator[Fault]:
    return _without_lr(address, header)


@element_rule("record-route-sip-uri", "Record-Route")
def _record_route_sip_uri(address: NameAddr) -> Iterator[Fault]:
    if not isinstance(address.uri, SipURI):
        message = "The URI of Record-Route is neither SIP nor SIPS."
        yield Fault(message, Part("uri"), ("SIP-URI", "SIPS-URI"))


@element_rule("path-lr", "Path")
def _path_lr(address: NameAddr, header: str) -> Iterator[Fault]:
    return _without_lr(address, header)


@element_rule("service-route-lr", "Service-Route")
def _service_route_lr(address: NameAddr, header: str) -> Iterator[Fault]:
    return _without_lr(address, header)


@field_rule("route-lr", "Route")
def _route_lr(addresses: tuple[NameAddr, ...]) -> Iterator[Fault]:
    # Below the topmost there may be the remote target, which a strict router put there.
    return _without_lr(addresses[0], "Route")


@element_rule("parameter-repeated", *ADDRESSES, *_WITH_PARAMETERS)
def _parameter_repeated(value: Any, header: str) -> Iterable[Fault]:
    params = value.params
    if params is NONE or len(params.pairs) == len(params):
        return ()
    return _again(params.pairs, header)


def _again(pairs: tuple[Pair, ...], header: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, (name, _) in enumerate(pairs):
        key = name.lower()
        if key in seen:
            message = f"{header} has the parameter {key[:_SHOWN]} already."
            yield Fault(message, parameter_name(number))
        seen.add(key)
