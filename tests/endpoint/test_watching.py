"""Metrics for Prometheus, and the mirror for HOMER."""

from __future__ import annotations

import socket
import struct

import pytest

import sipgen
from sipgen import Counters, Event, EventType, Request
from sipgen.endpoint.hep import HEPMirror, hep_packet
from sipgen.endpoint.metrics import register_metrics


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
        mirror(Event(EventType.REQUEST_RECEIVED, peer, raw=raw, request=request))
        mirror(Event(EventType.DATAGRAM_RECEIVED, peer, raw=b"x" * 65_500))
        mirror(Event(EventType.DATAGRAM_RECEIVED, ("no address", 1), raw=raw))
        assert (mirror.sent, mirror.lost) == (2, 2)
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
