"""Clients of OSS for the tests: the real SDK, and raw requests signed apart from the simulator."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import importlib
import re
import time
import warnings
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sim.support import KEY_ID, KEY_SECRET, OTHER_KEY_ID, OTHER_KEY_SECRET, REGION, Answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alicloud_sim import Simulator

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    oss2 = importlib.import_module("oss2")

MIB = 1 << 20
BUCKET = "stemcells"


def _read_all(response: Any, **_: Any) -> None:
    """Read a document to its end; objects are for the SDK to read."""
    if response.headers.get("Content-Type") == "application/xml":
        _ = response.content


class Sdk:
    """Makes buckets of the SDK that share one session; close() it."""

    def __init__(self, sim: Simulator) -> None:
        """Talk to a simulator over plain HTTP."""
        self._sim = sim
        self.session = oss2.Session()
        # It leaves documents half read, which would keep connections from the pool.
        self.session.session.hooks["response"].append(_read_all)

    def auth(self, key_id: str = KEY_ID, secret: str = KEY_SECRET, version: str = "v1") -> Any:
        """Make what signs requests."""
        return oss2.make_auth(key_id, secret, version)

    def bucket(self, name: str = BUCKET, auth: Any = None, region: str = REGION) -> Any:
        """Make the SDK's object for a bucket, of our own account by default."""
        auth = auth or self.auth()
        url = self._sim.plain_url
        return oss2.Bucket(auth, url, name, session=self.session, region=region)

    def others(self, name: str = BUCKET) -> Any:
        """Make the object for a bucket as another account uses it."""
        return self.bucket(name, self.auth(OTHER_KEY_ID, OTHER_KEY_SECRET))

    def service(self, auth: Any = None) -> Any:
        """Make the SDK's object for all buckets."""
        auth = auth or self.auth()
        return oss2.Service(auth, self._sim.plain_url, session=self.session, region=REGION)

    def close(self) -> None:
        """End the connections."""
        self.session.session.close()


@dataclass
class RawOss:
    """Sends requests with a V1 signature, path style, each on a connection of its own."""

    sim: Simulator
    key_id: str = KEY_ID
    secret: str = KEY_SECRET

    def signed(
        self, method: str, resource: str, headers: dict[str, str] | None = None
    ) -> dict[str, str]:
        """Sign a request; the resource has its sub-resources with it, decoded and sorted."""
        given = {"Date": formatdate(time.time(), usegmt=True), **(headers or {})}
        low = {name.lower(): value for name, value in given.items()}
        own = "".join(f"{n}:{low[n]}\n" for n in sorted(low) if n.startswith("x-oss-"))
        first = [method, low.get("content-md5", ""), low.get("content-type", ""), low["date"], ""]
        text = "\n".join(first) + own + resource
        digest = hmac.new(self.secret.encode(), text.encode(), hashlib.sha1).digest()
        given["Authorization"] = f"OSS {self.key_id}:{base64.b64encode(digest).decode()}"
        return given

    def send(
        self,
        method: str,
        resource: str,
        body: bytes | Iterable[bytes] = b"",
        headers: dict[str, str] | None = None,
        *,
        sign: bool = True,
    ) -> Answer:
        """Send a request for /bucket/key?sub-resources and read the whole answer."""
        path, mark, query = resource.partition("?")
        given = self.signed(method, resource, headers) if sign else headers or {}
        connection = http.client.HTTPConnection("127.0.0.1", self.sim.port, timeout=30)
        try:
            connection.request(method, quote(path) + mark + query, body or None, given)
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, response.read())
        finally:
            connection.close()

    def code(self, *arguments: Any, **named: Any) -> tuple[int, str]:
        """Send a request that has to be refused; give status and code."""
        answer = self.send(*arguments, **named)
        return answer.status, code_of(answer)


def code_of(answer: Answer) -> str:
    """Read the code of a refusal, of a HEAD from its header."""
    body = answer.body or base64.b64decode(answer.headers.get("x-oss-err", ""))
    found = re.search(rb"<Code>(.*?)</Code>", body)
    return found[1].decode() if found else ""


def element(answer: Answer, name: str) -> str:
    """Read the first element of a name."""
    found = re.search(rf"<{name}>(.*?)</{name}>", answer.body.decode())
    return found[1] if found else ""


def refused(call: Any) -> tuple[int, str]:
    """Make a call of the SDK that has to be refused; give status and code."""
    try:
        call()
    except oss2.exceptions.OssError as error:
        return error.status, error.code
    raise AssertionError("it was not refused")


def upload(bucket: Any, key: str, *parts: bytes) -> Any:
    """Upload parts 1, 2, ... and complete."""
    upload_id = bucket.init_multipart_upload(key).upload_id
    infos = [
        oss2.models.PartInfo(number, bucket.upload_part(key, upload_id, number, part).etag)
        for number, part in enumerate(parts, start=1)
    ]
    return bucket.complete_multipart_upload(key, upload_id, infos)
