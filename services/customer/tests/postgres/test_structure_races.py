"""Links, role defaults, tax ids and the tree when many act at the same moment, on a real PostgreSQL."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from common.service import Service
from common.testing import Client, published
from customer.tests.postgres.test_concurrency import count, make

AtOnce = Callable[..., list[Any]]

CLAIM = {"roles": ["billing"], "default_for": ["billing"]}


def statuses(answers: list[Any]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def test_two_claims_of_one_role_at_once_leave_one_default(staff: Client, service: Service, at_once: AtOnce) -> None:
    made = make(staff, "ROLE", contacts=[{"name": name, "roles": ["billing"]} for name in "ABC"])
    base = f"/customers/{made['id']}/contacts"
    claims = [
        lambda c, i=contact["id"]: c.patch(f"{base}/{i}", json={"default_for": ["billing"]}, version=1)
        for contact in made["contacts"]
    ]
    answers = at_once([*claims, lambda c: c.post(base, json={"name": "D"} | CLAIM)])
    # One that lost the role in between is at another version by then, and is told so.
    assert set(statuses(answers)) <= {200, 201, 412}
    holders = [contact for contact in staff.get(base).json["items"] if contact["default_for"]]
    assert len(holders) == 1
    kept = "SELECT count(*) FROM contact_role_defaults WHERE customer_id = CAST(:id AS uuid)"
    assert count(service, kept, id=made["id"]) == 1


def test_two_identical_links_at_once_make_one(staff: Client, service: Service, at_once: AtOnce) -> None:
    one, other = make(staff, "LINK-1"), make(staff, "LINK-2")
    both = [(one, other), (other, one)] * 3
    answers = at_once(
        [
            lambda c, p=pair: c.post(
                f"/customers/{p[0]['id']}/links", json={"type": "partner", "customer_id": p[1]["id"]}
            )
            for pair in both
        ]
    )
    assert statuses(answers) == {201: 1, 409: 5}
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} == {"customer.link_exists"}
    for side in (one, other):
        assert len(staff.get(f"/customers/{side['id']}/links").json["items"]) == 1
    [event] = [event for event in published(service.db) if event.type == "customer.link.added.v1"]
    assert event.customer_id == min(one["id"], other["id"])


def test_one_tax_id_given_to_many_at_once_belongs_to_one(staff: Client, at_once: AtOnce) -> None:
    made = [make(staff, f"TAX-{n}") for n in range(5)]
    body = {"country": "FR", "value": "40303265045"}
    answers = at_once([lambda c, m=m: c.post(f"/customers/{m['id']}/tax-ids", json=body) for m in made])
    assert statuses(answers) == {201: 1, 409: 4}


def test_a_branch_does_not_leave_its_tree_while_it_comes_to_share_a_tax_id(
    staff: Client, service: Service, at_once: AtOnce
) -> None:
    body = {"country": "FR", "value": "23334175221"}
    for attempt in range(5):
        head = make(staff, f"SHARE-{attempt}")
        branch = make(staff, f"SHARE-{attempt}-1", parent_id=head["id"])
        held = staff.post(f"/customers/{head['id']}/tax-ids", json=body)
        assert held.status_code == 201, held.json
        answers = at_once(
            [
                lambda c, i=branch["id"]: c.post(f"/customers/{i}/tax-ids", json=body),
                lambda c, i=branch["id"]: c.patch(f"/customers/{i}", json={"parent_id": None}, version=1),
            ]
        )
        assert 409 in statuses(answers)
        staff.delete(f"/customers/{head['id']}/tax-ids/{held.json['id']}", version=1)
        for shared in staff.get(f"/customers/{branch['id']}/tax-ids").json["items"]:
            staff.delete(f"/customers/{branch['id']}/tax-ids/{shared['id']}", version=1)


def test_longer_rings_are_not_formed_either(staff: Client, service: Service, at_once: AtOnce) -> None:
    for attempt in range(3):
        ring = [make(staff, f"LONG-{attempt}-{n}") for n in range(4)]
        pairs = list(zip(ring, [*ring[1:], ring[0]], strict=True))
        answers = at_once(
            [
                lambda c, p=pair: c.patch(f"/customers/{p[0]['id']}", json={"parent_id": p[1]["id"]}, version=1)
                for pair in pairs
            ]
        )
        assert statuses(answers) == {200: 3, 409: 1}
        [refused] = [answer.json for answer in answers if answer.status_code == 409]
        assert refused["code"] == "customer.hierarchy_cycle"
        assert len(refused["path"]) == 5


def test_a_subtree_is_archived_whole_while_a_branch_is_added_below(
    staff: Client, service: Service, at_once: AtOnce
) -> None:
    for attempt in range(5):
        head = make(staff, f"WHOLE-{attempt}")
        branch = make(staff, f"WHOLE-{attempt}-1", parent_id=head["id"])
        at_once(
            [
                lambda c, i=head["id"]: c.post(f"/customers/{i}/archival", json={"reason": "x", "children": "archive"}),
                lambda c, i=branch["id"]: c.post("/customers", json={"name": "Late", "parent_id": i}),
                lambda c, i=branch["id"]: c.post(f"/customers/{i}/restoration"),
            ]
        )
    wrong = (
        "SELECT count(*) FROM customers c JOIN customers p ON p.id = c.parent_id"
        " WHERE p.status = 'archived' AND c.status = 'active'"
    )
    assert count(service, wrong) == 0


def test_two_deals_won_at_once_carry_a_lead_on_once(staff: Client, service: Service, at_once: AtOnce) -> None:
    made = make(staff, "DEALS", lifecycle="lead")
    base = f"/customers/{made['id']}/deals"
    answers = at_once([lambda c, n=n: c.post(base, json={"name": f"Deal {n}", "status": "won"}) for n in range(4)])
    assert statuses(answers) == {201: 4}
    carried = [answer for answer in answers if answer.json["lifecycle_change"]]
    assert len(carried) == 1
    assert staff.get(f"/customers/{made['id']}").json["version"] == 2


def test_the_database_itself_holds_the_rules_of_links_roles_deals_and_certificates(
    staff: Client, service: Service
) -> None:
    one = make(staff, "RULE-1", contacts=[{"name": "A"} | CLAIM, {"name": "B", "roles": ["billing"]}])
    other = make(staff, "RULE-2")
    staff.post(f"/customers/{one['id']}/links", json={"type": "partner", "customer_id": other["id"]})
    deal = staff.post(f"/customers/{one['id']}/deals", json={"name": "A"}).json
    body = {"kind": "resale", "reason": "R", "number": "1", "jurisdictions": ["DE"], "valid_from": "2026-01-01"}
    staff.post(f"/customers/{one['id']}/exemptions", json=body)
    staff.post(f"/customers/{one['id']}/tax-ids", json={"country": "DE", "value": "136695976"})
    broken = (
        ("UPDATE contacts SET default_for = '{billing}' WHERE id = :second", "one_default_per_role"),
        ("UPDATE contacts SET default_for = '{buyer}' WHERE id = :second", "contacts_default_for_check|contacts_check"),
        ("UPDATE customer_links SET to_id = from_id", "no_self_link|symmetric_smaller_first"),
        ("UPDATE customer_links SET from_id = to_id, to_id = from_id", "symmetric_smaller_first"),
        ("UPDATE customer_links SET valid_from = '2026-01-02', valid_to = '2026-01-01'", "link_period"),
        ("UPDATE link_types SET \"symmetric\" = false WHERE code = 'partner'", "customer_links_type"),
        ("UPDATE link_types SET reverse_label = 'x' WHERE code = 'partner'", "symmetric_reads_the_same"),
        (
            'INSERT INTO customer_links SELECT gen_random_uuid(), type_id, "symmetric", from_id, to_id'
            " FROM customer_links",
            "one_open_link",
        ),
        ("DELETE FROM link_types WHERE code = 'partner'", "customer_links_type"),
        ("UPDATE deals SET status = 'lost', closed_at = now() WHERE id = :deal", "lost_for_a_reason"),
        ("UPDATE deals SET status = 'won' WHERE id = :deal", "open_is_not_closed"),
        ("UPDATE deals SET value_minor = 1 WHERE id = :deal", "value_is_whole"),
        ("DELETE FROM deal_stages WHERE code = 'qualification'", "deals_stage_fkey"),
        ("UPDATE exemptions SET valid_to = '2025-12-31'", "exemption_period"),
        ("UPDATE exemptions SET verified_at = now()", "verification_is_whole"),
        ("UPDATE tax_ids SET check_state = 'valid'", "check_is_whole"),
        (
            "INSERT INTO tax_ids (id, customer_id, country, scheme, value)"
            " SELECT gen_random_uuid(), customer_id, country, scheme, value FROM tax_ids",
            "tax_ids_once",
        ),
    )
    values = {"second": one["contacts"][1]["id"], "deal": deal["id"]}
    for statement, constraint in broken:
        with pytest.raises(IntegrityError, match=constraint), service.db.transaction() as session:
            session.execute(text(statement), values)


def test_a_contact_that_moves_to_another_customer_takes_its_defaults_along(staff: Client, service: Service) -> None:
    one, other = make(staff, "MOVE-1", kind="person", contacts=[{"name": "A"} | CLAIM]), make(staff, "MOVE-2")
    contact = one["contacts"][0]["id"]
    with service.db.transaction() as session:
        session.execute(
            text("UPDATE contacts SET customer_id = :other WHERE id = :id"), {"other": other["id"], "id": contact}
        )
    kept = "SELECT count(*) FROM contact_role_defaults WHERE customer_id = CAST(:id AS uuid)"
    assert (count(service, kept, id=one["id"]), count(service, kept, id=other["id"])) == (0, 1)
    staff.delete(f"/customers/{other['id']}/contacts/{contact}", version=1)
    assert count(service, kept, id=other["id"]) == 0
