"""The runner of the packed automata."""

from __future__ import annotations

import random

import pytest

from sipgen.language.automata import LanguageName, automata

LANGUAGES: tuple[LanguageName, ...] = ("abnf", "strict", "ordinary")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_has_a_start_state(language: LanguageName) -> None:
    machine = automata(language)
    for entry in machine.starts:
        state = machine.after(machine.start(entry), b"")
        assert len(state) == machine.width + 1
        assert isinstance(state[machine.width], bool)


@pytest.mark.parametrize(
    ("entry", "value", "accepted"),
    [
        ("CSeq", b" 4711 INVITE", True),
        ("CSeq", b" 4711INVITE", False),
        ("CSeq", b" 4711\r\n INVITE", True),
        ("Max-Forwards", b"70", True),
        ("Max-Forwards", b" 70 ", False),
        ("Call-ID", b" f81d4fae@192.0.2.1", True),
        ("Call-ID", b" a b", False),
        ("Request-Line", b"OPTIONS sip:example.com SIP/2.0", True),
        ("Request-Line", b"OPTIONS  sip:example.com SIP/2.0", False),
        ("Status-Line", b"SIP/2.0 200 OK", True),
        ("Status-Line", b"SIP/2.0 200", False),
        ("telephone-uri", b"tel:+1-201-555-0123", True),
        ("telephone-uri", b"tel:7042", False),
        ("telephone-uri", b"tel:7042;phone-context=example.com", True),
        ("extension-header", b" anything at all \xc3\xa9", True),
        ("extension-header", b" nul \x00", False),
    ],
)
def test_matches(entry: str, value: bytes, *, accepted: bool) -> None:
    assert automata("strict").matches(entry, value) is accepted


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("From", b" <sip:a@example.com>;tag="),
        ("Contact", b" <sip:a@example.com>;q=9"),
        ("Contact", b" <sip:a@example.com>;expires=soon"),
        ("Via", b" SIP/2.0/UDP h;received=[2001:db8::1]"),
        ("Via", b" SIP/2.0/UDP h;ttl=garbage"),
        ("Request-URI", b"sip:2001:db8::10"),
        ("To", b" <tel:123>"),
        ("Authorization", b" Digest response=abc"),
        ("Accept", b" text/plain;q=high"),
    ],
)
def test_strict_refuses_what_a_catch_all_swallows(entry: str, value: bytes) -> None:
    lenient = entry != "From"  # ";tag=" is no generic-param either
    assert automata("abnf").matches(entry, value) is lenient
    assert not automata("strict").matches(entry, value)


def test_failure_is_the_first_octet_after_which_nothing_can_follow() -> None:
    machine = automata("strict")
    offset, state = machine.failure("From", b" <sip:a@b.example;lr>tag=1")
    assert offset == len(b" <sip:a@b.example;lr>")
    assert machine.allowed(state) == b"\t\r ;"


def test_failure_at_the_end_is_the_length() -> None:
    value = b' "Bob <sip:bob@b.example>'
    offset, state = automata("strict").failure("From", value)
    assert offset == len(value)
    assert b'"' in automata("strict").allowed(state)


def test_allowed_octets_are_exact() -> None:
    machine = automata("strict")
    value = b" SIP/2.0/UDP host.example;branch"
    _, state = machine.failure("Via", value + b"\x00")
    for octet in range(256):
        offset, _ = machine.failure("Via", value + bytes([octet]))
        assert (offset > len(value)) is (octet in machine.allowed(state))


def test_unknown_entry_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        automata("strict").start("No-Such-Header")


def test_comments_nest_to_the_depth_of_the_grammar() -> None:
    from sipgen.generated.hints import RECURSION_DEPTHS  # noqa: PLC0415

    depth = RECURSION_DEPTHS["comment"] + 1
    machine = automata("strict")
    assert machine.matches("Server", b" " + b"(" * depth + b")" * depth)
    assert not machine.matches("Server", b" " + b"(" * (depth + 1) + b")" * (depth + 1))


@pytest.mark.parametrize(
    ("entry", "before", "rest"),
    [
        ("From", b" <sip:a@example.com>;tag=", b""),
        ("From", b" <sip:a@example.com>;tag=", b";x=y"),
        ("To", b' "A" <sip:a@example.com;user=phone>;tag=', b""),
        ("Via", b" SIP/2.0/UDP h.example:5060;branch=z9hG4bK", b""),
        ("Via", b" SIP/2.0/UDP h.example;branch=z9hG4bK", b";rport=5060;received=192.0.2.1"),
        ("Call-ID", b" ", b""),
        ("Authorization", b' Digest username="a", realm="b", nonce="', b""),
        ("CSeq", b" ", b""),
    ],
)
@pytest.mark.parametrize("language", ["strict", "ordinary"])
def test_a_quick_look_sees_sentences_only(
    language: LanguageName, entry: str, before: bytes, rest: bytes
) -> None:
    machine = automata(language)
    state = machine.after(machine.start(entry), before)
    look = None
    for _ in range(20):
        look = look or machine.quick_look(state, rest)
    assert look is not None
    chance = random.Random(entry)  # noqa: S311 - sampling, not secrecy
    alphabet = [chr(octet) for octet in range(128)] + ["\u00e9", "\u0660"]
    for first in alphabet:
        for text in (first, f"a{first}", f"a@{first}", f"{first}@b", f"a@b{first}c", f"a@@{first}"):
            if look(text):
                assert machine.accepts(state, text.encode() + rest), text
    for _ in range(2_000):
        text = "".join(chance.choices(alphabet, k=chance.randint(1, 12)))
        if look(text):
            assert machine.accepts(state, text.encode() + rest), text


def test_a_quick_look_sees_what_is_usual() -> None:
    machine = automata("ordinary")
    state = machine.after(machine.start("From"), b" <sip:a@example.com>;tag=")
    looks = [machine.quick_look(state) for _ in range(20)]
    assert looks[-1] is not None
    assert looks[-1]("1928301774")
    assert not looks[-1]("192 830")
    look = machine.quick_look_behind_space("Call-ID")
    assert look(" a84b4c76e66710@pc33.example.com")
    assert not look(" a84b4c76e66710@pc33@example.com")
