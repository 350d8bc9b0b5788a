"""The two halves of the generator, in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import pytest

from sipgen.codegen import pipeline
from sipgen.codegen.conformance import read_left_out, read_rules
from sipgen.codegen.decisions import decisions_page
from sipgen.codegen.manifest import read_manifest
from sipgen.codegen.rulespage import rules_page
from sipgen.codegen.tables import render_tables
from sipgen.errors import GrammarError

ROOT = Path(__file__).resolve().parents[2]
SMALL = Path(__file__).parent / "small"


def test_each_half_gives_its_files() -> None:
    assert set(pipeline._abnf_outputs(SMALL)) == {"automata_abnf.py", "sip.lark"}
    assert set(pipeline._strict_outputs(SMALL)) == {"automata_strict.py", "hints.py"}


class _Here:
    """Stands in for a process pool: runs at once, here."""

    def __init__(self, **_settings: object) -> None:
        self.value: object = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def submit(self, function: object, folder: Path) -> _Here:
        assert callable(function)
        done = _Here()
        done.value = function(folder)
        return done

    def result(self) -> object:
        return self.value


def test_generate_joins_the_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "ProcessPoolExecutor", _Here)
    lines: list[str] = []
    outputs = pipeline.generate(SMALL, lines.append)
    assert list(outputs) == sorted(outputs)
    assert {name for name in outputs if name not in {"automata_abnf.py", "sip.lark"}} == {
        "__init__.py",
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
    assert len(lines) == 6
    assert lines[1].strip() == "31 rules, 6 entry points"


def test_constant_tables_are_those_of_the_registry() -> None:
    for name, text in render_tables(ROOT / "grammar").items():
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
    rules, left_out = read_rules(path), read_left_out(path)
    page = rules_page(rules, left_out)
    assert (ROOT / "docs" / "rules.md").read_text() == page
    assert all(f"| `{rule.id}` |" in page for rule in rules)
    assert left_out
    assert page.count("\n| ") == len(rules) + len(left_out) + 4


def test_an_entry_without_sentences_is_refused() -> None:
    from sipgen.codegen.grammar import load_grammar  # noqa: PLC0415
    from sipgen.codegen.languages import refuse_empty, strict_language  # noqa: PLC0415

    language = strict_language(load_grammar(SMALL))
    with pytest.raises(GrammarError, match='no sentence of "From"'):
        refuse_empty(language, {})
