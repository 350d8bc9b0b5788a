"""Two readers, one result: the hot path against the reference, on any octets."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.fuzz import PIECES, corpus, disagreement, mutant
from sipgen.errors import LimitError, ParseError
from sipgen.limits import MAX_HEADER_LINES, MAX_MESSAGE, MAX_START_LINE
from sipgen.wire import reference, shapes, tokenizer
from sipgen.wire.names import CANONICAL, canonical

DATA = Path(__file__).resolve().parents[1] / "data"
MESSAGES = [path.read_bytes() for path in sorted((DATA / "rfc4475").glob("*.dat"))]
START = b"OPTIONS sip:a@b SIP/2.0\r\n"


def outcome(module: object, data: bytes) -> object:
    try:
        return module.tokenize(data)  # type: ignore[attr-defined]
    except ParseError as error:
        return type(error), error.finding


def same(data: bytes) -> None:
    assert outcome(tokenizer, data) == outcome(reference, data)


@pytest.mark.parametrize("data", MESSAGES)
def test_torture_messages(data: bytes) -> None:
    same(data)


@pytest.mark.parametrize("begin", range(0, 2_000, 250))
def test_mutated_messages(begin: int) -> None:
    messages = corpus(DATA)
    for number in range(begin, begin + 250):
        chance = random.Random(number)  # noqa: S311 - reproducible, not secret
        data = mutant(chance, messages)
        assert disagreement(data, chance) is None, f"make fuzz, --seed {number}"


@given(st.lists(st.sampled_from([*PIECES, b"Via", b"x", b"1"]), max_size=30).map(b"".join))
@settings(max_examples=400, deadline=None)
def test_any_header_section(head: bytes) -> None:
    same(START + head)
    same(START + head + b"\r\n\r\nbody")
    same(head)


def read(*lines: bytes, body: bytes = b"") -> reference.Tokens:
    data = START + b"".join(lines) + b"\r\n" + body
    same(data)
    return tokenizer.tokenize(data)


def test_an_ordinary_message() -> None:
    tokens = read(b"v: SIP/2.0/UDP h\r\n", b"SUBJECT: hello \r\n", b"l: 2\r\n", body=b"hi")
    assert tokens.names == ["Via", "Subject", "Content-Length"]
    assert tokens.values == ["SIP/2.0/UDP h", "hello", "2"]
    assert tokens.lines == ["v: SIP/2.0/UDP h", "SUBJECT: hello ", "l: 2"]
    assert (tokens.body, tokens.defects) == (b"hi", ())
    assert tokens.start_line == ("OPTIONS", "sip:a@b", "SIP/2.0")


def test_folds_are_one_space_and_kept_in_the_line() -> None:
    tokens = read(b"Subject: a\r\n b \r\n\t c\r\n")
    assert tokens.values == ["a b c"]
    assert tokens.lines == ["Subject: a\r\n b \r\n\t c"]
    assert tokens.defects == ()


def defects(*lines: bytes, body: bytes = b"") -> list[tuple[str, str]]:
    return [(found.rule, found.severity) for found in read(*lines, body=body).defects]


def test_what_is_odd_but_readable_is_a_defect() -> None:
    assert defects(b"Via : x\r\n") == [("header-colon-space", "warning")]
    assert defects(b"no colon here\r\n") == [("header-colon", "error")]
    assert defects(b"To\x01: x\r\n")[0][1] == "error"
    assert defects(b"A: \x00\r\n") == [("control-character", "error")]
    assert defects(b"A: \xff\r\n") == [("character-encoding", "error")]
    assert defects(b"A: x\ry\r\n") == [("line-end", "error")]
    assert defects(b"A: x\nB: y\r\n") == [("line-end", "error")]
    assert defects(b"l: 1\r\n", body=b"ab") == [("trailing-octets", "warning")]
    assert defects(b"l: 1\r\nl: 1\r\n", body=b"a") == [("content-length-repeated", "warning")]
    assert defects(b'A: "\\\x01"\r\n') == []


def test_a_name_with_a_stray_octet_is_never_the_name_without_it() -> None:
    for raw in (b"To\x01", b"To\x00", b"T\xc3\xb6", b"\xe2\x84\xaaxpires", b"(To)"):
        assert "To" not in read(raw + b": x\r\n").names


def test_leading_line_ends_and_a_missing_end() -> None:
    data = b"\r\n\r\n" + START + b"X: b\r\n\r\n"
    same(data)
    tokens = tokenizer.tokenize(data)
    assert tokens.start == 4
    assert [found.rule for found in tokens.defects] == ["leading-white-space"]
    same(START + b"Q: b\r\n")
    unfinished = tokenizer.tokenize(START + b"Q: b")
    assert unfinished.names == ["Q"]
    assert [found.rule for found in unfinished.defects][-1] == "header-section-end"


def start_line(line: bytes) -> tuple[object, list[str]]:
    same(line + b"\r\n\r\n")
    tokens = tokenizer.tokenize(line + b"\r\n\r\n")
    return tuple(tokens.start_line), [found.rule for found in tokens.defects]


def test_start_lines() -> None:
    assert start_line(b"SIP/2.0 200 OK fine") == (("SIP/2.0", 200, "OK fine"), [])
    assert start_line(b"SIP/2.0 100 ") == (("SIP/2.0", 100, ""), [])
    assert start_line(b"SIP/2.0 100") == (("SIP/2.0", 100, ""), ["start-line"])
    assert start_line(b"SIP/7.0 100 x")[1] == ["sip-version"]
    assert start_line(b"SIP/2.0 099 x")[1] == ["start-line"]
    assert start_line(b"INVITE  sip:a  SIP/2.0") == (
        ("INVITE", "sip:a", "SIP/2.0"),
        ["start-line", "start-line"],
    )
    assert start_line(b"INVITE sip:a; lr SIP/2.0")[0] == ("INVITE", "sip:a; lr", "SIP/2.0")
    assert start_line(b"INVITE sip:a SIP/2.0 ")[1] == ["start-line"]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "message-empty"),
        (b"\r\n", "message-empty"),
        (b"INVITE\r\n\r\n", "start-line"),
        (b"INVITE sip:a\r\n\r\n", "start-line"),
        (b"SIP/2.0\r\n\r\n", "start-line"),
        (b"SIP/2.0 20 OK\r\n\r\n", "start-line"),
        (b"SIP/2.0 2000 OK\r\n\r\n", "start-line"),
        (START + b"l: x\r\n\r\n", "content-length-number"),
        (START + b"l: 1\r\n\r\n", "content-length-too-large"),
    ],
)
def test_what_cannot_be_read(data: bytes, rule: str) -> None:
    same(data)
    with pytest.raises(ParseError) as caught:
        tokenizer.tokenize(data)
    assert caught.value.finding.rule == rule


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"x" * (MAX_MESSAGE + 1), "message-too-large"),
        (b"OPTIONS sip:" + b"a" * MAX_START_LINE + b" SIP/2.0\r\n\r\n", "start-line-too-long"),
        (START + b"A: b\r\n" * (MAX_HEADER_LINES + 1) + b"\r\n", "too-many-header-lines"),
    ],
)
def test_limits(data: bytes, rule: str) -> None:
    same(data)
    with pytest.raises(LimitError) as caught:
        tokenizer.tokenize(data)
    assert caught.value.finding.rule == rule


def test_any_number_of_names_is_canonicalised() -> None:
    before = dict(CANONICAL)
    for number in range(2 * MAX_HEADER_LINES):
        assert canonical(f"x-{number}") == f"X-{number}"
    assert canonical("VIA") == canonical("v\t") == "Via"
    assert canonical("\u212a: x") == "\u212a: x"
    assert before == CANONICAL


@pytest.mark.timing
@pytest.mark.parametrize("piece", [b";", b" ", b"\r\n ", b"a\r\n", b"\r", b"\n", b":", b"\\\x01"])
def test_reading_takes_linear_time(piece: bytes) -> None:
    def cost(size: int) -> float:
        data = (START + b"A: x" + piece * (size // len(piece)))[:MAX_MESSAGE]
        begin = time.process_time()
        outcome(tokenizer, data)
        return time.process_time() - begin

    # In turns, so that a machine that slows down slows both.
    rounds = [(cost(30_000), cost(60_000)) for _ in range(15)]
    assert min(long for _, long in rounds) <= 2.5 * min(short for short, _ in rounds) + 0.0005


# -- shapes: what was learned from earlier messages changes nothing ---------------------

LINES = [b"Via: SIP/2.0/UDP h", b"t: <sip:a@b>", b"X-Own: 1", b"Content-Length: 4"]
KEY = shapes.key_of([line.decode() for line in LINES])


@pytest.mark.parametrize(
    ("index", "line"),
    [
        (0, b"VIA: SIP/2.0/UDP h"),
        (0, b"Via : SIP/2.0/UDP h"),
        (0, b"Vi"),
        (0, b"Via"),
        (0, b": x"),
        (1, b"t"),
        (1, b"t:\t<sip:a@b>  "),
        (1, b"To: <sip:a@b>"),
        (2, b"X-Own 1"),
        (2, b"X-\xc3\xa9: 1"),
        (2, b"l: 4"),
        (2, b"Content-Length: 4"),
        (3, b"Content-Length:4"),
        (3, b"Content-Length:  4 "),
        (3, b"Content-Length: 04"),
        (3, b"Content-Length: 5"),
        (3, b"Content-Length: 3"),
        (3, b"Content-Length: "),
        (3, b"l: 4"),
        (3, b"Contact: <sip:a@b>"),
    ],
)
def test_a_line_beside_those_of_a_shape_that_was_learned(index: int, line: bytes) -> None:
    for _ in range(40):
        read(*[one + b"\r\n" for one in LINES], body=b"body")
    assert shapes.remembered_shapes(KEY)
    lines = [*LINES]
    lines[index] = line
    for _ in range(40):
        same(START + b"\r\n".join(lines) + b"\r\n\r\nbody")


def test_an_order_that_is_not_recent_is_still_known() -> None:
    for _ in range(40):
        read(*[one + b"\r\n" for one in LINES], body=b"body")
    learned = shapes.remembered_shapes(KEY)
    for number in range(40_000):
        many = [f"X-{number}: 1"] * 40
        shapes.shape_of(many, shapes.key_of(many))
        if not shapes.remembered_shapes(KEY):
            break
    texts = [one.decode() for one in LINES]
    assert learned
    assert shapes.shape_of(texts, KEY) in learned


def test_few_orders_are_remembered_together() -> None:
    for number in range(2_000):
        lines = [f"X-Few-{number}: 1"] * 3
        shapes.shape_of(lines, shapes.key_of(lines))
    assert 0 < len(shapes.remembered_shapes(shapes.key_of(["X-Few: 1"] * 3)) or ()) <= 4
    long = [f"{'X' * 10_000}: 1"]
    for _ in range(100):
        shapes.shape_of(long, shapes.key_of(long))
    assert not shapes.remembered_shapes(shapes.key_of(long))
