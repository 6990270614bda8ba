"""Requests of people about their data: exports, erasures with their receipts, and legal holds."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver, published
from common.testing.events import event

NAME, MAIL, PHONE = "Tomasina Hlavkova", "tomasina@alder.example", "+49 431 5550"
READERS = ["automation", "identity", "ordering", "overview", "warehouse"]

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def officer(service: Service, tokens: TestTokens) -> Client:
    """Somebody who answers for privacy."""
    return client_for(service, tokens.staff(["privacy.manage"]))


@pytest.fixture
def person(staff: Client, a_customer: Make) -> dict[str, Any]:
    """A contact with a past: renamed, primary, known by mail and telephone."""
    customer = a_customer(contacts=[{"name": "Tomasina Maiden", "emails": [{"address": MAIL}]}, {"name": "Ines Marku"}])
    contact = customer["contacts"][0]
    path = f"/customers/{customer['id']}/contacts/{contact['id']}"
    changed = staff.patch(path, json={"name": NAME, "phones": [{"number": PHONE}]}, version=1)
    assert changed.status_code == 200, changed.text
    staff.put(
        f"/customers/{customer['id']}/primary-contact",
        json={"contact_id": customer["contacts"][1]["id"]},
        version=customer["version"],
    )
    return {"id": contact["id"], "customer": customer["id"], "path": path, "colleague": customer["contacts"][1]["id"]}


def ask(officer: Client, subject: str, kind: str, *, of: str = "contact", **more: Any) -> Any:
    body = {"subject_type": of, "subject_id": subject, "kind": kind, "reason": "Asked by letter"} | more
    return officer.post("/privacy-requests", json=body)


def log(service: Service, customer: str) -> str:
    return "\n".join(str(one) for one in published(service.db) if one.partition_key == customer)


def answer(service: Service, request: str, reader: str, customer: str) -> None:
    data = {"request_id": request, "customer_id": customer, "counts": {"events": 2}}
    deliver(service, event(f"{reader}.erasure.completed.v1", new_id(), data, customer_id=customer))


def test_an_erased_contact_leaves_nothing_but_a_receipt(
    officer: Client, staff: Client, service: Service, person: dict[str, Any]
) -> None:
    assert all(part in log(service, person["customer"]) for part in (NAME, "Tomasina Maiden", MAIL, PHONE))
    made = ask(officer, person["id"], "erase")
    assert made.status_code == 201, made.text
    request = made.json
    assert (request["state"], request["awaited"]) == ("running", READERS)
    assert request["receipt"]["customer"]["contacts"] == 1
    assert request["receipt"]["customer"]["events"] == 3
    left = log(service, person["customer"])
    assert [part for part in (NAME, "Tomasina Maiden", MAIL, PHONE) if part in left] == []
    assert "Ines Marku" in left, "who was not erased is still there"
    assert person["id"] in left, "ids stay"
    for one in published(service.db):
        service.contracts.check(one.type, one.data)
    assert staff.get(person["path"]).status_code == 404
    told = published(service.db, "customer.contact.erased.v1")[-1].data
    assert (told["request_id"], told["erased_ids"], told["everything"]) == (request["id"], [person["id"]], False)


def test_a_request_is_complete_when_every_reader_has_answered(
    officer: Client, service: Service, person: dict[str, Any]
) -> None:
    request = ask(officer, person["id"], "erase").json["id"]
    answer(service, request, "overview", person["customer"])
    answer(service, request, "overview", person["customer"])
    shown = officer.get(f"/privacy-requests/{request}").json
    assert (shown["state"], shown["awaited"]) == ("running", ["automation", "identity", "ordering", "warehouse"])
    answer(service, request, "ordering", person["customer"])
    answer(service, request, "warehouse", person["customer"])
    answer(service, request, "automation", person["customer"])
    answer(service, request, "identity", person["customer"])
    shown = officer.get(f"/privacy-requests/{request}").json
    assert (shown["state"], shown["receipt"]["identity"]) == ("completed", {"events": 2})
    assert published(service.db, "customer.privacy_request.completed.v1")[-1].data["receipt"] == shown["receipt"]


def test_a_dry_run_counts_the_same_and_changes_nothing(
    officer: Client, staff: Client, service: Service, person: dict[str, Any]
) -> None:
    before = len(published(service.db)), log(service, person["customer"])
    planned = ask(officer, person["id"], "erase", dry_run=True)
    assert (planned.status_code, planned.json["id"], planned.json["awaited"]) == (200, None, READERS)
    assert (len(published(service.db)), log(service, person["customer"])) == before
    assert staff.get(person["path"]).status_code == 200
    assert "Event-Id" not in planned.headers
    assert ask(officer, person["id"], "erase").json["receipt"] == planned.json["receipt"]


def test_a_repeated_creation_does_not_give_the_person_back(
    officer: Client, staff: Client, a_customer: Make, service: Service
) -> None:
    path, key = f"/customers/{a_customer()['id']}/contacts", new_id()
    made = staff.post(path, json={"name": NAME}, key=key).json
    assert ask(officer, made["id"], "erase").json["receipt"]["customer"]["answers"] == 1
    again = staff.post(path, json={"name": NAME}, key=key)
    assert (again.json, again.headers["Idempotent-Replayed"]) == ({"erased": True}, "true")
    assert staff.get(path).json["items"] == []


def test_a_customer_that_is_a_person_is_erased_whole(
    officer: Client, staff: Client, service: Service, a_customer: Make
) -> None:
    customer = a_customer(
        name=NAME,
        kind="person",
        contacts=[{"name": "Her Sister"}],
        addresses=[{"line1": "Kanalweg 9", "city": "Kiel", "country": "DE"}],
        external_ids=[{"system": "crm", "id": f"X-{new_id()}"}],
    )
    path = f"/customers/{customer['id']}"
    with service.db.transaction() as session:
        key = text("INSERT INTO customer_keys (customer_id, key_id, wrapped) VALUES (:id, 'k', '')")
        session.execute(key, {"id": customer["id"]})
    refused = ask(officer, customer["id"], "erase", of="customer")
    assert (refused.status_code, refused.json["code"]) == (409, "customer.not_archived")
    staff.post(f"{path}/archival", json={"reason": "Tomasina moved away"})
    made = ask(officer, customer["id"], "erase", of="customer")
    assert made.status_code == 201, made.text
    answering = {"automation", "billing", "identity", "ordering", "overview", "portal-settings", "warehouse"}
    assert made.json["awaited"] == sorted(answering)
    left = log(service, customer["id"])
    gone = (NAME, "Tomasina", "Her Sister", "Kanalweg", "Kiel", customer["external_ids"][0]["id"])
    assert [part for part in gone if part in left] == []
    with service.db.transaction() as session:
        keys = text("SELECT count(*) FROM customer_keys WHERE customer_id = :id")
        assert session.execute(keys, {"id": customer["id"]}).scalar_one() == 0
    shown = staff.get(path).json
    assert (shown["name"], shown["number"], shown["external_ids"]) == ("[erased]", customer["number"], [])
    assert shown["archive"]["reason"] == "[erased]"
    assert staff.get(f"{path}/contacts").json["items"] == staff.get(f"{path}/addresses").json["items"] == []
    again = ask(officer, customer["id"], "erase", of="customer")
    assert (again.status_code, again.json["code"]) == (409, "customer.erased_already")
    assert again.json["request_id"] == made.json["id"]


def test_a_contact_of_a_merged_customer_is_erased_from_the_past_of_both(
    officer: Client, staff: Client, service: Service, a_customer: Make
) -> None:
    loser, survivor = a_customer(contacts=[{"name": NAME}]), a_customer()
    body = {"losers": [loser["id"]], "choices": {}}
    planned = staff.post(f"/customers/{survivor['id']}/merge-plans", json=body)
    merged = staff.post(f"/customers/{survivor['id']}/merges", json=body | {"fingerprint": planned.json["fingerprint"]})
    assert merged.status_code == 201, merged.text
    assert NAME in log(service, loser["id"])
    assert ask(officer, loser["contacts"][0]["id"], "erase").status_code == 201
    assert NAME not in log(service, loser["id"]) + log(service, survivor["id"])
    told = published(service.db, "customer.contact.erased.v1")[-2:]
    assert [one.partition_key for one in told] == [loser["id"], survivor["id"]]
    assert [one.data["request_id"] is None for one in told] == [True, False], "one answer is asked for"
    with service.db.transaction() as session:
        kept = session.execute(text("SELECT count(*) FROM merge_moves WHERE before::text LIKE '%Tomasina%'"))
        assert kept.scalar_one() == 0


def test_a_held_customer_is_not_merged(officer: Client, staff: Client, a_customer: Make) -> None:
    for held in (0, 1):
        pair = [a_customer(), a_customer()]
        officer.post(f"/customers/{pair[held]['id']}/legal-holds", json={"reason": "Claim"})
        planned = staff.post(f"/customers/{pair[0]['id']}/merge-plans", json={"losers": [pair[1]["id"]], "choices": {}})
        assert [reason["code"] for reason in planned.json["reasons"]] == ["customer.under_legal_hold"]


def test_only_people_are_subjects(officer: Client, a_customer: Make) -> None:
    business = ask(officer, a_customer()["id"], "erase", of="customer")
    assert (business.status_code, business.json["code"]) == (422, "customer.not_a_person")
    assert ask(officer, new_id(), "erase").json["code"] == "customer.contact_not_found"
    assert ask(officer, new_id(), "export", of="customer").json["code"] == "customer.not_found"


def test_erasing_a_contact_twice_names_the_receipt(officer: Client, person: dict[str, Any]) -> None:
    request = ask(officer, person["id"], "erase").json["id"]
    again = ask(officer, person["id"], "erase")
    assert (again.status_code, again.json["code"], again.json["request_id"]) == (
        409,
        "customer.erased_already",
        request,
    )


def test_a_legal_hold_refuses_erasing_and_deleting_until_it_is_released(
    officer: Client, staff: Client, person: dict[str, Any], service: Service
) -> None:
    holds = f"/customers/{person['customer']}/legal-holds"
    hold = officer.post(holds, json={"reason": "Claim 114"}).json
    for dry_run in (True, False):
        refused = ask(officer, person["id"], "erase", dry_run=dry_run)
        assert (refused.status_code, refused.json["code"]) == (409, "customer.under_legal_hold")
        assert refused.json["holds"] == [{"id": hold["id"], "reason": "Claim 114"}]
    archived = staff.post(f"/customers/{person['customer']}/archival", json={"reason": "x"}).json
    deleted = staff.delete(f"/customers/{person['customer']}", version=archived["version"])
    assert [blocker["code"] for blocker in deleted.json["blockers"]] == ["customer.under_legal_hold"]
    assert ask(officer, person["id"], "export").status_code == 201, "to give out is not to erase"

    path = f"{holds}/{hold['id']}"
    assert officer.patch(path, json={"reason": "Claim 115"}, version=1).json["version"] == 2
    written = len(published(service.db))
    assert officer.patch(path, json={"reason": "Claim 115"}, version=2).json["version"] == 2
    assert len(published(service.db)) == written
    assert officer.delete(path, version=1).status_code == 412
    assert [one["id"] for one in officer.get(holds).json["items"]] == [hold["id"]]
    assert officer.delete(path, version=2).status_code == 204
    assert officer.get(path).json["code"] == "customer.legal_hold_not_found"
    assert ask(officer, person["id"], "erase").status_code == 201


def test_an_export_holds_rows_and_history_of_the_person_and_of_nobody_else(
    officer: Client, service: Service, person: dict[str, Any]
) -> None:
    request = ask(officer, person["id"], "export").json
    assert (request["state"], request["awaited"]) == ("completed", [])
    given = officer.get(f"/internal/privacy-requests/{request['id']}/export")
    assert given.headers["Cache-Control"] == "no-store"
    assert [row["name"] for row in given.json["records"]["contacts"]] == [NAME]
    assert [one["type"] for one in given.json["events"]] == ["customer.contact.added.v1", "customer.contact.updated.v1"]
    assert "Ines Marku" not in given.text
    erasing = ask(officer, person["id"], "erase").json["id"]
    assert officer.get(f"/internal/privacy-requests/{erasing}/export").status_code == 404


def test_the_name_of_an_erased_account_leaves_what_it_did(
    service: Service, staff: Client, a_customer: Make, tokens: TestTokens
) -> None:
    customer, account = a_customer(), new_id()
    with service.db.transaction() as session:
        session.execute(
            text(
                "UPDATE outbox SET portal_actor = :account,"
                ' body = replace(body, \'"actorlabel":"Test Staff"\', \'"actorlabel":"Tomasina"\')'
                " WHERE customer_id = :customer"
            ),
            {"account": account, "customer": customer["id"]},
        )
    data = {"id": account, "customer_id": customer["id"], "request_id": new_id(), "erased_ids": [account]}
    deliver(service, event("identity.account.erased.v1", account, data | {"everything": True}))
    labels = {one.actor_label for one in published(service.db) if one.partition_key == customer["id"]}
    assert labels == {"[erased]"}


def test_requests_are_listed_newest_first_and_only_for_who_may(
    officer: Client, service: Service, tokens: TestTokens, person: dict[str, Any]
) -> None:
    first = ask(officer, person["id"], "export").json["id"]
    second = ask(officer, person["id"], "export").json["id"]
    listed = officer.get("/privacy-requests", query_string={"subject_id": person["id"]}).json["items"]
    assert [one["id"] for one in listed] == [second, first]
    other = client_for(service, tokens.staff(["customers.view", "customers.edit"]))
    for refused in (other.get("/privacy-requests"), ask(other, person["id"], "erase")):
        assert (refused.status_code, refused.json["permission"]) == (403, "privacy.manage")


def test_who_was_linked_to_an_erased_person_keeps_no_name(
    officer: Client, staff: Client, service: Service, a_customer: Make
) -> None:
    somebody, employer = a_customer(kind="person", name=NAME), a_customer(name="Alder Works")
    for one, kind, other in ((employer, "employment", somebody), (somebody, "supply", employer)):
        body = {"type": kind, "customer_id": other["id"]}
        assert staff.post(f"/customers/{one['id']}/links", json=body).status_code == 201
    assert NAME in log(service, employer["id"])
    assert staff.post(f"/customers/{somebody['id']}/archival", json={"reason": "gone"}).status_code == 200
    made = ask(officer, somebody["id"], "erase", of="customer")
    assert (made.status_code, made.json["receipt"]["customer"]["customer_links"]) == (201, 2)
    assert NAME not in log(service, employer["id"]) + log(service, somebody["id"])
    told = published(service.db, "customer.link.erased.v1")
    assert [one.customer_id for one in told] == [employer["id"]] * 2
    assert staff.get(f"/customers/{employer['id']}/links").json["items"] == []
