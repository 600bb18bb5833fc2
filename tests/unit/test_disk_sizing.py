"""Sizes are rounded up to what the cloud sells, everywhere in the same way."""

from __future__ import annotations

import pytest

from alicloud_cpi.cloud_properties.disk_sizing import data_disk_gib, to_gib


@pytest.mark.parametrize(
    ("size_mib", "size_gib"),
    [(1, 1), (1023, 1), (1024, 1), (1025, 2), (10240, 10), (10241, 11), (2**40, 2**30)],
)
def test_gib(size_mib: int, size_gib: int) -> None:
    """Whole GiB that hold the MiB."""
    assert to_gib(size_mib) == size_gib


@pytest.mark.parametrize(
    ("category", "minimum"),
    [
        ("cloud", 5),
        ("cloud_efficiency", 20),
        ("cloud_ssd", 20),
        ("cloud_essd", 20),
        ("cloud_auto", 40),
        ("ephemeral_ssd", 20),
        ("anything else", 20),
    ],
)
def test_minimum(category: str, minimum: int) -> None:
    """Each category has a smallest size; above it only whole GiB count."""
    assert data_disk_gib(1, category, "") == minimum
    assert data_disk_gib(minimum * 1024, category, "") == minimum
    assert data_disk_gib(minimum * 1024 + 1, category, "") == minimum + 1


@pytest.mark.parametrize(
    ("category", "level", "size_mib", "size_gib"),
    [
        ("cloud_essd", "PL0", 1, 1),
        ("cloud_essd", "PL0", 1024, 1),
        ("cloud_essd", "PL0", 1025, 2),
        ("cloud_essd", "PL0", 20481, 21),
        ("cloud_essd", "", 1024, 20),
        ("cloud_essd", "PL1", 1024, 20),
        ("cloud_essd", "PL3", 1024, 20),
        ("cloud_auto", "PL0", 1024, 40),
    ],
)
def test_minimum_of_a_level(category: str, level: str, size_mib: int, size_gib: int) -> None:
    """An ESSD of PL0 may have 1 GiB; no other level, and no other category."""
    assert data_disk_gib(size_mib, category, level) == size_gib


@pytest.mark.parametrize(
    ("level", "present_gib", "size_mib", "size_gib"),
    [
        ("PL0", 20, 5120, 20),
        ("PL0", 20, 20480, 20),
        ("PL0", 20, 21504, 21),
        ("PL0", 5, 4096, 4),
        ("PL0", 19, 4096, 4),
        ("PL0", 21, 4096, 4),
        ("PL0", 40, 4096, 4),
        ("PL1", 40, 4096, 20),
    ],
)
def test_a_disk_that_was_rounded_up_at_birth(
    level: str, present_gib: int, size_mib: int, size_gib: int
) -> None:
    """An ESSD of exactly 20 GiB fits where PL0 would do with less; other sizes are as asked."""
    assert data_disk_gib(size_mib, "cloud_essd", level, current_gib=present_gib) == size_gib


@pytest.mark.parametrize("category", ["cloud", "cloud_efficiency", "cloud_auto"])
@pytest.mark.parametrize("size_mib", [1, 5000, 20480, 30000, 40960, 100000])
def test_rounding_twice_is_rounding_once(category: str, size_mib: int) -> None:
    """A rounded size stays as it is: no later call takes it for a change."""
    once = data_disk_gib(size_mib, category, "")
    assert data_disk_gib(once * 1024, category, "") == once
