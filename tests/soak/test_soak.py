"""A short soak; scripts/soak runs a longer one, and the pipeline one of an hour each night."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faults.matrix_scenarios import Bench, Request
from soak.soak import soak
from support.books import Books

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS, SEED, PROCESSES = 20, 14, 8


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """Give a bench of this module's own."""
    with Bench() as bench:
        yield bench


@pytest.fixture
def books(bench: Bench) -> Books:
    """Give books of a fresh cloud."""
    bench.reset()
    books = Books(bench.sim)
    books.open()
    return books


@pytest.mark.slow
def test_the_cloud_holds_what_the_answers_said() -> None:
    """After the lives of 8 processes with faults and kills."""
    result = soak(SECONDS, SEED, PROCESSES)
    assert result.problems == [], f"seed {SEED}: {result}"
    assert min(result.calls, result.signals, result.faults, result.failed) > 5


def create_disk(bench: Bench, books: Books) -> str:
    """Create a disk by the books."""
    request = Request("create_disk", [20480, {}, bench.storage.vm()])
    books.open()
    answer = bench.cpi.call(*[request.method, *request.arguments])
    books.note(request, answer)
    assert books.problems(bench.cpi) == []
    return str(answer.result)


def test_what_is_lost_is_found(bench: Bench, books: Books) -> None:
    """A disk that an answer returned and that is gone."""
    disk = create_disk(bench, books)
    bench.cpi.ok("delete_disk", disk)
    assert books.problems(bench.cpi) == [f"lost: disk {disk}"]


def test_what_is_left_is_found(bench: Bench, books: Books) -> None:
    """A disk that no answer returned, though it is listed; one that no list has is told, too."""
    create_disk(bench, books)
    bench.storage.disk()
    assert books.problems(bench.cpi) == ["doubled: 1 of kind disk by 0 killed calls"]
    bench.storage.disk(description="")
    (left, doubled) = books.problems(bench.cpi)
    assert left.startswith("left: disk ")
    assert doubled == "doubled: 2 of kind disk by 0 killed calls"


def test_what_a_killed_call_left_is_explained(bench: Bench, books: Books) -> None:
    """One thing a call, which is listed."""
    create_disk(bench, books)
    bench.storage.disk()
    books.note(Request("create_disk", [20480, {}, None]), None)
    assert books.problems(bench.cpi) == []


def test_a_disk_in_the_wrong_place_is_found(bench: Bench, books: Books) -> None:
    """Where the answers said otherwise."""
    disk = create_disk(bench, books)
    vm = bench.storage.vm()
    books.open()
    bench.cpi.ok("attach_disk", vm, disk)
    assert books.problems(bench.cpi) == [f"{disk} is attached to {vm}"]
