"""The whole messages that RFCs print: no error finding but the RFC's own mistakes, listed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

from sipgen import parse
from sipgen.validation import validate

DATA = Path(__file__).resolve().parents[1] / "data" / "rfc_messages"
LEAST = 430


class Printed(NamedTuple):
    rfc: int
    line: int
    octets: bytes


class Exempt(NamedTuple):
    """An error finding that is right: the RFC is wrong."""

    rfc: int
    line: int
    rule: str
    header: str


def printed() -> list[Printed]:
    return [
        Printed(
            int(path.stem.removeprefix("rfc")),
            message["line"],
            message["text"].replace("\n", "\r\n").encode(),
        )
        for path in sorted(DATA.glob("rfc*.toml"))
        for message in tomllib.loads(path.read_text(encoding="utf-8")).get("message", [])
    ]


def exceptions() -> set[Exempt]:
    rows = tomllib.loads((DATA / "exceptions.toml").read_text(encoding="utf-8"))["exception"]
    found = [Exempt(*(row[key] for key in Exempt._fields)) for row in rows]
    assert len(set(found)) == len(found)
    assert all(row["reason"] for row in rows)
    return set(found)


PRINTED = printed()
EXCEPTIONS = exceptions()


def test_there_are_messages() -> None:
    assert len({(message.rfc, message.line) for message in PRINTED}) == len(PRINTED) >= LEAST
    places = {(message.rfc, message.line) for message in PRINTED}
    assert {(exempt.rfc, exempt.line) for exempt in EXCEPTIONS} <= places


@pytest.mark.parametrize("message", PRINTED, ids=lambda m: f"RFC {m.rfc}, line {m.line}")
def test_only_the_listed_mistakes_are_found(message: Printed) -> None:
    found = {
        Exempt(message.rfc, message.line, finding.rule, finding.header or "")
        for finding in validate(message.octets).findings
        if finding.severity == "error"
    }
    listed = {item for item in EXCEPTIONS if item[:2] == message[:2]}
    assert found == listed


WITHOUT_MISTAKES = [m for m in PRINTED if not any(item[:2] == m[:2] for item in EXCEPTIONS)]


@pytest.mark.parametrize("message", WITHOUT_MISTAKES, ids=lambda m: f"RFC {m.rfc}, line {m.line}")
def test_what_is_right_is_read_and_written_back(message: Printed) -> None:
    read = parse(message.octets, strict=True)
    assert read.leading + bytes(read) + read.trailing == message.octets
