"""Every event of the owners that this service reads: it has a handler, and every example of it takes effect."""

import json

import pytest
from sqlalchemy import text

from common.contracts import Contracts
from common.envelope import from_document
from common.service import Service
from common.settings import Settings
from overview.consumers import PROJECTIONS
from overview.domain.sections import SERVICES
from overview.tests.delivery import deliver

CONTRACTS = Contracts(Settings().contracts_dir)
OWNED = [name for name in CONTRACTS.types if name.partition(".")[0] in SERVICES]


@pytest.mark.parametrize("event_type", OWNED)
def test_every_type_of_the_owners_is_consumed(event_type: str) -> None:
    assert event_type in PROJECTIONS
    assert "overview" in CONTRACTS.consumers_of(event_type)


@pytest.mark.parametrize("event_type", sorted(PROJECTIONS))
def test_what_is_consumed_is_declared(event_type: str) -> None:
    assert "overview" in CONTRACTS.consumers_of(event_type)


@pytest.mark.parametrize("event_type", OWNED)
def test_every_example_takes_effect(service: Service, event_type: str) -> None:
    folder = CONTRACTS.event_folder(event_type) / "examples"
    for path in sorted(folder.glob("*.json")):
        deliver(service, from_document(json.loads(path.read_text())))
    with service.db.transaction() as session:
        kept = session.execute(text("SELECT count(DISTINCT event_id) FROM timeline")).scalar_one()
    assert kept == len(list(folder.glob("*.json"))) > 0
