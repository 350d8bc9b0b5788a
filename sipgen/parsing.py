"""``parse``: the first call of most users. It loads validation only where it is strict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipgen.errors import ParseError
from sipgen.message import Data, Request, Response, read

if TYPE_CHECKING:
    from sipgen.language.grammar import Grammar

__all__ = ["parse"]


def parse(
    data: Data, *, strict: bool = False, grammar: Grammar | None = None
) -> Request | Response:
    """Read one message.

    :param data: the octets of a datagram, or of a message that was framed; a str is
        encoded in UTF-8.
    :param strict: refuse what breaks a rule, as :func:`validate` finds it; otherwise what
        is odd but readable becomes a defect of the message.
    :param grammar: with ``strict``, the grammar to judge by, see :func:`validate`.
    :return: a :class:`Request` or a :class:`Response`.
    :raises ParseError: if the message cannot be read: its start line (RFC 3261 section 7)
        or its framing (section 18.3); with ``strict``, for the first error finding.
    :raises LimitError: if the message exceeds a limit of :mod:`sipgen.limits`.
    """
    message = read(data)
    if strict:
        from sipgen.validation import validate  # noqa: PLC0415 - most callers are lenient

        for finding in validate(message, grammar=grammar).findings:
            if finding.severity == "error":
                raise ParseError(finding)
    return message
