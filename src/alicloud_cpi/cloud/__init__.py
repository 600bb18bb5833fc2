"""The cloud as actions see it: one account, its regions, services by resource.

The lazy boundary: a service is imported when a call first uses it.
"""

from __future__ import annotations

from functools import cached_property, partial

from alicloud_cpi.cloud.keys.credentials import key_source
from alicloud_cpi.cloud.wire import signing
from alicloud_cpi.cloud.wire.api import Api
from alicloud_cpi.cloud.wire.transport import Transport
from alicloud_cpi.endpoints import endpoint_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.classic_load_balancers import ClassicLoadBalancers
    from alicloud_cpi.cloud.disks import Disks
    from alicloud_cpi.cloud.eips import Eips
    from alicloud_cpi.cloud.image_imports import ImageImports
    from alicloud_cpi.cloud.images import Images
    from alicloud_cpi.cloud.instance_types import InstanceTypes
    from alicloud_cpi.cloud.instances import Instances
    from alicloud_cpi.cloud.interfaces import Interfaces
    from alicloud_cpi.cloud.network_load_balancers import NetworkLoadBalancers
    from alicloud_cpi.cloud.oss.object_store import ObjectStore
    from alicloud_cpi.cloud.snapshots import Snapshots
    from alicloud_cpi.cloud.tags import Tags
    from alicloud_cpi.cloud.user_data import UserData
    from alicloud_cpi.cloud.wire.signing import KeySource
    from alicloud_cpi.config import Config
    from alicloud_cpi.log import Secrets


class Cloud:
    """The services of one call's account.

    ``regions`` are those in which resources are looked for: the call's own first, then
    ``cross_regions``. Records carry the region they were found in, and operations on a record
    take place there.
    """

    def __init__(self, config: Config, clock: Clock, secrets: Secrets) -> None:
        self.regions = [config.region, *config.cross_regions]
        self.clock = clock
        self.secrets = secrets
        self._config = config
        self._transport = Transport(config.ca_cert)

    def close(self) -> None:
        """Close the connections to every endpoint."""
        self._transport.close()
        if "object_store" in self.__dict__:
            self.object_store.close()

    @cached_property
    def ecs(self) -> Api:
        """ECS's actions; used by services only."""
        return self._api(signing.ECS)

    @cached_property
    def eips(self) -> Eips:
        """Elastic IP addresses."""
        from alicloud_cpi.cloud.eips import Eips

        return Eips(self._api(signing.VPC), self.clock)

    @cached_property
    def classic_load_balancers(self) -> ClassicLoadBalancers:
        """Classic load balancers and their vServer groups."""
        from alicloud_cpi.cloud.classic_load_balancers import ClassicLoadBalancers

        return ClassicLoadBalancers(self._api(signing.SLB))

    @cached_property
    def network_load_balancers(self) -> NetworkLoadBalancers:
        """Server groups of network load balancers."""
        from alicloud_cpi.cloud.network_load_balancers import NetworkLoadBalancers

        return NetworkLoadBalancers(self._api(signing.NLB), self.clock)

    @cached_property
    def _keys(self) -> KeySource:
        return key_source(
            self._config, self.clock, self.secrets, lambda keys: self._api(signing.STS, keys)
        )

    def _api(self, service: signing.Service, keys: KeySource | None = None) -> Api:
        return Api(
            service,
            transport=self._transport,
            keys=keys or self._keys,
            locate=partial(
                endpoint_for,
                service.name,
                home=self._config.region,
                explicit=self._config.endpoints,
            ),
            clock=self.clock,
            secrets=self.secrets,
        )

    @cached_property
    def disks(self) -> Disks:
        """Cloud disks."""
        from alicloud_cpi.cloud.disks import Disks

        return Disks(self.ecs, self.regions, self.clock)

    @cached_property
    def images(self) -> Images:
        """Images, shared ones included."""
        from alicloud_cpi.cloud.images import Images

        return Images(self.ecs, self.regions, self.clock)

    @cached_property
    def image_imports(self) -> ImageImports:
        """Imports of images from OSS."""
        from alicloud_cpi.cloud.image_imports import ImageImports

        return ImageImports(self.ecs, self.images, self.clock)

    @cached_property
    def object_store(self) -> ObjectStore:
        """Buckets of OSS."""
        import gc

        from alicloud_cpi.cloud.oss.object_store import ObjectStore

        # Uploads are long and large: what a process spares itself otherwise (see ``__main__``).
        gc.enable()

        return ObjectStore(self._config, self._keys, self.clock)

    @cached_property
    def instance_types(self) -> InstanceTypes:
        """What the cloud says of instance types."""
        from alicloud_cpi.cloud.instance_types import InstanceTypes

        return InstanceTypes(self.ecs, self.regions, self.clock)

    @cached_property
    def instances(self) -> Instances:
        """ECS instances."""
        from alicloud_cpi.cloud.instances import Instances

        return Instances(self.ecs, self.regions, self.clock)

    @cached_property
    def interfaces(self) -> Interfaces:
        """Elastic network interfaces."""
        from alicloud_cpi.cloud.interfaces import Interfaces

        return Interfaces(self.ecs, self.regions, self.clock)

    @cached_property
    def snapshots(self) -> Snapshots:
        """Snapshots of disks."""
        from alicloud_cpi.cloud.snapshots import Snapshots

        return Snapshots(self.ecs, self.regions, self.clock)

    @cached_property
    def tags(self) -> Tags:
        """Tags on any resource."""
        from alicloud_cpi.cloud.tags import Tags

        return Tags(self.ecs, self.regions, self.clock)

    @cached_property
    def user_data(self) -> UserData:
        """The agent settings in an instance's user data."""
        from alicloud_cpi.cloud.user_data import UserData

        return UserData(self.ecs, self.regions, self.clock)
