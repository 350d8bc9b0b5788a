"""The repository's grammar and its two languages, compiled once for all tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from sipgen.codegen.automata import Automaton, Compiler
from sipgen.codegen.grammar import Grammar, join_grammar
from sipgen.codegen.languages import Language, abnf_language, strict_language

__all__ = ["GRAMMAR_FOLDER", "LANGUAGES", "Compiled", "compiled", "entry_names", "grammar"]

GRAMMAR_FOLDER = Path(__file__).parents[3] / "grammar"
LANGUAGES = ("abnf", "strict")


class Compiled(NamedTuple):
    """A language and the automata that the generator makes of it."""

    language: Language
    compiler: Compiler
    automata: dict[str, Automaton]

    def matches(self, entry: str, value: bytes) -> bool:
        """Whether the entry's automaton takes ``value``."""
        return self.automata[entry].matches(value, self.language.alphabet)


@cache
def grammar() -> Grammar:
    """The joined grammar."""
    return join_grammar(GRAMMAR_FOLDER)


@cache
def compiled(language: str) -> Compiled:
    """The language of that name; some ten seconds the first time."""
    made = abnf_language(grammar()) if language == "abnf" else strict_language(grammar())
    compiler = made.compiler()
    return Compiled(made, compiler, made.automata(compiler))


@cache
def entry_names() -> tuple[str, ...]:
    """The names of the entry points, in the grammar's order."""
    return tuple(entry.name for entry in grammar().entries)
