"""``sipgen explain``: a rule, where it stands, why it exists, and an example of each kind."""

from __future__ import annotations

import argparse
import difflib
import json
import sys
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sipgen.generated.conformance import Rule

__all__ = ["add_parser"]

_EPILOG = """\
  sipgen explain via-branch-empty
  sipgen explain --list

A finding of sipgen check ends in the id of its rule, in brackets. An id that begins with a
capital, or is written as in an RFC's grammar, is a rule of the ABNF: sipgen grammar shows it.

exit status: 0 explained, 2 no rule of that id"""

_WIDTH = 88


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "explain",
        help="explain a rule that a message broke",
        description="Explain a conformance rule: its RFC and section, why it exists, an"
        " example that breaks it and one that keeps it.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("rule", nargs="?", metavar="ID", help="id of a rule")
    parser.add_argument("--list", action="store_true", help="list all rules")
    parser.add_argument("--json", action="store_true", help="write JSON")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    # Not for --help.
    from sipgen.generated.conformance import RULES  # noqa: PLC0415

    if arguments.list == (arguments.rule is not None):
        print("sipgen: explain takes an ID, or --list", file=sys.stderr)
        return 2
    if arguments.list:
        _print_list(list(RULES.values()), as_json=arguments.json)
        return 0
    rule = RULES.get(arguments.rule)
    if rule is None:
        print(f"sipgen: {_unknown(arguments.rule, list(RULES))}", file=sys.stderr)
        return 2
    if arguments.json:
        json.dump(_facts(rule), sys.stdout, indent=2)
        print()
    else:
        print(_explained(rule))
    return 0


def _print_list(rules: list[Rule], *, as_json: bool) -> None:
    if as_json:
        json.dump({"version": 1, "rules": [rule._asdict() for rule in rules]}, sys.stdout, indent=2)
        print()
        return
    widest = max(len(rule.id) for rule in rules)
    for rule in sorted(rules):
        place = f"RFC {rule.rfc} {rule.section}"
        print(f"{rule.id:<{widest}}  {rule.strict:<7}  {place:<19}  {rule.requirement}")


def _unknown(identifier: str, known: list[str]) -> str:
    from sipgen.language.grammar import joined_grammar  # noqa: PLC0415 - for this only

    if identifier in joined_grammar().rules:
        return f'"{identifier}" is a rule of the ABNF: sipgen grammar {identifier}'
    near = difflib.get_close_matches(identifier, known, n=1, cutoff=0.4)
    instead = f'; did you mean "{near[0]}"?' if near else "; sipgen explain --list has them all"
    return f'no rule "{identifier}"{instead}'


def _facts(rule: Rule) -> dict[str, object]:
    from sipgen.generated.explanations import EXPLANATIONS  # noqa: PLC0415

    breaks, keeps = _examples(rule.id)
    return {
        **rule._asdict(),
        "why": EXPLANATIONS[rule.id].why,
        "breaks": breaks.decode("utf-8", "backslashreplace"),
        "keeps": keeps.decode("utf-8", "backslashreplace"),
    }


def _examples(identifier: str) -> tuple[bytes, bytes]:
    from sipgen.cli.examples import example  # noqa: PLC0415
    from sipgen.generated.explanations import EXPLANATIONS  # noqa: PLC0415

    explanation = EXPLANATIONS[identifier]
    return example(explanation.on, explanation.breaks), example(explanation.on, explanation.keeps)


def _explained(rule: Rule) -> str:
    from sipgen.cli.text import Style, render, shown_lines  # noqa: PLC0415
    from sipgen.generated.explanations import EXPLANATIONS  # noqa: PLC0415
    from sipgen.rules.profile import Profile  # noqa: PLC0415
    from sipgen.validation import validate  # noqa: PLC0415

    breaks, keeps = _examples(rule.id)
    profile = Profile("strict", {rule.id: "warning"} if rule.strict == "off" else {})
    report = validate(breaks, profile)
    named = [item for item in report.findings if rule.id in {item.rule, *item.hint.split()}]
    told = named or [item for item in report.findings if item.severity == "error"][:1]
    style = Style(colour=False)
    return "\n".join(
        [
            f"{rule.id}: {rule.requirement}",
            (
                f"  RFC {rule.rfc}, section {rule.section} ({rule.level});"
                f" strict: {rule.strict}, interop: {rule.interop}"
            ),
            "",
            *_wrapped(EXPLANATIONS[rule.id].why),
            "",
            *_wrapped(rule.hint),
            "",
            "A message that breaks it:",
            "",
            *shown_lines(breaks),
            "",
            *(render("example", breaks, finding, style) for finding in told[:1]),
            "",
            "One that keeps it:",
            "",
            *shown_lines(keeps),
        ]
    )


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="  ")
