"""A walk through every event of links, deals, roles of contacts, tax ids and certificates, and of their lists."""

from datetime import UTC, datetime, timedelta

from common.testing import Client


def walk(staff: Client) -> None:
    one = staff.post("/customers", json={"name": "One", "lifecycle": "lead", "contacts": [{"name": "Ruth"}]}).json
    other = staff.post("/customers", json={"name": "Other"}).json
    path = f"/customers/{one['id']}"
    kind = staff.post("/link-types", json={"code": "walked", "forward_label": "Walks with"}).json
    link = staff.post(f"{path}/links", json={"type": "walked", "customer_id": other["id"]}).json
    _change_and_remove(staff, f"{path}/links/{link['id']}", {"valid_to": "2030-01-01", "note": "On foot"})
    _change_and_remove(staff, f"/link-types/{kind['id']}", {"reverse_label": "Is walked by"})

    stage = staff.post("/deal-stages", json={"code": "walked", "label": "Walked"}).json
    value = {"amount": "12.30", "currency": "EUR"}
    deal = staff.post(
        f"{path}/deals", json={"name": "Shoes", "stage": "walked", "value": value, "expected_close_on": "2030-01-01"}
    ).json
    for version, changed in enumerate(
        (
            {"stage": "proposal", "value": {"amount": "13", "currency": "JPY"}},
            {"status": "lost", "lost_reason": "Too small"},
            {"status": "open", "owner": None},
            {"status": "won"},
        ),
        start=1,
    ):
        staff.patch(f"{path}/deals/{deal['id']}", json=changed, version=version)
    staff.delete(f"{path}/deals/{deal['id']}", version=5)
    _change_and_remove(staff, f"/deal-stages/{stage['id']}", {"label": "Walked on"})

    role = staff.post("/contact-roles", json={"code": "walker", "label": "Walker"}).json
    _change_and_remove(staff, f"/contact-roles/{role['id']}", {"position": 3})
    contact = one["contacts"][0]["id"]
    staff.patch(f"{path}/contacts/{contact}", json={"roles": ["buyer"], "default_for": ["buyer"]}, version=1)
    staff.post(f"{path}/contacts", json={"name": "Tomas", "roles": ["buyer"], "default_for": ["buyer"]})

    tax_id = staff.post(f"{path}/tax-ids", json={"country": "de", "value": "DE 136 695 976"}).json
    staff.post(f"{path}/tax-ids/{tax_id['id']}/checks", json={"state": "valid", "evidence": "VIES"})
    staff.delete(f"{path}/tax-ids/{tax_id['id']}", version=2)
    certificate = {"kind": "resale", "reason": "Resale", "number": "R-1", "jurisdictions": ["US-ME"]}
    made = staff.post(f"{path}/exemptions", json=certificate | {"valid_from": "2020-01-01", "verified": True}).json
    _change_and_remove(staff, f"{path}/exemptions/{made['id']}", {"valid_to": "2030-01-01"})
    # Of this one the reminder is told when the documents are.
    soon = (datetime.now(UTC).date() + timedelta(days=20)).isoformat()
    staff.post(f"{path}/exemptions", json=certificate | {"valid_from": "2020-01-01", "valid_to": soon})


def _change_and_remove(staff: Client, path: str, changed: dict[str, object]) -> None:
    staff.patch(path, json=changed, version=1)
    staff.delete(path, version=2)
