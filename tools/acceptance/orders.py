"""The checks of what is offered, in stock and ordered: every order of the records, from draft to doorstep."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import orjson

from acceptance import imports
from acceptance.client import Answer, Client
from acceptance.table import Table
from acceptance.trade import CURRENCY, Order, Trade

PRICE_LIST = "northwind"
WAREHOUSE = "NORTHWIND"
# How the columns of products.csv are read; the others are left out.
COLUMNS = {"product_id": "sku", "product_name": "name", "quantity_per_unit": "unit", "category_id": "category"}
_PATIENCE = 300.0
_EVERY = 0.05
_DONE = frozenset(("completed", "cancelled", "rejected", "expired"))


class SetUpFailed(SystemExit):
    """A price list or warehouse was refused; nothing after it can be judged."""


class OrderRun:
    """Drives the trade through a stack in which its customers are. It may be repeated: orders that are there stay."""

    def __init__(self, client: Client, table: Table, trade: Trade, customers: dict[str, str]) -> None:
        """`customers`: their ids by number."""
        self.client = client
        self.table = table
        self.trade = trade
        self.customers = customers
        self.orders: dict[str, dict[str, Any]] = {}
        self.warehouse_id = ""

    def all(self) -> None:
        """Every check."""
        self.set_up()
        self.offers()
        self.stock()
        self.drafts()
        self.submitted()
        self.confirmed()
        self.shipped()
        self.totals()
        self.charged()
        self.left_in_stock()
        self.nothing_between()
        self.seen_by_everybody()

    def set_up(self) -> None:
        """A price list and a warehouse, where there are none yet."""
        lists = {one["code"] for one in self.every("/price-lists")}
        if PRICE_LIST not in lists:
            made = {"code": PRICE_LIST, "name": "Northwind", "kind": "standard", "currency": CURRENCY}
            self.make("/price-lists", made)
        if WAREHOUSE not in self.warehouses():
            self.make("/warehouses", {"code": WAREHOUSE, "name": "Northwind"})
        self.warehouse_id = self.warehouses()[WAREHOUSE]

    def make(self, path: str, content: dict[str, Any]) -> None:
        """Creates what everything after it needs; raises SetUpFailed."""
        answer = self.client.send("POST", path, content)
        if answer.status != HTTPStatus.CREATED:
            raise SetUpFailed(f"POST {path} answered {answer.status}: {answer.content}")

    def warehouses(self) -> dict[str, str]:
        """The ids of all warehouses by their code."""
        return {one["code"]: one["id"] for one in self.every("/warehouses")}

    def offers(self) -> None:
        self.table.part("Products become listings with prices")
        total = len(self.trade.products)
        raw, mapping = self.trade.products_file, orjson.dumps(COLUMNS).decode()
        counts = imports.run(self.client, raw, dry_run=True, of="listings", match="sku", mapping=mapping)["counts"]
        fits = counts["created"] + counts["updated"] + counts["unchanged"]
        self.table.check("rows of the file as it is that fit by a mapping", total, fits)
        for of, match, content in (
            ("listings", "sku", self.trade.listings_file()),
            ("prices", "sku", self.trade.prices_file(PRICE_LIST)),
        ):
            counts = imports.run(self.client, content, of=of, match=match)["counts"]
            self.table.check(f"{of} that are there", total, counts["created"] + counts["updated"] + counts["unchanged"])
            self.table.check(f"{of} that are refused", 0, counts["invalid"] + counts["duplicate"])
            again = imports.run(self.client, content, of=of, match=match)["counts"]
            self.table.check(f"{of} unchanged the second time", total, again["unchanged"])

    def stock(self) -> None:
        self.table.part("The opening stock: what was sold, and what is left")
        content = self.trade.stock_file(WAREHOUSE)
        for turn in ("first", "second"):
            counts = imports.run(self.client, content, of="stock", match="reference")["counts"]
            held = counts["created"] + counts["unchanged"]
            self.table.check(f"products taken in, {turn} time", len(self.trade.products), held)
        received = self.movements("receipt")
        wanted = Counter({product.sku: product.left for product in self.trade.products}) + self.trade.sold
        self.table.check("received, in pieces", sum(wanted.values()), sum(received.values()))

    def drafts(self) -> None:
        self.table.part("Orders become drafts, at the prices of their day")
        if not self.read_orders():
            counts = imports.run(self.client, self.trade.orders_file(), of="orders", match="order")["counts"]
            self.table.check("lines", self.trade.lines, counts["created"])
            self.table.check("lines refused", 0, counts["invalid"] + counts["duplicate"])
        self.table.check("orders", len(self.trade.orders), self.read_orders())
        days = sum(self.has_its_days(order) for order in self.trade.orders)
        self.table.check("orders with the days of the records", len(self.trade.orders), days)
        addressed = sum(self.goes_where_it_went(order) for order in self.trade.orders)
        self.table.check("orders with the addresses of the records", len(self.trade.orders), addressed)

    def has_its_days(self, order: Order) -> bool:
        """Whether it was ordered, and wanted, on the days of the records."""
        one = self.orders[order.number]
        return (one["ordered_on"], one["requested_on"]) == (order.ordered_on, order.required_on)

    def goes_where_it_went(self, order: Order) -> bool:
        """Whether it goes to the address of the records, and its freight is noted."""
        one = self.client.get(f"/orders/{self.orders[order.number]['id']}").content
        address = one["ship_to"] or {}
        names = ("name", "line1", "city", "region", "postal_code")
        written = tuple(value.strip() or None for value in order.ship_to.values())[: len(names)]
        kept = tuple(address.get(name) for name in names)
        return kept == written and len(address.get("country") or "") == 2 and one["note"] == order.note

    def submitted(self) -> None:
        self.table.part("In the order of their days: submitted, confirmed, shipped")
        refused = self.each("draft", lambda order: self.command(order, "submission", {}))
        self.table.check("submissions refused", 0, refused)
        waiting = self.wait(lambda: self.in_status("pending_confirmation", short_of_answer=True))
        self.table.check("submitted orders without an answer of the warehouse", 0, waiting)

    def confirmed(self) -> None:
        refused = self.each("pending_confirmation", lambda order: self.command(order, "confirmation", {}))
        self.table.check("confirmations refused", 0, refused)
        waiting = self.wait(lambda: self.in_status("confirmed", short_of_allocation=True))
        self.table.check("confirmed orders without their goods", 0, waiting)

    def shipped(self) -> None:
        refused = self.each("confirmed", self.ship)
        self.table.check("shipments refused", 0, refused)
        left = self.wait(lambda: sum(one["status"] not in _DONE for one in self.orders.values()))
        self.table.check("orders that have not ended", 0, left)

    def totals(self) -> None:
        self.table.part("What they came to")
        completed = [order for order in self.trade.orders if self.orders[order.number]["status"] == "completed"]
        self.table.check("orders completed", len(self.trade.orders), len(completed))
        right = sum(Decimal(self.orders[order.number]["total"]["amount"]) == order.total for order in self.trade.orders)
        self.table.check("totals right to the cent (each line rounded half up)", len(self.trade.orders), right)
        wanted = sum((order.total for order in self.trade.orders), Decimal(0))
        seen = sum((Decimal(one["total"]["amount"]) for one in self.orders.values()), Decimal(0))
        self.table.check("all together", str(wanted), str(seen))

    def charged(self) -> None:
        left = self.wait(self.not_charged)
        self.table.check("orders whose charges do not sum to their total", 0, left)
        drift = self.client.get("/operations/account-drift").content
        self.table.check("accounts that differ from their charges", [], drift["items"])

    def not_charged(self) -> int:
        """How many orders are not charged to the cent, whatever becomes of the charges."""
        charged: dict[str, Decimal] = {}
        for customer in sorted({order.customer for order in self.trade.orders}):
            for one in self.every(f"/customers/{self.customers[customer]}/charges"):
                charged[one["order_id"]] = charged.get(one["order_id"], Decimal(0)) + Decimal(one["amount"]["amount"])
        return sum(charged.get(self.orders[order.number]["id"]) != order.total for order in self.trade.orders)

    def left_in_stock(self) -> None:
        received, shipped = self.movements("receipt"), self.movements("shipment")
        on_hand = {one["sku"]: one["on_hand"] for one in self.every("/stock", warehouse=WAREHOUSE)}
        even = sum(received[p.sku] + shipped[p.sku] == on_hand.get(p.sku) for p in self.trade.products)
        self.table.check("products whose stock is receipts less shipments", len(self.trade.products), even)
        left = sum(p.left == on_hand.get(p.sku) for p in self.trade.products)
        self.table.check("products with as many left as the records say", len(self.trade.products), left)

    def nothing_between(self) -> None:
        self.table.part("Nothing is left between states")
        held = [one for one in self.every("/stock", warehouse=WAREHOUSE) if one["reserved"] or one["allocated"]]
        self.table.check("products still reserved", [], [one["sku"] for one in held])
        self.table.check("orders or reservations without the other", [], list(self.every("/operations/orphans")))
        drift = self.client.get("/operations/stock-drift").content
        self.table.check("balances that differ from their movements", [], drift["items"])

    def seen_by_everybody(self) -> None:
        buyers = {order.customer for order in self.trade.orders}
        delivered = 0
        for customer in buyers:
            page = self.client.get("/customers", q=customer, filter="supply:delivered", limit=20).content
            delivered += any(item["id"] == self.customers[customer] for item in page["items"])
        self.table.check("customers shown as delivered", len(buyers), delivered)
        shown = sum(
            self.client.get(f"/customers/{self.customers[customer]}/overview").content["counts"]["orders"]
            for customer in buyers
        )
        self.table.check("orders in the overviews of their customers", len(self.trade.orders), shown)

    def ship(self, order: Order) -> Answer:
        made = self.client.send("POST", "/shipments", {"order_id": self.orders[order.number]["id"]})
        if made.status != HTTPStatus.CREATED:
            return made
        travels = {"carrier": order.carrier, "tracking_number": f"NW-{order.number}"}
        return self.client.send("POST", f"/shipments/{made.content['id']}/dispatch", travels, etag=made.etag)

    def command(self, order: Order, name: str, content: dict[str, Any]) -> Answer:
        return self.client.send("POST", f"/orders/{self.orders[order.number]['id']}/{name}", content)

    def each(self, status: str, act: Callable[[Order], Answer]) -> int:
        """Acts on each order of that status, in the order of their days; how many were refused."""
        refused = 0
        for order in self.trade.orders:
            if self.orders[order.number]["status"] == status:
                answer = act(order)
                if answer.status not in {HTTPStatus.OK, HTTPStatus.CREATED}:
                    refused += 1
                    if refused == 1:
                        print(f"    order {order.number}: {answer.status} {answer.content}")
        self.read_orders()
        return refused

    def in_status(self, status: str, *, short_of_answer: bool = False, short_of_allocation: bool = False) -> int:
        """How many orders of that status still wait for the warehouse."""
        waiting = 0
        for order in self.trade.orders:
            if self.orders[order.number]["status"] != status:
                continue
            lines = self.client.get(f"/orders/{self.orders[order.number]['id']}").content["lines"]
            reserved = all(line["quantity_reserved"] == line["quantity"] for line in lines)
            allocated = all(line["quantity_allocated"] == line["quantity"] for line in lines)
            waiting += (short_of_answer and not (reserved or allocated)) or (short_of_allocation and not allocated)
        return waiting

    def wait(self, left: Callable[[], int]) -> int:
        """Waits until none is left; how many are."""
        until = time.monotonic() + _PATIENCE
        while (count := left()) and time.monotonic() < until:
            time.sleep(_EVERY)
            self.read_orders()
        return count

    def read_orders(self) -> int:
        """Reads every order of the records; how many there are."""
        wanted = {order.number for order in self.trade.orders}
        found = (one for one in self.every("/orders") if one["external_number"] in wanted)
        self.orders = {one["external_number"]: one for one in found}
        return len(self.orders)

    def movements(self, kind: str) -> Counter[str]:
        """The sum of the warehouse's movements of a kind, by product; what leaves is negative."""
        found: Counter[str] = Counter()
        for one in self.every("/stock/movements", warehouse_id=self.warehouse_id, kind=kind):
            found[one["sku"]] += one["quantity"]
        return found

    def every(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """All items of a list, page by page."""
        cursor = None
        while True:
            page = self.client.get(path, limit=200, cursor=cursor, **query).content
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return
