"""What an Endpoint has done, in numbers that only grow (but for ``pending``)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from sipgen.generated.methods import Method

__all__ = ["STATUS_CLASSES", "Counters", "method_label"]

_METHODS = frozenset(map(str, Method))
STATUS_CLASSES = {number: f"{number}xx" for number in range(1, 7)}
"""How responses are counted, by the first digit of the status code."""
_MAX_RULES = 256
"""Rules that parse errors are counted by; the parser has some thirty."""


@dataclass(slots=True)
class Counters:
    """Counts since the Endpoint was made."""

    received: int = 0
    """Datagrams, noise among them."""
    noise: int = 0
    """Datagrams that are keep-alives or pings."""
    truncated: int = 0
    """Datagrams longer than ``receive_buffer_size``."""
    parse_errors: dict[str, int] = field(default_factory=dict)
    """Datagrams that are no message, by the id of the rule."""
    requests: dict[str, int] = field(default_factory=dict)
    """Requests received, by method; ``other`` for methods that are not registered."""
    responses_received: dict[str, int] = field(default_factory=dict)
    """Responses received, by class: ``2xx``."""
    responses_sent: dict[str, int] = field(default_factory=dict)
    """Responses sent, by class."""
    send_errors: int = 0
    """Messages that could not be sent."""
    dropped: dict[str, int] = field(default_factory=dict)
    """Requests that no handler saw, by reason: ``overload``, ``refused``."""
    handler_calls: int = 0
    """Handlers that have ended."""
    handler_seconds: float = 0.0
    """Seconds from the begin to the end of handlers, waiting included."""
    handler_errors: int = 0
    """Handlers and hooks that raised."""
    pending: int = 0
    """``async`` handlers that run now."""

    def parse_error(self, rule: str) -> None:
        """Count a datagram that breaks ``rule``."""
        if rule not in self.parse_errors and len(self.parse_errors) >= _MAX_RULES:
            rule = "other"
        self.parse_errors[rule] = self.parse_errors.get(rule, 0) + 1

    def drop(self, reason: str) -> None:
        """Count a request that no handler sees."""
        self.dropped[reason] = self.dropped.get(reason, 0) + 1

    def to_dict(self) -> dict[str, object]:
        """The counts as a JSON-ready dict."""
        return asdict(self)


def method_label(method: str) -> str:
    """``method`` if it is registered, else ``other``: nobody can fill memory with labels."""
    return method if method in _METHODS else "other"
