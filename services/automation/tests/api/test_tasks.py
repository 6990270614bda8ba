"""Tasks over HTTP: made, changed, closed, and for whom they are."""

from typing import Any

import pytest

from automation.tests.conftest import EVERYTHING, ok
from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, published

pytestmark = pytest.mark.postgres


def make(client: Client, **fields: Any) -> Any:
    return ok(client.post("/automation/tasks", json={"title": "Call back"} | fields), 201)


def test_a_task_is_made_changed_and_done(service: Service, staff: Client, customer_id: str) -> None:
    task = make(staff, customer_id=customer_id, due_on="2026-03-05")
    place = f"/automation/tasks/{task['id']}"
    assert (task["audience"], task["status"], task["customer_name"], task["run_id"]) == (
        "staff", "open", "Alderwick", None)  # fmt: skip
    changed = ok(staff.patch(place, json={"assignee": "Sales"}, version=1))
    assert (changed["assignee"], changed["version"]) == ("Sales", 2)
    assert staff.patch(place, json={"assignee": "Service"}, version=1).json["code"] == "automation.stale"
    done = ok(staff.post(f"{place}/completion"))
    assert (done["status"], done["closed_by_label"], done["version"]) == ("done", "Test Staff", 3)
    for again in (staff.post(f"{place}/cancellation"), staff.patch(place, json={"title": "Once more"}, version=3)):
        assert (again.status_code, again.json["code"]) == (409, "automation.task_closed")
    told = [one for one in published(service.db) if one.subject == task["id"]]
    assert [one.type.split(".")[2] for one in told] == ["created", "updated", "closed"]


def test_a_company_sees_what_is_for_its_people_alone(
    service: Service, staff: Client, admin: Client, customer_id: str, tokens: TestTokens
) -> None:
    inside = make(staff, customer_id=customer_id)
    theirs = make(staff, customer_id=customer_id, audience="customer")
    own = make(admin, customer_id=customer_id)
    assert own["audience"] == "customer"
    assert [one["id"] for one in ok(admin.get("/automation/tasks"))["items"]] == [own["id"], theirs["id"]]
    assert admin.post(f"/automation/tasks/{inside['id']}/completion").json["code"] == "automation.task_not_found"
    stranger = client_for(service, tokens.portal({new_id(): EVERYTHING}))
    assert stranger.get(f"/automation/tasks/{theirs['id']}").json["code"] == "automation.task_not_found"
    assert ok(admin.post(f"/automation/tasks/{theirs['id']}/cancellation"))["status"] == "cancelled"
    refused = admin.post("/automation/tasks", json={"title": "You", "customer_id": customer_id, "audience": "staff"})
    assert refused.json["code"] == "automation.task_invalid"
    assert (
        staff.post("/automation/tasks", json={"title": "You", "audience": "customer"}).json["code"]
        == "automation.task_invalid"
    )
    reader = client_for(service, tokens.portal({customer_id: ["tasks.view"]}))
    assert reader.post(f"/automation/tasks/{own['id']}/completion").json["code"] == "permission_missing"


def test_tasks_are_filtered_and_paged(staff: Client, customer_id: str) -> None:
    made = [make(staff, customer_id=customer_id, title=f"Task {number}")["id"] for number in range(3)]
    ok(staff.post(f"/automation/tasks/{made[0]}/completion"))
    path = f"/automation/tasks?customer_id={customer_id}&limit=2"
    first = ok(staff.get(path))
    rest = ok(staff.get(f"{path}&cursor={first['next_cursor']}"))
    assert [one["id"] for one in (*first["items"], *rest["items"])] == made[::-1]
    assert [one["id"] for one in ok(staff.get(f"{path}&status=done&made_by_rule=false"))["items"]] == [made[0]]
