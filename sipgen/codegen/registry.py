"""Reads ``grammar/registry/``: what IANA has registered for SIP.

The files are CSV with a head of ``#`` comments that gives source and date. Each row is
checked as it is read, so that a slip of the pen is an error with its line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from sipgen.errors import GrammarError

__all__ = ["TABLES", "Row", "Table", "read_table"]

Row = dict[str, str]
"""Cell by column."""

_Check = Callable[[Row], str | None]

_TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_SOURCES = re.compile(r"RFC \d+(?: RFC \d+)*|draft-[a-z0-9-]+")


class Table(NamedTuple):
    """A registry file as read."""

    rows: list[Row]
    date: str
    """The date of the registry's page, ``YYYY-MM-DD``."""


class _Form(NamedTuple):
    """What a file looks like."""

    columns: tuple[str, ...]
    key: tuple[str, ...]
    check: _Check


def read_table(registry: Path, name: str) -> Table:
    """The rows of a registry file and its date.

    :param registry: the folder ``grammar/registry``.
    :param name: one of :data:`TABLES`.
    :raises GrammarError: for a mistake in the file, with its line.
    """
    path = registry / f"{name}.csv"
    form = TABLES[name]
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise GrammarError(str(error), path=str(path)) from error
    head = [line for line in lines if line.startswith("#")]
    date = _DATE.search("\n".join(head))
    if date is None:
        raise GrammarError("the comment at its head gives no date", path=str(path), line=1)
    body = enumerate(lines[len(head) :], start=len(head) + 1)
    number, title = next(body, (len(head) + 1, ""))
    if tuple(title.split(",")) != form.columns:
        raise GrammarError(
            f'the columns are "{title}"',
            path=str(path),
            line=number,
            expected=(",".join(form.columns),),
        )
    rows: list[Row] = []
    seen: set[tuple[str, ...]] = set()
    for number, line in body:
        cells = next(csv.reader([line]), [])
        row = dict(zip(form.columns, cells, strict=False))
        key = tuple(row.get(column, "").lower() for column in form.key)
        if len(cells) != len(form.columns):
            fault: str | None = f"{len(cells)} cells instead of {len(form.columns)}"
        elif key in seen:
            fault = f'"{row[form.key[-1]]}" stands here a second time'
        else:
            fault = form.check(row)
        if fault:
            raise GrammarError(fault, path=str(path), line=number)
        seen.add(key)
        rows.append(row)
    return Table(rows, date[0])


def _header_field(row: Row) -> str | None:
    if not _TOKEN.fullmatch(row["name"]):
        return f'header name "{row["name"]}" is not a token'
    if row["compact"] and not re.fullmatch("[a-z]", row["compact"]):
        return f'compact form "{row["compact"]}" is not one lower-case letter'
    if row["list"] not in {"yes", "no"}:
        return f'list is "{row["list"]}", not yes or no'
    if not re.fullmatch("[a-z]+(?:-[a-z]+)*", row["family"]):
        return f'family "{row["family"]}" is not words in lower case with hyphens between'
    return _one_of(row, "status", ("active", "deprecated", "reserved", "unregistered"))


def _method(row: Row) -> str | None:
    if not re.fullmatch("[A-Z]+", row["method"]):
        return f'method "{row["method"]}" is not in capitals'
    return None if row["rfc"].isdigit() else f'rfc is "{row["rfc"]}", not a number'


def _response_code(row: Row) -> str | None:
    if not re.fullmatch("[1-6][0-9]{2}", row["code"]):
        return f'code "{row["code"]}" is not from 100 to 699'
    if not re.fullmatch("[A-Z][A-Z0-9_]*", row["name"]):
        return f'name "{row["name"]}" is not a constant'
    if not row["rfc"].isdigit():
        return f'rfc is "{row["rfc"]}", not a number'
    return _one_of(row, "status", ("active", "deprecated"))


def _option_tag(row: Row) -> str | None:
    if not _TOKEN.fullmatch(row["option_tag"]):
        return f'option tag "{row["option_tag"]}" is not a token'
    return None if row["rfc"].isdigit() else f'rfc is "{row["rfc"]}", not a number'


def _parameter(row: Row) -> str | None:
    if not _TOKEN.fullmatch(row["parameter"].removesuffix("[n]")):
        return f'parameter "{row["parameter"]}" is not a token'
    if not _SOURCES.fullmatch(row["source"]):
        return f'source is "{row["source"]}", neither "RFC n", nor several of them, nor a draft'
    if not row["rule"]:
        return f'parameter "{row["parameter"]}" has no rule'
    return _one_of(row, "values", ("yes", "no"))


def _one_of(row: Row, column: str, values: Iterable[str]) -> str | None:
    if row[column] in values:
        return None
    return f'{column} is "{row[column]}", not one of {", ".join(values)}'


TABLES: Mapping[str, _Form] = {
    "header_fields": _Form(
        ("name", "compact", "source", "section", "rule", "list", "family", "status"),
        ("name",),
        _header_field,
    ),
    "header_parameters": _Form(
        ("header", "parameter", "values", "source", "rule"), ("header", "parameter"), _parameter
    ),
    "uri_parameters": _Form(("parameter", "values", "source", "rule"), ("parameter",), _parameter),
    "methods": _Form(("method", "rfc", "section"), ("method",), _method),
    "response_codes": _Form(
        ("code", "name", "phrase", "rfc", "section", "status"), ("code",), _response_code
    ),
    "option_tags": _Form(("option_tag", "rfc"), ("option_tag",), _option_tag),
}
"""The files of ``grammar/registry``, each with its columns."""
