"""The parts of the generator, in this process."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Self

import pytest

from sipgen.codegen import pipeline
from sipgen.codegen.grammar import join_grammar
from sipgen.codegen.languages import refuse_empty, strict_language
from sipgen.codegen.manifest import read_manifest
from sipgen.codegen.pages import decisions_page, rules_page
from sipgen.codegen.rule_data import read_conformance
from sipgen.codegen.tables import render_tables
from sipgen.errors import GrammarError
from sipgen.language.hints import Hints

ROOT = Path(__file__).resolve().parents[2]
SMALL = Path(__file__).parent / "small"


def test_each_process_gives_its_files() -> None:
    grammar = join_grammar(SMALL)
    assert set(pipeline._abnf_outputs(grammar)) == {
        "automata_abnf.bin",
        "automata_abnf.py",
        "sip.lark",
    }
    assert set(pipeline._strict_outputs(grammar)) == {
        "automata_strict.bin",
        "automata_strict.py",
        "hints.py",
    }
    assert set(pipeline._ordinary_outputs(grammar)) == {
        "automata_ordinary.bin",
        "automata_ordinary.py",
    }


class _Here:
    """Stands in for a process pool: runs at once, here."""

    def __init__(self, **_settings: object) -> None:
        self.value: object = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def submit(self, function: object, argument: object) -> _Here:
        assert callable(function)
        done = _Here()
        done.value = function(argument)
        return done

    def result(self) -> object:
        return self.value


def test_generate_joins_the_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "ProcessPoolExecutor", _Here)
    lines: list[str] = []
    outputs, pages = pipeline.generate(SMALL, lines.append)
    assert set(pages) == {"amendments.md", "rules.md"}
    assert list(outputs) == sorted(outputs)
    assert {
        name
        for name in outputs
        if name not in {"automata_abnf.bin", "automata_abnf.py", "sip.lark"}
    } == {
        "__init__.py",
        "automata_ordinary.bin",
        "automata_ordinary.py",
        "automata_strict.bin",
        "automata_strict.py",
        "conformance.py",
        "explanations.py",
        "headers.py",
        "manifest.json",
        "sip.abnf",
        "hints.py",
        "methods.py",
        "options.py",
        "parameters.py",
        "presence.py",
        "statuses.py",
    }
    assert len(lines) == 7
    assert lines[1].strip() == "31 rules, 6 entry points"


def test_constant_tables_are_those_of_the_registry() -> None:
    conformance = read_conformance(ROOT / "grammar" / "conformance.toml")
    for name, text in render_tables(ROOT / "grammar", conformance).items():
        assert (ROOT / "generated" / name).read_text() == text


def test_the_page_of_decisions_is_that_of_the_manifest() -> None:
    manifest = read_manifest(ROOT / "grammar" / "manifest.toml")
    page = decisions_page(manifest)
    assert (ROOT / "docs" / "amendments.md").read_text() == page
    for part in (manifest.amendment, manifest.override, manifest.rename, manifest.harmless):
        for item in part:
            assert f"| `{item.rule}`" in page


def test_the_page_of_rules_is_that_of_the_file() -> None:
    path = ROOT / "grammar" / "conformance.toml"
    found = read_conformance(path)
    rules, left_out = found.rule, found.left_out
    page = rules_page(found)
    assert (ROOT / "docs" / "rules.md").read_text() == page
    assert all(f"| `{rule.id}` |" in page for rule in rules)
    assert left_out
    assert page.count("\n| ") == len(rules) + len(left_out) + 4


def test_an_entry_without_sentences_is_refused() -> None:
    language = strict_language(join_grammar(SMALL))
    with pytest.raises(GrammarError, match='no sentence of "From"'):
        refuse_empty(language, {})


@pytest.mark.timing
def test_hints_are_unpacked_within_milliseconds() -> None:
    from sipgen.generated import hints as generated  # noqa: PLC0415

    def milliseconds() -> float:
        begin = time.process_time()
        Hints(vars(generated))
        return (time.process_time() - begin) * 1000

    assert min(milliseconds() for _ in range(5)) < 3
