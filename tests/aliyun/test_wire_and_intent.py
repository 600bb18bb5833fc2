"""Whatever the CPI gives to an SDK request object arrives on the wire, and nothing else does.

The SDK's structured setters drop keys that they do not know, and setters can be left out of a
release. So while the CPI makes every kind of call, each setter's argument is recorded and compared
with the request that the cloud receives.
"""

from __future__ import annotations

import ast
import contextlib
import pkgutil
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest import mock
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml
from aliyunsdkcore.auth.signers.access_key_signer import AccessKeySigner
from aliyunsdkcore.auth.signers.sts_token_signer import StsTokenSigner

import alicloud_cpi
from alicloud_cpi import leftovers
from alicloud_cpi.__main__ import main
from faults.matrix_scenarios import SCENARIOS, Bench, Request
from support.cpi import SOURCE
from support.recorder import Recorder
from support.stemcells import properties
from support.world import REGION, ZONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.tls import Received

SERVICES = ("alb", "ecs", "nlb", "slb", "sts", "vpc")

# What the signature needs; it is in the URL. Everything else is in the body.
COMMON = {
    "AccessKeyId",
    "Action",
    "Format",
    "RegionId",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureType",
    "SignatureVersion",
    "Timestamp",
    "Version",
}

_REQUEST_MODULE = re.compile(r"aliyunsdk[a-z]+\.request\.v\d+\.\w+Request")


def _prepaid(bench: Bench) -> Request:
    disk = {"size": 20480, "category": "cloud_essd", "performance_level": "PL1"}
    wanted: dict[str, Any] = {
        "charge_type": "PrePaid",
        "charge_period": 1,
        "auto_renew": True,
        "auto_renew_period": 1,
        "key_pair_name": bench.names.key_pair,
        "ram_role_name": "bosh-instance",
        "instance_name": "web",
        "host_name": True,
        "resource_group_id": bench.sim.world.constants["resource_group"],
        "system_disk": {"category": "cloud_essd", "performance_level": "PL1"},
        "ephemeral_disk": {**disk, "encrypted": True, "kms_key_id": bench.names.kms_key},
    }
    return Request("create_vm", bench.vms.arguments(**wanted))


def _spot(bench: Bench) -> Request:
    wanted: dict[str, Any] = {
        "spot_strategy": "SpotWithPriceLimit",
        "spot_price_limit": 9.5,
        "spot_duration": 1,
        "spot_interruption_behavior": "Terminate",
    }
    return Request("create_vm", bench.vms.arguments(**wanted))


def _on_a_host(bench: Bench) -> Request:
    row = {"zone_id": ZONE, "families": ["ecs.g6"]}
    host = bench.sim.seed({"dedicated_host": [row]})["dedicated_host"][0]
    wanted: dict[str, Any] = {"dedicated_host_id": host, "tenancy": "host", "affinity": "host"}
    return Request("create_vm", bench.vms.arguments(**wanted))


def _of_a_pool(bench: Bench) -> Request:
    row = {"zone_id": ZONE, "instance_type": "ecs.g6.large"}
    pool = bench.sim.seed({"private_pool": [row]})["private_pool"][0]
    return Request("create_vm", bench.vms.arguments(private_pool={"id": pool}))


def _with_metadata_options(bench: Bench) -> Request:
    bench.sim.seed({"settings": {"metadata.hop_limit": True}})
    hops = {"http_put_response_hop_limit": 2}
    options = {"http_tokens": "optional", "http_endpoint": "enabled", **hops}
    return Request("create_vm", bench.vms.arguments(metadata_options=options))


def _in_an_existing_set(bench: Bench) -> Request:
    set_id = bench.sim.seed({"deployment_set": [{}]})["deployment_set"][0]
    return Request("create_vm", bench.vms.arguments(deployment_set_id=set_id))


def _encrypted_disk(bench: Bench) -> Request:
    level = {"category": "cloud_essd", "performance_level": "PL1"}
    key = {"encrypted": True, "kms_key_id": bench.names.kms_key}
    wanted = {**level, **key, "name": "data-0", "availability_zone": ZONE}
    return Request("create_disk", [20480, wanted, None])


def _network_of_any_range(bench: Bench) -> Request:
    """Let the CPI choose the range; a repeat chooses another one, so the matrix has none such."""
    vpc_id = bench.sim.world.constants[f"{REGION}.vpc"]
    properties = {"vpc_id": vpc_id, "availability_zone": ZONE, "create_security_group": True}
    return Request("create_network", [{"netmask_bits": 24, "cloud_properties": properties}])


def _delete_network_with_group(bench: Bench) -> Request:
    arguments = _network_of_any_range(bench).arguments
    return Request("delete_network", [bench.cpi.ok("create_network", *arguments)[0]])


def _encrypted_stemcell(bench: Bench) -> Request:
    bench.cpi.configure(encrypted=True, kms_key_id=bench.names.kms_key)
    return Request("create_stemcell", ["", {"image_id": {REGION: bench.names.image}}])


def _image_family(bench: Bench) -> Request:
    bench.storage.image(family="bosh-jammy")
    return Request("create_stemcell", ["", {"image_family": "bosh-jammy"}])


def _snapshot_that_expires(bench: Bench) -> Request:
    bench.cpi.configure(snapshot_retention_days=30)
    return Request("snapshot_disk", [bench.storage.disk(attached_at=1.0), {}])


def _arm_stemcell(bench: Bench) -> Request:
    return Request("create_stemcell", [bench.tarball, properties(architecture="arm64")])


def _delete_prepaid(bench: Bench) -> Request:
    wanted: dict[str, Any] = {"charge_type": "PrePaid", "charge_period": 1}
    return Request("delete_vm", [bench.vms.make(**wanted)])


def _delete_vm_with_interface(bench: Bench) -> Request:
    """Delete a VM whose second network interface remains."""
    vm = bench.vms.make()
    bench.vms.second_interface(vm)
    bench.sim.seed({"settings": {"instance.leaves_secondary_enis": True}})
    return Request("delete_vm", [vm])


def _create_vm_listed_late(bench: Bench) -> Request:
    bench.sim.set_lag(10)
    return Request("create_vm", bench.vms.arguments())


def _create_vm_after_lost_responses(bench: Bench) -> Request:
    """Create a VM; the cloud must be asked whether it is in its load balancers' groups already."""
    for action in ("AddBackendServers", "AddVServerGroupBackendServers"):
        bench.sim.add_fault(
            kind="error", code="InternalError", status=500, effect=True, action=action
        )
    return Request("create_vm", bench.everything())


def _many_disks(bench: Bench) -> Request:
    """Look for disks when there are more than one page of them."""
    row = {"status": "Available", "zone_id": ZONE, "description": "BOSH persistent disk"}
    return Request("has_disk", [bench.sim.seed({"disk": [row] * 101})["disk"][0]])


def _metadata_of_a_full_disk(bench: Bench) -> Request:
    """Tag a disk that has as many tags as a resource can have."""
    full = {f"own-{number}": "x" for number in range(20)}
    return Request("set_disk_metadata", [bench.storage.disk(tags=full), {"job": "web"}])


def _import_that_fails(bench: Bench) -> Request:
    bench.storage.set(image__import_fails=True)
    return Request("create_stemcell", [bench.tarball, properties()])


def _import_without_end(bench: Bench) -> Request:
    bench.sim.set_pace(image__import=20_000)
    return Request("create_stemcell", [bench.tarball, properties()])


def _copy_without_end(bench: Bench) -> Request:
    bench.cpi.configure(encrypted=True)
    bench.sim.set_pace(image__copy=20_000)
    return Request("create_stemcell", [bench.tarball, properties()])


FAILING = {
    "delete_vm, prepaid": _delete_prepaid,
    "create_stemcell, failed import": _import_that_fails,
    "create_stemcell, import without end": _import_without_end,
    "create_stemcell, copy without end": _copy_without_end,
}

SUCCEEDING = {
    **SCENARIOS,
    "create_vm, prepaid": _prepaid,
    "create_vm, spot": _spot,
    "create_vm, existing deployment set": _in_an_existing_set,
    "create_vm, dedicated host": _on_a_host,
    "create_vm, private pool": _of_a_pool,
    "create_vm, metadata options": _with_metadata_options,
    "create_disk, encrypted": _encrypted_disk,
    "create_network, any range": _network_of_any_range,
    "delete_network, with a group": _delete_network_with_group,
    "create_stemcell, encrypted with a key": _encrypted_stemcell,
    "create_stemcell, arm64": _arm_stemcell,
    "create_stemcell, image family": _image_family,
    "snapshot_disk, retention": _snapshot_that_expires,
    "delete_vm, interface remains": _delete_vm_with_interface,
    "create_vm, listed late": _create_vm_listed_late,
    "create_vm, lost responses": _create_vm_after_lost_responses,
    "has_disk, many disks": _many_disks,
    "set_disk_metadata, full disk": _metadata_of_a_full_disk,
}


class Sent(NamedTuple):
    """One request: the class of its object, the setters' arguments, and what came over the wire."""

    kind: type
    arguments: dict[str, Any]
    received: Received

    @property
    def query(self) -> dict[str, str]:
        """The parameters in the URL."""
        return _parameters(urlsplit(self.received.target).query)

    @property
    def body(self) -> dict[str, str]:
        """The parameters in the body."""
        return _parameters(self.received.body.decode())


def _parameters(text: str) -> dict[str, str]:
    pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text))
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


# Recording


def request_classes() -> set[Any]:
    """Return the SDK's request classes that the CPI imports."""
    found = set()
    for module in pkgutil.walk_packages(alicloud_cpi.__path__, "alicloud_cpi."):
        if module.name.startswith(("alicloud_cpi.services", "alicloud_cpi.aliyun")):
            for value in vars(import_module(module.name)).values():
                if isinstance(value, type) and _REQUEST_MODULE.fullmatch(value.__module__):
                    found.add(value)
    return found


def _recording(name: str, setter: Any) -> Any:
    def set_and_record(request: Any, value: Any) -> None:
        vars(request).setdefault("recorded", {})[name.removeprefix("set_")] = value
        setter(request, value)

    return set_and_record


@contextlib.contextmanager
def recorded_requests() -> Iterator[list[tuple[type, dict[str, Any]]]]:
    """Yield a list of the requests that are signed: class, and the arguments of the setters."""
    signed: list[tuple[type, dict[str, Any]]] = []

    def signing(sign: Any) -> Any:
        def sign_and_record(signer: Any, region: str, request: Any) -> Any:
            signed.append((type(request), dict(vars(request).get("recorded", {}))))
            return sign(signer, region, request)

        return sign_and_record

    with contextlib.ExitStack() as stack:
        for kind in request_classes():
            for name, setter in list(vars(kind).items()):
                if name.startswith("set_"):
                    stack.enter_context(mock.patch.object(kind, name, _recording(name, setter)))
        for signer in (AccessKeySigner, StsTokenSigner):
            stack.enter_context(mock.patch.object(signer, "sign", signing(signer.sign)))
        yield signed


@pytest.fixture(scope="module")
def sent() -> list[Sent]:
    """Make every kind of call, and the command that lists leftovers; give what was sent."""
    found: list[Sent] = []
    with Bench() as bench, recorded_requests() as signed, Recorder(bench.sim.port) as recorder:
        for name, scenario in {**SUCCEEDING, **FAILING}.items():
            bench.reset()
            bench.cpi.configure(**{f"{service}_endpoint": recorder.url for service in SERVICES})
            method, arguments = scenario(bench)
            response = bench.cpi.call(method, *arguments)
            assert (response.error is None) is (name in SUCCEEDING), (name, response)
            assert leftovers.run(str(bench.cpi.path), bench.cpi.clock) == 0
            pairs = zip(signed, recorder.received, strict=True)
            found += [Sent(*request, received) for request, received in pairs]
            signed.clear()
            recorder.received.clear()
        bench.reset()
        bench.cpi.configure(**{f"{service}_endpoint": recorder.url for service in SERVICES})
        for arguments in _tools(bench):
            assert main(arguments, bench.cpi.clock) == 0, arguments
        # The cloud's clock is asked without a signature.
        received = [one for one in recorder.received if "Signature=" in one.target]
        found += [Sent(*request, one) for request, one in zip(signed, received, strict=True)]
    return found


def _tools(bench: Bench) -> list[list[str]]:
    """Word the commands of the tools that ask the cloud, with everything that they ask for."""
    text = (SOURCE.parent / "examples" / "cloud-config.yml").read_text("utf-8")
    document = yaml.safe_load(text)
    connections = bench.connections
    policy = bench.cpi.sim.seed({"auto_snapshot_policy": [{}]})["auto_snapshot_policy"][0]
    document["vm_types"][0]["cloud_properties"] |= {
        "slbs": [connections.balancer],
        "slb_server_group": [connections.vserver_group],
        "nlb_server_groups": [{"server_group_id": connections.nlb_groups[0], "port": 80}],
        "key_pair_name": bench.names.key_pair,
    }
    document["disk_types"][0]["cloud_properties"] |= {
        "auto_snapshot_policy_id": policy,
        "encrypted": True,
        "kms_key_id": bench.names.kms_key,
    }
    path = bench.folder / "cloud-config.yml"
    path.write_text(yaml.safe_dump(document), "utf-8")
    config = ["--config", str(bench.cpi.path)]
    online = ["--online", "--stemcell", bench.names.image]
    return [["doctor", *config], ["validate", str(path), *config, *online]]


# Comparing


def _is_sent(name: str, value: Any) -> bool:
    """Whether a value is sent: what is None or empty is not, but for the value of a tag."""
    return value is not None and (value != "" or name.endswith(".Value"))


def leaves(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield the parameters that a value of a setter stands for."""
    if isinstance(value, list):
        for position, item in enumerate(value, start=1):
            yield from leaves(f"{name}.{position}", item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(f"{name}.{key}", item)
    elif _is_sent(name, value):
        yield name, str(value).lower() if isinstance(value, bool) else str(value)


def intended(request: Sent) -> dict[str, str]:
    """Return the parameters that a request's setters were given.

    The setter of ``SystemDisk.Size`` has no dot in its name; that of a list such as ``Tag.1.Key``
    may have an ``s`` at the end of its name.
    """
    dotted = {name.replace(".", ""): name for name in request.body}
    lists = {name.partition(".")[0] for name in request.body if "." in name}
    found: dict[str, str] = {}
    for name, value in request.arguments.items():
        if isinstance(value, list):
            found.update(leaves(name if name in lists else name.removesuffix("s"), value))
        else:
            found.update(leaves(dotted.get(name, name), value))
    return found


def test_the_body_has_what_the_setters_were_given_and_nothing_else(sent: list[Sent]) -> None:
    """Every leaf under the parameter of its name; a boolean as ``true`` or ``false``."""
    for request in sent:
        assert request.body == intended(request), request.kind.__name__


def test_the_url_has_what_the_signature_needs_and_nothing_else(sent: list[Sent]) -> None:
    """User data, passwords and everything else that is long or secret is in the body."""
    for request in sent:
        assert set(request.query) <= COMMON
        assert not COMMON & set(request.body)
    for name in ("Password", "UserData"):
        assert any(name in request.body for request in sent)


def test_action_and_version_are_those_of_the_class(sent: list[Sent]) -> None:
    """The class's name is the action's."""
    for request in sent:
        made = request.kind()
        assert f"{request.query['Action']}Request" == request.kind.__name__
        assert request.query["Action"] == made.get_action_name()
        assert request.query["Version"] == made.get_version()


def test_every_request_class_that_the_cpi_imports_was_sent(sent: list[Sent]) -> None:
    """So none has escaped the comparison."""
    names = {kind.__name__ for kind in request_classes()}
    assert names - {request.kind.__name__ for request in sent} == set()


def test_every_setter_that_the_cpi_calls_was_called_with_a_value(sent: list[Sent]) -> None:
    """So no parameter has escaped the comparison."""
    called = {
        name
        for request in sent
        for name, value in request.arguments.items()
        if value not in (None, "", [])
    }
    assert _setters_in_source() - called == set()


def _setters_in_source() -> set[str]:
    paths = [
        path
        for folder in ("services", "aliyun")
        for path in (SOURCE / "alicloud_cpi" / folder).glob("*.py")
    ]
    return {
        node.func.attr.removeprefix("set_")
        for path in paths
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and re.fullmatch("set_[A-Z].*", node.func.attr)
    }
