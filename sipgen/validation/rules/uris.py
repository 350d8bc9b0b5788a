"""Rules about URIs, wherever they stand (RFC 3261 section 19.1, RFC 3966, 4967, 5630)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sipgen.validation.conformance import rule
from sipgen.validation.context import ADDRESS_HEADERS, Context, Fault
from sipgen.validation.grammar import standard
from sipgen.validation.parts import URI, Parameter, Part, escapes_removed
from sipgen.wire.names import canonical

__all__ = ["URIPlace", "message_uris", "sip_uris", "uri_parameter"]

_SHOWN = 30
_PORTS = 65535
_TTLS = 255
_DIGITS = 18

_WITH_PARAMETERS = frozenset({"sip", "sips", "tel"})
"""Schemes whose RFC says what a semicolon is; in others it may be anything."""

_DANGEROUS = frozenset({"Call-ID", "CSeq", "From", "Record-Route", "Route", "Via"})


class URIPlace(NamedTuple):
    """A URI of a message, and where it was found."""

    header: str | None
    """Canonical name; ``None`` for the Request-URI."""
    uri: URI


def message_uris(context: Context) -> Iterator[URIPlace]:
    """The Request-URI and the URIs of all header fields that hold addresses."""
    where = context.request_uri
    if where:
        yield URIPlace(None, context.uri(where))
    # The order of a set differs from run to run.
    for name in sorted(ADDRESS_HEADERS & context.names):
        for found in context.addresses(name):
            yield URIPlace(name, context.uri(found.uri))


def sip_uris(context: Context) -> Iterator[URIPlace]:
    """Those of :func:`message_uris` that are SIP or SIPS URIs."""
    return (place for place in message_uris(context) if place.uri.is_sip)


def uri_parameter(uri: URI, name: str) -> Parameter | None:
    """The first URI parameter of that name, in lower case."""
    return next((item for item in uri.parameters if item.key == name), None)


def _number(digits: str) -> int:
    """The value of digits; of very many of them, any value that is too large."""
    bare = digits.lstrip("0")
    return int(bare or "0") if len(bare) <= _DIGITS else 10**_DIGITS


@rule("uri-parameter-repeated")
def _uri_parameter_repeated(context: Context) -> Iterator[Fault]:
    for header, uri in message_uris(context):
        seen: set[str] = set()
        for parameter in uri.parameters if uri.scheme in _WITH_PARAMETERS else ():
            key = escapes_removed(parameter.key).lower()
            if key in seen:
                message = f"The URI has the parameter {key[:_SHOWN]} already."
                yield Fault.at(parameter.name, message, header)
            seen.add(key)


@rule("uri-port")
def _uri_port(context: Context) -> Iterator[Fault]:
    for header, uri in sip_uris(context):
        # A Request-URI comes here even if the grammar refused it.
        digits = uri.port.text if uri.port else ""
        if uri.port and digits.isdecimal() and not 0 < _number(digits) <= _PORTS:
            message = f"{digits[:20]} is no port."
            yield Fault.at(uri.port, message, header, ("1 to 65535",))


@rule("uri-sips-transport")
def _uri_sips_transport(context: Context) -> Iterator[Fault]:
    for header, uri in message_uris(context):
        transport = uri_parameter(uri, "transport") if uri.scheme == "sips" else None
        if transport and transport.text.lower() == "udp":
            message = "A SIPS URI asks for UDP, over which there is no TLS."
            yield Fault.at(transport.part, message, header, ("tcp", "sctp", "ws"))


@rule("uri-transport-tls")
def _uri_transport_tls(context: Context) -> Iterator[Fault]:
    for header, uri in sip_uris(context):
        transport = uri_parameter(uri, "transport")
        if transport and transport.text.lower() == "tls":
            message = "The URI has transport=tls, which is deprecated."
            yield Fault.at(transport.part, message, header, ("tcp",))


@rule("uri-ttl")
def _uri_ttl(context: Context) -> Iterator[Fault]:
    for header, uri in sip_uris(context):
        ttl = uri_parameter(uri, "ttl")
        if ttl is None:
            continue
        maddr = uri_parameter(uri, "maddr")
        transport = uri_parameter(uri, "transport")
        if maddr is None:
            yield Fault.at(ttl.name, "The URI has a ttl, and no maddr.", header, ("maddr",))
        elif not _may_be_multicast(maddr.text):
            message = "The URI has a ttl, and its maddr is no multicast address."
            yield Fault.at(maddr.part, message, header)
        elif transport and transport.text.lower() != "udp":
            message = "The URI has a ttl, and its transport is not UDP."
            yield Fault.at(transport.part, message, header, ("udp",))


def _may_be_multicast(host: str) -> bool:
    """Whether a host is a multicast address, or a name that may stand for one."""
    if host.startswith("["):
        return host[1:3].lower() == "ff"
    first, *rest = host.split(".")
    if len(rest) != 3 or not host.replace(".", "").isdecimal():
        return True
    return 224 <= _number(first) <= 239


@rule("uri-ttl-range")
def _uri_ttl_range(context: Context) -> Iterator[Fault]:
    for header, uri in sip_uris(context):
        ttl = uri_parameter(uri, "ttl")
        if ttl and ttl.text.isdecimal() and _number(ttl.text) > _TTLS:
            yield Fault.at(ttl.part, f"{ttl.text} is no time to live.", header, ("0 to 255",))


def _user(uri: URI) -> Part | None:
    """The user of a SIP URI, without the password."""
    if uri.userinfo is None:
        return None
    user, _, _ = uri.userinfo.text.partition(":")
    return Part(user, uri.userinfo.start)


@rule("uri-user-phone")
def _uri_user_phone(context: Context) -> Iterator[Fault]:
    for header, uri in sip_uris(context):
        kind, user = uri_parameter(uri, "user"), _user(uri)
        if kind and user and kind.text.lower() == "phone" and not _is_telephone(user.text):
            message = "The URI says user=phone, and its user is no telephone number of RFC 3966."
            yield Fault.at(user, message, header, ("telephone-subscriber",))


def _is_telephone(user: str) -> bool:
    # What a SIP URI has to escape, such as "#", stands as it is in a tel URI; and what a
    # tel URI escapes too must not lose its escape.
    return any(
        standard().matches("telephone-uri", f"tel:{number}".encode("latin-1"))
        for number in dict.fromkeys([user, escapes_removed(user)])
    )


@rule("uri-dialstring")
def _uri_dialstring(context: Context) -> Iterator[Fault]:
    for header, uri in sip_uris(context):
        kind, user = uri_parameter(uri, "user"), _user(uri)
        if kind is None or kind.text.lower() != "dialstring":
            continue
        at = user.end if user else uri.host.start
        names = (piece.partition("=")[0] for piece in (user.text if user else "").split(";")[1:])
        if not any(escapes_removed(name).lower() == "phone-context" for name in names):
            message = "The URI says user=dialstring, and its user has no phone-context."
            yield Fault(at, at, message, header, ("phone-context",))


@rule("uri-headers-dangerous", *ADDRESS_HEADERS)
def _uri_headers_dangerous(context: Context) -> Iterator[Fault]:
    for header, uri in sip_uris(context):
        # A Request-URI must not have any: request-uri-headers.
        for item in uri.headers if header else ():
            name = canonical(escapes_removed(item.name.text))
            if name in _DANGEROUS:
                message = f"A request formed from the URI would take {name} from it."
                yield Fault.at(item.name, message, header)
