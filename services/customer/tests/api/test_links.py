"""Links between customers through the API, and the list of their types."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event as Stop
from typing import Any

from sqlalchemy import text

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, published

Make = Callable[..., dict[str, Any]]


def day(offset: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=offset)).isoformat()


def link(staff: Client, one: dict[str, Any], other: dict[str, Any], **fields: Any) -> Any:
    return staff.post(f"/customers/{one['id']}/links", json={"type": "franchise", "customer_id": other["id"]} | fields)


def links_of(staff: Client, customer: dict[str, Any], query: str = "") -> list[dict[str, Any]]:
    return staff.get(f"/customers/{customer['id']}/links{query}").json["items"]


def test_a_link_is_seen_from_both_sides_with_the_label_of_each(staff: Client, a_customer: Make) -> None:
    one, other = a_customer(name="Alder"), a_customer(name="Birch")
    answer = link(staff, one, other, valid_from=day(-5), note="Signed in May")
    assert answer.status_code == 201, answer.json
    [seen], [back] = links_of(staff, one), links_of(staff, other)
    assert seen == answer.json
    assert (seen["label"], seen["direction"], seen["other"]["name"]) == ("Franchisor of", "forward", "Birch")
    assert (back["label"], back["direction"], back["other"]["name"]) == ("Franchisee of", "reverse", "Alder")
    assert (seen["id"], seen["current"], seen["note"]) == (back["id"], True, "Signed in May")
    assert staff.get(f"/customers/{other['id']}/links/{back['id']}").json == back


def test_a_link_can_be_made_and_ended_from_the_other_side(staff: Client, service: Service, a_customer: Make) -> None:
    one, other = a_customer(), a_customer()
    made = link(staff, other, one, customer_id=None, customer_number=one["number"], direction="reverse")
    assert made.status_code == 422
    body = {"type": "franchise", "customer_number": one["number"], "direction": "reverse"}
    made = staff.post(f"/customers/{other['id']}/links", json=body).json
    assert made["label"] == "Franchisee of"
    [event] = published(service.db)[-1:]
    assert (event.type, event.customer_id, event.data["to"]["id"]) == ("customer.link.added.v1", one["id"], other["id"])
    path = f"/customers/{one['id']}/links/{made['id']}"
    assert staff.patch(path, json={"valid_to": day(-1)}, version=1).json["current"] is False
    [event] = published(service.db)[-1:]
    assert event.data["changes"] == [
        {"path": "valid_to", "label": "Valid until", "before": None, "after": day(-1)},
    ]
    assert [event.data[side]["label"] for side in ("from", "to")] == ["Franchisor of", "Franchisee of"]
    assert staff.patch(path, json={"valid_to": day(-1)}, version=2).json["version"] == 2
    assert staff.patch(path, json={"note": "x"}, version=1).status_code == 412
    assert staff.delete(path, version=2).status_code == 204
    assert links_of(staff, other) == []


def test_a_symmetric_link_is_one_whoever_makes_it(staff: Client, a_customer: Make) -> None:
    one, other = a_customer(), a_customer()
    made = link(staff, one, other, type="partner").json
    again = link(staff, other, one, type="partner")
    assert (again.status_code, again.json["code"], again.json["link_id"]) == (409, "customer.link_exists", made["id"])
    assert links_of(staff, other)[0]["label"] == "Partner of"


def test_the_same_link_cannot_hold_twice_on_a_day(staff: Client, a_customer: Make) -> None:
    one, other = a_customer(), a_customer()
    first = link(staff, one, other, valid_from=day(-30), valid_to=day(-10))
    assert link(staff, one, other, valid_from=day(-10)).json["code"] == "customer.link_exists"
    open_end = link(staff, one, other, valid_from=day(-9))
    assert open_end.status_code == 201
    path = f"/customers/{one['id']}/links/{first.json['id']}"
    assert staff.patch(path, json={"valid_to": None}, version=1).json["code"] == "customer.link_exists"
    assert link(staff, other, one, valid_from=day(0)).status_code == 201  # the other direction is another link
    assert [entry["current"] for entry in links_of(staff, one)] == [False, True, True]
    assert len(links_of(staff, one, "?current=true")) == 2
    assert [entry["id"] for entry in links_of(staff, one, "?current=false")] == [first.json["id"]]
    assert links_of(staff, one, "?type=partner") == []


def test_wrong_links_are_refused_with_what_to_do(staff: Client, a_customer: Make) -> None:
    one, person = a_customer(), a_customer(kind="person")
    assert link(staff, one, one).json["code"] == "customer.self_link"
    unknown = link(staff, one, {"id": new_id()})
    assert (unknown.status_code, unknown.json["errors"][0]["pointer"]) == (422, "/customer_id")
    wrong_type = link(staff, one, person, type="marriage")
    assert wrong_type.json["code"] == "customer.link_type_unknown"
    assert "franchise" in wrong_type.json["known"]
    assert link(staff, one, person, type="household").json["code"] == "customer.link_unsuitable"
    backwards = link(staff, one, person, valid_from=day(1), valid_to=day(0))
    assert backwards.json["errors"][0]["pointer"] == "/valid_to"
    dated = link(staff, a_customer(kind="person"), person, type="household", valid_from=day(0))
    assert dated.json["errors"][0]["pointer"] == "/valid_from"
    assert link(staff, {"id": new_id()}, person).json["code"] == "customer.not_found"
    assert staff.get(f"/customers/{one['id']}/links/{new_id()}").json["code"] == "customer.link_not_found"
    assert staff.patch(f"/customers/{one['id']}/links/{new_id()}", json={"note": "x"}, version=1).status_code == 404


def test_an_archived_counterpart_stays_listed_and_can_be_unlinked(staff: Client, a_customer: Make) -> None:
    one, other, third = a_customer(), a_customer(), a_customer()
    made = link(staff, one, other).json
    staff.post(f"/customers/{other['id']}/archival", json={"reason": "closed"})
    assert links_of(staff, one)[0]["other"]["status"] == "archived"
    from_archived = staff.patch(f"/customers/{other['id']}/links/{made['id']}", json={"note": "x"}, version=1)
    assert from_archived.json["code"] == "customer.archived"
    assert link(staff, third, other).json["code"] == "customer.archived"
    assert staff.patch(f"/customers/{one['id']}/links/{made['id']}", json={"note": "x"}, version=1).status_code == 200
    assert staff.delete(f"/customers/{one['id']}/links/{made['id']}", version=2).status_code == 204


def test_deleting_a_customer_tells_those_it_was_linked_to(staff: Client, service: Service, a_customer: Make) -> None:
    one, other = a_customer(), a_customer()
    made = [link(staff, one, other).json["id"], link(staff, other, one).json["id"]]
    archived = staff.post(f"/customers/{one['id']}/archival", json={"reason": "closed"}).json
    assert staff.delete(f"/customers/{one['id']}", version=archived["version"]).status_code == 202
    with service.db.transaction() as session:
        session.execute(text("UPDATE customers SET deletion_at = now() WHERE deletion_at IS NOT NULL"))
    next(job for job in service.jobs if job.name == "deletions").run(Stop())
    removed = [event for event in published(service.db)[-3:] if event.type == "customer.link.removed.v1"]
    assert [event.subject for event in removed] == made
    assert {event.version for event in removed} == {2}
    assert links_of(staff, other) == []


def test_link_types_are_kept_by_who_manages_the_schema(
    staff: Client, service: Service, tokens: TestTokens, a_customer: Make
) -> None:
    body = {"code": "agency", "forward_label": "Agent of", "reverse_label": "Represented by"}
    editor = client_for(service, tokens.staff(["customers.view", "customers.edit"]))
    assert editor.post("/link-types", json=body).json["permission"] == "schema.manage"
    made = staff.post("/link-types", json=body | {"allowed_kinds": {"to": ["business"]}, "dated": False})
    assert made.status_code == 201, made.json
    assert made.json["allowed_kinds"] == {"from": ["business", "person"], "to": ["business"]}
    assert staff.post("/link-types", json=body).json["code"] == "customer.link_type_taken"
    uneven = staff.post("/link-types", json=body | {"code": "uneven", "symmetric": True})
    assert uneven.json["errors"][0]["pointer"] == "/reverse_label"
    path = f"/link-types/{made.json['id']}"
    one, other = a_customer(), a_customer()
    held = link(staff, one, other, type="agency").json
    fixed = staff.patch(path, json={"dated": True}, version=1)
    assert (fixed.status_code, fixed.json["code"]) == (409, "customer.link_type_in_use")
    renamed = staff.patch(path, json={"forward_label": "Agency of"}, version=1)
    assert renamed.json["version"] == 2
    assert links_of(staff, one)[0]["label"] == "Agency of"
    assert staff.delete(path, version=2).json["count"] == 1
    staff.delete(f"/customers/{one['id']}/links/{held['id']}", version=1)
    assert staff.patch(path, json={"dated": True}, version=2).json["dated"] is True
    assert staff.delete(path, version=3).status_code == 204
    assert staff.get(path).json["code"] == "customer.link_type_not_found"
    codes = [entry["code"] for entry in staff.get("/link-types").json["items"]]
    assert {"partner", "franchise", "employment"} <= set(codes)
    assert codes == sorted(codes)


def test_links_are_not_shown_to_the_portal(service: Service, tokens: TestTokens, a_customer: Make) -> None:
    own = a_customer()
    portal = client_for(service, tokens.portal({own["id"]: ["customers.view"]}))
    assert portal.get(f"/customers/{own['id']}/links").json["code"] == "staff_only"
