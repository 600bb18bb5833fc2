"""vSwitches: the subnets of a VPC, each in one zone.

Pending, then Available. A VPC takes one new vSwitch at a time (OperationDenied.OtherSubnetCreating
and TaskConflict are busy codes); one in which something is left cannot be deleted
(semantics.md section 9).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from aliyunsdkvpc.request.v20160428.CreateVSwitchRequest import CreateVSwitchRequest
from aliyunsdkvpc.request.v20160428.DeleteVSwitchRequest import DeleteVSwitchRequest
from aliyunsdkvpc.request.v20160428.DescribeVpcsRequest import DescribeVpcsRequest
from aliyunsdkvpc.request.v20160428.DescribeVSwitchesRequest import DescribeVSwitchesRequest

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.client_token import ClientTokens
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.aliyun.pagination import first_found, numbered_pages
from alicloud_cpi.aliyun.response import Fields
from alicloud_cpi.aliyun.waiter import wait_for, wait_until_gone
from alicloud_cpi.errors import CloudError
from alicloud_cpi.services.deletion import DELETE_TIMEOUT, delete_when_empty
from alicloud_cpi.services.naming import resource_name
from alicloud_cpi.services.tags import MARK, for_creation

# Seconds.
AVAILABLE_TIMEOUT = 300.0

# The first and the last three addresses (semantics.md section 4).
_KEPT_ADDRESSES = 4

_PATH = ("VSwitches", "VSwitch")
_VPC_PATH = ("Vpcs", "Vpc")

_DIRECTOR_KEY = "director"
# The security group that was created for the vSwitch, and is deleted with it.
_GROUP_KEY = "bosh-cpi-security-group"
_RANGE_TAKEN = "InvalidCidrBlock.Overlapped"
_GONE = ("InvalidVSwitchId.NotFound", "IncorrectVSwitchId")


@dataclass(frozen=True, slots=True)
class VSwitch:
    """One vSwitch, as DescribeVSwitches returns it."""

    id: str
    region: str
    status: str
    zone: str
    vpc_id: str
    range: str
    ipv6_range: str
    name: str
    created: str
    free_addresses: int
    tags: dict[str, str]

    @classmethod
    def from_api(cls, fields: Fields, region: str) -> VSwitch:
        """Read a record of DescribeVSwitches."""
        tags = fields.records("Tags", "Tag")
        return cls(
            id=fields.resource_id("VSwitchId"),
            region=region,
            status=fields.required_text("Status"),
            zone=fields.text("ZoneId"),
            vpc_id=fields.text("VpcId"),
            range=fields.ip_range("CidrBlock", 4),
            ipv6_range=fields.ip_range("Ipv6CidrBlock", 6),
            name=fields.text("VSwitchName"),
            created=fields.text("CreationTime"),
            free_addresses=fields.integer("AvailableIpAddressCount"),
            tags={tag.text("Key"): tag.text("Value") for tag in tags},
        )

    @property
    def security_group_id(self) -> str:
        """The security group that was created for it; empty where there is none."""
        return self.tags.get(_GROUP_KEY, "")

    @property
    def is_empty(self) -> bool:
        """Whether nothing has an address of it: the cloud itself keeps four."""
        return self.free_addresses == IPv4Network(self.range).num_addresses - _KEPT_ADDRESSES


@dataclass(frozen=True, slots=True)
class VSwitchRequest:
    """A vSwitch to create: where, and what it is to be called."""

    region: str
    zone: str
    vpc_id: str
    name: str
    tags: dict[str, Any]
    director: str
    security_group_id: str = ""

    @property
    def own_tags(self) -> dict[str, str]:
        """The tags by which later calls know it."""
        given = {_DIRECTOR_KEY: self.director, _GROUP_KEY: self.security_group_id}
        return {key: value for key, value in given.items() if value}


class RangeTaken(CloudError):
    """Another vSwitch of the VPC has addresses of the wanted range."""


class VSwitches:
    """vSwitches of the account."""

    def __init__(self, client: Client, regions: Sequence[str]) -> None:
        self._client = client
        self._regions = regions

    def find(self, vswitch_id: str) -> VSwitch | None:
        """Return the vSwitch, or None where the account has none such in any region."""
        return first_found(self._regions, lambda region: self.find_in(region, vswitch_id))

    def find_in(self, region: str, vswitch_id: str) -> VSwitch | None:
        """Return the vSwitch, or None where the region has none such."""
        request = DescribeVSwitchesRequest()
        request.set_VSwitchId(vswitch_id)
        return next(self._described(request, region), None)

    def find_all(self, region: str, vswitch_ids: Sequence[str]) -> dict[str, VSwitch]:
        """Return those of at most 20 vSwitches that the region has, by id.

        The API reference does not say that VSwitchId takes several ids, so those that are missing
        from the response are looked up one by one.
        """
        request = DescribeVSwitchesRequest()
        request.set_VSwitchId(",".join(vswitch_ids))
        found = {one.id: one for one in self._described(request, region)}
        missing = [one for one in vswitch_ids if one not in found] if len(vswitch_ids) > 1 else []
        alone = [self.find_in(region, vswitch_id) for vswitch_id in missing]
        return found | {one.id: one for one in alone if one}

    def of_vpc(self, region: str, vpc_id: str) -> list[VSwitch]:
        """Return all vSwitches of a VPC."""
        request = DescribeVSwitchesRequest()
        request.set_VpcId(vpc_id)
        return list(self._described(request, region))

    def ours(self, region: str) -> Iterator[VSwitch]:
        """Yield the vSwitches of a region that the CPI created."""
        key, value = MARK
        request = DescribeVSwitchesRequest()
        request.set_Tags([{"Key": key, "Value": value}])
        return self._described(request, region)

    def vpc_ranges(self, region: str, vpc_id: str) -> list[IPv4Network]:
        """Return the address ranges of a VPC, none where there is no such VPC."""
        request = DescribeVpcsRequest()
        request.set_VpcId(vpc_id)
        found: list[IPv4Network] = []
        for vpc in numbered_pages(self._client, request, region, *_VPC_PATH):
            more = vpc.ip_ranges("SecondaryCidrBlocks", "SecondaryCidrBlock", version=4)
            first = vpc.ip_range("CidrBlock", 4)
            found += [IPv4Network(text) for text in (first, *more) if text]
        return found

    def create(self, wanted: VSwitchRequest, network: IPv4Network) -> str:
        """Request a vSwitch and return its id.

        :raises RangeTaken: another vSwitch of the VPC has addresses of the range
        """
        request = CreateVSwitchRequest()
        request.set_ZoneId(wanted.zone)
        request.set_VpcId(wanted.vpc_id)
        request.set_CidrBlock(str(network))
        request.set_VSwitchName(wanted.name or default_name(network))
        request.set_Tags(for_creation(wanted.tags, own=wanted.own_tags, reserved=0))
        try:
            response = self._client.send(
                request, wanted.region, tokens=ClientTokens(), returns_id="VSwitchId"
            )
        except ApiError as error:
            if error.code == _RANGE_TAKEN:
                raise RangeTaken(error.message) from error
            if error.effect_unknown:
                error.append(f"A vSwitch with range {network} may have been created")
            raise
        return response.resource_id("VSwitchId")

    def find_own(self, wanted: VSwitchRequest, network: IPv4Network) -> VSwitch | None:
        """Return the vSwitch that an earlier call for the same Director created, if there is one.

        That call was killed, or its response was lost: the Director does not know the vSwitch.
        """
        key, value = MARK
        for vswitch in self.of_vpc(wanted.region, wanted.vpc_id):
            is_same = (vswitch.range, vswitch.zone) == (str(network), wanted.zone)
            tags = vswitch.tags
            if is_same and tags.get(key) == value and wanted.director:
                return vswitch if tags.get(_DIRECTOR_KEY) == wanted.director else None
        return None

    def wait_until_available(self, region: str, vswitch_id: str) -> VSwitch:
        """Return the vSwitch when VMs can use it."""
        found = wait_for(
            f"vSwitch '{vswitch_id}' to be available",
            lambda: self.find_in(region, vswitch_id),
            lambda found: found is not None and found.status == "Available",
            timeout=AVAILABLE_TIMEOUT,
            clock=self._client.clock,
        )
        assert found is not None  # noqa: S101 - that was waited for
        return found

    def delete(self, region: str, vswitch_id: str) -> None:
        """Delete the vSwitch and return when it is gone; one that is gone already is a success.

        Interfaces of deleted VMs vanish late, so one that is not empty yet is tried again.

        :raises WaitTimeout: something is left in it
        """
        request = DeleteVSwitchRequest()
        request.set_VSwitchId(vswitch_id)
        what = f"vSwitch '{vswitch_id}'"
        delete_when_empty(self._client, request, region, what=what, gone=_GONE)
        wait_until_gone(
            what,
            lambda: self.find_in(region, vswitch_id),
            timeout=DELETE_TIMEOUT,
            clock=self._client.clock,
        )

    def _described(self, request: Any, region: str) -> Iterator[VSwitch]:
        for fields in numbered_pages(self._client, request, region, *_PATH):
            yield VSwitch.from_api(fields, region)


def default_name(network: IPv4Network) -> str:
    """Return the name of a vSwitch for which none is given."""
    return resource_name(f"bosh-{network}", prefix="")
