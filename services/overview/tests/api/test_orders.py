"""Orders and shipments of a customer: in the document, found by their numbers, and what they say of its supply."""

import json
from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for
from overview.tests import events
from overview.tests.delivery import deliver
from overview.tests.told import CONTRACTS, told


def line(quantity: int, *, shipped: int = 0, cancelled: int = 0) -> dict[str, Any]:
    example = CONTRACTS.event_folder("ordering.order.confirmed.v1") / "examples" / "usual.json"
    first = json.loads(example.read_text())["data"]["lines"][0]
    return {**first, "quantity": quantity, "quantity_shipped": shipped, "quantity_cancelled": cancelled}


@pytest.fixture
def seller(service: Service, tokens: TestTokens) -> Client:
    return client_for(service, tokens.staff(["customers.view", "orders.view"]))


@pytest.fixture
def customer(service: Service) -> str:
    id_ = new_id()
    deliver(service, events.customer(id_, name="Alder"))
    return id_


def facet(client: Client, name: str, query: str = "") -> dict[str, Any]:
    found = client.get(f"/customers/facets?facets={name}{query}").json["facets"][name]
    return {one["value"]: one["count"] for one in found}


def test_an_order_makes_lines_to_deliver_and_its_shipment_a_delivered_customer(
    service: Service, seller: Client, customer: str
) -> None:
    order = new_id()
    state = {"number": "O-000077", "po_number": "PO 4711", "status": "confirmed"}
    deliver(service, told("ordering.order.confirmed.v1", customer, order, 3, **state, lines=[line(12), line(3)]))
    assert facet(seller, "supply") == {"not_delivered": 1}
    assert facet(seller, "to_deliver") == {"yes": 1}
    shipped = [line(12, shipped=12), line(3, cancelled=3)]
    deliver(
        service,
        told("ordering.order.completed.v1", customer, order, 4, **state | {"status": "completed"}, lines=shipped),
    )
    for query in ("", "&filter=kind:business"):
        assert facet(seller, "supply", query) == {"delivered": 1}
        assert facet(seller, "to_deliver", query) == {}
    assert [one["supply"] for one in seller.get("/customers?filter=supply:delivered").json["items"]] == ["delivered"]
    shown = seller.get(f"/customers/{customer}/overview").json["orders"]
    assert [(one["number"], one["line_count"], one["shipped"], one["to_deliver"]) for one in shown] == [
        ("O-000077", 2, 12, 0)
    ]


def test_groups_count_their_delivered_customers_and_those_who_wait(
    service: Service, seller: Client, tokens: TestTokens
) -> None:
    group, empty = new_id(), new_id()
    served, waiting, idle, archived = (new_id() for _ in range(4))
    for id_ in (served, waiting, idle):
        deliver(service, events.customer(id_, name=id_[:8], group_id=group))
    deliver(service, events.customer(archived, name="Gone", group_id=group, status="archived"))
    for id_, lines in ((served, [line(2, shipped=2)]), (archived, [line(2, shipped=2)]), (waiting, [line(3)])):
        deliver(service, told("ordering.order.confirmed.v1", id_, new_id(), 3, status="confirmed", lines=lines))

    found = seller.get("/customer-groups/counts", query_string={"group_id": [group, empty]}).json["items"]

    full = {"group_id": group, "members": 3, "delivered": 1, "not_delivered": 2, "to_deliver": 1}
    assert found == [full, {"group_id": empty, "members": 0, "delivered": 0, "not_delivered": 0, "to_deliver": 0}]
    assert seller.get("/customer-groups/counts").json["items"] == [full]
    buyer = client_for(service, tokens.portal({served: ["customers.view", "orders.view"]}))
    assert buyer.get("/customer-groups/counts").status_code == 403


def test_quotes_stand_among_the_documents(service: Service, customer: str, tokens: TestTokens) -> None:
    deliver(service, events.scope("customer", customer, values={"billing_enabled": "on"}))
    deliver(service, told("ordering.quote.sent.v1", customer, new_id(), 2, number="Q-000009", status="sent"))
    held = ["customers.view", "documents.view", "orders.view"]
    for who in (tokens.staff(held), tokens.portal({customer: held})):
        shown = client_for(service, who).get(f"/customers/{customer}/overview").json["documents"]
        assert [quote["number"] for quote in shown["quotes"]] == ["Q-000009"]
        assert shown["invoices"] == []


@pytest.mark.parametrize("words", ["O-000077", "4711", "SE-88120", "S-000007"])
def test_a_customer_is_found_by_the_numbers_of_its_orders_and_parcels(
    service: Service, seller: Client, customer: str, words: str
) -> None:
    order = told("ordering.order.placed.v1", customer, new_id(), 2, number="O-000077", po_number="PO 4711")
    deliver(service, [order, told("warehouse.shipment.dispatched.v1", customer, new_id(), 2)])
    assert [one["id"] for one in seller.get("/customers", query_string={"q": words}).json["items"]] == [customer]


def test_the_company_reads_its_own_orders_and_nobody_else_does(
    service: Service, customer: str, tokens: TestTokens
) -> None:
    deliver(service, told("ordering.order.placed.v1", customer, new_id(), 2, number="O-000077"))
    company = client_for(service, tokens.portal({customer: ["customers.view", "orders.view"]}))
    other = client_for(service, tokens.portal({new_id(): ["customers.view", "orders.view"]}))
    assert [one["number"] for one in company.get(f"/customers/{customer}/overview").json["orders"]] == ["O-000077"]
    entries = company.get(f"/customers/{customer}/timeline").json["items"]
    assert "O-000077" in {one["subject"]["label"] for one in entries}
    assert other.get(f"/customers/{customer}/overview").status_code == 404


def test_staff_without_the_permission_see_no_orders(service: Service, staff: Client, customer: str) -> None:
    deliver(service, told("ordering.order.placed.v1", customer, new_id(), 2, number="O-000077"))
    document = staff.get(f"/customers/{customer}/overview").json
    assert (document["orders"], document["hidden_because"]["orders"]) == (None, "missing_permission")
    assert {one["kind"] for one in staff.get(f"/customers/{customer}/timeline").json["items"]} == {"customer"}


def test_what_a_parcel_cost_is_told_to_nobody(service: Service, seller: Client, customer: str) -> None:
    deliver(service, told("warehouse.shipment.dispatched.v1", customer, new_id(), 2))
    for path in ("overview", "timeline"):
        assert "312.00" not in seller.get(f"/customers/{customer}/{path}").text
