"""Whatever stands on stdin, one JSON answer comes back, and it says what is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Answer, Cpi

ENVELOPE = {"method": "has_disk", "arguments": ["d-1"], "context": {}, "api_version": 2}


def send(cpi: Cpi, **changes: Any) -> Answer:
    """Send the request of has_disk with some keys changed; ``...`` removes one."""
    changed = {**ENVELOPE, **changes}
    return cpi.send(json.dumps({k: v for k, v in changed.items() if v is not ...}).encode())


@pytest.mark.parametrize("text", [b"", b"   ", b"\n\t\n"])
def test_an_empty_stdin_is_a_cpi_error_that_says_so(cpi: Cpi, text: bytes) -> None:
    """A caller that sends nothing is told what was expected."""
    answer = cpi.send(text)
    assert answer.type == "CpiError"
    assert "empty" in answer.message


@pytest.mark.parametrize(
    "text",
    [
        b"junk",
        b"{",
        b'{"method": "info"',
        b'{"method": "info", "arguments": []} trailing',
        b'{"method": "info", "arguments": [], }',
        b"{'method': 'info', 'arguments': []}",
        b'{"method": "info", "arguments": [NaN]}',
        b'{"method": "info", "arguments": [Infinity, -Infinity]}',
        b'{"method": "info", "arguments": [' + b"9" * 5000 + b"]}",
        b"\xff\xfe\x00junk",
        b'{"method": "\xff\xfe", "arguments": []}',
        bytes(range(256)),
        b"\x00" * 64,
        b"x" * 1_000_000,
    ],
    ids=lambda text: repr(text[:24]),
)
def test_what_is_not_json_is_a_cpi_error_that_quotes_nothing(cpi: Cpi, text: bytes) -> None:
    """NaN and Infinity are no JSON either; the message stays short whatever was sent."""
    answer = cpi.send(text)
    assert answer.type == "CpiError"
    assert "is not JSON" in answer.message
    assert len(answer.message) < 200


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (b"null", "null"),
        (b"true", "a boolean"),
        (b"1", "a number"),
        (b"1.5", "a number"),
        (b'"info"', "a string"),
        (b"[]", "an array"),
        (b'[{"method": "info"}]', "an array"),
    ],
)
def test_a_json_value_that_is_no_object_is_named_by_its_kind(
    cpi: Cpi, text: bytes, kind: str
) -> None:
    """The envelope is an object."""
    answer = cpi.send(text)
    assert answer.type == "CpiError"
    assert answer.message == f"The request on stdin is {kind}: expected one JSON object"


@pytest.mark.parametrize("opened", [b"[", b'{"a":'])
@pytest.mark.parametrize("depth", [150, 300, 900, 20_000, 300_000])
def test_deep_nesting_is_refused_before_anything_walks_through_it(
    cpi: Cpi, opened: bytes, depth: int
) -> None:
    """No depth ends in a bug: not in the parser, not in what looks for secrets."""
    closed = {b"[": b"]", b'{"a":': b"}"}[opened]
    nested = opened * depth + b"1" + closed * depth
    for text in (nested, b'{"method": "has_disk", "arguments": ["d-1"], "context": ' + nested):
        answer = cpi.send(text if text is nested else text + b"}")
        assert answer.type == "CpiError"
        assert "Internal error" not in answer.message


def test_nesting_that_manifests_have_is_fine(cpi: Cpi) -> None:
    """The limit is far above what anybody writes."""
    context: dict[str, Any] = {}
    for _ in range(40):
        context = {"a": [context]}
    assert send(cpi, context={"extra": context}).result is False


@pytest.mark.parametrize("key", ["method", "arguments"])
def test_a_missing_key_is_named(cpi: Cpi, key: str) -> None:
    """Both keys are required."""
    answer = send(cpi, **{key: ...})
    assert (answer.type, answer.message) == ("CpiError", f"The request has no '{key}'")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("method", None, "'method' is null: expected a string"),
        ("method", 7, "'method' is a number: expected a string"),
        ("method", ["info"], "'method' is an array: expected a string"),
        ("arguments", None, "'arguments' is null: expected an array"),
        ("arguments", {"0": "d-1"}, "'arguments' is an object: expected an array"),
        ("arguments", "d-1", "'arguments' is a string: expected an array"),
        ("context", [1], "'context' is an array: expected an object"),
        ("context", [], "'context' is an array: expected an object"),
        ("context", "", "'context' is a string: expected an object"),
        ("context", 0, "'context' is a number: expected an object"),
        ("context", False, "'context' is a boolean: expected an object"),
    ],
)
def test_a_part_of_the_wrong_kind_is_named_with_what_was_expected(
    cpi: Cpi, key: str, value: object, said: str
) -> None:
    """The value itself is not shown."""
    answer = send(cpi, **{key: value})
    assert answer.type == "CpiError"
    assert said in answer.message


@pytest.mark.parametrize("context", [..., None, {}], ids=["missing", "null", "empty"])
def test_a_missing_context_is_an_empty_one(cpi: Cpi, context: object) -> None:
    """Configuration and versions do not need it."""
    assert send(cpi, context=context).result is False


@pytest.mark.parametrize("vm", [None, 1, "x", [], {"stemcell": None}, {"stemcell": 3}])
def test_what_the_context_says_of_the_stemcell_is_never_required(cpi: Cpi, vm: object) -> None:
    """``context.vm`` comes with some methods only, and nothing breaks where it is odd."""
    answer = send(cpi, method="attach_disk", arguments=["i-1", "d-1"], context={"vm": vm})
    assert answer.type in ("VMNotFound", "CloudError")


@pytest.mark.parametrize("version", [..., None, 0, 1, 2, 3, 99])
def test_any_positive_api_version_is_accepted(cpi: Cpi, version: object) -> None:
    """Absent is version 1, as in the Director's probing call; so is 0, which Go callers send."""
    assert send(cpi, api_version=version).result is False


@pytest.mark.parametrize("version", [-1, 1.5, "2", True, [], {}])
def test_an_odd_api_version_is_a_cpi_error(cpi: Cpi, version: object) -> None:
    """A version that cannot be one is refused before anything is done."""
    answer = send(cpi, api_version=version)
    assert answer.type == "CpiError"
    assert "api_version" in answer.message
    assert cpi.sim.calls() == []


def test_keys_that_are_not_known_are_ignored(cpi: Cpi) -> None:
    """A later Director may send more."""
    assert send(cpi, extra={"a": 1}).result is False


def test_a_byte_order_mark_is_no_obstacle_to_an_answer(cpi: Cpi) -> None:
    """JSON has none: it is refused or read, but answered."""
    text = b"\xef\xbb\xbf" + json.dumps(ENVELOPE).encode()
    assert cpi.send(text).type in ("", "CpiError")


@pytest.mark.parametrize(
    "method",
    [
        "",
        " ",
        "nope",
        "INFO",
        "info ",
        "__init__",
        "../actions/info",
        "dispatch.answer",
        "ping",
        "configure_networks",
        "current_vm_id",
        "run",
        "x" * 100000,
        "\x00",
        "a\nb",
        "%s",
    ],
    ids=lambda method: repr(method[:24]),
)
def test_a_method_that_is_not_in_the_table_is_not_implemented(cpi: Cpi, method: str) -> None:
    """Nothing is imported by a name that the caller made up, and the message stays short."""
    answer = send(cpi, method=method, arguments=[])
    assert answer.type == "NotImplemented"
    assert not answer.ok_to_retry
    assert len(answer.message) < 200


@pytest.mark.parametrize(
    ("method", "nearest"),
    [("creat_vm", "create_vm"), ("detach_disks", "detach_disk"), ("has_vms", "has_vm")],
)
def test_a_misspelt_method_is_answered_with_the_nearest_one(
    cpi: Cpi, method: str, nearest: str
) -> None:
    """Whoever writes requests by hand sees the typing error."""
    message = f"The CPI does not implement the method '{method}'; did you mean '{nearest}'?"
    assert send(cpi, method=method, arguments=[]).message == message


@pytest.mark.parametrize(
    "escaped",
    [r"\ud800", r"d-1\udfff", r"\udc00\ud800", "\\uD83D"],
)
@pytest.mark.parametrize("place", ["method", "argument", "context key", "context value"])
def test_half_a_character_is_refused(cpi: Cpi, escaped: str, place: str) -> None:
    """A lone surrogate can be sent nowhere: not to the cloud, not into an answer."""
    texts = {"method": "has_disk", "argument": "d-1", "context key": "k", "context value": "v"}
    texts[place] = escaped
    method, argument, key, value = texts.values()
    text = (
        f'{{"method": "{method}", "arguments": ["{argument}"], "context": {{"{key}": "{value}"}}}}'
    )
    answer = cpi.send(text.encode())
    assert answer.type == "CpiError"
    assert "Unicode" in answer.message
    assert cpi.sim.calls() == []


def test_a_surrogate_pair_is_one_character(cpi: Cpi) -> None:
    """Two halves that belong together are fine."""
    text = r'{"method": "has_disk", "arguments": ["d-\ud83d\ude00"]}'
    assert cpi.send(text.encode()).result is False


@pytest.mark.parametrize(
    "cid",
    ["d-\x00", "d-\u2028\u0085", "d-é漢", "d-%s{}", "d-" + "x" * 1000],
    ids=lambda cid: repr(cid[:12]),
)
def test_odd_characters_in_an_id_are_data_like_any_other(cpi: Cpi, cid: str) -> None:
    """They reach the cloud signed and encoded, and come back as an answer."""
    answer = cpi.call("has_disk", cid)
    assert answer.result is False or answer.type == "CloudError"


@pytest.mark.parametrize("number", [10**400, 2**63, 1e300], ids=["10**400", "2**63", "1e300"])
def test_huge_numbers_are_answered(cpi: Cpi, sim: Simulator, number: float) -> None:
    """A size beyond all disks is the cloud's to refuse, or ours; never a bug."""
    answer = cpi.call("create_disk", number, {}, None)
    assert answer.type in ("CpiError", "CloudError")
    assert "Internal error" not in answer.message
    assert "disk" not in sim.state()["records"]
