"""Whatever stands in a cloud-config, ``validate`` ends with findings, never with a traceback."""

from __future__ import annotations

import contextlib
import io
import json
import time
from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from alicloud_cpi.__main__ import main
from alicloud_cpi.tools.cloud_config import SECTIONS
from support.hostile import OBJECTS, TEXTS, VALUES

if TYPE_CHECKING:
    from pathlib import Path

SUBNETS = st.fixed_dictionaries(
    {"cloud_properties": st.one_of(OBJECTS, VALUES)},
    optional={
        "range": st.one_of(st.just("10.0.1.0/24"), VALUES),
        "gateway": VALUES,
        "reserved": st.one_of(st.lists(TEXTS), VALUES),
        "static": VALUES,
        "az": VALUES,
        "azs": VALUES,
        "netmask_bits": VALUES,
    },
)
ENTRIES = st.fixed_dictionaries(
    {"name": st.one_of(st.sampled_from(["a", "b"]), VALUES)},
    optional={
        "cloud_properties": st.one_of(OBJECTS, VALUES),
        "subnets": st.one_of(st.lists(SUBNETS, max_size=2), VALUES),
        "type": VALUES,
        "managed": VALUES,
        "disk_size": VALUES,
        "vm_type": VALUES,
        "vm_extensions": st.one_of(st.lists(st.sampled_from(["a", "b"])), VALUES),
        "persistent_disk_type": VALUES,
        "networks": st.one_of(st.lists(OBJECTS, max_size=2), VALUES),
        "azs": VALUES,
    },
)
DOCUMENTS = st.dictionaries(
    st.sampled_from([*SECTIONS, "compilation"]),
    st.one_of(st.lists(ENTRIES, max_size=3), ENTRIES, VALUES),
    min_size=1,
)


@given(document=DOCUMENTS)
def test_any_document(tmp_path: Path, document: Any) -> None:
    """Every line is a finding; the status says whether one of them is an error."""
    path = tmp_path / "document.yml"
    path.write_text(yaml.safe_dump(document), "utf-8")
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(["validate", str(path), "--json"])
    if err.getvalue():
        assert (status, out.getvalue()) == (1, "")
        return
    found = [json.loads(line) for line in out.getvalue().splitlines()]
    assert status == any(finding["level"] == "error" for finding in found)


def test_an_alias_that_contains_itself(tmp_path: Path) -> None:
    """It is an error like any other."""
    path = tmp_path / "document.yml"
    path.write_text("azs: &a [*a]\n")
    err = io.StringIO()
    with contextlib.redirect_stderr(err):
        assert main(["validate", str(path)]) == 1
    assert "contains itself" in err.getvalue()


def test_aliases_of_aliases(tmp_path: Path) -> None:
    """Ten lines that stand for 10,000,000,000 values are refused at once."""
    path = tmp_path / "document.yml"
    lines = ["vm_types0: &a0 [x]"]
    lines += [f"vm_types{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 11)]
    path.write_text("\n".join([*lines, "vm_types: *a10"]))
    err = io.StringIO()
    started = time.monotonic()
    with contextlib.redirect_stderr(err):
        assert main(["validate", str(path)]) == 1
    assert "has more than 1000000 values" in err.getvalue()
    assert time.monotonic() - started < 5
