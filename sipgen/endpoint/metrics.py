"""An Endpoint's counters for Prometheus: ``pip install 'sipgen[metrics]'``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from sipgen.endpoint.counters import Counters

if TYPE_CHECKING:
    from prometheus_client.registry import CollectorRegistry

__all__ = ["PrometheusCollector", "register_metrics"]

_PLAIN = (
    ("datagrams_received", "received", "Datagrams received, noise among them"),
    ("datagrams_noise", "noise", "Datagrams that are keep-alives or pings"),
    ("datagrams_truncated", "truncated", "Datagrams longer than the receive buffer"),
    ("send_errors", "send_errors", "Messages that could not be sent"),
    ("handler_calls", "handler_calls", "Handlers that have ended"),
    ("handler_errors", "handler_errors", "Handlers and hooks that raised"),
    ("handler_seconds", "handler_seconds", "Seconds from begin to end of handlers"),
)
_LABELLED = (
    ("parse_errors", "parse_errors", "rule", "Datagrams that are no message"),
    ("requests", "requests", "method", "Requests received"),
    ("responses_received", "responses_received", "class", "Responses received"),
    ("responses_sent", "responses_sent", "class", "Responses sent"),
    ("requests_dropped", "dropped", "reason", "Requests that no handler saw"),
)


class PrometheusCollector:
    """Collects the counters whenever Prometheus asks; nothing is kept twice."""

    def __init__(self, counters: Counters | Callable[[], Counters], prefix: str = "sipgen") -> None:
        """Collect ``counters``, or what calling it gives, under names with ``prefix``."""
        self._counters = counters
        self._prefix = prefix

    def collect(self) -> Iterator[Any]:
        """The metrics, as prometheus_client has them."""
        from prometheus_client.core import (  # noqa: PLC0415 - an extra
            CounterMetricFamily,
            GaugeMetricFamily,
        )

        given = self._counters
        counters = given() if callable(given) else given
        for name, attribute, text in _PLAIN:
            value = float(getattr(counters, attribute))
            yield CounterMetricFamily(f"{self._prefix}_{name}", text, value=value)
        for name, attribute, label, text in _LABELLED:
            family = CounterMetricFamily(f"{self._prefix}_{name}", text, labels=[label])
            for key, count in dict(getattr(counters, attribute)).items():
                family.add_metric([key], float(count))
            yield family
        pending = float(counters.pending)
        yield GaugeMetricFamily(
            f"{self._prefix}_handlers_pending", "Handlers that run now", value=pending
        )


def register_metrics(
    counters: Counters | Callable[[], Counters], registry: CollectorRegistry | None = None
) -> PrometheusCollector:
    """Register an Endpoint's counters with Prometheus.

    :param counters: ``endpoint.counters``, or a function that gives them.
    :param registry: where; the default registry without it.
    :raises ImportError: without prometheus_client, saying how to get it.
    :raises ValueError: if the default registry has such metrics already.
    """
    try:
        from prometheus_client import REGISTRY  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ImportError(
            "metrics need prometheus_client: pip install 'sipgen[metrics]'"
        ) from error
    collector = PrometheusCollector(counters)
    (REGISTRY if registry is None else registry).register(collector)
    return collector
