"""The metadata service of instances."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.metadata import INSTANCE_ID
from sim.support import Answer, Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator

TTL = "X-aliyun-ecs-metadata-token-ttl-seconds"
TOKEN = "X-aliyun-ecs-metadata-token"
ROLES = "meta-data/ram/security-credentials/"


class Guest:
    """What runs on the instance and asks for its metadata."""

    def __init__(self, sim: Simulator) -> None:
        """Ask one simulator."""
        self.sim = sim
        self._cloud = Cloud(sim)

    def get(self, path: str, token: str | None = None, method: str = "GET") -> Answer:
        """Ask for an item below /latest/."""
        headers = {"Host": "100.100.100.200"} | ({} if token is None else {TOKEN: token})
        return self._cloud.send(method, f"/latest/{path}", headers=headers)

    def text(self, path: str, token: str | None = None) -> str:
        """Give the text of an item that is there."""
        answer = self.get(path, token)
        assert answer.status == 200, answer
        return answer.body.decode()

    def token(self, ttl: str = "60", **headers: str) -> Answer:
        """Ask for a token."""
        given = {TTL: ttl, **headers}
        return self._cloud.send("PUT", "/latest/api/token", headers=given)

    def set(self, **settings: Any) -> None:
        """Change settings of the service."""
        named = {f"metadata.{name}": value for name, value in settings.items()}
        self.sim.seed({"settings": named})


@pytest.fixture
def guest(sim: Simulator) -> Guest:
    """Give a guest of the seeded instance."""
    return Guest(sim)


def test_items(guest: Guest, sim: Simulator) -> None:
    """Without a record the service speaks for a made-up instance of the seeded network."""
    names = sim.world.constants
    for path, text in {
        "meta-data/instance-id": INSTANCE_ID,
        "meta-data/region-id": "cn-beijing",
        "meta-data/zone-id": "cn-beijing-h",
        "meta-data/vpc-id": names["cn-beijing.vpc"],
        "meta-data/vswitch-id": names["cn-beijing.vswitch.cn-beijing-h"],
        "meta-data/private-ipv4": "10.0.1.6",
        "meta-data/owner-account-id": names["account"],
        "meta-data/instance/instance-type": "ecs.g6.large",
        "meta-data/ram/": "security-credentials/",
    }.items():
        assert guest.text(path) == text
    assert guest.text("").splitlines() == ["dynamic/", "meta-data/"]
    listed = guest.text("meta-data/").splitlines()
    assert {"instance-id", "instance/", "network/", "ram/", "mac"} <= set(listed)
    mac = guest.text("meta-data/mac")
    gateway = guest.text(f"meta-data/network/interfaces/macs/{mac}/gateway")
    assert gateway == "10.0.1.253"
    document = json.loads(guest.text("dynamic/instance-identity/document"))
    assert (document["instance-id"], document["region-id"]) == (INSTANCE_ID, "cn-beijing")


@pytest.mark.parametrize(
    "path", ["meta-data/nothing", "meta-data/eipv4", "user-data", "meta-data/instance-id/x", "x"]
)
def test_unknown_items(guest: Guest, path: str) -> None:
    """What is not there is 404."""
    assert guest.get(path).status == 404


def test_instances_of_the_world(guest: Guest, sim: Simulator, cloud: Cloud) -> None:
    """The service can speak for an instance of the world, in that one's own mode."""
    row = {
        "id": "i-2zeanother000000001",
        "private_ip": "10.0.1.77",
        "zone_id": "cn-beijing-g",
        "user_data": "aGVsbG8=",
        "http_tokens": "required",
    }
    sim.seed({"instance": [row]})
    guest.set(instance_id=row["id"])
    assert guest.get("meta-data/instance-id").status == 403
    token = guest.token().body.decode()
    assert guest.text("meta-data/instance-id", token) == row["id"]
    assert guest.text("meta-data/zone-id", token) == "cn-beijing-g"
    assert guest.text("user-data", token) == "hello"
    assert guest.get(ROLES, token).status == 404
    assert cloud.ok("DescribeRegions")


def test_own_items(guest: Guest) -> None:
    """Settings give user data and any other text."""
    guest.set(user_data="#!/bin/sh", items={"meta-data/zone-id": "moon", "meta-data/a/b": "c"})
    assert guest.text("user-data") == "#!/bin/sh"
    assert guest.text("meta-data/zone-id") == "moon"
    assert guest.text("meta-data/a/") == "b"


def test_tokens(guest: Guest, sim: Simulator) -> None:
    """A token holds as long as was asked for; a wrong one is refused even in normal mode."""
    token = guest.token("60").body.decode()
    assert guest.text("meta-data/instance-id", token) == INSTANCE_ID
    assert guest.get("meta-data/instance-id", "odd").status == 401
    sim.advance(59)
    assert guest.get("meta-data/instance-id", token).status == 200
    sim.advance(1)
    assert guest.get("meta-data/instance-id", token).status == 401
    assert guest.text("meta-data/instance-id") == INSTANCE_ID


@pytest.mark.parametrize("ttl", ["0", "21601", "-1", "x", ""])
def test_ttl(guest: Guest, ttl: str) -> None:
    """A token lives 1 to 21600 seconds, and it has to be said how long."""
    assert guest.token(ttl).status == 400
    assert guest.token("21600").status == 200


def test_hardened(guest: Guest) -> None:
    """In hardened mode nothing is told without a token."""
    guest.set(mode="hardened")
    assert guest.get("meta-data/instance-id").status == 403
    assert guest.get(ROLES).status == 403
    token = guest.token().body.decode()
    assert guest.text(ROLES, token) == "bosh-instance"


def test_legacy(guest: Guest) -> None:
    """Where there are no tokens yet, asking for one is 404, and the old way works."""
    guest.set(mode="legacy")
    assert guest.token().status == 404
    assert guest.text("meta-data/instance-id") == INSTANCE_ID


def test_disabled(guest: Guest) -> None:
    """A disabled service tells nothing."""
    guest.set(mode="disabled")
    assert guest.token().status == 403
    assert guest.get("meta-data/instance-id").status == 403


def test_proxies(guest: Guest, cloud: Cloud) -> None:
    """What comes through a proxy is refused."""
    assert guest.token(**{"X-Forwarded-For": "10.0.0.1"}).status == 403
    headers = {"X-Forwarded-For": "10.0.0.1"}
    path = "/latest/meta-data/instance-id"
    assert cloud.send("GET", path, headers=headers).status == 403
    assert cloud.send("GET", f"http://100.100.100.200{path}").status == 403


def test_methods(guest: Guest) -> None:
    """Items are read, tokens are put; anything else is 405."""
    assert guest.get("meta-data/instance-id", method="POST").status == 405
    assert guest.get("api/token").status == 405
    assert guest.get("meta-data/instance-id", method="HEAD").body == b""


@pytest.mark.parametrize("roles", [[], ["bosh-instance"], ["bosh-instance", "second"]])
def test_roles(guest: Guest, sim: Simulator, roles: list[str]) -> None:
    """Roles are listed by name; an instance without one has no such item."""
    guest.set(roles=roles)
    if not roles:
        assert guest.get(ROLES).status == 404
        assert guest.get(f"{ROLES}bosh-instance").status == 404
        return
    assert guest.text(ROLES).splitlines() == roles
    assert guest.get(f"{ROLES}nobody").status == 404
    row = {"id": "role-second", "name": "second", "region": ""}
    sim.seed({"ram_role": [row]})
    for role in roles:
        assert json.loads(guest.text(ROLES + role))["Code"] == "Success"


def test_credentials(guest: Guest, sim: Simulator) -> None:
    """A role's keys work with their token, are renewed in time, and expire."""
    first = json.loads(guest.text(f"{ROLES}bosh-instance"))
    assert json.loads(guest.text(f"{ROLES}bosh-instance")) == first
    token = {"SecurityToken": first["SecurityToken"]}
    client = Cloud(sim, first["AccessKeyId"], first["AccessKeySecret"], token)
    assert client.call("DescribeRegions").status == 200
    sim.advance(21600 - 1801)
    assert json.loads(guest.text(f"{ROLES}bosh-instance")) == first
    sim.advance(1)
    second = json.loads(guest.text(f"{ROLES}bosh-instance"))
    assert second["AccessKeyId"] != first["AccessKeyId"]
    assert second["Expiration"] > first["Expiration"]
    assert client.call("DescribeRegions").status == 200
    sim.advance(1800)
    assert client.call("DescribeRegions").code == "InvalidSecurityToken.Expired"


def test_short_credentials(guest: Guest, sim: Simulator) -> None:
    """A setting shortens the life of a role's keys, at once."""
    long = json.loads(guest.text(f"{ROLES}bosh-instance"))
    guest.set(credential_seconds=60)
    short = json.loads(guest.text(f"{ROLES}bosh-instance"))
    assert short["Expiration"] < long["Expiration"]
    sim.advance(31)
    assert json.loads(guest.text(f"{ROLES}bosh-instance")) != short


def test_failing_credentials(guest: Guest) -> None:
    """The service may answer with another code than Success."""
    guest.set(credential_code="Failed")
    assert json.loads(guest.text(f"{ROLES}bosh-instance"))["Code"] == "Failed"


def test_faults(guest: Guest, sim: Simulator) -> None:
    """Faults name the service's actions; secrets are in no record of calls."""
    sim.add_fault(kind="status", action="GetRoleCredentials", status=503)
    sim.add_fault(kind="error", action="GetToken", code="Unknown", status=500)
    assert guest.get(f"{ROLES}bosh-instance").status == 503
    assert guest.token().status == 500
    credentials = json.loads(guest.text(f"{ROLES}bosh-instance"))
    made = [(c["service"], c["action"], c["status"]) for c in sim.calls()]
    assert made[-1] == ("metadata", "GetRoleCredentials", 200)
    assert credentials["AccessKeySecret"] not in str(sim.calls())
    assert credentials["AccessKeySecret"] not in str(sim.state())
