"""Parameters, ``;name=value``, of header fields and of SIP URIs."""

from __future__ import annotations

import re
from typing import Any, Self

from sipgen.values.pairs import Pair, Pairs
from sipgen.values.text import (
    QUOTED_STRING,
    TOKEN,
    WHITE_SPACE,
    Text,
    fault,
    quote,
    unfolded,
    unquote,
)

__all__ = ["NONE", "Parameters", "read_bare_parameters", "read_parameters", "tag_parameter"]

# Beyond token, host and quoted-string, later RFCs have URIs in angle brackets and words
# with other characters: received=2001:db8::1, index=1.1.
_WORD = r"[^\x00-\x20\x7f\";,<>]++"
_VALUE = rf"{QUOTED_STRING}|<[^<>\"\x00-\x20\x7f]*+>|{_WORD}"
_PARAMETER = re.compile(
    rf"{WHITE_SPACE};{WHITE_SPACE}({TOKEN})"
    rf"(?:{WHITE_SPACE}={WHITE_SPACE}({_VALUE}))?+{WHITE_SPACE}"
)
_SIMPLE = re.compile(rf"(?:;{TOKEN}(?:={_WORD})?+)++").fullmatch
_BRANCH = re.compile(rf";branch=({TOKEN})").fullmatch
_UNQUOTED = re.compile(rf"{TOKEN}|\[[0-9A-Fa-f:.]++\]").fullmatch


class Parameters(Pairs):
    """Parameters of a header field (``generic-param``, RFC 3261 section 25.1).

    A read-only mapping, case-insensitive in the names; values stand without quotation
    marks, ``None`` for a parameter without a value. ``Parameters({"tag": "a1"})`` writes a
    value in quotation marks where it is no token or host.
    """

    __slots__ = ("_text",)

    _text: str | None

    @classmethod
    def parse(cls, text: Text) -> Self:
        """Read parameters with their semicolons: ``;tag=a1;lr``.

        :raises ParseError: if ``text`` holds anything else.
        """
        read = unfolded(text)
        return cls._of(_pairs("generic-param", read, 0))

    @classmethod
    def _of(cls, pairs: tuple[Pair, ...]) -> Self:
        made = super()._of(pairs)
        made._text = None  # noqa: SLF001 - being made here
        return made

    @classmethod
    def _write(cls, name: str, value: str) -> str:
        del name
        return value if _UNQUOTED(value) else quote(value)

    @classmethod
    def _read(cls, value: str) -> str:
        return unquote(value)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Names and values as they are written, in order, repeated ones too."""
        # Values are shared by threads: what is worked out late is set when it is complete.
        text = self._text
        if text is not None:
            self._pairs = _simple_pairs(text)
            self._text = None
        return self._pairs

    @property
    def _known(self) -> dict[str, str | None]:
        found = self._found
        if found is None:
            found = {}
            for name, value in self.pairs:
                found.setdefault(name.lower(), value)
            self._found = found
        return found

    def plain(self, name: str) -> str | None:
        """What the value of ``name``, in lower case, says; ``None`` without a value."""
        if self._found is not None:
            return self._found.get(name)
        # One that is looked for as often as not is the only one: where it stands is found
        # in less time than all are taken apart.
        text = self._text
        if text is None or not text.startswith(f";{name}="):
            return self._known.get(name)
        start = len(name) + 2
        end = text.find(";", start)
        return text[start:] if end < 0 else text[start:end]

    def __str__(self) -> str:
        return "".join(
            [f";{name}" if value is None else f";{name}={value}" for name, value in self.pairs]
        )


NONE = Parameters._of(())  # noqa: SLF001 - one room
"""No parameters."""

_new = object.__new__


def read_parameters(rule: str, text: str, start: int = 0) -> Parameters:
    """The parameters that stand in ``text`` from ``start`` on, to its end.

    :param rule: the ABNF rule that ``text`` should match, for the error.
    :raises ParseError: if anything else stands there.
    """
    rest = text[start:] if start else text
    if not rest:
        return NONE
    # Most are without white space and quotation marks. Some are told apart only when one is
    # asked for.
    found: dict[str, str | None] | None = None
    alone = _BRANCH(rest)
    if alone is not None:
        found = {"branch": alone[1]}
    elif not _SIMPLE(rest):
        pairs = _pairs(rule, text, start)
        return Parameters._of(pairs) if pairs else NONE  # noqa: SLF001 - one room
    made: Parameters = _new(Parameters)
    made._text = rest  # noqa: SLF001 - being made here
    made._found = found  # noqa: SLF001
    return made


def tag_parameter(tag: str) -> Parameters:
    """The one parameter ``;tag=`` with ``tag``, a token."""
    made: Parameters = _new(Parameters)
    made._text = f";tag={tag}"  # noqa: SLF001 - being made here
    made._found = {"tag": tag}  # noqa: SLF001
    return made


def _simple_pairs(text: str) -> tuple[Pair, ...]:
    pairs: list[Pair] = []
    for part in text[1:].split(";"):
        name, equal, value = part.partition("=")
        pairs.append((name, value if equal else None))
    return tuple(pairs)


def _pairs(rule: str, text: str, start: int) -> tuple[Pair, ...]:
    pairs: list[Any] = []
    position = start
    while position < len(text):
        match = _PARAMETER.match(text, position)
        if match is None:
            if not text[position:].strip(" \t"):
                break
            fault(rule, "a parameter, ';name' or ';name=value', is malformed", text, position)
        pairs.append(match.groups())
        position = match.end()
    return tuple(pairs)


def read_bare_parameters(text: str) -> Parameters:
    """The parameters that ``text`` is, the first without a semicolon: ``icid-value=1;a=b``."""
    return Parameters._of(_pairs("generic-param", f";{text}", 0))  # noqa: SLF001 - one room
