"""Reads ABNF: RFC 5234 with the case-sensitive strings of RFC 7405.

Lark does the reading, with the grammar of RFC 5234 section 4 written so that one
token of look-ahead is enough: white space that RFC 5234 calls ``c-wsp`` is part of the
terminal beside it, so "concatenation needs white space" stays a rule and is checked.
A mistake is reported with file, line, column and what could have stood there.

A comment ``; RFC 3261, section 25.1`` on a line of its own gives the source of the
rules below it, ``; no RFC`` takes it back, and ``; extended by RFC 5626, section 10`` is a
further source of the next rule.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import UnexpectedToken, VisitError

from sipgen.codegen.model import (
    Literal,
    Node,
    OctetClass,
    Position,
    Prose,
    Reference,
    Repetition,
    Rule,
    alternation,
    sequence,
)
from sipgen.errors import GrammarError

__all__ = ["read_abnf"]

# The last line of a file may lack its line end; the reader adds one.
_ABNF = r"""
start: _NEWLINE? rule*
rule: RULENAME DEFINED_AS alternation _NEWLINE
alternation: concatenation (_SLASH concatenation)*
concatenation: repetition (_SPACE repetition)*
repetition: REPEAT? element
?element: RULENAME -> reference
        | _OPEN_GROUP alternation _CLOSE_GROUP -> group
        | _OPEN_OPTION alternation _CLOSE_OPTION -> option
        | STRING -> string
        | NUMBER -> number
        | PROSE -> prose

RULENAME: /[A-Za-z][A-Za-z0-9-]*/
DEFINED_AS: /C*=\/?C*/
_SLASH: /C*\/C*/
_SPACE: /C+(?![ \t;\/)\]\r\n=])/
_OPEN_GROUP: /\(C*/
_CLOSE_GROUP: /C*\)/
_OPEN_OPTION: /\[C*/
_CLOSE_OPTION: /C*\]/
REPEAT: /[0-9]*\*[0-9]*|[0-9]+/
STRING: /(?:%[si])?"[\x20\x21\x23-\x7e]*"/i
NUMBER: BINARY | DECIMAL | HEXADECIMAL
BINARY: /%b[01]+(?:(?:\.[01]+)+|-[01]+)?/i
DECIMAL: /%d[0-9]+(?:(?:\.[0-9]+)+|-[0-9]+)?/i
HEXADECIMAL: /%x[0-9a-f]+(?:(?:\.[0-9a-f]+)+|-[0-9a-f]+)?/i
PROSE: /<[\x20-\x3d\x3f-\x7e]*>/
_NEWLINE: /(?:[ \t]*(?:;[^\n]*)?\n)+(?![ \t])/
""".replace("C*", r"(?:[ \t]|(?:;[^\n]*)?\n(?=[ \t]))*").replace(
    "C+", r"(?:[ \t]|(?:;[^\n]*)?\n(?=[ \t]))+"
)

_NAMES = {
    "RULENAME": "a rule name",
    "DEFINED_AS": '"=" or "=/"',
    "_SLASH": '"/"',
    "_SPACE": "white space and a further element",
    "_OPEN_GROUP": '"("',
    "_CLOSE_GROUP": '")"',
    "_OPEN_OPTION": '"["',
    "_CLOSE_OPTION": '"]"',
    "REPEAT": "a repeat count",
    "STRING": "a quoted string",
    "NUMBER": "a number such as %x41 or %d65",
    "PROSE": "<prose>",
    "_NEWLINE": "the end of the rule",
    "$END": "the end of the file",
}

_SOURCE = re.compile(
    r";\s*(extended by )?(?:RFC (\d{1,5})\b(?:, section ([0-9A-Z][0-9A-Za-z.]*))?|no RFC\b)"
)
_COMMENT = re.compile(r";[^\n]*")
_BASES = {"b": 2, "d": 10, "x": 16}
_OCTET = 0xFF
_MOST_DIGITS = 9


@cache
def _reader() -> Lark:
    return Lark(_ABNF, parser="lalr", lexer="contextual", propagate_positions=True)


def read_abnf(text: str, path: str, *, core: bool = False) -> list[Rule]:
    """Read an ABNF file.

    :param text: the file's text; line ends may be LF or CRLF, and all rules may be
        indented alike (RFC 5234 section 2.2).
    :param path: the name under which mistakes are reported.
    :param core: marks the rules as borrowed: not reported when unused.
    :return: the rules in the order of writing, ``=/`` kept apart (``incremental``).
    :raises GrammarError: with file, line, column and what was expected.
    """
    source = text.replace("\r\n", "\n")
    if not source.endswith("\n"):
        source += "\n"
    indent = _indent(source)
    source = "\n".join(line.removeprefix(indent) for line in source.split("\n"))
    try:
        tree = _reader().parse(source)
        rules = _ToRules(path, len(indent)).transform(tree)
    except UnexpectedInput as error:
        raise _explain(error, source, path, len(indent)) from None
    except VisitError as error:
        if isinstance(error.orig_exc, GrammarError):
            raise error.orig_exc from None
        raise
    return _with_sources(rules, source, core=core)


def _with_sources(rules: list[Rule], text: str, *, core: bool) -> list[Rule]:
    comments = deque(_sources(text))
    source: tuple[int | None, str | None] = (None, None)
    found = []
    for rule in rules:
        further = []
        while comments and comments[0].line < rule.position.line:
            comment = comments.popleft()
            if comment.extends:
                further.append((comment.rfc, comment.section))
            else:
                source = (comment.rfc, comment.section)
                further.clear()
        rfc, section = source
        found.append(replace(rule, rfc=rfc, section=section, core=core, extended_by=tuple(further)))
    return found


class _Source(NamedTuple):
    line: int
    extends: bool
    rfc: int | None
    section: str | None


def _sources(text: str) -> Iterator[_Source]:
    for number, line in enumerate(text.split("\n"), start=1):
        match = _SOURCE.match(line)
        if match:
            section = match[3].rstrip(".") if match[3] else None
            rfc = int(match[2]) if match[2] else None
            yield _Source(number, bool(match[1]), rfc, section)


def _indent(source: str) -> str:
    """What all lines but comments and empty ones begin with: the column of the rules."""
    lines = [line for line in source.split("\n") if line.strip() and line.strip()[0] != ";"]
    shortest = min((line[: len(line) - len(line.lstrip(" \t"))] for line in lines), default="")
    return shortest if all(line.startswith(shortest) for line in lines) else ""


def _explain(error: UnexpectedInput, source: str, path: str, indent: int) -> GrammarError:
    names: set[str] = getattr(error, "accepts", None) or set(getattr(error, "allowed", None) or ())
    if isinstance(error, UnexpectedToken) and not names:
        names = error.expected
    expected = tuple(sorted(_NAMES[name] for name in names if name in _NAMES))
    # At the end of the file Lark may have no line, or "?" for one.
    known = str(error.line).isdigit()
    line, column = (error.line, error.column) if known else (source.count("\n"), 1)
    found = source.split("\n")[line - 1][column - 1 :].strip()
    what = f'"{found[:30]}" is not ABNF here' if found else "the line ends too early"
    return GrammarError(what, path=path, line=line, column=column + indent, expected=expected)


class _ToRules(Transformer[Token, list[Rule]]):
    """Lark tree to rule model."""

    def __init__(self, path: str, indent: int) -> None:
        super().__init__()
        self.path = path
        self.indent = indent

    def _at(self, token: Token) -> Position:
        return Position(self.path, token.line or 1, (token.column or 1) + self.indent)

    def _error(self, token: Token, message: str) -> GrammarError:
        return self._at(token).error(message)

    def start(self, items: list[Rule]) -> list[Rule]:
        return items

    @v_args(inline=True)
    def rule(self, name: Token, defined_as: Token, node: Node) -> Rule:
        return Rule(
            str(name), node, self._at(name), incremental="=/" in _COMMENT.sub("", defined_as)
        )

    def alternation(self, items: list[Node]) -> Node:
        return alternation(items)

    def concatenation(self, items: list[Node]) -> Node:
        return sequence(items)

    def repetition(self, items: list[Node | Token]) -> Node:
        *counts, element = items
        if isinstance(element, Token):  # pragma: no cover - the grammar puts an element last
            raise TypeError(element)
        for count in counts:
            if not isinstance(count, Token):  # pragma: no cover - nor anything else first
                raise TypeError(count)
            low, star, high = count.partition("*")
            minimum = self._count(count, low or "0")
            maximum = (self._count(count, high) if high else None) if star else minimum
            if maximum is not None and maximum < minimum:
                raise self._error(count, f'repeat "{count}" has its bounds the wrong way round')
            element = Repetition(minimum, maximum, element)
        return element

    def _count(self, token: Token, digits: str) -> int:
        if len(digits) > _MOST_DIGITS:
            raise self._error(token, f'repeat "{token[:30]}": at most {_MOST_DIGITS} digits')
        return int(digits)

    @v_args(inline=True)
    def reference(self, name: Token) -> Node:
        return Reference(str(name), self._at(name))

    @v_args(inline=True)
    def group(self, node: Node) -> Node:
        return node

    @v_args(inline=True)
    def option(self, node: Node) -> Node:
        return Repetition(0, 1, node)

    @v_args(inline=True)
    def string(self, token: Token) -> Node:
        sensitive = token[:2].lower() == "%s"
        return Literal(token[token.index('"') + 1 : -1], sensitive)

    @v_args(inline=True)
    def prose(self, token: Token) -> Node:
        return Prose(token[1:-1])

    @v_args(inline=True)
    def number(self, token: Token) -> Node:
        base = _BASES[token[1].lower()]
        digits = token[2:]
        if "-" in digits:
            low, high = (self._octet(token, part, base) for part in digits.split("-"))
            if high < low:
                raise self._error(token, f'range "{token}" ends before it begins')
            return OctetClass(frozenset(range(low, high + 1)))
        return sequence(self._octets(token, digits.split("."), base))

    def _octets(self, token: Token, parts: list[str], base: int) -> Iterator[Node]:
        for part in parts:
            yield OctetClass(frozenset({self._octet(token, part, base)}))

    def _octet(self, token: Token, digits: str, base: int) -> int:
        significant = digits.lstrip("0")
        if len(significant) > _MOST_DIGITS or int(significant or "0", base) > _OCTET:
            message = f'"{token[:30]}" is more than an octet (SIP grammars are octets)'
            raise self._error(token, message)
        return int(significant or "0", base)
