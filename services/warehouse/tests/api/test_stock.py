"""Stock over HTTP: receipts, adjustments, what they cost, and who sees what."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from common.service import Service
from common.testing import Client, TestTokens, client_for, published
from warehouse.tests.told import Order

pytestmark = pytest.mark.postgres


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def adjust(staff: Client, sku: str, *, warehouse: str = "MAIN", reason: str = "Water damage", **line: int) -> Any:
    body = {"warehouse": warehouse, "reason": reason, "lines": [{"sku": sku} | line]}
    return staff.post("/stock/adjustments", json=body)


def test_a_receipt_raises_stock_and_leaves_a_movement(receive: Any, staff: Client, sku: str, service: Service) -> None:
    balance = receive(sku, 12, unit_cost=euros("2.50"))
    assert (balance["on_hand"], balance["available"], balance["average_cost"]) == (12, 12, euros("2.50"))
    [movement] = staff.get(f"/stock/movements?sku={sku}").json["items"]
    assert (movement["kind"], movement["quantity"], movement["unit_cost"]) == ("receipt", 12, euros("2.50"))
    told = published(service.db, "warehouse.stock.received.v1")[-1]
    assert (told.subject, told.version, told.data["change"]) == (balance["id"], 1, 12)


def test_the_average_cost_follows_receipts_and_nothing_else(
    receive: Any, staff: Client, sku: str, rows: Callable[..., Any]
) -> None:
    receive(sku, 10, unit_cost=euros("2.00"))
    receive(sku, 20, unit_cost=euros("2.51"))
    receive(sku, 5)
    assert adjust(staff, sku, change=-7).status_code == 201
    assert adjust(staff, sku, change=3).status_code == 201
    [row] = rows("SELECT on_hand, average_cost_minor FROM stock_balances WHERE sku = :sku", sku=sku)
    assert (row["on_hand"], str(row["average_cost_minor"])) == (31, "234.000000")


def test_the_average_rounds_half_up_at_six_decimals(receive: Any, sku: str, rows: Callable[..., Any]) -> None:
    receive(sku, 1, unit_cost=euros("1.00"))
    receive(sku, 2, unit_cost=euros("1.01"))
    [row] = rows("SELECT average_cost_minor FROM stock_balances WHERE sku = :sku", sku=sku)
    assert str(row["average_cost_minor"]) == "100.666667"


def test_a_cost_in_another_currency_is_refused(receive: Any, staff: Client, sku: str) -> None:
    receive(sku, 1, unit_cost=euros("1.00"))
    line = {"sku": sku, "quantity": 1, "unit_cost": {"amount": "1.00", "currency": "CHF"}}
    answer = staff.post("/stock/receipts", json={"warehouse": "MAIN", "lines": [line]})
    assert (answer.status_code, answer.json["code"]) == (409, "warehouse.currency_differs")
    assert answer.json["errors"][0]["pointer"] == "/lines/0/unit_cost/currency"
    line["unit_cost"] = {"amount": "1.001", "currency": "EUR"}
    answer = staff.post("/stock/receipts", json={"warehouse": "MAIN", "lines": [line]})
    assert (answer.status_code, answer.json["code"]) == (422, "warehouse.money_invalid")


def test_costs_are_for_who_may_see_them(receive: Any, service: Service, tokens: TestTokens, sku: str) -> None:
    receive(sku, 1, unit_cost=euros("1.00"))
    client = client_for(service, tokens.staff(["stock.view"]))
    assert [item["average_cost"] for item in client.get(f"/stock?sku={sku}").json["items"]] == [None]
    assert [item["unit_cost"] for item in client.get(f"/stock/movements?sku={sku}").json["items"]] == [None]


def test_stock_found_below_what_is_allocated_is_a_fact_that_the_youngest_order_feels(
    receive: Any, staff: Client, tell: Any, promised: Any, service: Service, sku: str, customer_id: str
) -> None:
    receive(sku, 10)
    older, younger = Order(customer_id, [(sku, 6)]), Order(customer_id, [(sku, 4)])
    tell(older.tell("placed"), older.tell("confirmed"))
    tell(younger.tell("placed"), younger.tell("confirmed"))
    answer = adjust(staff, sku, change=-5)
    assert answer.status_code == 201
    assert answer.json["balances"][0]["available"] == -5
    assert promised(younger.id)["lines"][0]["at_risk"] == 4
    assert promised(older.id)["lines"][0]["at_risk"] == 1
    told = published(service.db, "warehouse.stock.adjusted.v1")[-1].data
    assert (told["change"], told["reason"], told["shortfall"]["quantity"]) == (-5, "Water damage", 5)
    assert [(risk["order_id"], risk["quantity"]) for risk in told["shortfall"]["at_risk"]] == [
        (younger.id, 4),
        (older.id, 1),
    ]
    receive(sku, 5)
    assert [promised(order.id)["lines"][0]["at_risk"] for order in (older, younger)] == [0, 0]


def test_a_count_sets_what_is_on_hand(receive: Any, staff: Client, service: Service, sku: str) -> None:
    receive(sku, 10)
    answer = adjust(staff, sku, reason="Yearly count", on_hand=8)
    assert answer.json["balances"][0]["on_hand"] == 8
    assert published(service.db, "warehouse.stock.counted.v1")[-1].data["change"] == -2


def test_more_than_is_on_hand_cannot_be_taken_away(receive: Any, staff: Client, sku: str) -> None:
    receive(sku, 2)
    answer = adjust(staff, sku, change=-3)
    assert (answer.status_code, answer.json["code"]) == (409, "warehouse.not_on_hand")


def test_an_adjustment_says_why_and_what(main: Any, staff: Client, sku: str) -> None:
    body = {"warehouse": "MAIN", "lines": [{"sku": sku, "change": 1, "on_hand": 1}]}
    answer = staff.post("/stock/adjustments", json=body)
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json["errors"]} == {"/reason", "/lines/0/change"}


def test_the_safety_stock_is_promised_to_nobody_until_it_is_lowered(
    receive: Any, staff: Client, tell: Any, promised: Any, sku: str, customer_id: str
) -> None:
    balance = receive(sku, 10)
    kept = staff.patch(f"/stock/{balance['id']}", json={"safety_stock": 4})
    assert (kept.status_code, kept.json["available"]) == (200, 6)
    order = Order(customer_id, [(sku, 8)], backorder=True)
    tell(order.tell("placed"), order.tell("confirmed"))
    assert promised(order.id)["lines"][0]["backordered"] == 2
    assert staff.patch(f"/stock/{balance['id']}", json={"safety_stock": 1}).json["allocated"] == 8
    assert promised(order.id)["lines"][0]["backordered"] == 0
    missing = staff.patch(f"/stock/{customer_id}", json={"safety_stock": 1})
    assert (missing.status_code, missing.json["code"]) == (404, "warehouse.stock_not_found")


def test_a_list_is_narrowed_and_paged(receive: Any, staff: Client, sku: str) -> None:
    for number in range(3):
        receive(f"{sku}-{number}", 1)
    first = staff.get(f"/stock?q={sku}&warehouse=MAIN&limit=2").json
    assert [item["sku"] for item in first["items"]] == [f"{sku}-0", f"{sku}-1"]
    rest = staff.get(f"/stock?q={sku}&warehouse=MAIN&limit=2&cursor={first['next_cursor']}").json
    assert [item["sku"] for item in rest["items"]] == [f"{sku}-2"]
    assert staff.get(f"/stock?q={sku}&warehouse=NOWHERE").json["items"] == []


def test_movements_can_neither_be_changed_nor_removed(receive: Any, sku: str, service: Service) -> None:
    receive(sku, 1)
    for statement in ("UPDATE stock_movements SET quantity = 2", "DELETE FROM stock_movements"):
        with pytest.raises(DBAPIError, match="only ever added"), service.db.transaction() as session:
            session.execute(text(statement))


def test_the_database_itself_refuses_to_promise_more_than_there_is(receive: Any, sku: str, service: Service) -> None:
    receive(sku, 1)
    with pytest.raises(IntegrityError, match="more is promised"), service.db.transaction() as session:
        session.execute(text("UPDATE stock_balances SET reserved = 2 WHERE sku = :sku"), {"sku": sku})


def test_who_has_no_warehouse_of_its_own_sees_yes_or_no(
    receive: Any, portal: Client, switch: Any, sku: str, customer_id: str, other_id: str
) -> None:
    receive(sku, 7)
    switch(customer_id, "off")
    refused = portal.get("/stock")
    assert (refused.status_code, refused.json["code"]) == (403, "warehouse.warehouse_disabled")
    for path in ("/stock/movements", "/warehouses", f"/warehouses/{other_id}"):
        assert portal.get(path).json["code"] == "warehouse.warehouse_disabled"
    shown = portal.get(f"/stock/availability?customer_id={customer_id}&sku={sku}&sku=NONE").json["items"]
    assert shown == [
        {"sku": sku, "is_available": True, "available": None, "warehouses": None, "next_supply": None},
        {"sku": "NONE", "is_available": False, "available": None, "warehouses": None, "next_supply": None},
    ]
    foreign = portal.get(f"/stock/availability?customer_id={other_id}&sku={sku}").json["items"]
    assert [item["is_available"] for item in foreign] == [False]


def test_a_customer_sees_its_own_warehouse_and_nobody_else_s_cost(
    receive: Any, place: Any, portal: Client, stranger: Client, switch: Any, sku: str, customer_id: str, other_id: str
) -> None:
    own = place(customer_id=customer_id)
    receive(sku, 7)
    receive(sku, 3, warehouse=own["code"], unit_cost=euros("4.00"))
    switch(customer_id, "on")
    switch(other_id, "on")
    [item] = portal.get(f"/stock?sku={sku}").json["items"]
    assert (item["on_hand"], item["average_cost"], item["warehouse"]["code"]) == (3, None, own["code"])
    assert [one["id"] for one in portal.get("/warehouses").json["items"]] == [own["id"]]
    [shown] = portal.get(f"/stock/availability?customer_id={customer_id}&sku={sku}").json["items"]
    assert (shown["available"], len(shown["warehouses"])) == (10, 2)
    assert stranger.get(f"/stock?sku={sku}").json["items"] == []
    assert stranger.get(f"/stock/movements?sku={sku}").json["items"] == []
    assert stranger.get(f"/warehouses/{own['id']}").status_code == 404


def test_of_several_customers_only_those_with_the_switch_show_their_warehouse(
    receive: Any, place: Any, service: Service, tokens: TestTokens, switch: Any, sku: str
) -> None:
    shown, hidden = (f"0195556a-0000-7000-8000-0000000000f{number}" for number in (1, 2))
    for customer_id, value in ((shown, "on"), (hidden, "off")):
        receive(sku, 3, warehouse=place(customer_id=customer_id)["code"])
        switch(customer_id, value)
    client = client_for(service, tokens.portal({shown: ["stock.view"], hidden: ["stock.view"]}))
    assert len(client.get(f"/stock?sku={sku}").json["items"]) == 1
    assert len(client.get(f"/stock/movements?sku={sku}").json["items"]) == 1
    assert [one["customer_id"] for one in client.get("/warehouses").json["items"]] == [shown]


def test_a_portal_user_cannot_change_stock(portal: Client, sku: str) -> None:
    answer = portal.post("/stock/receipts", json={"warehouse": "MAIN", "lines": [{"sku": sku, "quantity": 1}]})
    assert (answer.status_code, answer.json["code"]) == (403, "staff_only")


def test_nothing_has_drifted(receive: Any, staff: Client, sku: str) -> None:
    receive(sku, 3)
    assert staff.get("/operations/stock-drift").json == {"items": []}
