"""Opening stock in a file: a row takes goods into a warehouse, once for each reference."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import orjson
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from common.importing.cells import amount, whole
from common.importing.declared import Decision, DeclaredKind, check_mode, decide_each
from common.importing.kinds import Options, Outcome
from common.importing.rows import Row, RowRefused
from common.money import to_minor
from common.schemas import Schema, Text
from warehouse.errors.stock import MoneyUnsuitable
from warehouse.tables.stock import warehouses
from warehouse.use_cases.promises import Promises
from warehouse.use_cases.stock import receive

_MOST = 1_000_000_000
_SKUS = "article article_number item item_number product_id product_number product_code"

# Warehouse, article and reference.
Key = tuple[str, str, str]


class StockRow(Schema):
    """A row of a file of stock."""

    warehouse = Text(max=40, required=True, metadata={"headings": "warehouse_code location"})
    sku = Text(max=80, required=True, metadata={"headings": _SKUS})
    quantity = whole(0, _MOST, required=True, metadata={"headings": "on_hand stock units_in_stock qty"})
    unit_cost = amount(metadata={"headings": "cost cost_price purchase_price"})
    currency = Text(min=3, max=3)
    reference = Text(max=200, metadata={"headings": "delivery purchase_order"})


class Stock(DeclaredKind):
    """Goods by warehouse, SKU and reference, `opening` where none is given. What was taken in under a reference is not
    taken in again, so that a file may be sent twice; a quantity of zero takes nothing in."""

    name = "stock"
    permission = "stock.edit"
    schema = StockRow
    identity = ("warehouse", "sku")
    also = ("reference",)
    defaults = MappingProxyType({"reference": "opening"})
    matches = ("reference",)
    repeated = "warehouse, SKU and reference"

    def apply(self, session: Session, rows: Sequence[Row], options: Options) -> Outcome:
        if not options.dry_run:
            # All articles at once and in order, before any of them is looked at; it also makes them known.
            Promises(session, orders={}, skus={row.values["sku"] for row in rows})
        known = _read(session, rows)
        receipts: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)

        def decide(row: Row) -> Decision:
            self.refuse_incomplete(row)
            values, place = row.values, known.place(row)
            key: Key = (place["id"], values["sku"], values["reference"])
            before = known.received.get(key)
            what = f"Stock of {values['sku']} under the reference {values['reference']}"
            if before is not None and before != values["quantity"]:
                detail = f"{what} was taken in as {before:,}; adjust it, or give another reference."
                raise RowRefused("reference_used", detail)
            check_mode(options, what, stored=before is not None)
            if before is not None or not values["quantity"]:
                return "unchanged"
            line = {"sku": values["sku"], "quantity": values["quantity"]} | known.cost(row, place["id"])
            receipts[place["id"], values["reference"]].append(line)
            known.received[key] = values["quantity"]
            return "created"

        outcome = decide_each(rows, decide)
        if not options.dry_run:
            for (warehouse_id, reference), lines in receipts.items():
                receive(session, {"warehouse": warehouse_id, "reference": reference, "lines": lines})
        return outcome


@dataclass(frozen=True, slots=True)
class _Known:
    """What is stored of the things that rows name: warehouses by their code in small letters, what was received, and
    the currency in which the cost of an article is kept in a warehouse."""

    places: Mapping[str, Mapping[str, Any]]
    received: dict[Key, int]
    currencies: dict[tuple[str, str], str]

    def place(self, row: Row) -> Mapping[str, Any]:
        """The warehouse; raises RowRefused."""
        code = row.values["warehouse"]
        place = self.places.get(code.lower())
        if place is None:
            raise RowRefused("warehouse_unknown", f"There is no warehouse with the code {code}; make it first.")
        if place["status"] != "active":
            raise RowRefused("not_open", f"{place['name']} is {place['status']} and takes nothing in.")
        return place

    def cost(self, row: Row, warehouse_id: str) -> dict[str, Any]:
        """What one unit cost, where the row says it; raises RowRefused and MoneyUnsuitable."""
        values = row.values
        if values.get("unit_cost") is None:
            return {}
        kept = self.currencies.get((warehouse_id, values["sku"]))
        currency = (values.get("currency") or kept or "").upper()
        if not currency:
            raise RowRefused("missing", "A cost needs a currency; add it as a column.")
        if kept not in {None, currency}:
            raise RowRefused("currency_differs", f"The cost of {values['sku']} is kept in {kept} here.")
        to_minor(values["unit_cost"], currency, "", MoneyUnsuitable)
        self.currencies[warehouse_id, values["sku"]] = currency
        return {"unit_cost": {"amount": values["unit_cost"], "currency": currency}}


def _read(session: Session, rows: Sequence[Row]) -> _Known:
    codes = {row.values["warehouse"].lower() for row in rows}
    named = select(warehouses).where(func.lower(warehouses.c.code).in_(codes)).order_by(warehouses.c.id)
    found = session.execute(named.with_for_update(read=True)).mappings()
    places: dict[str, Mapping[str, Any]] = {place["code"].lower(): dict(place) for place in found}
    wanted = [
        {"warehouse_id": places[code]["id"], "sku": row.values["sku"], "reference": row.values["reference"]}
        for row in rows
        if (code := row.values["warehouse"].lower()) in places
    ]
    parameters = {"rows": orjson.dumps(wanted).decode()}
    received = {
        (row.warehouse_id, row.sku, row.reference): row.quantity for row in session.execute(_RECEIVED, parameters)
    }
    currencies = {(row.warehouse_id, row.sku): row.currency for row in session.execute(_CURRENCIES, parameters)}
    return _Known(places, received, currencies)


_WANTED = """(SELECT DISTINCT * FROM jsonb_to_recordset(CAST(:rows AS jsonb))
              AS g(warehouse_id uuid, sku text, reference text)) AS w"""
_RECEIVED = text(
    f"""
    SELECT m.warehouse_id::text AS warehouse_id, m.sku, m.reference, sum(m.quantity)::bigint AS quantity
    FROM {_WANTED} JOIN stock_movements m USING (warehouse_id, sku, reference)
    WHERE m.kind = 'receipt' AND m.owner_id IS NULL GROUP BY m.warehouse_id, m.sku, m.reference
    """  # noqa: S608  # our own words
)
_CURRENCIES = text(
    f"""
    SELECT DISTINCT b.warehouse_id::text AS warehouse_id, b.sku, b.currency
    FROM {_WANTED} JOIN stock_balances b USING (warehouse_id, sku)
    WHERE b.owner_id IS NULL AND b.currency IS NOT NULL
    """  # noqa: S608  # our own words
)
