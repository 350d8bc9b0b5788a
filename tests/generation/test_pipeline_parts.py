"""The two halves of the generator, in this process: the same outputs as committed."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import pytest

from sipgen.codegen import pipeline
from sipgen.errors import GrammarError

ROOT = Path(__file__).resolve().parents[2]
GENERATED = ROOT / "generated"


def test_abnf_outputs() -> None:
    outputs = pipeline._abnf_outputs(ROOT / "grammar")
    assert set(outputs) == {"automata_abnf.py", "sip.lark"}
    for name, text in outputs.items():
        assert (GENERATED / name).read_text() == text


def test_strict_outputs() -> None:
    outputs = pipeline._strict_outputs(ROOT / "grammar")
    assert set(outputs) == {"automata_strict.py", "hints.py"}
    for name, text in outputs.items():
        assert (GENERATED / name).read_text() == text


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
    monkeypatch.setattr(pipeline, "_abnf_outputs", lambda _folder: {"b": "2"})
    monkeypatch.setattr(pipeline, "_strict_outputs", lambda _folder: {"a": "1"})
    lines: list[str] = []
    outputs = pipeline.generate(ROOT / "grammar", lines.append)
    assert list(outputs) == sorted(
        ["__init__.py", "a", "b", "headers.py", "methods.py", "statuses.py"]
    )
    for name in ("__init__.py", "headers.py", "methods.py", "statuses.py"):
        assert (GENERATED / name).read_text() == outputs[name]
    assert len(lines) == 5
    assert lines[1].strip() == "334 rules, 54 entry points"


def test_an_entry_without_sentences_is_refused() -> None:
    from sipgen.codegen.grammar import load_grammar  # noqa: PLC0415
    from sipgen.codegen.languages import strict_language  # noqa: PLC0415

    language = strict_language(load_grammar(ROOT / "grammar"))
    with pytest.raises(GrammarError, match='no sentence of "Accept"'):
        pipeline._refuse_unused_entries(language, {})
