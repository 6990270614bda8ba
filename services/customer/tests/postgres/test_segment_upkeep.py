"""What keeps segments right when many act at once and when work is done in portions, on a real PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import BytesIO
from threading import Barrier
from threading import Event as Stop
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from common.context import context_for
from common.service import Service
from common.testing import Client, published
from customer.domain.rule_fields import Offered, fields
from customer.queries.rules.records import records
from customer.use_cases import store
from customer.use_cases.segments.upkeep import Upkeep
from customer_rules import When, matches, parse


@pytest.fixture
def upkeep(service: Service) -> Upkeep:
    """Takes three customers at a time, so that a few make many portions."""
    return Upkeep(service.db, ZoneInfo("UTC"), portion=3)


def work(upkeep: Upkeep) -> int:
    """Does all that there is to do; returns in how many transactions."""
    steps = 0
    while upkeep.run(Stop()):
        steps += 1
    return steps


def make(staff: Client, city: str) -> str:
    address = {"line1": "1", "city": city, "country": "DE"}
    answer = staff.post("/customers", json={"name": city, "addresses": [address]})
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])


def segment(staff: Client, name: str, said: str) -> dict[str, Any]:
    answer = staff.post("/segments", json={"name": name, "text": said})
    assert answer.status_code == 201, answer.json
    return answer.json


def members(service: Service, made: dict[str, Any]) -> set[str]:
    statement = (
        "SELECT CAST(customer_id AS text) FROM segment_members WHERE segment_id = :id AND source <> 'manual_out'"
    )
    with service.db.transaction() as session:
        return set(session.execute(text(statement), {"id": made["id"]}).scalars())


def queue_length(service: Service) -> int:
    with service.db.transaction() as session:
        return int(session.execute(text("SELECT count(*) FROM segment_queue")).scalar_one())


def told(service: Service, made: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (event.type.split(".")[2], event.customer_id)
        for event in published(service.db)
        if event.type.startswith("customer.segment_member.") and event.data["segment_id"] == made["id"]
    ]


def test_a_rebuild_works_in_portions_and_reaches_everybody(service: Service, staff: Client, upkeep: Upkeep) -> None:
    ids = {make(staff, "Portionen") for _ in range(10)}
    work(upkeep)
    made = segment(staff, "Portions", "city:portionen")
    assert work(upkeep) >= 4
    assert members(service, made) == ids
    assert sorted(told(service, made)) == sorted(("entered", each) for each in ids)


def test_one_transaction_leaves_a_customer_in_the_queue_once(service: Service, staff: Client, upkeep: Upkeep) -> None:
    work(upkeep)
    make(staff, "Einmal")
    assert queue_length(service) == 1, "its row, its address and its contacts came together"


def test_an_import_is_looked_at_in_portions(service: Service, staff: Client, upkeep: Upkeep) -> None:
    made = segment(staff, "Imported", "city:importstadt")
    rows = "".join(f"I{number:04d},Imported {number},1 Street,Importstadt,DE\n" for number in range(40))
    file = BytesIO(f"number,name,line1,city,country\n{rows}".encode())
    staff.post("/imports", data={"type": "customers", "file": (file, "a.csv")})
    assert service.jobs[0].run(Stop())
    assert queue_length(service) >= 40
    work(upkeep)
    assert len(members(service, made)) == 40
    lanes = "SELECT DISTINCT lane FROM outbox WHERE type = 'customer.segment_member.entered.v1'"
    with service.db.transaction() as session:
        assert session.execute(text(lanes)).scalars().all(), "they were told"


def test_two_workers_tell_each_transition_once(service: Service, staff: Client, upkeep: Upkeep) -> None:
    made = segment(staff, "Two workers", "city:doppelt")
    ids = {make(staff, "Doppelt") for _ in range(12)}
    barrier = Barrier(2)

    def run(_number: int) -> None:
        barrier.wait(30)
        work(upkeep)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, range(2)))
    work(upkeep)
    assert members(service, made) == ids
    assert sorted(told(service, made)) == sorted(("entered", each) for each in ids)


def test_a_rule_edited_while_it_is_built_begins_again(service: Service, staff: Client, upkeep: Upkeep) -> None:
    old, new = {make(staff, "Altstadt") for _ in range(6)}, {make(staff, "Neustadt") for _ in range(6)}
    work(upkeep)
    made = segment(staff, "Edited", "city:altstadt")
    for _ in range(3):
        upkeep.run(Stop())
    staff.patch(f"/segments/{made['id']}", json={"text": "city:neustadt"}, version=1)
    work(upkeep)
    assert members(service, made) == new
    assert {verb for verb, each in told(service, made) if each in old} <= {"entered", "left"}
    assert all(("left", each) in told(service, made) for verb, each in told(service, made) if each in old)


def test_two_edits_at_once_cannot_form_a_ring(staff: Client, service: Service) -> None:
    one, two = segment(staff, "Race one", "city:x"), segment(staff, "Race two", "city:y")
    barrier = Barrier(2)

    def point(pair: tuple[dict[str, Any], dict[str, Any]]) -> int:
        here, there = pair
        rule = {"field": f"segment:{there['id']}", "op": "eq", "value": True}
        barrier.wait(30)
        return staff.patch(f"/segments/{here['id']}", json={"rule": rule}, version=1).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(point, [(one, two), (two, one)])) == [200, 409]


def test_rules_about_the_passing_time_are_swept(
    service: Service, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = make(staff, "Zeit")
    made = segment(staff, "Of this hour", "city:zeit created_at:1h")
    here = Upkeep(service.db, ZoneInfo("UTC"))
    work(here)
    assert members(service, made) == {customer}
    real: Callable[[Any], datetime] = store.moment
    monkeypatch.setattr(store, "moment", lambda session: real(session) + timedelta(hours=2))
    work(here)
    assert members(service, made) == set()
    assert told(service, made) == [("entered", customer), ("left", customer)]
    assert work(here) == 0, "not again before a quarter of an hour has passed"


def test_members_equal_the_rule_after_whatever_happened(service: Service, staff: Client, upkeep: Upkeep) -> None:
    said = {"all": [{"field": "city", "op": "eq", "value": "Gleich"}, {"field": "contact.name", "op": "is_set"}]}
    made = staff.post("/segments", json={"name": "Equal", "rule": said}).json
    ids = [make(staff, city) for city in ("Gleich", "Gleich", "Anders", "Gleich", "Anders")]
    contacts = [staff.post(f"/customers/{each}/contacts", json={"name": "A"}).json["id"] for each in ids[:4]]
    upkeep.run(Stop())
    staff.delete(f"/customers/{ids[0]}/contacts/{contacts[0]}", version=1)
    with service.db.transaction(context=context_for("system:test", "Test")) as session:
        session.execute(text("UPDATE addresses SET city = 'Gleich' WHERE city = 'Anders'"))
    work(upkeep)
    rule = parse(said, fields(Offered()))
    with service.db.transaction() as session:
        found = records(session, ids)
        when = When(store.moment(session))
    assert members(service, made) == {each for each in ids if matches(rule, found[each], when)} != set()


def test_what_happens_at_a_property_reaches_those_who_have_it(service: Service, staff: Client, upkeep: Upkeep) -> None:
    north, south = (staff.post("/location-groups", json={"name": name}).json for name in ("North", "South"))
    port = staff.post("/location-groups", json={"name": "Port", "parent_id": north["id"]}).json
    address = {"line1": "Pier 1", "city": "Kiel", "country": "DE"}
    place = staff.post("/properties", json={"name": "Pier", "location_group_id": port["id"], **address}).json
    customer = make(staff, "Anlieger")
    assigned = staff.post(f"/customers/{customer}/properties", json={"property_id": place["id"], "role": "owner"})
    assert assigned.status_code == 201, assigned.json
    in_north = segment(staff, "In the north", "location_group:north")
    in_kiel = segment(staff, "Has something in Kiel", "property.city:kiel")
    work(upkeep)
    assert members(service, in_north) == members(service, in_kiel) == {customer}
    moved = staff.patch(f"/location-groups/{port['id']}", json={"parent_id": south["id"]}, version=1)
    assert moved.status_code == 200, moved.json
    changed = staff.patch(f"/properties/{place['id']}", json={"city": "Bonn"}, version=1)
    assert changed.status_code == 200, changed.json
    work(upkeep)
    assert members(service, in_north) == members(service, in_kiel) == set()


def test_a_deleted_customer_is_no_member(service: Service, staff: Client, upkeep: Upkeep) -> None:
    customer = make(staff, "Wegstadt")
    made = segment(staff, "Goes", "city:wegstadt")
    work(upkeep)
    with service.db.transaction() as session:
        session.execute(text("DELETE FROM addresses WHERE customer_id = CAST(:id AS uuid)"), {"id": customer})
        session.execute(text("DELETE FROM customers WHERE id = CAST(:id AS uuid)"), {"id": customer})
    work(upkeep)
    assert members(service, made) == set()


def test_who_was_put_in_by_hand_is_in_as_what_it_became(service: Service, staff: Client, upkeep: Upkeep) -> None:
    survivor, loser, barred = (make(staff, "Verschmelzung") for _ in range(3))
    made = segment(staff, "By hand", "city:nowhere")
    for customer, decision in ((loser, "in"), (barred, "out")):
        staff.put(f"/segments/{made['id']}/customers/{customer}", json={"membership": decision})
    body: dict[str, Any] = {"losers": [loser, barred]}
    plan = staff.post(f"/customers/{survivor}/merge-plans", json=body).json
    merged = staff.post(f"/customers/{survivor}/merges", json=body | {"fingerprint": plan["fingerprint"]})
    assert merged.status_code == 201, merged.json
    work(upkeep)
    assert members(service, made) == {survivor}
    assert told(service, made) == [("entered", loser), ("left", loser), ("entered", survivor)]
    assert staff.get(f"/segments/{made['id']}/explain/{survivor}").json["source"] == "manual_in"


def test_no_writer_waits_for_the_queue(service: Service, staff: Client) -> None:
    customer = make(staff, "Schlange")
    insert = text("UPDATE customers SET updated_at = updated_at WHERE id = CAST(:id AS uuid)")
    with service.db.transaction() as first, service.db.transaction() as second:
        first.execute(text("DELETE FROM segment_queue"))
        second.execute(text("SET LOCAL lock_timeout = '200ms'"))
        second.execute(insert, {"id": customer})
