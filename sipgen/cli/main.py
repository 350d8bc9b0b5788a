"""Entry point of the command line.

A command is a module with ``add_parser(commands)``, which adds its arguments and sets
``run``, a function of the parsed arguments that gives the exit status.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from sipgen import __version__
from sipgen.cli import check, explain, generate, grammar, send, serve

__all__ = ["main"]

_DESCRIPTION = """\
The lowest SIP/2.0 layer: is this message correct, and if not, which rule of which RFC does
it break, and where?"""

_EPILOG = """\
exit status: 0 all clean, 1 something found, 2 wrong usage or unreadable input

try: sipgen check --help, sipgen explain --list, sipgen grammar Via"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    :param argv: the arguments; without them those of the process.
    :return: the exit status.
    """
    parser = argparse.ArgumentParser(
        prog="sipgen",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"sipgen {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (check, explain, grammar, generate, serve, send):
        command.add_parser(commands)
    arguments = parser.parse_args(argv)
    try:
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has gone, as `| head` does; nothing more can be written, not even the
        # flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    return status
