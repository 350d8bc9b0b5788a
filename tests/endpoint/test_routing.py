"""Where responses go, by RFC 3261 section 18.2 and RFC 3581: pure functions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sipgen
from sipgen import Request, Via
from sipgen.endpoint.routing import Destination, arrive, response_destination, stamp_received

OTHER = "Via: SIP/2.0/UDP first.example;branch=z9hG4bKfirst\r\n"


def request(via: str, *, joined: bool = False) -> Request:
    lines = f"Via: {via}, SIP/2.0/UDP second\r\n" if joined else f"Via: {via}\r\n{OTHER}"
    message = sipgen.parse(f"OPTIONS sip:a@b SIP/2.0\r\n{lines}Subject: x\r\n\r\n")
    assert isinstance(message, Request)
    return message


@pytest.mark.parametrize(
    ("via", "host", "stamped"),
    [
        # RFC 3261 section 18.2.1: received where sent-by is another address or a name
        ("SIP/2.0/UDP 192.0.2.1:5060;branch=z9", "192.0.2.1", None),
        (
            "SIP/2.0/UDP pc33.example.com;branch=z9",
            "192.0.2.1",
            "SIP/2.0/UDP pc33.example.com;branch=z9;received=192.0.2.1",
        ),
        (
            "SIP/2.0/UDP 10.0.0.1:5070;branch=z9",
            "192.0.2.1",
            "SIP/2.0/UDP 10.0.0.1:5070;branch=z9;received=192.0.2.1",
        ),
        # RFC 3581 section 4: rport asks for the port, and received is given too
        (
            "SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9",
            "192.0.2.1",
            "SIP/2.0/UDP 192.0.2.1:5060;rport=9;branch=z9;received=192.0.2.1",
        ),
        (
            "SIP/2.0/UDP 10.0.0.1;branch=z9;rport",
            "192.0.2.1",
            "SIP/2.0/UDP 10.0.0.1;branch=z9;rport=9;received=192.0.2.1",
        ),
        (
            "SIP/2.0/TCP 10.0.0.1;x=y;RPORT=1;received=6.6.6.6;branch=z9",
            "192.0.2.1",
            "SIP/2.0/TCP 10.0.0.1;x=y;rport=9;branch=z9;received=192.0.2.1",
        ),
        # what a client says of itself does not stay
        (
            "SIP/2.0/UDP 192.0.2.1;received=6.6.6.6;branch=z9",
            "192.0.2.1",
            "SIP/2.0/UDP 192.0.2.1;branch=z9",
        ),
        # IPv6, in whatever form, and an IPv4 client of a dual-stack socket
        ("SIP/2.0/UDP [2001:db8::1];branch=z9", "2001:db8::1", None),
        ("SIP/2.0/UDP [2001:DB8:0:0::1];branch=z9", "2001:db8::1", None),
        (
            "SIP/2.0/UDP [2001:db8::2];branch=z9",
            "fe80::1%eth0",
            "SIP/2.0/UDP [2001:db8::2];branch=z9;received=fe80::1",
        ),
        ("SIP/2.0/UDP 192.0.2.1;branch=z9", "::ffff:192.0.2.1", None),
        ("no via at all", "192.0.2.1", None),
    ],
)
def test_stamping(via: str, host: str, stamped: str | None) -> None:
    for joined in (False, True):
        message = request(via, joined=joined)
        before = bytes(message)
        assert stamp_received(message, host, 9) is (stamped is not None)
        if stamped is None:
            assert bytes(message) == before
            continue
        rest = ", SIP/2.0/UDP second" if joined else ""
        assert message.get("Via") == stamped + rest
        assert f"\r\nVia: {stamped}{rest}\r\n".encode() in bytes(message)
        assert message.top_via == Via.parse(stamped)


def test_a_request_without_via_is_left_alone() -> None:
    message = sipgen.parse("OPTIONS sip:a@b SIP/2.0\r\nSubject: x\r\n\r\n")
    assert isinstance(message, Request)
    assert not stamp_received(message, "192.0.2.1", 9)
    assert arrive(message, "192.0.2.1", 9) is None
    assert response_destination(message) is None


@pytest.mark.parametrize(
    ("via", "destination"),
    [
        ("SIP/2.0/UDP 192.0.2.1;branch=z9", ("192.0.2.1", 5060, None)),
        ("SIP/2.0/UDP 192.0.2.1:5070;branch=z9", ("192.0.2.1", 5070, None)),
        ("SIP/2.0/UDP h.example:5070;received=192.0.2.9", ("192.0.2.9", 5070, None)),
        ("SIP/2.0/UDP h.example:5070;received=192.0.2.9;rport=7", ("192.0.2.9", 7, None)),
        ("SIP/2.0/UDP h.example;rport=7", ("h.example", 5060, None)),
        ("SIP/2.0/TLS h.example", ("h.example", 5061, None)),
        ("SIP/2.0/UDP [2001:db8::1]:5;received=[2001:db8::9]", ("2001:db8::9", 5, None)),
        ("SIP/2.0/UDP [2001:db8::1]", ("2001:db8::1", 5060, None)),
        ("SIP/2.0/UDP h;maddr=224.0.1.75;ttl=16;received=192.0.2.9", ("224.0.1.75", 5060, 16)),
        ("SIP/2.0/UDP h:5070;maddr=224.0.1.75", ("224.0.1.75", 5070, 1)),
        ("SIP/2.0/UDP h;maddr=192.0.2.7;ttl=16", ("192.0.2.7", 5060, None)),
        ("SIP/2.0/UDP h;maddr=[ff02::1];ttl=x", ("ff02::1", 5060, 1)),
        ("SIP/2.0/UDP h;maddr=host.example", ("host.example", 5060, None)),
        ("garbage", None),
    ],
)
def test_destinations(via: str, destination: tuple[object, ...] | None) -> None:
    response = request(via).reply(200)
    assert response_destination(response) == destination
    if destination:
        assert response_destination(Via.parse(via)) == destination


def test_default_ports_may_be_others() -> None:
    via = Via.parse("SIP/2.0/WS h.example")
    assert response_destination(via, {"WS": 80}) == ("h.example", 80, None)


@given(
    st.sampled_from(["192.0.2.1", "10.0.0.1", "pc33.example.com", "[2001:db8::1]"]),
    st.sampled_from(["", ":5070", ":0", ":65536"]),
    st.lists(
        st.sampled_from(
            [*("branch=z9hG4bK1", "rport", "rport=5", "received=6.6.6.6", "RPORT", "ttl=1")]
        ),
        max_size=4,
    ),
    st.sampled_from(["UDP", "TCP"]),
    st.sampled_from([9, 5060, 5070]),
)
def test_the_quick_way_is_the_same(
    host: str, port: str, params: list[str], kind: str, source_port: int
) -> None:
    via = ";".join([f"SIP/2.0/{kind} {host}{port}", *params])
    slow, quick = request(via), request(via)
    stamp_received(slow, "192.0.2.1", source_port)
    destination = arrive(quick, "192.0.2.1", source_port)
    assert bytes(quick) == bytes(slow)
    # None is where the request came from.
    assert (destination or ("192.0.2.1", source_port, None)) == response_destination(slow)
    assert destination is None or isinstance(destination, Destination)


@pytest.mark.parametrize(
    ("sent_by", "host", "received"),
    [
        ("192.0.2.1:5070", "::ffff:192.0.2.1", None),
        ("192.0.2.9:5070", "::ffff:192.0.2.1", "192.0.2.1"),
        ("pc.example:5070", "fe80::1%eth0", "fe80::1"),
        ("[2001:db8::1]:5070", "2001:db8:0::1", None),
        ("[2001:db8::2]:5070", "2001:db8::1", "2001:db8::1"),
    ],
)
def test_ipv6_sources(sent_by: str, host: str, received: str | None) -> None:
    slow, quick = [request(f"SIP/2.0/UDP {sent_by};branch=z9hG4bK1") for _ in "12"]
    assert stamp_received(slow, host, 9) is (received is not None)
    destination = arrive(quick, host, 9)
    assert bytes(quick) == bytes(slow)
    assert destination == response_destination(slow)
    assert quick.top_via is not None
    assert quick.top_via.received == received


@pytest.mark.parametrize(
    "via",
    [
        "SIP/2.0/UDP 192.0.2.9;branch=z9,SIP/2.0/UDP b;rport",
        "SIP/2.0/UDP 192.0.2.9, SIP/2.0/UDP b;branch=z9;rport",
        "SIP/2.0/UDP 192.0.2.9\r\n ;branch=z9;rport",
        "SIP/2.0/UDP 192.0.2.9;branch=z9\r\n ;rport",
        "SIP/2.0/UDP 192.0.2.9;branch=z9 ;rport",
        "SIP/2.0/UDP 192.0.2.9 ; branch=z9;rport",
        "SIP/2.0/UDP 192.0.2.9;rport;branch=z9;rport",
        "SIP/2.0/UDP 192.0.2.9;branch=",
        "SIP/2.0/UDP ;branch=z9;rport",
        "SIP/2.0/UDP 192.0.2.9:70000;branch=z9",
        "SIP / 2.0 / UDP 192.0.2.1 : 5070;branch=z9",
    ],
)
def test_unusual_ways_to_write_a_via(via: str) -> None:
    slow, quick = request(via), request(via)
    stamp_received(slow, "192.0.2.1", 9)
    destination = arrive(quick, "192.0.2.1", 9)
    assert bytes(quick) == bytes(slow)
    known = response_destination(slow)
    assert destination == (None if known == ("192.0.2.1", 9, None) else known)
