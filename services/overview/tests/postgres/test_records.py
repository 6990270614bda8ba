"""Records of declared nouns in the database: sections per audience, marks, search terms and both histories."""

from collections.abc import Sequence
from random import Random
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from common.envelope import Event
from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for
from overview.consumers import PROJECTIONS
from overview.tests import events
from overview.tests.delivery import deliver
from overview.tests.inventions import LEASE, lease
from overview.tests.tables import contents, empty
from overview.use_cases import rows
from overview.use_cases.batch import collect

MODEL = "0195556a-0000-7000-8000-0000000000f1"
OTHER_MODEL = "0195556a-0000-7000-8000-0000000000f2"


def write(service: Service, given: Event | Sequence[Event], batch: int = 50) -> None:
    """Writes events, leases among them, as a worker's batches do; no contract knows leases."""
    events_given = [given] if isinstance(given, Event) else list(given)
    for start in range(0, len(events_given), batch):
        with service.db.transaction() as session:
            for event in events_given[start : start + batch]:
                known = PROJECTIONS.get(event.type)
                projected = known(event) if known else rows.records(event, LEASE)
                collect(session, None, event, projected, lambda: None)


@pytest.fixture
def pair(service: Service) -> tuple[str, str]:
    giver, taker = new_id(), new_id()
    write(service, [events.customer(giver, name="Giver"), events.customer(taker, name="Taker")])
    return giver, taker


def section(service: Service, customer_id: str, audience: str) -> tuple[list[dict[str, Any]], int]:
    asked = text("SELECT body, count FROM sections WHERE customer_id = :id AND section = 'leases' AND audience = :who")
    with service.db.transaction() as session:
        row = session.execute(asked, {"id": customer_id, "who": audience}).one()
    return orjson.loads(row.body), row.count


def test_a_section_shows_the_first_of_its_order_to_each_audience_and_counts_all(
    service: Service, pair: tuple[str, str]
) -> None:
    write(
        service,
        [
            lease(*pair, name="Old", starts_on="2025-01-01", shared=True),
            lease(*pair, name="New", starts_on="2026-05-01"),
            lease(*pair, name="Hidden", starts_on="2026-06-01", confidential=True),
            lease(*pair, name="Middle", starts_on="2026-01-01"),
        ],
    )
    for side in pair:
        staff, restricted, portal = (section(service, side, who) for who in ("staff", "restricted", "portal"))
        assert ([one["name"] for one in staff[0]], staff[1]) == (["New", "Middle"], 3)
        assert ([one["name"] for one in restricted[0]], restricted[1]) == (["Hidden", "New"], 4)
        assert ([set(one) for one in portal[0]], portal[1]) == ([{"id", "name"}], 1)


def test_marks_filter_and_count_while_something_carries_them(
    service: Service, pair: tuple[str, str], staff: Client
) -> None:
    first, second = new_id(), new_id()
    write(service, [lease(*pair, first), lease(*pair, second, model=OTHER_MODEL)])
    asked = f"/customers?filter=system_type:{MODEL}&facets=system_type"
    listed = staff.get(asked).json
    assert {item["id"] for item in listed["items"]} == set(pair)
    counts = {choice["value"]: choice["count"] for choice in listed["facets"]["system_type"]}
    assert counts == {MODEL: 2, OTHER_MODEL: 2}
    write(service, lease(*pair, first, "removed", 2))
    assert staff.get(asked).json["items"] == []
    kept = staff.get("/customers/facets?facets=system_type").json["facets"]["system_type"]
    assert [(choice["value"], choice["count"]) for choice in kept] == [(OTHER_MODEL, 2)]
    without = staff.get("/customers?filter=system_type:-").json["items"]
    assert without == []


def test_words_of_a_record_find_its_customers_for_those_who_may_see_it(
    service: Service, pair: tuple[str, str], tokens: TestTokens
) -> None:
    write(service, [lease(*pair, name="Hebebühne"), lease(*pair, name="Tresor", confidential=True)])

    def found(words: str, *permissions: str) -> set[str]:
        client = client_for(service, tokens.staff(["customers.view", *permissions]))
        return {item["id"] for item in client.get(f"/customers?q={words}").json["items"]}

    assert found("hebebuhne", "systems.view") == set(pair)
    assert found("hebebuhne") == set()
    assert found("tresor", "systems.view") == set()
    assert found("tresor", "systems.view", "documents.restricted") == set(pair)
    portal = client_for(service, tokens.portal({pair[0]: ["customers.view"]}))
    assert portal.get("/customers?q=hebebuhne").json["items"] == []


def test_an_aggregate_that_moves_leaves_the_customer_it_belonged_to(service: Service, pair: tuple[str, str]) -> None:
    third, id_ = new_id(), new_id()
    write(service, events.customer(third))
    write(service, lease(*pair, id_))
    moved = [{"path": "customer", "before": pair[0], "after": third}]
    write(service, lease(third, pair[1], id_, "updated", 2, changes=moved))
    assert section(service, pair[0], "staff") == ([], 0)
    assert section(service, third, "staff")[1] == 1
    with service.db.transaction() as session:
        asked = text("SELECT customer_id::text FROM terms WHERE source_id = :id")
        owners = set(session.execute(asked, {"id": id_}).scalars())
    assert owners == {third, pair[1]}


def test_contacts_and_addresses_move_with_a_merge(service: Service, staff: Client) -> None:
    before, after, person, place = new_id(), new_id(), new_id(), new_id()
    deliver(service, [events.customer(before), events.customer(after)])
    deliver(service, [events.contact(before, person, name="Moira"), events.address(before, place, city="Graz")])
    moved = [{"path": "customer", "before": before, "after": after}]
    deliver(
        service,
        [
            events.contact(after, person, "updated", 2, name="Moira", changes=moved),
            events.address(after, place, "updated", 2, city="Graz", changes=moved),
        ],
    )
    for id_, expected in ((before, 0), (after, 1)):
        document = staff.get(f"/customers/{id_}/overview").json
        assert [len(document[name]) for name in ("contacts", "addresses")] == [expected, expected]
    assert [item["id"] for item in staff.get("/customers?q=moira").json["items"]] == [after]
    assert [item["id"] for item in staff.get("/customers?filter=city:Graz").json["items"]] == [after]


def test_any_order_and_repetition_ends_equal(service: Service) -> None:
    giver, taker, third, id_ = (new_id() for _ in range(4))
    moved = [{"path": "customer", "before": giver, "after": third}]
    given = [
        *(events.customer(each, created_at="2026-03-02T09:30:00.000000Z") for each in (giver, taker, third)),
        lease(giver, taker, id_),
        lease(giver, taker, id_, "updated", 2, name="Crane", confidential=True),
        lease(third, taker, id_, "updated", 3, name="Crane", changes=moved),
        lease(giver, taker, shared=True),
        lease(third, taker, verb="removed", version=2),
    ]
    write(service, given)
    expected = contents(service)
    for seed in range(6):
        empty(service)
        random = Random(seed)
        mixed = random.sample(given, len(given)) + random.sample(given, 3)
        write(service, mixed, batch=random.choice([1, 2, 50]))
        assert contents(service) == expected
