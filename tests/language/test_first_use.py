"""The first use of a header field costs milliseconds, once."""

from __future__ import annotations

import pkgutil
import time

import pytest

from sipgen.language.automata import Automata, automata, with_tables

pytestmark = pytest.mark.timing

MOST_MILLISECONDS = 15


def milliseconds(entry: str) -> float:
    """CPU time of the first use of ``entry`` where no other has been used."""
    from sipgen.generated import automata_strict  # noqa: PLC0415

    octets = pkgutil.get_data("sipgen.generated", "automata_strict.bin")
    machine = Automata(with_tables(vars(automata_strict), octets or b""))
    begin = time.process_time()
    machine.after(machine.start(entry), b"")
    return (time.process_time() - begin) * 1000


@pytest.mark.parametrize("entry", sorted(automata("strict").starts))
def test_first_use_is_quick(entry: str) -> None:
    taken = milliseconds(entry)
    # A machine that does other work at times: the least of a few is what the work costs.
    for _ in range(4):
        if taken <= MOST_MILLISECONDS / 2:
            break
        taken = min(taken, milliseconds(entry))
    print(f"{entry}: {taken:.1f} ms")
    assert taken <= MOST_MILLISECONDS
