"""Nothing that an RFC adds to the grammar is lost when the RFCs are joined."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from sipgen.codegen.abnf import read_abnf
from sipgen.codegen.grammar import Grammar
from sipgen.codegen.model import Alternation, Literal, Node, Reference, Sequence, children, rebuild
from sipgen.codegen.registry import Row, read_table

GRAMMAR = Path(__file__).resolve().parents[2] / "grammar"
REGISTRY = GRAMMAR / "registry"

# Registered without a name of their own in any rule, and why.
NAMELESS = {
    ("Feature-Caps", "fcap-name"): "RFC 6809: stands for any feature-capability indicator",
    ("P-DCS-LAES", "key"): "of RFC 3603 only; RFC 5503 leaves it to generic-param",
    ("uri-parameter", "extension"): "RFC 4240: stands for any other parameter",
    ("uri-parameter", "param[n]"): "RFC 4240: param1, param2 and so on",
}


def rows() -> list[Row]:
    uri = [
        {"header": "uri-parameter", **row} for row in read_table(REGISTRY, "uri_parameters").rows
    ]
    return read_table(REGISTRY, "header_parameters").rows + uri


def texts(node: Node, grammar: Grammar, depth: int = 1) -> Iterator[str]:
    """The literals in ``node`` and, as for ``iotl-tag "="``, in rules that it begins with."""
    if isinstance(node, Literal):
        yield node.text.lower().strip(";=")
    first = node.items[0] if isinstance(node, Sequence) else None
    if isinstance(first, Reference) and depth:
        yield from texts(grammar.rules[first.name].node, grammar, depth - 1)
    for child in children(node):
        yield from texts(child, grammar, depth)


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['header']};{row['parameter']}")
def test_the_rule_of_each_registered_parameter_is_reached(row: Row, grammar: Grammar) -> None:
    headers = {item["name"]: item["rule"] for item in read_table(REGISTRY, "header_fields").rows}
    start = headers.get(row["header"], row["header"])
    assert row["rule"].lower() in grammar.rules.reachable([start])
    if (row["header"], row["parameter"]) not in NAMELESS:
        assert row["parameter"].lower() in texts(grammar.rules[row["rule"]].node, grammar)


def alternatives(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, Alternation) else (node,)


def with_names(node: Node, names: dict[str, str]) -> Node:
    if isinstance(node, Reference):
        return Reference(names.get(node.name, node.name))
    return rebuild(node, lambda child: with_names(child, names))


def test_every_extension_is_in_the_joined_rule(grammar: Grammar) -> None:
    manifest = tomllib.loads((GRAMMAR / "manifest.toml").read_text())
    renamed = {(item["rule"], item["of"]): item["to"] for item in manifest["rename"]}
    extending = {(item["rule"].lower(), item["by"]) for item in manifest["extend"]}
    amended = {i["rule"].lower() for i in manifest["amendment"] if i["action"] == "override"}
    checked = 0
    for source in manifest["source"]:
        path = GRAMMAR / source["file"]
        for rule in read_abnf(path.read_text(), path.name):
            if not rule.incremental and (rule.name.lower(), source["rfc"]) not in extending:
                continue
            names = {old: new for (old, of), new in renamed.items() if of == source["rfc"]}
            joined = grammar.rules[names.get(rule.name, rule.name)]
            if rule.name.lower() == "message-header" or joined.name.lower() in amended:
                continue
            for alternative in alternatives(rule.node):
                renamed_alternative = with_names(alternative, names)
                assert renamed_alternative in alternatives(joined.node), (path.name, rule.name)
                checked += 1
    assert checked >= 55


@pytest.mark.parametrize(
    ("rule", "extensions"),
    [
        ("via-params", "response-port keep oc oc-validity oc-seq oc-algo received-realm via-alias"),
        ("contact-params", "feature-param c-p-reg temp-gruu pub-gruu hi-target-param pnsreg-mt"),
        ("event-param", "max-rate-param event-call-id from-tag with-sessd diff-processing Vendor"),
        ("request-digest", "LHEX"),
        ("uri-parameter", "lr-param compression-param gr-param ob-param iotl-param pn-purr"),
    ],
)
def test_what_later_rfcs_add_is_reached(rule: str, extensions: str, grammar: Grammar) -> None:
    for name in extensions.split():
        assert name.lower() in grammar.rules.reachable([rule])
