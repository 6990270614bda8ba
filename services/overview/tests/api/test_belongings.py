"""What belongs to customers, as people see it: in the document, in lists, filters and the timeline."""

from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for
from common.testing.events import event
from overview.tests import events
from overview.tests.delivery import deliver


def tag(tag_id: str, name: str, verb: str = "created", version: int = 1) -> Any:
    data = {
        "id": tag_id,
        "name": name,
        "colour": "#1f6feb",
        "description": None,
        "archived": False,
        "merged_into": None,
    }
    data |= {"batch_id": None, "changes": []}
    return event(f"customer.tag.{verb}.v1", tag_id, data, version=version, time=events.moment())


def located(group_id: str, name: str, parent_id: str | None = None) -> Any:
    data = {"id": group_id, "parent_id": parent_id, "name": name, "batch_id": None, "changes": []}
    return event("customer.location_group.created.v1", group_id, data, version=1, time=events.moment())


def assignment(customer_id: str, group_id: str | None, state: str = "current", **fields: Any) -> Any:
    id_ = new_id()
    place = {"id": new_id(), "number": "P10001", "name": "Tanner Row", "kind": "building", "status": "active"}
    place |= {"line1": "14 Tanner Row", "line2": None, "city": "Leeds", "region": None, "postal_code": None}
    place |= {"country": "GB", "location_group_id": group_id}
    data = {"id": id_, "customer_id": customer_id, "property": place, "role": "occupant", "from": "2026-01-01"}
    data |= {"to": None, "state": state, "move_id": None, "reason": None, "batch_id": None, "changes": []} | fields
    kind = f"customer.assignment.{'ended' if state == 'ended' else 'started'}.v1"
    return event(kind, id_, data, customer_id=customer_id, version=1, time=events.moment())


@pytest.fixture
def pair(service: Service) -> tuple[str, str]:
    first, second, vip = new_id(), new_id(), new_id()
    deliver(
        service,
        [
            tag(vip, "Hotel chain"),
            events.customer(first, name="Alder", tag_ids=[vip], lifecycle="lead", custom_fields={"tier": "gold"}),
            events.customer(second, name="Beech"),
        ],
    )
    return first, second


def listed(client: Client, query: str) -> list[str]:
    answer = client.get(f"/customers?{query}")
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json["items"]]


def test_tags_are_shown_by_the_name_they_have_now(service: Service, staff: Client, pair: tuple[str, str]) -> None:
    item = staff.get("/customers?filter=lifecycle:lead").json["items"][0]
    assert item["tags"] == ["Hotel chain"]
    document = staff.get(f"/customers/{pair[0]}/overview").json["customer"]
    tag_id = document["tag_ids"][0]
    deliver(service, tag(tag_id, "Hotels", "updated", 2))
    assert listed(staff, f"filter=tag:{tag_id}") == ["Alder"]
    assert listed(staff, "filter=tag:-") == ["Beech"]
    found = staff.get("/customers/facets?facets=tag").json["facets"]["tag"]
    assert found == [{"value": tag_id, "label": "Hotels", "count": 1, "selected": False}]
    assert staff.get(f"/customers/{pair[0]}/overview").json["customer"]["tags"] == [{"id": tag_id, "name": "Hotels"}]


def test_the_name_of_a_tag_finds_who_carries_it(
    service: Service, staff: Client, pair: tuple[str, str], tokens: TestTokens
) -> None:
    for query in ("q=hotel", "q=chain hot", "q=alder hotel", "q=hotel&sort=name"):
        assert listed(staff, query) == ["Alder"], query
    assert staff.get("/customers?q=hotel").json["items"][0]["matched_on"] == "tag"
    assert staff.get("/customers/facets?q=hotel").json["total"] == 1
    assert listed(staff, "q=beech hotel") == []
    portal = client_for(service, tokens.portal({pair[0]: ["customers.view"]}))
    assert listed(portal, "q=hotel") == []


def test_custom_fields_lifecycle_and_supply_filter_and_count(staff: Client, pair: tuple[str, str]) -> None:
    assert listed(staff, "filter=cf.tier:gold") == ["Alder"]
    assert listed(staff, "filter=cf.tier:-") == ["Beech"]
    assert listed(staff, "filter=supply:not_delivered") == ["Alder", "Beech"]
    assert listed(staff, "filter=supply:delivered") == []
    found = staff.get("/customers/facets?facets=cf.tier,lifecycle,supply&filter=kind:business").json["facets"]
    assert {name: {one["value"]: one["count"] for one in values} for name, values in found.items()} == {
        "cf.tier": {"gold": 1},
        "lifecycle": {"lead": 1, "customer": 1},
        "supply": {"not_delivered": 2},
    }


def test_a_location_group_holds_what_is_below_it(service: Service, staff: Client, pair: tuple[str, str]) -> None:
    region, town, other = new_id(), new_id(), new_id()
    deliver(
        service,
        [
            located(town, "Leeds", region),
            located(region, "Yorkshire"),
            located(other, "Kent"),
            assignment(pair[0], town),
            assignment(pair[0], region),
            assignment(pair[1], other, "ended", to="2026-02-01"),
        ],
    )
    assert listed(staff, f"filter=location_group:{region}") == ["Alder"]
    assert listed(staff, f"filter=location_group:{town},location_group:{other}") == ["Alder"]
    assert listed(staff, f"filter=location_group:{other}") == []
    for query in ("", "&filter=kind:business"):
        counted = staff.get(f"/customers/facets?facets=location_group{query}").json["facets"]["location_group"]
        assert {one["label"]: one["count"] for one in counted} == {"Yorkshire": 1, "Leeds": 1}


def test_the_timeline_is_filtered_by_subject_date_and_words(
    service: Service, staff: Client, pair: tuple[str, str]
) -> None:
    person = new_id()
    changed = [{"path": "title", "label": "Job title", "before": None, "after": "Head of 100% purchasing"}]
    deliver(
        service,
        [
            events.contact(pair[0], person, name="Åse Lind"),
            events.contact(pair[0], person, "updated", 2, name="Åse Lind", changes=changed),
        ],
    )

    def entries(query: str) -> list[str]:
        answer = staff.get(f"/customers/{pair[0]}/timeline?{query}")
        assert answer.status_code == 200, answer.text
        return [f"{one['kind']} {one['verb']}" for one in answer.json["items"]]

    assert entries(f"subject={person}") == ["contact updated", "contact added"]
    assert entries("text=100%25+PURCH") == ["contact updated"]
    assert entries("text=changes") == []
    newest = staff.get(f"/customers/{pair[0]}/timeline").json["items"][0]["occurred_at"]
    at = newest.replace("+", "%2B")
    assert entries(f"since={at}") == ["contact updated"]
    assert entries(f"until={at}") == ["contact added", "customer created"]


def test_a_merge_stands_in_the_history_of_all_that_it_concerns(service: Service, staff: Client) -> None:
    survivor, loser, merge = new_id(), new_id(), new_id()
    data = {"id": merge, "survivor": {"id": survivor, "number": "1", "name": "Alder"}}
    data |= {"losers": [{"id": loser, "number": "2", "name": "Aldr"}], "id_map": {loser: survivor}, "archive_ids": {}}
    data |= {"login_of": None, "counts": {}, "changes": []}
    merged = event("customer.customer.merged.v1", merge, data, customer_id=survivor, version=1, time=events.moment())
    deliver(service, [events.customer(survivor), events.customer(loser), merged])
    for id_ in (survivor, loser):
        entries = staff.get(f"/customers/{id_}/timeline").json["items"]
        assert {(entry["event_id"], entry["verb"]) for entry in entries} > {(merged.id, "merged")}
