"""The handlers of an Endpoint: found by method, called, and their results checked."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from inspect import isawaitable
from time import perf_counter
from typing import Any

from sipgen.endpoint.answers import bad_request, default_no_route_response, to_tag
from sipgen.endpoint.config import Address, EndpointConfig, Handler
from sipgen.endpoint.counters import Counters
from sipgen.endpoint.events import EventType
from sipgen.endpoint.hooks import Hooks
from sipgen.endpoint.routing import Destination
from sipgen.errors import ParseError
from sipgen.generated.methods import Method
from sipgen.generated.statuses import Status
from sipgen.message import Request, Response

__all__ = ["HandlerToRun", "Handlers"]

_log = logging.getLogger("sipgen.endpoint")
_ACK = str(Method.ACK)


@dataclass(frozen=True, slots=True)
class HandlerToRun:
    """An ``async`` handler that was called and must be awaited."""

    awaitable: Awaitable[Response | None]
    request: Request
    addr: Address
    """Where the request came from."""
    target: Destination | None
    """Where the response goes by the request's Via; ``None`` for ``addr``."""
    begin: float
    """When the handler was called, as ``perf_counter`` says it."""


class Handlers:
    """The handlers by method.

    Whatever a handler does, there is a response: a 500 if it raises or returns something
    else than a Response or ``None``. An ACK gets no response (RFC 3261 section 17.1.1.3).
    """

    __slots__ = ("_by_method", "_config", "_counters", "_hooks", "_no_route_handler")

    def __init__(self, config: EndpointConfig, counters: Counters, hooks: Hooks) -> None:
        self._config = config
        self._counters = counters
        self._hooks = hooks
        self._by_method: dict[str, Handler] = {}
        self._no_route_handler = config.no_route_handler

    def register(self, method: str, handler: Handler) -> None:
        """Let ``handler`` answer requests of ``method`` (any case; kept in capitals)."""
        self._by_method[method.upper()] = handler

    def set_no_route(self, handler: Handler | None) -> None:
        """Let ``handler`` answer methods without a handler; ``None`` for the default 501."""
        self._no_route_handler = handler

    def call(
        self,
        request: Request,
        method: str,
        addr: Address,
        target: Destination | None = None,
    ) -> Response | HandlerToRun | None:
        """Call the handler of the request's method.

        :param method: the caller has read it already.
        :param target: where the response goes; it is passed on to ``HandlerToRun``.
        :return: the response, if there is one, or an ``async`` handler: await it, then call
            :meth:`returned` or :meth:`raised`.
        """
        handler = self._by_method.get(method) or self._no_route_handler or self._no_route
        begin = perf_counter()
        # Anything at all, whatever its annotation says.
        answer: Any
        try:
            answer = handler(request, addr)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is contained
            answer = self._server_error(request, addr, error)
        if type(answer) is not Response and not isinstance(answer, Response | None):
            if isawaitable(answer):
                return HandlerToRun(answer, request, addr, target, begin)
            answer = self._wrong_type(request, addr, answer)
        counters = self._counters
        counters.handler_calls += 1
        counters.handler_seconds += perf_counter() - begin
        response: Response | None = None if method == _ACK else answer
        return response

    def returned(self, run: HandlerToRun, result: object) -> Response | None:
        """Return the response to the request of ``run``, whose handler returned ``result``."""
        if result is not None and not isinstance(result, Response):
            result = self._wrong_type(run.request, run.addr, result)
        return self._ended(run, result)

    def raised(self, run: HandlerToRun, error: Exception) -> Response | None:
        """Return the response to the request of ``run``, whose handler raised ``error``."""
        return self._ended(run, self._server_error(run.request, run.addr, error))

    def _ended(self, run: HandlerToRun, response: Response | None) -> Response | None:
        self._counters.handler_calls += 1
        self._counters.handler_seconds += perf_counter() - run.begin
        return None if run.request.method == _ACK else response

    def _no_route(self, request: Request, _addr: Address) -> Response | None:
        if request.method == _ACK:
            return None
        return default_no_route_response(request, self._by_method)

    def _wrong_type(self, request: Request, addr: Address, result: object) -> Response:
        kind = type(result).__name__
        error = TypeError(
            f"the handler of {request.method!r} returned {kind}, not a Response or None"
        )
        return self._server_error(request, addr, error)

    def _server_error(self, request: Request, addr: Address, error: Exception) -> Response:
        self._counters.handler_errors += 1
        if isinstance(error, ParseError) and error.finding.header is not None:
            # The handler read a malformed part of the request: that is the client's fault.
            self._hooks.event(EventType.HANDLER_ERROR, addr, request=request, error=error)
            return bad_request(request, error.finding, self._config)
        _log.error("the handler of %r failed", request.method, exc_info=error)
        self._hooks.event(EventType.HANDLER_ERROR, addr, request=request, error=error)
        return request.reply(Status.SERVER_INTERNAL_ERROR, to_tag=to_tag())
