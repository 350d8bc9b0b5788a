"""Rules about the Request-Line (RFC 3261 sections 7.1, 10.2 and 19.1.1)."""

from __future__ import annotations

from collections.abc import Iterator

from sipgen.generated.methods import Method
from sipgen.validation.conformance import rule
from sipgen.validation.context import Context, Fault

__all__: list[str] = []

_METHODS = frozenset(map(str, Method))


@rule("request-uri-headers")
def _request_uri_headers(context: Context) -> Iterator[Fault]:
    where = context.request_uri
    uri = context.uri(where) if where else None
    if uri and uri.is_sip and uri.headers:
        start = uri.headers[0].name.start - 1
        yield Fault(start, uri.whole.end, "The Request-URI holds header fields.")


@rule("request-uri-method")
def _request_uri_method(context: Context) -> Iterator[Fault]:
    where = context.request_uri
    for parameter in context.uri(where).parameters if where else ():
        if parameter.key == "method":
            yield Fault.at(parameter.name, "The Request-URI holds the parameter method.")


@rule("register-request-uri")
def _register_request_uri(context: Context) -> Iterator[Fault]:
    where = context.request_uri
    if context.method == "REGISTER" and where and (user := context.uri(where).userinfo):
        yield Fault.at(user, "The Request-URI of a REGISTER names a user.")


@rule("method-case")
def _method_case(context: Context) -> Iterator[Fault]:
    method = context.method
    if context.is_request and method not in _METHODS and method.upper() in _METHODS:
        start = context.start_line.start
        message = f"The method {method} is not {method.upper()}: methods are case-sensitive."
        yield Fault(start, start + len(method), message, None, (method.upper(),))
