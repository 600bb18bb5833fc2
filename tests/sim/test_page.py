"""The page as the server gives it: for loopback names only, and nothing but its own files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud

FILES = {
    "/": "text/html",
    "/_sim/page/app.js": "text/javascript",
    "/_sim/page/style.css": "text/css",
}


@pytest.mark.parametrize("path", FILES)
def test_the_page_may_load_nothing_from_elsewhere(cloud: Cloud, path: str) -> None:
    """Its policy says so, and its files name nothing else."""
    answer = cloud.send("GET", path)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith(FILES[path])
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    text = answer.body.decode().replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"(?:https?:)?//[a-z]", text) == []


def test_the_script_writes_text_only(cloud: Cloud) -> None:
    """No name can become markup or code."""
    script = cloud.send("GET", "/_sim/page/app.js").body.decode()
    for name in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert name not in script


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "10.0.0.1"])
@pytest.mark.parametrize("path", FILES)
def test_a_name_that_leads_here_gets_no_page(
    cloud: Cloud, sim: Simulator, path: str, host: str
) -> None:
    """DNS rebinding."""
    answer = cloud.send("GET", path, headers={"Host": host.format(port=sim.port)})
    assert 400 <= answer.status < 500
    assert b"alicloud-sim" not in answer.body


def test_requests_of_the_cloud_stay_with_it(cloud: Cloud) -> None:
    """A query, a signature or another method is no request for the page."""
    assert cloud.call("DescribeRegions", method="GET").status == 200
    assert b"<Code>MissingParameter</Code>" in cloud.send("GET", "/?").body
    assert b"<Code>MissingParameter</Code>" in cloud.send("POST", "/").body
    signed = cloud.send("GET", "/", headers={"Authorization": "OSS key:signature"})
    assert b"<Error>" in signed.body


def test_unknown_files_are_not_there(cloud: Cloud) -> None:
    """Nor does a path lead out of the folder."""
    for name in ("nothing.js", "../control.py", "..%2fcontrol.py", "", "index.html/x"):
        assert cloud.send("GET", f"/_sim/page/{name}").status == 404


def test_a_head_request_has_no_body(cloud: Cloud) -> None:
    """As HTTP wants it."""
    answer = cloud.send("HEAD", "/")
    assert (answer.status, answer.body) == (200, b"")
