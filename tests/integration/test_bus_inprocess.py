"""The bus inside one process keeps its promises."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bus_sample.rig import build
from common.bus.inprocess import InProcessBroker
from common.testing.bus_suite import BusSuite, Rig
from common.testing.databases import TestDatabase


@pytest.fixture(scope="module")
def urls(service_database: Callable[[str], TestDatabase]) -> tuple[str, str, str]:
    return tuple(service_database("bus_sample").app_url for _ in range(3))  # type: ignore[return-value]


@pytest.fixture(params=[0, 3], ids=["once", "every third twice"])
def rig(request: pytest.FixtureRequest, urls: tuple[str, str, str], tmp_path: Path) -> Iterator[Rig]:
    made = build(InProcessBroker(repeat_every=request.param), urls, tmp_path)
    yield made
    made.stop()


class TestInProcess(BusSuite):
    """Also when every third message comes twice."""
