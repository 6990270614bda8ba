"""Compliance documents: what is required, how far it is met, and what ends soon."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, published

from .files import PDF, upload

Make = Callable[..., dict[str, Any]]

TODAY = datetime.now(UTC).date()


def day(ahead: int) -> str:
    return (TODAY + timedelta(days=ahead)).isoformat()


def states(staff: Client, customer_id: str) -> dict[str, str]:
    shown = staff.get(f"/customers/{customer_id}/documents/completeness").json
    assert shown["met"] == sum(item["state"] == "met" for item in shown["items"])
    assert shown["required"] == len(shown["items"])
    return {item["document_type"]: item["state"] for item in shown["items"]}


def test_requirements_apply_by_kind_and_group(staff: Client, service: Service, a_customer: Make) -> None:
    group = staff.post("/customer-groups", json={"name": f"G{new_id()}"}).json["id"]
    for body in (
        {"document_type": "terms", "label": "Terms"},
        {"document_type": "register", "label": "Register", "kind": "business"},
        {"document_type": "passport", "label": "Passport", "kind": "person"},
        {"document_type": "frame", "label": "Frame contract", "group_id": group, "signed": True},
    ):
        made = staff.post("/document-requirements", json=body)
        assert made.status_code == 201, made.json
    assert published(service.db)[-1].type == "customer.document_requirement.added.v1"
    again = staff.post("/document-requirements", json={"document_type": "terms", "label": "Other"})
    assert (again.status_code, again.json["code"]) == (409, "customer.document_requirement_taken")
    business, person, member = a_customer(), a_customer(kind="person"), a_customer(group_id=group)
    assert states(staff, business["id"]) == {"register": "missing", "terms": "missing"}
    assert states(staff, person["id"]) == {"passport": "missing", "terms": "missing"}
    assert states(staff, member["id"]) == {"frame": "missing", "register": "missing", "terms": "missing"}

    frame = {"category": "contract", "document_type": "frame"}
    upload(staff, member["id"], "old.pdf", PDF, **frame, signature="signed", expires_on=day(-1))
    assert states(staff, member["id"])["frame"] == "expired"
    unsigned = upload(staff, member["id"], "new.pdf", PDF, **frame, expires_on=day(300)).json
    assert states(staff, member["id"])["frame"] == "unsigned"
    path = f"/customers/{member['id']}/files/{unsigned['id']}"
    staff.patch(path, json={"signature": "signed"}, version=1)
    shown = staff.get(f"/customers/{member['id']}/documents/completeness").json
    item = next(item for item in shown["items"] if item["document_type"] == "frame")
    assert (item["state"], item["file_id"], item["expires_on"]) == ("met", unsigned["id"], day(300))
    staff.delete(path, version=2)
    assert states(staff, member["id"])["frame"] == "expired"


def test_a_restricted_document_counts_and_is_not_named(
    staff: Client, service: Service, tokens: TestTokens, a_customer: Make
) -> None:
    staff.post("/document-requirements", json={"document_type": "secret", "label": "Secret"})
    customer = a_customer()
    upload(staff, customer["id"], "s.pdf", PDF, category="nda", document_type="secret", audience="restricted")
    sales = client_for(service, tokens.staff(["customers.view", "documents.view"]))
    shown = sales.get(f"/customers/{customer['id']}/documents/completeness").json["items"]
    item = next(item for item in shown if item["document_type"] == "secret")
    assert (item["state"], item["file_id"]) == ("met", None)
    viewer = client_for(service, tokens.staff(["customers.view"]))
    refused = viewer.get(f"/customers/{customer['id']}/documents/completeness")
    assert (refused.status_code, refused.json["permission"]) == (403, "documents.view")


def test_a_requirement_is_changed_and_removed(staff: Client, service: Service, tokens: TestTokens) -> None:
    made = staff.post("/document-requirements", json={"document_type": "w9", "label": "W-9"}).json
    one = f"/document-requirements/{made['id']}"
    changed = staff.patch(one, json={"signed": True}, version=1)
    assert (changed.json["signed"], changed.json["version"]) == (True, 2)
    assert staff.patch(one, json={"signed": True}, version=2).json["version"] == 2
    assert staff.patch(one, json={"group_id": new_id()}, version=2).json["code"] == "customer.group_unknown"
    colleague = client_for(service, tokens.staff(["customers.view", "customers.edit"]))
    assert colleague.patch(one, json={"label": "x"}, version=2).status_code == 403
    assert staff.delete(one, version=2).status_code == 204
    assert staff.get(one).json["code"] == "customer.document_requirement_not_found"


def test_documents_that_end_soon_are_listed_by_their_day(staff: Client, a_customer: Make) -> None:
    customer = a_customer()
    for name, ends in {"b.pdf": 20, "a.pdf": 5, "gone.pdf": -3, "later.pdf": 61}.items():
        made = upload(staff, customer["id"], name, PDF, category="certificate", expires_on=day(ends))
        assert made.status_code == 201, made.json

    def listed(query: str) -> list[str]:
        items = staff.get(f"/documents/expiring{query}").json["items"]
        return [item["name"] for item in items if item["customer_id"] == customer["id"]]

    assert listed("") == ["gone.pdf", "a.pdf", "b.pdf"]
    assert listed("?within=7") == ["gone.pdf", "a.pdf"]
    assert listed("?within=365") == ["gone.pdf", "a.pdf", "b.pdf", "later.pdf"]
    first = staff.get("/documents/expiring?limit=1&within=365").json
    assert first["items"][0]["expires_on"] <= day(5)
    assert date.fromisoformat(first["items"][0]["expires_on"]) == TODAY + timedelta(days=first["items"][0]["days_left"])
    assert staff.get(f"/documents/expiring?limit=1&within=365&cursor={first['next_cursor']}").status_code == 200
