"""Rules about URIs, wherever they stand (RFC 3261 section 19.1, RFC 3966, RFC 4967)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sipgen.validation.conformance import rule
from sipgen.validation.context import ADDRESS_HEADERS, Context, Fault
from sipgen.validation.parts import URI, Part, escapes_removed
from sipgen.validation.rules.numbers import number

__all__ = ["is_port", "uris"]

_GLOBAL_NUMBER = re.compile(r"\+[0-9().-]*[0-9][0-9().-]*")
_LOCAL_NUMBER = re.compile(r"[0-9A-Fa-f*#().-]*[0-9A-Fa-f*#][0-9A-Fa-f*#().-]*")
_SMUGGLED = frozenset(
    {"call-id", "cseq", "from", "record-route", "route", "to", "via", "i", "f", "t", "v"}
)


def uris(context: Context) -> list[tuple[str | None, URI]]:
    """All URIs of a message that are an address, each with its header field.

    The Request-URI comes first, with ``None``.
    """
    return context.once(_uris)


def _uris(context: Context) -> list[tuple[str | None, URI]]:
    found: list[tuple[str | None, URI]] = []
    where = context.request_uri
    if where is not None:
        found.append((None, context.uri(where)))
    for name in sorted(ADDRESS_HEADERS & context.names):
        found += [(name, context.uri(address.uri)) for address in context.addresses(name)]
    return found


def _sip_uris(context: Context) -> Iterator[tuple[str | None, URI]]:
    return ((name, uri) for name, uri in uris(context) if uri.is_sip)


def is_port(part: Part) -> bool:
    """Whether digits are a port: 1 to 65535."""
    digits = part.text.lstrip("0")
    return len(digits) <= 5 and 0 < int(digits or "0") <= 65535


@rule("uri-port")
def _uri_port(context: Context) -> Iterator[Fault]:
    for name, uri in _sip_uris(context):
        if uri.port and not is_port(uri.port):
            message = f"{uri.port.text[:20]} is no port."
            yield Fault.at(uri.port, message, name, ("1 to 65535",))


@rule("uri-parameter-repeated")
def _uri_parameter_repeated(context: Context) -> Iterator[Fault]:
    for name, uri in uris(context):
        seen = set()
        for parameter in uri.parameters:
            key = escapes_removed(parameter.key).lower()
            if key in seen:
                message = f"The URI parameter {key[:40]} is given again."
                yield Fault.at(parameter.name, message, name)
            seen.add(key)


@rule("uri-sips-transport")
def _uri_sips_transport(context: Context) -> Iterator[Fault]:
    for name, uri in uris(context):
        for parameter in uri.parameters if uri.scheme == "sips" else ():
            if parameter.key == "transport" and parameter.text.lower() == "udp":
                yield Fault.at(parameter.part, "A sips URI asks for UDP.", name)


@rule("uri-transport-tls")
def _uri_transport_tls(context: Context) -> Iterator[Fault]:
    for name, uri in _sip_uris(context):
        for parameter in uri.parameters:
            if parameter.key == "transport" and parameter.text.lower() == "tls":
                message = "transport=tls is deprecated: sips, or TCP with TLS, says it."
                yield Fault.at(parameter.part, message, name)


@rule("uri-ttl-maddr")
def _uri_ttl_maddr(context: Context) -> Iterator[Fault]:
    for name, uri in _sip_uris(context):
        keys = {parameter.key: parameter for parameter in uri.parameters}
        if "ttl" in keys and "maddr" not in keys:
            message = "The URI has a ttl, and no multicast address in maddr."
            yield Fault.at(keys["ttl"].name, message, name)


@rule("uri-ttl-range")
def _uri_ttl_range(context: Context) -> Iterator[Fault]:
    for name, uri in _sip_uris(context):
        for parameter in uri.parameters:
            if parameter.key == "ttl" and number(parameter.part) > 255:
                yield Fault.at(parameter.part, "ttl is more than 255.", name, ("0 to 255",))


@rule("uri-user-phone")
def _uri_user_phone(context: Context) -> Iterator[Fault]:
    for name, uri in _sip_uris(context):
        if uri.userinfo and any(p.key == "user" and p.text == "phone" for p in uri.parameters):
            number = escapes_removed(uri.userinfo.text.partition(":")[0]).partition(";")[0]
            if not (_GLOBAL_NUMBER.fullmatch(number) or _LOCAL_NUMBER.fullmatch(number)):
                message = "user=phone, and the user part is no telephone number."
                yield Fault.at(uri.userinfo, message, name)


@rule("uri-dialstring")
def _uri_dialstring(context: Context) -> Iterator[Fault]:
    for name, uri in _sip_uris(context):
        dialled = any(p.key == "user" and p.text == "dialstring" for p in uri.parameters)
        user = uri.userinfo
        if dialled and user and ";phone-context=" not in escapes_removed(user.text).lower():
            message = "user=dialstring, and the user part has no phone-context."
            yield Fault.at(user, message, name)


@rule("uri-headers-dangerous")
def _uri_headers_dangerous(context: Context) -> Iterator[Fault]:
    for name, uri in _sip_uris(context):
        for header in uri.headers if name is not None else ():
            if escapes_removed(header.key).lower() in _SMUGGLED:
                message = f"The URI would put {header.name.text[:40]} into a request."
                yield Fault.at(header.name, message, name)
