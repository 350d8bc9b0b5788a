"""``sipgen grammar``: the ABNF of a header field or rule, with all that it reaches."""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sipgen.codegen.model import Rule, RuleSet
    from sipgen.generated.headers import HeaderDefinition

__all__ = ["add_parser"]

_EPILOG = """\
NAME is a header field, by its name or compact form, or a rule; its case does not matter.

  sipgen grammar Session-Expires
  sipgen grammar uri-parameter --svg uri-parameter.svg
  sipgen grammar --list | grep contact

What is printed is ABNF, joined from the RFCs and amended; a comment gives the RFC and
section of the rules below it.

exit status: 0 printed, 2 no such name, or a file that cannot be written"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "grammar",
        help="show the ABNF of a header field or rule",
        description="Show the ABNF of a header field or rule with everything that it reaches.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("name", nargs="?", metavar="NAME", help="a header field or a rule")
    what.add_argument("--list", action="store_true", help="list all header fields and rules")
    parser.add_argument(
        "--svg", type=Path, metavar="FILE", help="write railroad diagrams of the rules to FILE"
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from sipgen.language.grammar import joined_grammar  # noqa: PLC0415 - not for --help

    rules = joined_grammar().rules
    if arguments.list:
        if arguments.svg:
            print("sipgen: --svg draws one NAME, not a list", file=sys.stderr)
            return 2
        _list(rules)
        return 0
    definition = _header(arguments.name)
    name = definition.rule if definition else arguments.name
    if name not in rules:
        _say_unknown(arguments.name, rules)
        return 2
    shown = _reached(rules, name)
    if arguments.svg:
        return _draw(shown, arguments.svg)
    _print(shown, definition)
    return 0


def _header(name: str) -> HeaderDefinition | None:
    from sipgen.generated.headers import CANONICAL_NAMES, HEADER_FIELDS  # noqa: PLC0415

    canonical = CANONICAL_NAMES.get(name.lower())
    return HEADER_FIELDS[canonical] if canonical else None


def _reached(rules: RuleSet, name: str) -> list[Rule]:
    """A rule and all that it leads to, by source, in the order in which a reader meets them."""
    from sipgen.codegen.model import references  # noqa: PLC0415

    found = {name.lower(): rules[name]}
    pending = [rules[name]]
    for rule in pending:
        for reference in references(rule.node):
            key = reference.name.lower()
            if key not in found:
                found[key] = rules[key]
                pending.append(rules[key])
    by_source: dict[tuple[int | None, str | None], list[Rule]] = {}
    for rule in found.values():
        by_source.setdefault((rule.rfc, rule.section), []).append(rule)
    return [rule for group in by_source.values() for rule in group]


def _print(shown: list[Rule], definition: HeaderDefinition | None) -> None:
    from sipgen.codegen.writer import write_rules  # noqa: PLC0415

    if definition:
        compact = f", compact form {definition.compact}" if definition.compact else ""
        number = "a list of values" if definition.is_list else "one value"
        section = f", section {definition.section}" if definition.section else ""
        print(f"; header field {definition.name}{compact}: {definition.source}{section};")
        print(f"; {definition.status}, {number}", end="")
        print("" if definition.has_grammar else ", of which no RFC gives a grammar")
        for parameter in definition.parameters:
            source = ", ".join(f"RFC {rfc}" for rfc in parameter.rfcs) or "a draft"
            print(f"; parameter {parameter.name}: {source}, rule {parameter.rule}")
        print()
    print(write_rules(shown), end="")


def _draw(shown: list[Rule], path: Path) -> int:
    try:
        from sipgen.cli.railroads import railroads  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        print(
            "sipgen: --svg needs the package railroad-diagrams: pip install 'sipgen[svg]'",
            file=sys.stderr,
        )
        return 2
    try:
        path.write_text(railroads(shown), encoding="utf-8")
    except OSError as error:
        print(f"sipgen: {path}: {error.strerror or error}", file=sys.stderr)
        return 2
    print(f"{path}: {len(shown)} rules")
    return 0


def _list(rules: RuleSet) -> None:
    from sipgen.generated.headers import HEADER_FIELDS  # noqa: PLC0415

    for field in HEADER_FIELDS.values():
        section = f", section {field.section}" if field.section else ""
        print(f"header  {field.name:<32} {field.compact or '-'}  {field.source}{section}")
    for rule in sorted(rules.values(), key=lambda rule: rule.name.lower()):
        section = f", section {rule.section}" if rule.section else ""
        print(f"rule    {rule.name:<35} {f'RFC {rule.rfc}{section}' if rule.rfc else 'no RFC'}")


def _say_unknown(name: str, rules: RuleSet) -> None:
    from sipgen.generated.headers import HEADER_FIELDS  # noqa: PLC0415

    known = {key.lower(): key for key in (*rules, *HEADER_FIELDS)}
    near = [known[key] for key in difflib.get_close_matches(name.lower(), known, n=3)]
    instead = f"; did you mean {' or '.join(near)}?" if near else "; sipgen grammar --list has all"
    print(f'sipgen: no header field or rule "{name}"{instead}', file=sys.stderr)
