"""Only programs of this machine use the control API, and no site in a browser does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud

DEEP = b"[" * 100_000

FOREIGN_HOSTS = ("evil.example", "evil.example:{port}", "127.0.0.1.evil.example", "10.0.0.1", "")


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_name_that_leads_here_is_refused(cloud: Cloud, sim: Simulator, host: str) -> None:
    """DNS rebinding: the browser sends the name that it was given."""
    named = {"Host": host.format(port=sim.port)}
    assert cloud.send("GET", "/_sim/state", headers=named).status == 403
    answer = cloud.send("POST", "/_sim/keys", '{"id": "k", "secret": "s"}', named)
    assert answer.status == 403
    assert "Host is" in answer.json["error"]
    assert "k" not in sim.world.keys


@pytest.mark.parametrize(
    "host", ["localhost:{port}", "127.0.0.1:{port}", "[::1]:{port}", "LocalHost"]
)
def test_names_of_the_loopback_are_taken(cloud: Cloud, sim: Simulator, host: str) -> None:
    """With a port or without."""
    assert (
        cloud.send("GET", "/_sim/state", headers={"Host": host.format(port=sim.port)}).status == 200
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://127.0.0.1:{port}", "Sec-Fetch-Site": "cross-site"},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "reset", ""),
        ("POST", "keys", '{"id": "k", "secret": "s"}'),
        ("POST", "clock", '{"advance": 60}'),
        ("DELETE", "faults", ""),
    ],
)
def test_a_write_from_another_origin_is_refused(
    cloud: Cloud, sim: Simulator, headers: dict[str, str], method: str, path: str, body: str
) -> None:
    """CSRF: whatever the content type is, nothing changes."""
    sim.add_fault(kind="lost")
    before = sim.state()
    named = {name: value.format(port=sim.port) for name, value in headers.items()}
    answer = cloud.send(method, f"/_sim/{path}", body, {**named, "Content-Type": "text/plain"})
    assert answer.status == 403
    assert next(iter(headers)) in answer.json["error"] or "Sec-Fetch-Site" in answer.json["error"]
    assert sim.state() == before
    assert len(sim.gateway.faults.list()) == 1


def test_the_own_page_may_write(cloud: Cloud, sim: Simulator) -> None:
    """A browser sends these headers with the page's own requests."""
    own = {"Origin": f"http://127.0.0.1:{sim.port}", "Sec-Fetch-Site": "same-origin"}
    assert cloud.send("POST", "/_sim/clock", '{"advance": 60}', own).status == 200


def test_no_answer_can_be_read_by_another_origin(cloud: Cloud) -> None:
    """Nothing of cross-origin resource sharing is offered."""
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for method in ("GET", "OPTIONS"):
        headers = cloud.send(method, "/_sim/state", headers=asked).headers
        assert not [name for name in headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["reset", "seed", "pace", "lag", "clock", "faults", "keys"])
@pytest.mark.parametrize(
    "body",
    [
        DEEP,
        b'{"a":' * 100_000,
        b"\xff\xfe",
        b"[]",
        b'[["seconds", 1]]',
        b"7",
        b'{"seconds": ',
        b'{"seconds": 1e400, "name": ' + b"1" * 5000 + b"}",
    ],
    ids=["deep list", "deep object", "no UTF-8", "list", "pairs", "number", "cut", "huge"],
)
def test_what_is_no_json_object_is_refused(cloud: Cloud, path: str, body: bytes) -> None:
    """With one line, and the connection is not just closed."""
    answer = cloud.send("POST", f"/_sim/{path}", body)
    assert answer.status == 400
    assert list(answer.json) == ["error"]
    assert len(answer.json["error"].splitlines()) == 1


def test_a_body_has_a_limit(cloud: Cloud) -> None:
    """It is not read to its end."""
    body = b'{"settings": {"a": "' + b"x" * (17 << 20)
    assert cloud.send("POST", "/_sim/seed", body).status == 413


WRONG = [
    ("clock", {"advance": "60"}, "advance"),
    ("clock", {"advance": -1}, "advance"),
    ("clock", {"advance": 1e300}, "advance"),
    ("clock", {"advance": True}, "advance"),
    ("clock", {"frezze": True}, "freeze"),
    ("clock", {"freeze": "yes"}, "freeze"),
    ("clock", {"signature_skew": None}, "signature_skew"),
    ("lag", {}, "seconds"),
    ("lag", {"seconds": float("nan")}, "seconds"),
    ("lag", {"seconds": 10**400}, "seconds"),
    ("lag", {"second": 1}, "seconds"),
    ("pace", {"name": "leisurely"}, "instant"),
    ("pace", {"name": []}, "name"),
    ("pace", {"keys": {"disk.creat": 1}}, "disk.create"),
    ("pace", {"keys": {"disk.create": "long"}}, "disk.create"),
    ("pace", {"keys": [1]}, "keys"),
    ("reset", {"all": True}, "all"),
    ("keys", {"secret": "s"}, "id"),
    ("keys", {"id": "k", "secret": 7}, "secret"),
    ("keys", {"id": "k", "secret": "s", "denied": "ecs:*"}, "denied"),
    ("keys", {"id": "no-such-key", "enabled": False}, "no-such-key"),
    ("seed", {"disc": [{}]}, "disk"),
    ("seed", {"disk": {}}, "disk"),
    ("seed", {"disk": [7]}, "disk"),
    ("seed", {"disk": [{"size_gib": "20"}]}, "size_gib"),
    ("seed", {"disk": [{"tags": {"a": 1}}]}, "tags"),
    ("seed", {"disk": [{"siz_gib": 20}]}, "size_gib"),
    ("seed", {"quotas": {"disk.count": "two"}}, "quotas"),
    ("seed", {"stock": [{"zone": "cn-beijing-h", "type": "ecs.g6.large"}]}, "left"),
    ("seed", {"settings": []}, "settings"),
    ("faults", {}, "kind"),
    ("faults", {"kind": "lsot"}, "lost"),
    ("faults", {"kind": "lost", "action": "CreateDisc"}, "CreateDisk"),
    ("faults", {"kind": "lost", "action": "Qzx"}, "Qzx"),
    ("faults", {"kind": "lost", "service": "oss", "action": "CreateDisk"}, "CreateDisk"),
    ("faults", {"kind": "lost", "service": "esc"}, "ecs"),
    ("faults", {"kind": "lost", "nth": 0}, "nth"),
    ("faults", {"kind": "lost", "count": 1.5}, "count"),
    ("faults", {"kind": "lost", "acton": "CreateDisk"}, "action"),
    ("faults", {"kind": "error"}, "code"),
    ("faults", {"kind": "error", "code": "X", "status": 42}, "status"),
    ("faults", {"kind": "status", "headers": {"a": "b\r\nc: d"}}, "headers"),
    ("faults", {"kind": "lost", "params": {"Size": 20}}, "params"),
    ("faults", {"limit": 5}, "limit"),
    ("faults", {"limit": {"rate": "fast"}}, "rate"),
    ("faults", {"limit": {"action": "CreateDisc"}}, "CreateDisk"),
    ("faults", {"limit": {"used": {}}}, "used"),
]


@pytest.mark.parametrize(("path", "document", "named"), WRONG, ids=str)
def test_a_wrong_value_is_named(
    cloud: Cloud, sim: Simulator, path: str, document: object, named: str
) -> None:
    """400 with one line, and nothing changes."""
    before = sim.state()
    answer = cloud.send("POST", f"/_sim/{path}", json.dumps(document))
    assert answer.status == 400
    assert named in answer.json["error"]
    assert len(answer.json["error"].splitlines()) == 1
    assert sim.state() == before
    assert sim.gateway.faults.list() == sim.gateway.throttles.list() == []


@pytest.mark.parametrize(
    ("method", "target", "status", "named"),
    [
        ("GET", "calls?acton=CreateDisk", 400, "action"),
        ("GET", "calls?after=x", 400, "after"),
        ("GET", "calls?last=-1", 400, "last"),
        ("DELETE", "faults/x", 404, "x"),
        ("DELETE", "faults/7", 404, "7"),
        ("GET", "state/7", 404, "/_sim/state/7"),
        ("POST", "state", 404, "POST"),
        ("PUT", "reset", 404, "PUT"),
        ("GET", "", 404, "/_sim/"),
    ],
)
def test_a_wrong_address_is_named(
    cloud: Cloud, method: str, target: str, status: int, named: str
) -> None:
    """Likewise."""
    answer = cloud.send(method, f"/_sim/{target}")
    assert answer.status == status
    assert named in answer.json["error"]


def test_the_clock_has_an_end(cloud: Cloud) -> None:
    """Times stay within what answers can write."""
    century = {"advance": 100 * 365 * 24 * 3600}
    assert cloud.control("POST", "clock", century)["status"] == 200
    assert "year 2191" in cloud.control("POST", "clock", century)["error"]
