"""The hooks of an Endpoint: called in order, and what they raise goes no further."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from sipgen.endpoint.config import Address, EndpointConfig
from sipgen.endpoint.counters import Counters
from sipgen.endpoint.events import Event, EventType
from sipgen.message import Request, Response

__all__ = ["Hooks", "ResponseSentHook"]

ResponseSentHook = Callable[[Request, Response, Address], object]
"""Called with a request, its response, and where the request came from."""

_log = logging.getLogger("sipgen.endpoint")


class Hooks:
    """Calls the hooks of a config, and counts those that raise.

    A hook is looked up in the config each time, so one may be set while the Endpoint serves.
    """

    __slots__ = ("_config", "_counters")

    def __init__(self, config: EndpointConfig, counters: Counters) -> None:
        self._config = config
        self._counters = counters

    def call(self, hook: Callable[..., object] | None, addr: Address, *arguments: object) -> None:
        """Call ``hook`` if there is one; what it raises becomes an event about ``addr``."""
        if hook is None:
            return
        try:
            hook(*arguments)
        except Exception as error:  # noqa: BLE001 - whatever a hook raises is contained
            self._counters.handler_errors += 1
            _log.error("a hook raised", exc_info=error)
            self.event(EventType.HANDLER_ERROR, addr, error=error)

    def event(self, kind: EventType, addr: Address, **facts: Any) -> None:
        """Make an event and give it to ``on_event``, if that is set."""
        hook = self._config.on_event
        if hook is None:
            return
        try:
            hook(Event(kind, addr, **facts))
        except Exception as error:  # noqa: BLE001 - and so is what on_event raises
            self._counters.handler_errors += 1
            _log.error("on_event raised", exc_info=error)
