"""``alicloud-cpi doctor``: what the CPI needs of machine, configuration and account."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_cpi.__main__ import main
from alicloud_cpi.clock import SystemClock
from alicloud_sim.seed import ACCESS_KEY_SECRET
from support.tools import tool

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi

REMEDY = "remedy"


@pytest.fixture(autouse=True)
def real_time(sim: Simulator) -> None:
    """Let the simulator's clock run: processes wait in real time."""
    sim.resume()


def examined(cpi: Cpi) -> tuple[int, dict[str, dict[str, Any]]]:
    """Run the doctor; return its status and the checks by their names."""
    done = tool("doctor", "--config", cpi.path, "--json")
    assert done.stderr == ""
    checks = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, {check["name"]: check for check in checks}


def test_all_is_well(cpi: Cpi, sim: Simulator) -> None:
    """Each part of the cloud is asked once; nothing is changed."""
    before = sim.state()["records"]
    status, checks = examined(cpi)
    assert status == 0
    assert {check["status"] for check in checks.values()} == {"ok"}
    assert {"configuration", "clock", "credentials", "zone", "CLB", "NLB", "ALB"} <= set(checks)
    assert "acs:ram::" in checks["credentials"]["detail"]
    assert "instance types" in checks["zone"]["detail"]
    assert {call["service"] for call in sim.calls()} >= {"ecs", "vpc", "slb", "nlb", "alb", "sts"}
    actions = {call["action"] for call in sim.calls()} - {""}  # the clock needs no action
    assert [name for name in actions if not name.startswith(("Describe", "List", "Get"))] == []
    assert sim.state()["records"] == before


def test_as_a_table(cpi: Cpi) -> None:
    """A line per check: status, name, detail."""
    lines = tool("doctor", "--config", cpi.path).stdout.splitlines()
    assert lines[0].split() == [
        *("ok", "configuration", "region", "cn-beijing,", "credentials", "static")
    ]
    assert all(line.startswith("ok ") for line in lines)


def test_a_wrong_secret(cpi: Cpi) -> None:
    """Nothing else is asked with keys that are not accepted."""
    cpi.configure(access_key_secret=ACCESS_KEY_SECRET[::-1])
    status, checks = examined(cpi)
    assert status == 1
    assert checks["credentials"]["status"] == "fail"
    assert "access key" in checks["credentials"][REMEDY]
    assert "ECS instances" not in checks


@pytest.mark.parametrize(
    ("denied", "name", "expected"),
    [
        ("ecs:DescribeDisks", "ECS disks", "fail"),
        ("ecs:DescribeSnapshots", "ECS snapshots", "fail"),
        ("vpc:DescribeEipAddresses", "elastic IP addresses", "warn"),
        ("alb:ListServerGroups", "ALB", "warn"),
        ("oss:ListBuckets", "OSS (full stemcells)", "warn"),
    ],
)
def test_a_missing_permission(
    cpi: Cpi, sim: Simulator, denied: str, name: str, expected: str
) -> None:
    """It fails where every installation needs it; else it is a warning. Others are fine."""
    sim.add_key("LTAI5tDoctor", "of-the-doctor", denied=[denied])
    cpi.configure(access_key_id="LTAI5tDoctor", access_key_secret="of-the-doctor")
    status, checks = examined(cpi)
    assert {key for key, check in checks.items() if check["status"] != "ok"} == {name}
    assert checks[name]["status"] == expected
    assert "ram-policies" in checks[name][REMEDY]
    assert status == (expected == "fail")


@pytest.mark.parametrize(("ahead", "expected"), [(0, "ok"), (120, "warn"), (-1200, "fail")])
def test_a_clock_that_is_wrong(
    cpi: Cpi, capsys: pytest.CaptureFixture[str], ahead: float, expected: str
) -> None:
    """It is the reason why the cloud refuses requests as expired."""

    class Wrong(SystemClock):
        def wall(self) -> float:
            return super().wall() + ahead

    main(["doctor", "--config", str(cpi.path), "--json"], Wrong())
    checks = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (clock,) = [check for check in checks if check["name"] == "clock"]
    assert clock["status"] == expected
    assert ("NTP" in clock[REMEDY]) is (expected != "ok")


def test_a_zone_that_does_not_exist(cpi: Cpi) -> None:
    """It is named."""
    cpi.configure(availability_zone="cn-beijing-x")
    status, checks = examined(cpi)
    assert (status, checks["zone"]["status"]) == (1, "fail")
    assert "zone" in checks["zone"][REMEDY]


def test_no_zone(cpi: Cpi) -> None:
    """Cloud-configs can name zones, too."""
    cpi.configure(availability_zone=None)
    status, checks = examined(cpi)
    assert (status, checks["zone"]["status"]) == (0, "warn")


def test_an_endpoint_that_cannot_be_reached(cpi: Cpi) -> None:
    """Only what is behind it fails, with the network as the reason."""
    cpi.configure(alb_endpoint="http://127.0.0.1:9")
    status, checks = examined(cpi)
    assert status == 1
    assert {key for key, check in checks.items() if check["status"] != "ok"} == {"ALB"}
    assert "Unreachable" in checks["ALB"]["detail"]
    assert "endpoint" in checks["ALB"][REMEDY]


def test_a_certificate_that_is_not_trusted(cpi: Cpi) -> None:
    """The first thing that is asked says so."""
    cpi.configure(ca_cert=None)
    status, checks = examined(cpi)
    assert status == 1
    assert "certificate" in checks["clock"]["detail"]
    assert "ca_cert" in checks["clock"][REMEDY]


def test_a_configuration_that_is_wrong(cpi: Cpi) -> None:
    """It is the only check, and names the property."""
    cpi.configure(region=None)
    status, checks = examined(cpi)
    assert status == 1
    assert list(checks) == ["configuration"]
    assert "alicloud.region is required" in checks["configuration"]["detail"]


def test_no_configuration(cpi: Cpi) -> None:
    """A wrong command line has status 2, a file that is missing 1."""
    assert tool("doctor").returncode == 2
    done = tool("doctor", "--config", cpi.path.with_name("none.json"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "Cannot read the configuration" in done.stderr
