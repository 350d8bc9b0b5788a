"""Lark parse trees by rule name."""

from __future__ import annotations

import pytest

import sipgen
from sipgen.language.trees import header_value_tree, parse_tree, rule_names
from sipgen.limits import MAX_EXPLAINED_VALUE


def test_tree_carries_the_rule_names_and_the_whole_text() -> None:
    text = '"Bob" <sip:bob@biloxi.example.com;transport=udp>'
    tree = parse_tree("name-addr", text)
    assert tree.data == "name_addr"
    assert "".join(tree.scan_values(lambda _: True)) == text
    assert next(tree.find_data("transport_param")) is not None
    assert [str(t) for node in tree.find_data("user") for t in node.children] == ["bob"]


def test_names_are_case_insensitive_and_cover_the_grammar() -> None:
    assert parse_tree("METHOD", b"INVITE").data == "method"
    assert {"sip_uri", "quoted_string", "via_parm", "request", "comment"} <= set(rule_names())


def test_a_whole_message_by_the_rule_request() -> None:
    tree = parse_tree(
        "Request",
        b"OPTIONS sip:a@b.example SIP/2.0\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
    )
    assert next(tree.find_data("max_forwards")) is not None


def test_header_value() -> None:
    tree = header_value_tree("Via", b" SIP/2.0/UDP host.example;branch=z9hG4bK1")
    assert next(tree.find_data("via_branch")) is not None


def test_a_text_that_is_no_sentence_says_where() -> None:
    with pytest.raises(sipgen.ParseError) as caught:
        parse_tree("SIP-URI", b"sip:a@b;=x")
    finding = caught.value.finding
    assert (finding.start, finding.line, finding.column) == (8, 1, 9)
    assert finding.expected
    with pytest.raises(sipgen.ParseError, match="too early"):
        parse_tree("name-addr", b"<sip:a@b")


def test_an_unknown_rule_names_the_nearest() -> None:
    with pytest.raises(sipgen.GrammarError, match="name-addr"):
        parse_tree("nameaddr", b"")


def test_long_text_is_refused() -> None:
    with pytest.raises(sipgen.LimitError, match=str(MAX_EXPLAINED_VALUE)):
        parse_tree("token", b"a" * (MAX_EXPLAINED_VALUE + 1))


def test_deep_nesting_is_read_or_refused_but_never_crashes() -> None:
    half = MAX_EXPLAINED_VALUE // 2
    try:
        tree = parse_tree("comment", b"(" * half + b")" * half)
    except sipgen.LimitError:
        return
    assert tree.data == "comment"
