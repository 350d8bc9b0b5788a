"""Rules about the Request-Line (RFC 3261 sections 7.1, 10.2 and 19.1.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sipgen.generated.methods import Method
from sipgen.rules.declaring import Fault, element_rule, message_rule
from sipgen.rules.facts import START_LINE, Facts, Place
from sipgen.values.locate import REQUEST_LINE, Part
from sipgen.values.uri import URI, AbsoluteURI, SipURI

__all__ = ["Target"]

_METHODS = frozenset(map(str, Method))


class Target(NamedTuple):
    """What a Request-Line says."""

    method: str
    uri: URI


@element_rule("request-uri-headers", REQUEST_LINE)
def _request_uri_headers(target: Target) -> Iterator[Fault]:
    if isinstance(target.uri, SipURI) and target.uri.headers:
        yield Fault("The Request-URI holds header fields.", Part("headers", of_uri=True))


@element_rule("request-uri-method", REQUEST_LINE)
def _request_uri_method(target: Target) -> Iterator[Fault]:
    pairs = () if isinstance(target.uri, AbsoluteURI) else target.uri.params.pairs
    for number, (name, _) in enumerate(pairs):
        if name.lower() == "method":
            message = "The Request-URI holds the parameter method."
            yield Fault(message, Part("parameter-name", number, of_uri=True))


@element_rule("register-request-uri", REQUEST_LINE)
def _register_request_uri(target: Target) -> Iterator[Fault]:
    uri = target.uri
    if target.method == "REGISTER" and isinstance(uri, SipURI) and uri.user is not None:
        message = "The Request-URI of a REGISTER names a user."
        yield Fault(message, Part("userinfo", of_uri=True))


@message_rule("method-case", by_kind=True)
def _method_case(facts: Facts) -> Iterator[Place]:
    method = facts.method
    if facts.is_request and method not in _METHODS and method.upper() in _METHODS:
        message = f"The method {method} is not {method.upper()}: methods are case-sensitive."
        part = Part("first", len(method))
        yield Place(message, START_LINE, None, part, (method.upper(),))
