"""A plain signing client for the simulator, written apart from it, and the real SDK's set-up."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import ssl
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from alicloud_sim import Simulator

REGION = "cn-beijing"
ZONE = "cn-beijing-h"
KEY_ID = "LTAI5tSimulatorOwnerKey1"
KEY_SECRET = "simulatorOwnerSecret0000000001"
OTHER_KEY_ID = "LTAI5tSimulatorOtherKey1"
OTHER_KEY_SECRET = "simulatorOtherSecret0000000001"
ECS = "2014-05-26"


def encode(value: object) -> str:
    """Percent-encode as the signature wants it."""
    return quote(str(value), safe="-_.~")


def now() -> str:
    """Tell the time as signatures have it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The error code, or "" for success."""
        return str(self.json.get("Code", ""))


def v1(action: str, params: dict[str, Any], secret: str, method: str = "POST") -> dict[str, str]:
    """Sign a V1 call; params may overwrite the common parameters."""
    every = {
        "Action": action,
        "Version": ECS,
        "Format": "JSON",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": str(uuid.uuid4()),
        "Timestamp": now(),
        **params,
    }
    flat = {name: str(value) for name, value in every.items() if value is not None}
    canonical = "&".join(f"{encode(k)}={encode(v)}" for k, v in sorted(flat.items()))
    text = f"{method}&%2F&{encode(canonical)}"
    digest = hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha1).digest()
    return {**flat, "Signature": base64.b64encode(digest).decode()}


@dataclass
class Cloud:
    """Calls one simulator over plain HTTP, each call on a connection of its own."""

    sim: Simulator
    key_id: str = KEY_ID
    secret: str = KEY_SECRET
    common: dict[str, Any] = field(default_factory=dict)

    def send(
        self,
        method: str,
        target: str,
        body: str | bytes = "",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send one request and read the whole answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.sim.port, timeout=10)
        try:
            connection.request(method, target, body or None, headers or {})
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, response.read())
        finally:
            connection.close()

    def call(self, action: str, method: str = "POST", **params: Any) -> Answer:
        """Make a V1 call; dots in names are written as __, None leaves a parameter out."""
        named = {name.replace("__", "."): value for name, value in params.items()}
        given = {"AccessKeyId": self.key_id, "RegionId": REGION, **self.common, **named}
        signed = urlencode(v1(action, given, self.secret, method))
        if method == "GET":
            return self.send("GET", f"/?{signed}")
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.send(method, "/", signed, form)

    def call_v3(
        self,
        action: str,
        headers: dict[str, str] | None = None,
        late: dict[str, str] | None = None,
        **params: Any,
    ) -> Answer:
        """Make a V3 call with the parameters in the query; `late` are headers set after signing."""
        query = urlencode(params)
        every = {
            "host": f"127.0.0.1:{self.sim.port}",
            "x-acs-action": action,
            "x-acs-version": ECS,
            "x-acs-date": now(),
            "x-acs-signature-nonce": uuid.uuid4().hex,
            "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
            **(headers or {}),
        }
        signed = ";".join(sorted(every))
        lines = "".join(f"{name}:{every[name]}\n" for name in sorted(every))
        pairs = "&".join(f"{encode(k)}={encode(v)}" for k, v in sorted(params.items()))
        canonical = f"POST\n/\n{pairs}\n{lines}\n{signed}\n{every['x-acs-content-sha256']}"
        text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        every["Authorization"] = (
            f"ACS3-HMAC-SHA256 Credential={self.key_id},SignedHeaders={signed},"
            f"Signature={signature}"
        )
        return self.send("POST", f"/?{query}", headers={**every, **(late or {})})

    def ok(self, action: str, **params: Any) -> Any:
        """Make a call that has to succeed and give its answer."""
        answer = self.call(action, **params)
        assert answer.status == 200, answer.body
        return answer.json

    def control(self, method: str, path: str, document: Any = None) -> Any:
        """Call the control API; JSON in and out."""
        body = json.dumps(document) if document is not None else ""
        answer = self.send(method, f"/_sim/{path}", body)
        return {"status": answer.status, **answer.json}

    # Disks

    def create_disk(self, **params: Any) -> str:
        """Make a disk and give its id."""
        given = {"ZoneId": ZONE, "DiskCategory": "cloud_essd", "Size": 20, **params}
        return str(self.ok("CreateDisk", **given)["DiskId"])

    def disks(self, *ids: str, **params: Any) -> list[Any]:
        """Describe disks, some or all."""
        if ids:
            params["DiskIds"] = json.dumps(ids)
        return list(self.ok("DescribeDisks", **params)["Disks"]["Disk"])

    def settled_disk(self, **params: Any) -> str:
        """Make a disk and wait until it is Available."""
        disk_id = self.create_disk(**params)
        self.sim.advance(3600)
        assert self.disks(disk_id)[0]["Status"] == "Available"
        return disk_id


def tls_context(sim: Simulator) -> ssl.SSLContext:
    """Trust the simulator's authority only, as strictly as newer Pythons do."""
    context = ssl.create_default_context(cadata=sim.ca_pem)
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    return context
