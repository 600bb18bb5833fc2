"""create_vm with options of the VM's metadata service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.images import Image

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms

REQUIRED = {"metadata_options": {"http_tokens": "required"}}
OPTIONAL = {"metadata_options": {"http_tokens": "optional"}}
VERSION_3 = {"vm": {"stemcell": {"api_version": 3}}}


def image(sim: Simulator, vms: Vms) -> Image:
    """Return the image of the stemcell, which declares that it can use tokens."""
    found = sim.world.get(Image, vms.names.image)
    assert found is not None
    assert found.imds_version == "v2"
    return found


def test_without_options_none_are_sent(vms: Vms, sim: Simulator) -> None:
    """The cloud's default is optional, also with a stemcell that can use tokens."""
    assert vms.vm(vms.make(context=VERSION_3)).http_tokens == "optional"
    (call,) = sim.calls("CreateInstance")
    assert [name for name in call["params"] if name.startswith("Http")] == []


def test_tokens_are_required(vms: Vms) -> None:
    """With a stemcell that can use them."""
    assert vms.vm(vms.make(context=VERSION_3, **REQUIRED)).http_tokens == "required"


@pytest.mark.parametrize(
    ("version", "imds"), [(2, "v2"), (3, "v1"), (1, "v1")], ids=["agent", "image", "both"]
)
def test_stemcells_that_use_no_tokens(vms: Vms, sim: Simulator, version: int, imds: str) -> None:
    """Without its settings the agent would never report: refused before anything is created."""
    image(sim, vms).imds_version = imds
    context = {"vm": {"stemcell": {"api_version": version}}}
    answer = vms.create(context=context, **REQUIRED)
    assert answer.type == "VMCreationFailed"
    assert "metadata_options.http_tokens must be optional with this stemcell" in answer.message
    assert f"API version {version}" in answer.message
    assert f"ImdsSupport of image '{vms.names.image}' is {imds}" in answer.message
    assert sim.calls("CreateInstance") == []


def test_hop_limit(vms: Vms, sim: Simulator) -> None:
    """Sent as it is; an account that is not invited is refused by the cloud."""
    options = {"metadata_options": {"http_put_response_hop_limit": "2", "http_endpoint": "enabled"}}
    answer = vms.create(**options)
    assert "InvalidHttpPutResponseHopLimit.NotSupported" in answer.message
    assert vms.left() == {}
    sim.seed({"settings": {"metadata.hop_limit": True}})
    assert vms.vm(vms.make(**options)).http_hop_limit == 2


def test_defaults_of_the_job(vms: Vms, cpi: Cpi, sim: Simulator) -> None:
    """They are overridden key by key."""
    sim.seed({"settings": {"metadata.hop_limit": True}})
    cpi.configure(metadata_options={"http_tokens": "required", "http_put_response_hop_limit": 3})
    first = vms.vm(vms.make(context=VERSION_3))
    assert (first.http_tokens, first.http_hop_limit) == ("required", 3)
    networks = vms.names.networks(ip="10.0.1.12")
    second = vms.vm(vms.make(agent="agent-2", networks=networks, **OPTIONAL))
    assert (second.http_tokens, second.http_hop_limit) == ("optional", 3)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"http_tokens": "always"}, "metadata_options.http_tokens must be one of optional, req"),
        ({"http_put_response_hop_limit": 65}, "hop_limit must be a number of hops, 1 to 64"),
        ({"http_put_response_hop_limit": 0}, "hop_limit must be a number of hops, 1 to 64"),
        ({"http_endpoint": "disabled"}, "http_endpoint must be enabled: the agent reads its"),
    ],
)
@pytest.mark.parametrize("is_default", [False, True], ids=["vm_type", "job"])
def test_bad_options(
    vms: Vms, cpi: Cpi, sim: Simulator, options: dict[str, Any], words: str, *, is_default: bool
) -> None:
    """The property is named, here or in the job."""
    if is_default:
        cpi.configure(metadata_options=options)
    answer = vms.create(**({} if is_default else {"metadata_options": options}))
    assert answer.message.startswith("alicloud." if is_default else "cloud_properties.")
    assert words in answer.message
    assert sim.calls("CreateInstance") == []


def test_a_default_that_is_no_object(vms: Vms, cpi: Cpi) -> None:
    """The job's property has keys."""
    cpi.configure(metadata_options="required")
    assert vms.create().message == "alicloud.metadata_options must be an object"
