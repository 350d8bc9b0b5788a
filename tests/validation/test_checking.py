"""``validate`` and strict ``parse``: complete, exact, total."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sipgen
from sipgen import HEADER_FIELDS, Finding
from sipgen.language.automata import automata
from sipgen.rules.declaring import rule_ids

TORTURE = sorted((Path(__file__).resolve().parents[1] / "data" / "rfc4475").glob("*.dat"))
MESSAGES = [path.read_bytes() for path in TORTURE]

HEAD = (
    b"OPTIONS sip:a@b.example SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP h.example;branch=z9hG4bK1\r\n"
    b"From: <sip:a@b.example>;tag=1\r\n"
    b"To: <sip:c@d.example>\r\n"
    b"Call-ID: 1@h.example\r\n"
    b"CSeq: 1 OPTIONS\r\n"
    b"Max-Forwards: 70\r\n"
)


# Grammar and reading alone: the conformance rules have tests of their own.
PLAIN = sipgen.Profile(rules=dict.fromkeys(rule_ids(), "off"))


def judged(data: bytes | str) -> sipgen.Report:
    return sipgen.validate(data, PLAIN)


def findings(*lines: bytes, body: bytes = b"") -> tuple[Finding, ...]:
    return judged(HEAD + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body).findings


def rules(*lines: bytes, body: bytes = b"") -> list[str]:
    return [finding.rule for finding in findings(*lines, body=body)]


def test_clean() -> None:
    report = judged(HEAD + b"\r\n")
    assert report.ok
    assert report.findings == ()
    assert isinstance(report.message, sipgen.Request)
    assert report.to_dict() == {"ok": True, "findings": []}
    assert repr(report) == "Report(ok=True, findings=0)"


def test_a_finding_says_all() -> None:
    (finding,) = findings(b"Expires: never")
    data = HEAD + b"Expires: never\r\n\r\n"
    assert finding.rule == "delta-seconds"
    assert (finding.rfc, finding.section) == (3261, "25.1")
    assert finding.header == "Expires"
    assert finding.severity == "error"
    assert data[finding.start : finding.end] == b"n"
    assert (finding.line, finding.column) == (8, 10)
    assert finding.expected == ("delta-seconds",)
    assert finding.message == 'Expires: unexpected "n"; expected delta-seconds'
    assert str(finding) == (
        f"line 8, column 10 (octet {finding.start}): {finding.message}"
        " [delta-seconds, RFC 3261 section 25.1]"
    )
    assert finding.to_dict()["expected"] == ["delta-seconds"]


def test_a_report_is_complete() -> None:
    found = findings(
        b"Expires: never", b"Contact: <sip:a@b>;q=7", b"Subject: fine", b"Date: today", b"no colon"
    )
    assert [finding.header for finding in found] == ["Expires", "Contact", "Date", None]
    assert [finding.line for finding in found] == [8, 9, 11, 12]


@pytest.mark.parametrize(
    ("line", "rule", "column", "expected"),
    [
        (b"Contact: <sip:a@b;lr>tag=1", "contact-param", 22, '";"'),
        (b'Reply-To: "open <sip:a@b>', "quoted-string", 26, "DQUOTE"),
        (b"Record-Route: sip:a@b", "name-addr", 18, '"<"'),
        (b"Date: Sat, 13 Nov 2010 23:29:00 EST", "rfc1123-date", 33, '"GMT"'),
        (b"Timestamp: x", "DIGIT", 12, "DIGIT"),
        (b"Accept: text/plain;q=2", "qvalue", 22, "qvalue"),
        (b'Warning: 1812 h "x"', "warning-value", 13, '" "'),
        (b"Content-Type: text", "media-type", 19, '"/"'),
        (b"X-Own: \x01", "header-value", 8, "TEXT-UTF8char"),
    ],
)
def test_where_and_what(line: bytes, rule: str, column: int, expected: str) -> None:
    found = findings(line)[0]
    assert found.line == 8
    assert found.column == column
    assert expected in found.expected
    assert found.rule in {rule, line.split(b":")[0].decode()}


def test_white_space_at_the_end_is_said_as_such() -> None:
    (finding,) = findings(b"Expires: 60 ")
    assert "unexpected white space at the end" in finding.message


def test_a_catch_all_is_named_in_the_hint() -> None:
    (finding,) = findings(b"Contact: <sip:a@b>;expires=soon")
    assert "rule of its own" in finding.hint
    (finding,) = findings(b"Expires: soon")
    assert finding.hint == ""


def test_compact_names_and_case_are_the_same_header() -> None:
    assert rules(b"l: x", b"EXPIRES : x", b"m: <>") == [
        "content-length-number",
        "header-colon-space",
        "delta-seconds",
        "addr-spec",
    ]


@pytest.mark.parametrize(
    ("line", "rule", "rfc"),
    [
        # States of several parameters are one state; the name before the fault tells them.
        (b"Via: SIP/2.0/UDP h;rport=x", "response-port", 3581),
        (b"Via: SIP/2.0/UDP h; Keep = x", "keep", 6223),
        (b'Via: SIP/2.0/UDP h;branch="x"', "via-branch", 3261),
        (b"Via: SIP/2.0/UDP h;branch;x", "via-branch", 3261),
        (b'Authorization: Digest qop="auth"', "message-qop", 3261),
        (b"Contact: <sip:a@b>;reg-id=x", "c-p-reg", 5626),
        (b"Contact: <sip:a@b;ttl=1>;pub-gruu=x", "pub-gruu", 5627),
        (b"Reason: STIR;cause=1;location=XX", "isup-cause-location", 8606),
        (b"Route: <sip:p.example;lr=on>", "lr-param", 3261),
        (b"Route: <sip:p.example;transport>", "transport-param", 3261),
        (b"Route: <sip:p.example;maddr=1.2.3.999>", "maddr-param", 3261),
        (b"To: <tel:+12;ext>", "extension", 3966),
        # A deeper rule, or none of that name: the hint of the state.
        (b"Session-Expires: 90;refresher=both", "refresher-param", 4028),
        (b'From: <sip:a@b>;tag="x"', "token", 3261),
        (b"From: <sip:a@b>;rport=@", "generic-param", 3261),
        (b"From: ;ttl=x", "from-spec", 3261),
    ],
)
def test_a_fault_in_a_parameter_names_its_rule(line: bytes, rule: str, rfc: int) -> None:
    (finding,) = findings(line)
    assert (finding.rule, finding.rfc) == (rule, rfc)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (b"Expires: 5\r\n 6", "delta-seconds"),
        (b"Allow: INVITE\r\n\tACK", "Allow"),
        (b"Content-Type: text/plain\r\n charset=utf-8", "media-type"),
        (b"Subject: a\r\n b: c", None),
        (b"X-Own: a\r\n Expires: x", None),
    ],
)
def test_a_folded_value_is_judged_as_a_whole(line: bytes, rule: str | None) -> None:
    # Found with values of Expires: its first line was judged alone, the second as a header.
    assert [finding.rule for finding in findings(line)] == ([rule] if rule else [])


def test_every_header_with_a_grammar_goes_to_its_own_rule() -> None:
    own = {name for name, field in HEADER_FIELDS.items() if field.has_grammar}
    assert own == {name for name in HEADER_FIELDS if name in automata("strict").starts}
    assert len(own) == 120
    for name in own - {"Organization", "Subject"}:
        found = findings(name.encode() + b": \x7f")
        assert found, name
        assert found[0].header == name
        assert found[0].rule != "header-value"


def test_other_headers_go_to_extension_header() -> None:
    assert rules(b"Cellular-Network-Info: anything \xe2\x82\xac", b"X-Own:") == []


@pytest.mark.parametrize(
    ("line", "body", "rule", "readable"),
    [
        (b"Content-Length: -1", b"", "content-length-negative", False),
        (b"Content-Length: ten", b"", "content-length-number", False),
        (b"Content-Length:", b"", "content-length-number", False),
        (b"Content-Length: 10abc", b"", "content-length-number", False),
        (b"Content-Length: 5", b"abcd", "content-length-too-large", False),
        (b"Content-Length: 99999999999999999999", b"", "content-length-too-large", False),
        (b"Content-Length: 0\r\nl: 1", b"a", "content-length-conflict", False),
        (b"Content-Length: 1\r\nl: 1", b"a", "content-length-repeated", True),
        (b"Content-Length: 1", b"abc", "trailing-octets", True),
    ],
)
def test_framing(line: bytes, body: bytes, rule: str, *, readable: bool) -> None:
    report = judged(HEAD + line + b"\r\n\r\n" + body)
    assert [finding.rule for finding in report.findings] == [rule]
    assert (report.message is not None) is readable
    assert report.ok is readable


def test_without_content_length_the_body_runs_to_the_end() -> None:
    report = judged(HEAD + b"\r\nall of it")
    assert report.findings == ()
    assert report.message is not None
    assert report.message.body == b"all of it"


@pytest.mark.parametrize(
    "data", [b"", b"\r\n\r\n", b"\x00", b"\xff" * 100, b"a" * 70_000, b"SIP/2.0", b":"]
)
def test_what_cannot_be_read_is_a_finding(data: bytes) -> None:
    report = judged(data)
    assert not report.ok
    assert report.message is None
    with pytest.raises(sipgen.ParseError):
        sipgen.parse(data)
    with pytest.raises(sipgen.ParseError):
        sipgen.parse(data, strict=True)


def test_strict_parse_raises_the_first_error_not_a_warning() -> None:
    data = HEAD + b"Subject : legal\r\nExpires: x\r\n\r\n"
    assert [finding.severity for finding in judged(data).findings] == ["warning", "error"]
    with pytest.raises(sipgen.ParseError) as caught:
        sipgen.parse(data, strict=True)
    assert caught.value.finding.rule == "delta-seconds"
    assert sipgen.parse(HEAD + b"Subject : legal\r\n\r\n", strict=True).get("Subject") == "legal"


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, bytes.decode])
def test_kinds_of_input(kind: type) -> None:
    data = kind(HEAD + b"\r\n")
    assert judged(data).ok
    assert bytes(sipgen.parse(data, strict=True)) == HEAD + b"\r\n"


def test_a_str_that_utf_8_cannot_express() -> None:
    with pytest.raises(sipgen.ParseError, match="UTF-8"):
        sipgen.parse("OPTIONS \ud800")
    assert [f.rule for f in judged("OPTIONS \ud800").findings] == ["character-encoding"]


def test_an_unknown_profile_names_the_nearest() -> None:
    with pytest.raises(sipgen.SipError, match='did you mean "strict"'):
        sipgen.validate(HEAD, profile="strikt")  # type: ignore[arg-type]
    with pytest.raises(sipgen.SipError, match='no profile "zzz"'):
        sipgen.validate(HEAD, profile="zzz")  # type: ignore[arg-type]


def check_total(data: bytes) -> None:
    """Nothing but SipError, and the three ways of judging agree."""
    report = sipgen.validate(data)
    try:
        message = sipgen.parse(data)
    except sipgen.SipError:
        assert report.message is None
        assert not report.ok
    else:
        assert report.message is not None
        assert message.leading + bytes(message) + message.trailing == data
        assert str(message)
    try:
        sipgen.parse(data, strict=True)
    except sipgen.SipError:
        assert not report.ok
    else:
        assert report.ok
    for finding in report.findings:
        assert 0 <= finding.start <= finding.end <= len(data)


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_octets(data: bytes) -> None:
    check_total(data)


@given(st.sampled_from(sorted(HEADER_FIELDS)), st.binary(max_size=80))
@settings(max_examples=300, deadline=None)
def test_any_octets_as_a_value(name: str, value: bytes) -> None:
    check_total(HEAD + name.encode() + b":" + value + b"\r\n\r\n")


@pytest.mark.parametrize("seed", range(4))
def test_mutated_torture_messages(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
    pieces = [
        b"\r\n",
        b"\n",
        b"\r",
        b" ",
        b"\t",
        b":",
        b";",
        b",",
        b'"',
        b"<",
        b"\\",
        b"\x00",
        b"\xff",
    ]
    for _ in range(150):
        data = bytearray(chance.choice(MESSAGES))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(data) + 1)
            cut = chance.choice((0, 0, 1, 2, 40))
            data[at : at + cut] = chance.choice(pieces)
        check_total(bytes(data))


@pytest.mark.parametrize("path", TORTURE[::6], ids=lambda path: path.name)
def test_a_message_cut_at_every_octet(path: Path) -> None:
    data = path.read_bytes()
    for length in range(0, len(data), 3):
        check_total(data[:length])
