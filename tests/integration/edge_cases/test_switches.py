"""Edge cases 5 and 6: what the nine switches do to open orders, and who of a company decides them."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlalchemy import text

from common.testing import Figure
from ordering.tests.switch_table import CELLS
from ordering.tests.switch_table import USUAL as EVERY_STATUS
from ordering.use_cases.orders import endings
from portal_switches import KEYS

from .market import Caller, Market, Record

Result = TypeVar("Result")

ALL_ON = dict.fromkeys(KEYS, "on")
AHEAD = (datetime.now(UTC).date() + timedelta(days=90)).isoformat()
# What the company sells to itself needs nobody's word, so that the provider's gate decides.
INTERNAL = {"kind": "internal", "audience": "tree", "confirmation": "automatic"}

# `cancelling` is only a moment where messages really travel.
USUAL = {status: then for status, then in EVERY_STATUS.items() if status != "cancelling"}


class Case:
    """A customer with one order at each status, of goods, of goods ahead of their day, and of an internal listing."""

    def __init__(self, market: Market, key: str, goods: Record, ahead: Record) -> None:
        self.market, self.key, self.goods, self.ahead = market, key, goods, ahead
        self.id = market.customer(**ALL_ON)
        self.buyer, self.approver = market.person(self.id, "buyer"), market.person(self.id, "approver")
        self.internal = market.listing(owner_id=self.id, **INTERNAL)
        self.orders: dict[str, Record] = {}

    def draft(self) -> Record:
        return self.market.draft(self.buyer, self.id, (self.goods, 2), (self.ahead, 1), (self.internal, 1))

    def submit(self, status: str) -> None:
        self.orders[status] = self.buyer.post(f"/orders/{self.draft()['id']}/submission")

    def confirm_two(self) -> None:
        for status in ("confirmed", "completed"):
            self.submit(status)
        for status in ("confirmed", "completed"):
            self.market.until(self.orders[status], "confirmed")

    def end_four_and_leave_the_rest(self) -> None:
        self.deliver("completed")
        self.market.switch(self.id, auto_confirm_orders="off")
        for status in ("pending_confirmation", "rejected", "expired"):
            self.submit(status)
        rejected, cancelled = self.orders["rejected"], self.draft()
        self.orders["rejected"] = self.market.staff.post(f"/orders/{rejected['id']}/decline", reason="x")
        self.orders["cancelled"] = self.buyer.post(f"/orders/{cancelled['id']}/cancellation", reason="x")
        self.expire()
        self.market.switch(self.id, auto_confirm_orders="on")
        self.market.rule(self.id)
        self.submit("pending_approval")
        self.orders["draft"] = self.draft()

    def expire(self) -> None:
        """Time passes for this order alone, and the job that ends such orders runs."""
        ordering = self.market.product.programs["ordering"].service
        ages = text("UPDATE orders SET placed_at = placed_at - interval '99 days' WHERE id = CAST(:id AS uuid)")
        with ordering.db.transaction() as session:
            session.execute(ages, {"id": self.orders["expired"]["id"]})
        ordering.db.run(lambda session: endings.expire(session, 98, 100))

    def deliver(self, status: str) -> str:
        """Sends the goods, and provides what needs none."""
        order = self.orders[status]
        self.market.until(order, "confirmed", allocated=2)
        self.market.ship(order)
        provided = [{"line_id": order["lines"][2]["id"]}]
        self.market.staff.post(f"/orders/{order['id']}/provisions", lines=provided)
        return str(self.market.until(order, "completed")["status"])

    def look(self) -> dict[str, tuple[str, int, list[str]]]:
        """How the customer sees its orders."""
        now = {status: self.buyer.get(f"/orders/{order['id']}") for status, order in self.orders.items()}
        return {status: (one["status"], one["revision"], one["hold_reasons"]) for status, one in now.items()}

    def go_on(self, expected: Mapping[str, str]) -> dict[str, str]:
        """Does what comes next to each order, and returns its status then, or the code of the refusal."""
        return {status: self.next_of(status, "." in then) for status, then in expected.items()}

    def next_of(self, status: str, refused: bool) -> str:
        order = self.orders[status]
        if status == "confirmed":
            return self.deliver(status)
        if status == "pending_approval":
            self.market.decide(self.approver, order)
            holds = self.market.read(order)["hold_reasons"]
            return f"on hold: {', '.join(holds)}" if holds else self.market.settled(order)
        if status == "pending_confirmation":
            self.market.confirm(order)
            return self.market.settled(order)
        place = f"/orders/{order['id']}/submission"
        if refused:
            return self.buyer.refused(place)[1]
        self.buyer.post(place)
        self.market.decide(self.approver, order)
        return self.market.settled(order)


def supply(market: Market, listing: Record, quantity: int) -> str:
    """Goods that are expected on their day, all of which may be ordered ahead."""
    body = {"sku": listing["sku"], "warehouse": "MAIN", "quantity": quantity, "preorder_quantity": quantity}
    return str(market.staff.post("/inbound-supplies", **body, expected_on=AHEAD)["id"])


def together(cases: Mapping[str, Case], action: Callable[[Case], Result]) -> dict[str, Result]:
    """What each of them gives, four at a time."""
    with ThreadPoolExecutor(4) as pool:
        return dict(zip(cases, pool.map(action, cases.values()), strict=True))


# Edge case 5: each of the nine switches turned off with one order in every state.


def test_each_switch_turned_off_does_to_an_order_at_each_status_what_the_table_says(
    market: Market, figure: Figure
) -> None:
    goods, ahead = market.listing(500), market.listing(preorderable=True, available_from=AHEAD)
    confirmed = 2 * len(KEYS)
    first, second = (supply(market, ahead, quantity) for quantity in (confirmed, 100))
    cases = {key: Case(market, key, goods, ahead) for key in KEYS}
    together(cases, Case.confirm_two)
    market.receive(ahead, confirmed, supply_id=first)
    together(cases, Case.end_four_and_leave_the_rest)
    assert market.staff.get(f"/inbound-supplies/{second}")["short"] == 0
    before = together(cases, Case.look)
    for seen in before.values():
        assert {status: one[0] for status, one in seen.items()} == {status: status for status in USUAL}

    for key, case in cases.items():
        market.switch(case.id, **{key: "off"}, cascade=True)

    assert together(cases, Case.look) == before, "no switch ends or changes an order by itself"
    expected = {key: {status: CELLS.get((key, status), usual) for status, usual in USUAL.items()} for key in KEYS}
    assert together(cases, lambda case: case.go_on(expected[case.key])) == expected
    cells = len(KEYS) * len(USUAL)
    figure("switches turned off by statuses, through the gateway", f"{cells} cells, {len(CELLS)} of them not the usual")


# Edge case 6: a parent locks a switch; a child tries to widen it; a new child inherits.


def lock(market: Market, customer_id: str, value: str) -> None:
    path = f"/customers/{customer_id}/portal-settings"
    decided = {"settings": {"order_authorization": value}, "locks": {"order_authorization": True}}
    market.staff.patch(path, heard_by=("ordering",), **decided)


def test_what_a_parent_has_locked_holds_for_each_submission_below(market: Market) -> None:
    goods, head = market.listing(10), market.customer()
    refused = (403, "ordering.order_authorization_disabled")

    def is_refused(who: Caller, customer_id: str) -> tuple[int, str]:
        return who.refused(f"/orders/{market.draft(who, customer_id, (goods, 1))['id']}/submission")

    child = market.customer(head, order_authorization="inherit")
    buyer = market.person(child, "buyer")
    market.order(buyer, child, (goods, 1))
    lock(market, head, "off")
    assert is_refused(buyer, child) == refused

    path = f"/customers/{child}/portal-settings"
    version = market.staff.answer("GET", path).headers["ETag"]
    wider = {"settings": {"order_authorization": "on"}}
    for who in (market.staff, market.program):
        answer = who.answer("PATCH", path, wider, **{"If-Match": version})
        assert (answer.status_code, answer.json()["code"]) == (409, "portal_settings.locked")

    later = market.staff.post(
        "/customers", name="A later child Ltd", parent_id=head, heard_by=("identity", "portal-settings", "ordering")
    )["id"]
    shown = market.staff.get(f"/customers/{later}/portal-settings")["settings"]["order_authorization"]
    assert (shown["value"], shown["effective"], shown["locked_by"]["source_id"]) == ("inherit", "off", head)
    newcomer = market.person(later, "buyer")
    assert is_refused(newcomer, later) == refused

    lock(market, head, "on")
    for who, customer in ((buyer, child), (newcomer, later)):
        assert market.order(who, customer, (goods, 1))["status"] == "pending_confirmation"
