"""Responses that the Endpoint itself makes: 400, 420, 501, 503 and 505.

Pure functions of requests and settings. An ACK is never answered; the caller sees to that.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from sipgen.endpoint.config import EndpointConfig
from sipgen.errors import Finding, ParseError, SipError
from sipgen.generated.headers import Header
from sipgen.generated.methods import Method
from sipgen.generated.statuses import Status
from sipgen.message import Request, Response, of_examination
from sipgen.validation import validate
from sipgen.values.text import quoted_string
from sipgen.wire.reference import examine
from sipgen.wire.start_line import SIP_VERSION

__all__ = [
    "bad_request",
    "default_no_route_response",
    "first_error",
    "overloaded",
    "refusal",
    "to_tag",
    "unreadable_request",
]

_MISCELLANEOUS = 399
"""Warning code for a text that tells a person what is wrong (RFC 3261 section 20.43)."""

_LONGEST_TEXT = 200
_NOT_REFUSED_FOR_EXTENSIONS = {Method.ACK, Method.CANCEL}
"""Methods whose Require is ignored (RFC 3261 section 8.2.2.3)."""


def to_tag() -> str:
    """A tag for a To header field, 64 random bits (RFC 3261 section 19.3 asks for 32)."""
    return secrets.token_hex(8)


def first_error(request: Request, config: EndpointConfig) -> Finding | None:
    """The first error of the profile that ``config.validation`` names, if there is one.

    :param request: as it was read: its top Via is not stamped yet.
    """
    if config.validation == "off" or request.version != SIP_VERSION:
        return None
    # The one place where an Endpoint validates.
    for finding in validate(request, config.validation).findings:
        if finding.severity == "error":
            return finding
    return None


def refusal(request: Request, error: Finding | None, config: EndpointConfig) -> Response | None:
    """The response that refuses a request by the Endpoint's settings, if it is refused.

    :param error: what :func:`first_error` found.
    :return: 505 for another version, 400 for ``error``, 420 for extensions that are not
        supported; ``None`` if there is nothing to refuse.
    """
    if config.validation != "off" and request.version != SIP_VERSION:
        return request.reply(Status.VERSION_NOT_SUPPORTED, to_tag=to_tag())
    if error is not None:
        return bad_request(request, error, config)
    supported = config.supported_extensions
    if supported is not None and request.method not in _NOT_REFUSED_FOR_EXTENSIONS:
        return _unsupported(request, frozenset(supported), config)
    return None


def _unsupported(
    request: Request, supported: frozenset[str], config: EndpointConfig
) -> Response | None:
    try:
        required = request.typed(Header.REQUIRE)
    except ParseError as error:
        return bad_request(request, error.finding, config)
    missing = [tag for tag in required if tag not in supported]
    if not missing:
        return None
    return request.reply(
        Status.BAD_EXTENSION, to_tag=to_tag(), headers=[(Header.UNSUPPORTED, tuple(missing))]
    )


def bad_request(request: Request, finding: Finding, config: EndpointConfig) -> Response:
    """The 400 (Bad Request) that tells in a Warning what is wrong."""
    sentence = str(finding)[:_LONGEST_TEXT]
    # A Warning is one line of visible text, whatever the finding quotes.
    text = "".join([c if " " <= c <= "~" else "?" for c in sentence])
    warning = f"{_MISCELLANEOUS} {config.warning_agent} {quoted_string(text)}"
    return request.reply(Status.BAD_REQUEST, to_tag=to_tag(), headers=[(Header.WARNING, warning)])


def overloaded(request: Request, config: EndpointConfig) -> Response:
    """The 503 (Service Unavailable) of an Endpoint with too many requests at hand."""
    return request.reply(
        Status.SERVICE_UNAVAILABLE,
        to_tag=to_tag(),
        headers=[(Header.RETRY_AFTER, config.retry_after)],
    )


def default_no_route_response(request: Request, methods: Iterable[str] = ()) -> Response:
    """Return the 501 for a method that has no handler (RFC 3261 section 21.5.2).

    :param request: its Via, From, To, Call-ID and CSeq are copied (section 8.2.6.2).
    :param methods: the methods that have one, for Allow.
    """
    return request.reply(
        Status.NOT_IMPLEMENTED,
        to_tag=to_tag(),
        headers=[(Header.ALLOW, ", ".join(methods))],
    )


def unreadable_request(data: bytes) -> Request | None:
    """What can be read of a request that does not parse, so that a 400 can be sent.

    :return: the request without its body, ``None`` if there is no request line, no Via that
        says where the answer goes, or the method is ACK.
    """
    try:
        request = of_examination(data, examine(data))
        known = request is not None and request.top_via is not None
    except SipError:
        return None
    return request if known and request is not None and request.method != Method.ACK else None
