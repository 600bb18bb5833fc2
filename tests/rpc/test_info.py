"""``info`` precedes every other call: it answers anybody, and loads next to nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from support.cpi import run

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Answer, Cpi

FORMATS = ["general-tar", "alicloud-tar", "alicloud-raw"]


def info(cpi: Cpi, **envelope: Any) -> Answer:
    """Ask for info in this process."""
    return cpi.send(json.dumps({"method": "info", "arguments": [], **envelope}).encode())


def lowered(cpi: Cpi, version: object) -> Answer:
    """Ask for info with debug.cpi.api_version set."""
    document = json.loads(cpi.path.read_bytes())
    document["cloud"]["properties"]["debug"] = {"cpi": {"api_version": version}}
    cpi.path.write_text(json.dumps(document))
    return info(cpi)


def test_info_tells_version_3_and_the_stemcell_formats(cpi: Cpi, sim: Simulator) -> None:
    """Without them the Director refuses every operation; the cloud is not asked."""
    answer = info(cpi)
    assert answer.result == {"api_version": 3, "stemcell_formats": FORMATS}
    assert sim.calls() == []


@pytest.mark.parametrize("version", [None, 0, 1, 2, 3, 4, 99, -1, "2", "x", 1.5, [], True])
def test_info_answers_for_any_api_version_of_the_request(cpi: Cpi, version: object) -> None:
    """It is how a caller finds out which versions there are."""
    assert info(cpi, api_version=version).result["api_version"] == 3


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"cloud": None},
        {"cloud": {}},
        {"cloud": {"properties": {"alicloud": None}}},
        {"cloud": {"properties": {"alicloud": {"region": 7, "encrypted": "perhaps"}}}},
        {"cloud": {"properties": {"alicloud": {"ca_cert": "junk", "ecs_endpoint": "ftp://x"}}}},
        {"cloud": {"properties": {"alicloud": {"credential_source": "nobody"}}}},
        {"cloud": {"properties": {"alicloud": [], "agent": [], "registry": 1}}},
        {"else": True},
    ],
    ids=json.dumps,
)
def test_info_answers_with_any_configuration_that_parses(
    cpi: Cpi, document: dict[str, Any]
) -> None:
    """What is wrong with it is said by the call that needs it."""
    cpi.path.write_text(json.dumps(document))
    assert info(cpi).result["api_version"] == 3


def test_info_answers_whatever_the_context_holds(cpi: Cpi) -> None:
    """A cpi-config entry's properties are none of its business."""
    assert info(cpi, context={"region": 5, "access_key_id": []}).result["api_version"] == 3


@pytest.mark.parametrize(("wanted", "told"), [(1, 1), (2, 2), ("2", 2), (3, 3), (4, 3), (99, 3)])
def test_debug_cpi_api_version_lowers_the_version(cpi: Cpi, wanted: object, told: int) -> None:
    """Never above what this CPI speaks."""
    assert lowered(cpi, wanted).result["api_version"] == told


@pytest.mark.parametrize("wanted", [None, ""])
def test_an_empty_debug_cpi_api_version_is_none(cpi: Cpi, wanted: object) -> None:
    """A template renders an unset property as null or an empty string."""
    assert lowered(cpi, wanted).result["api_version"] == 3


@pytest.mark.parametrize("wanted", [0, -1, "x", 1.5, True, [], {}])
def test_an_odd_debug_cpi_api_version_is_named(cpi: Cpi, wanted: object) -> None:
    """It is the one property that info reads."""
    answer = lowered(cpi, wanted)
    assert answer.type == "CpiError"
    assert "debug.cpi.api_version must be a positive integer" in answer.message


def test_info_writes_no_log(cpi: Cpi) -> None:
    """Every other call is preceded by one: its lines would be half of the task's log."""
    request = json.dumps({"method": "info", "arguments": [], "context": {}}).encode()
    assert run(["--config", str(cpi.path)], request).stderr == ""
