"""Whatever comes on stdin, the answer is one JSON document with a result or a typed error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from alicloud_cpi.rpc.dispatcher import METHODS
from support.hostile import OBJECTS, TEXTS, VALUES, judged

if TYPE_CHECKING:
    from faults.matrix_scenarios import Bench

# Methods that change the cloud get arguments of the right kinds elsewhere (test_properties).
NAMES = st.one_of(st.sampled_from([*METHODS, "ping", "__init__", "create_vm "]), TEXTS)


@given(text=st.binary(max_size=200))
def test_any_bytes(bench: Bench, text: bytes) -> None:
    """What is no JSON is refused."""
    assert judged(bench.cpi.send(text)).type == "CpiError"


@given(envelope=VALUES)
def test_any_json(bench: Bench, envelope: Any) -> None:
    """JSON that is no request is refused."""
    answer = judged(bench.cpi.send(json.dumps(envelope).encode()))
    assert answer.type in ("CpiError", "NotImplemented")


@given(
    envelope=st.fixed_dictionaries(
        {"method": NAMES, "arguments": st.lists(VALUES, max_size=6)},
        optional={"context": st.one_of(VALUES, OBJECTS), "api_version": VALUES, "more": VALUES},
    )
)
def test_any_envelope(bench: Bench, envelope: dict[str, Any]) -> None:
    """Any method with any arguments in any context."""
    judged(bench.cpi.send(json.dumps(envelope).encode()))


@given(
    method=st.sampled_from(sorted(METHODS)),
    cid=TEXTS,
    other=TEXTS,
    size=st.integers(min_value=1),
    last=OBJECTS,
)
def test_any_cid(
    bench: Bench, method: str, cid: str, other: str, size: int, last: dict[str, Any]
) -> None:
    """Ids that are none, sizes without bounds: the cloud may refuse them, the CPI stays itself."""
    given_ = {"vm_cid": cid, "disk_cid": other, "size": size, "image_path": cid}
    arguments = [
        given_.get(argument.name, last if dict in argument.types else cid)
        for argument in METHODS[method]
    ]
    judged(bench.cpi.call(method, *arguments))
