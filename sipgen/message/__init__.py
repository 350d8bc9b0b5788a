"""Messages: reading, typed values, changing, building, writing."""

from sipgen.message.base import Message
from sipgen.message.bodies import BodyPart
from sipgen.message.fields import HeaderField, Headers
from sipgen.message.reading import Data, octets_of, of_examination, read
from sipgen.message.requests import Request
from sipgen.message.responses import Response

__all__ = [
    "BodyPart",
    "Data",
    "HeaderField",
    "Headers",
    "Message",
    "Request",
    "Response",
    "octets_of",
    "of_examination",
    "read",
]
