"""scripts/bench works; its figures are for people, and no test looks at them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

BENCH = Path(__file__).parents[1] / "scripts" / "bench"
ROWS = 15
METHODS = {"info", "create_vm", "attach_disk", "snapshot_disk", "delete_vm", "delete_stemcell"}


def test_the_short_form(tmp_path: Path) -> None:
    """It measures every row of the table, draws every call, and keeps what stands around them."""
    document = tmp_path / "performance.md"
    marks = ("<!-- bench: written by scripts/bench -->", "<!-- end of bench -->")
    document.write_text(f"before\n{marks[0]}\nold\n{marks[1]}\nafter\n")
    done = subprocess.run(
        [BENCH, "--short", "--into", tmp_path],
        capture_output=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()

    text = document.read_text()
    assert text.startswith(f"before\n{marks[0]}\n\nMeasured on ")
    assert text.endswith(f"{marks[1]}\nafter\n")
    assert "old" not in text
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len(table) == 2 + ROWS
    assert all(line.endswith((" yes |", " **no** |")) for line in table[2:])

    picture = ET.parse(tmp_path / "performance.svg")  # noqa: S314 - made a line above
    drawn = {found.text for found in picture.iter("{http://www.w3.org/2000/svg}text")}
    assert drawn >= METHODS
