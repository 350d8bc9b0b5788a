"""What messages are judged by: the grammar of the RFCs, and what a user adds to it.

The RFCs' automata are generated; those of a user's header fields are made when asked for
(:meth:`Grammar.extended`) or beforehand (``sipgen generate``, :func:`load_grammar`). Both
are tables of their own beside the RFCs', chosen by the name of the header field.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from sipgen.errors import GrammarError
from sipgen.generated.headers import HEADER_FIELDS
from sipgen.language.automata import Automata, automata
from sipgen.language.hints import Hints, hints

if TYPE_CHECKING:
    import sipgen.codegen.grammar as codegen

__all__ = [
    "EXTENSION_HEADER",
    "FILE_NAME",
    "Grammar",
    "Tables",
    "joined_grammar",
    "load_grammar",
    "standard",
]

EXTENSION_HEADER = "extension-header"
FILE_NAME = "grammar.json"
"""The file that ``sipgen generate`` writes and :func:`load_grammar` reads."""


class Tables(NamedTuple):
    """Automata of both languages, and what their states expect."""

    strict: Automata
    abnf: Automata
    hints: Callable[[], Hints]
    """Unpacked only where a value failed."""


class Grammar:
    """The grammar of the RFCs with a user's own header fields and rules.

    It is given to :func:`sipgen.validate` and :func:`sipgen.parse` as ``grammar``; without
    one they judge by the RFCs alone. Made by :meth:`extended` or :func:`load_grammar`.
    """

    def __init__(self, tables: Mapping[str, Any] | None = None) -> None:
        """Unpack tables as ``sipgen.codegen.extension`` makes them.

        :param tables: ``None`` for the grammar of the RFCs alone.
        :raises GrammarError: for tables of another form.
        """
        self._own: Tables | None = None
        self._entries: dict[str, str] = {}
        self._headers: tuple[str, ...] = ()
        if tables is not None:
            try:
                self._unpack(tables)
            except GrammarError:
                raise
            # Whatever is wrong with a file that someone else may have written.
            except Exception as error:
                raise GrammarError(f"no grammar tables: {error!r:.200}") from error

    def _unpack(self, tables: Mapping[str, Any]) -> None:
        # Only where tables come from outside.
        from sipgen.language.stored import unpacked  # noqa: PLC0415

        strict, abnf, found, names = unpacked(tables)
        self._own = Tables(strict, abnf, lambda: found)
        self._entries = names
        self._headers = tuple(dict.fromkeys(names.values()))

    @classmethod
    def extended(cls, abnf: str) -> Self:
        """The RFCs' grammar with rules of your own, made in this process.

        :param abnf: ABNF (RFC 5234, RFC 7405). ``X-Acme = "X-Acme" HCOLON token`` makes a
            header field; ``contact-params =/ acme-param`` adds to a rule of the RFCs. All
            rules of the RFCs can be used: ``sipgen grammar --list`` names them.
        :return: a grammar for :func:`sipgen.validate` and :func:`sipgen.parse`.
        :raises GrammarError: with line and column, for what is no ABNF, or is undefined,
            unused, recursive, ambiguous with what exists, or too large.
        """
        # The compiler of grammars, and Lark with it: for this only.
        from sipgen.codegen.extension import compiled_extension  # noqa: PLC0415

        return cls(compiled_extension(joined_grammar(), {"<abnf>": abnf}))

    @property
    def headers(self) -> tuple[str, ...]:
        """Names of the header fields that are added, or judged otherwise than by the RFCs."""
        return self._headers

    def entry_of(self, name: str) -> str:
        """The entry point that judges the values of header field ``name`` (canonical)."""
        own = self._entries.get(name.lower())
        if own is not None:
            return own
        # The name alone does not do: start lines and URIs have automata too.
        registered = HEADER_FIELDS.get(name)
        return name if registered is not None and registered.has_grammar else EXTENSION_HEADER

    def tables(self, entry: str) -> Tables:
        """The automata and hints that an entry point is judged by."""
        if self._own is not None and entry in self._own.strict.starts:
            return self._own
        return _standard_tables()

    def matches(self, entry: str, data: bytes) -> bool:
        """Whether ``data`` is a sentence of ``entry`` in the strict language."""
        return self.tables(entry).strict.matches(entry, data)

    def __repr__(self) -> str:
        return f"Grammar({', '.join(self._entries.values()) or 'the RFCs'})"


@cache
def joined_grammar() -> codegen.Grammar:
    """The RFCs' rules, as data: what a user's rules are joined to."""
    from importlib import resources  # noqa: PLC0415 - for this only

    from sipgen.codegen.joined import read_joined  # noqa: PLC0415

    generated = resources.files("sipgen.generated")
    return read_joined(
        generated.joinpath("sip.abnf").read_text("ascii"),
        generated.joinpath("manifest.json").read_text("ascii"),
    )


@cache
def _standard_tables() -> Tables:
    return Tables(automata("strict"), automata("abnf"), hints)


@cache
def standard() -> Grammar:
    """The grammar of the RFCs alone."""
    return Grammar()


def load_grammar(directory: str | PathLike[str]) -> Grammar:
    """The grammar that ``sipgen generate --abnf FILE --out DIRECTORY`` wrote.

    :param directory: the folder that holds ``grammar.json``.
    :raises GrammarError: if there is no such file, or it is not what sipgen wrote.
    """
    path = Path(directory) / FILE_NAME
    try:
        tables = json.loads(path.read_text("ascii"))
    except OSError as error:
        raise GrammarError(
            f"{error.strerror or error}: sipgen generate --abnf FILE --out {directory} makes it",
            path=str(path),
        ) from error
    except (ValueError, RecursionError) as error:
        raise GrammarError(f"no grammar tables: {error}", path=str(path)) from error
    try:
        return Grammar({} if tables is None else tables)
    except GrammarError as error:
        raise GrammarError(str(error), path=str(path)) from error
