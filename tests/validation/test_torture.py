"""RFC 4475: every message, every verdict."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

import sipgen

FOLDER = Path(__file__).resolve().parents[1] / "data" / "rfc4475"
VERDICTS: list[dict[str, Any]] = tomllib.loads((FOLDER / "verdicts.toml").read_text())["message"]
EACH = pytest.mark.parametrize("verdict", VERDICTS, ids=[verdict["file"] for verdict in VERDICTS])


def octets(verdict: dict[str, Any]) -> bytes:
    return (FOLDER / str(verdict["file"])).read_bytes()


def errors(data: bytes) -> list[sipgen.Finding]:
    return [f for f in sipgen.validate(data).findings if f.severity == "error"]


def test_the_table_is_complete() -> None:
    assert {verdict["file"] for verdict in VERDICTS} == {path.name for path in FOLDER.glob("*.dat")}
    assert len(VERDICTS) == 49
    assert sum(verdict["valid"] for verdict in VERDICTS) == 26
    assert all(verdict["valid"] is not bool(verdict["rejected_by"]) for verdict in VERDICTS)


@EACH
def test_verdict(verdict: dict[str, Any]) -> None:
    data = octets(verdict)
    found = errors(data)
    assert sipgen.validate(data).ok is verdict["valid"]
    assert [finding.rule for finding in found] == verdict["rules"]
    if not verdict["valid"]:
        covered = [data[finding.start : finding.end].decode("latin-1") for finding in found]
        assert covered == verdict["faults"]
        assert [found[0].line, found[0].column] == verdict["first"]


@EACH
def test_the_valid_ones_are_taken_by_careful_receivers(verdict: dict[str, Any]) -> None:
    if verdict["valid"]:
        assert sipgen.validate(octets(verdict), "interop").ok


@EACH
def test_strict_parse_agrees(verdict: dict[str, Any]) -> None:
    data = octets(verdict)
    if verdict["rules"]:
        with pytest.raises(sipgen.ParseError):
            sipgen.parse(data, strict=True)
    else:
        assert bytes(sipgen.parse(data, strict=True)) == bytes(sipgen.parse(data))


@EACH
def test_lenient_parse_reads_it_and_writes_it_back(verdict: dict[str, Any]) -> None:
    data = octets(verdict)
    if verdict["unreadable"]:
        with pytest.raises(sipgen.ParseError) as caught:
            sipgen.parse(data)
        assert caught.value.finding.rule == verdict["unreadable"]
        assert sipgen.validate(data).message is None
        return
    message = sipgen.parse(data)
    assert message.leading + bytes(message) + message.trailing == data
    assert bool(message.trailing) is (verdict["file"] == "dblreq.dat")


@EACH
def test_findings_point_into_the_message(verdict: dict[str, Any]) -> None:
    data = octets(verdict)
    for finding in sipgen.validate(data).findings:
        assert 0 <= finding.start <= finding.end <= len(data)
        assert finding.line == data.count(b"\n", 0, finding.start) + 1
        assert finding.column == finding.start - data.rfind(b"\n", 0, finding.start)
        assert finding.message
        assert finding.rfc
        assert finding.section
