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
# The rules of what an RFC leaves out where it prints part of a message.
LEFT_OUT = {
    "invite-2xx-contact",
    "invite-contact",
    "mandatory-call-id",
    "mandatory-cseq",
    "mandatory-from",
    "mandatory-max-forwards",
    "mandatory-to",
    "mandatory-via",
    "notify-subscription-state",
    "refer-contact",
}


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


def abbreviated() -> dict[tuple[int, int], list[str]]:
    """The header fields that an RFC leaves out of a message, by RFC and line."""
    text = (DATA / "abbreviated.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["messages"]
    found = {(row["rfc"], row["line"]): row["missing"] for row in rows}
    assert len(found) == len(rows)
    return found


PRINTED = printed()
ABBREVIATED = abbreviated()
EXCEPTIONS = exceptions()


def test_there_are_messages() -> None:
    assert set(ABBREVIATED) <= {message[:2] for message in PRINTED}
    assert len({(message.rfc, message.line) for message in PRINTED}) == len(PRINTED) >= LEAST
    places = {(message.rfc, message.line) for message in PRINTED}
    assert {(exempt.rfc, exempt.line) for exempt in EXCEPTIONS} <= places


@pytest.mark.parametrize("message", PRINTED, ids=lambda m: f"RFC {m.rfc}, line {m.line}")
def test_only_the_listed_mistakes_are_found(message: Printed) -> None:
    errors = [f for f in validate(message.octets).findings if f.severity == "error"]
    missing = [finding.header or "" for finding in errors if finding.rule in LEFT_OUT]
    assert sorted(missing) == sorted(ABBREVIATED.get(message[:2], []))
    found = {
        Exempt(message.rfc, message.line, finding.rule, finding.header or "")
        for finding in errors
        if finding.rule not in LEFT_OUT
    }
    listed = {item for item in EXCEPTIONS if item[:2] == message[:2]}
    assert found == listed


MISTAKEN = {item[:2] for item in EXCEPTIONS} | set(ABBREVIATED)
WITHOUT_MISTAKES = [message for message in PRINTED if message[:2] not in MISTAKEN]


@pytest.mark.parametrize("message", WITHOUT_MISTAKES, ids=lambda m: f"RFC {m.rfc}, line {m.line}")
def test_what_is_right_is_read_and_written_back(message: Printed) -> None:
    read = parse(message.octets, strict=True)
    assert read.leading + bytes(read) + read.trailing == message.octets
