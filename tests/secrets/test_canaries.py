"""No secret of configuration, request or answer ever leaves the program, in any spelling."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote_plus

import pytest

from alicloud_cpi import config, cpi_json
from alicloud_cpi.cloud import Cloud
from alicloud_cpi.cloud.wire.failures import ApiError
from alicloud_cpi.log import Secrets
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
    """Give a CPI whose configuration is full of canaries, and works."""
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
    """Make a VM whose request is full of canaries."""
    return process(cpi, "create_vm", *vms.arguments(env=ENV, password=VM_PASSWORD))


def test_the_search_finds_what_is_there() -> None:
    """A guard that finds nothing would guard nothing."""
    hidden = base64.b64encode(f"xx{WORD}".encode()).decode()
    for text in (WORD, WORD.upper(), quote(quote(f"ü{WORD}")), hidden, f"=={hidden}"):
        with pytest.raises(AssertionError):
            search(Answer(None, None, "", f"... {text} ..."))


def test_a_vm_is_made_without_a_word_of_its_secrets(loaded: Cpi, vms: Vms, sim: Simulator) -> None:
    """The request worked, and it was the secrets that made it work."""
    answer = create_vm(loaded, vms)
    assert answer.error is None, answer.message
    assert sim.calls()[0]["key"] == KEYS["access_key_id"]
    assert "CreateInstance" in answer.stderr


@pytest.mark.parametrize("message", echoes(), ids=lambda text: text[:12])
@pytest.mark.parametrize(
    "code", ["SignatureDoesNotMatch", "InvalidParameter", "IncompleteSignature", "InternalError"]
)
def test_an_error_of_the_cloud_may_repeat_everything_it_was_sent(
    loaded: Cpi, vms: Vms, sim: Simulator, message: str, code: str
) -> None:
    """In the words of the answer, of the log, and of a clean-up that fails as well."""
    for action in ("CreateInstance", "DeleteInstance", "ModifyInstanceAttribute"):
        sim.add_fault(kind="error", action=action, code=code, message=message, status=400, count=0)
    sim.freeze()
    answer = search(loaded.call("create_vm", *vms.arguments(env=ENV, password=VM_PASSWORD)))
    assert answer.type == "VMCreationFailed"


def test_a_signature_that_does_not_match_is_told_without_the_string_to_sign(
    loaded: Cpi, vms: Vms
) -> None:
    """The cloud's own message is every parameter, percent-encoded twice."""
    loaded.configure(access_key_secret=f"{WORD}AnotherSecret")
    answer = create_vm(loaded, vms)
    assert "SignatureDoesNotMatch" in answer.message


@pytest.mark.parametrize("method", ["has_disk", "has_vm", "delete_vm", "get_disks", "reboot_vm"])
def test_keys_of_the_calls_context_are_as_secret_as_the_files(cpi: Cpi, method: str) -> None:
    """A cpi-config entry's properties lie flat in the context."""
    answer = process(cpi, method, "x-1", **KEYS)
    assert "InvalidAccessKeyId.NotFound" in answer.message


@pytest.mark.parametrize("room", range(385, 401))
def test_a_message_that_is_cut_leaves_no_part_of_a_secret(
    loaded: Cpi, sim: Simulator, room: int
) -> None:
    """Half a secret is not recognised any more: it is blanked before it is cut."""
    message = "x" * room + KEYS["access_key_secret"]
    sim.add_fault(kind="error", code="InvalidParameter", message=message, status=400)
    answer = loaded.call("has_disk", "d-1")
    assert "c4" not in answer.message.partition("InvalidParameter")[2].partition("(Req")[0]


def test_parameters_that_the_cloud_repeats_are_blanked(loaded: Cpi) -> None:
    """User data is base64 of all settings: known as a secret from the moment it is sent."""

    def repeat(received: Received) -> bytes:
        body = received.body.decode()
        text = f"{body} {unquote_plus(body)} {received.target}"
        return json.dumps({"Code": "X", "Message": text, "HostId": "h"}).encode()

    settings = base64.b64encode(json.dumps(ENV).encode()).decode()
    secret: dict[str, Any] = {"UserData": settings, "Password": VM_PASSWORD}
    with Server(answer=repeat) as server:
        loaded.configure(ecs_endpoint=f"http://127.0.0.1:{server.port}")
        document, secrets = cpi_json.load(loaded.path), Secrets()
        secrets.add_from(document)
        cloud = Cloud(config.for_call(document, {}), loaded.clock, secrets)
        with pytest.raises(ApiError) as caught:
            cloud.ecs.call("ModifyInstanceAttribute", "cn-beijing", InstanceId="i-1", **secret)
        cloud.close()
    assert "InstanceId=i-1" in caught.value.message
    search(Answer(None, {"message": caught.value.message}, "", ""))


@pytest.mark.parametrize("cut", [1, 10, 200])
def test_a_broken_configuration_is_not_quoted(loaded: Cpi, cut: int) -> None:
    """Wherever it breaks off."""
    loaded.path.write_bytes(loaded.path.read_bytes()[:-cut])
    assert process(loaded, "has_disk", "d-1").type == "CpiError"


@pytest.mark.parametrize("key", [*KEYS, "role_arn", "ca_cert", "ecs_endpoint", "region"])
@pytest.mark.parametrize("value", [[WORD], {WORD: WORD}, f"https://u:{WORD}@host/{WORD}"])
def test_a_property_of_the_wrong_kind_is_named_and_not_shown(
    loaded: Cpi, key: str, value: object
) -> None:
    """A secret is often in the wrong place because somebody mixed up two lines."""
    if key in ("role_arn", "security_token", "access_key_id", "access_key_secret"):
        value = value if isinstance(value, (list, dict)) else [value]
    loaded.configure(**{key: value})
    answer = search(loaded.call("has_disk", "d-1"))
    assert answer.type == "CpiError"
    assert key in answer.message


@pytest.mark.parametrize(
    ("position", "value"),
    [
        *((position, [WORD]) for position in range(6)),
        *((position, {"k": WORD}) for position in range(6)),
        *((position, WORD) for position in range(2, 6)),
    ],
)
def test_an_argument_of_the_wrong_kind_is_named_and_not_shown(
    loaded: Cpi, vms: Vms, position: int, value: object
) -> None:
    """Ids and names of keys are shown in messages: they are no secrets. Values are not."""
    arguments = vms.arguments(env=ENV, password=VM_PASSWORD)
    arguments[position] = value
    loaded.sim.freeze()
    search(loaded.call("create_vm", *arguments))


@pytest.mark.parametrize("cut", [1, 30, 400])
def test_a_broken_request_is_not_quoted(loaded: Cpi, vms: Vms, cut: int) -> None:
    """Neither its beginning nor the place where it breaks."""
    text = loaded.request("create_vm", vms.arguments(env=ENV, password=VM_PASSWORD))[:-cut]
    answer = search(run(["--config", str(loaded.path)], text, ENVIRONMENT))
    assert answer.type == "CpiError"


# An exception that holds what it should not, raised where nobody expects one.
BREAKING = """
import sys
from alicloud_cpi.__main__ import main
from alicloud_cpi.cloud.wire.connection import Connection

def broken(self, *given, **named):
    raise ValueError(given, named, {"secrets": sys.argv[1]}, sys.argv[1])

Connection.ask = broken
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize("text", echoes(), ids=lambda text: text[:12])
def test_an_unexpected_exception_shows_its_traceback_and_no_secret(
    loaded: Cpi, vms: Vms, text: str
) -> None:
    """The exception's own text is the request's body and every canary besides."""
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
    """In the middle of a request that is full of them."""
    with Server(answer=None) as server:
        loaded.configure(ecs_endpoint=f"http://127.0.0.1:{server.port}")
        text = loaded.request("create_vm", vms.arguments(env=ENV, password=VM_PASSWORD))
        started = Started(["--config", str(loaded.path)], text)
        assert server.arrived.wait(30)
        answer = search(started.answer(15))
    assert "SIGTERM" in answer.message
