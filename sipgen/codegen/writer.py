"""Writes rules as ABNF (RFC 5234, RFC 7405): what :mod:`.abnf` reads, it reads back.

The grammar is joined from many files; joined it is one text, for people who look a rule
up and for users who add rules of their own. A comment ``; RFC n, section s`` stands above
the rules that are from there, ``; extended by RFC n, section s`` above a rule that a later
RFC added alternatives to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sipgen.codegen.model import (
    Alternation,
    Difference,
    Literal,
    Node,
    OctetClass,
    Prose,
    Reference,
    Repetition,
    Rule,
    Sequence,
)

__all__ = ["write_node", "write_rules"]

_WIDTH = 98
_INDENT = 4


def write_rules(rules: Iterable[Rule]) -> str:
    """The text of ``rules``, in their order."""
    lines: list[str] = []
    source: tuple[int | None, str | None] = (None, None)
    for rule in rules:
        if (rule.rfc, rule.section) != source:
            source = (rule.rfc, rule.section)
            lines += ["", f"; {_source(*source)}", ""]
        lines += [f"; extended by {_source(*further)}" for further in rule.extended_by]
        lines += _wrapped(rule.name, list(_tokens(rule.node)))
    return "\n".join(lines).lstrip("\n") + "\n"


def write_node(node: Node) -> str:
    """``node`` on one line."""
    return " ".join(_tokens(node))


def _source(rfc: int | None, section: str | None) -> str:
    if rfc is None:
        return "no RFC"
    return f"RFC {rfc}, section {section}" if section else f"RFC {rfc}"


def _wrapped(name: str, tokens: list[str]) -> list[str]:
    """A rule on lines of at most ``_WIDTH`` characters, where its tokens allow it."""
    lines = [f"{name} ="]
    for token in tokens:
        if len(lines[-1]) + 1 + len(token) > _WIDTH and lines[-1].strip():
            lines.append(" " * (_INDENT - 1))
        lines[-1] += f" {token}"
    return lines


def _tokens(node: Node) -> Iterator[str]:
    """The text of ``node`` in pieces that no line may break."""
    match node:
        case Alternation(items):
            for number, item in enumerate(items):
                pieces = _grouped(item) if isinstance(item, Alternation) else _tokens(item)
                if number:
                    yield f"/ {next(pieces)}"
                yield from pieces
        case Sequence(items) if items and not _is_text(node):
            for item in items:
                yield from _element(item)
        case _:
            yield from _element(node)


def _element(node: Node) -> Iterator[str]:
    match node:
        case Literal(text, case_sensitive):
            yield f'%s"{text}"' if case_sensitive else f'"{text}"'
        case OctetClass(octets):
            yield _octets(octets)
        case Reference(name):
            yield name
        case Prose(text):
            yield f"<{text}>"
        case Repetition(0, 1, item):
            yield from _bracketed("[", item, "]")
        case Repetition(minimum, maximum, item):
            first, *rest = _repeated(item)
            yield _count(minimum, maximum) + first
            yield from rest
        case Sequence(()):
            yield '""'
        case Sequence(items) if _is_text(node):
            yield "%x" + ".".join(f"{octet:02X}" for item in items for octet in _set(item))
        case Difference():
            raise TypeError("ABNF has no difference")
        case _:
            yield from _grouped(node)


def _is_text(node: Node) -> bool:
    """Whether ``node`` is octets one after the other, ``%x0D.0A``."""
    return isinstance(node, Sequence) and all(len(_set(item)) == 1 for item in node.items)


def _set(node: Node) -> frozenset[int]:
    return node.octets if isinstance(node, OctetClass) else frozenset()


def _repeated(node: Node) -> Iterator[str]:
    """What a repeat count can stand before: a second one would make a number of both."""
    if isinstance(node, Repetition) and (node.minimum, node.maximum) != (0, 1):
        return _grouped(node)
    return _element(node)


def _grouped(node: Node) -> Iterator[str]:
    return _bracketed("(", node, ")")


def _bracketed(left: str, node: Node, right: str) -> Iterator[str]:
    pieces = list(_tokens(node))
    pieces[0] = left + pieces[0]
    pieces[-1] += right
    yield from pieces


def _count(minimum: int, maximum: int | None) -> str:
    if minimum == maximum:
        return str(minimum)
    return f"{minimum or ''}*{'' if maximum is None else maximum}"


def _octets(octets: frozenset[int]) -> str:
    low, high = min(octets), max(octets)
    if len(octets) != high - low + 1:
        raise TypeError("an ABNF value is one octet or a range")
    return f"%x{low:02X}" if low == high else f"%x{low:02X}-{high:02X}"
