"""sipgen: the lowest SIP/2.0 layer. Wire messages, strict validation, UDP.

The public names stand here and nowhere else; each is imported when it is first used, so
that ``import sipgen`` costs next to nothing and asyncio or Lark come only with what needs
them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sipgen.endpoint import (
        DatagramTransport,
        Endpoint,
        EndpointConfig,
        Event,
        EventType,
        UDPTransport,
    )
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
    from sipgen.message import HeaderField, Message, Request, Response
    from sipgen.validation import (
        Grammar,
        Profile,
        Report,
        header_value_tree,
        load_grammar,
        parse,
        parse_tree,
        validate,
    )

__version__ = "0.1.0"

_HOMES = {
    "BuildError": "errors",
    "DatagramTransport": "endpoint",
    "Endpoint": "endpoint",
    "EndpointConfig": "endpoint",
    "EndpointError": "errors",
    "Event": "endpoint",
    "EventType": "endpoint",
    "Finding": "errors",
    "Grammar": "validation",
    "GrammarError": "errors",
    "HEADER_FIELDS": "generated.headers",
    "Header": "generated.headers",
    "HeaderDefinition": "generated.headers",
    "HeaderField": "message",
    "LimitError": "errors",
    "Message": "message",
    "Method": "generated.methods",
    "OptionTag": "generated.options",
    "Parameter": "generated.parameters",
    "ParseError": "errors",
    "Profile": "validation",
    "Report": "validation",
    "Request": "message",
    "Response": "message",
    "SipError": "errors",
    "Status": "generated.statuses",
    "UDPTransport": "endpoint",
    "URI_PARAMETERS": "generated.parameters",
    "header_value_tree": "validation",
    "load_grammar": "validation",
    "parse": "validation",
    "parse_tree": "validation",
    "validate": "validation",
}

__all__ = [
    "HEADER_FIELDS",
    "URI_PARAMETERS",
    "BuildError",
    "DatagramTransport",
    "Endpoint",
    "EndpointConfig",
    "EndpointError",
    "Event",
    "EventType",
    "Finding",
    "Grammar",
    "GrammarError",
    "Header",
    "HeaderDefinition",
    "HeaderField",
    "LimitError",
    "Message",
    "Method",
    "OptionTag",
    "Parameter",
    "ParseError",
    "Profile",
    "Report",
    "Request",
    "Response",
    "SipError",
    "Status",
    "UDPTransport",
    "header_value_tree",
    "load_grammar",
    "parse",
    "parse_tree",
    "validate",
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
