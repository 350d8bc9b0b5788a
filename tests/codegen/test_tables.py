"""Registry files in, constant tables out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sipgen.generated.headers import CANONICAL_NAMES, COMPACT_FORMS, HEADER_FIELDS, Header
from sipgen.generated.methods import METHODS, Method
from sipgen.generated.statuses import STATUSES, Status

from sipgen.codegen.rule_data import Conformance
from sipgen.codegen.tables import render_tables
from sipgen.errors import GrammarError

REGISTRY = Path(__file__).resolve().parents[2] / "grammar" / "registry"


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    return Path(shutil.copytree(REGISTRY, tmp_path / "registry"))


def test_facts() -> None:
    assert len(HEADER_FIELDS) == len(Header) == 136
    assert len(METHODS) == len(Method) == 14
    assert len(STATUSES) == len(Status) == 75
    assert str(Header.CALL_ID) == "Call-ID"
    assert HEADER_FIELDS["Via"] == (
        "Via",
        "v",
        3261,
        "20.42",
        "RFC 3261",
        "Via",
        True,
        "via",
        "active",
    )
    assert COMPACT_FORMS["Contact"] == "m"
    assert CANONICAL_NAMES["m"] == CANONICAL_NAMES["contact"] == "Contact"
    assert not HEADER_FIELDS["WWW-Authenticate"].is_list
    assert HEADER_FIELDS["Relayed-Charge"].rfc is None
    assert HEADER_FIELDS["Hide"].status == "deprecated"
    assert (Status.RINGING, Status.RINGING.phrase) == (180, "Ringing")
    assert Status.NOT_ACCEPTABLE.phrase == Status.NOT_ACCEPTABLE_ANYWHERE.phrase
    assert len({*COMPACT_FORMS.values()}) == len(COMPACT_FORMS)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("methods.csv", "ACK,3261", "ack,3261", "not in capitals"),
        ("methods.csv", "ACK,3261", "ACK,x", "not a number"),
        ("methods.csv", "BYE,", "ACK,", "second time"),
        ("methods.csv", "method,rfc", "method,RFC", "the columns are"),
        ("methods.csv", "ACK,3261,17.1.1.3", "ACK,3261", "2 cells instead of 3"),
        ("methods.csv", "2026-01-07", "lately", "no date"),
        ("header_fields.csv", "\nVia,v", "\nVi a,v", "not a token"),
        ("header_fields.csv", "\nVia,v", "\nVia,V", "lower-case letter"),
        ("header_fields.csv", "Via,yes", "Via,maybe", "not yes or no"),
        ("header_fields.csv", "Via,yes,via,active", "Via,yes,via,alive", "not one of active"),
        ("header_fields.csv", "Via,yes,via,", "Via,yes,Via,", "words in lower case"),
        ("response_codes.csv", "100,TRYING", "99,TRYING", "from 100 to 699"),
        ("response_codes.csv", "100,TRYING", "100,trying", "not a constant"),
        ("response_codes.csv", "Trying,3261", "Trying,", "not a number"),
        ("response_codes.csv", "21.1.1,active", "21.1.1,idle", "not one of active"),
    ],
)
def test_a_mistake_is_reported_with_its_line(
    registry: Path, file: str, old: str, new: str, message: str
) -> None:
    path = registry / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(GrammarError, match=message) as caught:
        render_tables(registry.parent, Conformance())
    assert caught.value.path == str(path)
    assert caught.value.line is not None


def test_a_file_that_is_not_there(registry: Path) -> None:
    (registry / "methods.csv").unlink()
    with pytest.raises(GrammarError, match=r"methods\.csv"):
        render_tables(registry.parent, Conformance())
