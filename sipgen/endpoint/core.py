"""The core of an Endpoint: what is to be done about a datagram, without any I/O.

The core is given what was received and returns what is to be sent or run. Whoever drives it
reports back what became of that, so counters, events and hooks are the core's alone. The
asyncio driver is :class:`~sipgen.endpoint.endpoint.Endpoint`; a test needs neither a socket
nor an event loop::

    work = core.receive(data, addr)
    if isinstance(work, tuple):
        data, destination, request, response, addr = work
        sock.sendto(data, destination)
        core.response_sent(request, response, addr, destination)
"""

from __future__ import annotations

import logging

from sipgen.endpoint.answers import (
    bad_request,
    first_error,
    overloaded,
    refusal,
    unreadable_request,
)
from sipgen.endpoint.config import LARGEST_DATAGRAM, Address, EndpointConfig
from sipgen.endpoint.counters import STATUS_CLASSES, Counters, method_label
from sipgen.endpoint.events import EventType
from sipgen.endpoint.handlers import Handlers, HandlerToRun
from sipgen.endpoint.hooks import Hooks, ResponseSentHook
from sipgen.endpoint.routing import Destination, arrive, response_destination, socket_address
from sipgen.errors import EndpointError, ParseError
from sipgen.generated.methods import Method
from sipgen.message import Message, Request, Response, read
from sipgen.message.lines import copies_first_via
from sipgen.message.signaling import MAX_NOISE, is_signaling_noise_datagram

__all__ = ["EndpointCore", "ResponseToSend"]

_log = logging.getLogger("sipgen.endpoint")
_ACK = str(Method.ACK)
_VIA = "Via"

ResponseToSend = tuple[bytes, Address | Destination, Request, Response, Address]
"""The bytes of a response, where they go, its request, the response itself, and where the
request came from.

A :class:`Destination` has a host that must be looked up; anything else is a socket address.
This is a plain tuple because a named one costs 0.1 µs more for each request, one percent.
"""


class EndpointCore:
    """Reads datagrams, refuses requests, calls handlers, and says where responses go.

    It has no socket and no event loop. Nothing in it waits, unless a plain handler or a hook does.
    """

    __slots__ = (
        "_pending",
        "_refuses",
        "after_response_sent",
        "config",
        "counters",
        "handlers",
        "hooks",
    )

    def __init__(self, config: EndpointConfig) -> None:
        self.config = config
        """The settings and hooks."""
        self.counters = Counters()
        """What has been done so far."""
        self.hooks = Hooks(config, self.counters)
        """Calls the hooks of ``config``."""
        self.handlers = Handlers(config, self.counters, self.hooks)
        """The handlers by method."""
        self.after_response_sent: list[ResponseSentHook] = []
        """Called after a response was sent, behind the config's own hook."""
        self._refuses = config.validation != "off" or config.supported_extensions is not None
        self._pending = 0

    # -- in --------------------------------------------------------------------------

    def receive(self, data: bytes, addr: Address) -> ResponseToSend | HandlerToRun | None:
        """Return what is to be done about a datagram that came from ``addr``.

        :return: a response to send: report it by :meth:`response_sent` or
            :meth:`response_not_sent`. Or a handler to await: give what it returned or raised
            to ``handlers.returned`` or ``handlers.raised``, the response of that to
            :meth:`answered`, and call :meth:`ended`. ``None`` if there is nothing to do.
        """
        counters, config = self.counters, self.config
        counters.received += 1
        size = len(data)
        if size <= MAX_NOISE and is_signaling_noise_datagram(data):
            counters.noise += 1
            return None
        if size > config.receive_buffer_size:
            self._truncated(data, addr)
            return None
        watched = config.on_event is not None
        if watched or config.on_datagram is not None:
            self.hooks.call(config.on_datagram, addr, data, addr)
            self.hooks.event(EventType.DATAGRAM_RECEIVED, addr, raw=data)
        try:
            message = read(data)
        except ParseError as error:
            return self._unreadable(data, addr, error)
        if not isinstance(message, Request):
            self.response_received(message, addr)
            return None
        requests = counters.requests
        method = message.method
        try:
            requests[method] += 1
        except KeyError:
            label = method_label(method)
            requests[label] = requests.get(label, 0) + 1
        breach = first_error(message, config) if self._refuses else None
        target = arrive(message, addr[0], addr[1])
        if watched or config.on_request is not None:
            self.hooks.call(config.on_request, addr, message, addr)
            self.hooks.event(EventType.REQUEST_RECEIVED, addr, raw=data, request=message)
        refused = refusal(message, breach, config) if self._refuses else None
        if refused is not None:
            counters.drop("refused")
            return self._refuse(message, refused, addr, target)
        if self._pending >= config.max_pending_requests:
            counters.drop("overload")
            return self._refuse(message, overloaded(message, config), addr, target)
        answer = self.handlers.call(message, method, addr, target)
        if isinstance(answer, Response):
            return self._to_send(message, answer, addr, target)
        if answer is not None:
            self._begin()
        return answer

    def response_received(self, response: Response, addr: Address) -> None:
        """Count and report a response that came from ``addr``."""
        label = STATUS_CLASSES.get(response.status_code // 100, "other")
        received = self.counters.responses_received
        received[label] = received.get(label, 0) + 1
        self.hooks.call(self.config.on_sip_response, addr, response, addr)
        self.hooks.event(EventType.RESPONSE_RECEIVED, addr, response=response)

    def _truncated(self, data: bytes, addr: Address) -> None:
        self.counters.truncated += 1
        most = self.config.receive_buffer_size
        error = EndpointError(f"a datagram has more than {most} bytes")
        _log.warning("%s", error)
        self.hooks.event(EventType.TRUNCATED, addr, raw=data, error=error)

    def _unreadable(self, data: bytes, addr: Address, error: ParseError) -> ResponseToSend | None:
        self.counters.parse_error(error.finding.rule)
        self.hooks.call(self.config.on_parse_error, addr, data, addr, error)
        self.hooks.event(EventType.PARSE_ERROR, addr, raw=data, error=error)
        request = unreadable_request(data) if self.config.answer_bad_requests else None
        if request is None:
            return None
        target = arrive(request, addr[0], addr[1])
        response = bad_request(request, error.finding, self.config)
        return self._refuse(request, response, addr, target)

    def _refuse(
        self, request: Request, response: Response, addr: Address, target: Destination | None
    ) -> ResponseToSend | None:
        wanted = None if request.method == _ACK else response
        self.hooks.event(EventType.REQUEST_REFUSED, addr, request=request, response=wanted)
        return None if wanted is None else self._to_send(request, wanted, addr, target)

    # -- work that takes time ----------------------------------------------------------

    def answered(self, run: HandlerToRun, response: Response | None) -> ResponseToSend | None:
        """Return what is to be sent after the handler of ``run`` ended with ``response``."""
        if response is None:
            return None
        return self._to_send(run.request, response, run.addr, run.target)

    def postponed(self) -> None:
        """Count a response that cannot be sent at once as pending.

        Too much that is pending means overload, so hosts that take long to be looked up
        cannot fill memory. Call :meth:`ended` when it was sent or not sent.
        """
        self._begin()

    def ended(self) -> None:
        """Count a handler or a postponed response as pending no longer, however it ended."""
        self._pending -= 1
        self.counters.pending = self._pending

    def _begin(self) -> None:
        self._pending += 1
        self.counters.pending = self._pending

    # -- out -------------------------------------------------------------------------

    def _to_send(
        self, request: Request, response: Response, addr: Address, target: Destination | None
    ) -> ResponseToSend | None:
        """Return ``response`` as bytes with its destination; ``None`` if it cannot be written."""
        config = self.config
        if config.on_response is not None:
            self.hooks.call(config.on_response, addr, request, response, addr)
        try:
            data = response.outgoing()
        except Exception as error:  # noqa: BLE001 - whatever a handler made is contained
            self.response_not_sent(request, response, addr, error)
            return None
        destination: Address | Destination = addr
        if not config.respond_to_source:
            if not copies_first_via(response, request) and response.get(_VIA) != request.get(_VIA):
                # The handler changed the Via, which says where the response goes.
                target = response_destination(response)
            if target is not None:
                destination = socket_address(target, addr)
        return data, destination, request, response, addr

    def response_sent(
        self,
        request: Request,
        response: Response,
        addr: Address,
        destination: Address | None = None,
    ) -> None:
        """Count and report a response that was sent.

        :param addr: where the request came from.
        :param destination: where the response went, if that is known.
        """
        sent = self.counters.responses_sent
        try:
            sent[STATUS_CLASSES[response.status_code // 100]] += 1
        except KeyError:
            label = STATUS_CLASSES.get(response.status_code // 100, "other")
            sent[label] = sent.get(label, 0) + 1
        config = self.config
        if config.on_event is not None:
            facts = {"request": request, "response": response, "destination": destination}
            self.hooks.event(EventType.RESPONSE_SENT, addr, **facts)
        if config.on_response_sent is not None:
            self.hooks.call(config.on_response_sent, addr, request, response, addr)
        for hook in self.after_response_sent:
            self.hooks.call(hook, addr, request, response, addr)

    def response_not_sent(
        self, request: Request, response: Response, addr: Address, error: Exception
    ) -> None:
        """Count and report a response that could not be sent, because of ``error``."""
        self.counters.send_errors += 1
        _log.warning("%s", error)
        self.hooks.event(
            EventType.SEND_ERROR, addr, request=request, response=response, error=error
        )

    def message_to_send(self, message: Message, addr: Address) -> bytes:
        """Return ``message`` as bytes, with its Content-Length set.

        Send them to ``addr``, then call :meth:`message_sent` or :meth:`message_not_sent`.

        :raises EndpointError: if it is a request too large for UDP and ``oversize`` is
            ``"error"``, or larger than any datagram.
        """
        message.prepare_for_send()
        data = message.to_bytes()
        if isinstance(message, Request) and len(data) > self.config.max_request_size:
            self._oversize(message, len(data), addr)
        return data

    def message_sent(self, message: Message, addr: Address) -> None:
        """Report a message other than a handler's response that was sent to ``addr``."""
        self.hooks.event(EventType.MESSAGE_SENT, addr, **_fact(message))
        self.hooks.call(self.config.on_message_sent, addr, message, addr)

    def message_not_sent(self, message: Message, addr: Address, error: EndpointError) -> None:
        """Count and report a message that could not be sent to ``addr``."""
        self.counters.send_errors += 1
        self.hooks.event(EventType.SEND_ERROR, addr, **_fact(message), error=error)

    def _oversize(self, request: Request, size: int, addr: Address) -> None:
        most = self.config.max_request_size
        error = EndpointError(
            f"the {request.method} has {size} bytes; UDP may carry up to {most}: "
            "use TCP (RFC 3261 section 18.1.1)"
        )
        self.hooks.event(EventType.OVERSIZE, addr, request=request, error=error)
        if self.config.oversize == "error" or size > LARGEST_DATAGRAM:
            raise error
        _log.warning("%s", error)

    # -- the socket's troubles ---------------------------------------------------------

    def peer_unreachable(self, addr: Address, error: OSError) -> None:
        """Report that a datagram sent to ``addr`` did not arrive."""
        self.hooks.event(EventType.PEER_UNREACHABLE, addr, error=error)

    def read_failed(self, error: OSError) -> None:
        """Report that no more datagrams can be read."""
        self.hooks.call(self.config.on_read_error, (), error)


def _fact(message: Message) -> dict[str, Message]:
    return {"request" if isinstance(message, Request) else "response": message}
