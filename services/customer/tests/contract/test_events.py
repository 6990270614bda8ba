"""What the service really publishes fits its schemas: through the API, the seed and an import."""

from io import BytesIO
from threading import Event as Stop

import orjson
from sqlalchemy import text

from common.envelope import encode, from_document, to_document
from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver, published
from common.testing.events import event as heard
from customer.events import PUBLISHES
from customer.tests.contract import documents, fields, places, structure
from customer.tests.contract.rule_walk import walk_rules


def privacy_of(officer: Client, staff: Client) -> dict[str, str]:
    """Holds a customer's data, lets it go, gives a person out and erases two; returns the last request's ids."""
    person = staff.post("/customers", json={"name": "P", "kind": "person", "contacts": [{"name": "Q"}]}).json
    holds = f"/customers/{person['id']}/legal-holds"
    hold = officer.post(holds, json={"reason": "x"}).json
    officer.patch(f"{holds}/{hold['id']}", json={"reason": "y"}, version=1)
    officer.delete(f"{holds}/{hold['id']}", version=2)
    known = staff.post("/customers", json={"name": "Acquaintance"}).json
    staff.post(f"/customers/{person['id']}/links", json={"type": "partner", "customer_id": known["id"]})
    staff.post(f"/customers/{person['id']}/archival", json={"reason": "x"})
    subjects = (("contact", person["contacts"][0]["id"], "export"), ("contact", person["contacts"][0]["id"], "erase"))
    for of, subject, kind in (*subjects, ("customer", person["id"], "erase")):
        body = {"subject_type": of, "subject_id": subject, "kind": kind, "reason": "x"}
        made = officer.post("/privacy-requests", json=body)
        assert made.status_code == 201, made.text
    return {"request_id": made.json["id"], "customer_id": person["id"]}


def test_every_type_is_published_and_fits_its_schema(staff: Client, service: Service, tokens: TestTokens) -> None:
    """Walks through every verb; the outbox checks each event against its schema on its way out."""
    street = {"line1": "Kai 3", "city": "Kiel", "country": "DE"}
    group = staff.post("/customer-groups", json={"name": "A"}).json
    staff.patch(f"/customer-groups/{group['id']}", json={"name": "B"}, version=1)
    staff.delete(f"/customer-groups/{group['id']}", version=2)
    made = staff.post("/customers", json={"name": "A", "contacts": [{"name": "R"}], "addresses": [street]}).json
    path = f"/customers/{made['id']}"
    staff.patch(path, json={"name": "B"}, version=1)
    contact, address = made["contacts"][0]["id"], made["addresses"][0]["id"]
    staff.patch(f"{path}/contacts/{contact}", json={"title": "Owner"}, version=1)
    staff.delete(f"{path}/contacts/{contact}", version=2)
    staff.patch(f"{path}/addresses/{address}", json={"city": "Bonn"}, version=1)
    staff.delete(f"{path}/addresses/{address}", version=2)
    staff.post(f"{path}/archival", json={"reason": "x"})
    staff.post(f"{path}/restoration")
    archived = staff.post(f"{path}/archival", json={"reason": "x"}).json
    staff.delete(path, version=archived["version"])
    with service.db.transaction() as session:
        session.execute(text("UPDATE customers SET deletion_at = now() WHERE deletion_at IS NOT NULL"))
    run(service, "deletions")
    become_one_and_apart_again(staff)
    told = privacy_of(client_for(service, tokens.staff(["privacy.manage"])), staff)
    for reader in ("automation", "billing", "identity", "ordering", "overview", "portal-settings", "warehouse"):
        deliver(service, heard(f"{reader}.erasure.completed.v1", told["request_id"], told | {"counts": {}}))
    staff.post("/imports", data={"type": "customers", "file": (BytesIO(b"number,name\n1,A\n"), "a.csv")})
    run(service, "imports")
    places.walk(staff)
    fields.walk(staff)
    structure.walk(staff)
    staff.post(f"/imports/{staff.get('/imports').json['items'][0]['id']}/reversion")
    for _ in range(3):
        run(service, "reversions")
    walk_rules(staff, service)
    documents.walk(staff, service)
    events = published(service.db)
    assert {event.type for event in events} == PUBLISHES
    for event in events:
        service.contracts.check(event.type, event.data)
        assert from_document(to_document(event)) == event


def run(service: Service, name: str) -> None:
    """One round of a job."""
    next(job for job in service.jobs if job.name == name).run(Stop())


def become_one_and_apart_again(staff: Client) -> None:
    """Two customers that look alike: dismissed as a pair, merged all the same, and apart again."""
    street = {"line1": "Kai 3", "city": "Kiel", "postal_code": "24103", "country": "DE"}
    whole = {"name": "Twin", "contacts": [{"name": "R"}], "addresses": [street]}
    one, other = (staff.post("/customers", json=whole).json for _ in range(2))
    [pair] = staff.get(f"/customers/{one['id']}/duplicates").json["items"]
    staff.post(f"/duplicates/{pair['id']}/dismissal", json={"reason": "x"})
    base, body = f"/customers/{one['id']}", {"losers": [other["id"]]}
    plan = staff.post(f"{base}/merge-plans", json=body).json
    made = staff.post(f"{base}/merges", json=body | {"fingerprint": plan["fingerprint"]}).json
    staff.post(f"{base}/merges/{made['id']}/undo")


def test_versions_of_each_record_count_without_a_gap(service: Service) -> None:
    versions: dict[str, list[int]] = {}
    for event in published(service.db):
        versions.setdefault(event.subject, []).append(event.version)
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())


def test_everything_about_a_customer_keeps_its_order(service: Service) -> None:
    for event in published(service.db):
        assert event.partition_key == (event.customer_id or event.subject)
        assert orjson.loads(encode(event))["type"] == event.type


def test_seeding_twice_adds_nothing(service: Service) -> None:
    assert service.seed is not None
    service.seed()
    once = published(service.db)
    service.seed()
    assert len(published(service.db)) == len(once)
    customers = [
        event.data for event in once if event.type == "customer.customer.created.v1" and not event.data["batch_id"]
    ]
    assert len(customers) >= 40
    assert sum(customer["parent_id"] is not None for customer in customers) >= 10
    assert {customer["kind"] for customer in customers} == {"business", "person"}
    told = [event for event in once if event.actor == "system:seed"]
    assert sum(event.type == "customer.property.created.v1" for event in told) >= 12
    assert sum(event.type == "customer.move.planned.v1" for event in told) == 1
    assert sum(event.type == "customer.custom_field.created.v1" for event in told) == 3
    assert sum(event.type == "customer.system.added.v1" for event in told) == 8
