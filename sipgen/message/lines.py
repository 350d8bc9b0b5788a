"""The header lines of a message as it stores them, for code that must be quick.

Other packages read a message by its properties; where a property costs too much for each
datagram, they ask here rather than reading private slots. Nothing here is part of the public
interface.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter

from sipgen.message.base import Message
from sipgen.message.requests import Request
from sipgen.message.responses import Response

__all__ = ["copies_first_via", "header_lines"]

_Lines = tuple[tuple[str, ...], list[str]]

# A function of C: 0.06 µs, half of what one in Python costs.
header_lines: Callable[[Message], _Lines] = attrgetter("_names", "_lines")
"""Return the canonical names of a message's header fields and, parallel to them, its header
lines. The list is the message's own: do not change it."""


def copies_first_via(response: Response, request: Request) -> bool:
    """Return True if ``response`` begins with the Via line that ``request`` begins with.

    Only the very same str counts, as :meth:`Request.reply` copies it. False proves nothing:
    compare the values then.
    """
    theirs, ours = response._lines, request._lines  # noqa: SLF001 - one package
    if not theirs or not ours:
        return False
    return ours[0] is theirs[0] and response._names[0] == "Via"  # noqa: SLF001 - one package
