"""Parse trees by Lark, for any rule of the grammar by its name.

Lark's Earley parser reads the grammar as the RFCs write it. It is the reference that the
automata are tested against, and it explains; it is not for every message. So it is
imported here and only when a tree is asked for, and text beyond a named length is refused.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast

from sipgen.errors import Finding, GrammarError, LimitError, ParseError
from sipgen.limits import MAX_EXPLAINED_VALUE
from sipgen.wire.locator import Locator

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

__all__ = ["header_value_tree", "parse_tree", "rule_names"]


@cache
def _parser() -> tuple[Lark, frozenset[str]]:
    # Lark takes 55 ms to import, and is needed for trees only.
    from importlib import resources  # noqa: PLC0415

    from lark import Lark  # noqa: PLC0415

    grammar = resources.files("sipgen.generated").joinpath("sip.lark").read_text("ascii")
    names = frozenset(
        line.partition(":")[0]
        for line in grammar.splitlines()
        if line[:1].isalpha() and line[:1].islower()
    )
    parser = Lark(
        grammar,
        parser="earley",
        lexer="dynamic",
        start=sorted(names),
        keep_all_tokens=True,
        maybe_placeholders=False,
        propagate_positions=True,
    )
    return parser, names


def rule_names() -> tuple[str, ...]:
    """The rules that :func:`parse_tree` knows, in Lark's spelling, sorted."""
    return tuple(sorted(name for name in _parser()[1] if not name.startswith("value_")))


def parse_tree(rule: str, data: bytes | str) -> Tree[Token]:
    """The parse tree of ``data`` by an ABNF rule.

    :param rule: the rule's name as the RFC writes it, case-insensitive: ``name-addr``.
    :param data: the text; octets stand in the tree as Latin-1 characters.
    :return: a :class:`lark.Tree` whose nodes carry rule names in Lark's spelling
        (``name_addr``) and whose tokens together are the whole text.
    :raises ParseError: if ``data`` is no sentence of the rule.
    :raises LimitError: if ``data`` is longer than ``limits.MAX_EXPLAINED_VALUE`` octets or
        nested too deeply.
    :raises GrammarError: if there is no such rule.
    """
    return _tree(rule.lower().replace("-", "_"), rule, data)


def header_value_tree(name: str, data: bytes | str) -> Tree[Token]:
    """The parse tree of a header field's value: what follows its colon.

    :param name: the header field's ABNF rule, such as ``Via`` or ``Call-ID``.
    :param data: the octets from the colon to the end of the line, folds included.
    :raises ParseError: if ``data`` is not a value of the header field.
    :raises LimitError: see :func:`parse_tree`.
    :raises GrammarError: if the header field has no rule.
    """
    return _tree("value_" + name.lower().replace("-", "_"), name, data)


def _tree(start: str, rule: str, data: bytes | str) -> Tree[Token]:
    octets = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else bytes(data)
    if len(octets) > MAX_EXPLAINED_VALUE:
        raise LimitError(
            _finding(
                rule,
                octets,
                MAX_EXPLAINED_VALUE,
                f"{len(octets)} bytes are too many for a parse tree;"
                f" the limit is {MAX_EXPLAINED_VALUE}",
            )
        )
    parser, names = _parser()
    if start not in names:
        import difflib  # noqa: PLC0415 - for this message only

        spelled = {name.removeprefix("value_"): None for name in names}
        near = difflib.get_close_matches(start.removeprefix("value_"), list(spelled), n=3)
        raise GrammarError(
            f'no rule "{rule}"', expected=tuple(name.replace("_", "-") for name in near)
        )
    from lark.exceptions import UnexpectedCharacters, UnexpectedEOF  # noqa: PLC0415

    try:
        return parser.parse(octets.decode("latin-1"), start=start)
    except UnexpectedCharacters as error:
        at = cast("int", error.pos_in_stream)
        expected = tuple(sorted(error.allowed or ()))
    except UnexpectedEOF as error:
        at = len(octets)
        expected = tuple(sorted(error.expected))
    except RecursionError:
        finding = _finding(rule, octets, 0, f"{rule} is nested too deeply for a parse tree")
        raise LimitError(finding) from None
    what = f"unexpected byte {at}" if at < len(octets) else "the text ends too early"
    raise ParseError(_finding(rule, octets, at, f"{rule}: {what}", expected))


def _finding(
    rule: str, octets: bytes, at: int, message: str, expected: tuple[str, ...] = ()
) -> Finding:
    end = min(at + 1, len(octets))
    return Locator(octets).mismatch(rule, message, min(at, end), end, expected)
