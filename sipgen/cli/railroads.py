"""Railroad diagrams of rules as one SVG: a diagram a rule, each linked to the rules it uses."""

from __future__ import annotations

import io
from collections.abc import Iterable
from xml.sax.saxutils import escape

import railroad

from sipgen.codegen.model import (
    Alternation,
    Literal,
    Node,
    OctetClass,
    Reference,
    Repetition,
    Rule,
    Sequence,
)
from sipgen.codegen.writer import write_node

__all__ = ["railroads"]

_TITLE_HEIGHT = 24
_MARGIN = 10
_STYLE = (
    railroad.DEFAULT_STYLE
    + "\n\ttext.title {\n\t\tfont: bold 15px sans-serif;\n\t}"
    + "\n\ttext.title tspan {\n\t\tfont: 12px sans-serif;\n\t}\n"
)


def railroads(rules: Iterable[Rule]) -> str:
    """The text of an SVG file with a diagram for each of ``rules``, one below the other."""
    body = io.StringIO()
    width, at = 0.0, float(_MARGIN)
    for rule in rules:
        title = f"{escape(rule.name)} <tspan>{escape(_source(rule))}</tspan>"
        body.write(f'<g id="{escape(rule.name)}">\n')
        body.write(f'<text class="title" x="{_MARGIN}" y="{at + 16:g}">{title}</text>\n')
        at += _TITLE_HEIGHT
        diagram = railroad.Diagram(_item(rule.node)).format()
        diagram.attrs["y"] = f"{at:g}"
        diagram.writeSvg(body.write)
        body.write("</g>\n")
        at += float(diagram.attrs["height"])
        width = max(width, float(diagram.attrs["width"]))
    size = f'width="{width:g}" height="{at:g}" viewBox="0 0 {width:g} {at:g}"'
    namespaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<svg {namespaces} {size}>\n<style>{_STYLE}</style>\n{body.getvalue()}</svg>\n"


def _source(rule: Rule) -> str:
    sources = [(rule.rfc, rule.section), *rule.extended_by]
    named = [
        f"RFC {rfc}, section {section}" if section else f"RFC {rfc}"
        for rfc, section in sources
        if rfc
    ]
    return "; extended by ".join(named) or "no RFC"


def _item(node: Node) -> railroad.DiagramItem:
    match node:
        case Reference(name):
            return railroad.NonTerminal(name, href=f"#{name}")
        case Literal() | OctetClass():
            return railroad.Terminal(write_node(node))
        case Sequence(items) if items:
            return railroad.Sequence(*map(_item, items))
        case Alternation(items) if items:
            return railroad.Choice(0, *map(_item, items))
        case Repetition(0, 1, item):
            return railroad.Optional(_item(item))
        case Repetition(0, None, item):
            return railroad.ZeroOrMore(_item(item))
        case Repetition(1, None, item):
            return railroad.OneOrMore(_item(item))
        case Repetition(minimum, maximum, item):
            repeated = railroad.OneOrMore(_item(item), railroad.Comment(_times(minimum, maximum)))
            return repeated if minimum else railroad.Optional(repeated)
        case _:
            return railroad.Skip()


def _times(minimum: int, maximum: int | None) -> str:
    if maximum is None:
        return f"{minimum} times or more"
    return f"{minimum} times" if minimum == maximum else f"{minimum} to {maximum} times"
