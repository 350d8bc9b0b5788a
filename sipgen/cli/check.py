"""``sipgen check``: validate messages, one a file."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sipgen.errors import SipError

if TYPE_CHECKING:
    from sipgen.rules.profile import Profile
    from sipgen.validation import Report

__all__ = ["add_parser"]

_EPILOG = """\
Each FILE holds one message, as a datagram would; - is standard input.

  sipgen check INVITE.sip
  sipgen check --profile interop --rule via-port=warning INVITE.sip
  sipgen check --grammar my-headers INVITE.sip
  sipgen check --json captured/*.sip | jq '.files[] | select(.ok | not) | .path'

A profile says how severe each rule is: strict is the RFCs to the letter, interop what a
careful receiver takes; --rule sets one rule (sipgen explain --list) or one rule of the
ABNF. What a project always wants stands in its pyproject.toml, which is looked for from
this folder upwards:

  [tool.sipgen]
  profile = "interop"
  rules = { via-port = "warning", invite-allow = "off" }

exit status: 0 all clean (warnings are clean), 1 errors found, 2 wrong usage or unreadable
input (missing, empty, a directory); the other files are checked all the same"""

_LARGEST_FILE = 16 * 1024 * 1024
"""Octets read of a file: two hundred times the largest message."""


class _Checked(NamedTuple):
    path: str
    data: bytes
    report: Report


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "check",
        help="validate messages, one a file",
        description="Validate SIP messages by the RFCs: grammar, framing, conformance rules.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a message; - for standard input")
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="write the findings as JSON")
    output.add_argument("--quiet", action="store_true", help="write nothing but what is unreadable")
    parser.add_argument(
        "--grammar",
        metavar="DIR",
        help="judge by what sipgen generate wrote to DIR as well: your own header fields",
    )
    parser.add_argument(
        "--profile",
        metavar="NAME",
        help="strict or interop (default: what pyproject.toml says, or strict)",
    )
    parser.add_argument(
        "--rule",
        action="append",
        default=[],
        metavar="ID=SEVERITY",
        help="error, warning or off for one rule; may be given several times",
    )
    parser.add_argument(
        "--config", metavar="FILE", help="a pyproject.toml to take [tool.sipgen] from"
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from sipgen.cli.text import Style, render  # noqa: PLC0415
    from sipgen.language.grammar import load_grammar  # noqa: PLC0415 - not for --help
    from sipgen.validation import validate  # noqa: PLC0415

    try:
        grammar = load_grammar(arguments.grammar) if arguments.grammar is not None else None
        profile = _profile(arguments)
    except SipError as error:
        print(f"sipgen: {error}", file=sys.stderr)
        return 2
    style = Style(colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ)
    checked: list[_Checked] = []
    unreadable = 0
    for number, name in enumerate(arguments.files, start=1):
        _progress(number, len(arguments.files))
        data = _read(name)
        if data is None:
            unreadable += 1
            continue
        result = _Checked(name, data, validate(data, profile, grammar=grammar))
        checked.append(result)
        if not arguments.json and not arguments.quiet:
            for finding in result.report.findings:
                print(render(name, data, finding, style))
    errors, warnings = _count(checked, "error"), _count(checked, "warning")
    if arguments.json:
        _write_json(checked)
    elif not arguments.quiet:
        clean = sum(result.report.ok for result in checked)
        print(
            f"{len(checked)} checked, {clean} clean, {errors} errors, {warnings} warnings",
            file=sys.stderr,
        )
    if unreadable:
        return 2
    return 1 if errors else 0


def _profile(arguments: argparse.Namespace) -> Profile:
    """What the command line says, on top of what pyproject.toml says."""
    from sipgen.rules.profile import Profile  # noqa: PLC0415 - not for --help

    config = arguments.config or _config()
    configured = Profile.from_pyproject(config) if config else Profile()
    rules = {}
    for setting in arguments.rule:
        identifier, equal, severity = setting.rpartition("=")
        if not equal:
            raise SipError(f"--rule {setting}: write ID=error, ID=warning or ID=off")
        rules[identifier] = severity
    return Profile(arguments.profile or configured.base, {**configured.rules, **rules})


def _config() -> Path | None:
    """The nearest pyproject.toml with a table for sipgen, from the working folder upwards."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        path = folder / "pyproject.toml"
        if path.is_file() and "[tool.sipgen" in path.read_text("utf-8", "replace"):
            return path
    return None


def _count(checked: list[_Checked], severity: str) -> int:
    return sum(
        finding.severity == severity for result in checked for finding in result.report.findings
    )


def _write_json(checked: list[_Checked]) -> None:
    files = [{"path": result.path, **result.report.to_dict()} for result in checked]
    json.dump({"version": 1, "files": files}, sys.stdout, indent=2)
    print()


def _progress(number: int, total: int) -> None:
    """A line that counts, for a person who waits for many files."""
    if total > 50 and sys.stderr.isatty():
        end = "\n" if number == total else ""
        print(f"\r{number} of {total} files", end=end, file=sys.stderr, flush=True)


def _read(name: str) -> bytes | None:
    """The octets of a file; ``None`` after saying why there are none."""
    try:
        if name == "-":
            data = sys.stdin.buffer.read(_LARGEST_FILE + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(_LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
    else:
        if data and len(data) <= _LARGEST_FILE:
            return data
        why = f"has more than {_LARGEST_FILE} octets" if data else "is empty"
    shown = "standard input" if name == "-" else name
    print(f"sipgen: {shown}: {why}", file=sys.stderr)
    return None
