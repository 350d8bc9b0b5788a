"""What the patterns let through is what no rule finds anything in."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sipgen
from sipgen.validation.conformance import functions
from sipgen.validation.examples import example
from sipgen.validation.screens import MAX_REMEMBERED, PATTERNS, shape_of

BASES = {
    on: example(on)
    for on in ("INVITE", "OPTIONS", "REGISTER", "BYE", "ACK", "CANCEL", "200 INVITE", "180 INVITE")
}
VALUES = {
    name: st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True)
    for name, pattern in PATTERNS.items()
    if name not in {"Content-Length", "CSeq", "Request-URI"}
}


def changed(base: bytes, name: str, value: str) -> bytes:
    pattern = re.compile(rb"(?m)^" + name.encode() + rb":[^\r]*\r\n")
    line = f"{name}: {value}\r\n".encode()
    if pattern.search(base):
        return pattern.sub(lambda _match: line, base, count=1)
    return base.replace(b"Content-Length", line + b"Content-Length", 1)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(BASES)), st.sampled_from(sorted(VALUES)), st.data())
def test_a_value_that_is_let_through_changes_nothing(
    on: str, name: str, data: st.DataObject
) -> None:
    if on == "CANCEL" and name in {"Contact", "Record-Route", "Subject"}:
        return
    usual = changed(BASES[on], name, USUAL.get(name, "x"))
    other = changed(BASES[on], name, data.draw(VALUES[name]))
    message = sipgen.parse(other)
    if shape_of(message) is None or shape_of(message) != shape_of(sipgen.parse(usual)):
        return
    assert broken(other) == broken(usual)


def broken(data: bytes) -> list[str]:
    """The rules with a function that are broken, none of them spared."""
    findings = sipgen.validate(data, sipgen.Profile("strict")).findings
    return [finding.rule for finding in findings if finding.rule in FOUND]


FOUND = {function.id for function in functions()}
USUAL = {
    "Contact": "<sip:alice@192.0.2.1>",
    "From": "<sip:alice@atlanta.example.com>;tag=1",
    "Max-Forwards": "70",
    "Record-Route": "<sip:proxy.example.com;lr>",
    "Route": "<sip:proxy.example.com;lr>",
    "To": "<sip:bob@biloxi.example.com>",
    "Via": "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
}


@pytest.mark.parametrize("on", sorted(BASES))
def test_the_usual_messages_have_a_shape(on: str) -> None:
    shape = shape_of(sipgen.parse(BASES[on]))
    assert shape is not None
    profile = sipgen.Profile("strict")
    assert sipgen.validate(BASES[on], profile).findings == ()
    assert shape in profile.clean
    assert sipgen.validate(BASES[on], profile).findings == ()


@pytest.mark.parametrize(
    "line",
    [
        b"Contact: <sips:a@b.example>",
        b"Contact: <sip:a@b.example>;expires=5;pub-gruu=x",
        b"From: <sip:a@b.example:5060>;tag=1",
        b"Max-Forwards: 256",
        b"Via: SIP/2.0/UDP 192.0.2.1",
        b"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK",
        b"Via: SIP/2.0/UDP 192.0.2.1:65536;branch=z9hG4bK1",
        b"Route: <sip:a.example;lr;lr>",
        b"Content-Type: multipart/mixed;boundary=x",
    ],
)
def test_what_may_break_a_rule_is_not_let_through(line: bytes) -> None:
    name, _, value = line.decode().partition(": ")
    assert shape_of(sipgen.parse(changed(BASES["INVITE"], name, value))) is None


DIGEST = (
    'Digest username="bob", realm="biloxi.example.com", nonce="dcd98b71", algorithm=MD5'
    ', uri="sip:a.example", response="6629fae49393a05397450978507c4ef1"'
    ', cnonce="0a4f113b", qop=auth, nc=00000001'
)


@pytest.mark.parametrize(
    ("old", "new", "alike"),
    [
        ("dcd98b71", "0123", True),
        ("6629fae4", "00000000", True),
        ("nc=00000001", "nc=0000000a", True),
        ("nc=00000001", "nc=00000000", False),
        ("6629fae4", "", False),
        ("bob", "alice", False),
        ('cnonce="0a4f113b", ', "", False),
        ('nonce="dcd98b71"', 'nonce=""', False),
    ],
)
def test_credentials_are_alike_but_for_what_is_new_in_each(
    old: str, new: str, *, alike: bool
) -> None:
    usual = changed(BASES["REGISTER"], "Authorization", DIGEST)
    other = changed(BASES["REGISTER"], "Authorization", DIGEST.replace(old, new, 1))
    assert other != usual
    same = shape_of(sipgen.parse(other)) == shape_of(sipgen.parse(usual))
    assert same is alike
    if same:
        assert broken(other) == broken(usual)


def test_a_date_is_kept_only_where_its_day_is_wrong() -> None:
    shapes = [
        shape_of(sipgen.parse(changed(BASES["INVITE"], "Date", f"{day} Nov 2026 13:00:0{n} GMT")))
        for day, n in (("Mon, 23", 1), ("Tue, 24", 2), ("Mon, 24", 3), ("Mon, 24", 4))
    ]
    assert shapes[0] == shapes[1]
    assert len(set(shapes)) == 3


def test_what_is_remembered_is_bounded() -> None:
    profile = sipgen.Profile("strict")
    for number in range(MAX_REMEMBERED + 10):
        data = changed(BASES["INVITE"], "User-Agent", f"Phone/{number}")
        assert sipgen.validate(data, profile).ok
    assert 0 < len(profile.clean) <= MAX_REMEMBERED


def test_a_breach_is_found_though_the_like_was_clean() -> None:
    clean = BASES["INVITE"]
    assert sipgen.validate(clean).ok
    for breach in (
        clean.replace(b"CSeq: 1 INVITE", b"CSeq: 1 OPTIONS"),
        clean.replace(b"Max-Forwards: 70", b"Max-Forwards: 300"),
        clean.replace(b"z9hG4bK776asdhds", b"z9hG4bK"),
        clean.replace(b"bob@biloxi.example.com SIP", b"bob@biloxi.example.com?a=b SIP"),
    ):
        assert breach != clean
        assert not sipgen.validate(breach).ok
