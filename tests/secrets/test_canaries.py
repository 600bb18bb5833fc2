"""No secret of configuration, request or response ever leaves the program, in any encoding."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote_plus

import pytest
from aliyunsdkecs.request.v20140526.ModifyInstanceAttributeRequest import (
    ModifyInstanceAttributeRequest,
)

from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.config import parse_config
from alicloud_cpi.config_file import read_config_file
from alicloud_cpi.redaction import Secrets
from alicloud_cpi.services import Services
from support.canaries import AGENT, ENV, KEYS, VM_PASSWORD, WORD, echoes, search
from support.cpi import DIRECTORS_ENVIRONMENT, SOURCE, Answer, Started, run
from support.tls import Received, Server

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms

ENVIRONMENT = {**DIRECTORS_ENVIRONMENT, "DEBUG": "sdk"}


@pytest.fixture(autouse=True)
def real_time(sim: Simulator) -> None:
    """Let the simulator's clock run: processes of their own wait in real time."""
    sim.resume()
    sim.set_pace("instant", grace=0.2)


@pytest.fixture
def loaded(cpi: Cpi, sim: Simulator) -> Cpi:
    """Give a CPI whose configuration is full of canaries and valid."""
    sim.add_key(KEYS["access_key_id"], KEYS["access_key_secret"], token=KEYS["security_token"])
    cpi.configure(**KEYS)
    document = json.loads(cpi.path.read_bytes())
    document["cloud"]["properties"]["agent"] = AGENT
    cpi.path.write_text(json.dumps(document))
    return cpi


def process(cpi: Cpi, method: str, *arguments: Any, **context: Any) -> Answer:
    """Run one call as a process, with the SDK's debug switch on, and search its outputs."""
    text = cpi.request(method, arguments, context)
    return search(run(["--config", str(cpi.path)], text, ENVIRONMENT))


def create_vm(cpi: Cpi, vms: Vms) -> Answer:
    """Create a VM with a request that is full of canaries."""
    return process(cpi, "create_vm", *vms.arguments(env=ENV, password=VM_PASSWORD))


def test_the_search_finds_what_is_there() -> None:
    """A search that finds nothing would prove nothing."""
    hidden = base64.b64encode(f"xx{WORD}".encode()).decode()
    for text in (WORD, WORD.upper(), quote(quote(f"ü{WORD}")), hidden, f"=={hidden}"):
        with pytest.raises(AssertionError):
            search(Answer(None, None, "", f"... {text} ..."))


def test_a_vm_is_created_without_showing_its_secrets(loaded: Cpi, vms: Vms, sim: Simulator) -> None:
    """The call succeeds, and the requests are signed with the canaries."""
    response = create_vm(loaded, vms)
    assert response.error is None, response.message
    assert sim.calls()[0]["key"] == KEYS["access_key_id"]
    assert "CreateInstance" in response.stderr


@pytest.mark.parametrize("message", echoes(), ids=lambda text: text[:12])
@pytest.mark.parametrize(
    "code", ["SignatureDoesNotMatch", "InvalidParameter", "IncompleteSignature", "InternalError"]
)
def test_an_error_of_the_cloud_that_repeats_the_request_shows_no_secret(
    loaded: Cpi, vms: Vms, sim: Simulator, message: str, code: str
) -> None:
    """Neither in the response, nor in the log, nor when the clean-up fails as well."""
    for action in ("CreateInstance", "DeleteInstance", "ModifyInstanceAttribute"):
        sim.add_fault(kind="error", action=action, code=code, message=message, status=400, count=0)
    sim.freeze()
    response = search(loaded.call("create_vm", *vms.arguments(env=ENV, password=VM_PASSWORD)))
    assert response.type == "VMCreationFailed"


def test_the_string_to_sign_is_not_shown(loaded: Cpi, vms: Vms) -> None:
    """The cloud's message for a wrong signature has all parameters, percent-encoded twice."""
    loaded.configure(access_key_secret=f"{WORD}AnotherSecret")
    response = create_vm(loaded, vms)
    assert "SignatureDoesNotMatch" in response.message


@pytest.mark.parametrize("method", ["has_disk", "has_vm", "delete_vm", "get_disks", "reboot_vm"])
def test_credentials_in_the_calls_context_are_secret_too(cpi: Cpi, method: str) -> None:
    """A cpi-config entry's properties are members of the context."""
    response = process(cpi, method, "x-1", **KEYS)
    assert "InvalidAccessKeyId.NotFound" in response.message


@pytest.mark.parametrize("room", range(385, 401))
def test_a_message_that_is_cut_leaves_no_part_of_a_secret(
    loaded: Cpi, sim: Simulator, room: int
) -> None:
    """Half a secret would not be recognized: messages are redacted before they are cut."""
    message = "x" * room + KEYS["access_key_secret"]
    sim.add_fault(kind="error", code="InvalidParameter", message=message, status=400)
    response = loaded.call("has_disk", "d-1")
    assert "c4" not in response.message.partition("InvalidParameter")[2].partition("(Req")[0]


def test_parameters_that_the_cloud_repeats_are_redacted(loaded: Cpi) -> None:
    """User data is base64 of all settings: it is added to the secrets when it is sent."""

    def repeat(received: Received) -> bytes:
        body = received.body.decode()
        text = f"{body} {unquote_plus(body)} {received.target}"
        return json.dumps({"Code": "X", "Message": text, "HostId": "h"}).encode()

    settings = base64.b64encode(json.dumps(ENV).encode()).decode()
    request = ModifyInstanceAttributeRequest()
    request.set_InstanceId("i-1")
    request.set_UserData(settings)
    request.set_Password(VM_PASSWORD)
    with Server(body=repeat) as server:
        loaded.configure(ecs_endpoint=f"http://127.0.0.1:{server.port}")
        document, secrets = read_config_file(loaded.path), Secrets()
        secrets.add_from(document)
        services = Services(parse_config(document, {}), loaded.clock, secrets)
        with pytest.raises(ApiError) as caught:
            services.client.send(request, "cn-beijing")
        services.close()
    assert "InstanceId=i-1" in caught.value.message
    search(Answer(None, {"message": caught.value.message}, "", ""))


@pytest.mark.parametrize("cut", [1, 10, 200])
def test_a_broken_configuration_is_not_quoted(loaded: Cpi, cut: int) -> None:
    """Wherever the file ends early."""
    loaded.path.write_bytes(loaded.path.read_bytes()[:-cut])
    assert process(loaded, "has_disk", "d-1").type == "CpiError"


@pytest.mark.parametrize("key", [*KEYS, "role_arn", "ca_cert", "ecs_endpoint", "region"])
@pytest.mark.parametrize("value", [[WORD], {WORD: WORD}, f"https://u:{WORD}@host/{WORD}"])
def test_a_property_of_the_wrong_type_is_named_and_not_shown(
    loaded: Cpi, key: str, value: object
) -> None:
    """Operators put a secret in the wrong place by mixing up two lines."""
    if key in ("role_arn", "security_token", "access_key_id", "access_key_secret"):
        value = value if isinstance(value, (list, dict)) else [value]
    loaded.configure(**{key: value})
    response = search(loaded.call("has_disk", "d-1"))
    assert response.type == "CpiError"
    assert key in response.message


@pytest.mark.parametrize(
    ("position", "value"),
    [
        *((position, [WORD]) for position in range(6)),
        *((position, {"k": WORD}) for position in range(6)),
        *((position, WORD) for position in range(2, 6)),
    ],
)
def test_an_argument_of_the_wrong_type_is_not_shown(
    loaded: Cpi, vms: Vms, position: int, value: object
) -> None:
    """Messages show ids and the names of properties, never their values."""
    arguments = vms.arguments(env=ENV, password=VM_PASSWORD)
    arguments[position] = value
    loaded.sim.freeze()
    search(loaded.call("create_vm", *arguments))


@pytest.mark.parametrize("cut", [1, 30, 400])
def test_a_broken_request_is_not_quoted(loaded: Cpi, vms: Vms, cut: int) -> None:
    """Neither its beginning nor its end."""
    text = loaded.request("create_vm", vms.arguments(env=ENV, password=VM_PASSWORD))[:-cut]
    response = search(run(["--config", str(loaded.path)], text, ENVIRONMENT))
    assert response.type == "CpiError"


# Raises an unexpected exception that has secrets in its text.
BREAKING = """
import sys
from alicloud_cpi.__main__ import main
from alicloud_cpi.aliyun.transport import Connection

def broken(self, *given, **named):
    raise ValueError(given, named, {"secrets": sys.argv[1]}, sys.argv[1])

Connection.request = broken
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize("text", echoes(), ids=lambda text: text[:12])
def test_an_unexpected_exception_shows_its_traceback_and_no_secret(
    loaded: Cpi, vms: Vms, text: str
) -> None:
    """The exception's text has the request's body and all canaries."""
    done = subprocess.run(
        [sys.executable, "-c", BREAKING, text, "--config", str(loaded.path)],
        input=loaded.request("create_vm", vms.arguments(env=ENV, password=VM_PASSWORD)),
        capture_output=True,
        env={**ENVIRONMENT, "PYTHONPATH": str(SOURCE)},
        check=True,
        timeout=60,
    )
    error = json.loads(done.stdout)["error"]
    assert "ValueError" in error["message"]
    assert b"Traceback" in done.stderr
    search(Answer(None, error, "", done.stderr.decode()))


def test_a_call_that_is_stopped_shows_no_secret(loaded: Cpi, vms: Vms) -> None:
    """It is stopped while a request with all of them is in flight."""
    with Server(body=None) as server:
        loaded.configure(ecs_endpoint=f"http://127.0.0.1:{server.port}")
        text = loaded.request("create_vm", vms.arguments(env=ENV, password=VM_PASSWORD))
        started = Started(["--config", str(loaded.path)], text)
        assert server.arrived.wait(30)
        response = search(started.answer(15))
    assert "SIGTERM" in response.message
