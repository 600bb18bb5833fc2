"""The cloud's services as an action gets them, for what no method does alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from alicloud_cpi.config import parse_config
from alicloud_cpi.config_file import read_config_file
from alicloud_cpi.redaction import Secrets
from alicloud_cpi.services import Services

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.cpi import Cpi


class ServicesAt(Protocol):
    """A function that returns services whose ECS is at this endpoint."""

    def __call__(self, ecs_endpoint: str) -> Services:
        """Return the services."""


def _services(cpi: Cpi) -> Services:
    return Services(parse_config(read_config_file(cpi.path), {}), cpi.clock, Secrets())


@pytest.fixture
def services(cpi: Cpi) -> Iterator[Services]:
    """Give the services of one call, on the simulator's clock."""
    made = _services(cpi)
    yield made
    made.close()


@pytest.fixture
def services_at(cpi: Cpi) -> Iterator[ServicesAt]:
    """Give a function that returns services with another endpoint of ECS."""
    made: list[Services] = []

    def services_at(ecs_endpoint: str) -> Services:
        cpi.configure(ecs_endpoint=ecs_endpoint)
        made.append(_services(cpi))
        return made[-1]

    yield services_at
    for one in made:
        one.close()
