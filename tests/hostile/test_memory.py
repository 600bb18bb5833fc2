"""No answer takes more than 64 MiB of memory, over any number of retries."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING

import pytest

from alicloud_cpi.aliyun.transport import MAX_RESPONSE
from support.cpi import DIRECTORS_ENVIRONMENT, SOURCE
from support.raw_server import RawServer
from support.stemcells import KIB, image, properties, tarball

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from alicloud_sim import Simulator
    from support.cpi import Cpi

ALLOWED_KIB = 64 * 1024
OK = b"HTTP/1.1 200 OK\r\n\r\n"

# Pauses take no time; writes the peak of memory to stderr, in KiB.
MEASURED = """
import sys
from pathlib import Path
from alicloud_cpi.__main__ import main
from alicloud_cpi.clock import SystemClock

class Quick(SystemClock):
    passed = 0.0
    def now(self):
        return super().now() + Quick.passed
    def sleep(self, seconds):
        Quick.passed += seconds

main(sys.argv[1:], Quick())
# Not ru_maxrss: a process inherits that from the one that started it.
print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0], file=sys.stderr)
"""

TINY = (b"[],", b"{},", b'"ab",', b'{"":0},', b"1e5,")


def measured(cpi: Cpi, method: str, *arguments: Any) -> tuple[str, int]:
    """Run a call; return the message of its error, and its peak of memory in KiB."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, "--config", str(cpi.path)],
        input=cpi.request(method, arguments),
        capture_output=True,
        env={**DIRECTORS_ENVIRONMENT, "PYTHONPATH": str(SOURCE)},
        check=True,
        timeout=120,
    )
    return json.loads(done.stdout)["error"]["message"], int(done.stderr.split()[-1])


@cache
def usual(cpi: Cpi) -> int:
    """Return the peak of memory with a small answer."""
    with RawServer(OK + b"{}") as server:
        cpi.configure(ecs_endpoint=f"http://127.0.0.1:{server.port}")
        return measured(cpi, "has_disk", "d-1")[1]


@pytest.mark.parametrize("value", TINY, ids=lambda value: value.decode())
def test_many_small_values(cpi: Cpi, value: bytes) -> None:
    """As many as the limit for a response allows, in every attempt."""
    count = (MAX_RESPONSE - 1000) // len(value)
    body = b'{"RequestId": "r-1", "Disks": [' + value * (count - 1) + value[:-1] + b"]}"
    with RawServer(OK, body) as server:
        base = usual(cpi)
        cpi.configure(ecs_endpoint=f"http://127.0.0.1:{server.port}")
        message, peak = measured(cpi, "has_disk", "d-1")
        assert server.connections > 5
    assert "LostResponse" in message or "MalformedResponse" in message
    assert peak - base < ALLOWED_KIB


@pytest.mark.parametrize("announced", [b"", b"Content-Length: 1000000000\r\n"])
def test_a_gigabyte(cpi: Cpi, announced: bytes) -> None:
    """Announced or not."""
    with RawServer(b"HTTP/1.1 200 OK\r\n" + announced + b"\r\n", *[bytes(1 << 20)] * 8) as server:
        base = usual(cpi)
        cpi.configure(ecs_endpoint=f"http://127.0.0.1:{server.port}")
        message, peak = measured(cpi, "has_disk", "d-1")
    assert "is longer than" in message or "the connection ended" in message
    assert peak - base < ALLOWED_KIB


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">'
    + b"".join(b'<!ENTITY l%d "%b">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 11))
    + b"]><InitiateMultipartUploadResult><UploadId>&l10;</UploadId></InitiateMultipartUploadResult>"
)


@pytest.mark.parametrize(
    "body",
    [
        LAUGHS,
        LAUGHS.decode().replace("?>", ' encoding="UTF-16"?>', 1).encode("utf-16"),
        b'<?xml version="1.0" encoding="cp037"?>' + LAUGHS[21:].decode().encode("cp037"),
        b"<a>" * (MAX_RESPONSE // 3 - 1000),
    ],
    ids=["entities", "in UTF-16", "in EBCDIC", "deep"],
)
def test_xml_that_grows(cpi: Cpi, sim: Simulator, tmp_path: Path, body: bytes) -> None:
    """The answers of OSS are XML, which can define what it repeats."""
    path = tarball(tmp_path, image(300 * KIB))
    with RawServer(OK, body) as server:
        sim.resume()
        cpi.configure(oss_endpoint=f"http://127.0.0.1:{server.port}")
        message, peak = measured(cpi, "create_stemcell", path, properties())
    assert "LostResponse: the response is not OSS's" in message
    # An upload loads oss2 and requests.
    assert peak < 2 * ALLOWED_KIB
