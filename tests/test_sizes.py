"""Files and functions are short enough to read in one go; ruff has no rule for lines."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"
FILES = sorted(SOURCE.rglob("*.py"))

MAX_FILE = 400
MAX_FUNCTION = 45


@pytest.mark.parametrize("package", ["alicloud_cpi", "alicloud_sim"])
def test_the_files_are_found(package: str) -> None:
    """Otherwise the tests below check nothing."""
    assert len([path for path in FILES if path.is_relative_to(SOURCE / package)]) > 80


def test_files_have_at_most_400_lines() -> None:
    """A longer one is two files."""
    lines = {
        str(path.relative_to(SOURCE)): len(path.read_text("utf-8").splitlines()) for path in FILES
    }
    assert {path: count for path, count in lines.items() if count > MAX_FILE} == {}


def test_functions_have_at_most_45_lines() -> None:
    """Signature and docstring included."""
    lengths = {
        f"{path.relative_to(SOURCE)}:{node.lineno} {node.name}": node.end_lineno - node.lineno + 1
        for path in FILES
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno
    }
    assert {name: lines for name, lines in lengths.items() if lines > MAX_FUNCTION} == {}
