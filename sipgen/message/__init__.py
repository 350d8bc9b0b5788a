"""Messages: reading, typed values, changing, building, writing."""

from sipgen.message.base import Message
from sipgen.message.bodies import BodyPart
from sipgen.message.fields import HeaderField, Headers
from sipgen.message.layout import Layout
from sipgen.message.lines import header_lines
from sipgen.message.reading import Data, octets_of, of_examination, read, reading_of_octets
from sipgen.message.requests import Request
from sipgen.message.responses import Response
from sipgen.message.typed import elements_at

__all__ = [
    "BodyPart",
    "Data",
    "HeaderField",
    "Headers",
    "Layout",
    "Message",
    "Request",
    "Response",
    "elements_at",
    "header_lines",
    "octets_of",
    "of_examination",
    "read",
    "reading_of_octets",
]
