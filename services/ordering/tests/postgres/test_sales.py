"""Orders of what customers sell: who sells decides before the provider, and alone where that has no part in it."""

from typing import Any

import pytest
from sqlalchemy import text

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver, published
from ordering.tests import companies
from ordering.tests.conftest import BUYER
from ordering.tests.ordered import Order, company, do, draft, listing, read, reservation, switch
from ordering.tests.told import CONTRACTS

pytestmark = pytest.mark.postgres

ON = {"internal_inventory_enabled": "on"}
SELLER = ("listings.view", "orders.view", "prices.view", "listings.sell")


class Trade:
    """A seller, a buyer that it has included, and what is sold."""

    def __init__(self, service: Service, tokens: TestTokens, staff: Client, **buyer: str) -> None:
        self.service, self.staff = service, staff
        self.seller_id = company(service, **ON)
        self.buyer_id = company(service, **(ON | buyer))
        self.tokens = tokens
        self.seller = client_for(service, tokens.portal({self.seller_id: SELLER}))
        self.buyer = client_for(service, tokens.portal({self.buyer_id: BUYER}))

    def offer(self, confirmation: str = "owner", kind: str = "internal") -> str:
        made = listing(self.service, kind=kind, audience="explicit", owner_id=self.seller_id, confirmation=confirmation)
        rule = {"effect": "include", "listing_id": made, "target_kind": "customer", "target_id": self.buyer_id}
        assert self.staff.post("/catalogue-rules", json=rule).status_code == 201
        return made

    def order(self, *listings: str) -> Order:
        lines = [(one, 2) for one in listings]
        return do(self.buyer, draft(self.buyer, self.buyer_id, *lines), "submission")

    def sale(self) -> dict[str, Any]:
        [found] = self.seller.get("/sales").json["items"]
        return dict(found)

    def say(self, command: str, status: int = 200, **body: Any) -> dict[str, Any]:
        answer = self.seller.post(f"/sales/{self.sale()['id']}/{command}", json=body or None)
        assert answer.status_code == status, answer.text
        return dict(answer.json)


@pytest.fixture
def trade(service: Service, tokens: TestTokens, staff: Client) -> Trade:
    return Trade(service, tokens, staff)


def test_who_sells_confirms_an_order_of_it_alone_and_says_what_was_provided(trade: Trade) -> None:
    order = trade.order(trade.offer())
    assert order["status"] == "pending_confirmation"
    [asked] = order["sellers"]
    assert (asked["seller_id"], asked["state"]) == (trade.seller_id, "waiting")
    assert do(trade.staff, order, "confirmation", 409)["code"] == "ordering.seller_undecided"
    sale = trade.sale()
    assert (sale["order_number"], sale["customer"]["id"], sale["commands"]) == (
        order["number"],
        trade.buyer_id,
        ["confirm", "decline"],
    )
    assert (sale["total"], [line["quantity"] for line in sale["lines"]]) == (
        {"amount": "20.00", "currency": "EUR"},
        [2],
    )
    said = trade.say("confirmation")
    assert (said["state"], said["order_status"], said["commands"]) == ("confirmed", "confirmed", ["provide"])
    assert trade.say("confirmation", 409)["code"] == "ordering.sale_decided"
    line = sale["lines"][0]["id"]
    partly = trade.say("provisions", lines=[{"line_id": line, "quantity": 1}])
    assert partly["lines"][0]["quantity_shipped"] == 1
    assert trade.say("provisions", lines=[{"line_id": line}])["order_status"] == "completed"
    verbs = [event.type for event in published(trade.service.db) if event.customer_id == trade.seller_id]
    assert verbs[-2:] == ["ordering.sale.requested.v1", "ordering.sale.confirmed.v1"]


def test_a_seller_s_no_ends_the_order_for_its_reason(trade: Trade) -> None:
    order = trade.order(trade.offer())
    assert trade.say("decline", 422)["code"] == "validation_failed"
    said = trade.say("decline", reason="The room is taken.")
    assert (said["state"], said["order_status"], said["order_reason"]) == ("declined", "rejected", "The room is taken.")
    assert read(trade.buyer, order)["reason"] == "The room is taken."


def test_what_confirms_itself_needs_no_word_and_no_setting_of_the_buyer(trade: Trade) -> None:
    order = trade.order(trade.offer("automatic"))
    assert (order["status"], order["sellers"][0]["state"]) == ("confirmed", "automatic")
    assert trade.sale()["commands"] == ["provide"]


def test_one_listing_that_asks_is_enough_to_be_asked(trade: Trade) -> None:
    order = trade.order(trade.offer("automatic"), trade.offer("owner"))
    assert (order["status"], len(order["sellers"])) == ("pending_confirmation", 1)


@pytest.mark.parametrize("auto", ["on", "off"])
def test_a_mixed_order_waits_for_the_seller_and_then_for_the_provider(
    service: Service, tokens: TestTokens, staff: Client, auto: str
) -> None:
    trade = Trade(service, tokens, staff, auto_confirm_orders=auto)
    order = trade.order(listing(service), trade.offer())
    deliver(service, reservation("made", order, 1))
    assert read(staff, order)["status"] == "pending_confirmation", "the seller has not said yes"
    assert do(staff, order, "confirmation", 409)["code"] == "ordering.seller_undecided"
    sale = trade.sale()
    assert [line["position"] for line in sale["lines"]] == [2], "what the provider sells is not the seller's to see"
    assert sale["total"]["amount"] == "20.00"
    assert trade.say("confirmation")["state"] == "confirmed"
    if auto == "on":
        assert read(staff, order)["status"] == "confirmed"
    else:
        assert read(staff, order)["status"] == "pending_confirmation"
        assert do(staff, order, "confirmation")["status"] == "confirmed"
    other = next(line["id"] for line in order["lines"] if line["position"] == 1)
    wrong = trade.say("provisions", 422, lines=[{"line_id": other}])
    assert wrong["code"] == "ordering.line_unsuitable"


def test_two_sellers_of_one_order_are_asked_each_for_itself(trade: Trade, service: Service) -> None:
    second = Trade(service, trade.tokens, trade.staff)
    second.buyer_id, second.buyer = trade.buyer_id, trade.buyer
    order = trade.order(trade.offer(), second.offer(kind="service"))
    trade.say("confirmation")
    assert read(trade.buyer, order)["status"] == "pending_confirmation"
    second.say("confirmation")
    assert read(trade.buyer, order)["status"] == "confirmed"


def test_who_has_said_yes_to_another_content_is_asked_again(trade: Trade, service: Service) -> None:
    second = Trade(service, trade.tokens, trade.staff)
    second.buyer_id, second.buyer = trade.buyer_id, trade.buyer
    order = trade.order(trade.offer(), second.offer())
    trade.say("confirmation")
    with service.db.transaction() as session:
        session.execute(text("UPDATE orders SET revision = revision + 1 WHERE id = :id"), {"id": order["id"]})
    second.say("confirmation")
    assert read(trade.buyer, order)["status"] == "pending_confirmation"
    assert trade.sale()["commands"] == ["confirm", "decline"]
    assert second.sale()["state"] == "waiting", "what it said was about the old content, too"
    trade.say("confirmation")
    second.say("confirmation")
    assert read(trade.buyer, order)["status"] == "confirmed"


def test_the_buyer_s_company_approves_before_who_sells_is_asked(trade: Trade, service: Service) -> None:
    boss = companies.person("approver")
    companies.staffed(service, trade.buyer_id, boss)
    companies.rule(service, trade.buyer_id)
    order = trade.order(trade.offer())
    assert (order["status"], order["sellers"]) == ("pending_approval", [])
    assert trade.seller.get("/sales").json["items"] == []
    grants = {trade.buyer_id: (*BUYER, "orders.approve")}
    approver = client_for(service, trade.tokens.portal(grants, sub=boss["account_id"]))
    [flow] = approver.get("/approvals").json["items"]
    body = {"decision": "approve", "version": flow["version"]}
    assert approver.post(f"/approvals/{flow['id']}/decisions", json=body).status_code == 201
    assert trade.sale()["state"] == "waiting"
    assert trade.say("confirmation")["order_status"] == "confirmed"


def test_nobody_but_the_seller_s_people_decide(trade: Trade, tokens: TestTokens) -> None:
    trade.order(trade.offer())
    path = f"/sales/{trade.sale()['id']}"
    stranger = client_for(trade.service, tokens.portal({company(trade.service, **ON): SELLER}))
    buyer = client_for(trade.service, tokens.portal({trade.buyer_id: (*BUYER, "listings.sell")}))
    for other in (stranger, buyer):
        assert other.get("/sales").json["items"] == []
        for answer in (other.get(path), other.post(f"{path}/confirmation"), other.post(f"{path}/provisions", json={})):
            assert answer.status_code in {404, 422}
        assert other.post(f"{path}/confirmation").json["code"] == "ordering.sale_not_found"
    assert trade.buyer.post(f"{path}/confirmation").json["code"] == "permission_missing"
    assert trade.staff.post(f"{path}/confirmation").json["code"] == "permission_missing", "nor the provider's staff"
    assert trade.staff.get(path).status_code == 200
    unpriced = client_for(trade.service, tokens.portal({trade.seller_id: ("listings.sell",)}))
    shown = unpriced.get(path).json
    assert (shown["total"], shown["lines"][0]["unit_price"]) == (None, None)
    assert trade.seller.post(f"/sales/{new_id()}/confirmation").json["code"] == "ordering.sale_not_found"


def test_while_the_seller_s_module_is_off_its_orders_are_held_and_go_on_afterwards(trade: Trade) -> None:
    offer = trade.offer()
    order = trade.order(offer)
    switch(trade.service, trade.seller_id, 2, internal_inventory_enabled="off")
    assert trade.say("confirmation", 403)["code"] == "ordering.internal_inventory_disabled"
    held = do(trade.staff, order, "confirmation")
    assert (held["status"], held["hold_reasons"]) == ("pending_confirmation", ["internal_inventory_disabled"])
    assert do(trade.staff, order, "confirmation", 409)["code"] == "ordering.on_hold"
    wanted = {"customer_id": trade.buyer_id, "lines": [{"listing_id": offer, "quantity": 1}]}
    assert trade.buyer.post("/orders", json=wanted).json["code"] == "ordering.lines_unavailable"
    switch(trade.service, trade.seller_id, 3, **ON)
    assert trade.say("confirmation")["order_status"] == "confirmed"
    assert trade.buyer.post("/orders", json=wanted).status_code == 201


def test_while_the_buyer_s_module_is_off_the_seller_s_yes_holds_the_order(trade: Trade) -> None:
    trade.order(trade.offer())
    switch(trade.service, trade.buyer_id, 2, internal_inventory_enabled="off")
    held = trade.say("confirmation")
    assert (held["state"], held["order_hold_reasons"]) == ("waiting", ["internal_inventory_disabled"])
    switch(trade.service, trade.buyer_id, 3, **ON)
    assert trade.say("confirmation")["order_status"] == "confirmed"


def test_an_approval_while_the_seller_s_module_is_off_holds_the_order_until_it_is_released(
    trade: Trade, service: Service
) -> None:
    boss = companies.person("approver")
    companies.staffed(service, trade.buyer_id, boss)
    companies.rule(service, trade.buyer_id)
    order = trade.order(trade.offer())
    switch(service, trade.seller_id, 2, internal_inventory_enabled="off")
    grants = {trade.buyer_id: (*BUYER, "orders.approve")}
    approver = client_for(service, trade.tokens.portal(grants, sub=boss["account_id"]))
    [flow] = approver.get("/approvals").json["items"]
    body = {"decision": "approve", "version": flow["version"]}
    assert approver.post(f"/approvals/{flow['id']}/decisions", json=body).status_code == 201
    assert read(trade.staff, order)["hold_reasons"] == ["delisted"]
    switch(service, trade.seller_id, 3, **ON)
    assert do(trade.staff, order, "hold-release")["sellers"][0]["state"] == "waiting"
    assert trade.say("confirmation")["order_status"] == "confirmed"


def test_what_its_seller_withdraws_leaves_carts_drafts_and_approvals(trade: Trade, service: Service) -> None:
    boss = companies.person("approver")
    companies.staffed(service, trade.buyer_id, boss)
    companies.rule(service, trade.buyer_id)
    offer = trade.offer()
    cart = trade.buyer.post("/carts", json={"customer_id": trade.buyer_id}).json
    trade.buyer.post(f"/carts/{cart['id']}/lines", json={"listing_id": offer, "quantity": 1})
    early, late = (draft(trade.buyer, trade.buyer_id, (offer, 1)) for _ in range(2))
    do(trade.buyer, late, "submission")
    assert trade.seller.post(f"/listings/{offer}/pause", version=1).json["status"] == "paused"
    [line] = trade.buyer.get(f"/carts/{cart['id']}").json["lines"]
    assert line["available"] is False
    assert do(trade.buyer, early, "submission", 422)["code"] == "ordering.lines_unavailable"
    grants = {trade.buyer_id: (*BUYER, "orders.approve")}
    approver = client_for(service, trade.tokens.portal(grants, sub=boss["account_id"]))
    [flow] = approver.get("/approvals").json["items"]
    body = {"decision": "approve", "version": flow["version"]}
    assert approver.post(f"/approvals/{flow['id']}/decisions", json=body).status_code == 201
    assert read(trade.buyer, late)["hold_reasons"] == ["delisted"]
    assert trade.seller.get("/sales").json["items"] == [], "nobody is asked about what is held"
    assert trade.seller.post(f"/listings/{offer}/publication", version=2).json["status"] == "published"
    assert do(trade.buyer, early, "submission")["status"] == "pending_approval"


def test_what_is_told_of_sales_fits_its_schema(trade: Trade) -> None:
    trade.order(trade.offer())
    trade.say("decline", reason="No.")
    told = [event for event in published(trade.service.db) if event.type.startswith("ordering.sale.")]
    for event in told:
        CONTRACTS.check(event.type, event.data)
    assert {event.type.split(".")[2] for event in told} == {"requested", "confirmed", "declined"}


def test_a_list_of_sales_is_paged_and_narrowed(trade: Trade) -> None:
    offer = trade.offer()
    orders = [trade.order(offer) for _ in range(3)]
    first = trade.seller.get("/sales?limit=2&state=waiting").json
    assert [one["order_id"] for one in first["items"]] == [orders[2]["id"], orders[1]["id"]]
    rest = trade.seller.get(f"/sales?limit=2&state=waiting&cursor={first['next_cursor']}").json
    assert [one["order_id"] for one in rest["items"]] == [orders[0]["id"]]
    assert trade.seller.get("/sales?order_status=confirmed").json["items"] == []
