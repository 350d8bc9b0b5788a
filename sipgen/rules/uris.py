"""Rules about URIs, wherever they are (RFC 3261 section 19.1, RFC 3966, 4967, 5630)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sipgen.language.grammar import standard
from sipgen.rules.declaring import ADDRESSES, Fault, element_rule, uri_rule
from sipgen.values.address import NameAddr
from sipgen.values.escaping import unescape
from sipgen.values.locate import Part, parameter, parameter_name
from sipgen.values.pairs import Pair
from sipgen.values.text import leading_number
from sipgen.values.uri import URI, AbsoluteURI, SipURI
from sipgen.wire.names import canonical

__all__: list[str] = []

_SHOWN = 30
_PORTS = 65_535
_TTLS = 255

_DANGEROUS = frozenset({"Call-ID", "CSeq", "From", "Record-Route", "Route", "Via"})


@uri_rule("uri-parameter-repeated")
def _uri_parameter_repeated(uri: URI) -> Iterable[Fault]:
    # What a semicolon means in a URI of another scheme, only its RFC knows.
    pairs = () if isinstance(uri, AbsoluteURI) else uri.params.pairs
    return _repeated(pairs) if len(pairs) > 1 else ()


def _repeated(pairs: tuple[Pair, ...]) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, (name, _) in enumerate(pairs):
        key = unescape(name).lower()
        if key in seen:
            message = f"The URI has the parameter {key[:_SHOWN]} already."
            yield Fault(message, parameter_name(number))
        seen.add(key)


@uri_rule("uri-port")
def _uri_port(uri: URI) -> Iterable[Fault]:
    port = uri.port if isinstance(uri, SipURI) else None
    if port is None or 0 < port <= _PORTS:
        return ()
    return (Fault(f"{str(port)[:20]} is no port.", Part("port"), ("1 to 65535",)),)


@uri_rule("uri-sips-transport", "transport")
def _uri_sips_transport(uri: URI) -> Iterator[Fault]:
    if isinstance(uri, SipURI) and uri.scheme == "sips" and uri.transport == "udp":
        message = "A SIPS URI asks for UDP, over which there is no TLS."
        yield Fault(message, parameter("transport"), ("tcp", "sctp", "ws"))


@uri_rule("uri-transport-tls", "transport")
def _uri_transport_tls(uri: URI) -> Iterator[Fault]:
    if isinstance(uri, SipURI) and uri.transport == "tls":
        message = "The URI has transport=tls, which is deprecated."
        yield Fault(message, parameter("transport"), ("tcp",))


@uri_rule("uri-ttl", "ttl")
def _uri_ttl(uri: URI) -> Iterator[Fault]:
    if not isinstance(uri, SipURI):
        return
    if "maddr" not in uri.params:
        yield Fault("The URI has a ttl, and no maddr.", parameter_name("ttl"), ("maddr",))
    elif not _may_be_multicast(uri.params["maddr"] or ""):
        message = "The URI has a ttl, and its maddr is no multicast address."
        yield Fault(message, parameter("maddr"))
    elif "transport" in uri.params and uri.transport != "udp":
        message = "The URI has a ttl, and its transport is not UDP."
        yield Fault(message, parameter("transport"), ("udp",))


def _may_be_multicast(host: str) -> bool:
    """Return True for a multicast address, or a name that may be one's."""
    if host.startswith("["):
        return host[1:3].lower() == "ff"
    first, *rest = host.split(".")
    if len(rest) != 3 or not host.replace(".", "").isdecimal():
        return True
    return 224 <= leading_number(first) <= 239


@uri_rule("uri-ttl-range", "ttl")
def _uri_ttl_range(uri: URI) -> Iterator[Fault]:
    ttl = uri.params["ttl"] or "" if isinstance(uri, SipURI) else ""
    if ttl.isdecimal() and leading_number(ttl) > _TTLS:
        yield Fault(f"{ttl} is no time to live.", parameter("ttl"), ("0 to 255",))


@uri_rule("uri-user-phone", "user")
def _uri_user_phone(uri: URI) -> Iterator[Fault]:
    phone = isinstance(uri, SipURI) and (uri.params["user"] or "").lower() == "phone"
    if phone and isinstance(uri, SipURI) and uri.user and not _is_telephone(uri.user):
        message = "The URI says user=phone, and its user is no telephone number of RFC 3966."
        yield Fault(message, Part("user"), ("telephone-subscriber",))


def _is_telephone(user: str) -> bool:
    # What a SIP URI has to escape, such as "#", is written as it is in a tel URI; and what
    # a tel URI escapes too must not lose its escape.
    return any(
        standard().matches("telephone-uri", f"tel:{number}".encode("utf-8", "surrogateescape"))
        for number in dict.fromkeys([user, unescape(user)])
    )


@uri_rule("uri-dialstring", "user")
def _uri_dialstring(uri: URI) -> Iterator[Fault]:
    if not isinstance(uri, SipURI) or (uri.params["user"] or "").lower() != "dialstring":
        return
    names = (piece.partition("=")[0] for piece in (uri.user or "").split(";")[1:])
    if not any(unescape(name).lower() == "phone-context" for name in names):
        message = "The URI says user=dialstring, and its user has no phone-context."
        yield Fault(message, Part("after-user"), ("phone-context",))


@element_rule("uri-headers-dangerous", *ADDRESSES)
def _uri_headers_dangerous(address: NameAddr) -> Iterable[Fault]:
    headers = address.uri.headers.pairs if isinstance(address.uri, SipURI) else ()
    return _dangerous(headers) if headers else ()


def _dangerous(headers: tuple[Pair, ...]) -> Iterator[Fault]:
    for number, (written, _) in enumerate(headers):
        name = canonical(unescape(written))
        if name in _DANGEROUS:
            message = f"A request formed from the URI would take {name} from it."
            yield Fault(message, Part("header-name", number, of_uri=True))
