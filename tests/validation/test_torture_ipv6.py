"""RFC 5118: every message as the RFC advises."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from sipgen.generated.conformance import RULES

import sipgen
from sipgen.rules.profile import ProfileName

FOLDER = Path(__file__).resolve().parents[1] / "data" / "rfc5118"
VERDICTS: list[dict[str, Any]] = tomllib.loads((FOLDER / "verdicts.toml").read_text())["message"]
EACH = pytest.mark.parametrize("verdict", VERDICTS, ids=[verdict["file"] for verdict in VERDICTS])
PROFILES: tuple[ProfileName, ...] = ("strict", "interop")


def octets(verdict: dict[str, Any]) -> bytes:
    return (FOLDER / str(verdict["file"])).read_bytes()


def test_the_table_is_complete() -> None:
    assert {verdict["file"] for verdict in VERDICTS} == {path.name for path in FOLDER.glob("*.dat")}
    published = [verdict for verdict in VERDICTS if ".mended" not in verdict["file"]]
    assert (len(published), len(VERDICTS)) == (12, 15)


@EACH
@pytest.mark.parametrize("profile", PROFILES)
def test_findings(verdict: dict[str, Any], profile: ProfileName) -> None:
    data = octets(verdict)
    found = sipgen.validate(data, profile).findings
    assert [finding.rule for finding in found] == verdict[profile]
    for finding in found:
        assert 0 <= finding.start <= finding.end <= len(data)


@EACH
def test_verdict(verdict: dict[str, Any]) -> None:
    strict, interop = (sipgen.validate(octets(verdict), profile) for profile in PROFILES)
    assert strict.ok is (verdict["verdict"] == "valid")
    assert interop.ok is (verdict["verdict"] in {"valid", "accept"})
    if verdict["verdict"] == "accept":
        # Strict explains what it refuses, and says who takes it.
        for refused, taken in zip(strict.findings, interop.findings, strict=True):
            assert refused.hint.endswith(f"takes it: {taken.rule}.")
            assert taken.rule in RULES


@EACH
def test_they_are_read_and_written_back(verdict: dict[str, Any]) -> None:
    data = octets(verdict)
    if verdict["verdict"] == "framing":
        with pytest.raises(sipgen.ParseError):
            sipgen.parse(data)
        return
    message = sipgen.parse(data)
    assert message.leading + bytes(message) + message.trailing == data
