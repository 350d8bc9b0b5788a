"""Numbers are read with a bound, in one place."""

from __future__ import annotations

import pytest

from sipgen.wire.digits import LARGEST, leading_number, number_of


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("5060", 5060),
        ("0" * 100_000 + "7", 7),
        ("0" * 100_000, 0),
        ("9" * 18, LARGEST - 1),
        ("9" * 19, None),
        ("", None),
        (None, None),
        ("-1", None),
        ("+1", None),
        ("1_0", None),
        (" 1", None),
        ("1\n", None),
        ("\u0661", None),
        ("\u00b2", None),
    ],
)
def test_number_of(text: str | None, number: int | None) -> None:
    assert number_of(text) == number


def test_a_narrower_bound() -> None:
    assert number_of("99999", 5) == 99_999
    assert number_of("0000099999", 5) == 99_999
    assert number_of("100000", 5) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [("", 0), ("x1", 0), ("12;q", 12), ("007", 7), ("9" * 19, LARGEST), ("1" * 100_000, LARGEST)],
)
def test_leading_number(text: str, number: int) -> None:
    assert leading_number(text) == number
