"""One ECS instance, as the cloud lists it, and what its description says."""

from __future__ import annotations

from dataclasses import dataclass

from alicloud_cpi.aliyun.response import Fields

# Written into the description of the instances that this CPI creates.
CREATED_BY_CPI = "BOSH VM"
CREATED_BEHIND_NLB = f"{CREATED_BY_CPI} behind NLB"
CREATED_BEHIND_ALB = f"{CREATED_BY_CPI} behind ALB"
CREATED_BEHIND_BOTH = f"{CREATED_BEHIND_NLB} and ALB"
_OF_CPI = (CREATED_BY_CPI, CREATED_BEHIND_NLB, CREATED_BEHIND_ALB, CREATED_BEHIND_BOTH)
# Added, with deletion protection, when a call returns an instance that another call has started:
# neither may delete it then.
RETURNED_AGAIN = ", returned by several calls"

# Tags a VM whose deletion protection the CPI turned on, so that it may turn it off.
PROTECTED_TAG = "bosh-cpi-deletion-protection"

# On VMs with a bid, which the cloud may take back.
SPOT_TAG = "spot"


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance, as DescribeInstances returns it."""

    id: str
    region: str
    zone: str
    vswitch_id: str
    status: str
    type: str
    name: str
    description: str
    charge_type: str
    spot_strategy: str
    security_group_ids: list[str]
    interface_ids: list[str]
    secondary_interface_ids: list[str]
    tags: dict[str, str]
    created: str
    start_time: str
    locks: list[str]
    is_protected: bool
    eip: str

    @classmethod
    def from_api(cls, fields: Fields, region: str) -> Instance:
        """Read a record of DescribeInstances."""
        interfaces = fields.records("NetworkInterfaces", "NetworkInterface")
        locks = fields.records("OperationLocks", "LockReason")
        return cls(
            id=fields.resource_id("InstanceId"),
            region=fields.text("RegionId") or region,
            zone=fields.text("ZoneId"),
            vswitch_id=fields.fields("VpcAttributes").text("VSwitchId"),
            status=fields.required_text("Status"),
            type=fields.text("InstanceType"),
            name=fields.text("InstanceName"),
            description=fields.text("Description"),
            charge_type=fields.text("InstanceChargeType"),
            spot_strategy=fields.text("SpotStrategy"),
            security_group_ids=fields.texts("SecurityGroupIds", "SecurityGroupId"),
            interface_ids=[one.resource_id("NetworkInterfaceId") for one in interfaces],
            secondary_interface_ids=[
                one.resource_id("NetworkInterfaceId")
                for one in interfaces
                if one.text("Type") == "Secondary"
            ],
            tags=fields.tags(),
            created=fields.text("CreationTime"),
            start_time=fields.text("StartTime"),
            locks=[lock.text("LockReason") for lock in locks],
            is_protected=fields.flag("DeletionProtection"),
            eip=fields.fields("EipAddress").text("IpAddress"),
        )

    @property
    def is_ours(self) -> bool:
        """Whether this CPI created it, not another one."""
        return self._own_description in _OF_CPI

    @property
    def may_be_behind_nlb(self) -> bool:
        """Whether server groups of network load balancers have to be searched for it."""
        own = self._own_description
        return not self.is_ours or own in (CREATED_BEHIND_NLB, CREATED_BEHIND_BOTH)

    @property
    def may_be_behind_alb(self) -> bool:
        """Whether server groups of application load balancers have to be searched for it."""
        return self._own_description in (CREATED_BEHIND_ALB, CREATED_BEHIND_BOTH)

    @property
    def is_returned_again(self) -> bool:
        """Whether several calls returned it, so that none of them may delete it."""
        return self.description.endswith(RETURNED_AGAIN)

    @property
    def is_protected_by_cpi(self) -> bool:
        """Whether this CPI turned on its deletion protection, if it is on."""
        return PROTECTED_TAG in self.tags or (self.is_returned_again and self.may_be_protected)

    @property
    def may_be_protected(self) -> bool:
        """Whether the cloud lets it have deletion protection: a subscription or a spot may not."""
        return self.charge_type != "PrePaid" and self.spot_strategy in ("", "NoSpot")

    @property
    def _own_description(self) -> str:
        return self.description.removesuffix(RETURNED_AGAIN)
