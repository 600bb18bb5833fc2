"""Where the services of Alibaba Cloud answer: explicit endpoints or the region's own.

Sources: the endpoint table of the API reference (``_meta.endpoints``); properties.md for the
forms that operators write.
"""

from __future__ import annotations

from alicloud_cpi.errors import CpiError
from alicloud_cpi.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_LOOPBACK = ("localhost", "::1")
_LONGEST_REGION = 40
_LARGEST_PORT = 65535
_EXPECTED = "must be a host, host:port or https URL"


class Endpoint(Record):
    """Where to send requests: ``https://host:port``; ``secure`` is false on loopback only."""

    host: str
    port: int
    secure: bool = True

    @property
    def authority(self) -> str:
        """The host as a Host header spells it, without the scheme's own port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def parse_endpoint(text: str, name: str) -> Endpoint:
    """Read a host, host:port or URL; https unless the URL says http, which only loopback may.

    :raises CpiError: naming the property
    """
    scheme, is_url, place = text.partition("://")
    scheme, place = (scheme.lower(), place) if is_url else ("https", text)
    place = place.rstrip("/").lower()
    if any(mark in place for mark in "/?#@"):
        raise CpiError(f"{name} {_EXPECTED}, without a path or user")
    host, port = _parted(place)
    if scheme not in ("http", "https") or not host or not _plain(host):
        raise CpiError(f"{name} {_EXPECTED}")
    secure = scheme == "https"
    if not secure and not is_loopback(host):
        raise CpiError(f"{name} must use https: http is accepted for loopback hosts only")
    return Endpoint(host, port or (443 if secure else 80), secure)


def _parted(place: str) -> tuple[str, int]:
    """Split host and port; no host where they are malformed, port 0 where there is none.

    By hand, as ``urllib.parse`` takes longer to load than a hundred endpoints to read.
    """
    if place.startswith("["):
        host, closed, port = place[1:].partition("]")
        host = host if closed and _is_ipv6(host) else ""
    else:
        host, colon, port = place.partition(":")
        port = colon + port
    number = port.removeprefix(":")
    if port == number == "":
        return host, 0
    is_port = port != number and number.isascii() and number.isdigit()
    return (host, int(number)) if is_port and 0 < int(number) <= _LARGEST_PORT else ("", 0)


def _is_ipv6(text: str) -> bool:
    from ipaddress import IPv6Address

    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether the host can only be this machine."""
    octets = host.split(".")
    numeric = len(octets) == 4 and all(octet.isdigit() for octet in octets)  # noqa: PLR2004
    return host in _LOOPBACK or (numeric and octets[0] == "127")


def is_region(text: str) -> bool:
    """Whether a region's id could be this: it becomes part of a host name."""
    kept = text.replace("-", "")
    return len(text) <= _LONGEST_REGION and kept.isascii() and kept.isalnum()


def endpoint_for(
    service: str, region: str, *, home: str, explicit: Mapping[str, Endpoint]
) -> Endpoint:
    """Return where a service answers for a region.

    An explicit endpoint is the home region's. For another region its host is used with that
    region's name in place of the home region's; a host that names no region serves them all.
    """
    given = explicit.get(service)
    if given is None:
        return region_endpoint(service, region)
    return given._replace(host=given.host.replace(home, region))


def region_endpoint(service: str, region: str) -> Endpoint:
    """Return the public endpoint of a service in a region."""
    if service in ("location", "sts"):
        host = {"location": "location-readonly.aliyuncs.com", "sts": "sts.aliyuncs.com"}[service]
    elif service == "slb" and region in _SLB_CENTRAL:
        host = "slb.aliyuncs.com"
    elif (service, region) == ("ecs", "cn-hangzhou"):
        host = "ecs-cn-hangzhou.aliyuncs.com"
    elif (service, region) == ("vpc", "cn-hangzhou"):
        host = "vpc.aliyuncs.com"
    elif service == "oss":
        host = f"oss-{region}.aliyuncs.com"
    else:
        host = f"{service}.{region}.aliyuncs.com"
    return Endpoint(host, 443)


_SLB_CENTRAL = frozenset(
    {
        "cn-hangzhou",
        "cn-beijing",
        "cn-shanghai",
        "cn-shenzhen",
        "cn-qingdao",
        "cn-hongkong",
        "ap-southeast-1",
        "us-west-1",
    }
)


def _plain(host: str) -> bool:
    return all(c.isascii() and (c.isalnum() or c in "-.:_%") for c in host)
