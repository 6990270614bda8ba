"""Properties, moves and location groups when many act at the same moment, on a real PostgreSQL."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from threading import Event as Stop
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from common.service import Service
from common.testing import Client, published
from customer.tests.places import a_customer_named, a_location_group, a_property, assign, day, move

AtOnce = Callable[..., list[Any]]

OVERLAPS = """
    SELECT count(*) FROM assignments a JOIN assignments b ON b.property_id = a.property_id AND b.id > a.id
    WHERE a.role = 'occupant' AND b.role = 'occupant'
      AND daterange(a.starts_on, a.until) && daterange(b.starts_on, b.until)
"""


def count(service: Service, statement: str) -> int:
    with service.db.transaction() as session:
        return int(session.execute(text(statement)).scalar_one())


def move_in(client: Client, who: dict[str, Any], place: dict[str, Any], **fields: Any) -> Any:
    return move(client, "in", who, place, **fields)


def close(client: Client, place: dict[str, Any]) -> Any:
    return client.patch(f"/properties/{place['id']}", json={"status": "closed"}, version=1)


def test_of_many_occupants_at_once_one_comes_in(staff: Client, service: Service, at_once: AtOnce) -> None:
    place = a_property(staff)
    customers = [a_customer_named(staff, f"Racer {n}") for n in range(4)]
    answers = at_once([lambda c, who=who: assign(c, who, place) for who in customers])
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 3}
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} == {"customer.property_occupied"}
    assert count(service, OVERLAPS) == 0


def test_of_two_moves_into_one_property_on_one_day_one_wins(staff: Client, service: Service, at_once: AtOnce) -> None:
    for offset in (0, 6):
        place, here = a_property(staff), a_customer_named(staff, "Here")
        assign(staff, here, place, **{"from": day(-9)})
        comes = [a_customer_named(staff, f"Comes {n}") for n in range(2)]
        answers = at_once([partial(move_in, who=who, place=place, date=day(offset)) for who in comes])
        assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 1}
        held = staff.get(f"/properties/{place['id']}/assignments?when=all").json["items"]
        assert [item["to"] for item in held] == [None, day(offset)]
    assert count(service, OVERLAPS) == 0


def test_assigning_and_closing_at_once_leaves_no_closed_property_in_use(staff: Client, at_once: AtOnce) -> None:
    for attempt in range(5):
        place, who = a_property(staff), a_customer_named(staff, f"Late {attempt}")
        answers = at_once([partial(assign, customer=who, place=place), partial(close, place=place)])
        assert sorted(answer.status_code for answer in answers) in ([200, 409], [201, 409])


def test_cancelling_and_cancelling_again_at_once_is_one_cancellation(
    staff: Client, service: Service, at_once: AtOnce
) -> None:
    place, comes = a_property(staff), a_customer_named(staff, "Undecided")
    planned = move(staff, "in", comes, place, date=day(5)).json
    path = f"/move-ins/{planned['id']}/cancellation"
    answers = at_once([lambda c: c.post(path, json={"reason": "x"})] * 3)
    assert {answer.status_code for answer in answers} == {200}
    assert [event.version for event in published(service.db) if event.subject == planned["id"]] == [1, 2]


def test_workers_at_once_advance_every_property_once(staff: Client, service: Service) -> None:
    job = next(job for job in service.jobs if job.name == "days")
    while job.run(Stop()):
        pass
    before = len(published(service.db))
    assert job.run(Stop()) is False
    assert len(published(service.db)) == before


def test_two_moves_of_location_groups_at_once_form_no_ring(staff: Client, at_once: AtOnce) -> None:
    for attempt in range(5):
        one, two = a_location_group(staff, f"Ring A{attempt}"), a_location_group(staff, f"Ring B{attempt}")
        answers = at_once(
            [
                lambda c, pair=pair: c.patch(
                    f"/location-groups/{pair[0]['id']}", json={"parent_id": pair[1]["id"]}, version=1
                )
                for pair in ((one, two), (two, one))
            ]
        )
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 1}


def test_a_location_group_is_not_deleted_while_a_property_comes_in(
    staff: Client, service: Service, at_once: AtOnce
) -> None:
    for attempt in range(5):
        group, place = a_location_group(staff, f"Emptied {attempt}"), a_property(staff)
        answers = at_once(
            [
                lambda c, group=group: c.delete(f"/location-groups/{group['id']}", version=1),
                lambda c, group=group, place=place: c.patch(
                    f"/properties/{place['id']}", json={"location_group_id": group["id"]}, version=1
                ),
            ]
        )
        assert sorted(answer.status_code for answer in answers) in ([200, 409], [204, 422])


def test_a_name_given_twice_at_once_is_given_once(staff: Client, at_once: AtOnce) -> None:
    answers = at_once([lambda c: c.post("/location-groups", json={"name": "Twin"})] * 4)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 3}
    made = at_once([lambda c: c.post("/properties", json=PLACE | {"number": "TWIN"})] * 4)
    assert Counter(answer.status_code for answer in made) == {201: 1, 409: 3}


def test_a_merge_and_an_edit_of_the_property_lose_nothing(staff: Client, service: Service, at_once: AtOnce) -> None:
    for attempt in range(6):
        place, one, other = a_property(staff), *(a_customer_named(staff, f"Merged {attempt} {n}") for n in "ab")
        held = assign(staff, other, place).json
        found = staff.post(f"/customers/{one['id']}/merge-plans", json={"losers": [other["id"]]})
        assert found.status_code == 200, found.json
        body = {"losers": [other["id"]], "fingerprint": found.json["fingerprint"]}
        merged, edited = at_once([partial(merge, survivor=one, body=body), partial(rename, place=place)])
        assert (merged.status_code, edited.status_code) in {(201, 200), (409, 200)}
        owner = one if merged.status_code == 201 else other
        shown = staff.get(f"/customers/{owner['id']}/properties/{held['id']}").json
        told = [event for event in published(service.db) if event.subject == held["id"]]
        assert [event.version for event in told] == list(range(1, len(told) + 1))
        assert (shown["version"], told[-1].customer_id) == (len(told), owner["id"])


def merge(client: Client, survivor: dict[str, Any], body: dict[str, Any]) -> Any:
    return client.post(f"/customers/{survivor['id']}/merges", json=body)


def rename(client: Client, place: dict[str, Any]) -> Any:
    return client.patch(f"/properties/{place['id']}", json={"name": "Renamed"}, version=1)


PLACE = {"name": "Twin", "line1": "Kai 3", "city": "Kiel", "country": "DE"}


def test_the_database_itself_holds_the_invariants(staff: Client, service: Service) -> None:
    place, other = a_property(staff), a_property(staff)
    who, next_one = a_customer_named(staff, "Holder"), a_customer_named(staff, "Next")
    assign(staff, who, place, **{"from": day(-9), "to": day(3)})
    later = assign(staff, next_one, place, **{"from": day(3)}).json
    assign(staff, next_one, other, **{"from": "0001-01-01", "to": "9999-12-31"})
    group = a_location_group(staff, "Alone")
    broken = (
        ("UPDATE assignments SET starts_on = starts_on - 1 WHERE id = :later", "one_occupant"),
        ("UPDATE assignments SET until = starts_on WHERE id = :later", "assignments_check"),
        ("UPDATE assignments SET stretch = stretch + 1000 WHERE id = :later", "assignments_property_id_stretch_fkey"),
        ("UPDATE location_groups SET parent_id = id WHERE id = :group", "location_groups_check"),
        ("INSERT INTO location_groups (id, name) VALUES (gen_random_uuid(), 'ALONE')", "location_groups_name"),
        (
            "UPDATE properties SET number = (SELECT number FROM properties WHERE id = :other) WHERE id = :place",
            "number",
        ),
    )
    values = {"later": later["id"], "group": group["id"], "place": place["id"], "other": other["id"]}
    for statement, constraint in broken:
        with pytest.raises(IntegrityError, match=constraint), service.db.transaction() as session:
            session.execute(text(statement), values)
