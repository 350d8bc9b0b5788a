"""Mistakes in ABNF, rules and manifest are reported by name and place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sipgen.codegen.abnf import read_abnf
from sipgen.codegen.automata import Alphabet, Compiler, counterexample, difference, join
from sipgen.codegen.diagnosis import diagnose
from sipgen.codegen.grammar import Entry, join_grammar
from sipgen.codegen.languages import Language, abnf_language, strict_language
from sipgen.codegen.model import (
    Alternation,
    Difference,
    Literal,
    OctetClass,
    Reference,
    Repetition,
    RuleSet,
    Sequence,
)
from sipgen.errors import GrammarError

ROOT = Path(__file__).resolve().parents[2]


def rules(text: str) -> RuleSet:
    return RuleSet(read_abnf(text, "x.abnf"))


def test_nodes() -> None:
    (rule,) = read_abnf(
        '; RFC 9999, section 4.2\nA = %s"x" / "y" ; why\n  %x41-43 [ b ] *2c 1*d\n', "x.abnf"
    )
    assert rule.node == Alternation(
        (
            Literal("x", case_sensitive=True),
            Sequence(
                (
                    Literal("y"),
                    OctetClass(frozenset(b"ABC")),
                    Repetition(0, 1, Reference("b")),
                    Repetition(0, 2, Reference("c")),
                    Repetition(1, None, Reference("d")),
                )
            ),
        )
    )
    assert (rule.rfc, rule.section, rule.position.line) == (9999, "4.2", 2)


def test_numbers_groups_and_prose() -> None:
    found = rules('a = %d13.10 / %b1 / ("b" "c") / <prose> / 3%x30\n')["A"].node
    assert isinstance(found, Alternation)
    assert found.items[0] == Sequence((OctetClass(frozenset({13})), OctetClass(frozenset({10}))))
    assert found.items[4] == Repetition(3, 3, OctetClass(frozenset({0x30})))


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ('a = "b"\nc = "d" / / "e"\n', 2, 11, "expected"),
        ("a = (b\n", 1, 7, "expected"),
        ('a = "b" "c\n', 1, 9, '"c'),
        ("a b\n", 1, 2, '"=" or "=/"'),
        ('a = ("b")"c"\n', 1, 10, "white space and a further element"),
        ("a = %x100\n", 1, 5, "more than an octet"),
        ("a = %x42-41\n", 1, 5, "ends before it begins"),
        ("a = 3*2b\n", 1, 5, "wrong way round"),
        ('a = "b"\n; comment\n  "c"\n', 2, 1, "expected"),
        ("a = %q1\n", 1, 5, "%q1"),
        ("a =\n", 1, 1, "expected"),
    ],
)
def test_a_mistake_says_where_and_what_was_expected(
    text: str, line: int, column: int, message: str
) -> None:
    with pytest.raises(GrammarError) as caught:
        read_abnf(text, "x.abnf")
    error = caught.value
    assert error.path == "x.abnf"
    assert error.line == line
    assert str(error).startswith(f"x.abnf:{line}:")
    assert message in str(error)
    if column > 1:
        assert error.column == column


def test_rules_may_be_indented_alike() -> None:
    text = '\n  ; RFC 4028, section 4\n  a = b\n    / "c"\n; a comment\n  b = "d"\n'
    first, second = read_abnf(text, "x.abnf")
    assert first.node == Alternation((Reference("b"), Literal("c")))
    assert (first.position.line, first.position.column) == (3, 3)
    assert (second.name, second.rfc) == ("b", 4028)
    with pytest.raises(GrammarError, match=r"x\.abnf:2:9: "):
        read_abnf('    a = "b"\n    c = / "d"\n', "x.abnf")
    with pytest.raises(GrammarError, match=r"x\.abnf:1:2: "):
        read_abnf('  a = "b"\n c = "d"\n', "x.abnf")


def test_an_equals_slash_in_a_comment_is_no_increment() -> None:
    assert not rules('a ; =/\n = "b"\n')["a"].incremental


def test_incremental_alternatives_and_duplicates() -> None:
    assert rules('a = "b"\nA =/ "c" / "d"\n')["a"].node == Alternation(
        (Literal("b"), Literal("c"), Literal("d"))
    )
    with pytest.raises(GrammarError, match=r'x.abnf:1:1: rule "a" is extended .* not defined'):
        rules('a =/ "b"\n')
    with pytest.raises(GrammarError, match=r'x.abnf:2:1: rule "A" is defined already, at x.abnf:1'):
        rules('a = "b"\nA = "c"\n')


def test_undefined_unused_prose_and_left_recursive_rules_are_named() -> None:
    found = rules(
        'start = a b\na = [x] a "y"\nx = "x"\nb = c\nc = b / "q"\n'
        'p = <words>\nloner = "l"\nstart2 = nowhere p\n'
    )
    with pytest.raises(GrammarError) as caught:
        found.check(["start", "start2"])
    text = str(caught.value)
    assert 'x.abnf:8:10: "start2" uses "nowhere", which is undefined' in text
    assert 'x.abnf:7:1: rule "loner" is used by nothing' in text
    assert 'rule "p" holds prose' in text
    for name in "abc":
        assert f'rule "{name}" is left-recursive' in text
    assert 'rule "x" is left-recursive' not in text


def test_recursion_nullability_and_removal() -> None:
    found = rules('a = "(" *a ")"\nb = *"x"\nc = b [a]\n')
    assert [rule.name for rule in found.recursive()] == ["a"]
    assert found.left_recursive() == []
    assert found.nullable() == {"b", "c"}
    found.remove("c")
    assert len(found) == 2
    assert "c" not in found
    with pytest.raises(KeyError):
        found.remove("c")


def compiler(text: str) -> Compiler:
    found = rules(text)
    return Compiler(found, Alphabet.of(rule.node for rule in found.values()))


def test_automata_are_minimal_and_exact() -> None:
    made = compiler('a = 1*("ab" / "ac")\nb = 1*("a" ("b" / "c"))\nc = *"a"\nd = %s"A"\n')
    a, b = made.rule("a"), made.rule("b")
    assert a == b
    assert len(a.rows) == 3
    assert counterexample(a, b, made.alphabet) is None
    assert counterexample(a, made.rule("c"), made.alphabet) == b""
    assert a.matches(b"abAC", made.alphabet)
    assert not a.matches(b"aba", made.alphabet)
    assert not made.rule("d").matches(b"a", made.alphabet)
    without = difference(made.rule("c"), made.rule("d"))
    assert not without.matches(b"A", made.alphabet)
    assert without.matches(b"a", made.alphabet)
    assert without.matches(b"AA", made.alphabet)
    nothing = made.automaton(Difference(Reference("a"), Reference("b")))
    assert nothing.rows == []
    assert not made.automaton(Sequence((Literal("a"), Alternation(())))).rows


def test_a_joint_automaton_keeps_every_language() -> None:
    made = compiler('a = "x" "y"\nb = "y"\n')
    joint = join({"a": made.rule("a"), "b": made.rule("b")})
    assert len(joint.rows) == 3
    assert joint.starts["a"] != joint.starts["b"]


def test_recursive_and_exploding_rules_are_refused() -> None:
    with pytest.raises(GrammarError, match='rule "a" is recursive'):
        compiler('a = "(" [a] ")"\n').rule("a")
    found = rules('a = *("x" / "y") "x" 6("x" / "y")\nb = <words>\n')
    alphabet = Alphabet.of(rule.node for rule in found.values())
    made = Compiler(found, alphabet, max_states=60)
    with pytest.raises(GrammarError, match=r'x.abnf:1:1: rule "a" needs more than 60 states'):
        made.rule("a")
    with pytest.raises(GrammarError, match="prose"):
        made.rule("b")


def hints(text: str, value: bytes) -> tuple[str, tuple[str, ...]]:
    found = rules(text)
    entry = Entry("e", "uri", "e", Reference("e"))
    language = Language("x", found, (entry,), Alphabet.of(rule.node for rule in found.values()))
    made = language.compiler()
    joint = join(language.automata())
    states = diagnose(language, made, entry, joint)
    state = joint.starts["e"]
    for symbol in value.translate(language.alphabet.class_map):
        state = joint.rows[state][symbol]
    return states[state]


GRAMMAR = (
    'e = name "=" value *( SEMI value )\nname = "left" / "right" / %x01-02\n'
    'SEMI = SWS ";" SWS\nSWS = [LWS]\nLWS = 1*" "\nvalue = number / quoted\n'
    "number = 1*digit\ndigit = %x30-39\nquoted = %x22 *%x61-7A %x22\n"
)


@pytest.mark.parametrize(
    ("value", "rule", "expected"),
    [
        (b"", "name", ('"left"', '"right"', "%x01-02")),
        (b"le", "name", ('"ft"',)),
        (b"left", "e", ('"="',)),
        (b"left=", "value", ("number", "quoted")),
        (b"left=1", "e", ('";"', "number", "the end of the value")),
        (b'left="', "quoted", ("%x22", "%x61-7A")),
        (b"left=1 ", "e", ('";"',)),
    ],
)
def test_hints(value: bytes, rule: str, expected: tuple[str, ...]) -> None:
    found, words = hints(GRAMMAR, value)
    assert found == rule
    assert set(words) == set(expected) or words == tuple(w.replace("%x22", '"""') for w in words)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "grammar", tmp_path / "grammar"))


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("manifest.toml", 'title = "SIP', 'titel = "SIP', 'unknown key "titel"; expected "title"'),
        ("manifest.toml", "rfc = 3261\n", 'rfc = "3261"\n', "not of type int"),
        ("manifest.toml", "rfc = 3261\n", "", 'lacks "rfc"'),
        ("manifest.toml", "[strict]", "[strict", "TOML|Expected|expected"),
        ("manifest.toml", "[strict]\n", "", "strict|catch_all"),
        (
            "manifest.toml",
            'action = "define"',
            'action = "invent"',
            '"define" or "override" or "extend"',
        ),
        ("manifest.toml", "uris = [", 'uris = "x"\nother = [', "not a list|unknown key"),
        ("manifest.toml", 'lexemes = ["', 'lexemes = [1, "', "not of type str"),
        ("manifest.toml", "[[recursion]]", "[recursion]", "not a list"),
        ("manifest.toml", 'rule = "comment"\ndepth', 'rule = "token"\ndepth', "gives no depth"),
        ("manifest.toml", 'to = "escaped"', 'to = "uric"', "differently"),
        ("manifest.toml", '"hexpart", ', '"hexagon", ', 'drops|"hexpart" is used by nothing'),
        ("manifest.toml", 'rule = "IPv4address"', 'rule = "IPv9address"', "differently|not there"),
        ("manifest.toml", 'rule = "srvr"', 'rule = "surver"', "no entry|is not in it"),
        ("manifest.toml", '"bare-uric",', '"bare-uric", "bare-more",', '"bare-more" is not in it'),
        ("manifest.toml", '"Request-Line",', '"Method",', "does not end in CRLF"),
        ("manifest.toml", 'reference = "m-parameter"', 'reference = "q"', 'has no "q"'),
        ("manifest.toml", '"tel-other-param",', '"tel-others",', "is not a rule"),
        ("manifest.toml", '"abnf/rfc5954.abnf"', '"abnf/none.abnf"', "No such file"),
        ("abnf/rfc5954.abnf", "h16           =", "h16 = h17\nh17 =", None),
        ("abnf/rfc5954.abnf", "; 0-9", "; \xe9", "ASCII"),
        ("abnf/rfc3261.abnf", "callid   =  word", "callid   =  wort", '"wort", which is undefined'),
        ("abnf/rfc3261.abnf", '"Expires" HCOLON', '"Expires" COLON', "a name and HCOLON"),
        ("amendments/rfc3261.abnf", "srvr     ", "server   ", "no entry in the manifest"),
        ("amendments/rfc3966.abnf", "phonedigit           =", 'digit = "1"\nphonedigit =', "entry"),
    ],
)
def test_a_mistake_in_the_inputs_is_named(
    folder: Path, file: str, old: str, new: str, message: str | None
) -> None:
    path = folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="latin-1")
    if message is None:
        join_grammar(folder)
        return
    with pytest.raises(GrammarError, match=message):
        strict_language(join_grammar(folder))


def test_amendments_act_on_what_is_there(folder: Path) -> None:
    path = folder / "manifest.toml"
    text = path.read_text()
    path.write_text(text.replace('action = "define"', 'action = "override"', 1))
    with pytest.raises(GrammarError, match="is to override: it does not exist"):
        join_grammar(folder)
    path.write_text(
        text.replace('rule = "srvr"\naction = "override"', 'rule = "srvr"\naction = "define"')
    )
    with pytest.raises(GrammarError, match="is to define: it exists already"):
        join_grammar(folder)


def test_a_bare_addr_spec_is_an_addr_spec_without_comma_semicolon_and_question_mark() -> None:
    language = abnf_language(join_grammar(ROOT / "grammar"))
    made = language.compiler()
    anything = Repetition(0, None, OctetClass(frozenset(range(256))))
    marked = Sequence((anything, OctetClass(frozenset(b",;?")), anything))
    wanted = Difference(Reference("addr-spec"), marked)
    # The three marks must be symbols of their own: OctetClass sets are unions of classes.
    alphabet = Alphabet.of([*(rule.node for rule in language.rules.values()), marked])
    exact = Compiler(language.rules, alphabet)
    assert counterexample(exact.rule("bare-addr-spec"), exact.automaton(wanted), alphabet) is None
    assert made.rule("bare-addr-spec").matches(b"sip:a@b", language.alphabet)


def test_the_phonedigit_amendments_take_nothing_but_the_empty_extension() -> None:
    grammar = join_grammar(ROOT / "grammar")
    published = RuleSet(grammar.rules.values())
    text = (ROOT / "grammar" / "abnf" / "rfc3966.abnf").read_text()
    for rule in read_abnf(text, "rfc3966.abnf"):
        if rule.name.startswith("phonedigit"):
            published.override(rule)
    alphabet = Alphabet.of(rule.node for rule in grammar.rules.values())
    now, then = Compiler(grammar.rules, alphabet), Compiler(published, alphabet)
    for name in ("local-number-digits", "global-number-digits"):
        assert counterexample(now.rule(name), then.rule(name), alphabet) is None
    # As published an extension could be empty; that is all that the amendment takes away.
    empty = Difference(Reference("extension"), Literal(";ext="))
    assert counterexample(now.rule("extension"), then.automaton(empty), alphabet) is None
