"""``sipgen generate``: tables for your own header fields, from ABNF."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from sipgen.errors import GrammarError

__all__ = ["add_parser"]

_EPILOG = """\
my-headers.abnf holds rules as RFC 5234 writes them, and may use all rules of the RFCs
(sipgen grammar --list):

  X-Acme-Trunk = "X-Acme-Trunk" HCOLON trunk-id *( SEMI trunk-param )
  trunk-id     = 1*DIGIT
  trunk-param  = "region" EQUAL ( "eu" / "us" ) / generic-param

A rule that begins with a name and HCOLON is a header field. "=/" adds alternatives to a
rule of the RFCs, and what that rule is part of is made anew.

  sipgen generate --abnf my-headers.abnf --out my-headers
  sipgen check --grammar my-headers INVITE.sip

In Python: sipgen.validate(data, grammar=sipgen.load_grammar("my-headers")).

exit status: 0 written, 2 a mistake in the ABNF, or a file that cannot be read or written"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "generate",
        help="make tables for your own header fields from ABNF",
        description="Make tables from your own ABNF, beside those of the RFCs.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--abnf",
        action="append",
        required=True,
        type=Path,
        metavar="FILE",
        help="your rules; may be given several times",
    )
    parser.add_argument(
        "--out", required=True, type=Path, metavar="DIR", help="where grammar.json is written"
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    # Not for --help: the compiler of grammars.
    from sipgen.codegen.extension import MAX_TEXT, compiled_extension  # noqa: PLC0415
    from sipgen.language.grammar import FILE_NAME, joined_grammar  # noqa: PLC0415

    try:
        texts = {str(path): _read(path, MAX_TEXT + 1) for path in arguments.abnf}
        tables = compiled_extension(joined_grammar(), texts, _progress)
    except GrammarError as error:
        print(f"sipgen: {error}", file=sys.stderr)
        return 2
    path = arguments.out / FILE_NAME
    text = json.dumps(tables, indent=1) + "\n"
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")
    except OSError as error:
        print(f"sipgen: {path}: {error.strerror or error}", file=sys.stderr)
        return 2
    print(f"{path}: {', '.join(tables['entries'])} ({len(text) / 1000:.0f} kB)")
    return 0


def _read(path: Path, most: int) -> str:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            # One more than is allowed, so that a file without end ends here.
            return file.read(most)
    except OSError as error:
        raise GrammarError(error.strerror or str(error), path=str(path)) from error
    except UnicodeDecodeError as error:
        raise GrammarError("ABNF is written in ASCII", path=str(path)) from error


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
