"""Pure functions between datagram and answer."""

from __future__ import annotations

from collections.abc import Iterable

from sipgen.endpoint.refusals import to_tag
from sipgen.generated.headers import Header
from sipgen.generated.statuses import Status
from sipgen.message import Request, Response

__all__ = ["default_no_route_response"]


def default_no_route_response(request: Request, methods: Iterable[str] = ()) -> Response:
    """The 501 for a method that has no handler (RFC 3261 section 21.5.2).

    :param request: its Via, From, To, Call-ID and CSeq are copied (section 8.2.6.2).
    :param methods: the methods that have one, for Allow.
    """
    return request.reply(
        Status.NOT_IMPLEMENTED,
        to_tag=to_tag(),
        headers=[(Header.ALLOW, ", ".join(methods))],
    )
