"""Requests to the cloud with Python's standard library alone, independent of the CPI.

Used by the errands of the end-to-end release, on a VM with an interpreter and no packages, by the
clean-up of an environment, and by the live tests.

The credentials are those of the RAM role of this instance, or ALIBABA_CLOUD_ACCESS_KEY_ID,
ALIBABA_CLOUD_ACCESS_KEY_SECRET and, for temporary ones, ALIBABA_CLOUD_SECURITY_TOKEN. ECS_ENDPOINT,
SLB_ENDPOINT and so on name another endpoint, METADATA_ENDPOINT another metadata service. Callers
can pass all of this to Cloud instead.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import os
import time
import urllib.error
import urllib.request
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

Row = dict[str, Any]

VERSIONS = {"ecs": "2014-05-26", "slb": "2014-05-15", "nlb": "2022-04-30", "vpc": "2016-04-28"}
METADATA = "http://100.100.100.200"
TOKEN = "X-aliyun-ecs-metadata-token"  # noqa: S105 - a header's name
ROLES = "ram/security-credentials/"
SECONDS = 30
METADATA_SECONDS = 5
ATTEMPTS = 7
SERVER_ERROR = 500
PAGE = 50

# Where responses of ECS have their rows.
ROWS = {
    "DescribeInstances": ("Instances", "Instance"),
    "DescribeDisks": ("Disks", "Disk"),
    "DescribeSnapshots": ("Snapshots", "Snapshot"),
    "DescribeImages": ("Images", "Image"),
    "DescribeNetworkInterfaces": ("NetworkInterfaceSets", "NetworkInterfaceSet"),
}

# Endpoints that are not named after their region (test_endpoints.py: the SDK's tables).
CENTRAL_SLB = (
    *("cn-hangzhou", "cn-beijing", "cn-shanghai", "cn-shenzhen", "cn-qingdao"),
    *("cn-hongkong", "ap-southeast-1", "us-west-1", "us-east-1"),
)
FINANCE = ("cn-shanghai-finance-1", "cn-shenzhen-finance-1")
GOVERNMENT = ("cn-north-2-gov-1",)
CENTRAL = {
    **{("ecs", region): "ecs-cn-hangzhou.aliyuncs.com" for region in ("cn-hangzhou", *FINANCE)},
    **{("ecs", region): "ecs.aliyuncs.com" for region in GOVERNMENT},
    **{("vpc", region): "vpc.aliyuncs.com" for region in ("cn-hangzhou", *FINANCE, *GOVERNMENT)},
    **{("slb", region): "slb.aliyuncs.com" for region in (*CENTRAL_SLB, *FINANCE, *GOVERNMENT)},
}


class Refused(Exception):
    """The cloud refused a request, or could not be reached; the message has no parameters."""

    def __init__(self, action: str, code: str, text: str = "") -> None:
        super().__init__(": ".join(word for word in (action, code, text) if word))
        self.code = code


class Credentials(NamedTuple):
    """Credentials that requests are signed with; their repr() hides them."""

    id: str
    secret: str
    token: str

    def __repr__(self) -> str:
        return "Credentials(...)"


def metadata(path: str, endpoint: str = "") -> str:
    """Read an item of the metadata service, without a proxy.

    :raises Refused: it refused, or did not answer
    """
    root = f"{endpoint or os.environ.get('METADATA_ENDPOINT') or METADATA}/latest"
    token = _direct("PUT", f"{root}/api/token", {f"{TOKEN}-ttl-seconds": "60"})
    return _direct("GET", f"{root}/meta-data/{path}", {TOKEN: token}).strip()


def role_credentials(role: str = "", endpoint: str = "") -> Credentials:
    """Return the temporary credentials of a role of this instance.

    :raises Refused: there is no such role, or no metadata service
    """
    found = json.loads(metadata(ROLES + (role or metadata(ROLES, endpoint)), endpoint))
    return Credentials(found["AccessKeyId"], found["AccessKeySecret"], found["SecurityToken"])


def credentials() -> Credentials:
    """Return current credentials: those of the environment, or of the instance's role.

    :raises Refused: there are none
    """
    given = "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"
    if given[0] not in os.environ:
        return role_credentials()
    token = os.environ.get("ALIBABA_CLOUD_SECURITY_TOKEN", "")
    return Credentials(os.environ[given[0]], os.environ[given[1]], token)


class Cloud:
    """The services of one region."""

    def __init__(
        self,
        region: str,
        provider: Callable[[], Credentials] = credentials,
        hosts: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._region = region
        self._provider = provider
        given = {name: os.environ.get(f"{name.upper()}_ENDPOINT", "") for name in VERSIONS}
        self._hosts = given if hosts is None else hosts
        self._tls = tls

    def send(self, service: str, action: str, **parameters: str) -> Row:
        """Send a request; repeat it while the cloud throttles, fails or cannot be reached.

        :raises Refused: it refused, or did not answer
        """
        usual = CENTRAL.get((service, self._region), f"{service}.{self._region}.aliyuncs.com")
        host = self._hosts.get(service) or usual
        url = host if "://" in host else f"https://{host}"

        def send() -> Any:
            form = self._form({"Version": VERSIONS[service], "Action": action, **parameters})
            body = urlencode(form).encode()
            return urllib.request.urlopen(url, body, SECONDS, context=self._tls)  # noqa: S310 - an endpoint

        found: Row = json.loads(_body_of(action, url, send))
        return found

    def rows(self, action: str, **filters: str) -> list[Row]:
        """Return all rows of a Describe action of ECS, page by page."""
        outer, inner = ROWS[action]
        found: list[Row] = []
        while len(found) % PAGE == 0:
            page = {"PageSize": str(PAGE), "PageNumber": str(len(found) // PAGE + 1)}
            more = self.send("ecs", action, **filters, **page)[outer][inner]
            if not more:
                break
            found += more
        return found

    def _form(self, parameters: dict[str, str]) -> dict[str, str]:
        """Complete and sign a form that is posted to / (API reference, signature V1)."""
        signed_with = self._provider()
        form = {
            "RegionId": self._region,
            "Format": "JSON",
            "AccessKeyId": signed_with.id,
            "SignatureMethod": "HMAC-SHA1",
            "SignatureVersion": "1.0",
            "SignatureNonce": uuid.uuid4().hex,
            "Timestamp": dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            **({"SecurityToken": signed_with.token} if signed_with.token else {}),
            **parameters,
        }
        pairs = urlencode(sorted(form.items()), safe="~", quote_via=quote)
        text = f"POST&%2F&{quote(pairs, safe='~')}"
        digest = hmac.new(f"{signed_with.secret}&".encode(), text.encode(), hashlib.sha1).digest()
        return {**form, "Signature": base64.b64encode(digest).decode()}


def _direct(method: str, url: str, headers: dict[str, str]) -> str:
    """Send a request to the metadata service."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, None, headers, method=method)  # noqa: S310 - link-local
    name, seconds = "metadata service", METADATA_SECONDS
    return _body_of(name, url, lambda: opener.open(request, timeout=seconds))


def _body_of(name: str, url: str, send: Callable[[], Any]) -> str:
    """Return the body of the first attempt that succeeds.

    :raises Refused: all of them failed
    """
    failure = Refused(name, "Unreachable")
    for attempt in range(ATTEMPTS):
        time.sleep(2**attempt / 2 if attempt else 0)
        try:
            with send() as response:
                return str(response.read().decode())
        except urllib.error.HTTPError as refusal:
            with refusal:
                failure = _refused(name, refusal)
            if refusal.code < SERVER_ERROR and not failure.code.startswith("Throttling"):
                break
        except OSError as error:
            failure = Refused(name, "Unreachable", f"{type(error).__name__} at {url}")
    raise failure


def _refused(name: str, refusal: urllib.error.HTTPError) -> Refused:
    try:
        found = json.loads(refusal.read())
    except ValueError:
        return Refused(name, str(refusal), f"no JSON at {refusal.url}")
    text = f"{found.get('Message')} (RequestId {found.get('RequestId')})"
    return Refused(name, str(found.get("Code")), text)
