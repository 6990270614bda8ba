"""Moving in and out through the API: seen before, planned, cancelled."""

from collections.abc import Callable
from typing import Any

from common.ids import new_id
from common.service import Service
from common.testing import Client, published
from customer.tests.places import STREET, a_property, assign, day, move

Make = Callable[..., dict[str, Any]]


def occupants(staff: Client, place: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    """Customer number, first day and end of everybody who ever occupies the property, earliest first."""
    items = staff.get(f"/properties/{place['id']}/assignments?when=all").json["items"]
    held = [(item["customer"]["number"], item["from"], item["to"]) for item in items if item["role"] == "occupant"]
    return held[::-1]


def test_a_preview_shows_what_would_happen_and_writes_nothing(
    staff: Client, service: Service, a_customer: Make
) -> None:
    place, here, comes = a_property(staff), a_customer(name="Here"), a_customer()
    for role in ("occupant", "payer"):
        assign(staff, here, place, role=role, **{"from": day(-9)})
    before = len(published(service.db))
    body = {"date": day(7), "invite": {"username": "comes", "email": "c@x.test"}, "dry_run": True}
    answer = move(staff, "in", comes, place, services_to_start=[{"service": "Fibre 500"}], **body)
    assert answer.status_code == 200, answer.json
    shown = answer.json
    assert (shown["id"], shown["state"], shown["dry_run"], shown["date"]) == (None, "planned", True, day(7))
    assert [(each["customer"]["name"], each["role"], each["to"]) for each in shown["ends"]] == [
        ("Here", "occupant", None)
    ]
    assert [(each["customer"]["name"], each["role"]) for each in shown["stays"]] == [("Here", "payer")]
    assert shown["begins"] == {"role": "occupant", "from": day(7)}
    assert shown["invite"] == {"username": "comes", "email": "c@x.test"}
    assert shown["services_to_start"] == [{"service": "Fibre 500", "quantity": 1, "note": None}]
    assert [each["code"] for each in shown["warnings"]] == ["moves_out", "keeps_role"]
    assert len(published(service.db)) == before
    assert len(occupants(staff, place)) == 1


def test_moving_in_today_ends_the_one_before(staff: Client, service: Service, a_customer: Make) -> None:
    place, here, comes = a_property(staff), a_customer(), a_customer()
    assign(staff, here, place, **{"from": day(-9)})
    answer = move(staff, "in", comes, place, invite={"username": "comes", "email": "c@x.test"})
    assert (answer.status_code, answer.json["state"]) == (201, "executed"), answer.json
    assert occupants(staff, place) == [(here["number"], day(-9), day(0)), (comes["number"], day(0), None)]
    ended, started, executed = published(service.db)[-3:]
    assert [event.type for event in (ended, started, executed)] == [
        "customer.assignment.ended.v1",
        "customer.assignment.started.v1",
        "customer.move.executed.v1",
    ]
    assert (ended.customer_id, started.customer_id, executed.customer_id) == (here["id"], comes["id"], comes["id"])
    assert executed.data["invite"] == {"username": "comes", "email": "c@x.test"}
    assert started.data["move_id"] == executed.data["id"]
    assert executed.data["ends"] == [{"assignment_id": ended.subject, "customer_id": here["id"]}]
    shown = staff.get(answer.headers["Location"]).json
    assert (shown["id"], shown["ends"][0]["to"], shown["executed_at"] is None) == (answer.json["id"], None, False)
    refused = staff.post(f"/move-ins/{shown['id']}/cancellation", json={"reason": "x"})
    assert (refused.status_code, refused.json["code"]) == (409, "customer.move_executed")


def test_a_planned_move_is_in_the_calendar_and_can_be_cancelled(
    staff: Client, service: Service, a_customer: Make
) -> None:
    place, here, comes = a_property(staff), a_customer(), a_customer()
    assign(staff, here, place, **{"from": day(-9), "to": day(40)})
    planned = move(staff, "in", comes, place, date=day(7)).json
    refused = assign(staff, comes, place, **{"from": day(40)})
    assert refused.status_code == 409
    assert planned["state"] == "planned"
    assert occupants(staff, place) == [(here["number"], day(-9), day(7)), (comes["number"], day(7), None)]
    for path in (f"/customers/{comes['id']}/moves", f"/properties/{place['id']}/moves", "/move-ins"):
        listed = staff.get(f"{path}?state=planned").json["items"]
        assert planned["id"] in [each["id"] for each in listed]
    assert staff.get(f"/properties/{place['id']}/moves?state=executed").json["items"] == []
    path = f"/move-ins/{planned['id']}/cancellation"
    cancelled = staff.post(path, json={"reason": "Not signed"})
    assert (cancelled.status_code, cancelled.json["state"], cancelled.json["reason"]) == (
        200,
        "cancelled",
        "Not signed",
    )
    assert occupants(staff, place) == [(here["number"], day(-9), day(40))]
    types = [event.type for event in published(service.db)[-3:]]
    assert types == [
        "customer.assignment.removed.v1",
        "customer.assignment.changed.v1",
        "customer.move.cancelled.v1",
    ]
    before = len(published(service.db))
    assert staff.post(path, json={"reason": "again"}).json["reason"] == "Not signed"
    assert len(published(service.db)) == before
    assert staff.post(f"/move-outs/{planned['id']}/cancellation", json={"reason": "x"}).status_code == 404


def test_a_planned_move_decides_about_its_assignments(staff: Client, a_customer: Make) -> None:
    place, here, comes, last = a_property(staff), a_customer(), a_customer(), a_customer()
    old = assign(staff, here, place, **{"from": day(-9)}).json
    first = move(staff, "in", comes, place, date=day(7)).json
    [new] = staff.get(f"/customers/{comes['id']}/properties?when=future").json["items"]
    for customer, held in ((here, old), (comes, new)):
        path = f"/customers/{customer['id']}/properties/{held['id']}"
        version = staff.get(path).json["version"]
        refused = staff.patch(path, json={"to": day(20)}, version=version)
        assert (refused.status_code, refused.json["move_id"]) == (409, first["id"])
    removed = staff.delete(f"/customers/{comes['id']}/properties/{new['id']}", version=1)
    assert (removed.status_code, removed.json["code"]) == (409, "customer.assignment_of_move")
    second = move(staff, "in", last, place, date=day(20)).json
    refused = staff.post(f"/move-ins/{first['id']}/cancellation", json={"reason": "x"})
    assert (refused.status_code, refused.json["move_id"]) == (409, second["id"])
    twice = move(staff, "out", here, place, date=day(3))
    assert (twice.status_code, twice.json["code"]) == (409, "customer.assignment_of_move")
    for each in (second, first):
        assert staff.post(f"/move-ins/{each['id']}/cancellation", json={"reason": "x"}).status_code == 200
    assert occupants(staff, place) == [(here["number"], day(-9), None)]


def test_moving_out_is_the_mirror(staff: Client, service: Service, a_customer: Make) -> None:
    place, here = a_property(staff), a_customer()
    assign(staff, here, place, **{"from": day(-9)})
    tried = move(staff, "out", here, place, date=day(5), dry_run=True).json
    assert [each["code"] for each in tried["warnings"]] == ["vacant"]
    assert tried["begins"] is None
    planned = move(staff, "out", here, place, date=day(5), services_to_end=[{"service": "Fibre 500"}])
    assert (planned.status_code, planned.json["state"]) == (201, "planned")
    assert occupants(staff, place) == [(here["number"], day(-9), day(5))]
    comes = a_customer()
    assert move(staff, "in", comes, place, date=day(5)).status_code == 201
    refused = staff.post(f"/move-outs/{planned.json['id']}/cancellation", json={"reason": "Stays"})
    assert (refused.status_code, refused.json["code"]) == (409, "customer.property_occupied")
    assert refused.json["occupant"]["customer_id"] == comes["id"]
    nobody = move(staff, "out", a_customer(), place)
    assert (nobody.status_code, nobody.json["code"]) == (409, "customer.not_assigned")
    shown = staff.get(f"/move-outs/{planned.json['id']}").json
    assert shown["services_to_end"] == [{"service": "Fibre 500", "quantity": 1, "note": None}]
    assert planned.json["id"] in [each["id"] for each in staff.get("/move-outs").json["items"]]


def test_other_roles_displace_nobody(staff: Client, a_customer: Make) -> None:
    place, owner, comes = a_property(staff), a_customer(), a_customer()
    assign(staff, owner, place, role="owner", **{"from": day(-9)})
    made = move(staff, "in", comes, place, role="owner").json
    assert (made["ends"], [each["role"] for each in made["stays"]]) == ([], ["owner"])
    assert move(staff, "out", owner, place, role="owner").status_code == 201
    current = staff.get(f"/properties/{place['id']}/assignments").json["items"]
    assert [item["customer"]["number"] for item in current] == [comes["number"]]


def test_addresses_are_kept_as_they_were(staff: Client, a_customer: Make) -> None:
    place, comes = a_property(staff), a_customer(addresses=[STREET])
    address = comes["addresses"][0]
    made = move(
        staff, "in", comes, place, bill_to={"address_id": address["id"]}, ship_to=STREET | {"country": "no"}
    ).json
    assert (made["bill_to"]["address_id"], made["bill_to"]["line1"]) == (address["id"], "Kai 3")
    assert (made["ship_to"]["address_id"], made["ship_to"]["country"]) == (None, "NO")
    staff.patch(f"/customers/{comes['id']}/addresses/{address['id']}", json={"line1": "Elsewhere"}, version=1)
    assert staff.get(f"/move-ins/{made['id']}").json["bill_to"]["line1"] == "Kai 3"
    other = a_customer(addresses=[STREET])["addresses"][0]["id"]
    for bill_to, pointer in (
        ({"address_id": other}, "/bill_to/address_id"),
        ({"address_id": address["id"], "city": "Kiel"}, "/bill_to/address_id"),
        ({"line1": "Kai 3", "country": "DE"}, "/bill_to/city"),
        (STREET | {"country": "XX"}, "/bill_to/country"),
    ):
        refused = move(staff, "in", comes, a_property(staff), bill_to=bill_to)
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, pointer)


def test_what_cannot_be_is_refused(staff: Client, a_customer: Make) -> None:
    place, here = a_property(staff), a_customer()
    for fields, pointer in (
        ({"customer_id": new_id()}, "/customer_id"),
        ({"property_id": new_id()}, "/property_id"),
        ({"invite": {"username": "x"}}, "/invite/email"),
        ({"services_to_start": [{"service": "x", "quantity": 0}]}, "/services_to_start/0/quantity"),
    ):
        refused = move(staff, "in", here, place, **fields)
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, pointer), refused.json
    assign(staff, here, place)
    same = move(staff, "in", here, place, date=day(3))
    assert (same.status_code, same.json["code"]) == (409, "customer.already_assigned")
    same_day = move(staff, "in", a_customer(), place)
    assert (same_day.status_code, same_day.json["code"]) == (409, "customer.property_occupied")
    closed = a_property(staff)
    staff.patch(f"/properties/{closed['id']}", json={"status": "closed"}, version=1)
    assert move(staff, "in", here, closed).json["code"] == "customer.property_closed"


def test_a_customer_about_to_move_in_is_not_archived(staff: Client, a_customer: Make) -> None:
    place, comes = a_property(staff), a_customer()
    planned = move(staff, "in", comes, place, date=day(7)).json
    refused = staff.post(f"/customers/{comes['id']}/archival", json={"reason": "x"})
    assert (refused.status_code, refused.json["code"]) == (409, "customer.has_planned_moves")
    assert refused.json["moves"] == [{"move_id": planned["id"], "date": day(7)}]
    staff.post(f"/move-ins/{planned['id']}/cancellation", json={"reason": "x"})
    assert staff.post(f"/customers/{comes['id']}/archival", json={"reason": "x"}).status_code == 200
    archived = move(staff, "in", comes, place)
    assert (archived.status_code, archived.json["code"]) == (409, "customer.archived")
