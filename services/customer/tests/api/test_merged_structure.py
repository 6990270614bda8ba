"""What a merge does with links, deals, role defaults, tax ids and certificates, and with paths; and its undoing."""

from collections.abc import Callable
from typing import Any

import pytest

from common.service import Service
from common.testing import Client, published
from customer.tests.api.test_merges import merge, plan

Make = Callable[..., dict[str, Any]]
Four = dict[str, dict[str, Any]]

CLAIM = {"roles": ["billing"], "default_for": ["billing"]}
CERTIFICATE = {"kind": "resale", "reason": "R", "number": "1", "jurisdictions": ["US-ME"], "valid_from": "2024-01-01"}


def items(staff: Client, customer: dict[str, Any], what: str) -> list[dict[str, Any]]:
    return staff.get(f"/customers/{customer['id']}/{what}").json["items"]


@pytest.fixture
def four(staff: Client, a_customer: Make) -> Four:
    """A survivor and a loser, linked to each other and both to a third one; the loser has a branch and all the rest."""
    made = {
        "one": a_customer(name="one", contacts=[{"name": "Ruth"} | CLAIM]),
        "other": a_customer(name="other", contacts=[{"name": "Tomas"} | CLAIM]),
        "third": a_customer(name="third"),
    }
    made["branch"] = a_customer(name="branch", parent_id=made["other"]["id"])
    for one, kind, other in (
        ("other", "partner", "third"),
        ("third", "supply", "other"),
        ("one", "supply", "third"),
        ("other", "supply", "third"),
        ("one", "partner", "other"),
    ):
        body = {"type": kind, "customer_id": made[other]["id"]}
        assert staff.post(f"/customers/{made[one]['id']}/links", json=body).status_code == 201
    loser = f"/customers/{made['other']['id']}"
    assert staff.post(f"{loser}/deals", json={"name": "Cold rooms"}).status_code == 201
    assert staff.post(f"{loser}/exemptions", json=CERTIFICATE).status_code == 201
    return made


def test_links_are_seen_from_both_sides_after_a_merge(staff: Client, service: Service, four: Four) -> None:
    merge(staff, four["one"], four["other"])
    seen = {(entry["label"], entry["other"]["name"]) for entry in items(staff, four["one"], "links")}
    # The one between the two stays with the name that the loser left; the double one too.
    assert seen == {
        ("Partner of", "third"),
        ("Supplies", "third"),
        ("Supplied by", "third"),
        ("Partner of", "other"),
    }
    back = {(entry["label"], entry["other"]["name"]) for entry in items(staff, four["third"], "links")}
    assert back >= {("Partner of", "one"), ("Supplies", "one"), ("Supplied by", "one")}
    moved = [event for event in published(service.db) if event.type == "customer.link.updated.v1"]
    assert {event.data["to"]["name"] for event in moved} | {event.data["from"]["name"] for event in moved} == {
        "one",
        "third",
    }
    assert all(event.version == 2 for event in moved)


def test_a_plan_names_links_that_cannot_follow(staff: Client, four: Four) -> None:
    left = [row["note"] for row in plan(staff, four["one"], four["other"]).json["unresolved"] if row["part"] == "links"]
    assert sorted(left) == ["The link was between customers that are one now.", "The survivor has the same link."]


def test_deals_certificates_and_roles_follow_and_go_back(staff: Client, four: Four) -> None:
    before = {name: items(staff, four[name], "links") for name in ("one", "other", "third")}
    done = merge(staff, four["one"], four["other"])
    assert [deal["name"] for deal in items(staff, four["one"], "deals")] == ["Cold rooms"]
    assert [entry["number"] for entry in items(staff, four["one"], "exemptions")] == ["1"]
    contacts = items(staff, four["one"], "contacts")
    assert {c["name"]: c["default_for"] for c in contacts} == {"Ruth": ["billing"], "Tomas": []}
    undone = staff.post(f"/customers/{four['one']['id']}/merges/{done['id']}/undo")
    assert (undone.status_code, undone.json["kept"]) == (200, []), undone.json
    assert [deal["name"] for deal in items(staff, four["other"], "deals")] == ["Cold rooms"]
    assert items(staff, four["one"], "deals") == []
    assert items(staff, four["other"], "contacts")[0]["default_for"] == ["billing"]
    for name, links in before.items():
        now = items(staff, four[name], "links")
        assert [(entry["id"], entry["label"], entry["other"]["id"]) for entry in now] == [
            (entry["id"], entry["label"], entry["other"]["id"]) for entry in links
        ]


def test_the_paths_of_branches_follow(staff: Client, service: Service, four: Four) -> None:
    one, other, branch = (four[name]["id"] for name in ("one", "other", "branch"))

    def last(customer_id: str) -> list[str]:
        return [e for e in published(service.db) if e.subject == customer_id][-1].data["path_ids"]

    done = merge(staff, four["one"], four["other"])
    assert (last(branch), last(other)) == ([one, branch], [other])
    staff.post(f"/customers/{one}/merges/{done['id']}/undo")
    assert (last(branch), last(one)) == ([other, branch], [one])


def test_a_tax_id_that_both_have_stays_once_and_one_of_another_tree_refuses(staff: Client, a_customer: Make) -> None:
    head = a_customer(name="head")
    one, other = a_customer(parent_id=head["id"]), a_customer(parent_id=head["id"])
    shared = {"country": "FR", "value": "40303265045"}
    for holder in (one, other):
        assert staff.post(f"/customers/{holder['id']}/tax-ids", json=shared).status_code == 201
    merge(staff, one, other)
    assert len(items(staff, one, "tax-ids")) == 1
    stranger = a_customer()
    wished = plan(staff, stranger, one).json
    refused = staff.post(
        f"/customers/{stranger['id']}/merges", json={"losers": [one["id"]], "fingerprint": wished["fingerprint"]}
    )
    assert refused.status_code == 201, refused.json
    sibling = a_customer(parent_id=head["id"])
    own = {"country": "DE", "value": "136695976"}
    for holder in (head, sibling):
        assert staff.post(f"/customers/{holder['id']}/tax-ids", json=own).status_code == 201
    wished = plan(staff, stranger, sibling).json
    refused = staff.post(
        f"/customers/{stranger['id']}/merges", json={"losers": [sibling["id"]], "fingerprint": wished["fingerprint"]}
    )
    assert (refused.status_code, refused.json["code"]) == (409, "customer.duplicate_tax_id")


def test_two_companies_of_one_register_are_not_merged(staff: Client, a_customer: Make) -> None:
    one, other = a_customer(name="one"), a_customer(name="other")
    held = []
    for holder, value in ((one, "234567894"), (other, "345678914")):
        answer = staff.post(f"/customers/{holder['id']}/tax-ids", json={"country": "DE", "value": value})
        assert answer.status_code == 201, answer.json
        held.append(answer.json)
    answer = plan(staff, one, other)
    assert (answer.status_code, [reason["code"] for reason in answer.json["reasons"]]) == (409, ["tax_ids_differ"])
    assert "DE234567894" in answer.json["detail"], answer.json
    assert "DE345678914" in answer.json["detail"]
    staff.delete(f"/customers/{other['id']}/tax-ids/{held[1]['id']}", version=1)
    assert plan(staff, one, other).status_code == 200
    # Of another country it is no contradiction.
    french = {"country": "FR", "value": "44732829320"}
    assert staff.post(f"/customers/{other['id']}/tax-ids", json=french).status_code == 201
    assert plan(staff, one, other).status_code == 200
