"""The public surface is pinned: a change here is a change for users."""

from __future__ import annotations

import inspect

import pytest

import sipgen

NAMES = {
    "AbsoluteURI",
    "AuthenticationInfo",
    "BodyPart",
    "BuildError",
    "CAPABILITY_HEADERS",
    "CORRELATION_HEADERS",
    "CSeq",
    "Challenge",
    "Comment",
    "Counters",
    "Credentials",
    "DEFAULT_MAX_FORWARDS",
    "DatagramTransport",
    "Date",
    "Disposition",
    "Endpoint",
    "EndpointConfig",
    "EndpointError",
    "Event",
    "EventLogger",
    "EventType",
    "Finding",
    "FramerLimits",
    "Grammar",
    "GrammarError",
    "HEADER_FIELDS",
    "HEADER_ORDER",
    "Header",
    "HeaderDefinition",
    "HeaderField",
    "Identity",
    "Item",
    "JSONFormatter",
    "Join",
    "LimitError",
    "MediaType",
    "Message",
    "MessageFramer",
    "Method",
    "NameAddr",
    "NumberWithParameters",
    "OptionTag",
    "Parameter",
    "Parameters",
    "ParseError",
    "Product",
    "Profile",
    "RAck",
    "Reason",
    "Replaces",
    "Report",
    "Request",
    "Response",
    "RetryAfter",
    "SIP_VERSION",
    "SessionExpires",
    "SessionID",
    "SipError",
    "SipURI",
    "Status",
    "SubscriptionState",
    "TargetDialog",
    "TelURI",
    "Timestamp",
    "UDPTransport",
    "URIHeaders",
    "URIParameters",
    "URI_PARAMETERS",
    "Via",
    "Word",
    "body_bytes_len",
    "default_no_route_response",
    "escape",
    "header_value_tree",
    "is_signaling_noise_datagram",
    "load_grammar",
    "parse",
    "parse_cseq_num",
    "parse_rack",
    "parse_tree",
    "parse_uri",
    "quote",
    "read_message",
    "read_message_async",
    "redacted",
    "response_destination",
    "serve_workers",
    "split_list",
    "stamp_received",
    "unescape",
    "unquote",
    "validate",
    "with_cseq_ack",
}


def test_names() -> None:
    assert set(sipgen.__all__) == NAMES
    assert set(dir(sipgen)) >= NAMES
    assert set(sipgen._HOMES) == NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_name_is_there_and_explained(name: str) -> None:
    value = getattr(sipgen, name)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert inspect.getdoc(value)


def test_unknown_name() -> None:
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = sipgen.no_such_thing


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (sipgen.parse, ["data", "strict", "grammar"]),
        (sipgen.validate, ["data", "profile", "grammar"]),
        (sipgen.parse_tree, ["rule", "data"]),
        (sipgen.Request.reply, ["self", "status", "reason", "to_tag", "headers", "body"]),
    ],
)
def test_signatures(function: object, parameters: list[str]) -> None:
    assert callable(function)
    assert list(inspect.signature(function).parameters) == parameters


def test_finding_fields() -> None:
    assert sipgen.Finding._fields == (
        "rule",
        "severity",
        "message",
        "rfc",
        "section",
        "header",
        "start",
        "end",
        "line",
        "column",
        "expected",
        "hint",
    )


def test_one_hierarchy_of_errors() -> None:
    for name in ("ParseError", "BuildError", "GrammarError"):
        assert issubclass(getattr(sipgen, name), (sipgen.SipError, ValueError))
    assert issubclass(sipgen.LimitError, sipgen.ParseError)
    assert issubclass(sipgen.EndpointError, OSError)
    assert issubclass(sipgen.EndpointError, sipgen.SipError)


def test_registry_sizes() -> None:
    assert len(sipgen.Method) == 14
    assert len(sipgen.Status) == 75
    assert len(sipgen.Header) == len(sipgen.HEADER_FIELDS) == 136
    assert sum(field.has_grammar for field in sipgen.HEADER_FIELDS.values()) == 118 + 2
    assert len(sipgen.OptionTag) == 36
    assert len(sipgen.URI_PARAMETERS) == 34
