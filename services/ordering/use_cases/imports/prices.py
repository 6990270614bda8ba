"""Prices in a file: a row sets the price of a listing in a list, from a quantity and a day on."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import orjson
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common.importing.cells import amount, day, whole
from common.importing.declared import Decision, DeclaredKind, check_mode, decide_each
from common.importing.kinds import Options, Outcome
from common.importing.rows import Row, RowRefused
from common.money import to_minor, to_text
from common.schemas import Schema, Text
from ordering.domain.listings import LENGTHS as LISTING_LENGTHS
from ordering.domain.price_lists import LENGTHS, ends_early
from ordering.errors import MoneyUnsuitable
from ordering.tables.listings import listings
from ordering.tables.prices import price_lists
from ordering.use_cases.prices import set_prices
from ordering.use_cases.store import Record

_SKUS = "article article_number item item_number product_id product_number product_code"

Key = tuple[str, str, int, Any]


class PriceRow(Schema):
    """A row of a file of prices."""

    list = Text(max=LENGTHS["code"], required=True, metadata={"headings": "list_code price_list price_list_code"})
    sku = Text(max=LISTING_LENGTHS["sku"], required=True, metadata={"headings": _SKUS})
    unit_price = amount(required=True, metadata={"clearable": True, "headings": "price amount net_price"})
    currency = Text(min=3, max=3)
    min_quantity = whole(1, 1_000_000, metadata={"headings": "quantity from_quantity minimum_quantity"})
    valid_from = day()
    valid_to = day(metadata={"clearable": True})


class Prices(DeclaredKind):
    """Prices by list, SKU, least quantity and first day. `@clear` as the price takes it out of its list."""

    name = "prices"
    permission = "prices.edit"
    schema = PriceRow
    identity = ("list", "sku")
    also = ("min_quantity", "valid_from")
    defaults = MappingProxyType({"min_quantity": 1})
    matches = ("sku",)
    repeated = "list, SKU, quantity and first day"

    def apply(self, session: Session, rows: Sequence[Row], options: Options) -> Outcome:
        known = _read(session, rows)
        new: dict[str, list[Record]] = defaultdict(list)

        def decide(row: Row) -> Decision:
            price_list, listing_id = known.names(row)
            before = known.prices.get(_key(row, price_list["id"], listing_id))
            check_mode(options, f"Price of {row.values['sku']} in {price_list['code']}", stored=before is not None)
            if before is None:
                self.refuse_incomplete(row)
            given = _given(row, price_list["currency"], before)
            if before and all(given[name] == before[name] for name in ("amount", "valid_to")):
                return "unchanged"
            new[price_list["id"]].append(given | {"listing_id": listing_id})
            return "updated" if before else "created"

        outcome = decide_each(rows, decide)
        if not options.dry_run:
            for list_id, given in new.items():
                set_prices(session, list_id, given)
        return outcome


@dataclass(frozen=True, slots=True)
class _Known:
    """What is stored of the things that rows name."""

    lists: Mapping[str, Record]
    listings: Mapping[str, str]
    prices: Mapping[Key, Record]

    def names(self, row: Row) -> tuple[Record, str]:
        """The list and the listing's id; raises RowRefused."""
        price_list, listing_id = self.lists.get(row.values["list"]), self.listings.get(row.values["sku"])
        if price_list is None:
            detail = f"There is no price list with the code {row.values['list']}; make it first."
            raise RowRefused("price_list_unknown", detail)
        if listing_id is None:
            raise RowRefused("listing_unknown", f"There is no listing with the SKU {row.values['sku']}.")
        currency = row.values.get("currency")
        if currency and currency.upper() != price_list["currency"]:
            raise RowRefused("currency", f"The list {price_list['code']} is in {price_list['currency']}.")
        return price_list, listing_id


def _read(session: Session, rows: Sequence[Row]) -> _Known:
    """Locks the lists, in an order that two imports share."""
    codes = {row.values["list"] for row in rows}
    locked = select(price_lists).where(price_lists.c.code.in_(codes)).order_by(price_lists.c.id).with_for_update()
    lists = {found["code"]: dict(found) for found in session.execute(locked).mappings()}
    named = select(listings.c.sku, listings.c.id).where(listings.c.sku.in_({row.values["sku"] for row in rows}))
    ids = {found.sku: found.id for found in session.execute(named)}
    wanted = [
        {"list_id": lists[row.values["list"]]["id"], "listing_id": ids[row.values["sku"]]}
        for row in rows
        if row.values["list"] in lists and row.values["sku"] in ids
    ]
    currencies = {found["id"]: found["currency"] for found in lists.values()}
    stored = {}
    for found in session.execute(_PRICES, {"pairs": orjson.dumps(wanted).decode()}):
        kept = {"amount": to_text(found.unit_minor, currencies[found.list_id]), "valid_to": found.valid_to}
        stored[found.list_id, found.listing_id, found.min_quantity, found.valid_from] = kept
    return _Known(lists, ids, stored)


def _key(row: Row, list_id: str, listing_id: str) -> Key:
    return list_id, listing_id, row.values["min_quantity"], row.values.get("valid_from")


def _given(row: Row, currency: str, before: Record | None) -> Record:
    """The price that the row asks for; what it leaves empty stays as before. Raises RowRefused and MoneyUnsuitable."""
    values, kept = row.values, before or {"amount": None, "valid_to": None}
    price = None if "unit_price" in row.cleared else values.get("unit_price") or kept["amount"]
    if price is not None:
        price = to_text(to_minor(price, currency, "", MoneyUnsuitable), currency)
    valid_to = None if "valid_to" in row.cleared else values.get("valid_to") or kept["valid_to"]
    if ends_early(values.get("valid_from"), valid_to):
        raise RowRefused("valid_to", "The price ends before its first day.")
    return {
        "min_quantity": values["min_quantity"],
        "valid_from": values.get("valid_from"),
        "valid_to": valid_to,
        "amount": price,
    }


_PRICES = text(
    """
    SELECT p.list_id::text AS list_id, p.listing_id::text AS listing_id, p.min_quantity, p.valid_from, p.valid_to,
           p.unit_minor
    FROM (SELECT DISTINCT * FROM jsonb_to_recordset(CAST(:pairs AS jsonb)) AS g(list_id uuid, listing_id uuid)) AS w
    JOIN prices p USING (list_id, listing_id)
    """
)
