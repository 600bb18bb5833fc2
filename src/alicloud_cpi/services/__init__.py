"""The cloud as actions see it: one service per kind of resource, for one account.

A service is imported when it is first used, so that a call loads no request classes that it does
not send.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.credentials import CredentialsProvider, StaticCredentials
from alicloud_cpi.aliyun.endpoints import Endpoints
from alicloud_cpi.aliyun.proxies import proxy_credentials
from alicloud_cpi.aliyun.transport import Transport
from alicloud_cpi.config import STATIC

if TYPE_CHECKING:
    from alicloud_cpi.clock import Clock
    from alicloud_cpi.config import Config
    from alicloud_cpi.redaction import Secrets
    from alicloud_cpi.services.agent_settings import AgentSettings
    from alicloud_cpi.services.alb import ApplicationLoadBalancers
    from alicloud_cpi.services.clb import ClassicLoadBalancers
    from alicloud_cpi.services.dedicated_hosts import DedicatedHosts
    from alicloud_cpi.services.deployment_sets import DeploymentSets
    from alicloud_cpi.services.disk_categories import DiskCategories
    from alicloud_cpi.services.disks import Disks
    from alicloud_cpi.services.eips import Eips
    from alicloud_cpi.services.image_copies import ImageCopies
    from alicloud_cpi.services.image_imports import ImageImports
    from alicloud_cpi.services.images import Images
    from alicloud_cpi.services.instance_types import InstanceTypes
    from alicloud_cpi.services.instances import Instances
    from alicloud_cpi.services.inventory import Inventory
    from alicloud_cpi.services.network_interfaces import NetworkInterfaces
    from alicloud_cpi.services.nlb import NetworkLoadBalancers
    from alicloud_cpi.services.permissions import Permissions
    from alicloud_cpi.services.security_groups import SecurityGroups
    from alicloud_cpi.services.snapshots import Snapshots
    from alicloud_cpi.services.tags import Tags
    from alicloud_cpi.services.vswitches import VSwitches


class Services:
    """The services of one call's account.

    Resources are looked for in the regions of the configuration: the call's own, then
    ``cross_regions``. Records carry their region, and operations on a record take place there.
    """

    def __init__(self, config: Config, clock: Clock, secrets: Secrets) -> None:
        self._config = config
        self._clock = clock
        self._secrets = secrets
        secrets.add(*proxy_credentials())
        self._transport = Transport(config.ca_cert)
        self._endpoints = Endpoints(config)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def server_time(self) -> float:
        """Return the seconds since 1970 by the clock of ECS, which must be about the machine's.

        :raises TransportError: it cannot be reached, or states no time
        """
        from alicloud_cpi.services.server_time import server_time

        return server_time(self._transport, self._endpoints, self._config.region)

    @cached_property
    def client(self) -> Client:
        """The client of the account."""
        return self._client_with(self.credentials)

    @cached_property
    def credentials(self) -> CredentialsProvider:
        """The credentials that the configuration names."""
        configured = self._config.credentials
        if configured.source == STATIC and not configured.role_arn:
            return StaticCredentials(configured)
        from alicloud_cpi.aliyun.role_credentials import role_credentials

        return role_credentials(self._config, self._clock, self._secrets, self._client_with)

    def _client_with(self, credentials: CredentialsProvider) -> Client:
        return Client(
            transport=self._transport,
            credentials=credentials,
            endpoints=self._endpoints,
            clock=self._clock,
            secrets=self._secrets,
        )

    @cached_property
    def agent_settings(self) -> AgentSettings:
        """The agent's settings in user data."""
        from alicloud_cpi.services.agent_settings import AgentSettings

        return AgentSettings(self.client)

    @cached_property
    def alb(self) -> ApplicationLoadBalancers:
        """Server groups of application load balancers."""
        from alicloud_cpi.services.alb import ApplicationLoadBalancers

        return ApplicationLoadBalancers(self.client)

    @cached_property
    def clb(self) -> ClassicLoadBalancers:
        """Classic load balancers and their vServer groups."""
        from alicloud_cpi.services.clb import ClassicLoadBalancers

        return ClassicLoadBalancers(self.client)

    @cached_property
    def dedicated_hosts(self) -> DedicatedHosts:
        """Dedicated hosts."""
        from alicloud_cpi.services.dedicated_hosts import DedicatedHosts

        return DedicatedHosts(self.client)

    @cached_property
    def deployment_sets(self) -> DeploymentSets:
        """Deployment sets."""
        from alicloud_cpi.services.deployment_sets import DeploymentSets

        return DeploymentSets(self.client)

    @cached_property
    def disk_categories(self) -> DiskCategories:
        """Disk categories that instance types take."""
        from alicloud_cpi.services.disk_categories import DiskCategories

        return DiskCategories(self.client)

    @cached_property
    def disks(self) -> Disks:
        """Cloud disks."""
        from alicloud_cpi.services.disks import Disks

        return Disks(self.client, self._config.regions)

    @cached_property
    def eips(self) -> Eips:
        """Elastic IP addresses."""
        from alicloud_cpi.services.eips import Eips

        return Eips(self.client)

    @cached_property
    def image_copies(self) -> ImageCopies:
        """Copies of images in further regions."""
        from alicloud_cpi.services.image_copies import ImageCopies

        return ImageCopies(
            self.client, self._config.regions, self.images, self.snapshots, self.tags
        )

    @cached_property
    def image_imports(self) -> ImageImports:
        """Imports of images from OSS."""
        from alicloud_cpi.services.image_imports import ImageImports

        return ImageImports(self.client, self.images)

    @cached_property
    def images(self) -> Images:
        """Images, shared ones included."""
        from alicloud_cpi.services.images import Images

        return Images(self.client, self._config.resource_group_id)

    @cached_property
    def instance_types(self) -> InstanceTypes:
        """Instance types."""
        from alicloud_cpi.services.instance_types import InstanceTypes

        return InstanceTypes(self.client)

    @cached_property
    def instances(self) -> Instances:
        """ECS instances."""
        from alicloud_cpi.services.instances import Instances

        return Instances(self.client, self._config.regions)

    @cached_property
    def inventory(self) -> Inventory:
        """What exists, and whose credentials these are."""
        from alicloud_cpi.services.inventory import Inventory

        return Inventory(self.client)

    @cached_property
    def network_interfaces(self) -> NetworkInterfaces:
        """Elastic network interfaces."""
        from alicloud_cpi.services.network_interfaces import NetworkInterfaces

        return NetworkInterfaces(self.client)

    @cached_property
    def nlb(self) -> NetworkLoadBalancers:
        """Server groups of network load balancers."""
        from alicloud_cpi.services.nlb import NetworkLoadBalancers

        return NetworkLoadBalancers(self.client)

    @cached_property
    def permissions(self) -> Permissions:
        """What the credentials may change."""
        from alicloud_cpi.services.permissions import Permissions

        return Permissions(self.client)

    @cached_property
    def security_groups(self) -> SecurityGroups:
        """Security groups of managed networks."""
        from alicloud_cpi.services.security_groups import SecurityGroups

        return SecurityGroups(self.client, self._config.resource_group_id)

    @cached_property
    def snapshots(self) -> Snapshots:
        """Snapshots of disks."""
        from alicloud_cpi.services.snapshots import Snapshots

        config = self._config
        return Snapshots(self.client, config.regions, config.resource_group_id)

    @cached_property
    def tags(self) -> Tags:
        """Tags on any resource."""
        from alicloud_cpi.services.tags import Tags

        return Tags(self.client)

    @cached_property
    def vswitches(self) -> VSwitches:
        """Subnets of VPCs."""
        from alicloud_cpi.services.vswitches import VSwitches

        return VSwitches(self.client, self._config.regions)
