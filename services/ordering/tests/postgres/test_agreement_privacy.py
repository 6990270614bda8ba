"""What is left of contracts, quotes and standing orders of a customer that is erased."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from common.ids import new_id
from common.service import Service
from common.testing import Client, deliver, published
from ordering.tests.ordered import company, listing
from ordering.tests.told import customer

pytestmark = pytest.mark.postgres

SECRET = "Tomasina Reyes"


def test_nothing_of_the_person_is_left_and_nothing_is_ordered_any_more(service: Service, staff: Client) -> None:
    who = company(service)
    today = datetime.now(UTC).date().isoformat()
    lines = [{"listing_id": listing(service, 100), "quantity": 1}]
    about = {"customer_id": who, "name": "x", "lines": lines, "note": SECRET}
    contract = {"customer_id": who, "name": "x", "valid_from": today, "note": SECRET, "terms": SECRET}
    assert staff.post("/contracts", json=contract).status_code == 201
    quote = staff.post("/quotes", json={"customer_id": who, "lines": lines, "note": SECRET}).json
    revision = {"lines": lines, "valid_until": today, "note": SECRET}
    assert staff.post(f"/quotes/{quote['id']}/revisions", json=revision).status_code == 201
    rhythm = {"every": 1, "unit": "days", "next_on": today}
    standing = staff.post("/standing-orders", json=about | rhythm).json
    told = {"request_id": new_id(), "erased_ids": [who], "everything": True, "name": "[erased]"}
    deliver(service, customer(who, "erased", 3, **told))
    with service.db.transaction() as session:
        for table in ("contracts", "quotes", "quote_revisions", "standing_orders"):
            rows = session.execute(text(f"SELECT * FROM {table} WHERE customer_id = :id"), {"id": who})  # noqa: S608
            assert SECRET not in str(rows.all())
    assert not [event for event in published(service.db) if SECRET in str(event.data)]
    assert staff.get(f"/standing-orders/{standing['id']}").json["status"] == "ended"
    [answer] = published(service.db, "ordering.erasure.completed.v1")[-1:]
    assert {name: answer.data["counts"][name] for name in ("contracts", "quotes", "standing_orders")} == {
        "contracts": 1,
        "quotes": 1,
        "standing_orders": 1,
    }
