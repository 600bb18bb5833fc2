"""Rules of the house that no other tool checks: sizes, docstrings, leftovers.

Who may import whom is in pyproject.toml, for lint-imports.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

LONGEST_FUNCTION = 45
LONGEST_FILE = 400


@cache
def nodes() -> list[tuple[str, ast.AST]]:
    """Return every piece of the sources with the place where it is."""
    return [
        (f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}", node)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_bytes()))
    ]


def test_the_rules_are_about_something() -> None:
    """The folders have not moved away under them."""
    assert len(SOURCES) > 100
    assert len(TESTS) > 50


def test_a_file_is_short_enough_to_be_read_in_one_go() -> None:
    """Beyond 400 lines it is two files."""
    lines = {str(path): len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert {path: count for path, count in lines.items() if count > LONGEST_FILE} == {}


def test_a_function_fits_on_a_screen() -> None:
    """45 lines, docstring and signature included."""
    lengths = {
        f"{place} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for place, node in nodes()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_a_module_says_what_it_is_for() -> None:
    """In one line, then why; an empty file has nothing to say."""
    silent = [
        place
        for place, node in nodes()
        if isinstance(node, ast.Module) and node.body and not ast.get_docstring(node)
    ]
    assert silent == []


def test_nothing_is_printed() -> None:
    """The CPI's stdout is for one JSON document, its stderr for the log."""
    printing = [
        place
        for place, node in nodes()
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert printing == []


def test_no_note_to_self_is_left_behind() -> None:
    """What is to be done stands in the tracker; what is done stands in the code."""
    words = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK:")))
    notes = [
        f"{path.relative_to(ROOT)}:{token.start[0]}"
        for path in (*SOURCES, *TESTS)
        for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline)
        if token.type == tokenize.COMMENT and words.search(token.string)
    ]
    assert notes == []
