"""Holds the hot path against the reference, on mutated real messages.

On any octets both tokenizers must give the same message with the same defects, or the same
error; and where the framer says that a message ends, the parser must say so, however the
octets are cut into pieces. ``make fuzz`` tries 100,000 cases; a case that fails is printed,
and its number repeats it with ``--seed``.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

from scripts.bench_messages import MESSAGES
from sipgen.errors import ParseError
from sipgen.wire import reference, tokenizer
from sipgen.wire.framer import Framer, FramerLimits

__all__ = ["PIECES", "corpus", "disagreement", "mutant"]

PIECES = [
    *(b"\r", b"\n", b"\r\n", b"\r\n ", b"\n\t", b":", b" ", b"\t", b"\x00", b"\xff"),
    *(b"\xc3\xa9", b"\x85", b"\x1c", b"\x0b", b"\xe2\x80\xa8", b"\xe2\x84\xaa", b"  "),
    *(b"\r\n\r\n", b"\n\n", b"\n\r\n", b"\r\n\n", b"junk\r\n", b"SIP/2.0", b"\r\r\n"),
    *(b"Content-Length: 5\r\n", b"l:0\r\n", b"L : 7\n", b"\nContent-length\t:\t12\r\n"),
]
"""What readers disagree about, if anything."""

_LIMITS = FramerLimits(body=4_096)


def corpus(root: Path) -> list[bytes]:
    """Real messages: the torture tests of two RFCs, and those of ``make bench``."""
    paths = sorted([*(root / "rfc4475").glob("*.dat"), *(root / "rfc5118").glob("*.dat")])
    return [*(path.read_bytes() for path in paths), *MESSAGES.values()]


def mutant(chance: random.Random, messages: list[bytes]) -> bytes:
    """One or two messages with one to four small changes."""
    data = bytearray(chance.choice(messages))
    if chance.random() < 0.2:
        data += chance.choice(messages)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(min(len(data), 700) + 1)
        kind = chance.random()
        if kind < 0.6:
            data[at:at] = chance.choice(PIECES)
        elif kind < 0.8:
            del data[at : at + chance.randint(1, 4)]
        elif at < len(data):
            data[at] = chance.randrange(256)
    return bytes(data)


def disagreement(data: bytes, chance: random.Random) -> str | None:
    """Where two of sipgen's readers differ about ``data``; ``None`` if nowhere."""
    fast, complete = _outcome(tokenizer, data), _outcome(reference, data)
    if fast != complete:
        return f"the hot path gives {fast!r}, the reference {complete!r}"
    whole = _framed([data])
    pieces = _pieces(data, chance)
    if whole != _framed(pieces):
        return f"in pieces of {[*map(len, pieces)]} the stream is another: {_framed(pieces)!r}"
    position = 0
    for message in whole[0]:
        rest = data[position:]
        skipped = len(rest) - len(rest.lstrip(b"\r\n"))
        read = reference.examine(rest, len(data))
        if (skipped, read.body_end) != (read.head.start_line.start, skipped + len(message)):
            return f"the framer ends {message!r} elsewhere than the parser"
        position += read.body_end
    return None


def _outcome(module: object, data: bytes) -> object:
    try:
        return module.tokenize(data)  # type: ignore[attr-defined]
    except ParseError as error:
        return type(error), error.finding


def _framed(pieces: list[bytes]) -> tuple[list[bytes], object, int]:
    """The messages of a stream, what ends it, and its pings."""
    framer = Framer(_LIMITS)
    found: list[bytes] = []
    try:
        for piece in pieces:
            found += framer.feed(piece)
        framer.close()
    except ParseError as error:
        return found, (type(error), error.finding.rule), framer.keep_alives
    return found, None, framer.keep_alives


def _pieces(data: bytes, chance: random.Random) -> list[bytes]:
    if chance.random() < 0.1:
        return [data[at : at + 1] for at in range(len(data))]
    cuts = sorted(chance.randrange(len(data) + 1) for _ in range(chance.randint(1, 6)))
    return [data[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


def main() -> int:
    """Try the cases; 1 at the first that fails."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=100_000, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="number of the first (%(default)s)")
    arguments = parser.parse_args()
    messages = corpus(Path(__file__).resolve().parents[1] / "tests" / "data")
    for number in range(arguments.seed, arguments.seed + arguments.cases):
        chance = random.Random(number)  # noqa: S311 - to be repeated, not secret
        data = mutant(chance, messages)
        fault = disagreement(data, chance)
        if fault is not None:
            print(f"\ncase {number}: {fault}\n{data!r}", file=sys.stderr)
            return 1
        if (number - arguments.seed + 1) % 5_000 == 0:
            print(f"{number - arguments.seed + 1} cases", file=sys.stderr, flush=True)
    print(f"{arguments.cases} cases, no disagreement")
    return 0


if __name__ == "__main__":
    sys.exit(main())
