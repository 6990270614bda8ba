"""Edge cases 13, 14 and 15: listings that are withdrawn, goods that come late and too few, and goods that come back."""

from datetime import UTC, datetime, timedelta

from common.testing import Figure, eventually

from .market import FEW, OFTEN, Caller, Market, Record, at_once

DAY = datetime.now(UTC).date() + timedelta(days=60)


# Edge case 13: a listing is withdrawn between cart, submission and approval.


def test_what_is_withdrawn_stops_in_the_cart_at_the_submission_and_at_the_approval(market: Market) -> None:
    gone, stays, customer = market.listing(10), market.listing(10), market.customer()
    ann, buyer = market.person(customer, "approver"), market.person(customer, "buyer")
    market.rule(customer)
    cart = buyer.post("/carts", customer_id=customer)
    for listing in (gone, stays):
        cart = buyer.post(f"/carts/{cart['id']}/lines", listing_id=listing["id"], quantity=2)
    assert [line["available"] for line in cart["lines"]] == [True, True]
    draft = market.draft(buyer, customer, (gone, 2), (stays, 2))
    waiting = market.order(buyer, customer, (gone, 2), (stays, 2))
    market.until(waiting, "pending_approval", reserved=2)

    market.withdraw(gone)

    of_cart = {"customer_id": customer, "cart_id": cart["id"]}
    shown = {line["listing_id"]: line["available"] for line in buyer.get(f"/carts/{cart['id']}")["lines"]}
    assert shown == {gone["id"]: False, stays["id"]: True}
    unavailable = (422, "ordering.lines_unavailable")
    assert buyer.refused("/orders", **of_cart) == unavailable
    assert buyer.refused(f"/orders/{draft['id']}/submission", program=True) == unavailable
    assert len(buyer.get(f"/carts/{cart['id']}")["lines"]) == 2, "what cannot be ordered loses no cart"
    # What was submitted is decided, but goes no further by itself.
    market.decide(ann, waiting)
    held = market.until(waiting, "pending_confirmation")
    assert held["hold_reasons"] == ["delisted"]
    place = f"/orders/{waiting['id']}"
    assert market.staff.refused(f"{place}/confirmation", program=True) == (409, "ordering.on_hold")
    assert market.stock(gone) == (10, 2, 0), "what is held is kept"
    market.staff.post(f"{place}/decline", reason="Withdrawn")
    for listing in (gone, stays):
        market.until_stock(listing, 10, 0, 0)


# Edge case 14: a pre-order's release with less stock than pre-orders; the date slips; the switch goes off midway.


def test_goods_that_are_ordered_ahead_come_late_and_too_few_for_the_oldest_orders(market: Market) -> None:
    ahead = market.listing(preorderable=True, available_from=DAY.isoformat())
    customer = market.customer(allow_preorders="on")
    buyer = market.person(customer, "buyer")
    body = {"sku": ahead["sku"], "warehouse": "MAIN", "quantity": 10, "preorder_quantity": 10}
    supply = market.staff.post("/inbound-supplies", **body, expected_on=DAY.isoformat())["id"]
    first, second = (ordered_ahead(market, buyer, customer, ahead, quantity) for quantity in (6, 4))
    third = market.order(buyer, customer, (ahead, 1))
    assert market.until(third, "rejected")["reason"] == "supply_exhausted"

    # The day slips: within a week nobody is asked; beyond it the buyer is, counted from the day that it knows.
    for days, decision in ((5, None), (12, "open")):
        later = (DAY + timedelta(days=days)).isoformat()
        market.staff.patch(f"/inbound-supplies/{supply}", expected_on=later)
        for order in (first, second):
            line = promised(market, order, later)
            assert (line["date_decision"] and line["date_decision"]["decision"]) == decision
            assert (line["date_decision"] or {}).get("agreed_on", DAY.isoformat()) == DAY.isoformat()
    accepted = [{"line_id": second["lines"][0]["id"], "decision": "accept"}]
    [line] = buyer.post(f"/orders/{second['id']}/date-decisions", lines=accepted)["lines"]
    assert (line["date_decision"]["decision"], line["date_decision"]["agreed_on"]) == ("accepted", later)

    # The switch goes off midway: nothing new and nothing more, and what is promised stays so.
    market.switch(customer, allow_preorders="off")
    late = market.draft(buyer, customer, (ahead, 1))
    assert buyer.refused(f"/orders/{late['id']}/submission") == (403, "ordering.preorders_disabled")
    more = [{"line_id": second["lines"][0]["id"], "quantity": 5}]
    assert buyer.refused(f"/orders/{second['id']}/revisions", lines=more) == (403, "ordering.preorders_disabled")
    market.receive(ahead, 7, supply_id=supply)
    market.until(first, "confirmed", allocated=6, backordered=0)
    market.until(second, "confirmed", allocated=1, backordered=3)
    buyer.post(f"/orders/{first['id']}/cancellation", reason="Too late")
    market.until(first, "cancelled", cancelled=6)
    market.until(second, "confirmed", allocated=4, backordered=0)
    market.ship(second)
    market.until(second, "completed", shipped=4)
    market.until_stock(ahead, 3, 0, 0)


def ordered_ahead(market: Market, buyer: Caller, customer: str, ahead: Record, quantity: int) -> Record:
    order = market.until(market.order(buyer, customer, (ahead, quantity)), "confirmed", backordered=quantity)
    promised(market, order, DAY.isoformat())
    return order


def promised(market: Market, order: Record, day: str) -> Record:
    """The order's line, once it is promised for a day."""

    def told() -> Record | None:
        [line] = market.read(order)["lines"]
        return line if line["promised_on"] == day else None

    return eventually(told, FEW, every=OFTEN)  # type: ignore[return-value]


# Edge case 15: more is returned than was shipped; it is returned twice; a serial number comes back and is sold again.


def returned(shipment: Record, quantity: int, *serials: str) -> Record:
    line = {"shipment_id": shipment["id"], "line_id": shipment["lines"][0]["line_id"], "quantity": quantity}
    return line | {"reason": "not_needed"} | ({"serials": list(serials)} if serials else {})


def take_back(market: Market, made: Record, quantity: int, *serials: str) -> None:
    """Authorizes, counts in, puts on the shelf and closes."""
    line, path = {"return_line_id": made["lines"][0]["id"]}, f"/returns/{made['id']}"
    counted = {"quantity": quantity} | ({"serials": list(serials)} if serials else {})
    outcome = {"quantity": quantity, "condition": "A", "disposition": "restock", "resolution": "credit"}
    market.staff.post(f"{path}/authorization")
    market.staff.post(f"{path}/receipt", lines=[line | counted])
    market.staff.post(f"{path}/inspection", lines=[line | {"outcomes": [outcome]}])
    market.staff.post(f"{path}/closure")


def test_no_more_comes_back_than_was_shipped_however_often_and_by_whomever_it_is_asked_for(
    market: Market, figure: Figure
) -> None:
    goods, customer = market.listing(5), market.customer(warehouse_enabled="on")
    buyer = market.person(customer, "buyer")
    market.own_warehouse(customer)
    order = market.order(buyer, customer, (goods, 5))
    shipment = market.ship(order)
    market.until(order, "completed", shipped=5)
    exceeded = (409, "warehouse.return_exceeds_shipped")

    def refused(quantity: int) -> set[tuple[int, str]]:
        """To the customer, whose own warehouse it would go to, and to staff."""
        lines = [returned(shipment, quantity)]
        return {who.refused("/returns", program=True, lines=lines) for who in (buyer, market.staff)}

    assert refused(6) == {exceeded}

    def ask() -> int:
        body = {"lines": [returned(shipment, 1)], "warehouse": "MAIN"}
        return market.staff.answer("POST", "/returns", body).status_code

    answers = at_once(*[ask] * 8)
    assert sorted(answers) == [201] * 5 + [409] * 3
    assert refused(1) == {exceeded}
    for made in market.staff.items(f"/returns?order_id={order['id']}"):
        take_back(market, made, 1)
    back = market.until(order, "completed", returned=5)
    assert back["return_status"] == "full"
    assert refused(1) == {exceeded}, "it came back before"
    market.until_stock(goods, 5, 0, 0)
    figure("8 returns of 5 shipped at one moment, through the gateway", f"{answers.count(201)} taken")


def test_a_serial_number_comes_back_is_sold_to_another_customer_and_comes_back_from_there(market: Market) -> None:
    goods, customers = market.listing(1), (market.customer(), market.customer())
    shipments = []
    for customer in customers:
        order = market.order(market.staff, customer, (goods, 1))
        line = {"line_id": order["lines"][0]["id"], "quantity": 1, "serials": ["EDGE-SN-1"]}
        shipment = market.ship(order, lines=[line])
        market.until(order, "completed", shipped=1)
        unknown = market.staff.refused("/returns", program=True, lines=[returned(shipment, 1, "EDGE-SN-2")])
        assert unknown == (422, "warehouse.serial_unknown")
        made = market.staff.post("/returns", lines=[returned(shipment, 1, "EDGE-SN-1")])
        assert made["customer_id"] == customer
        take_back(market, made, 1, "EDGE-SN-1")
        market.until(order, "completed", returned=1)
        market.until_stock(goods, 1, 0, 0)
        shipments.append(shipment)
    for shipment in shipments:
        again = market.staff.refused("/returns", program=True, lines=[returned(shipment, 1, "EDGE-SN-1")])
        assert again == (409, "warehouse.return_exceeds_shipped")
