"""Every method refuses arguments that do not fit, before it asks anything of the cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alicloud_cpi.rpc.dispatcher import METHODS

if TYPE_CHECKING:
    from alicloud_cpi.rpc.dispatcher import Argument
    from alicloud_sim import Simulator
    from support.cpi import Cpi

# One value of each JSON kind, and such values of the right kind as cannot be meant.
KINDS: dict[str, Any] = {
    "null": None,
    "boolean": True,
    "integer": 1024,
    "float": 1024.0,
    "string": "x-1",
    "array": [],
    "object": {},
}
NEVER_A_SIZE = (0, -1, -1024)
NEVER_AN_ID = ("", " ", "\t\n")

TAKES_ARGUMENTS = [name for name, arguments in METHODS.items() if arguments]
POSITIONS = [
    pytest.param(name, position, id=f"{name}-{argument.name}")
    for name, arguments in METHODS.items()
    for position, argument in enumerate(arguments)
]


def kind_of(value: object) -> str:
    """Name a sample's kind as KINDS does."""
    return next(name for name, sample in KINDS.items() if type(sample) is type(value))


def fitting(argument: Argument) -> Any:
    """Return a value that the argument may have."""
    return next(v for v in KINDS.values() if type(v) in argument.types)


@pytest.mark.parametrize("method", METHODS)
def test_too_many_arguments_are_an_error_that_names_them(
    cpi: Cpi, sim: Simulator, method: str
) -> None:
    """The message tells the count and the names that the method knows."""
    arguments = [fitting(argument) for argument in METHODS[method]]
    answer = cpi.call(method, *arguments, None)
    assert answer.type == "CpiError"
    assert f"got {len(arguments) + 1}" in answer.message
    assert all(argument.name in answer.message for argument in METHODS[method])
    assert sim.calls() == []


@pytest.mark.parametrize("method", TAKES_ARGUMENTS)
def test_too_few_arguments_are_an_error_that_names_them(
    cpi: Cpi, sim: Simulator, method: str
) -> None:
    """One less than the required ones is too few."""
    required = [argument for argument in METHODS[method] if not argument.optional]
    answer = cpi.call(method, *[fitting(argument) for argument in required[:-1]])
    assert answer.type == "CpiError"
    assert f"got {len(required) - 1}" in answer.message
    assert all(argument.name in answer.message for argument in METHODS[method])
    assert sim.calls() == []


@pytest.mark.parametrize(("method", "position"), POSITIONS)
def test_an_argument_of_the_wrong_kind_is_named_with_what_was_expected(
    cpi: Cpi, sim: Simulator, method: str, position: int
) -> None:
    """For each method, each argument, each kind of JSON value that it does not take."""
    expected = METHODS[method]
    good = [fitting(argument) for argument in expected[: position + 1]]
    for value in KINDS.values():
        if type(value) in expected[position].types:
            continue
        answer = cpi.call(method, *good[:-1], value)
        if len(good) < sum(not argument.optional for argument in expected):
            rest = [fitting(argument) for argument in expected[position + 1 :]]
            answer = cpi.call(method, *good[:-1], value, *rest)
        assert answer.type == "CpiError", kind_of(value)
        said = f"argument {position + 1}, {expected[position].name}, must be "
        assert said + expected[position].expected in answer.message
    assert sim.calls() == []


@pytest.mark.parametrize(("method", "position"), POSITIONS)
def test_an_empty_id_and_a_size_of_nothing_are_refused(
    cpi: Cpi, sim: Simulator, method: str, position: int
) -> None:
    """An empty id would describe every resource there is, and a size is positive."""
    argument = METHODS[method][position]
    is_id = argument.is_id
    bad = NEVER_AN_ID if is_id else NEVER_A_SIZE if int in argument.types else ()
    for value in bad:
        arguments = [fitting(other) for other in METHODS[method]]
        arguments[position] = value
        answer = cpi.call(method, *arguments)
        assert answer.type == "CpiError", value
        assert argument.name in answer.message
    assert sim.calls() == []


def test_every_id_argument_refuses_the_empty_string() -> None:
    """No argument that ends in _cid or _id takes an empty one, but create_disk's place hint."""
    lenient = [
        (method, argument.name)
        for method, arguments in METHODS.items()
        for argument in arguments
        if argument.name.endswith(("_cid", "_id")) and not argument.is_id
    ]
    assert lenient == [("create_disk", "vm_cid")]
