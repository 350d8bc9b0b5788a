"""Constant tables: header fields, methods and response codes as Python modules.

The registry files are CSV with a head of ``#`` comments that gives source and date. They
are checked as they are read; Jinja2 templates make modules of them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from sipgen.errors import GrammarError

__all__ = ["render_tables"]

_HEADER_COLUMNS = ("name", "compact", "source", "section", "rule", "list", "status")
_METHOD_COLUMNS = ("method", "rfc", "section")
_RESPONSE_COLUMNS = ("code", "name", "phrase", "rfc", "section", "status")

_TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_RFC = re.compile(r"RFC (\d+)")

_Row = dict[str, str]
_Check = Callable[[_Row], str | None]


def render_tables(registry: Path) -> dict[str, str]:
    """Read the registry files and render the modules.

    :param registry: the folder with ``header_fields.csv``, ``methods.csv`` and
        ``response_codes.csv``.
    :return: text by file name: ``__init__.py``, ``headers.py``, ``methods.py``,
        ``statuses.py``.
    :raises GrammarError: for a mistake in a file, with its line.
    """
    headers, date = _read(registry / "header_fields.csv", _HEADER_COLUMNS, "name", _check_header)
    methods, _ = _read(registry / "methods.csv", _METHOD_COLUMNS, "method", _check_method)
    statuses, _ = _read(registry / "response_codes.csv", _RESPONSE_COLUMNS, "code", _check_status)
    environment = Environment(
        loader=PackageLoader("sipgen.codegen"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Python source, not HTML
    )
    environment.filters["constant"] = _constant
    environment.filters["literal"] = _literal
    environment.filters["rfc_number"] = _rfc_number
    tables = {"headers": headers, "methods": methods, "statuses": statuses, "date": date}
    return {
        f"{name}.py": environment.get_template(f"{name}.py.j2").render(tables)
        for name in ("__init__", "headers", "methods", "statuses")
    }


def _read(path: Path, columns: tuple[str, ...], key: str, check: _Check) -> tuple[list[_Row], str]:
    """The rows of a registry file, and the date that its head gives."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise GrammarError(str(error), path=str(path)) from error
    head = [line for line in lines if line.startswith("#")]
    date = _DATE.search("\n".join(head))
    if date is None:
        raise GrammarError("the comment at its head gives no date", path=str(path), line=1)
    rows: list[_Row] = []
    seen: set[str] = set()
    body = enumerate(lines[len(head) :], start=len(head) + 1)
    number, title = next(body, (len(head) + 1, ""))
    if tuple(title.split(",")) != columns:
        raise GrammarError(
            f'the columns are "{title}"', path=str(path), line=number, expected=(",".join(columns),)
        )
    for number, line in body:
        cells = next(csv.reader([line]), [])
        row = dict(zip(columns, cells, strict=False))
        if len(cells) != len(columns):
            fault: str | None = f"{len(cells)} cells instead of {len(columns)}"
        elif row[key].lower() in seen:
            fault = f'"{row[key]}" stands here a second time'
        else:
            fault = check(row)
        if fault:
            raise GrammarError(fault, path=str(path), line=number)
        seen.add(row[key].lower())
        rows.append(row)
    return rows, date[0]


def _check_header(row: _Row) -> str | None:
    if not _TOKEN.fullmatch(row["name"]):
        return f'header name "{row["name"]}" is not a token'
    if row["compact"] and not re.fullmatch("[a-z]", row["compact"]):
        return f'compact form "{row["compact"]}" is not one lower-case letter'
    if row["list"] not in {"yes", "no"}:
        return f'list is "{row["list"]}", not yes or no'
    return _one_of(row, "status", ("active", "deprecated", "reserved"))


def _check_method(row: _Row) -> str | None:
    if not re.fullmatch("[A-Z]+", row["method"]):
        return f'method "{row["method"]}" is not in capitals'
    return None if row["rfc"].isdigit() else f'rfc is "{row["rfc"]}", not a number'


def _check_status(row: _Row) -> str | None:
    if not re.fullmatch("[1-6][0-9]{2}", row["code"]):
        return f'code "{row["code"]}" is not from 100 to 699'
    if not re.fullmatch("[A-Z][A-Z0-9_]*", row["name"]):
        return f'name "{row["name"]}" is not a constant'
    if not row["rfc"].isdigit():
        return f'rfc is "{row["rfc"]}", not a number'
    return _one_of(row, "status", ("active", "deprecated"))


def _one_of(row: _Row, column: str, values: Iterable[str]) -> str | None:
    if row[column] in values:
        return None
    return f'{column} is "{row[column]}", not one of {", ".join(values)}'


def _constant(name: str) -> str:
    """A field name as a Python constant: ``P-DCS-LAES`` gives ``P_DCS_LAES``."""
    return re.sub(r"[^A-Z0-9]+", "_", name.upper())


def _literal(text: str) -> str:
    """A Python literal: ``None`` for an empty cell."""
    return f'"{text}"' if text else "None"


def _rfc_number(source: str) -> str:
    match = _RFC.match(source)
    return match[1] if match else "None"
