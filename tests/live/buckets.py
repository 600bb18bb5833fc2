"""Buckets of the account, by OSS's own SDK."""

from __future__ import annotations

import importlib
import warnings
from typing import TYPE_CHECKING

from cloud import Refused

from live.api import keys

if TYPE_CHECKING:
    from live.settings import Live


def named(live: Live, prefix: str) -> set[str]:
    """List the buckets whose names begin so.

    :raises Refused: they cannot be listed
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oss2 = importlib.import_module("oss2")
        credentials = importlib.import_module("oss2.credentials")
        provider = credentials.StaticCredentialsProvider(*keys(live))
        session = oss2.Session()
        session.session.verify = live.get("ca_cert") or True
        host = live.get("oss_endpoint") or f"oss-{live['region']}.aliyuncs.com"
        service = oss2.Service(
            oss2.ProviderAuthV4(provider),
            host if "://" in host else f"https://{host}",
            session=session,
            region=live["region"],
        )
        try:
            return {bucket.name for bucket in oss2.BucketIterator(service, prefix=prefix)}
        except oss2.exceptions.OssError as refusal:
            raise Refused("ListBuckets", refusal.code or type(refusal).__name__) from None
        finally:
            session.session.close()
