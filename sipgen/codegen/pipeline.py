"""Runs the generator: ``grammar/`` in, ``generated/`` out.

The three languages are compiled side by side, each in a process of its own; everything
else is quick. The outputs are in memory until all of them are there: then they are
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
from sipgen.codegen.grammar import Grammar, join_grammar
from sipgen.codegen.joined import joined_outputs
from sipgen.codegen.languages import (
    abnf_language,
    ordinary_language,
    refuse_empty,
    refuse_surplus,
    strict_language,
)
from sipgen.codegen.larkgrammar import lark_grammar
from sipgen.codegen.packing import (
    automata_outputs,
    hints_module,
    packed_automata,
    packed_hints,
)
from sipgen.codegen.pages import decisions_page, rules_page
from sipgen.codegen.rule_data import read_conformance
from sipgen.codegen.tables import render_tables

__all__ = ["Difference", "generate", "stale", "write"]

Progress = Callable[[str], None]
Outputs = dict[str, str | bytes]
"""Files by name: texts, and tables as octets."""

_Result = TypeVar("_Result")


class Difference(NamedTuple):
    """An output that is not what the grammar gives."""

    name: str
    """File name in ``generated/``."""
    what: str
    """``missing``, ``stale`` or ``not generated``."""


def generate(folder: Path, progress: Progress) -> tuple[Outputs, Outputs]:
    """The files of ``generated/`` and the pages of ``docs/``, by file name.

    :param folder: the ``grammar/`` folder.
    :param progress: called with a line of text as each step ends.
    :raises GrammarError: for a mistake in the inputs, naming file, line and column.
    """
    step = partial(_timed, progress)
    grammar: Grammar = step("grammar read and joined", lambda: join_grammar(folder))
    progress(f"  {len(grammar.rules)} rules, {len(grammar.entries)} entry points")
    conformance = read_conformance(folder / "conformance.toml")
    pages: Outputs = {
        "amendments.md": decisions_page(grammar.manifest),
        "rules.md": rules_page(conformance),
    }
    outputs: Outputs = {**step("constant tables", lambda: render_tables(folder, conformance))}
    outputs |= step("joined grammar as ABNF", lambda: joined_outputs(grammar))
    with ProcessPoolExecutor(max_workers=3) as pool:
        strict = pool.submit(_strict_outputs, grammar)
        abnf = pool.submit(_abnf_outputs, grammar)
        ordinary = pool.submit(_ordinary_outputs, grammar)
        outputs |= step("language abnf: automata, Lark grammar", abnf.result)
        outputs |= step("language ordinary: automata, a part of strict", ordinary.result)
        outputs |= step("language strict: automata, hints", strict.result)
    return dict(sorted(outputs.items())), pages


def stale(outputs: Outputs, folder: Path) -> list[Difference]:
    """What in ``folder`` differs from ``outputs``."""
    found = []
    for name, content in outputs.items():
        path = folder / name
        if not path.is_file():
            found.append(Difference(name, "missing"))
        elif path.read_bytes() != _octets(content):
            found.append(Difference(name, "stale"))
    found += [Difference(path.name, "not generated") for path in _strangers(outputs, folder)]
    return found


def write(outputs: Outputs, folder: Path) -> list[Difference]:
    """Make ``folder`` hold ``outputs`` and nothing else; what was changed."""
    changed = stale(outputs, folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, what in changed:
        if what == "not generated":
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(_octets(outputs[name]))
    return changed


def _octets(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode()


def _strangers(outputs: Outputs, folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_file() and path.name not in outputs)


def _timed(progress: Progress, what: str, run: Callable[[], _Result]) -> _Result:
    begin = time.perf_counter()
    result = run()
    progress(f"{what}: {time.perf_counter() - begin:.1f} s")
    return result


def _abnf_outputs(grammar: Grammar) -> Outputs:
    language = abnf_language(grammar)
    compiler = language.compiler()
    joint = join(language.automata(compiler))
    return {
        **automata_outputs("abnf", packed_automata(joint, language.alphabet)),
        "sip.lark": lark_grammar(grammar, language, compiler),
    }


def _strict_outputs(grammar: Grammar) -> Outputs:
    language = strict_language(grammar)
    compiler = language.compiler()
    joint = join(language.automata(compiler))
    refuse_empty(language, joint.starts)
    hints = {entry.name: diagnose(language, compiler, entry, joint) for entry in language.entries}
    depths = {recursion.rule: recursion.depth for recursion in grammar.manifest.recursion}
    return {
        **automata_outputs("strict", packed_automata(joint, language.alphabet)),
        "hints.py": hints_module(packed_hints(hints, language.rules), depths),
    }


def _ordinary_outputs(grammar: Grammar) -> Outputs:
    language = ordinary_language(grammar)
    compiler = language.compiler()
    automata = language.automata(compiler)
    joint = join(automata)
    refuse_empty(language, joint.starts)
    strict = strict_language(grammar)._replace(alphabet=language.alphabet)
    refuse_surplus(automata, strict.automata(), compiler)
    return automata_outputs("ordinary", packed_automata(joint, language.alphabet))
