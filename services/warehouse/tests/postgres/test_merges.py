"""What a merge of customers does to promises, goods and warehouses."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver, published
from common.testing.merging import Merge
from customer_replica.merging import columns_of, follow_late_rows
from warehouse.tests.sent import Sender, ask, count_in, do, inspect, move
from warehouse.tests.told import Order
from warehouse.use_cases.merges import PARTS, lock_articles

pytestmark = pytest.mark.postgres

Rows = Callable[..., Sequence[Any]]


@pytest.fixture
def two() -> tuple[str, str]:
    """Who survives, and who does not."""
    return new_id(), new_id()


@pytest.fixture
def own(staff: Client, switch: Any, place: Any) -> Callable[[str], Any]:
    """Gives a customer its own warehouse, switched on."""

    def make(customer_id: str) -> Any:
        switch(customer_id, "on", internal_inventory_enabled="on")
        return place(customer_id=customer_id)

    return make


def holdings(rows: Rows, customer_id: str) -> dict[str, int]:
    """How many rows of each table belong to a customer."""
    found = {}
    for table, column in sorted(columns_of(PARTS)):
        statement = f"SELECT count(*) AS n FROM {table} WHERE {column} = :id"  # noqa: S608  # our own names
        if number := rows(statement, id=customer_id)[0]["n"]:
            found[f"{table}.{column}"] = number
    return found


def lived(staff: Client, sender: Sender, own: Any, receive: Any, customer_id: str, sku: str) -> Any:
    """Gives a customer rows of every kind; returns its warehouse."""
    sent = sender.send(customer_id, sku, 3, serials=("A1", "A2", "A3"))
    wanted = ask(staff, sent.line(1, serials=["A1"]), warehouse="MAIN")
    do(staff, wanted, "authorization")
    mine = own(customer_id)
    receive(sku, 4, warehouse=mine["code"])
    receive(sku, 5, owner_id=customer_id)
    move(staff, sku, 1, mine["code"], owner_id=customer_id)
    claimed = {name: sent.line(1)[name] for name in ("shipment_id", "line_id", "quantity")}
    asset = {"customer_id": customer_id, "name": "Laptop", "model": "M1"}
    wish = {"customer_id": customer_id, "model": "M1"}
    ahead = {"warehouse": "MAIN", "sku": f"{sku}-A", "quantity": 2, "preorder_quantity": 2, "expected_on": "2031-03-01"}
    for path, body in (
        ("/claims", claimed | {"kind": "damaged", "resolution": "replace"}),
        ("/assets", asset),
        ("/asset-requests", wish),
        ("/inbound-supplies", ahead),
    ):
        answer = staff.post(path, json=body)
        assert answer.status_code == 201, (path, answer.text)
    waiting = Order(customer_id, [(f"{sku}-A", 1)], ahead="2031-03-01")
    sender.tell(waiting.tell("placed"), waiting.tell("confirmed"))
    return mine


def test_everything_of_a_merged_customer_follows_and_an_undo_takes_it_back(
    staff: Client, sender: Sender, own: Any, receive: Any, tell: Any, rows: Rows, two: tuple[str, str], sku: str
) -> None:
    survivor, loser = two
    lived(staff, sender, own, receive, loser, sku)
    before = holdings(rows, loser)
    # What was received in its own name is sent from a balance that changes its owner with it.
    assert set(before) == {f"{table}.{column}" for table, column in columns_of(PARTS)}
    merge = Merge(survivor, loser)
    tell(merge.tell("merged"))
    assert holdings(rows, loser) == {}
    assert holdings(rows, survivor) == before
    tell(merge.tell("unmerged"))
    assert holdings(rows, loser) == before
    assert holdings(rows, survivor) == {}


def test_what_moved_is_told_in_versions_without_a_gap(
    service: Service, staff: Client, sender: Sender, tell: Any, two: tuple[str, str], sku: str
) -> None:
    survivor, loser = two
    sent = sender.send(loser, sku, 2)
    back = ask(staff, sent.line(1), warehouse="MAIN")
    merge = Merge(survivor, loser)
    tell(merge.tell("merged"), merge.tell("unmerged"))
    for record in (sent.shipment, back):
        events = [one for one in published(service.db) if one.subject == record["id"]]
        assert [one.version for one in events] == list(range(1, len(events) + 1))
        moved, returned = events[-2:]
        assert (moved.type.split(".")[2], moved.partition_key, returned.partition_key) == ("moved", survivor, loser)
        assert moved.data["changes"][0]["before"] == loser
        assert moved.data["lines"] == returned.data["lines"] != []


def test_a_merge_that_is_told_again_or_late_changes_nothing(
    service: Service, sender: Sender, tell: Any, two: tuple[str, str], sku: str
) -> None:
    survivor, loser = two
    sent = sender.send(loser, sku, 1)
    merge = Merge(survivor, loser)
    merged, unmerged = merge.tell("merged"), merge.tell("unmerged")
    tell(merged, merged, unmerged, unmerged, merged)
    events = [one for one in published(service.db, "warehouse.shipment.moved.v1") if one.subject == sent.shipment["id"]]
    assert [one.customer_id for one in events] == [survivor, loser]


def test_news_of_an_order_that_still_name_the_former_customer_reach_its_reservation(
    staff: Client, tell: Any, receive: Any, promised: Any, rows: Rows, two: tuple[str, str], sku: str
) -> None:
    survivor, loser = two
    receive(sku, 9)
    known, unknown = Order(loser, [(sku, 2)]), Order(loser, [(sku, 3)])
    tell(known.tell("placed"))
    merge = Merge(survivor, loser)
    tell(merge.tell("merged"))
    tell(known.tell("confirmed"), unknown.tell("placed"), unknown.tell("confirmed"))
    assert {promised(one.id)["customer_id"] for one in (known, unknown)} == {survivor}
    assert [promised(one.id)["state"] for one in (known, unknown)] == ["allocated", "allocated"]
    assert holdings(rows, loser) == {}
    for order in (known, unknown):
        made = staff.post("/shipments", json={"order_id": order.id})
        assert (made.status_code, made.json["customer_id"]) == (201, survivor)
        assert staff.post(f"/shipments/{made.json['id']}/dispatch", json={}).status_code == 200
        assert promised(order.id)["state"] == "consumed"
    # What was sent after the merge goes back with its order, also of the order that was heard of after the merge.
    tell(merge.tell("unmerged"))
    assert {promised(one.id)["customer_id"] for one in (known, unknown)} == {loser}
    assert holdings(rows, loser)["shipments.customer_id"] == 2
    assert holdings(rows, survivor) == {}


def test_after_an_undo_the_newest_news_of_an_order_say_whose_it_is(
    tell: Any, receive: Any, promised: Any, two: tuple[str, str], sku: str
) -> None:
    survivor, loser = two
    receive(sku, 9)
    order = Order(loser, [(sku, 2)])
    merge = Merge(survivor, loser)
    tell(order.tell("placed"), merge.tell("merged"), merge.tell("unmerged"))
    order.customer_id = survivor
    # Ordering has not heard of the undo yet, and then it has.
    tell(order.tell("confirmed"))
    assert (promised(order.id)["customer_id"], promised(order.id)["state"]) == (survivor, "allocated")
    order.customer_id = loser
    tell(order.tell("progressed"))
    assert (promised(order.id)["customer_id"], promised(order.id)["state"]) == (loser, "allocated")


def test_the_warehouse_of_a_merged_customer_becomes_that_of_the_survivor(
    staff: Client, own: Any, receive: Any, tell: Any, two: tuple[str, str], sku: str, promised: Any, switch: Any
) -> None:
    survivor, loser = two
    theirs = own(loser)
    receive(sku, 4, warehouse=theirs["code"])
    switch(survivor, "on")
    tell(Merge(survivor, loser).tell("merged"))
    shown = staff.get(f"/customers/{survivor}/warehouse").json
    assert (shown["warehouse"]["id"], shown["state"]) == (theirs["id"], "ready")
    order = Order(survivor, [(sku, 3)])
    tell(order.tell("placed"), order.tell("confirmed"))
    assert promised(order.id)["lines"][0]["sources"][0]["warehouse_id"] == theirs["id"]


def test_of_two_warehouses_the_survivors_stays_and_the_other_drains(
    service: Service, staff: Client, own: Any, receive: Any, tell: Any, two: tuple[str, str], sku: str, promised: Any
) -> None:
    survivor, loser = two
    mine, theirs = own(survivor), own(loser)
    receive(sku, 5, warehouse=theirs["code"])
    order = Order(loser, [(sku, 2)])
    tell(order.tell("placed"), order.tell("confirmed"))
    merge = Merge(survivor, loser)
    tell(merge.tell("merged"))
    shown = staff.get(f"/customers/{survivor}/warehouse").json
    assert shown["warehouse"]["id"] == mine["id"]
    second = staff.get(f"/warehouses/{theirs['id']}").json
    assert (second["status"], second["customer_id"]) == ("draining", survivor)
    # What was promised from it is sent from it, and the rest goes into the other one.
    made = staff.post("/shipments", json={"order_id": order.id})
    assert staff.post(f"/shipments/{made.json['id']}/dispatch", json={}).status_code == 200
    transfer = move(staff, sku, 3, mine["code"], source=theirs["code"])
    for verb in ("approval", "dispatch", "receipt", "closure"):
        do(staff, transfer, verb, "transfers")
    reopened = staff.patch(f"/warehouses/{theirs['id']}", json={"status": "active"}, version=second["version"])
    assert (reopened.status_code, reopened.json["code"]) == (409, "warehouse.customer_has_warehouse")
    tell(merge.tell("unmerged"))
    back = staff.get(f"/warehouses/{theirs['id']}").json
    assert (back["status"], back["customer_id"]) == ("active", loser)
    told = [one for one in published(service.db, "warehouse.warehouse.updated.v1") if one.subject == theirs["id"]]
    assert [one.data["customer_id"] for one in told] == [survivor, loser]


def test_a_second_warehouse_becomes_the_own_one_when_the_first_is_closed(
    staff: Client, own: Any, tell: Any, two: tuple[str, str]
) -> None:
    survivor, loser = two
    mine, theirs = own(survivor), own(loser)
    tell(Merge(survivor, loser).tell("merged"))
    for warehouse, status in ((mine, "closed"), (theirs, "active")):
        version = staff.get(f"/warehouses/{warehouse['id']}").json["version"]
        answer = staff.patch(f"/warehouses/{warehouse['id']}", json={"status": status}, version=version)
        assert answer.status_code == 200, answer.json
    assert staff.get(f"/customers/{survivor}/warehouse").json["warehouse"]["id"] == theirs["id"]


def test_stock_of_both_in_one_place_stays_apart(
    service: Service, receive: Any, tell: Any, rows: Rows, two: tuple[str, str], sku: str
) -> None:
    survivor, loser = two
    receive(sku, 3, owner_id=survivor)
    receive(sku, 4, owner_id=loser)
    merge = Merge(survivor, loser)
    tell(merge.tell("merged"))
    found = rows("SELECT owner_id::text AS owner, on_hand FROM stock_balances WHERE sku = :sku", sku=sku)
    assert {row["owner"]: row["on_hand"] for row in found} == {survivor: 3, loser: 4}
    tell(merge.tell("unmerged"))
    found = rows("SELECT owner_id::text AS owner, on_hand FROM stock_balances WHERE sku = :sku", sku=sku)
    assert {row["owner"]: row["on_hand"] for row in found} == {survivor: 3, loser: 4}


def test_movements_stay_as_they_were(
    staff: Client, own: Any, receive: Any, tell: Any, rows: Rows, two: tuple[str, str], sku: str
) -> None:
    survivor, loser = two
    receive(sku, 4, warehouse=own(loser)["code"])
    statement = "SELECT id, customer_id, quantity FROM stock_movements WHERE sku = :sku"
    before = rows(statement, sku=sku)
    tell(Merge(survivor, loser).tell("merged"))
    assert rows(statement, sku=sku) == before
    assert staff.get("/operations/stock-drift").json == {"items": []}


def test_a_return_under_way_goes_on_at_the_survivor(
    staff: Client, sender: Sender, tell: Any, two: tuple[str, str], sku: str, tokens: TestTokens, service: Service
) -> None:
    survivor, loser = two
    sent = sender.send(loser, sku, 2)
    back = ask(staff, sent.line(2), warehouse="MAIN")
    do(staff, back, "authorization")
    tell(Merge(survivor, loser).tell("merged"))
    count_in(staff, back, 2)
    inspect(staff, back, (2, "A", "restock", "credit"))
    assert do(staff, back, "closure")["status"] == "closed"
    theirs, formers = (client_for(service, tokens.portal({one: ["stock.view", "orders.view"]})) for one in two)
    assert theirs.get(f"/returns/{back['id']}").status_code == 200
    assert formers.get(f"/returns/{back['id']}").status_code == 404


def test_what_is_written_for_a_merged_customer_later_is_moved_on(
    service: Service, own: Any, tell: Any, rows: Rows, two: tuple[str, str]
) -> None:
    survivor, loser = two
    merge = Merge(survivor, loser)
    tell(merge.tell("merged"))
    own(loser)
    assert service.db.run(lambda session: follow_late_rows(session, PARTS, lock_articles)) == 1
    assert set(holdings(rows, survivor)) == {"warehouses.customer_id"}
    deliver(service, merge.tell("unmerged"))
    assert set(holdings(rows, loser)) == {"warehouses.customer_id"}
