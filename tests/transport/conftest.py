"""The cloud's services as an action gets them, for what no method does alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alicloud_cpi import config, cpi_json
from alicloud_cpi.cloud import Cloud
from alicloud_cpi.log import Secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.cpi import Cpi


@pytest.fixture
def cloud(cpi: Cpi) -> Iterator[Cloud]:
    """Give the services of one call, on the simulator's clock."""
    made = Cloud(config.for_call(cpi_json.load(cpi.path), {}), cpi.clock, Secrets())
    yield made
    made.close()
