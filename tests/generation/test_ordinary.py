"""The language ``ordinary``: a part of ``strict``, or refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sipgen.codegen import pipeline
from sipgen.codegen.grammar import Grammar, join_grammar
from sipgen.codegen.languages import ordinary_language
from sipgen.errors import GrammarError
from sipgen.language.automata import Automata, automata, with_tables

SMALL = Path(__file__).parent / "small"


def small(folder: Path, ordinary: str) -> Grammar:
    """The small grammar with other rules for ``ordinary``."""
    shutil.copytree(SMALL, folder / "grammar")
    (folder / "grammar" / "ordinary.abnf").write_text(ordinary)
    return join_grammar(folder / "grammar")


def compiled(grammar: Grammar) -> Automata:
    """The automata that are generated for ``ordinary``."""
    outputs = pipeline._ordinary_outputs(grammar)
    variables: dict[str, object] = {}
    exec(outputs["automata_ordinary.py"], variables)  # noqa: S102 - our own output
    tables = outputs["automata_ordinary.bin"]
    assert isinstance(tables, bytes)
    return Automata(with_tables(variables, tables))


def test_rules_are_replaced_and_the_others_are_those_of_strict() -> None:
    found = compiled(join_grammar(SMALL))
    found.check()
    assert set(found.starts) == {
        "From", "Subject", "extension-header", "Request-Line", "Status-Line"
    }  # fmt: skip
    assert found.matches("From", b"a;tag=b")
    assert not found.matches("From", b"a")
    assert not found.matches("From", b"a;tag=b,c;tag=d")
    assert found.matches("Subject", b"a (b)")


def test_without_rules_it_is_strict(tmp_path: Path) -> None:
    grammar = small(tmp_path, "; nothing\n")
    assert ordinary_language(grammar).rules.keys() == grammar.rules.keys() | {
        "comment#0", "comment#1"
    }  # fmt: skip
    assert compiled(grammar).matches("From", b"a;x=y,c")


@pytest.mark.parametrize(
    ("ordinary", "message"),
    [
        (
            'wrod = "a"\n',
            r'ordinary.abnf:1:1: rule "wrod" is neither in the grammar .* expected "word"',
        ),
        ('word =/ "a"\n', r'ordinary.abnf:1:1: rule "word" is extended \(=/\) but not defined'),
        ('word = "a"\nword = "b"\n', r'ordinary.abnf:2:1: rule "word" is defined already'),
        ('ordinary-x = "a"\n', r'ordinary.abnf:1:1: rule "ordinary-x" is used by nothing'),
        ('Request-URI = "sip:a"\nRequest-Line = "A" SP "sip:b" SP SIP-Version CRLF\n',
         r'ordinary.abnf:1:1: rule "Request-URI" is used by nothing'),
        ("word = ordinary-x\n", r'ordinary.abnf:1:8: "word" uses "ordinary-x", which is undefined'),
        ("word = <a word>\n", r'ordinary.abnf:1:1: rule "word" holds prose'),
        ('word = "a" word\n', r'ordinary.abnf:1:1: rule "word" is recursive'),
        ('word = word "a"\n', r'ordinary.abnf:1:1: rule "word" is left-recursive'),
        ('From = "From" from-spec\n', r'ordinary.abnf:1:1: header rule "From" does not begin'),
        ("word = / \n", r"ordinary.abnf:1:"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_is_refused_by_name(
    tmp_path: Path, ordinary: str, message: str
) -> None:
    with pytest.raises(GrammarError, match=message):
        pipeline._ordinary_outputs(small(tmp_path, ordinary))


def test_the_file_must_be_there(tmp_path: Path) -> None:
    shutil.copytree(SMALL, tmp_path / "grammar")
    (tmp_path / "grammar" / "ordinary.abnf").unlink()
    with pytest.raises(GrammarError, match=r"ordinary\.abnf"):
        join_grammar(tmp_path / "grammar")


def test_what_strict_refuses_is_refused_with_a_shortest_sentence(tmp_path: Path) -> None:
    # Strict does not read a tag without a value as some other parameter.
    grammar = small(tmp_path, 'from-param = tag-param / "tag"\n')
    with pytest.raises(GrammarError) as caught:
        pipeline._ordinary_outputs(grammar)
    assert str(caught.value) == (
        'ordinary.abnf: ordinary accepts "0;TAG" as From, and strict does not'
    )


def test_the_sentence_is_shown_escaped(tmp_path: Path) -> None:
    with pytest.raises(GrammarError, match=r'accepts "\\n\\xe9" as Subject'):
        pipeline._ordinary_outputs(small(tmp_path, 'Subject = "Subject" HCOLON %x0A.E9\n'))


def test_what_only_ordinary_tells_apart_is_told_apart(tmp_path: Path) -> None:
    # No other rule distinguishes the digits.
    found = compiled(small(tmp_path, "word = %x31-35\n"))
    assert found.matches("From", b"3")
    assert not found.matches("From", b"6")
    with pytest.raises(GrammarError, match='accepts "SIP:_" as Request-Line'):
        pipeline._ordinary_outputs(small(tmp_path / "other", 'Request-Line = "sip:" %x5F CRLF\n'))


def test_an_entry_without_sentences_is_refused(tmp_path: Path) -> None:
    shutil.copytree(SMALL, tmp_path / "grammar")
    with (tmp_path / "grammar" / "manifest.toml").open("a") as manifest:
        manifest.write(
            '[[strict.without]]\nrule = "extension-header"\nreference = "header-value"\n'
            'prefixes = ["x"]\nreason = "for this test"\n'
        )
    (tmp_path / "grammar" / "ordinary.abnf").write_text('header-value = "x"\n')
    grammar = join_grammar(tmp_path / "grammar")
    with pytest.raises(GrammarError, match='ordinary leaves no sentence of "extension-header"'):
        pipeline._ordinary_outputs(grammar)


def test_the_generated_language_accepts_common_values_only() -> None:
    found = automata("ordinary")
    found.check()
    via = b"SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKabc;rport"
    assert found.matches("Via", via)
    assert found.matches("From", b'"A" <sip:alice@example.com>;tag=1')
    assert found.matches("Contact", b"<sip:alice@192.0.2.1:5060;transport=tcp;ob>;expires=60")
    assert found.matches("Request-Line", b"INVITE sip:bob@example.com SIP/2.0")
    for entry, value in (
        ("Via", via.replace(b"5060", b"70000")),
        ("Via", via + b";rport"),
        ("From", b"<sip:alice@example.com>"),
        ("Request-Line", b"REGISTER sip:bob@example.com SIP/2.0"),
        ("Contact", b"<sip:a@b;lr>"),
    ):
        assert automata("strict").matches(entry, value)
        assert not found.matches(entry, value)
