"""oss2 over the CPI's own transport: the same TLS settings, proxies, deadline and size limit.

The only module that imports oss2, and with it requests: 34 MiB and a quarter of a second, which
only an upload spends.
"""

from __future__ import annotations

import io
import logging
import re
import ssl
import threading
from typing import Any
from urllib.parse import urlsplit

import oss2
import requests
from oss2.credentials import Credentials as Oss2Credentials
from requests.adapters import BaseAdapter

from alicloud_cpi.aliyun.credentials import Credentials, CredentialsProvider
from alicloud_cpi.aliyun.proxies import proxy_for
from alicloud_cpi.aliyun.tls import client_context
from alicloud_cpi.aliyun.transport import ResponseLost, Transport
from alicloud_cpi.endpoint import Endpoint

# Seconds for a whole request; a part has 2 MiB.
REQUEST_TIMEOUT = 120.0

# What no XML of OSS has: entities, which expand to any size, and encodings in which they would not
# be found.
_NOT_OF_OSS = re.compile(
    rb"<!(?:DOCTYPE|ENTITY)|\0|encoding\s*=\s*[\"'](?!utf-8[\"'])", re.IGNORECASE
)

# A page of 1000 buckets has 20,000; an element takes 100 times its length once it is parsed.
_MAX_TAGS = 100_000

# Their log lines hold whole requests: signed URLs, headers, keys.
_SILENCED = ("oss2", "requests", "urllib3")


class SharedCredentials:
    """The credentials of a provider, for oss2 and for several threads at once."""

    def __init__(self, provider: CredentialsProvider) -> None:
        self._provider = provider
        self._lock = threading.Lock()

    def get_credentials(self) -> Any:
        """Return the current credentials as oss2's type; oss2 calls this."""
        credentials = self.current()
        return Oss2Credentials(
            credentials.access_key_id, credentials.access_key_secret, credentials.security_token
        )

    def current(self) -> Credentials:
        """Return the current credentials."""
        with self._lock:
            return self._provider.current()

    def renew(self, refused: Credentials) -> bool:
        """Replace credentials that OSS refused; returns whether there are others now."""
        with self._lock:
            return self._provider.current() != refused or self._provider.renew()


class Session:
    """oss2's objects for buckets, and the connections that they share."""

    def __init__(
        self, *, region: str, endpoint: Endpoint, ca_cert: str, credentials: SharedCredentials
    ) -> None:
        for name in _SILENCED:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        # A wrong proxy or ca_cert is an error before a bucket is thought to exist.
        proxy_for(endpoint)
        tls = client_context(ca_cert) if endpoint.secure else None
        self._region = region
        self._url = f"{'https' if endpoint.secure else 'http'}://{endpoint.authority}"
        self._auth = oss2.ProviderAuthV4(credentials)
        self._adapter = _TransportAdapter(ca_cert, tls)
        self._session = oss2.Session(adapter=self._adapter)
        # Not ~/.netrc, and no proxy variables but those that the transport reads.
        self._session.session.trust_env = False
        # What is meant for one host is not sent to another.
        self._session.session.max_redirects = 0

    def bucket(self, name: str) -> Any:
        """Return oss2's object for a bucket; without a name, for all buckets."""
        settings = {
            "session": self._session,
            "app_name": "bosh-alicloud-cpi",
            "region": self._region,
        }
        if not name:
            return oss2.Service(self._auth, self._url, **settings)
        # Parts are compared by their MD5; crcmod's CRC takes longer than the upload.
        return oss2.Bucket(self._auth, self._url, name, enable_crc=False, **settings)

    def close(self) -> None:
        """Close the connections."""
        self._adapter.close()


class _TransportAdapter(BaseAdapter):
    """Sends what requests has prepared through the CPI's transport, one connection per thread."""

    def __init__(self, ca_cert: str, tls: ssl.SSLContext | None) -> None:
        super().__init__()
        self._ca_cert = ca_cert
        self._tls = tls
        self._local = threading.local()
        self._transports: list[Transport] = []

    def send(  # type: ignore[override] # the other parameters are the transport's own
        self, request: requests.PreparedRequest, **_settings: Any
    ) -> requests.Response:
        """Send a request; raises TransportError, which passes through requests and oss2."""
        url = urlsplit(request.url or "")
        secure = url.scheme == "https"
        endpoint = Endpoint(url.hostname or "", url.port or (443 if secure else 80), secure)
        target = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
        body = request.body or b""
        received = self._transport.request(
            endpoint,
            request.method or "GET",
            target,
            {str(name): str(value) for name, value in request.headers.items()},
            body.encode() if isinstance(body, str) else bytes(body),  # type: ignore[arg-type] # oss2 gets bytes
            REQUEST_TIMEOUT,
        )
        _check_xml(received.body)
        response = requests.Response()
        response.status_code = received.status
        response.headers.update(received.headers)
        response.raw = io.BytesIO(received.body)
        response.url = request.url or ""
        response.request = request
        return response

    def close(self) -> None:
        """Close the connections of all threads."""
        for transport in self._transports:
            transport.close()

    @property
    def _transport(self) -> Transport:
        if not hasattr(self._local, "transport"):
            self._local.transport = Transport(self._ca_cert, self._tls)
            self._transports.append(self._local.transport)
        transport: Transport = self._local.transport
        return transport


def _check_xml(body: bytes) -> None:
    """Refuse XML that takes far more memory than its length.

    :raises ResponseLost: it has entities, or too many elements
    """
    if _NOT_OF_OSS.search(body):
        raise ResponseLost("the response is not OSS's (a document type)")
    if body.count(b"<") > _MAX_TAGS:
        raise ResponseLost("the response is not OSS's (too many elements)")
