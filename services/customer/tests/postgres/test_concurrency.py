"""What must hold when many act at the same moment, on a real PostgreSQL."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from common.service import Service
from common.testing import Client, Figure, published

STREET = {"line1": "Kai 3", "city": "Kiel", "country": "DE", "purposes": [{"purpose": "billing", "default": True}]}


def make(staff: Client, number: str, **fields: Any) -> dict[str, Any]:
    answer = staff.post("/customers", json={"name": number, "number": number} | fields)
    assert answer.status_code == 201, answer.json
    return answer.json


def count(service: Service, statement: str, **values: Any) -> int:
    with service.db.transaction() as session:
        return int(session.execute(text(statement), values).scalar_one())


def test_fifty_identical_creates_with_one_key_make_one_customer(
    service: Service, at_once: Callable[..., list[Any]], figure: Figure
) -> None:
    def create(client: Client) -> Any:
        for _ in range(20):
            answer = client.post("/customers", json={"name": "Only one"}, key="the-same-key")
            if answer.status_code != 503:  # the pool of this test is smaller than the crowd
                return answer
        return answer

    answers = at_once([create] * 50)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["id"] for answer in answers}) == 1
    made = count(service, "SELECT count(*) FROM customers WHERE name = 'Only one'")
    assert made == 1
    assert sum(event.data["name"] == "Only one" for event in published(service.db)) == 1
    figure("customers made by 50 creates at once with one idempotency key", str(made))


def test_of_two_editors_the_stale_one_is_refused(
    staff: Client, at_once: Callable[..., list[Any]], figure: Figure
) -> None:
    made = make(staff, "EDIT")
    path = f"/customers/{made['id']}"
    answers = at_once([lambda c, n=n: c.patch(path, json={"name": f"Name {n}"}, version=1) for n in range(4)])
    statuses = Counter(answer.status_code for answer in answers)
    assert statuses == {200: 1, 412: 3}
    assert staff.get(path).json["version"] == 2
    figure("of 4 editors of one version", f"{statuses[200]} saved, {statuses[412]} got 412")


def test_two_primary_contacts_at_once_leave_one(
    staff: Client, service: Service, at_once: Callable[..., list[Any]], figure: Figure
) -> None:
    made = make(staff, "PRIM", contacts=[{"name": "A"}, {"name": "B"}, {"name": "C"}])
    base = f"/customers/{made['id']}/contacts"
    wanted = [contact["id"] for contact in made["contacts"][1:]]
    answers = at_once([lambda c, i=i: c.patch(f"{base}/{i}", json={"primary": True}, version=1) for i in wanted])
    assert [answer.status_code for answer in answers] == [200, 200]
    marked = [contact["id"] for contact in staff.get(base).json["items"] if contact["primary"]]
    assert len(marked) == 1
    assert marked[0] in wanted
    versions = [e.version for e in published(service.db) if e.subject == made["id"]]
    assert versions == [1, 2, 3]
    figure("primary contacts after two were set at once", str(len(marked)))


def test_two_first_contacts_at_once_leave_one_primary(staff: Client, at_once: Callable[..., list[Any]]) -> None:
    made = make(staff, "FIRST")
    base = f"/customers/{made['id']}/contacts"
    at_once([lambda c, n=n: c.post(base, json={"name": f"Person {n}"}) for n in range(5)])
    assert sum(contact["primary"] for contact in staff.get(base).json["items"]) == 1


def test_two_default_addresses_at_once_leave_one(staff: Client, at_once: Callable[..., list[Any]]) -> None:
    made = make(staff, "ADDR")
    base = f"/customers/{made['id']}/addresses"
    answers = at_once([lambda c: c.post(base, json=STREET)] * 4)
    assert {answer.status_code for answer in answers} == {201}
    purposes = [address["purposes"][0]["default"] for address in staff.get(base).json["items"]]
    assert sorted(purposes) == [False, False, False, True]


def test_two_moves_at_once_form_no_ring(staff: Client, at_once: Callable[..., list[Any]]) -> None:
    for attempt in range(5):
        one, two = make(staff, f"RING-A{attempt}"), make(staff, f"RING-B{attempt}")
        pairs = [(one, two), (two, one)]
        answers = at_once(
            [
                lambda c, pair=pair: c.patch(
                    f"/customers/{pair[0]['id']}", json={"parent_id": pair[1]["id"]}, version=1
                )
                for pair in pairs
            ]
        )
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 1}


def test_a_number_given_by_many_at_once_belongs_to_one(staff: Client, at_once: Callable[..., list[Any]]) -> None:
    answers = at_once([lambda c, n=n: c.post("/customers", json={"name": f"N{n}", "number": "RACE"}) for n in range(6)])
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 5}
    others = [make(staff, f"RACE-{n}") for n in range(3)]
    moved = at_once(
        [lambda c, o=o: c.patch(f"/customers/{o['id']}", json={"number": "RACE-X"}, version=1) for o in others]
    )
    assert Counter(answer.status_code for answer in moved) == {200: 1, 409: 2}
    assert {answer.json["code"] for answer in moved if answer.status_code == 409} == {"customer.number_taken"}


def test_a_branch_does_not_slip_under_a_head_office_that_is_being_archived(
    staff: Client, service: Service, at_once: Callable[..., list[Any]]
) -> None:
    for attempt in range(5):
        head = make(staff, f"HEAD-{attempt}")
        at_once(
            [
                lambda c, i=head["id"]: c.post(f"/customers/{i}/archival", json={"reason": "x"}),
                lambda c, i=head["id"]: c.post("/customers", json={"name": "Branch", "parent_id": i}),
            ]
        )
    wrong = (
        "SELECT count(*) FROM customers c JOIN customers p ON p.id = c.parent_id"
        " WHERE p.status = 'archived' AND c.status = 'active'"
    )
    assert count(service, wrong) == 0


def test_the_database_itself_holds_the_invariants(staff: Client, service: Service) -> None:
    one, other = (
        make(staff, "INV-1", contacts=[{"name": "A"}]),
        make(staff, "INV-2", addresses=[STREET, STREET | {"purposes": [{"purpose": "site"}]}]),
    )
    contact = one["contacts"][0]["id"]
    broken = (
        ("UPDATE customers SET primary_contact_id = :contact WHERE id = :other", "customers_primary_contact"),
        ("UPDATE customers SET kind = 'person' WHERE id = :one", "person_has_no_primary"),
        ("UPDATE customers SET parent_id = id WHERE id = :one", "customers_check"),
        ("UPDATE customers SET status = 'archived' WHERE id = :one", "archive_is_whole"),
        ("UPDATE customers SET number = 'INV-2' WHERE id = :one", "customers_number"),
        (
            "UPDATE addresses SET purposes = '{billing}', default_for = '{billing}' WHERE customer_id = :other",
            "one_default_billing",
        ),
    )
    for statement, constraint in broken:
        with pytest.raises(IntegrityError, match=constraint), service.db.transaction() as session:
            session.execute(text(statement), {"contact": contact, "one": one["id"], "other": other["id"]})


def test_pages_hold_every_branch_once(staff: Client) -> None:
    head = make(staff, "PAGES")
    made = {make(staff, f"PAGES-{n:02d}", parent_id=head["id"], dba_name=None)["id"] for n in range(23)}
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = staff.get(f"/customers/{head['id']}/branches?limit=5" + (f"&cursor={cursor}" if cursor else "")).json
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == 23
    assert set(seen) == made
