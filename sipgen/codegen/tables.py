"""Constant tables: what IANA has registered for SIP, as Python modules.

Jinja2 templates make modules of the rows that :mod:`.registry` reads.
"""

from __future__ import annotations

import json
import re
import textwrap
import zlib
from base64 import b64encode
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from sipgen.codegen.registry import TABLES, read_table
from sipgen.codegen.rule_data import Conformance, Rule, read_presence

__all__ = ["render_tables"]

_RFC = re.compile(r"RFC (\d+)")
_MODULES = (
    "__init__",
    "conformance",
    "explanations",
    "headers",
    "methods",
    "options",
    "parameters",
    "presence",
    "statuses",
)


def render_tables(folder: Path, conformance: Conformance) -> dict[str, str]:
    """Read the registry files and ``presence.toml``, and render the modules.

    :param folder: the folder ``grammar``.
    :param conformance: what its ``conformance.toml`` holds.
    :return: text by file name: ``__init__.py``, ``conformance.py``, ``explanations.py``,
        ``headers.py``, ``methods.py``, ``options.py``, ``parameters.py``,
        ``presence.py``, ``statuses.py``.
    :raises GrammarError: for a mistake in a file, with its line.
    """
    tables = {name: read_table(folder / "registry", name) for name in TABLES}
    presence = read_presence(folder / "presence.toml")
    rules = {
        "rules": conformance.rule,
        "explanations": _packed({rule.id: _explanation(rule) for rule in conformance.rule}),
        "presence": presence.presence,
        "repeatable": presence.repeatable,
    }
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
    environment.filters["string"] = json.dumps
    environment.filters["strings"] = repr
    environment.filters["rfc_number"] = _rfc_number
    environment.filters["rfc_numbers"] = _rfc_numbers
    rows = {name: table.rows for name, table in tables.items()}
    date = tables["header_fields"].date
    return {
        f"{name}.py": environment.get_template(f"{name}.py.j2").render(rows, **rules, date=date)
        for name in _MODULES
    }


def _explanation(rule: Rule) -> tuple[str, ...]:
    return rule.why, rule.on, rule.breaks, rule.keeps


def _packed(texts: dict[str, tuple[str, ...]]) -> list[str]:
    """Texts that few programs ask for, compressed, as lines of base 64."""
    data = json.dumps(texts, separators=(",", ":")).encode()
    return textwrap.wrap(b64encode(zlib.compress(data, 9)).decode("ascii"), 88)


def _constant(name: str) -> str:
    """A name as a Python constant: ``P-DCS-LAES`` gives ``P_DCS_LAES``, ``199`` ``TAG_199``."""
    constant = re.sub(r"[^A-Z0-9]+", "_", name.upper())
    return f"TAG_{constant}" if constant[0].isdigit() else constant


def _literal(text: str) -> str:
    """A Python literal: ``None`` for an empty cell."""
    return f'"{text}"' if text else "None"


def _rfc_number(source: str) -> str:
    match = _RFC.match(source)
    return match[1] if match else "None"


def _rfc_numbers(sources: str) -> str:
    """The tuple of RFC numbers in ``RFC 3261 RFC 3310``, as Python writes it."""
    return repr(tuple(int(number) for number in _RFC.findall(sources)))
