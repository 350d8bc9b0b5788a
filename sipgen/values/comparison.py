"""When URIs are equivalent: RFC 3261 section 19.1.4 and RFC 3966 section 4."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from sipgen.errors import ParseError
from sipgen.values.escaping import folded, unescape
from sipgen.wire.names import canonical

if TYPE_CHECKING:
    from sipgen.values.uri import AbsoluteURI, SipURI, TelURI

__all__ = ["absolute_key", "digits", "sip_equivalent", "sip_key", "tel_key"]

_NEVER_IGNORED = ("user", "ttl", "method", "maddr", "transport")
"""Parameters that must be in both URIs or in none."""
_CASE_MATTERS = {"Subject", "Organization", "Call-ID"}
"""Header fields whose value is text, or is said to be case-sensitive (section 20)."""
_ADDRESSES = {"To", "From", "Contact", "Reply-To", "Route"}
_VISUAL_SEPARATORS = dict.fromkeys(map(ord, "-.()"))


def sip_key(uri: SipURI) -> Hashable:
    """What all URIs that are equivalent to ``uri`` have in common."""
    params = uri.params
    return (
        uri.scheme,
        uri.user if uri.user is None else folded(uri.user),
        uri.password if uri.password is None else folded(uri.password),
        _host(uri.host),
        uri.port,
        tuple([_value(params.get(name, ())) for name in _NEVER_IGNORED]),
        tuple(sorted([_header(name, value) for name, value in uri.headers.pairs], key=repr)),
    )


def sip_equivalent(one: SipURI, other: SipURI) -> bool:
    """Whether both SIP URIs are equivalent."""
    if sip_key(one) != sip_key(other):
        return False
    mine = {folded(name): value for name, value in one.params.items()}
    theirs = {folded(name): value for name, value in other.params.items()}
    return all(_value(mine[name]) == _value(theirs[name]) for name in mine.keys() & theirs)


def _value(value: str | tuple[()] | None) -> Hashable:
    # () for a parameter that is not there: one without a value is not the same.
    return folded(value).lower() if isinstance(value, str) else value


def _host(host: str) -> str:
    if host[:1] != "[":
        return host.lower()
    from ipaddress import IPv6Address  # noqa: PLC0415 - rare, and not free to import

    try:
        return f"[{IPv6Address(host[1:-1])}]"
    except ValueError:
        return host.lower()


def _header(name: str, value: str | None) -> Hashable:
    """A header component in the form that its equivalents share."""
    name, text = canonical(unescape(name)), unescape(value or "")
    if name in _CASE_MATTERS:
        return name, text
    if name in _ADDRESSES:
        from sipgen.values.address import NameAddr  # noqa: PLC0415 - which needs URIs

        try:
            address = NameAddr.parse(text)
        except ParseError:
            return name, text
        return name, address.uri.comparison_key, address.params
    return name, text.lower()


def digits(number: str) -> str:
    """A telephone number without visual separators (RFC 3966 section 5.1.1)."""
    return number.translate(_VISUAL_SEPARATORS)


def tel_key(uri: TelURI) -> Hashable:
    """What all URIs that are equivalent to ``uri`` have in common, and no others."""
    return (
        "tel",
        digits(uri.number).lower(),
        frozenset([(name, _tel_value(name, value)) for name, value in uri.params.items()]),
    )


def _tel_value(name: str, value: str | None) -> str | None:
    if value is None:
        return None
    value = folded(value).lower()
    if name == "ext" or (name == "phone-context" and value[:1] == "+"):
        return digits(value)
    return value


def absolute_key(uri: AbsoluteURI) -> Hashable:
    """What all URIs that are equivalent to ``uri`` have in common, and no others."""
    return uri.scheme, folded(uri.rest)
