"""Tags, segments and settings as staff see them on customers, and as companies do not."""

from typing import Any

import pytest

from common.envelope import Event
from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for
from common.testing.events import event
from overview.tests import events
from overview.tests.delivery import deliver

MOMENT = "2026-03-02T09:30:00.000000Z"


def tag(tag_id: str, name: str, verb: str = "created", version: int = 1, **fields: Any) -> Event:
    data = {"id": tag_id, "name": name, "colour": "#1f6feb", "description": None, "archived": False}
    data |= {"merged_into": None, "batch_id": None, "changes": []} | fields
    return event(f"customer.tag.{verb}.v1", tag_id, data, version=version, time=events.moment())


def segment(segment_id: str, name: str) -> Event:
    data = {"id": segment_id, "name": name, "description": None, "rule": {"all": []}, "rule_version": 1}
    data |= {"active": True, "batch_id": None, "changes": []}
    return event("customer.segment.created.v1", segment_id, data, time=events.moment())


def member(stay_id: str, segment_id: str, customer_id: str, verb: str = "entered") -> Event:
    data = {"id": stay_id, "segment_id": segment_id, "segment_name": "Germans", "customer_id": customer_id}
    data |= {"entered_at": MOMENT, "rule_version": 1, "source": "rule", "batch_id": None, "changes": []}
    version = 1 if verb == "entered" else 2
    more = {"customer_id": customer_id, "version": version, "time": events.moment()}
    return event(f"customer.segment_member.{verb}.v1", stay_id, data, **more)


def settings(customer_id: str, **values: Any) -> Event:
    id_ = new_id()
    changed = [{"path": "settings.reminders", "label": "Payment reminders", "before": None, "after": False}]
    data = {"id": id_, "customer_id": customer_id, "values": values, "batch_id": None, "changes": changed}
    more = {"customer_id": customer_id, "time": events.moment()}
    return event("customer.customer_settings.changed.v1", id_, data, **more)


def facet(client: Client, name: str) -> dict[str, int]:
    found = client.get(f"/customers/facets?facets={name}").json["facets"][name]
    return {choice["label"]: choice["count"] for choice in found}


@pytest.fixture
def customer_id(service: Service) -> str:
    id_ = new_id()
    deliver(service, events.customer(id_, name="Classified"))
    return id_


def test_a_tag_is_shown_by_its_present_name(service: Service, staff: Client) -> None:
    id_, tag_id = new_id(), new_id()
    deliver(service, [tag(tag_id, "Vip"), events.customer(id_, name="Tagged", tag_ids=[tag_id])])
    deliver(service, tag(tag_id, "Very important", "updated", 2))
    [found] = staff.get(f"/customers?filter=tag:{tag_id}").json["items"]
    assert found["tags"] == ["Very important"]
    assert facet(staff, "tag") == {"Very important": 1}


def test_a_member_is_filtered_and_counted_until_it_leaves(service: Service, staff: Client, customer_id: str) -> None:
    stay_id, segment_id = new_id(), new_id()
    deliver(service, [segment(segment_id, "Germans"), member(stay_id, segment_id, customer_id)])
    [found] = staff.get(f"/customers?filter=segment:{segment_id}").json["items"]
    assert found["id"] == customer_id
    assert facet(staff, "segment") == {"Germans": 1}
    document = staff.get(f"/customers/{customer_id}/overview").json
    assert [one["segment_name"] for one in document["segments"]] == ["Germans"]
    entry = document["timeline"][0]
    assert (entry["kind"], entry["verb"], entry["subject"]["label"]) == ("segment_member", "entered", "Germans")
    deliver(service, member(stay_id, segment_id, customer_id, "left"))
    assert staff.get(f"/customers?filter=segment:{segment_id}").json["items"] == []
    assert staff.get(f"/customers/{customer_id}/overview").json["segments"] == []


def test_settings_of_a_customer_are_in_its_document(service: Service, staff: Client, customer_id: str) -> None:
    deliver(service, settings(customer_id, reminders=False))
    document = staff.get(f"/customers/{customer_id}/overview").json
    assert [one["values"] for one in document["settings"]] == [{"reminders": False}]
    assert document["timeline"][0]["subject"]["label"] == "Settings"


def test_a_company_sees_nothing_of_how_it_is_classed(service: Service, tokens: TestTokens, customer_id: str) -> None:
    tag_id, segment_id = new_id(), new_id()
    deliver(
        service,
        [
            tag(tag_id, "Difficult"),
            segment(segment_id, "Slow payers"),
            member(new_id(), segment_id, customer_id),
            settings(customer_id, reminders=False),
            events.customer(customer_id, "updated", 2, name="Classified", tag_ids=[tag_id]),
        ],
    )
    company = client_for(service, tokens.portal({customer_id: ["customers.view"]}))
    for path in (f"/customers/{customer_id}/overview", f"/customers/{customer_id}/timeline", "/customers"):
        answer = company.get(path)
        assert answer.status_code == 200
        for hidden in (tag_id, segment_id, "Difficult", "Germans", "reminders"):
            assert hidden not in answer.text
    assert company.get("/customers/facets?facets=segment").status_code == 422
