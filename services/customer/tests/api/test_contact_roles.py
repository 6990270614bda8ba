"""Roles of contacts: the list, one default per role, whom to turn to; and telephone and mail as links."""

from collections.abc import Callable
from typing import Any

import pytest

from common.service import Service
from common.testing import Client, TestTokens, client_for, published

Make = Callable[..., dict[str, Any]]


def whom(client: Client, customer: dict[str, Any], purpose: str, more: str = "") -> dict[str, Any]:
    answer = client.get(f"/customers/{customer['id']}/contacts/resolve?purpose={purpose}{more}")
    assert answer.status_code == 200, answer.json
    return answer.json


def test_the_newest_claimant_takes_over_a_default_in_one_step(
    staff: Client, service: Service, a_customer: Make
) -> None:
    roles = {"roles": ["buyer", "billing"], "default_for": ["buyer", "billing"]}
    made = a_customer(contacts=[{"name": "Ruth"} | roles])
    base = f"/customers/{made['id']}/contacts"
    tomas = staff.post(base, json={"name": "Tomas", "roles": ["billing"], "default_for": ["billing"]}).json
    assert tomas["default_for"] == ["billing"]
    lost, added = published(service.db)[-2:]
    assert (lost.subject, added.subject) == (made["contacts"][0]["id"], tomas["id"])
    assert lost.data["changes"] == [
        {"path": "default_for", "label": "Default for", "before": ["buyer", "billing"], "after": ["buyer"]}
    ]
    assert {c["name"]: c["default_for"] for c in staff.get(base).json["items"]} == {
        "Ruth": ["buyer"],
        "Tomas": ["billing"],
    }
    back = staff.patch(f"{base}/{made['contacts'][0]['id']}", json={"default_for": ["billing"]}, version=2).json
    assert back["default_for"] == ["billing"]
    assert staff.get(f"{base}/{tomas['id']}").json["default_for"] == []


def test_who_loses_a_role_is_no_longer_its_default(staff: Client, a_customer: Make) -> None:
    made = a_customer(contacts=[{"name": "Ruth", "roles": ["buyer"], "default_for": ["buyer"]}])
    path = f"/customers/{made['id']}/contacts/{made['contacts'][0]['id']}"
    assert made["contacts"][0]["default_for"] == ["buyer"]
    assert staff.patch(path, json={"roles": ["finance"]}, version=1).json["default_for"] == []
    refused = staff.patch(path, json={"default_for": ["finance", "buyer"]}, version=2)
    assert (refused.json["code"], refused.json["errors"][0]["pointer"]) == (
        "customer.default_unsuitable",
        "/default_for/1",
    )


def test_two_contacts_that_come_together_cannot_claim_one_role(staff: Client) -> None:
    claim = {"roles": ["buyer"], "default_for": ["buyer"]}
    answer = staff.post("/customers", json={"name": "A", "contacts": [{"name": "R"} | claim, {"name": "T"} | claim]})
    assert answer.json["errors"][0]["pointer"] == "/contacts/1/default_for"


def test_a_role_that_is_not_in_the_list_is_refused_with_those_that_are(staff: Client, a_customer: Make) -> None:
    made = a_customer()
    answer = staff.post(f"/customers/{made['id']}/contacts", json={"name": "R", "roles": ["buyer", "wizard"]})
    assert (answer.status_code, answer.json["code"]) == (422, "customer.contact_role_unknown")
    assert answer.json["errors"][0]["pointer"] == "/roles/1"
    assert {"buyer", "approver", "finance", "admin", "technical", "decision_maker", "billing"} <= set(
        answer.json["known"]
    )
    nested = staff.post("/customers", json={"name": "A", "contacts": [{"name": "R", "roles": ["wizard"]}]})
    assert nested.json["errors"][0]["pointer"] == "/contacts/0/roles/0"


def test_a_role_goes_only_when_nobody_has_it(staff: Client, a_customer: Make) -> None:
    role = staff.post("/contact-roles", json={"code": "driver", "label": "Driver"}).json
    made = a_customer(contacts=[{"name": "Ruth", "roles": ["driver"]}])
    path = f"/contact-roles/{role['id']}"
    assert staff.delete(path, version=1).json["code"] == "customer.contact_role_in_use"
    contact = made["contacts"][0]["id"]
    staff.patch(f"/customers/{made['id']}/contacts/{contact}", json={"roles": []}, version=1)
    assert staff.patch(path, json={"label": "Drivers"}, version=1).json["label"] == "Drivers"
    assert staff.delete(path, version=2).status_code == 204
    assert staff.get(path).json["code"] == "customer.contact_role_not_found"
    assert staff.post("/contact-roles", json={"code": "buyer", "label": "x"}).json["code"] == (
        "customer.contact_role_taken"
    )


def test_a_purpose_finds_the_default_then_the_only_holder_then_the_primary(staff: Client, a_customer: Make) -> None:
    made = a_customer(
        contacts=[
            {"name": "Ruth", "primary": True},
            {"name": "Tomas", "roles": ["billing", "buyer"], "default_for": ["billing"]},
            {"name": "Ingrid", "roles": ["billing", "technical", "buyer"]},
        ]
    )
    for purpose, name, reason in (
        ("billing", "Tomas", "default_holder"),
        ("technical", "Ingrid", "only_holder"),
        ("buyer", "Ruth", "primary"),
        ("approver", "Ruth", "primary"),
    ):
        found = whom(staff, made, purpose)
        assert (found["contact"]["name"], found["reason"], found["inherited"]) == (name, reason, False)
        assert name in found["explanation"]
        assert found["customer"]["id"] == made["id"]


def test_without_a_primary_the_only_contact_answers_and_else_the_head_office_if_asked(
    staff: Client, a_customer: Make
) -> None:
    head = a_customer(contacts=[{"name": "Ruth", "roles": ["billing"], "phones": [{"number": "1"}]}])
    between = a_customer(parent_id=head["id"])
    branch = a_customer(parent_id=between["id"])
    alone = whom(staff, branch, "billing")
    assert (alone["contact"], alone["reason"], alone["customer"]) == (None, "none", None)
    found = whom(staff, branch, "billing", "&inherit=true")
    assert (found["contact"]["name"], found["reason"], found["inherited"]) == ("Ruth", "only_holder", True)
    assert found["customer"]["id"] == head["id"]
    assert head["name"] in found["explanation"]
    own = staff.post(f"/customers/{branch['id']}/contacts", json={"name": "Elin", "primary": False}).json
    assert own["primary"] is False
    assert whom(staff, branch, "billing", "&inherit=true")["reason"] == "only_contact"
    unknown = staff.get(f"/customers/{branch['id']}/contacts/resolve?purpose=wizard")
    assert (unknown.status_code, unknown.json["code"]) == (422, "customer.contact_role_unknown")
    assert staff.get(f"/customers/{branch['id']}/contacts/resolve").status_code == 422


def test_the_portal_resolves_within_what_it_may_see(service: Service, tokens: TestTokens, a_customer: Make) -> None:
    head = a_customer(contacts=[{"name": "Ruth"}])
    branch = a_customer(parent_id=head["id"])
    grants = {branch["id"]: ["customers.view"]}
    portal = client_for(service, tokens.portal(grants))
    assert whom(portal, branch, "billing", "&inherit=true")["reason"] == "none"
    portal = client_for(service, tokens.portal(grants | {head["id"]: ["customers.view"]}))
    assert whom(portal, branch, "billing", "&inherit=true")["contact"]["name"] == "Ruth"
    assert portal.get("/contact-roles").status_code == 200


@pytest.mark.parametrize(
    ("number", "country", "e164", "extension", "href"),
    [
        ("+44 (0)113 496 0112", "DE", "+441134960112", None, "tel:+44-113-496-0112"),
        ("0113 496 0112", "GB", "+441134960112", None, "tel:+44-113-496-0112"),
        ("(207) 555-0136 ext. 12", "US", "+12075550136", "12", "tel:+1-207-555-0136;ext=12"),
        ("030 1", "DE", None, None, "tel:0301"),
        ("ask for 7 at the desk", "DE", None, None, "tel:7"),
        ("+999 123", "DE", None, None, "tel:+999123"),
    ],
)
def test_a_number_is_a_link_and_stays_as_it_was_written(
    staff: Client, a_customer: Make, number: str, country: str, e164: str, extension: str, href: str
) -> None:
    street = {"line1": "Kai 3", "city": "Kiel", "country": country}
    made = a_customer(contacts=[{"name": "Ruth", "phones": [{"number": number}]}], addresses=[street])
    [phone] = made["contacts"][0]["phones"]
    assert phone == {
        "label": "work",
        "number": number,
        "default": True,
        "e164": e164,
        "extension": extension,
        "href": href,
    }
    assert staff.get(f"/customers/{made['id']}/contacts").json["items"][0]["phones"] == [phone]


def test_what_an_answer_adds_to_a_channel_may_be_sent_back(staff: Client, a_customer: Make) -> None:
    made = a_customer(
        contacts=[{"name": "Ruth", "emails": [{"address": "ruth+1@x.test"}], "phones": [{"number": "1"}]}]
    )
    contact = made["contacts"][0]
    assert contact["emails"][0]["href"] == "mailto:ruth+1@x.test"
    path = f"/customers/{made['id']}/contacts/{contact['id']}"
    answer = staff.patch(path, json={"emails": contact["emails"], "phones": contact["phones"]}, version=1)
    assert (answer.status_code, answer.json["version"]) == (200, 1)
