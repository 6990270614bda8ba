"""Merges on a real PostgreSQL: every table is known to them, and what happens at the same moment is not lost."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from common.service import Service
from common.testing import Client
from customer.use_cases.merging.parts import PARTS, STAYS, WITH_CUSTOMER

AtOnce = Callable[..., list[Any]]

# Columns that refer to a customer, by their name or by a foreign key.
_REFERENCES = """
    SELECT c.relname AS table_name, a.attname AS column_name
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND a.attnum > 0 AND NOT a.attisdropped
      AND (a.attname = 'customer_id' OR EXISTS (
          SELECT 1 FROM pg_constraint k
          WHERE k.contype = 'f' AND k.conrelid = c.oid AND k.confrelid = 'customers'::regclass
            AND k.conkey = ARRAY[a.attnum]))
"""


def make(staff: Client, **fields: Any) -> dict[str, Any]:
    answer = staff.post("/customers", json={"name": "Twin"} | fields)
    assert answer.status_code == 201, answer.json
    return answer.json


def planned(staff: Client, survivor: dict[str, Any], loser: dict[str, Any]) -> dict[str, Any]:
    body = {"losers": [loser["id"]]}
    plan = staff.post(f"/customers/{survivor['id']}/merge-plans", json=body)
    assert plan.status_code == 200, plan.json
    return body | {"fingerprint": plan.json["fingerprint"]}


def test_every_reference_to_a_customer_has_its_way_in_a_merge(service: Service) -> None:
    with service.db.transaction() as session:
        found = {(row.table_name, row.column_name) for row in session.execute(text(_REFERENCES))}
    moved = {(part.table.name, column) for part in PARTS for column in part.columns}
    moved |= {(table.name, "customer_id") for part in PARTS for table, _column in part.below}
    named = moved | WITH_CUSTOMER | set(STAYS)
    assert found - named == set(), "say in use_cases/merging/parts.py how these rows follow their customer"
    assert named - found == set(), "these references are gone"
    assert not (moved & set(STAYS)) | (moved & WITH_CUSTOMER) | (WITH_CUSTOMER & set(STAYS))


def test_of_two_merges_of_one_customer_at_once_one_is_done(service: Service, staff: Client, at_once: AtOnce) -> None:
    for _ in range(5):
        one, other, loser = make(staff), make(staff), make(staff, contacts=[{"name": "R"}])
        bodies = [(survivor["id"], planned(staff, survivor, loser)) for survivor in (one, other)]
        answers = at_once([lambda c, i=i, b=b: c.post(f"/customers/{i}/merges", json=b) for i, b in bodies])
        assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 1}
        assert staff.get(f"/customers/{loser['id']}").json["id"] in {one["id"], other["id"]}


def test_two_customers_that_are_merged_into_each_other_at_once_leave_one(
    service: Service, staff: Client, at_once: AtOnce
) -> None:
    for _ in range(5):
        one, other = make(staff), make(staff)
        bodies = [(a["id"], planned(staff, a, b)) for a, b in ((one, other), (other, one))]
        answers = at_once([lambda c, i=i, b=b: c.post(f"/customers/{i}/merges", json=b) for i, b in bodies])
        assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 1}
        assert len({staff.get(f"/customers/{customer['id']}").json["id"] for customer in (one, other)}) == 1


def test_an_edit_at_the_moment_of_a_merge_is_merged_or_refused_and_never_lost(
    service: Service, staff: Client, at_once: AtOnce
) -> None:
    for attempt in range(8):
        one, loser = make(staff), make(staff, contacts=[{"name": "Before"}])
        body, contact = planned(staff, one, loser), loser["contacts"][0]["id"]
        path = f"/customers/{loser['id']}/contacts/{contact}"
        merged, edited = at_once(
            [
                lambda c, i=one["id"], b=body: c.post(f"/customers/{i}/merges", json=b),
                lambda c, p=path, n=attempt: c.patch(p, json={"name": f"After {n}"}, version=1),
            ]
        )
        if edited.status_code == 200:
            assert (merged.status_code, merged.json["code"]) == (409, "customer.merge_plan_outdated")
            assert staff.get(path).json["name"] == f"After {attempt}"
        else:
            assert (edited.status_code, edited.json["code"]) == (409, "customer.merged")
            [moved] = staff.get(f"/customers/{one['id']}/contacts").json["items"]
            assert moved["name"] == "Before"


def test_a_merge_locks_itself_out_of_a_new_branch(service: Service, staff: Client, at_once: AtOnce) -> None:
    for _ in range(5):
        one, loser = make(staff), make(staff)
        body = planned(staff, one, loser)
        at_once(
            [
                lambda c, i=one["id"], b=body: c.post(f"/customers/{i}/merges", json=b),
                lambda c, i=loser["id"]: c.post("/customers", json={"name": "Branch", "parent_id": i}),
            ]
        )
        with service.db.transaction() as session:
            wrong = (
                "SELECT count(*) FROM customers c JOIN customers p ON p.id = c.parent_id"
                " WHERE p.merged_into IS NOT NULL"
            )
            assert session.execute(text(wrong)).scalar() == 0
