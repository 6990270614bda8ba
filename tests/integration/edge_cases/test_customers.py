"""Edge cases 19 and 20: what is refused to people is refused to programs alike, and what an archive does."""

from typing import Any

from common.testing import Figure, eventually

from .market import FEW, OFTEN, Market

# Edge case 19: every refusal is the same by the portal and by a program with a valid token.


def test_a_program_is_refused_along_the_life_of_an_order_in_the_words_of_the_portal(market: Market) -> None:
    goods, customer = market.listing(20), market.customer(auto_confirm_orders="off", warehouse_enabled="on")
    ann, buyer = market.person(customer, "approver"), market.person(customer, "buyer")
    market.own_warehouse(customer)

    def alike(code: str, path: str, **body: Any) -> None:
        assert buyer.refused(path, program=True, **body)[1] == code

    order = market.draft(buyer, customer, (goods, 5))
    place = f"/orders/{order['id']}"
    limit = market.limit(customer, "49.99")
    alike("ordering.limit_exceeded", f"{place}/submission")
    market.staff.patch(f"/purchase-limits/{limit['id']}", amount={"amount": "50.00", "currency": "EUR"})
    market.price(goods, "20.00")
    alike("ordering.price_changed", f"{place}/submission")
    market.price(goods, "10.00")
    alike("ordering.revision_changed", f"{place}/submission", revision=9)
    market.rule(customer)
    buyer.post(f"{place}/submission")
    alike("ordering.order_status", f"{place}/submission")
    market.decide(ann, order)
    market.confirm(order)
    line = order["lines"][0]["id"]
    shipment = market.ship(order, lines=[{"line_id": line, "quantity": 2}])
    market.until(order, "confirmed", shipped=2)
    gone = [{"shipment_id": shipment["id"], "line_id": line, "quantity": 3, "reason": "not_needed"}]
    alike("warehouse.return_exceeds_shipped", "/returns", lines=gone)
    given_up = [{"line_id": line, "quantity": 4}]
    alike("ordering.line_unsuitable", f"{place}/line-cancellations", lines=given_up, reason="x")
    alike("ordering.order_status", f"{place}/withdrawal")
    market.staff.post(f"{place}/cancellation", reason="The rest is not needed")
    market.until(order, "completed", cancelled=3)
    alike("ordering.order_status", f"{place}/cancellation", reason="x")
    alike("ordering.cart_not_found", f"/carts/{order['id']}/lines", listing_id=goods["id"], quantity=1)
    again = market.draft(buyer, customer, (goods, 1))
    market.withdraw(goods)
    alike("ordering.lines_unavailable", f"/orders/{again['id']}/submission")


# Edge case 20: an archived customer: logins dead at once, open orders listed for a decision, a restore brings back.


def test_an_archive_ends_logins_at_once_lists_open_orders_and_a_restore_brings_both_back(
    market: Market, figure: Figure
) -> None:
    goods, customer = market.listing(50), market.customer(auto_confirm_orders="off")
    ann, buyer = market.person(customer, "approver"), market.person(customer, "buyer")
    leaver = market.person(customer, "buyer")
    market.staff.patch(f"/customers/{customer}/users/{leaver.account_id}", status="disabled")
    draft = market.draft(buyer, customer, (goods, 1))
    pending, confirmed = (market.order(buyer, customer, (goods, 2)) for _ in range(2))
    market.confirm(confirmed)
    market.until(confirmed, "confirmed", allocated=2)
    market.rule(customer)
    waiting = market.order(buyer, customer, (goods, 3))
    market.until(waiting, "pending_approval", reserved=3)

    archived = f"/customers/{customer}/archival"
    market.staff.post(archived, heard_by=("identity", "ordering", "warehouse"), reason="Closed for good")

    for who in (ann, buyer):
        eventually(lambda who=who: who.answer("GET", "/orders").status_code == 401, 5)
        assert market.sign_in(who.username).status_code == 401

    def listed() -> set[str]:
        asked = f"/orders?customer_status=archived&open=true&customer_id={customer}"
        return {one["id"] for one in market.staff.items(asked)}

    assert listed() == {one["id"] for one in (draft, pending, confirmed, waiting)}
    new = {"customer_id": customer, "lines": [{"listing_id": goods["id"], "quantity": 1}]}
    for path, body in (("/orders", new), (f"/orders/{draft['id']}/submission", {})):
        assert market.staff.refused(path, program=True, **body) == (409, "ordering.customer_archived")
    market.staff.post(f"/orders/{confirmed['id']}/cancellation", reason="Closed for good")
    market.until(confirmed, "cancelled", cancelled=2)
    eventually(lambda: listed() == {one["id"] for one in (draft, pending, waiting)}, FEW, every=OFTEN)
    market.until_stock(goods, 50, 5, 0)

    restored = f"/customers/{customer}/restoration"
    market.staff.post(restored, heard_by=("identity", "ordering", "warehouse"))

    assert listed() == set()
    for who in (ann, buyer):
        assert who.answer("GET", "/orders").status_code == 401, "a session does not come back"
        eventually(lambda who=who: market.sign_in(who.username).status_code == 201, FEW)
    assert market.sign_in(leaver.username).status_code == 401, "who was disabled before stays so"
    ann, buyer = (market.signed_in(who.username, who.account_id) for who in (ann, buyer))
    assert buyer.post(f"/orders/{draft['id']}/submission")["status"] == "pending_approval"
    for order in (draft, waiting):
        market.decide(ann, order)
    for order in (draft, waiting, pending):
        market.confirm(order)
        market.until(order, "confirmed")
        market.ship(order)
        market.until(order, "completed")
    market.until_stock(goods, 44, 0, 0)
    figure("open orders of an archived customer", "4 of 4 listed; 1 cancelled, 3 completed after the restore")
