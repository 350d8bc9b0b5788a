"""Makes ``generated/`` and the generated pages of ``docs/`` from ``grammar/``.

With ``--check`` nothing is written: the exit status says whether the outputs are what
the grammar gives.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from sipgen.codegen.pipeline import generate, stale, write
from sipgen.errors import GrammarError

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run the generator; 0 done or up to date, 1 stale, 2 a mistake in the grammar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--grammar", type=Path, default=ROOT / "grammar", metavar="DIR")
    parser.add_argument("--out", type=Path, default=ROOT / "generated", metavar="DIR")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", metavar="DIR")
    arguments = parser.parse_args()
    begin = time.perf_counter()
    try:
        outputs, pages = generate(
            arguments.grammar, lambda line: print(line, file=sys.stderr, flush=True)
        )
    except GrammarError as error:
        print(error, file=sys.stderr)
        return 2
    differences = 0
    for folder, texts in ((arguments.out, outputs), (arguments.docs, pages)):
        found = stale(texts, folder) if arguments.check else write(texts, folder)
        differences += len(found)
        for difference in found:
            change = difference.what if arguments.check else "written"
            if not arguments.check and difference.what == "not generated":
                change = "removed"
            print(f"{folder.name}/{difference.name}: {change}")
    seconds = time.perf_counter() - begin
    state = "stale: run make generate" if arguments.check and differences else "up to date"
    print(f"{len(outputs) + len(pages)} files, {seconds:.0f} s, {state}")
    return 1 if arguments.check and differences else 0


if __name__ == "__main__":
    sys.exit(main())
