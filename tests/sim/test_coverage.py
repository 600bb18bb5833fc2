"""COVERAGE.md is what the simulator really knows, and what it says is so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from alicloud_sim import __main__, coverage
from alicloud_sim.errors import UnsupportedError
from alicloud_sim.registry import RPC_SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.support import Cloud

COMMITTED = Path(coverage.__file__).with_name("COVERAGE.md").read_text("utf-8")


def promises(word: str) -> Iterator[tuple[str, str, str]]:
    """Yield product, action and name of all plain parameters behind a word of the document."""
    for section in re.split(r"^### ", COMMITTED.partition("\n## Oss")[0], flags=re.MULTILINE)[1:]:
        product, action = section.split(maxsplit=2)[:2]
        told = re.search(rf"^{word}: (.*?)\.\n", section, re.DOTALL | re.MULTILINE)
        for name in re.findall(r"`(\w+)`", told[1]) if told else []:
            yield product, action, name


def test_the_committed_file_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    """If not: python -m alicloud_sim coverage > src/alicloud_sim/COVERAGE.md"""
    assert __main__.main(["coverage"]) == 0
    assert capsys.readouterr().out == COMMITTED


def test_every_registered_action_has_its_section() -> None:
    """Of every service, each action once."""
    told = re.findall(r"^### (\w+) (\w+)$", COMMITTED, re.MULTILINE)
    assert sorted(told) == sorted(
        (product, name) for product, service in RPC_SERVICES.items() for name in service.actions
    )


def test_what_is_said_to_be_refused_is_refused() -> None:
    """By name, and before anything else is looked at."""
    refused = list(promises("Refused"))
    assert len(refused) > 100
    for product, action, name in refused:
        with pytest.raises(UnsupportedError, match=rf"\b{name}\b"):
            RPC_SERVICES[product].actions[action].parser.parse({name: "1"})


def test_what_is_said_to_be_simulated_is_read() -> None:
    """No handler's parameter is called simulated without being declared."""
    simulated = list(promises("Simulated"))
    assert len(simulated) > 100
    for product, action, name in simulated:
        parser = RPC_SERVICES[product].actions[action].parser
        assert name == "RegionId" or parser.reads(name), (product, action, name)


def test_the_code_of_a_refusal_is_the_one_that_is_told(cloud: Cloud) -> None:
    """501 SimulatorUnsupported, with the parameter's name; 400 for a name that the API lacks."""
    _, _, name = next(found for found in promises("Refused") if found[1] == "CreateDisk")
    answer = cloud.call("CreateDisk", **{name: "1"})
    assert (answer.status, answer.code) == (501, f"SimulatorUnsupported.{name}")
    assert cloud.call("CreateDisk", Colour="1").status == 400
