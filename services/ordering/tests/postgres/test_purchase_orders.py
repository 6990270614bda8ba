"""Purchase order numbers at the submission: needed, fitting, free, and drawn down by one order at a time."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from common.errors import Refusal
from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver, published
from ordering.errors.purchase_orders import PoBudgetExceeded
from ordering.tests.conftest import BUYER
from ordering.tests.ordered import Order, company, confirmed, do, draft, listing, reservation
from ordering.tests.told import customer, switches
from ordering.use_cases.orders import submission

pytestmark = pytest.mark.postgres


@pytest.fixture
def finance(service: Service, tokens: TestTokens) -> Client:
    """Somebody of the provider who writes companies' rules down."""
    return client_for(service, tokens.staff(("orders.view", "purchase_limits.edit")))


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def set_rule(finance: Client, customer_id: str, **fields: Any) -> dict[str, Any]:
    answer = finance.post("/po-rules", json={"customer_id": customer_id, "unique": "off"} | fields)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json
    return made


def write_down(finance: Client, customer_id: str, number: str, amount: str, **fields: Any) -> dict[str, Any]:
    body = {"customer_id": customer_id, "number": number, "amount": eur(amount)} | fields
    answer = finance.post("/purchase-orders", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json
    return made


def left(finance: Client, purchase_order: dict[str, Any]) -> str:
    return str(finance.get(f"/purchase-orders/{purchase_order['id']}").json["remaining"]["amount"])


def submit(client: Client, order: Order, status: int = 200) -> Order:
    return do(client, order, "submission", status)


def test_from_an_amount_on_an_order_needs_a_number(service: Service, staff: Client, finance: Client) -> None:
    who = company(service)
    set_rule(finance, who, required_from=eur("30.00"))
    one = listing(service)
    assert submit(staff, draft(staff, who, (one, 2)))["warnings"] == []
    big = draft(staff, who, (one, 3))
    refused = submit(staff, big, 422)
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("ordering.po_number_required", "/po_number")
    changed = staff.patch(f"/orders/{big['id']}", json={"po_number": "4711"}, version=big["version"]).json
    assert submit(staff, changed)["status"] == "pending_confirmation"


def test_a_number_looks_as_the_rule_says(service: Service, staff: Client, finance: Client) -> None:
    who = company(service)
    set_rule(finance, who, mask="PO-####")
    refused = submit(staff, draft(staff, who, (listing(service), 1), po_number="PO-12"), 422)
    assert (refused["code"], refused["mask"]) == ("ordering.po_number_unsuitable", "PO-####")
    assert submit(staff, draft(staff, who, (listing(service), 1), po_number="PO-0012"))["po_number"] == "PO-0012"
    assert submit(staff, draft(staff, who, (listing(service), 1)))["po_number"] is None


def test_the_rule_of_the_nearest_node_counts_and_its_company_is_the_whole_tree(
    service: Service, staff: Client, finance: Client, tokens: TestTokens
) -> None:
    hq = company(service)
    nodes = [new_id(), new_id()]
    for node in nodes:
        deliver(service, customer(node, name="Branch", parent_id=hq))
        deliver(service, switches("customer", node, order_authorization="on", inherit_global_marketplace="on"))
    rule = set_rule(finance, hq, required_from=eur("0.00"), unique="refuse")
    one = listing(service)
    buyer = client_for(service, tokens.portal({nodes[0]: BUYER}))
    assert submit(buyer, draft(buyer, nodes[0], (one, 1)), 422)["code"] == "ordering.po_number_required"
    first = submit(buyer, draft(buyer, nodes[0], (one, 1), po_number="A-1"))
    again = draft(staff, nodes[1], (one, 1), po_number="a-1")
    assert submit(staff, again, 422)["code"] == "ordering.po_number_used"
    set_rule(finance, nodes[1], unique="warn")
    assert submit(staff, again)["warnings"] == [], "the branch's own rule knows the branch alone"
    assert submit(staff, draft(staff, nodes[1], (one, 1), po_number="A-1"))["warnings"] == ["po_number_used"]
    do(buyer, first, "cancellation", reason="x")
    do(staff, again, "cancellation", reason="x")
    other = [one for one in staff.get(f"/orders?customer_id={nodes[1]}").json["items"] if one["status"] != "cancelled"]
    do(staff, other[0], "cancellation", reason="x")
    assert submit(buyer, draft(buyer, nodes[0], (one, 1), po_number="A-1"))["status"] == "pending_confirmation"
    assert finance.delete(f"/po-rules/{rule['id']}", version=rule["version"]).status_code == 204


def test_orders_draw_a_purchase_order_down_and_give_back_what_they_do_not_take(
    service: Service, staff: Client, finance: Client
) -> None:
    who = company(service)
    set_rule(finance, who, unique="refuse")
    purchase_order = write_down(finance, who, "PO-1", "100.00")
    one = listing(service)
    order = submit(staff, draft(staff, who, (one, 6), po_number="po-1"))
    assert left(finance, purchase_order) == "40.00"
    refused = submit(staff, draft(staff, who, (one, 5), po_number="PO-1"), 422)
    assert (refused["code"], refused["remaining"]["amount"]) == ("ordering.po_budget_exceeded", "40.00")
    exact = submit(staff, draft(staff, who, (one, 4), po_number="PO-1"))
    assert left(finance, purchase_order) == "0.00"
    back = do(staff, exact, "withdrawal")
    assert left(finance, purchase_order) == "40.00"
    submit(staff, back)
    do(staff, exact, "cancellation", reason="x")
    lines = [{"line_id": order["lines"][0]["id"], "quantity": 1}]
    do(staff, order, "line-cancellations", lines=lines, reason="x")
    assert left(finance, purchase_order) == "50.00"
    [drawn] = finance.get(f"/purchase-orders/{purchase_order['id']}/drawdowns").json["items"]
    assert (drawn["order_number"], drawn["amount"]["amount"]) == (order["number"], "50.00")


def test_what_is_given_up_of_a_confirmed_order_is_given_back(service: Service, staff: Client, finance: Client) -> None:
    who = company(service)
    purchase_order = write_down(finance, who, "PO-1", "100.00")
    order = confirmed(service, staff, who, (listing(service), 10), po_number="PO-1")
    deliver(service, reservation("allocated", order, 2, {"allocated": 7}))
    assert left(finance, purchase_order) == "30.00"
    asked = do(staff, order, "cancellation", reason="x")
    deliver(service, reservation("released", asked, 3, {"shipped": 2}))
    assert left(finance, purchase_order) == "80.00"


def test_of_two_orders_that_fit_a_purchase_order_alone_and_not_together_one_passes(
    service: Service, staff: Client, finance: Client
) -> None:
    who = company(service)
    purchase_order = write_down(finance, who, "PO-1", "100.00")
    one = listing(service)
    orders = [draft(staff, who, (one, 6), po_number="PO-1") for _ in range(6)]

    def place(order: Order) -> str:
        try:
            service.db.run(lambda session: submission.submit(session, order["id"], {}, {}))
        except Refusal as refused:
            return refused.code
        return "placed"

    with ThreadPoolExecutor(6) as pool:
        ends = sorted(pool.map(place, orders))
    assert ends == [PoBudgetExceeded.code] * 5 + ["placed"]
    assert left(finance, purchase_order) == "40.00"


def test_a_purchase_order_of_the_head_office_serves_its_branches_until_it_is_closed(
    service: Service, staff: Client, finance: Client, tokens: TestTokens
) -> None:
    hq, branch = company(service), new_id()
    deliver(service, customer(branch, name="Branch", parent_id=hq))
    deliver(service, switches("customer", branch, order_authorization="on", inherit_global_marketplace="on"))
    purchase_order = write_down(finance, hq, "PO-1", "100.00")
    buyer = client_for(service, tokens.portal({branch: BUYER}))
    order = submit(buyer, draft(buyer, branch, (listing(service), 6), po_number="PO-1"))
    assert left(finance, purchase_order) == "40.00"
    do(buyer, order, "cancellation", reason="x")
    assert left(finance, purchase_order) == "100.00"
    assert buyer.get(f"/purchase-orders/{purchase_order['id']}").status_code == 404
    path = f"/purchase-orders/{purchase_order['id']}"
    raised = finance.patch(path, json={"amount": eur("10.00")}, version=1).json
    assert (raised["remaining"]["amount"], raised["version"]) == ("10.00", 2)
    assert finance.patch(path, json={"valid_to": "2020-01-01"}, version=1).json["code"] == "ordering.stale"
    assert finance.post(f"{path}/closure", version=2).json["status"] == "closed"
    refused = submit(buyer, draft(buyer, branch, (listing(service), 1), po_number="PO-1"), 422)
    assert refused["code"] == "ordering.po_not_valid"


def test_an_amount_in_another_currency_without_a_rate_draws_nothing(
    service: Service, staff: Client, finance: Client
) -> None:
    who = company(service)
    write_down(finance, who, "PO-1", "100.00")
    refused = submit(staff, draft(staff, who, (listing(service, currency="CHF"), 1), po_number="PO-1"), 422)
    assert (refused["code"], refused["reason"]) == ("ordering.po_budget_exceeded", "no_rate")


def test_rules_and_purchase_orders_are_the_company_s_own_and_told(
    service: Service, finance: Client, tokens: TestTokens
) -> None:
    who = company(service)
    admin = client_for(service, tokens.portal({who: (*BUYER, "purchase_limits.edit")}))
    rule = set_rule(admin, who, mask="PO-####")
    assert admin.post("/po-rules", json={"customer_id": who}).json["code"] == "ordering.po_rule_taken"
    changed = admin.patch(f"/po-rules/{rule['id']}", json={"status": "inactive"}, version=1).json
    assert (changed["status"], changed["version"]) == ("inactive", 2)
    assert admin.get(f"/po-rules?customer_id={who}").json["items"] == [changed]
    empty = admin.patch(f"/po-rules/{rule['id']}", json={"mask": None}, version=2)
    assert (empty.status_code, empty.json["code"]) == (422, "ordering.po_rule_unsuitable")
    made = write_down(admin, who, "PO-9", "5.00")
    francs = {"amount": {"amount": "9.00", "currency": "CHF"}}
    refused = admin.patch(f"/purchase-orders/{made['id']}", json=francs, version=1)
    assert (refused.status_code, refused.json["code"]) == (422, "ordering.purchase_order_unsuitable")
    again = admin.post("/purchase-orders", json={"customer_id": who, "number": "po-9", "amount": eur("1.00")})
    assert again.json["code"] == "ordering.purchase_order_taken"
    other = company(service)
    buyer = client_for(service, tokens.portal({other: (*BUYER, "purchase_limits.edit")}))
    assert buyer.get(f"/po-rules/{rule['id']}").json["code"] == "ordering.po_rule_not_found"
    assert buyer.get(f"/purchase-orders/{made['id']}").json["code"] == "ordering.purchase_order_not_found"
    assert buyer.post("/po-rules", json={"customer_id": who, "mask": "#"}).status_code in {403, 404}
    assert buyer.get("/purchase-orders?number=PO-9").json["items"] == []
    plain = client_for(service, tokens.portal({who: BUYER}))
    assert plain.post("/purchase-orders", json={"customer_id": who}).status_code == 403
    told = [event.type for event in published(service.db) if event.customer_id == who]
    assert told[-3:] == [
        "ordering.po_rule.created.v1",
        "ordering.po_rule.updated.v1",
        "ordering.purchase_order.created.v1",
    ]
