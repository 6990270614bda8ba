"""Properties in the read models: section, filter by location group, timeline, and what portals see of them."""

import json
from typing import Any

import pytest

from common.contracts import Contracts
from common.envelope import Event, from_document
from common.ids import new_id
from common.service import Service
from common.settings import Settings
from common.testing import Client, TestTokens, client_for
from common.testing.events import event
from overview.tests import events
from overview.tests.delivery import deliver

CONTRACTS = Contracts(Settings().contracts_dir)
COUNTRY, CITY, ELSEWHERE = new_id(), new_id(), new_id()
_STATES = {"planned": "planned", "started": "current", "changed": "current", "ended": "ended"}


def example(event_type: str) -> dict[str, Any]:
    path = CONTRACTS.event_folder(event_type) / "examples" / "usual.json"
    return dict(from_document(json.loads(path.read_text())).data)


def group(group_id: str, name: str, parent_id: str | None = None, version: int = 1) -> Event:
    data = {"id": group_id, "parent_id": parent_id, "name": name, "batch_id": None, "changes": []}
    return event("customer.location_group.created.v1", group_id, data, version=version, time=events.moment())


def assignment(customer_id: str, id_: str, verb: str, version: int, group_id: str | None, **fields: Any) -> Event:
    event_type = f"customer.assignment.{verb}.v1"
    data = example(event_type) | {"id": id_, "customer_id": customer_id, "state": _STATES[verb], "changes": []} | fields
    data["property"] = data["property"] | {"location_group_id": group_id}
    return event(event_type, id_, data, customer_id=customer_id, version=version, time=events.moment())


@pytest.fixture
def here(service: Service) -> str:
    """A customer with a property in a city that is part of a country."""
    customer_id = new_id()
    groups = [group(COUNTRY, "Norway"), group(CITY, "Bergen", COUNTRY), group(ELSEWHERE, "Elsewhere")]
    deliver(service, [events.customer(customer_id), *groups])
    return customer_id


def found(staff: Client, group_id: str) -> set[str]:
    return {item["id"] for item in staff.get(f"/customers?filter=location_group:{group_id}").json["items"]}


def test_a_customer_is_found_by_where_its_properties_are_now(service: Service, staff: Client, here: str) -> None:
    id_ = new_id()
    deliver(service, assignment(here, id_, "planned", 1, CITY))
    assert here not in found(staff, COUNTRY)
    deliver(service, assignment(here, id_, "started", 2, CITY))
    assert here in found(staff, CITY)
    assert here in found(staff, COUNTRY)
    deliver(service, assignment(here, id_, "changed", 3, ELSEWHERE))
    assert here not in found(staff, COUNTRY)
    assert here in found(staff, ELSEWHERE)
    deliver(service, assignment(here, id_, "ended", 4, ELSEWHERE))
    assert here not in found(staff, ELSEWHERE)
    assert staff.get(f"/customers/{here}/overview").json["properties"] == []
    deliver(service, assignment(here, id_, "started", 5, ELSEWHERE))
    assert here in found(staff, ELSEWHERE)


def test_a_customer_is_found_by_the_words_of_its_property(service: Service, staff: Client, here: str) -> None:
    deliver(service, assignment(here, new_id(), "started", 1, CITY))
    assert here in {item["id"] for item in staff.get("/customers?q=tanner row").json["items"]}


def test_the_company_sees_its_properties_of_today_without_how_they_are_sorted(
    service: Service, staff: Client, tokens: TestTokens, here: str
) -> None:
    now, later = new_id(), new_id()
    moved = {"path": "location_group", "label": "Location group", "before": CITY, "after": ELSEWHERE}
    renamed = {"path": "property.name", "label": "Name", "before": "Row 14", "after": "Tanner Row 14"}
    deliver(
        service,
        [
            assignment(here, now, "started", 1, CITY),
            assignment(here, later, "planned", 1, CITY),
            assignment(here, now, "changed", 2, ELSEWHERE, changes=[renamed, moved], reason="A typing error"),
            assignment(here, now, "changed", 3, CITY, changes=[moved]),
        ],
    )
    portal = client_for(service, tokens.portal({here: ["customers.view"]}))
    shown, whole = (each.get(f"/customers/{here}/overview").json["properties"] for each in (portal, staff))
    assert [one["id"] for one in shown] == [now]
    assert {one["id"] for one in whole} == {now, later}
    assert "location_group_id" not in json.dumps(shown)
    [kept] = [one for one in whole if one["id"] == now]
    assert (kept["location_group_id"], kept["state"]) == (CITY, "current")
    told = portal.get(f"/customers/{here}/timeline?kind=assignment").json["items"]
    assert [entry["verb"] for entry in told] == ["changed", "started"]
    assert [change["path"] for change in told[0]["changes"]] == ["property.name"]
    assert "text" not in told[0]
    inside = staff.get(f"/customers/{here}/timeline?kind=assignment").json["items"]
    assert [len(entry["changes"]) for entry in inside] == [1, 2, 0, 0]
    assert inside[1]["text"] == "A typing error"
    assert inside[0]["subject"]["label"] == "P10001 Tanner Row 14"


def test_moves_are_shown_while_they_are_planned_and_to_staff_only(
    service: Service, staff: Client, tokens: TestTokens, here: str
) -> None:
    id_ = new_id()
    for version, verb in enumerate(("planned", "executed"), start=1):
        event_type = f"customer.move.{verb}.v1"
        data = example(event_type) | {"id": id_, "customer_id": here}
        deliver(service, event(event_type, id_, data, customer_id=here, version=version, time=events.moment()))
        planned = staff.get(f"/customers/{here}/overview").json["moves"]
        assert [one["id"] for one in planned] == ([id_] if verb == "planned" else [])
    entries = staff.get(f"/customers/{here}/timeline?kind=move").json["items"]
    assert [entry["verb"] for entry in entries] == ["executed", "planned"]
    portal = client_for(service, tokens.portal({here: ["customers.view"]}))
    assert portal.get(f"/customers/{here}/timeline?kind=move").json["items"] == []
