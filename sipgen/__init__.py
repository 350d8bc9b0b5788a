"""sipgen: the lowest SIP/2.0 layer. Wire messages, strict validation, UDP.

The public names stand here and nowhere else; each is imported when it is first used, so
that ``import sipgen`` costs next to nothing and asyncio or Lark come only with what needs
them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sipgen.endpoint import (
        Counters,
        DatagramTransport,
        Endpoint,
        EndpointConfig,
        Event,
        EventLogger,
        EventType,
        JSONFormatter,
        UDPTransport,
        default_no_route_response,
        redacted,
        response_destination,
        stamp_received,
    )
    from sipgen.endpoint.workers import serve_workers
    from sipgen.errors import (
        BuildError,
        EndpointError,
        Finding,
        GrammarError,
        LimitError,
        ParseError,
        SipError,
    )
    from sipgen.generated.headers import HEADER_FIELDS, Header, HeaderDefinition
    from sipgen.generated.methods import Method
    from sipgen.generated.options import OptionTag
    from sipgen.generated.parameters import URI_PARAMETERS, Parameter
    from sipgen.generated.statuses import Status
    from sipgen.language.grammar import Grammar, load_grammar
    from sipgen.language.trees import header_value_tree, parse_tree
    from sipgen.message import BodyPart, HeaderField, Message, Request, Response
    from sipgen.message.order import HEADER_ORDER
    from sipgen.message.signaling import (
        CAPABILITY_HEADERS,
        CORRELATION_HEADERS,
        DEFAULT_MAX_FORWARDS,
        body_bytes_len,
        is_signaling_noise_datagram,
        parse_cseq_num,
        parse_rack,
        with_cseq_ack,
    )
    from sipgen.parsing import parse
    from sipgen.rules.profile import Profile
    from sipgen.streams import MessageFramer, read_message, read_message_async
    from sipgen.validation import Report, validate
    from sipgen.values.address import NameAddr
    from sipgen.values.authentication import AuthenticationInfo, Challenge, Credentials
    from sipgen.values.dates import Date
    from sipgen.values.escaping import escape, unescape
    from sipgen.values.items import (
        Disposition,
        Identity,
        Item,
        Join,
        Reason,
        Replaces,
        SessionID,
        SubscriptionState,
        TargetDialog,
        Word,
    )
    from sipgen.values.media import MediaType
    from sipgen.values.numbers import NumberWithParameters, RetryAfter, SessionExpires, Timestamp
    from sipgen.values.parameters import Parameters
    from sipgen.values.products import Comment, Product
    from sipgen.values.sequence import CSeq, RAck
    from sipgen.values.splitting import split_list
    from sipgen.values.text import quote, unquote
    from sipgen.values.uri import AbsoluteURI, SipURI, TelURI, URIHeaders, URIParameters, parse_uri
    from sipgen.values.via import Via
    from sipgen.wire.framer import FramerLimits
    from sipgen.wire.start_line import SIP_VERSION

__version__ = "0.1.0"

_HOMES = {
    "AbsoluteURI": "values.uri",
    "AuthenticationInfo": "values.authentication",
    "BodyPart": "message",
    "BuildError": "errors",
    "CAPABILITY_HEADERS": "message.signaling",
    "CORRELATION_HEADERS": "message.signaling",
    "CSeq": "values.sequence",
    "Challenge": "values.authentication",
    "Comment": "values.products",
    "Counters": "endpoint",
    "Credentials": "values.authentication",
    "DEFAULT_MAX_FORWARDS": "message.signaling",
    "DatagramTransport": "endpoint",
    "Date": "values.dates",
    "Disposition": "values.items",
    "Endpoint": "endpoint",
    "EndpointConfig": "endpoint",
    "EndpointError": "errors",
    "Event": "endpoint",
    "EventLogger": "endpoint",
    "EventType": "endpoint",
    "Finding": "errors",
    "FramerLimits": "wire.framer",
    "Grammar": "language.grammar",
    "GrammarError": "errors",
    "HEADER_FIELDS": "generated.headers",
    "HEADER_ORDER": "message.order",
    "Header": "generated.headers",
    "HeaderDefinition": "generated.headers",
    "HeaderField": "message",
    "Identity": "values.items",
    "Item": "values.items",
    "JSONFormatter": "endpoint",
    "Join": "values.items",
    "LimitError": "errors",
    "MediaType": "values.media",
    "Message": "message",
    "MessageFramer": "streams",
    "Method": "generated.methods",
    "NameAddr": "values.address",
    "NumberWithParameters": "values.numbers",
    "OptionTag": "generated.options",
    "Parameter": "generated.parameters",
    "Parameters": "values.parameters",
    "ParseError": "errors",
    "Product": "values.products",
    "Profile": "rules.profile",
    "RAck": "values.sequence",
    "Reason": "values.items",
    "Replaces": "values.items",
    "Report": "validation",
    "Request": "message",
    "Response": "message",
    "RetryAfter": "values.numbers",
    "SIP_VERSION": "wire.start_line",
    "SessionExpires": "values.numbers",
    "SessionID": "values.items",
    "SipError": "errors",
    "SipURI": "values.uri",
    "Status": "generated.statuses",
    "SubscriptionState": "values.items",
    "TargetDialog": "values.items",
    "TelURI": "values.uri",
    "Timestamp": "values.numbers",
    "UDPTransport": "endpoint",
    "URIHeaders": "values.uri",
    "URIParameters": "values.uri",
    "URI_PARAMETERS": "generated.parameters",
    "Via": "values.via",
    "Word": "values.items",
    "body_bytes_len": "message.signaling",
    "default_no_route_response": "endpoint",
    "escape": "values.escaping",
    "header_value_tree": "language.trees",
    "is_signaling_noise_datagram": "message.signaling",
    "load_grammar": "language.grammar",
    "parse": "parsing",
    "parse_cseq_num": "message.signaling",
    "parse_rack": "message.signaling",
    "parse_tree": "language.trees",
    "parse_uri": "values.uri",
    "quote": "values.text",
    "read_message": "streams",
    "read_message_async": "streams",
    "redacted": "endpoint",
    "response_destination": "endpoint",
    "serve_workers": "endpoint.workers",
    "split_list": "values.splitting",
    "stamp_received": "endpoint",
    "unescape": "values.escaping",
    "unquote": "values.text",
    "validate": "validation",
    "with_cseq_ack": "message.signaling",
}

__all__ = [
    "CAPABILITY_HEADERS",
    "CORRELATION_HEADERS",
    "DEFAULT_MAX_FORWARDS",
    "HEADER_FIELDS",
    "HEADER_ORDER",
    "SIP_VERSION",
    "URI_PARAMETERS",
    "AbsoluteURI",
    "AuthenticationInfo",
    "BodyPart",
    "BuildError",
    "CSeq",
    "Challenge",
    "Comment",
    "Counters",
    "Credentials",
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
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, imported yet or not."""
    return sorted({*globals(), *__all__})
