"""oss2's part in a request to OSS: its request methods and its signature V4.

The only module that imports oss2, and with it requests: 34 MiB and a quarter of a second, spent
by no call but an upload. Connections are the CPI's own in all that matters: its TLS settings, its
proxies, its keys, nothing of the environment, and not a line in the log.
"""

from __future__ import annotations

import logging
import sys
import threading
from types import ModuleType
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter

from alicloud_cpi.cloud.wire.proxies import proxy_for
from alicloud_cpi.cloud.wire.tls import client_context

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alicloud_cpi.cloud.wire.proxies import Proxy
    from alicloud_cpi.cloud.wire.signing import Keys, KeySource
    from alicloud_cpi.endpoints import Endpoint

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 60.0

# Their lines hold whole requests: URLs with signatures, headers, keys.
_TALKATIVE = ("oss2", "requests", "urllib3")


class SharedKeys:
    """The keys of a source, for oss2 and for several threads at once."""

    def __init__(self, source: KeySource) -> None:
        self._source = source
        self._lock = threading.Lock()

    def get_credentials(self) -> Any:
        """Return the keys that are valid now, in oss2's words."""
        from oss2.credentials import Credentials

        with self._lock:
            return Credentials(*self._source.current())

    def current(self) -> Keys:
        """Return the keys that are valid now."""
        with self._lock:
            return self._source.current()

    def renew(self, refused: Keys) -> bool:
        """Replace keys that OSS refused; returns whether there are others now."""
        with self._lock:
            return self._source.current() != refused or self._source.renew()


def bucket_of(name: str, *, region: str, endpoint: Endpoint, keys: SharedKeys, session: Any) -> Any:
    """Return oss2's object for a bucket, which may not exist yet; without a name, for them all."""
    oss2 = load()
    auth = oss2.ProviderAuthV4(keys)
    url = f"{'https' if endpoint.secure else 'http'}://{endpoint.authority}"
    settings = {
        "session": session,
        "connect_timeout": (CONNECT_TIMEOUT, READ_TIMEOUT),
        "app_name": "bosh-alicloud-cpi",
        "region": region,
    }
    if not name:
        return oss2.Service(auth, url, **settings)
    # Its checksum in Python takes longer than the upload; parts are compared by their MD5.
    return oss2.Bucket(auth, url, name, enable_crc=False, **settings)


def parts_list(parts: Iterable[tuple[int, str]]) -> list[Any]:
    """Spell the number and ETag of each part of an upload in oss2's words."""
    return [load().models.PartInfo(number, etag) for number, etag in parts]


def session_for(host: Endpoint, ca_cert: str, connections: int) -> Any:
    """Return a session of so many connections to one host.

    :raises CpiError: ``ca_cert`` holds no certificate, or a proxy variable no proxy
    """
    oss2 = load()
    session = oss2.Session(adapter=_Adapter(ca_cert, proxy_for(host), connections))
    # Otherwise ~/.netrc, REQUESTS_CA_BUNDLE and proxy variables of its own reading would count.
    session.session.trust_env = False
    # Another host is never told what was meant for this one.
    session.session.max_redirects = 0
    proxy = proxy_for(host)
    if proxy:
        session.session.proxies = {"https": f"http://{proxy.host}:{proxy.port}"}
    return session


class _Adapter(HTTPAdapter):
    """Connections with the CPI's TLS settings, straight or through its proxy."""

    def __init__(self, ca_cert: str, proxy: Proxy | None, connections: int) -> None:
        self._tls = client_context(ca_cert)
        self._proxy = proxy
        super().__init__(pool_connections=1, pool_maxsize=connections, pool_block=True)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options, ssl_context=self._tls)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        return super().proxy_manager_for(proxy, **options, ssl_context=self._tls)

    def proxy_headers(self, proxy: str) -> dict[str, str]:
        del proxy
        if self._proxy is None or not self._proxy.authorization:
            return {}
        return {"Proxy-Authorization": self._proxy.authorization}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Add no certificates: the TLS settings know whom to trust."""


def load() -> Any:
    """Import oss2, silenced and without its client-side encryption.

    That part of it needs the SDK of the other services and pycryptodome, which the release does
    without, and half of the memory and time of oss2.
    """
    if "oss2" not in sys.modules:
        for name, members in _ENCRYPTION.items():
            spare = ModuleType(name)
            for member in members:
                setattr(spare, member, type(member, (), {}))
            sys.modules[name] = spare
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    import oss2

    return oss2


_ENCRYPTION = {
    "oss2.crypto": ("LocalRsaProvider", "AliKMSProvider", "RsaProvider", "EncryptionMaterials"),
    "oss2.crypto_bucket": ("CryptoBucket",),
    "Crypto": ("Random",),
    "Crypto.Cipher": ("AES",),
    "Crypto.Util": ("Counter",),
}
