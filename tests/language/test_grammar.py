"""A user's own header fields: made at run time, or loaded from tables."""

from __future__ import annotations

import json
import subprocess
import sys
import zlib
from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sipgen
from sipgen.cli.examples import example
from sipgen.cli.main import main
from sipgen.language.stored import FORMAT
from sipgen.rules.declaring import rule_ids

ABNF = """\
X-Acme-Trunk = "X-Acme-Trunk" HCOLON trunk-id *( SEMI trunk-param )
trunk-id     = 1*DIGIT
trunk-param  = "region" EQUAL ( "eu" / "us" ) / generic-param
se-params    =/ "acme" EQUAL trunk-id
"""


@pytest.fixture(scope="module")
def grammar() -> sipgen.Grammar:
    return sipgen.Grammar.extended(ABNF)


# The conformance rules have tests of their own.
PLAIN = sipgen.Profile(rules=dict.fromkeys(rule_ids(), "off"))
USUAL = (
    b"Via: SIP/2.0/UDP h.example;branch=z9hG4bK1",
    b"From: <sip:c@d.example>;tag=1",
    b"To: <sip:a@b.example>",
    b"Call-ID: 1",
    b"CSeq: 1 UPDATE",
    b"Max-Forwards: 70",
    b"Contact: <sip:c@h.example>",
    b"Supported: timer",
)


def message(*lines: bytes) -> bytes:
    return b"\r\n".join((b"UPDATE sip:a@b.example SIP/2.0", *lines, *USUAL, b"", b""))


def rules(grammar: sipgen.Grammar | None, *lines: bytes) -> list[str]:
    findings = sipgen.validate(message(*lines), PLAIN, grammar=grammar).findings
    return [finding.rule for finding in findings]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"X-Acme-Trunk: 12", []),
        (b"x-acme-trunk: 12 ; Region = EU;other=1", []),
        (b"X-Acme-Trunk : 12", ["header-colon-space"]),
        (b"X-Acme-Trunk: 12\r\n ;region=us", []),
        (b"X-Acme-Trunk: twelve", ["trunk-id"]),
        (b"X-Acme-Trunk: 12;region=asia", ["trunk-param"]),
        (b"X-Acme-Trunk: 12\r\n ;region=asia", ["trunk-param"]),
        (b"X-Acme-Trunk:", ["trunk-id"]),
        (b"Session-Expires: 90;acme=1;refresher=uas", []),
        (b"x: 90;acme=one", ["Session-Expires"]),
        (b"x: 90;refresher=both", ["refresher-param"]),
        (b"X-Other: \xe2\x82\xac anything", []),
        (b"Expires: soon", ["delta-seconds"]),
    ],
)
def test_messages_are_judged_by_both_grammars(
    grammar: sipgen.Grammar, line: bytes, expected: list[str]
) -> None:
    assert rules(grammar, line) == expected


def test_without_the_grammar_nothing_changes(grammar: sipgen.Grammar) -> None:
    assert rules(None, b"X-Acme-Trunk: twelve", b"Session-Expires: 90;acme=one") == []
    assert rules(None, b"Expires: soon") == rules(grammar, b"Expires: soon")


def test_findings_name_rule_and_place(grammar: sipgen.Grammar) -> None:
    data = message(b"X-Acme-Trunk: 12;region=asia", b"Expires: soon")
    first, second = sipgen.validate(data, PLAIN, grammar=grammar).findings
    assert (first.header, first.rule, first.rfc) == ("X-Acme-Trunk", "trunk-param", None)
    assert set(first.expected) == {'"eu"', '"us"'}
    assert (first.line, first.column) == (2, 25)
    assert data[first.start : first.end] == b"a"
    assert second.header == "Expires"
    with pytest.raises(sipgen.ParseError) as caught:
        sipgen.parse(data, strict=True, grammar=grammar)
    assert caught.value.finding == first
    good = message(b"X-Acme-Trunk: 1")
    assert bytes(sipgen.parse(good, strict=True, grammar=grammar)) == good


def test_what_it_holds(grammar: sipgen.Grammar) -> None:
    assert set(grammar.headers) == {"X-Acme-Trunk", "Session-Expires"}
    assert "X-Acme-Trunk" in repr(grammar)
    assert repr(sipgen.Grammar()) == "Grammar(the RFCs)"
    assert sipgen.Grammar().headers == ()


def test_a_start_line_may_be_extended() -> None:
    grammar = sipgen.Grammar.extended('Reason-Phrase =/ %s"\\" 1*DIGIT\n')
    line = example("200 OPTIONS", "SIP/2.0 200 \\7")
    assert sipgen.validate(line, grammar=grammar).ok
    assert not sipgen.validate(line).ok
    assert not sipgen.validate(line.replace(b"\\7", b"\\x"), grammar=grammar).ok


def test_a_mistake_says_where() -> None:
    with pytest.raises(sipgen.GrammarError, match=r"<abnf>:1:7: ") as caught:
        sipgen.Grammar.extended('X-A = / "b"\n')
    assert (caught.value.line, caught.value.column) == (1, 7)


def test_generated_tables_are_the_same_grammar(grammar: sipgen.Grammar, tmp_path: Path) -> None:
    (tmp_path / "my.abnf").write_text(ABNF)
    out = tmp_path / "tables"
    assert main(["generate", "--abnf", str(tmp_path / "my.abnf"), "--out", str(out)]) == 0
    loaded = sipgen.load_grammar(out)
    assert loaded.headers == grammar.headers
    for line in (b"X-Acme-Trunk: 12;region=us", b"X-Acme-Trunk: x", b"x: 9;acme=x"):
        data = message(line)
        expected = sipgen.validate(data, grammar=grammar).findings
        assert sipgen.validate(data, grammar=loaded).findings == expected


def test_tables_that_are_none(grammar: sipgen.Grammar, tmp_path: Path) -> None:
    with pytest.raises(sipgen.GrammarError, match=r"grammar\.json: No such file.*sipgen generate"):
        sipgen.load_grammar(tmp_path)
    path = tmp_path / "grammar.json"
    for text in ("", "{", "[]", "null", "{}", f'{{"format": {FORMAT}}}', "[" * 100_000, "\u00c4"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(sipgen.GrammarError, match=r"grammar\.json: no grammar tables"):
            sipgen.load_grammar(str(tmp_path))
    path.write_text('{"format": 1}')
    with pytest.raises(sipgen.GrammarError, match="of form 1; this sipgen reads form 3"):
        sipgen.load_grammar(tmp_path)


def test_tables_with_a_part_missing_or_damaged(tmp_path: Path) -> None:
    (tmp_path / "my.abnf").write_text(ABNF)
    main(["generate", "--abnf", str(tmp_path / "my.abnf"), "--out", str(tmp_path)])
    path = tmp_path / "grammar.json"
    tables = json.loads(path.read_text())
    damaged = [{key: value for key, value in tables.items() if key != name} for name in tables]
    damaged += [tables | {"hints": {}}, tables | {"entries": {"X": {}}}]
    damaged += [
        tables | {"strict": {k: v for k, v in tables["strict"].items() if k != name}}
        for name in tables["strict"]
    ]
    damaged.append(tables | {"strict": tables["strict"] | {"TARGETS": "AAAA"}})
    entries = tables["entries"]
    trunk = entries["X-Acme-Trunk"]
    damaged += [
        tables | {"entries": entries | {"X-Acme-Trunk": trunk | facts}}
        for facts in ({"names": ["Via"]}, {"names": ["v"]}, {"names": ["x x"]}, {"kind": "uri"})
    ]
    damaged.append(tables | {"entries": {"Request-Line": trunk}})
    for language in ("strict", "abnf"):
        part = tables[language]
        packed = {"PATTERNS", "SIZES", "SHAPES", "TARGETS", "ACCEPTING"}
        for name in sorted(packed):
            octets = zlib.decompress(b64decode(part[name]))
            others = (octets[:-2], octets + b"\xff\xff", b"\xff" * len(octets), b"")
            damaged += [
                tables | {language: part | {name: b64encode(zlib.compress(other)).decode()}}
                for other in others
            ]
        damaged += [
            tables | {language: part | change}
            for change in (
                {"WIDTH": 1},
                {"WIDTH": 1_000},
                {"CLASS_MAP": ""},
                {"CLASS_MAP": b64encode(b"\xff" * 256).decode()},
                {"STARTS": dict.fromkeys(part["STARTS"], 60_000)},
                {"STARTS": {"X": 1}},
            )
        ]
    hints = tables["hints"]
    for name in ("TEXTS", "STATES", "NUMBERS"):
        octets = zlib.decompress(b64decode(hints[name]))
        others = (octets[:-2], octets + b"\xff\xff", b"\xff" * len(octets), b"")
        cut = [{name: hints[name][:-8]}]
        cut += [{name: b64encode(zlib.compress(other)).decode()} for other in others]
        damaged += [tables | {"hints": hints | change} for change in cut]
    sizes = hints["SIZES"]
    other_sizes: tuple[dict[str, object], ...] = (
        {"SIZES": {}},
        {"SIZES": {name: size - 1 for name, size in sizes.items()}},
        {"SIZES": dict.fromkeys(sizes, 10**6)},
        {"BITS": 8},
        {"BITS": 32},
    )
    damaged += [tables | {"hints": hints | change} for change in other_sizes]
    texts = json.loads(zlib.decompress(b64decode(hints["TEXTS"])))
    wrong: tuple[dict[str, object], ...] = (
        {"hints": texts["hints"][:1]},
        {"hints": [[5, ["x"]] for _ in texts["hints"]]},
        {"hints": [["x", [""]] for _ in texts["hints"]]},
        {"sources": {name: ["x", 5] for name in texts["sources"]}},
        {"parameters": {"region": {"trunk-param": [5]}}},
    )
    for other in wrong:
        packed_texts = b64encode(zlib.compress(json.dumps(texts | other).encode())).decode()
        damaged.append(tables | {"hints": hints | {"TEXTS": packed_texts}})
    for other in damaged:
        path.write_text(json.dumps(other))
        with pytest.raises(sipgen.GrammarError, match=r"grammar\.json"):
            sipgen.load_grammar(tmp_path)


def test_a_table_that_unpacks_to_too_much(tmp_path: Path) -> None:
    (tmp_path / "my.abnf").write_text('X-A = "X-A" HCOLON token\n')
    main(["generate", "--abnf", str(tmp_path / "my.abnf"), "--out", str(tmp_path)])
    path = tmp_path / "grammar.json"
    tables = json.loads(path.read_text())
    large = b64encode(zlib.compress(bytes(60_000_000), 9)).decode()
    path.write_text(json.dumps(tables | {"hints": tables["hints"] | {"TEXTS": large}}))
    with pytest.raises(sipgen.GrammarError, match="too large"):
        sipgen.load_grammar(tmp_path)


@pytest.mark.parametrize("name", [b"Request-Line", b"SIP-URI", b"Status-Line", b"addr-spec"])
def test_a_header_field_named_like_a_rule_is_any_other(name: bytes) -> None:
    own = sipgen.Grammar.extended('Reason-Phrase =/ %s"\\" 1*DIGIT\n')
    for grammar in (None, own):
        assert rules(grammar, name + b": anything (at) all") == []
        assert rules(grammar, name + b": \x00") == ["header-value"]


@settings(deadline=None)  # the grammar is made in the first example
@given(st.binary(max_size=60))
def test_a_value_of_any_octets_is_judged_like_the_language(value: bytes) -> None:
    own = _own()
    report = sipgen.validate(message(b"X-Acme-Trunk: " + value), grammar=own)
    assert report.ok == (not report.findings)
    if not set(value) & set(b"\r\n"):
        matches = own.matches("X-Acme-Trunk", b" " + value)
        assert any(f.header == "X-Acme-Trunk" for f in report.findings) is not matches


_made: list[sipgen.Grammar] = []


def _own() -> sipgen.Grammar:
    if not _made:
        _made.append(sipgen.Grammar.extended(ABNF))
    return _made[0]


def test_the_compiler_is_imported_only_where_it_is_needed(tmp_path: Path) -> None:
    (tmp_path / "my.abnf").write_text('X-A = "X-A" HCOLON token\n')
    main(["generate", "--abnf", str(tmp_path / "my.abnf"), "--out", str(tmp_path)])
    code = (
        f"import sys, sipgen; grammar = sipgen.load_grammar({str(tmp_path)!r});"
        "report = sipgen.validate(b'OPTIONS sip:a@b SIP/2.0\\r\\nX-A: @\\r\\n\\r\\n',"
        " grammar=grammar); assert not report.ok;"
        "assert not [name for name in sys.modules if 'codegen' in name or name == 'lark']"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
