"""Listings and customers to begin with."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from sqlalchemy import text

from common.ids import new_id
from common.service import Service
from common.testing import Client, deliver
from ordering.tests.told import customer, switches

Make = Callable[..., dict[str, Any]]

_numbers = count(1)


@pytest.fixture
def a_listing(staff: Client) -> Make:
    """Makes a listing in a status; fields may be given."""

    def make(status: str = "published", **fields: Any) -> dict[str, Any]:
        number = next(_numbers)
        body = {"sku": f"SKU-{number:05d}", "name": f"Patch cable {number:05d}", "kind": "stock"} | fields
        answer = staff.post("/listings", json=body)
        assert answer.status_code == 201, answer.json
        made: dict[str, Any] = answer.json
        steps = {"published": ["publication"], "paused": ["publication", "pause"], "retired": ["retirement"]}
        for step in steps.get(status, []):
            made = staff.post(f"/listings/{made['id']}/{step}", version=made["version"]).json
        return made

    return make


@pytest.fixture
def a_customer(service: Service) -> Callable[..., str]:
    """Makes a customer with its switches; fields may be given. Returns its id."""

    def make(switched: dict[str, str] | None = None, **fields: Any) -> str:
        customer_id = new_id()
        deliver(service, customer(customer_id, name="Harbour Lights", **fields))
        if switched is not None:
            deliver(service, switches("customer", customer_id, **switched))
        return customer_id

    return make


@pytest.fixture
def age(service: Service) -> Callable[..., None]:
    """Puts days of a row so many days from today, as if time had passed."""

    def put(table: str, row_id: str, **days: int) -> None:
        changes = ", ".join(f"{name} = CAST(now() AT TIME ZONE 'UTC' AS date) + :{name}" for name in days)
        with service.db.transaction() as session:
            session.execute(text(f"UPDATE {table} SET {changes} WHERE id = :id"), days | {"id": row_id})  # noqa: S608

    return put
