"""Imports point one way (README, architecture)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "sipgen"

# What makes a grammar at run time may call the generator.
CALLERS_OF_CODEGEN = {
    "validation/grammar.py",
    "cli/generate.py",
    "cli/grammar.py",
    "cli/railroads.py",
}

# Each room, and the rooms that it may import from.
GROUND = {"generated", "errors", "limits", "memory"}
ALLOWED = {
    "errors": set[str](),
    "limits": set[str](),
    "memory": {"limits"},
    "automata": GROUND,
    "wire": GROUND | {"wire"},
    "values": GROUND | {"automata", "wire", "values"},
    "message": GROUND | {"automata", "wire", "values", "message"},
    "streams": GROUND | {"wire", "message"},
    "validation": GROUND | {"automata", "wire", "values", "message", "validation"},
    "endpoint": GROUND | {"wire", "values", "message", "validation", "endpoint"},
    "cli": GROUND | {"wire", "values", "message", "validation", "endpoint", "cli", "__init__"},
    "codegen": {"errors", "codegen"},
    "generated": {"generated"},
    "__init__": GROUND | {"wire", "values", "message", "streams", "validation", "endpoint"},
    "__main__": {"cli"},
}


def modules() -> list[Path]:
    return sorted([*PACKAGE.rglob("*.py"), *(ROOT / "generated").glob("*.py")])


def room(parts: tuple[str, ...]) -> str:
    return parts[0].removesuffix(".py") if parts else "__init__"


def room_of(path: Path) -> str:
    if path.parent.name == "generated":
        return "generated"
    return room(path.relative_to(PACKAGE).parts)


def imported(path: Path) -> set[str]:
    """Full names of the modules that ``path`` imports, wherever in the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            found.add(node.module)
            if node.module == "sipgen":
                found |= {
                    f"sipgen.{alias.name}"
                    for alias in node.names
                    if (PACKAGE / alias.name).exists() or (PACKAGE / f"{alias.name}.py").exists()
                }
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    here = room_of(path)
    for name in imported(path):
        parts = tuple(name.split("."))
        if parts[:2] == ("sipgen", "codegen") and here != "codegen":
            assert path.relative_to(PACKAGE).as_posix() in CALLERS_OF_CODEGEN
        elif parts[0] == "sipgen":
            assert room(parts[1:]) in ALLOWED[here], f"{here} must not import {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_strict_parser_and_the_generator_import_lark(path: Path) -> None:
    if any(name.split(".")[0] == "lark" for name in imported(path)):
        assert room_of(path) in {"validation", "codegen"}


def test_every_room_is_known() -> None:
    assert {room_of(path) for path in modules()} <= set(ALLOWED)
