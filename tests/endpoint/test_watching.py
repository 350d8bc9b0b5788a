"""Metrics for Prometheus, and the mirror for HOMER."""

from __future__ import annotations

import json
import socket
import struct
import sys

import pytest

import sipgen
from sipgen import Counters, Endpoint, Event, EventType, Request
from sipgen.endpoint.hep import HEPMirror, hep_packet
from sipgen.endpoint.metrics import register_metrics
from tests.endpoint.conftest import Run, request, serving


def decoded(packet: bytes) -> dict[int, bytes]:
    """An independent reading of a HEP packet: chunk values by type."""
    magic, length = struct.unpack_from("!4sH", packet)
    assert magic == b"HEP3"
    assert length == len(packet)
    found = {}
    at = 6
    while at < len(packet):
        vendor, kind, size = struct.unpack_from("!HHH", packet, at)
        assert vendor == 0
        found[kind] = packet[at + 6 : at + size]
        at += size
    assert at == len(packet)
    return found


def test_a_packet() -> None:
    packet = hep_packet(
        b"payload",
        ("192.0.2.1", 5060),
        ("192.0.2.2", 5070),
        1_700_000_000.25,
        capture_id=7,
        password="secret",  # noqa: S106
        correlation_id="call",
    )
    chunks = decoded(packet)
    assert chunks[1] == b"\x02"
    assert chunks[2] == b"\x11"
    assert (chunks[3], chunks[4]) == (bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2]))
    assert struct.unpack("!HH", chunks[7] + chunks[8]) == (5060, 5070)
    assert struct.unpack("!II", chunks[9] + chunks[10]) == (1_700_000_000, 250_000)
    assert (chunks[11], chunks[12]) == (b"\x01", b"\x00\x00\x00\x07")
    assert (chunks[14], chunks[15], chunks[17]) == (b"secret", b"payload", b"call")


def test_a_packet_of_ipv6() -> None:
    chunks = decoded(hep_packet(b"x", ("fe80::1%eth0", 1), ("192.0.2.2", 2), 0))
    assert chunks[5] == socket.inet_pton(socket.AF_INET6, "fe80::1")
    assert chunks[6] == socket.inet_pton(socket.AF_INET6, "::ffff:192.0.2.2")
    assert 3 not in chunks
    with pytest.raises(ValueError, match="does not appear"):
        hep_packet(b"x", ("host.example", 1), ("192.0.2.2", 2), 0)


def test_peers_of_a_dual_stack_socket_are_told_as_what_they_are() -> None:
    four = bytes([192, 0, 2, 1])
    for here in ("::", "0.0.0.0"):  # noqa: S104
        chunks = decoded(hep_packet(b"x", ("::ffff:192.0.2.1", 1, 0, 0), (here, 2), 0))
        assert (chunks[1], chunks[3], chunks[4]) == (b"\x02", four, bytes(4))
        chunks = decoded(hep_packet(b"x", (here, 2), ("2001:db8::1", 1, 0, 0), 0))
        assert (chunks[1], chunks[5]) == (b"\x0a", bytes(16))
        assert chunks[6] == socket.inet_pton(socket.AF_INET6, "2001:db8::1")


@pytest.mark.parametrize("moment", [1_700_000_000.1, 1_699_999_999.999_999_9, 0.999_999_9])
def test_microseconds_are_rounded(moment: float) -> None:
    chunks = decoded(hep_packet(b"x", ("192.0.2.1", 1), ("192.0.2.2", 2), moment))
    seconds, microseconds = struct.unpack("!II", chunks[9] + chunks[10])
    assert microseconds < 1_000_000
    assert seconds * 1_000_000 + microseconds == round(moment * 1_000_000)


def test_what_a_packet_cannot_hold() -> None:
    here = ("192.0.2.1", 5060)
    for payload, port, moment, capture_id in (
        (b"x" * 65_500, 1, 0, 1),
        (b"x" * 70_000, 1, 0, 1),
        (b"x", 65_536, 0, 1),
        (b"x", 1, -1, 1),
        (b"x", 1, 2**32, 1),
        (b"x", 1, 0, 2**32),
    ):
        with pytest.raises(ValueError, match="HEP packet"):
            hep_packet(payload, here, ("192.0.2.2", port), moment, capture_id=capture_id)
    with pytest.raises(ValueError, match="HEP packet"):
        HEPMirror("127.0.0.1", 9, capture_id=-1)


def test_a_mirror_learns_where_it_is_and_never_raises() -> None:
    raw = b"OPTIONS sip:a@b SIP/2.0\r\n\r\n"
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as collector:
        collector.bind(("::1", 0))
        collector.settimeout(5)
        mirror = HEPMirror("::1", collector.getsockname()[1], password="p")  # noqa: S106
        mirror(Event(EventType.DATAGRAM_RECEIVED, ("192.0.2.1", 5060), raw=raw))
        assert (chunks := decoded(collector.recv(65_535)))[4] + chunks[8] == bytes(6)
        mirror.local = ("192.0.2.2", 5070)
        mirror(Event(EventType.DATAGRAM_RECEIVED, ("192.0.2.1", 5060), raw=raw))
        chunks = decoded(collector.recv(65_535))
        assert (chunks[4], chunks[8]) == (bytes([192, 0, 2, 2]), struct.pack("!H", 5070))
        assert (chunks[12], chunks[14]) == (struct.pack("!I", 2001), b"p")
        for addr in ((), (None, None), ("192.0.2.1",), ("192.0.2.1", "5060"), None):
            mirror(Event(EventType.DATAGRAM_RECEIVED, addr, raw=raw))  # type: ignore[arg-type]
        assert (mirror.sent, mirror.lost) == (2, 5)
        mirror.close()
        mirror.close()


def test_the_mirror() -> None:
    raw = b"OPTIONS sip:a@b SIP/2.0\r\nCall-ID: c1\r\n\r\n"
    request = sipgen.parse(raw)
    assert isinstance(request, Request)
    peer, local = ("192.0.2.1", 5060), ("192.0.2.2", 5070)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as collector:
        collector.bind(("127.0.0.1", 0))
        collector.settimeout(5)
        mirror = HEPMirror("127.0.0.1", collector.getsockname()[1], local=local)
        mirror(Event(EventType.DATAGRAM_RECEIVED, peer, raw=raw))
        chunks = decoded(collector.recv(65_535))
        assert (chunks[15], chunks[3], chunks[4]) == (
            raw,
            bytes([192, 0, 2, 1]),
            bytes([192, 0, 2, 2]),
        )
        response = request.reply(200)
        mirror(Event(EventType.RESPONSE_SENT, peer, request=request, response=response))
        chunks = decoded(collector.recv(65_535))
        assert (chunks[15], chunks[17], chunks[3]) == (
            bytes(response),
            b"c1",
            bytes([192, 0, 2, 2]),
        )
        elsewhere = ("192.0.2.3", 5080)
        mirror(Event(EventType.RESPONSE_SENT, peer, response=response, destination=elsewhere))
        chunks = decoded(collector.recv(65_535))
        assert (chunks[4], chunks[8]) == (bytes([192, 0, 2, 3]), struct.pack("!H", 5080))
        mirror(Event(EventType.MESSAGE_SENT, peer, request=request))
        assert decoded(collector.recv(65_535))[15] == raw
        mirror(Event(EventType.REQUEST_RECEIVED, peer, raw=raw, request=request))
        mirror(Event(EventType.DATAGRAM_RECEIVED, peer, raw=b"x" * 65_500))
        mirror(Event(EventType.DATAGRAM_RECEIVED, ("no address", 1), raw=raw))
        assert (mirror.sent, mirror.lost) == (4, 2)
        mirror.close()
        mirror(Event(EventType.DATAGRAM_RECEIVED, peer, raw=raw))
        assert mirror.lost == 3


def test_metrics() -> None:
    prometheus = pytest.importorskip(
        "prometheus_client",
        reason="prometheus_client is NOT INSTALLED: pip install sipgen[metrics]",
    )
    counters = Counters(received=3, noise=1, handler_seconds=0.5, pending=2)
    counters.requests["INVITE"] = 2
    counters.parse_error("start-line")
    registry = prometheus.CollectorRegistry()
    register_metrics(lambda: counters, registry)
    value = registry.get_sample_value
    assert value("sipgen_datagrams_received_total") == 3
    assert value("sipgen_handler_seconds_total") == 0.5
    assert value("sipgen_requests_total", {"method": "INVITE"}) == 2
    assert value("sipgen_parse_errors_total", {"rule": "start-line"}) == 1
    assert value("sipgen_handlers_pending") == 2
    counters.received += 1
    assert value("sipgen_datagrams_received_total") == 4


def test_metrics_of_traffic(run: Run) -> None:
    prometheus = pytest.importorskip(
        "prometheus_client",
        reason="prometheus_client is NOT INSTALLED: pip install sipgen[metrics]",
    )
    registry = prometheus.CollectorRegistry()

    async def scenario() -> None:
        endpoint = Endpoint(host="127.0.0.1", port=0)
        register_metrics(endpoint.counters, registry)
        async with serving(endpoint) as client:
            await client.send(b"no SIP message")
            for number in range(20):
                await client.ask(request(f"EVIL{number}"))
            await client.ask(request("OPTIONS"))

    run(scenario())
    value = registry.get_sample_value
    # Nobody fills memory with methods that nobody has heard of.
    assert value("sipgen_requests_total", {"method": "other"}) == 20
    assert value("sipgen_requests_total", {"method": "OPTIONS"}) == 1
    assert value("sipgen_requests_total", {"method": "EVIL1"}) is None
    assert value("sipgen_responses_sent_total", {"class": "5xx"}) == 21
    assert value("sipgen_datagrams_received_total") == 22
    assert value("sipgen_parse_errors_total", {"rule": "start-line"}) == 1
    assert value("sipgen_handler_calls_total") == 21
    assert value("sipgen_handlers_pending") == 0
    prometheus.generate_latest(registry)


def test_metrics_without_prometheus_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(ImportError, match=r"pip install 'sipgen\[metrics\]'"):
        register_metrics(Counters())


def test_counters_are_bounded_and_json_ready() -> None:
    counters = Counters()
    for number in range(1_000):
        counters.parse_error(f"rule-{number}")
    assert len(counters.parse_errors) <= 257
    assert sum(counters.parse_errors.values()) == 1_000
    assert json.loads(json.dumps(counters.to_dict()))["parse_errors"] == counters.parse_errors
    assert not hasattr(counters, "__dict__")
