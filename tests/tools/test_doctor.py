"""``alicloud-cpi doctor``: what the CPI needs of machine, configuration and account."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_cpi.__main__ import main
from alicloud_cpi.clock import SystemClock
from alicloud_cpi.tools.rights import FEATURES
from alicloud_sim.seed import ACCESS_KEY_SECRET
from docs.test_ram_policies import documented
from support.tools import tool

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi

REMEDY = "remedy"
READING = ("Describe", "List", "Get")


@pytest.fixture(autouse=True)
def real_time(sim: Simulator) -> None:
    """Let the simulator's clock run: processes wait in real time."""
    sim.resume()


def examined(cpi: Cpi, *options: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Run the doctor; return its status and the checks by their names."""
    done = tool("doctor", "--config", cpi.path, "--json", *options)
    assert done.stderr == ""
    checks = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, {check["name"]: check for check in checks}


def wrong(checks: dict[str, dict[str, Any]]) -> set[str]:
    """Return the names of what fails or is warned of."""
    return {key for key, check in checks.items() if check["status"] in ("fail", "warn")}


def test_all_is_well(cpi: Cpi, sim: Simulator) -> None:
    """Each part of the cloud is asked once; changes are dry runs, and nothing is changed."""
    before = sim.state()["records"]
    status, checks = examined(cpi)
    assert status == 0
    assert {check["status"] for check in checks.values()} == {"ok", "skip"}
    assert all("not tested" in one["detail"] for one in checks.values() if one["status"] == "skip")
    assert {"configuration", "clock", "credentials", "zone", "CLB", "NLB", "ALB"} <= set(checks)
    assert "acs:ram::" in checks["credentials"]["detail"]
    assert "instance types" in checks["zone"]["detail"]
    assert {call["service"] for call in sim.calls()} >= {"ecs", "vpc", "slb", "nlb", "alb", "sts"}
    changes = [one for one in sim.calls() if not one["action"].startswith(READING)]
    # The clock needs no action.
    assert {one["params"].get("DryRun") for one in changes if one["action"]} == {"true"}
    assert sim.state()["records"] == before


def test_as_a_table(cpi: Cpi) -> None:
    """A line per check: status, name, detail."""
    lines = tool("doctor", "--config", cpi.path).stdout.splitlines()
    assert lines[0].split() == [
        *("ok", "configuration", "region", "cn-beijing,", "credentials", "static")
    ]
    assert all(line.startswith(("ok ", "skip ")) for line in lines)


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
        ("ecs:StartInstance", "change VMs", "fail"),
        ("ecs:ImportImage", "change full stemcells", "warn"),
        ("vpc:DeleteVSwitch", "change managed networks", "warn"),
        ("nlb:RemoveServersFromServerGroup", "change NLB", "warn"),
        ("alb:AddServersToServerGroup", "change ALB", "warn"),
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
    assert wrong(checks) == {name}
    assert checks[name]["status"] == expected
    if name.startswith("change"):
        assert checks[name]["detail"] == f"may not {denied}"
    assert "ram-policies" in checks[name][REMEDY]
    assert status == (expected == "fail")


def test_every_change_of_the_policies_is_tested_or_named() -> None:
    """The features are those of docs/ram-policies.md; OSS has a check of its own."""
    actions = [action for feature in FEATURES for action in feature.actions]
    assert sorted(actions) == sorted(set(actions))
    policies = {one for one in documented() if not one.startswith(("oss:", "sts:"))}
    assert {one for one in policies if not one.partition(":")[2].startswith(READING)} == set(
        actions
    )


def stored(sim: Simulator) -> list[Any]:
    """Return what OSS holds."""
    records = sim.state()["records"]
    return [*records.get("oss_bucket", {}), *records.get("oss_object", {})]


def test_data_of_oss(cpi: Cpi, sim: Simulator) -> None:
    """Without a bucket nothing can be read; with --write there is one, and nothing is left."""
    _, checks = examined(cpi)
    assert checks["OSS objects"]["status"] == "skip"
    assert "--write" in checks["OSS objects"][REMEDY]
    status, checks = examined(cpi, "--write")
    assert (status, checks["OSS objects"]["status"]) == (0, "ok")
    assert {"PutBucket", "PutObject", "DeleteObject", "DeleteBucket"} <= {
        call["action"] for call in sim.calls()
    }
    assert stored(sim) == []
    sim.seed({"oss_bucket": [{"id": "own"}, {"id": "elsewhere", "region": "cn-hangzhou"}]})
    before = sim.state()["records"]
    status, checks = examined(cpi)
    assert (status, checks["OSS objects"]["status"]) == (0, "ok")
    assert sim.state()["records"] == before


@pytest.mark.parametrize("options", [[], ["--write"]])
def test_a_public_endpoint_without_data(cpi: Cpi, sim: Simulator, options: list[str]) -> None:
    """A new account of mainland China: the remedy names the page; nothing is left."""
    sim.seed({"oss_bucket": [{"id": "own"}], "settings": {"oss.public_endpoint_forbidden": True}})
    status, checks = examined(cpi, *options)
    assert (status, wrong(checks)) == (0, {"OSS objects"})
    assert "PublicEndpointForbidden" in checks["OSS objects"]["detail"]
    assert "docs/install.md" in checks["OSS objects"][REMEDY]
    assert stored(sim) == ["own"]


def test_a_bucket_that_may_not_be_read(cpi: Cpi, sim: Simulator) -> None:
    """The policies of the CPI allow its own buckets only: that is nothing to warn of."""
    sim.seed({"oss_bucket": [{"id": "own"}]})
    sim.add_key("LTAI5tDoctor", "of-the-doctor", denied=["oss:GetObject"])
    cpi.configure(access_key_id="LTAI5tDoctor", access_key_secret="of-the-doctor")
    status, checks = examined(cpi)
    assert (status, wrong(checks), checks["OSS objects"]["status"]) == (0, set(), "skip")


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
    assert wrong(checks) == {"ALB", "change ALB"}
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
