"""A responder that answers politely and does nothing: what ``sipgen serve`` runs."""

from __future__ import annotations

from sipgen.endpoint.answers import to_tag
from sipgen.endpoint.config import Address, EndpointConfig
from sipgen.endpoint.endpoint import Endpoint
from sipgen.generated.headers import Header
from sipgen.generated.methods import Method
from sipgen.generated.statuses import Status
from sipgen.message import Request, Response

__all__ = ["responder"]


def responder(config: EndpointConfig) -> Endpoint:
    """An Endpoint that says what it can to OPTIONS, and that it is busy to INVITE.

    MESSAGE is taken (200) and thrown away; BYE and CANCEL are for calls that it never had
    (481). All other methods get the 501 that lists these.
    """
    endpoint = Endpoint(config)

    @endpoint.on(Method.OPTIONS)
    def options(request: Request, _addr: Address) -> Response:
        known = [
            Method.OPTIONS,
            Method.INVITE,
            Method.ACK,
            Method.BYE,
            Method.CANCEL,
            Method.MESSAGE,
        ]
        return request.reply(
            Status.OK,
            to_tag=to_tag(),
            headers=[(Header.ALLOW, ", ".join(known)), (Header.ACCEPT, "text/plain")],
        )

    @endpoint.on(Method.INVITE)
    def invite(request: Request, _addr: Address) -> Response:
        return request.reply(Status.BUSY_HERE, to_tag=to_tag())

    @endpoint.on(Method.MESSAGE)
    def message(request: Request, _addr: Address) -> Response:
        return request.reply(Status.OK, to_tag=to_tag())

    @endpoint.on(Method.BYE)
    @endpoint.on(Method.CANCEL)
    def unknown_call(request: Request, _addr: Address) -> Response:
        return request.reply(Status.CALL_TRANSACTION_DOES_NOT_EXIST, to_tag=to_tag())

    @endpoint.on(Method.ACK)
    def ack(_request: Request, _addr: Address) -> None:
        return None

    return endpoint
