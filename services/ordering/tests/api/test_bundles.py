"""Bundles: put together for roles and departments, ordered for a person, and what departments use of it."""

from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver, published
from ordering.tests.conftest import BUYER
from ordering.tests.ordered import company, do, listing, set_components
from ordering.tests.told import CONTRACTS, customer

pytestmark = pytest.mark.postgres

ADMIN = (*BUYER, "bundles.edit")
RENT = [{"kind": "recurring", "name": "Rent", "quantity": 1, "period": "month"}]
Bundle = dict[str, Any]


class Place:
    """A company with a branch, and its people."""

    def __init__(self, service: Service, tokens: TestTokens) -> None:
        self.service, self.tokens = service, tokens
        self.customer_id, self.branch_id = company(service), new_id()
        deliver(service, customer(self.branch_id, parent_id=self.customer_id, name="Branch"))
        self.admin = self.portal(ADMIN)
        self.phone = listing(service, 1000, kind="service")
        self.desk = listing(service, 2500, kind="service")
        set_components(service, self.phone, RENT)

    def portal(self, codes: tuple[str, ...], customer_id: str | None = None) -> Client:
        return client_for(self.service, self.tokens.portal({customer_id or self.customer_id: codes}))

    def bundle(self, client: Client | None = None, **fields: Any) -> Bundle:
        lines = [{"listing_id": self.phone, "quantity": 1}, {"listing_id": self.desk, "quantity": 2}]
        body = {"name": f"Workplace {new_id()}", "customer_id": self.customer_id, "lines": lines} | fields
        answer = (client or self.admin).post("/bundles", json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json)


@pytest.fixture
def place(service: Service, tokens: TestTokens) -> Place:
    return Place(service, tokens)


def test_a_company_puts_together_changes_and_deletes_its_bundles(place: Place) -> None:
    made = place.bundle(for_role="Engineer", for_org_unit="Workshop")
    path = f"/bundles/{made['id']}"
    assert (made["version"], made["for_role"], len(made["lines"])) == (1, "Engineer", 2)
    shown = place.admin.get(path).json
    assert [line["unit_price"]["amount"] for line in shown["lines"]] == ["10.00", "25.00"]
    changed = place.admin.patch(path, json={"for_role": None}, version=1).json
    assert (changed["for_role"], changed["version"]) == (None, 2)
    taken = place.admin.post("/bundles", json={k: made[k] for k in ("name", "customer_id", "lines")})
    assert taken.json["code"] == "ordering.bundle_taken"
    other = place.bundle()
    renamed = place.admin.patch(f"/bundles/{other['id']}", json={"name": made["name"]}, version=1)
    assert renamed.json["code"] == "ordering.bundle_taken"
    assert place.admin.delete(path, version=1).status_code == 412
    assert place.admin.delete(path, version=2).status_code == 204
    assert place.admin.get(path).json["code"] == "ordering.bundle_not_found"
    told = [event for event in published(place.service.db) if event.type.startswith("ordering.bundle.")]
    for event in told:
        CONTRACTS.check(event.type, event.data)
    assert {event.type.split(".")[2] for event in told} == {"created", "updated", "deleted"}


def test_a_role_and_a_department_find_what_is_theirs_and_what_is_everybody_s(place: Place, staff: Client) -> None:
    engineer, driver = place.bundle(for_role="Engineer"), place.bundle(for_role="Driver")
    workshop, everybody = place.bundle(for_org_unit="Workshop"), place.bundle()
    provider = place.bundle(staff, customer_id=None)

    def found(question: str) -> set[str]:
        return {item["id"] for item in place.admin.get(f"/bundles?limit=200{question}").json["items"]}

    made = {one["id"] for one in (engineer, driver, workshop, everybody, provider)}
    assert found("") & made == made
    assert found("&for_role=Engineer") & made == made - {driver["id"]}
    assert found("&for_role=Driver&for_org_unit=Sales") & made == {driver["id"], everybody["id"], provider["id"]}


def test_a_bundle_holds_for_branches_and_nobody_else_changes_it(
    place: Place, tokens: TestTokens, staff: Client
) -> None:
    made = place.bundle()
    path = f"/bundles/{made['id']}"
    branch = place.portal(ADMIN, place.branch_id)
    stranger = place.portal(ADMIN, company(place.service))
    assert branch.get(path).status_code == 200
    assert stranger.get(path).status_code == 404
    for other in (branch, stranger):
        assert other.patch(path, json={"name": "Mine"}, version=1).json["code"] == "ordering.bundle_not_found"
        assert other.delete(path, version=1).json["code"] == "ordering.bundle_not_found"
        assert other.post("/bundles", json={"name": "X", "lines": made["lines"][:1]}).status_code in {404, 422}
    assert place.portal(BUYER).patch(path, json={"name": "X"}, version=1).json["code"] == "permission_missing"
    provider = place.bundle(staff, customer_id=None)
    assert place.admin.patch(f"/bundles/{provider['id']}", json={"name": "X"}, version=1).status_code == 404
    order = branch.post(f"{path}/orders", json={"customer_id": place.branch_id})
    assert order.status_code == 201, order.text
    theirs = stranger.post(f"{path}/orders", json={"customer_id": place.customer_id})
    assert theirs.json["code"] == "customer.not_found"


def test_only_what_the_company_sees_lies_in_its_bundles(place: Place) -> None:
    hidden = listing(place.service, audience="explicit")
    lines = [{"listing_id": hidden, "quantity": 1}]
    body = {"name": "X", "customer_id": place.customer_id, "lines": lines}
    refused = place.admin.post("/bundles", json=body)
    assert (refused.json["code"], refused.json["errors"][0]["pointer"]) == (
        "ordering.lines_unavailable",
        "/lines/0/listing_id",
    )


def test_what_is_ordered_for_a_person_is_theirs_and_counts_for_their_department(place: Place, staff: Client) -> None:
    made = place.bundle()
    centre = {"customer_id": place.customer_id, "code": "4711", "name": "Workshop"}
    keeper = place.portal((*ADMIN, "purchase_limits.edit"))
    assert keeper.post("/cost-centres", json=centre).status_code == 201
    unit, person = {"id": new_id(), "label": "Workshop"}, {"id": new_id(), "label": "Ada Bell"}
    body = {"customer_id": place.customer_id, "times": 2, "org_unit": unit, "person": person, "cost_centre": "4711"}
    answer = place.portal(BUYER).post(f"/bundles/{made['id']}/orders", json=body)
    assert answer.status_code == 201, answer.text
    order = answer.json
    assert [line["quantity"] for line in order["lines"]] == [2, 4]
    assert order["assignment"] == {"org_unit": unit, "person": person}
    assert order["cost_centre"] == "4711"
    do(place.admin, order, "submission")
    do(staff, order, "confirmation")
    do(staff, order, "provisions", lines=[{"line_id": line["id"]} for line in order["lines"]])
    for question in (f"org_unit_id={unit['id']}", f"person_id={person['id']}", "cost_centre=4711"):
        found = place.admin.get(f"/customers/{place.customer_id}/services?{question}").json["items"]
        assert {one["quantity"] for one in found} == {2, 4}, question
        assert {one["person"]["label"] for one in found} == {"Ada Bell"}
    path = f"/customers/{place.customer_id}/services/by-department"
    [department] = place.admin.get(path).json["departments"]
    assert department == {
        "org_unit": unit,
        "services": 2,
        "quantity": 6,
        "people": 1,
        "recurring": [{"period": "month", "charge": {"amount": "20.00", "currency": "EUR"}}],
    }
    assert "recurring" not in place.portal(("orders.view",)).get(path).json["departments"][0]
    assert place.portal(BUYER, company(place.service)).get(path).json["code"] == "customer.not_found"


def test_what_is_for_no_department_is_counted_apart(place: Place, staff: Client) -> None:
    made = place.bundle()
    for unit in ({"org_unit": {"id": new_id(), "label": "Sales"}}, {}):
        body = {"customer_id": place.customer_id} | unit
        order = place.admin.post(f"/bundles/{made['id']}/orders", json=body).json
        do(place.admin, order, "submission")
        do(staff, order, "confirmation")
        do(staff, order, "provisions", lines=[{"line_id": line["id"]} for line in order["lines"]])
    found = place.admin.get(f"/customers/{place.customer_id}/services/by-department").json["departments"]
    assert [one["org_unit"] and one["org_unit"]["label"] for one in found] == ["Sales", None]
    assert [one["services"] for one in found] == [2, 2]
