"""The rules, sorted for use: value rules by header field, and the order of all of them."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from sipgen.generated.conformance import RULES
from sipgen.generated.headers import HEADER_FIELDS
from sipgen.rules.declaring import ValueRule, rules
from sipgen.values.locate import REQUEST_LINE

__all__ = ["Asked", "RuleTables", "rule_tables"]


class Asked(NamedTuple):
    """The value rules of one header field."""

    elements: tuple[ValueRule, ...]
    """Those asked about every element, and"""
    by_parameter: dict[str, tuple[ValueRule, ...]]
    """those asked where a parameter is present."""
    uris: tuple[ValueRule, ...]
    uris_by_parameter: dict[str, tuple[ValueRule, ...]]
    written: tuple[ValueRule, ...]
    fields: tuple[ValueRule, ...]


class RuleTables(NamedTuple):
    """Value rules by header field, and the order of all rules."""

    of_header: dict[str, Asked]
    order: dict[str, int]
    """Number of each rule in ``conformance.toml``: of two findings about one place, the one
    of the earlier rule comes first."""


@cache
def rule_tables() -> RuleTables:
    """Return the rules, sorted once."""
    values, _ = rules()
    order = {identifier: number for number, identifier in enumerate(RULES)}
    values = sorted(values, key=lambda rule: order.get(rule.id, -1))
    found = {}
    for header in (REQUEST_LINE, *HEADER_FIELDS):
        own = [rule for rule in values if header in rule.headers]
        if own:
            found[header] = Asked(
                *_by_needs([rule for rule in own if rule.reads == "element"]),
                *_by_needs([rule for rule in own if rule.reads == "uri"]),
                tuple([rule for rule in own if rule.reads == "written"]),
                tuple([rule for rule in own if rule.reads == "field"]),
            )
    return RuleTables(found, order)


def _by_needs(
    rules_: list[ValueRule],
) -> tuple[tuple[ValueRule, ...], dict[str, tuple[ValueRule, ...]]]:
    names = {name for rule in rules_ for name in rule.needs}
    return (
        tuple([rule for rule in rules_ if not rule.needs]),
        {name: tuple([rule for rule in rules_ if name in rule.needs]) for name in names},
    )
