"""Every handler of every service accepts every example of what it reads, twice and in any order."""

import json
from collections.abc import Callable, Iterator

import pytest

from common.contracts import Contracts
from common.envelope import Event, from_document
from common.ids import new_id
from common.service import Service
from common.testing import TestDatabase, deliver
from inventory import ROOT, Package, packages

CONTRACTS = Contracts(ROOT / "contracts")
READERS = [package for package in packages() if package.handlers]


@pytest.fixture(scope="module", params=READERS, ids=lambda package: package.name)
def service(request: pytest.FixtureRequest, service_database: Callable[[str], TestDatabase]) -> Iterator[Service]:
    package: Package = request.param
    made = package.build(DATABASE_URL=service_database(package.name).app_url)
    yield made
    made.db.dispose()


def examples(service: Service) -> list[Event]:
    paths = (
        path
        for event_type in sorted(service.handlers)
        for path in sorted((CONTRACTS.event_folder(event_type) / "examples").glob("*.json"))
    )
    # Examples may share an id; deliveries of different events never do.
    return [from_document(json.loads(path.read_text()) | {"id": new_id()}) for path in paths]


@pytest.mark.postgres
def test_every_example_is_accepted_twice_and_in_any_order(service: Service) -> None:
    events = examples(service)
    deliver(service, events)
    deliver(service, list(reversed(events)))
