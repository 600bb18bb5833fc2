"""What of Alibaba Cloud's SDKs is never loaded, and why.

``aliyunsdkcore.request`` imports one dictionary class from the copy of requests 2.18 and urllib3
1.24 (2017, with known vulnerabilities) that aliyunsdkcore bundles; ``oss2.crypto`` imports its HTTP
client. The CPI sends nothing through either. ``exclude_bundled_http`` puts small modules in their
place, so that the bundled copy is not loaded (50 ms of every call) and the release is built without
it.
"""

from __future__ import annotations

import sys
from types import ModuleType

_BUNDLED = "aliyunsdkcore.vendored.requests"

# The names that oss2 imports from its client-side encryption, which stemcell uploads do not use.
_OSS2_CRYPTO = (
    "AliKMSProvider",
    "BaseCryptoProvider",
    "EncryptionMaterials",
    "LocalRsaProvider",
    "RsaProvider",
)


class CaseInsensitiveDict(dict[str, str]):
    """Stands for the class that ``AcsRequest.request_user_agent`` uses; the CPI never calls it."""


def exclude_bundled_http() -> None:
    """Keep the SDK's bundled HTTP libraries from being loaded; call it before importing an SDK."""
    _provide(_BUNDLED)
    _provide(f"{_BUNDLED}.structures", CaseInsensitiveDict=CaseInsensitiveDict)
    _provide("oss2.crypto", **{name: type(name, (), {}) for name in _OSS2_CRYPTO})


def _provide(name: str, **members: type) -> None:
    if name not in sys.modules:
        module = ModuleType(name)
        vars(module).update(members)
        sys.modules[name] = module
