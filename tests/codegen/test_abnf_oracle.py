"""Our ABNF reader against the PyPI package ``abnf``, on every rule that we read.

``abnf`` is a recursive-descent reader written by others from the same RFCs. Its parse
tree is turned into our nodes here, by the RFC's own rule names, and must be ours node for
node; and what the one refuses, the other must refuse.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from abnf import ParseError
from abnf.parser import ABNFGrammarRule

from sipgen.codegen.abnf import read_abnf
from sipgen.codegen.model import (
    Literal,
    Node,
    OctetClass,
    Prose,
    Reference,
    Repetition,
    Rule,
    alternation,
    sequence,
)
from sipgen.errors import GrammarError

pytestmark = pytest.mark.oracle

GRAMMAR = Path(__file__).resolve().parents[2] / "grammar"
RULES: list[tuple[Rule, str]] = []
for _path in sorted([*GRAMMAR.glob("abnf/*.abnf"), *GRAMMAR.glob("amendments/*.abnf")]):
    _lines = _path.read_text().split("\n")
    _read = read_abnf("\n".join(_lines), _path.name)
    _ends = [rule.position.line - 1 for rule in _read[1:]] + [len(_lines)]
    for _rule, _end in zip(_read, _ends, strict=True):
        # A rule's own text: up to the next one, less the blank and comment lines between.
        _own = _lines[_rule.position.line - 1 : _end]
        while _own and (not _own[-1].strip() or _own[-1].startswith(";")):
            _own.pop()
        RULES.append((_rule, "\n".join(_own) + "\n"))


def parts(node: Any, *names: str) -> list[Any]:
    return [child for child in node.children if child.name in names]


def converted(node: Any) -> Node:
    """Our node for a node of ``abnf``'s parse tree, by the names of RFC 5234 section 4."""
    match node.name:
        case "elements" | "group":
            return converted(parts(node, "alternation")[0])
        case "option":
            return Repetition(0, 1, converted(parts(node, "alternation")[0]))
        case "alternation":
            return alternation(converted(child) for child in parts(node, "concatenation"))
        case "concatenation":
            return sequence(converted(child) for child in parts(node, "repetition"))
        case "repetition":
            element = converted(parts(node, "element")[0])
            counts = [child.value for child in parts(node, "repeat")]
            return repeated(counts[0], element) if counts else element
        case "element":
            return converted(node.children[0])
        case "rulename":
            return Reference(node.value)
        case "prose-val":
            return Prose(node.value[1:-1])
        case "char-val":
            text = node.value
            return Literal(text.partition('"')[2][:-1], text[:2].lower() == "%s")
        case "num-val":
            return number(node.value)
        case _:
            raise AssertionError(node.name)


def repeated(count: str, element: Node) -> Node:
    if "*" not in count:
        return Repetition(int(count), int(count), element)
    low, high = count.split("*")
    return Repetition(int(low or "0"), int(high) if high else None, element)


def number(text: str) -> Node:
    base = {"b": 2, "d": 10, "x": 16}[text[1].lower()]
    if "-" in text:
        low, high = (int(part, base) for part in text[2:].split("-"))
        return OctetClass(frozenset(range(low, high + 1)))
    return sequence(OctetClass(frozenset({int(part, base)})) for part in text[2:].split("."))


def their_rules(text: str) -> list[Any]:
    tree = ABNFGrammarRule("rulelist").parse_all(text.replace("\n", "\r\n"))
    return parts(tree, "rule")


def test_every_rule_is_read_alike() -> None:
    assert len(RULES) > 330
    differing = []
    for rule, text in RULES:
        (theirs,) = their_rules(text)
        name, defined_as, elements = theirs.children[:3]
        assert name.value == rule.name
        assert (defined_as.value.strip() == "=/") is rule.incremental
        if converted(elements) != rule.node:
            differing.append(rule.name)
    assert differing == []


@pytest.mark.parametrize(
    "text",
    [
        "a\n",
        "a b\n",
        "a =\n",
        "= b\n",
        '1a = "b"\n',
        "a_b = c\n",
        "a = b /\n",
        "a = / b\n",
        "a = b / / c\n",
        "a = (b\n",
        "a = b)\n",
        "a = [b)\n",
        "a = ()\n",
        "a = []\n",
        "a = (b)c\n",
        'a = "b"c\n',
        'a = b"c"\n',
        'a = "b\n',
        "a = 'b'\n",
        "a = %y41\n",
        "a = %x\n",
        "a = %x4G\n",
        "a = %x41-\n",
        "a = %x41.\n",
        "a = %x41-42-43\n",
        "a = %d1.2-3\n",
        "a = <b\n",
        "a = 2\n",
        "a = *\n",
        "a = 1*2*b\n",
        "a = * b\n",
        "a = b ; c\nd e\n",
        "a = b\n c = d\n",
        "a == b\n",
        "a = b | c\n",
        "a = {b}\n",
        "a = #b\n",
        'a = %q"b"\n',
        'a = "caf\xe9"\n',
    ],
)
def test_what_one_refuses_the_other_refuses(text: str) -> None:
    with pytest.raises(GrammarError):
        read_abnf(text, "x")
    with pytest.raises(ParseError):
        their_rules(text)


@pytest.mark.parametrize(
    "text",
    [
        "a = b\n",
        "a=b\n",
        "A-1 = b c\n\n; comment\nd = e\n",
        "a = b ; c\n  ; more\n  / d\n",
        "a = ( b /\n  c ) [ d ]\n",
        'a = %s"B" %i"c" %x41.42 %d65-90 %b1\n',
        "a = 1*b *2c 3d *e 1*4f <words of prose>\n",
        'a =/ ""\n',
    ],
)
def test_what_one_takes_the_other_takes_alike(text: str) -> None:
    ours = [rule.node for rule in read_abnf(text, "x")]
    assert ours == [converted(parts(rule, "elements")[0]) for rule in their_rules(text)]
