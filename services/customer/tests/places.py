"""Properties, assignments and moves for tests, through the API."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from common.ids import new_id
from common.testing import Client

_numbers = count(1)

STREET = {"line1": "Kai 3", "city": "Kiel", "country": "DE"}


def today() -> date:
    return datetime.now(UTC).date()


def day(offset: int) -> str:
    """A day, counted from today."""
    return (today() + timedelta(days=offset)).isoformat()


def a_location_group(staff: Client, name: str, parent: dict[str, Any] | None = None) -> dict[str, Any]:
    body = {"name": name} | ({"parent_id": parent["id"]} if parent else {})
    answer = staff.post("/location-groups", json=body)
    assert answer.status_code == 201, answer.json
    return answer.json


def a_property(staff: Client, **fields: Any) -> dict[str, Any]:
    answer = staff.post("/properties", json={"name": f"House {next(_numbers)}"} | STREET | fields)
    assert answer.status_code == 201, answer.json
    return answer.json


def assign(staff: Client, customer: dict[str, Any], place: dict[str, Any], **fields: Any) -> Any:
    """Gives a customer a property, as occupant unless said otherwise; returns the answer."""
    body = {"property_id": place["id"], "role": "occupant"} | fields
    return staff.post(f"/customers/{customer['id']}/properties", json=body)


def move(staff: Client, kind: str, customer: dict[str, Any], place: dict[str, Any], **fields: Any) -> Any:
    """Moves a customer `in` or `out`; returns the answer."""
    body = {"property_id": place["id"], "customer_id": customer["id"]} | fields
    return staff.post(f"/move-{kind}s", json=body)


def a_customer_named(staff: Client, name: str) -> dict[str, Any]:
    answer = staff.post("/customers", json={"name": name, "number": new_id()[-12:]})
    assert answer.status_code == 201, answer.json
    return answer.json
