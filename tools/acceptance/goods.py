"""The checks of what is sold: listings, prices, opening stock and orders, all imported from files."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import orjson

from acceptance import imports
from acceptance.client import Client
from acceptance.northwind import GoodsFiles
from acceptance.table import Table

CURRENCY = "USD"
PRICE_LIST = "NORTHWIND"
WAREHOUSE = "NORTHWIND"
COUNTS = ("created", "updated", "unchanged", "duplicate", "invalid")
MAPPING = {
    "product_id": "sku",
    "product_name": "name",
    "quantity_per_unit": "unit",
    "category_id": "category",
}

Row = dict[str, str]


class Goods:
    """One acceptance run of the goods. It may be repeated: what is there already counts as unchanged."""

    def __init__(self, client: Client, table: Table, files: GoodsFiles) -> None:
        self.client = client
        self.table = table
        self.files = files

    def all(self) -> None:
        """Every check."""
        self.listings()
        self.prices()
        self.stock()
        self.orders()

    def listings(self) -> None:
        self.table.part("Products become listings, by a mapping of their columns")
        rows = self.files.product_rows
        there = len(self.of_listings())
        mapping = {**dict.fromkeys(rows[0]), **MAPPING}
        named = {"mapping": orjson.dumps(mapping).decode(), "match": "sku"}
        self.imported("listings", self.files.products, len(rows), there, named)
        stored = self.of_listings()
        same = sum(stored.get(row["product_id"], {}).get("name") == row["product_name"].strip() for row in rows)
        self.table.check("listings with the name of their product", len(rows), same)
        drafts = sum(item["status"] == "draft" for item in stored.values())
        published = _csv(["sku", "status"], ([row["product_id"], "published"] for row in rows))
        done = imports.run(self.client, published, dry_run=False, of="listings", mode="update")
        self.counts(done, updated=drafts, unchanged=len(rows) - drafts)

    def prices(self) -> None:
        self.table.part("Their prices go into a list")
        body = {"code": PRICE_LIST, "name": "Northwind", "kind": "standard", "currency": CURRENCY}
        made = self.client.send("POST", "/price-lists", body)
        list_id = made.content["id"] if made.status == 201 else self.id_of("/price-lists", PRICE_LIST)
        rows = self.files.product_rows
        content = _csv(
            ["list", "sku", "unit_price", "currency"],
            ([PRICE_LIST, row["product_id"], row["unit_price"], CURRENCY] for row in rows),
        )
        there = len(self.pages(f"/price-lists/{list_id}/prices"))
        self.imported("prices", content, len(rows), there)
        stored = {item["sku"]: item["price"] for item in self.pages(f"/price-lists/{list_id}/prices")}
        same = sum(
            stored.get(row["product_id"]) == {"amount": _cents(row["unit_price"]), "currency": CURRENCY} for row in rows
        )
        self.table.check("prices as in the file", len(rows), same)

    def stock(self) -> None:
        self.table.part("Their stock is taken into a warehouse, once")
        self.client.send("POST", "/warehouses", {"code": WAREHOUSE, "name": "Northwind"})
        rows = self.files.product_rows
        content = _csv(
            ["warehouse", "sku", "quantity"],
            ([WAREHOUSE, row["product_id"], row["units_in_stock"]] for row in rows),
        )
        kept = sum(row["units_in_stock"] != "0" for row in rows)
        there = sum(item["reference"] == "opening" for item in self.movements())
        self.imported("stock", content, kept, there, unchanged=len(rows) - kept)
        taken = {item["sku"]: item["quantity"] for item in self.movements() if item["reference"] == "opening"}
        same = sum(taken.get(row["product_id"], 0) == int(row["units_in_stock"]) for row in rows)
        self.table.check("products with the stock of the file taken in", len(rows), same)

    def orders(self) -> None:
        self.table.part("Their orders become drafts, line by line")
        rows = self.files.line_rows
        fields = ["order_id", "customer_id", "product_id", "quantity", "unit_price", "discount", "required_date"]
        content = _csv([*fields, "currency"], ([*(row[name] for name in fields), CURRENCY] for row in rows))
        there = sum(len(order["lines"]) for order in self.of_orders().values())
        self.imported("orders", content, len(rows), there)
        wanted: dict[str, Decimal] = defaultdict(Decimal)
        for row in rows:
            wanted[row["order_id"]] += _total(row)
        stored = {number: Decimal(order["total"]["amount"]) for number, order in self.of_orders().items()}
        self.table.check("orders", len(wanted), len(stored))
        same = sum(stored.get(number) == total for number, total in wanted.items())
        self.table.check("totals equal to quantity x price x (1 - discount), to the cent", len(wanted), same)
        self.table.check("total of all orders", sum(wanted.values()), sum(stored.values()))

    def imported(
        self, of: str, content: bytes, rows: int, there: int, fields: Row | None = None, *, unchanged: int = 0
    ) -> None:
        """A dry run, the import, and the same file once more, where `rows` of the file store something and `there` of
        them are stored already."""
        for dry_run, done in ((True, there), (False, there), (False, rows)):
            result = imports.run(self.client, content, dry_run=dry_run, of=of, **(fields or {}))
            self.table.check(f"{of}: dry run" if dry_run else f"{of}: import", "completed", result["state"])
            self.counts(result, created=rows - done, unchanged=done + unchanged)

    def counts(self, result: dict[str, Any], **expected: int) -> None:
        """Compares all five counts in one line."""
        wanted = {name: expected.get(name, 0) for name in COUNTS}
        seen = {name: result["counts"][name] for name in COUNTS}
        self.table.check("created/updated/unchanged/duplicate/invalid", _joined(wanted), _joined(seen))

    def of_listings(self) -> dict[str, dict[str, Any]]:
        wanted = {row["product_id"] for row in self.files.product_rows}
        return {item["sku"]: item for item in self.pages("/listings") if item["sku"] in wanted}

    def of_orders(self) -> dict[str, dict[str, Any]]:
        """The orders of the file that are there, by their number in it, whole."""
        wanted = {row["order_id"] for row in self.files.line_rows}
        found = [item for item in self.pages("/orders") if item["external_number"] in wanted]
        return {item["external_number"]: self.client.get(f"/orders/{item['id']}").content for item in found}

    def movements(self) -> list[dict[str, Any]]:
        """What the warehouse of this run has taken in."""
        place = self.id_of("/warehouses", WAREHOUSE)
        return [item for item in self.pages("/stock/movements") if item["warehouse_id"] == place]

    def id_of(self, path: str, code: str) -> str:
        return next(str(item["id"]) for item in self.pages(path) if item["code"] == code)

    def pages(self, path: str) -> list[dict[str, Any]]:
        """All items of a list."""
        items: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = self.client.get(path, limit=200, cursor=cursor).content
            items += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return items


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()


def _cents(amount: str) -> str:
    return f"{Decimal(amount):.2f}"


def _total(row: Row) -> Decimal:
    """What a line costs, rounded half up to the cent."""
    exact = Decimal(row["quantity"]) * Decimal(row["unit_price"]) * (1 - Decimal(row["discount"]))
    return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _joined(counts: dict[str, int]) -> str:
    return "/".join(str(counts[name]) for name in COUNTS)
