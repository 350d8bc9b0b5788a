"""Runs the generator: ``grammar/`` in, ``generated/`` out.

The two languages are compiled side by side, each in a process of its own; everything
else is quick. The outputs are texts in memory until all of them are there: then they are
written, or with ``check`` compared, so that a mistake in the grammar leaves the last good
outputs alone. The same inputs give the same bytes, whatever the machine or hash seed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from sipgen.codegen.automata import join
from sipgen.codegen.diagnosis import diagnose
from sipgen.codegen.grammar import Grammar, load_grammar
from sipgen.codegen.joined import joined_outputs
from sipgen.codegen.languages import abnf_language, refuse_empty, strict_language
from sipgen.codegen.larkgrammar import lark_grammar
from sipgen.codegen.packing import (
    automata_module,
    hints_module,
    packed_automata,
    packed_hints,
)
from sipgen.codegen.tables import render_tables

__all__ = ["Difference", "generate", "stale", "write"]

Progress = Callable[[str], None]
_Result = TypeVar("_Result")


class Difference(NamedTuple):
    """An output that is not what the grammar gives."""

    name: str
    """File name in ``generated/``."""
    what: str
    """``missing``, ``stale`` or ``not generated``."""


def generate(folder: Path, progress: Progress) -> dict[str, str]:
    """All outputs, by file name.

    :param folder: the ``grammar/`` folder.
    :param progress: called with a line of text as each step ends.
    :raises GrammarError: for a mistake in the inputs, naming file, line and column.
    """
    step = partial(_timed, progress)
    grammar: Grammar = step("grammar read and joined", lambda: load_grammar(folder))
    progress(f"  {len(grammar.rules)} rules, {len(grammar.entries)} entry points")
    outputs: dict[str, str] = step("constant tables", lambda: render_tables(folder))
    outputs |= step("joined grammar as ABNF", lambda: joined_outputs(grammar))
    with ProcessPoolExecutor(max_workers=2) as pool:
        abnf = pool.submit(_abnf_outputs, folder)
        strict = pool.submit(_strict_outputs, folder)
        outputs |= step("language abnf: automata, Lark grammar", abnf.result)
        outputs |= step("language strict: automata, hints", strict.result)
    return dict(sorted(outputs.items()))


def stale(outputs: dict[str, str], folder: Path) -> list[Difference]:
    """What in ``folder`` differs from ``outputs``."""
    found = []
    for name, text in outputs.items():
        path = folder / name
        if not path.is_file():
            found.append(Difference(name, "missing"))
        elif path.read_bytes() != text.encode():
            found.append(Difference(name, "stale"))
    found += [Difference(path.name, "not generated") for path in _strangers(outputs, folder)]
    return found


def write(outputs: dict[str, str], folder: Path) -> list[Difference]:
    """Make ``folder`` hold ``outputs`` and nothing else; what was changed."""
    changed = stale(outputs, folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, what in changed:
        if what == "not generated":
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(outputs[name].encode())
    return changed


def _strangers(outputs: dict[str, str], folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_file() and path.name not in outputs)


def _timed(progress: Progress, what: str, run: Callable[[], _Result]) -> _Result:
    begin = time.perf_counter()
    result = run()
    progress(f"{what}: {time.perf_counter() - begin:.1f} s")
    return result


def _abnf_outputs(folder: Path) -> dict[str, str]:
    grammar = load_grammar(folder)
    language = abnf_language(grammar)
    compiler = language.compiler()
    joint = join(language.automata(compiler))
    return {
        "automata_abnf.py": automata_module("abnf", packed_automata(joint, language.alphabet)),
        "sip.lark": lark_grammar(grammar, language, compiler),
    }


def _strict_outputs(folder: Path) -> dict[str, str]:
    grammar = load_grammar(folder)
    language = strict_language(grammar)
    compiler = language.compiler()
    joint = join(language.automata(compiler))
    refuse_empty(language, joint.starts)
    hints = {entry.name: diagnose(language, compiler, entry, joint) for entry in language.entries}
    depths = {recursion.rule: recursion.depth for recursion in grammar.manifest.recursion}
    return {
        "automata_strict.py": automata_module("strict", packed_automata(joint, language.alphabet)),
        "hints.py": hints_module(packed_hints(hints, language.rules, depths)),
    }
