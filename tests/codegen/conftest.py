"""The grammar and its languages; compiling takes seconds, so each process does it once."""

from __future__ import annotations

import pytest

from sipgen.codegen.grammar import Grammar
from tests.codegen.oracles import compiled


@pytest.fixture(scope="session")
def grammar() -> Grammar:
    """The repository's grammar, joined."""
    return compiled.grammar()


@pytest.fixture(scope="session")
def abnf() -> compiled.Compiled:
    """The language of the RFCs, compiled."""
    return compiled.compiled("abnf")


@pytest.fixture(scope="session")
def strict() -> compiled.Compiled:
    """The language without what the catch-alls swallow, compiled."""
    return compiled.compiled("strict")
