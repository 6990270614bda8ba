"""Returns over HTTP: who may ask for what, and what each step does to stock."""

from collections.abc import Iterator
from threading import Event as Stop
from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, published
from common.testing.clock import FixedClock
from common.testing.events import event
from warehouse.jobs.upkeep import ReturnExpiry
from warehouse.tests.sent import Sender, ask, count_in, do, inspect
from warehouse.tests.told import Order, example

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def own(service: Service, tokens: TestTokens) -> Any:
    """The warehouse of the customer itself."""
    client = client_for(service, tokens.staff(["warehouses.edit"]))
    body = {"code": "OWN", "name": "Of the customer", "customer_id": "0195556a-0000-7000-8000-0000000000c1"}
    answer = client.post("/warehouses", json=body)
    assert answer.status_code == 201, answer.json
    return answer.json


@pytest.fixture
def on(switch: Any, customer_id: str, own: Any) -> Iterator[Any]:
    """The customer has its warehouse switched on."""
    switch(customer_id, "on")
    yield own
    switch(customer_id, "off")


def balance(staff: Client, sku: str, warehouse: str, owner_id: str | None) -> Any:
    items = staff.get(f"/stock?sku={sku}&warehouse={warehouse}").json["items"]
    return next((item for item in items if item["owner_id"] == owner_id), None)


def refused(client: Client, path: str, **body: Any) -> tuple[int, str]:
    answer = client.post(path, json=body)
    return answer.status_code, answer.json["code"]


def test_goods_are_requested_authorized_received_inspected_and_closed(
    sender: Sender, staff: Client, sku: str, customer_id: str, service: Service
) -> None:
    sent = sender.send(customer_id, sku, 5)
    made = ask(staff, sent.line(4, reason="damaged"), note="Dented")
    assert (made["status"], made["number"][:2], made["dedicated"], made["lines"][0]["resolution"]) == (
        "requested",
        "R-",
        False,
        "credit",
    )
    assert made["order_ids"] == [sent.order.id]
    assert do(staff, made, "authorization")["status"] == "authorized"
    arrived = do(staff, made, "arrival", carrier="Speedy Express", tracking_number="SE-1")
    assert (arrived["status"], arrived["carrier"]) == ("in_transit", "Speedy Express")
    assert balance(staff, sku, "MAIN", None)["on_hand"] == 0
    part = count_in(staff, made, 1)
    assert part["status"] == "partially_received"
    whole = count_in(staff, made, 3)
    assert (whole["status"], whole["lines"][0]["quantity_received"]) == ("received", 4)
    assert balance(staff, sku, "MAIN", None)["on_hand"] == 0
    seen = inspect(
        staff,
        made,
        (1, "A", "restock", "credit"),
        (1, "B", "quarantine", "refund"),
        (1, "scrap", "scrap", "credit"),
        (1, "A", "return_to_customer", "reject"),
    )
    assert (seen["status"], seen["credit_wanted"]) == ("inspected", True)
    assert [seen["lines"][0][f"quantity_{name}"] for name in ("accepted", "rejected")] == [3, 1]
    there = balance(staff, sku, "MAIN", None)
    assert (there["on_hand"], there["quarantine"], there["average_cost"]) == (
        1,
        1,
        {"amount": "2.50", "currency": "EUR"},
    )
    moved = staff.get(f"/stock/movements?sku={sku}&kind=return").json["items"]
    assert sorted((one["pool"], one["quantity"], one["reference"]) for one in moved) == [
        ("on_hand", 1, made["number"]),
        ("quarantine", 1, made["number"]),
    ]
    assert do(staff, made, "closure")["status"] == "closed"
    told = [one for one in published(service.db) if one.subject == made["id"]]
    assert [(one.type.split(".")[2], one.version) for one in told] == [
        ("requested", 1),
        ("authorized", 2),
        ("arrived", 3),
        ("received", 4),
        ("received", 5),
        ("inspected", 6),
        ("closed", 7),
    ]
    last = told[-1].data
    assert (last["order_ids"], last["credit_wanted"], last["lines"][0]["quantity_accepted"]) == (
        [sent.order.id],
        True,
        3,
    )
    assert {one.customer_id for one in told} == {customer_id}


def test_without_a_warehouse_of_its_own_a_customer_asks_the_provider(
    sender: Sender, buyer: Client, sku: str, customer_id: str, switch: Any
) -> None:
    switch(customer_id, "off")
    sent = sender.send(customer_id, sku, 1)
    answer = buyer.post("/returns", json={"lines": [sent.line(1)]})
    assert (answer.status_code, answer.json["code"], answer.json["switch"]) == (
        403,
        "warehouse.return_by_staff",
        "warehouse_enabled",
    )
    assert "contact" in answer.json["detail"]


def test_a_customer_brings_goods_into_its_own_warehouse_itself_and_they_stay_its_own(
    sender: Sender, staff: Client, buyer: Client, sku: str, customer_id: str, on: Any
) -> None:
    sent = sender.send(customer_id, sku, 3)
    made = ask(buyer, sent.line(2))
    assert (made["status"], made["dedicated"], made["warehouse_code"], made["lines"][0]["resolution"]) == (
        "authorized",
        True,
        "OWN",
        "none",
    )
    count_in(staff, made, 2)
    body = {"lines": [{"return_line_id": made["lines"][0]["id"], "outcomes": [_outcome(2, "A", "restock", "credit")]}]}
    assert refused(staff, f"/returns/{made['id']}/inspection", **body) == (422, "warehouse.return_outcome")
    done = inspect(staff, made, (2, "A", "restock", "none"))
    assert done["credit_wanted"] is False
    assert balance(staff, sku, "OWN", customer_id)["on_hand"] == 2
    assert balance(staff, sku, "OWN", None) is None
    [shown] = buyer.get(f"/stock?sku={sku}").json["items"]
    assert (shown["on_hand"], shown["average_cost"]) == (2, None)
    assert refused(buyer, "/returns", lines=[sent.line(1, resolution="credit")]) == (422, "warehouse.return_resolution")


def test_a_customer_whose_warehouse_is_not_there_yet_is_told_so(
    sender: Sender, service: Service, tokens: TestTokens, sku: str, other_id: str, switch: Any
) -> None:
    switch(other_id, "on")
    sent = sender.send(other_id, sku, 1)
    client = client_for(service, tokens.portal({other_id: ["orders.view", "orders.place"]}))
    assert refused(client, "/returns", lines=[sent.line(1)]) == (409, "warehouse.no_warehouse")
    switch(other_id, "off")


def test_a_return_spans_several_orders_of_one_customer_and_only_of_one(
    sender: Sender, staff: Client, sku: str, customer_id: str, other_id: str
) -> None:
    first, second = sender.send(customer_id, sku, 1), sender.send(customer_id, f"{sku}-2", 1)
    strange = sender.send(other_id, f"{sku}-3", 1)
    made = ask(staff, first.line(1), second.line(1))
    assert made["order_ids"] == [first.order.id, second.order.id]
    shown = staff.get(f"/returns?order_id={second.order.id}").json["items"]
    assert [one["id"] for one in shown] == [made["id"]]
    lines = [first.line(1), strange.line(1)]
    assert refused(staff, "/returns", lines=lines) == (422, "warehouse.return_of_several_customers")


def test_more_than_was_shipped_does_not_come_back(sender: Sender, staff: Client, sku: str, customer_id: str) -> None:
    sent = sender.send(customer_id, sku, 3)
    answer = staff.post("/returns", json={"lines": [sent.line(4)]})
    assert (answer.status_code, answer.json["code"], answer.json["left"]) == (
        409,
        "warehouse.return_exceeds_shipped",
        3,
    )
    ask(staff, sent.line(2))
    answer = staff.post("/returns", json={"lines": [sent.line(2)]})
    assert (answer.json["code"], answer.json["left"], answer.json["errors"][0]["pointer"]) == (
        "warehouse.return_exceeds_shipped",
        1,
        "/lines/0/quantity",
    )
    assert refused(staff, "/returns", lines=[sent.line(1), sent.line(1)]) == (422, "warehouse.line_twice")


def test_goods_come_back_once_also_after_their_return_is_closed(
    sender: Sender, staff: Client, sku: str, customer_id: str
) -> None:
    sent = sender.send(customer_id, sku, 2)
    made = ask(staff, sent.line(2))
    do(staff, made, "authorization")
    count_in(staff, made, 2)
    inspect(staff, made, (2, "A", "restock", "refund"))
    do(staff, made, "closure")
    assert refused(staff, "/returns", lines=[sent.line(1)]) == (409, "warehouse.return_exceeds_shipped")


@pytest.mark.parametrize("ends", ["denial", "cancellation", "expiry", "part", "short"])
def test_what_does_not_come_back_may_be_requested_again(
    sender: Sender, staff: Client, sku: str, customer_id: str, service: Service, clock: FixedClock, ends: str
) -> None:
    sent = sender.send(customer_id, sku, 2, serials=["N1" + sku, "N2" + sku])
    made = ask(staff, sent.line(2, serials=["N1" + sku, "N2" + sku]))
    if ends in {"denial", "cancellation"}:
        do(staff, made, ends, reason="Because")
    elif ends == "expiry":
        do(staff, made, "authorization", ship_by=clock.now().date().isoformat())
        assert staff.get(f"/returns/{made['id']}").json["status"] == "authorized"
        clock.move(hours=25)
        ReturnExpiry(service.db).run(Stop())
        assert staff.get(f"/returns/{made['id']}").json["status"] == "expired"
    elif ends == "part":
        line = {"return_line_id": made["lines"][0]["id"], "quantity": 1}
        assert do(staff, made, "authorization", lines=[line])["status"] == "partially_authorized"
    else:
        do(staff, made, "authorization")
        short = count_in(staff, made, 1, complete=True, line={"serials": ["N1" + sku]})
        assert short["status"] == "received"
    left = {"part": 1, "short": 1}.get(ends, 2)
    serials = {"part": [], "short": ["N2" + sku]}.get(ends, ["N1" + sku, "N2" + sku])
    assert refused(staff, "/returns", lines=[sent.line(left + 1)]) == (409, "warehouse.return_exceeds_shipped")
    ask(staff, sent.line(left, serials=serials))


def test_a_return_that_came_late_needs_staff_and_a_reason(
    sender: Sender, staff: Client, buyer: Client, sku: str, customer_id: str, clock: FixedClock, on: Any
) -> None:
    sent = sender.send(customer_id, sku, 2)
    under_way = sender.send(customer_id, f"{sku}-2", 1, delivered=False)
    clock.move(days=31)
    for client in (buyer, staff):
        assert refused(client, "/returns", lines=[sent.line(1)]) == (409, "warehouse.return_window_closed")
    body = {"lines": [sent.line(1)], "override_reason": "Promised by phone"}
    assert refused(buyer, "/returns", **body) == (409, "warehouse.return_window_closed")
    made = ask(staff, sent.line(1), override_reason="Promised by phone")
    assert made["override_reason"] == "Promised by phone"
    assert buyer.get(f"/returns/{made['id']}").json["override_reason"] is None
    ask(buyer, under_way.line(1))


def test_the_listing_decides_how_long_an_article_may_be_returned(
    sender: Sender, staff: Client, buyer: Client, sku: str, customer_id: str, clock: FixedClock, tell: Any, on: Any
) -> None:
    listing = example("ordering.listing.published.v1") | {"id": new_id(), "sku": sku, "return_days": 60}
    tell(event("ordering.listing.published.v1", listing["id"], listing))
    sent = sender.send(customer_id, sku, 2)
    clock.move(days=59)
    ask(buyer, sent.line(1))
    clock.move(days=2)
    assert refused(buyer, "/returns", lines=[sent.line(1)]) == (409, "warehouse.return_window_closed")


def test_what_has_not_left_or_is_unknown_does_not_come_back(
    receive: Any, tell: Any, staff: Client, sku: str, customer_id: str
) -> None:
    receive(sku, 1)
    order = Order(customer_id, [(sku, 1)])
    tell(order.tell("placed"), order.tell("confirmed"))
    planned = staff.post("/shipments", json={"order_id": order.id}).json
    line = {"shipment_id": planned["id"], "line_id": order.line_id(), "quantity": 1, "reason": "other"}
    assert refused(staff, "/returns", lines=[line]) == (422, "warehouse.shipped_line_unknown")


def test_more_less_and_other_goods_than_announced_are_recorded(
    sender: Sender, staff: Client, sku: str, customer_id: str
) -> None:
    sent = sender.send(customer_id, sku, 4)
    made = ask(staff, sent.line(2))
    do(staff, made, "authorization")
    assert refused(staff, f"/returns/{made['id']}/receipt", complete=True) == (409, "warehouse.nothing_received")
    wrong = [{"sku": f"{sku}-X", "quantity": 1, "name": "Not ours"}]
    got = count_in(staff, made, 5, unexpected=wrong)
    assert [line["quantity_received"] for line in got["lines"]] == [5, 1]
    announced, strange = (line["id"] for line in got["lines"])

    def decide(*outcomes: Any, of_strange: Any) -> Any:
        lines = [
            {"return_line_id": announced, "outcomes": list(outcomes)},
            {"return_line_id": strange, "outcomes": [of_strange]},
        ]
        return staff.post(f"/returns/{made['id']}/inspection", json={"lines": lines})

    back = _outcome(1, "A", "return_to_customer", "none")
    # Four were shipped, so that five cannot all be these.
    answer = decide(_outcome(5, "A", "restock", "credit"), of_strange=back)
    assert (answer.status_code, answer.json["code"]) == (422, "warehouse.inspection_incomplete")
    answer = decide(
        _outcome(4, "A", "restock", "credit"),
        _outcome(1, "A", "quarantine", "reject"),
        of_strange=_outcome(1, "A", "restock", "none"),
    )
    assert (answer.status_code, answer.json["code"]) == (422, "warehouse.return_outcome")
    answer = decide(_outcome(4, "A", "restock", "credit"), of_strange=back)
    assert answer.json["code"] == "warehouse.inspection_incomplete"
    answer = decide(_outcome(4, "A", "restock", "credit"), _outcome(1, "A", "quarantine", "reject"), of_strange=back)
    assert answer.status_code == 200, answer.json
    assert balance(staff, sku, "MAIN", None)["on_hand"] == 4
    assert balance(staff, sku, "MAIN", customer_id)["quarantine"] == 1
    assert refused(staff, "/returns", lines=[sent.line(1)]) == (409, "warehouse.return_exceeds_shipped")


def test_goods_kept_apart_are_released_and_no_more_than_there_are(
    sender: Sender, staff: Client, sku: str, customer_id: str
) -> None:
    made = ask(staff, sender.send(customer_id, sku, 3).line(3))
    do(staff, made, "authorization")
    count_in(staff, made, 3)
    inspect(staff, made, (3, "B", "quarantine", "credit"))
    body = {"warehouse": "MAIN", "reason": "Checked"}
    many = [{"sku": sku, "quantity": 2, "to": "shelf"}, {"sku": sku, "quantity": 2, "to": "gone"}]
    assert refused(staff, "/stock/quarantine-releases", **body, lines=many) == (409, "warehouse.not_in_quarantine")
    lines = [{"sku": sku, "quantity": 2, "to": "shelf"}, {"sku": sku, "quantity": 1, "to": "gone"}]
    answer = staff.post("/stock/quarantine-releases", json=body | {"lines": lines})
    assert answer.status_code == 201, answer.json
    there = balance(staff, sku, "MAIN", None)
    assert (there["on_hand"], there["quarantine"]) == (2, 0)


def test_steps_out_of_turn_are_refused(sender: Sender, staff: Client, sku: str, customer_id: str) -> None:
    made = ask(staff, sender.send(customer_id, sku, 2).line(2))
    line = made["lines"][0]["id"]
    for verb, body in (
        ("arrival", {}),
        ("receipt", {"lines": [{"return_line_id": line, "quantity": 1}]}),
        ("inspection", {"lines": [{"return_line_id": line, "outcomes": [_outcome(1, "A", "restock", "none")]}]}),
        ("closure", {}),
    ):
        assert refused(staff, f"/returns/{made['id']}/{verb}", **body) == (409, "warehouse.return_state")
    path = f"/returns/{made['id']}/authorization"
    assert refused(staff, path, lines=[{"return_line_id": line, "quantity": 3}]) == (
        422,
        "warehouse.more_than_requested",
    )
    assert refused(staff, path, lines=[{"return_line_id": line, "quantity": 0}]) == (
        422,
        "warehouse.nothing_authorized",
    )
    assert refused(staff, path, lines=[{"return_line_id": made["id"], "quantity": 1}]) == (
        422,
        "warehouse.return_line_unknown",
    )
    count_in(staff, do(staff, made, "authorization"), 1)
    assert refused(staff, f"/returns/{made['id']}/cancellation") == (409, "warehouse.return_state")


def test_only_who_may_sees_and_decides(
    sender: Sender, staff: Client, portal: Client, buyer: Client, stranger: Client, sku: str, customer_id: str, on: Any
) -> None:
    sent = sender.send(customer_id, sku, 2)
    made = ask(buyer, sent.line(1))
    path = f"/returns/{made['id']}"
    assert portal.get(path).json["number"] == made["number"]
    assert made["id"] in [one["id"] for one in portal.get("/returns?open=true").json["items"]]
    assert (stranger.get(path).status_code, stranger.get(path).json["code"]) == (404, "warehouse.return_not_found")
    assert stranger.get("/returns").json["items"] == []
    assert refused(portal, "/returns", lines=[sent.line(1)])[0] == 403
    assert refused(stranger, f"{path}/cancellation")[0] == 403
    for verb in ("authorization", "arrival", "receipt", "closure"):
        assert refused(buyer, f"{path}/{verb}") == (403, "staff_only")
    strange = {"shipment_id": sent.shipment["id"], "line_id": made["id"], "quantity": 1, "reason": "other"}
    assert refused(buyer, "/returns", lines=[strange]) == (422, "warehouse.shipped_line_unknown")
    assert do(buyer, made, "cancellation")["status"] == "cancelled"


def test_a_stranger_cannot_return_what_another_customer_got(
    sender: Sender, service: Service, tokens: TestTokens, sku: str, customer_id: str, other_id: str, switch: Any
) -> None:
    switch(other_id, "on")
    sent = sender.send(customer_id, sku, 1)
    client = client_for(service, tokens.portal({other_id: ["orders.view", "orders.place"]}))
    assert refused(client, "/returns", lines=[sent.line(1)]) == (422, "warehouse.shipped_line_unknown")
    switch(other_id, "off")


def test_returns_of_archived_customers_are_listed_for_a_decision(
    sender: Sender, staff: Client, sku: str, other_id: str, tell: Any
) -> None:
    made = ask(staff, sender.send(other_id, sku, 1).line(1))
    data = example("customer.customer.archived.v1") | {"id": other_id}
    tell(event("customer.customer.archived.v1", other_id, data, version=10_000_000))
    shown = staff.get("/returns?customer_status=archived&open=true").json["items"]
    assert made["id"] in [one["id"] for one in shown]
    assert {one["customer_id"] for one in shown} == {other_id}
    assert do(staff, made, "denial", reason="The company is closed")["reason"] == "The company is closed"


def _outcome(quantity: int, condition: str, disposition: str, resolution: str) -> dict[str, Any]:
    return {"quantity": quantity, "condition": condition, "disposition": disposition, "resolution": resolution}
