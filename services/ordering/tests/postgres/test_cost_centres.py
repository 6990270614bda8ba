"""Cost centres: orders name them, limits count by them, their owners approve, and services in use take them over."""

from typing import Any

import pytest
from sqlalchemy import text

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver, published
from ordering.tests import companies
from ordering.tests.conftest import BUYER
from ordering.tests.ordered import Order, came_back, company, dispatched, do, listing, read, reservation, switch
from ordering.tests.told import customer

pytestmark = pytest.mark.postgres

CENTRES = "/cost-centres"


@pytest.fixture
def staff(service: Service, tokens: TestTokens) -> Client:
    """Staff who keeps limits and cost centres, too."""
    return client_for(
        service,
        tokens.staff(("orders.view", "orders.place", "orders.confirm", "listings.view", "purchase_limits.edit")),
    )


def centre(client: Client, customer_id: str, code: str, **fields: Any) -> dict[str, Any]:
    answer = client.post(CENTRES, json={"customer_id": customer_id, "code": code, "name": f"Centre {code}"} | fields)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json
    return made


def draft(client: Client, customer_id: str, *lines: tuple[str, int, str | None], **fields: Any) -> Order:
    """An order of these listings, quantities and cost centres of lines."""
    told = [
        {"listing_id": one, "quantity": many} | ({"cost_centre": code} if code else {}) for one, many, code in lines
    ]
    answer = client.post("/orders", json={"customer_id": customer_id, "lines": told} | fields)
    assert answer.status_code == 201, answer.text
    made: Order = answer.json
    return made


def used(service: Service, limit_id: str) -> int:
    with service.db.transaction() as session:
        statement = text("SELECT coalesce(sum(used), 0) FROM limit_buckets WHERE limit_id = CAST(:id AS uuid)")
        return int(session.execute(statement, {"id": limit_id}).scalar_one())


def test_an_order_and_its_lines_bear_codes_as_the_cost_centres_write_them(service: Service, staff: Client) -> None:
    hq = company(service)
    node = company(service)
    deliver(service, customer(node, "updated", 2, parent_id=hq, number=node[-12:]))
    centre(staff, hq, "4100-IT")
    centre(staff, node, "Sales")
    order = draft(staff, node, (listing(service), 1, None), (listing(service), 1, " SALES "), cost_centre="4100-it")
    placed = do(staff, order, "submission")
    assert (placed["cost_centre"], [line["cost_centre"] for line in placed["lines"]]) == ("4100-IT", [None, "Sales"])
    told = [event for event in published(service.db) if event.subject == order["id"]][-1]
    assert (told.data["cost_centre"], told.data["lines"][1]["cost_centre"]) == ("4100-IT", "Sales")
    again = staff.post(f"/orders/{order['id']}/reorder", json={}).json
    assert (again["cost_centre"], [line["cost_centre"] for line in again["lines"]]) == ("4100-IT", [None, "Sales"])


def test_an_unknown_code_is_refused_with_those_near_by_and_nothing_is_kept(service: Service, staff: Client) -> None:
    who, stranger = company(service), company(service)
    for code in ("4100-IT", "4110-IT", "9000-Board"):
        centre(staff, who, code)
    centre(staff, stranger, "4101-IT")
    gone = centre(staff, who, "4102-IT")
    changed = staff.patch(f"{CENTRES}/{gone['id']}", version=1, json={"active": False})
    assert changed.json["active"] is False
    for code in ("4101-IT", "4102-IT"):
        order = draft(staff, who, (listing(service), 1, None), (listing(service), 1, code))
        refused = do(staff, order, "submission", 422)
        assert refused["code"] == "ordering.cost_centre_unknown"
        assert set(refused["known"][:2]) == {"4100-IT", "4110-IT"}
        assert [error["pointer"] for error in refused["errors"]] == ["/lines/1/cost_centre"]
        assert read(staff, order)["status"] == "draft"
    none = draft(staff, company(service), (listing(service), 1, None), cost_centre="X")
    assert do(staff, none, "submission", 422)["code"] == "ordering.cost_centre_unknown"


def test_a_line_that_a_revision_adds_bears_a_code_that_is_in_use(service: Service, staff: Client) -> None:
    who = company(service)
    centre(staff, who, "Sales")
    placed = do(staff, draft(staff, who, (listing(service), 1, None)), "submission")
    deliver(service, reservation("made", placed, 1))
    waiting = read(staff, placed)
    more = {"listing_id": listing(service), "quantity": 1}
    refused = do(staff, waiting, "revisions", 422, added=[more | {"cost_centre": "Purchasing"}])
    assert (refused["code"], refused["errors"][0]["pointer"]) == (
        "ordering.cost_centre_unknown",
        "/added/0/cost_centre",
    )
    assert len(read(staff, placed)["lines"]) == 1
    grown = do(staff, waiting, "revisions", added=[more | {"cost_centre": "sales"}])
    assert [line["cost_centre"] for line in grown["lines"]] == [None, "Sales"]


def test_a_limit_of_a_cost_centre_counts_its_lines_alone_and_gets_them_back(service: Service, staff: Client) -> None:
    who = company(service)
    for code in ("A", "B"):
        centre(staff, who, code)
    body = {"customer_id": who, "name": "A's", "scope": "cost_centre", "kind": "per_period", "period": "year"}
    body |= {"amount": {"amount": "100.00", "currency": "EUR"}}
    assert staff.post("/purchase-limits", json=body).json["code"] == "ordering.purchase_limit_unsuitable"
    unknown = staff.post("/purchase-limits", json=body | {"cost_centre": "C"})
    assert (unknown.status_code, unknown.json["known"]) == (422, ["A", "B"])
    made = staff.post("/purchase-limits", json=body | {"cost_centre": "a"}).json
    assert made["cost_centre"] == "A"
    whole = companies.limit(service, who)
    one = listing(service, 1_000)
    order = draft(staff, who, (one, 5, None), (listing(service, 1_000), 20, "B"), cost_centre="A")
    order = do(staff, order, "submission")
    assert (used(service, made["id"]), used(service, whole)) == (5_000, 25_000)
    do(staff, draft(staff, who, (one, 6, "A")), "submission", 422)
    do(staff, draft(staff, who, (one, 5, "A")), "submission")
    do(staff, draft(staff, who, (one, 1, "A")), "submission", 422)
    assert (used(service, made["id"]), used(service, whole)) == (10_000, 30_000)
    deliver(service, reservation("made", order, 1))
    order = do(staff, order, "confirmation")
    for news in (reservation("allocated", order, 2), dispatched(order, 5)):
        deliver(service, news)
    deliver(service, came_back("closed", new_id(), 6, (order, 2)))
    assert (used(service, made["id"]), used(service, whole)) == (8_000, 28_000)


def test_the_owner_of_the_order_s_cost_centre_approves_and_another_owner_takes_over(
    service: Service, staff: Client, tokens: TestTokens
) -> None:
    who = company(service)
    ann, bob, eve = (companies.person("approver", contact_id=new_id()) for _ in range(3))
    companies.staffed(service, who, ann, bob, eve)
    tier = {"approvers": [{"kind": "cost_centre_owner", "value": None}], "mode": "any"}
    companies.rule(service, who, tiers=[tier])
    made = centre(staff, who, "A", owner_id=ann["contact_id"])
    centre(staff, who, "B", owner_id=eve["contact_id"])
    buyer = client_for(service, tokens.portal({who: BUYER}))
    order = do(buyer, draft(buyer, who, (listing(service), 1, None), cost_centre="A"), "submission")
    assert order["status"] == "pending_approval"

    def asked() -> set[str]:
        with service.db.transaction() as session:
            statement = text(
                "SELECT account_id::text FROM approval_candidates c JOIN approval_flows f ON f.id = c.flow_id"
                " WHERE f.order_id = CAST(:id AS uuid)"
            )
            return set(session.execute(statement, {"id": order["id"]}).scalars())

    assert asked() == {ann["account_id"]}
    admin = client_for(service, tokens.portal({who: (*BUYER, "purchase_limits.edit")}))
    changed = admin.patch(f"{CENTRES}/{made['id']}", version=1, json={"owner_id": bob["contact_id"]})
    assert changed.status_code == 200, changed.text
    assert asked() == {bob["account_id"]}


def test_a_service_in_use_takes_over_the_cost_centre_of_its_line(service: Service, staff: Client) -> None:
    who = company(service)
    switch(service, who, 2, auto_confirm_orders="on")
    for code in ("A", "B"):
        centre(staff, who, code)
    cleaning = (listing(service, kind="service"), 1, None)
    order = draft(staff, who, cleaning, (listing(service, kind="service"), 1, "B"), cost_centre="A")
    assert do(staff, order, "submission")["status"] == "confirmed"
    with service.db.transaction() as session:
        statement = text("SELECT cost_centre FROM services WHERE order_id = CAST(:id AS uuid) ORDER BY cost_centre")
        assert session.execute(statement, {"id": order["id"]}).scalars().all() == ["A", "B"]


def test_a_company_keeps_its_own_cost_centres_and_sees_no_other_s(
    service: Service, staff: Client, tokens: TestTokens
) -> None:
    who, other = company(service), company(service)
    admin = client_for(service, tokens.portal({who: (*BUYER, "purchase_limits.edit")}))
    buyer = client_for(service, tokens.portal({who: BUYER}))
    mine, theirs = centre(admin, who, "b"), centre(staff, other, "a")
    centre(admin, who, "a")
    body = {"customer_id": who, "code": "B", "name": "Again"}
    assert admin.post(CENTRES, json=body).json["code"] == "ordering.cost_centre_taken"
    assert buyer.post(CENTRES, json=body).status_code == 403
    assert [one["code"] for one in buyer.get(CENTRES).json["items"]] == ["a", "b"]
    assert buyer.get(f"{CENTRES}/{theirs['id']}").json["code"] == "ordering.cost_centre_not_found"
    assert admin.patch(f"{CENTRES}/{mine['id']}", version=7, json={"name": "X"}).status_code == 412
    types = [event.type for event in published(service.db) if event.subject == mine["id"]]
    admin.patch(f"{CENTRES}/{mine['id']}", version=1, json={"name": "Bees"})
    assert types == ["ordering.cost_centre.created.v1"]
