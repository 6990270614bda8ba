"""Listings in a file: a row makes one, or changes the one that has its SKU."""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import fields, validate
from sqlalchemy import select
from sqlalchemy.orm import Session

from common import outbox
from common.importing.cells import day, whole
from common.importing.declared import Decision, DeclaredKind, check_mode, decide_each
from common.importing.kinds import Interfered, Options, Outcome
from common.importing.rows import Row, RowRefused
from common.schemas import Flag, Schema, Text
from customer_replica import replica_customers
from ordering.domain.listings import (
    AUDIENCES,
    BACKORDER_POLICIES,
    CONFIRMATIONS,
    KINDS,
    LENGTHS,
    STATUSES,
    check_listing,
    check_open,
    moved,
    words_of,
)
from ordering.events import listings as events
from ordering.tables.listings import listings
from ordering.use_cases import store
from ordering.use_cases.imports.components import components
from ordering.use_cases.listings import create_listings, differences, with_defaults
from ordering.use_cases.store import Record

_FIXED = {
    "kind": "The kind of a listing is fixed; retire it and make another.",
    "owner_id": "Who sells a listing is fixed; retire it and make another.",
}


def _word(*words: str) -> fields.String:
    error = f"{{input}} is unknown; write {', '.join(words)}."
    return fields.String(validate=validate.OneOf(words, error=error))


class ListingRow(Schema):
    """A row of a file of listings."""

    sku = Text(
        max=LENGTHS["sku"],
        required=True,
        metadata={"headings": "article article_number item item_number product_id product_number product_code code"},
    )
    name = Text(max=LENGTHS["name"], required=True, metadata={"headings": "product_name article_name item_name title"})
    description = Text(max=LENGTHS["description"], metadata={"clearable": True, "headings": "text details"})
    category = Text(
        max=LENGTHS["category"],
        metadata={"clearable": True, "headings": "category_name category_id product_group"},
    )
    unit = Text(max=LENGTHS["unit"], metadata={"headings": "unit_of_measure quantity_per_unit packaging"})
    kind = _word(*KINDS)
    status = _word(*STATUSES)
    audience = _word(*AUDIENCES)
    backorder_policy = _word(*BACKORDER_POLICIES)
    backorder_cap = whole(1, 1_000_000_000, metadata={"clearable": True})
    lead_days = whole(0, 3_650, metadata={"clearable": True, "headings": "lead_time lead_time_days"})
    preorderable = Flag()
    available_from = day(metadata={"clearable": True})
    preorder_from = day(metadata={"clearable": True})
    preorder_until = day(metadata={"clearable": True})
    return_days = whole(0, 3_650, metadata={"clearable": True})
    confirmation = _word(*CONFIRMATIONS)
    owner = Text(max=80, metadata={"headings": "owner_number seller seller_number customer customer_number"})
    components = components(metadata={"clearable": True, "maxLength": 20_000})


class Listings(DeclaredKind):
    """What is offered, by SKU. A new listing is a draft unless the row says another status."""

    name = "listings"
    permission = "listings.edit"
    schema = ListingRow
    identity = ("sku",)
    matches = ("sku",)
    repeated = "SKU"

    def apply(self, session: Session, rows: Sequence[Row], options: Options) -> Outcome:
        stored = _stored(session, [row.values["sku"] for row in rows])
        owners = _owners(session, rows)
        new: list[Record] = []
        changed: list[tuple[Record, Record]] = []

        def decide(row: Row) -> Decision:
            before = stored.get(row.values["sku"])
            check_mode(options, f"Listing {row.values['sku']}", stored=before is not None)
            given = _given(row, owners)
            if before is None:
                self.refuse_incomplete(row)
                record = with_defaults({"kind": "stock", "unit": "piece"} | given)
                check_listing(record)
                new.append(record)
                return "created"
            after = before | given
            if not _differing(before, after):
                return "unchanged"
            changed.append((before, after))
            return "updated"

        outcome = decide_each(rows, decide)
        if not options.dry_run:
            if None in create_listings(session, new):
                raise Interfered
            _save(session, changed)
        return outcome


def _owners(session: Session, rows: Sequence[Row]) -> dict[str, str]:
    """The customers that sell what the rows name, by number."""
    numbers = {row.values["owner"] for row in rows if "owner" in row.values}
    if not numbers:
        return {}
    replica = replica_customers.c
    statement = select(replica.number, replica.id).where(replica.number.in_(numbers), ~replica.gone)
    return {found.number: found.id for found in session.execute(statement)}


def _given(row: Row, owners: Mapping[str, str]) -> Record:
    """The fields of a listing that a row gives or empties."""
    given: Record = row.values | dict.fromkeys(row.cleared)
    if "components" in row.cleared:
        given["components"] = []
    if "owner" in given:
        number = given.pop("owner")
        if number not in owners:
            raise RowRefused("unknown_customer", f"There is no customer with the number {number}; import it first.")
        given["owner_id"] = owners[number]
    return given


def _stored(session: Session, skus: Sequence[str]) -> dict[str, Record]:
    """The listings with these SKUs, locked."""
    statement = select(listings).where(listings.c.sku.in_(skus)).order_by(listings.c.id).with_for_update()
    found = session.execute(statement).mappings()
    return {row["sku"]: {str(name): value for name, value in row.items()} for row in found}


def _differing(before: Record, after: Record) -> list[dict[str, Any]]:
    """What a row changes; raises RowRefused and the refusals of an edit."""
    for name, detail in _FIXED.items():
        if after[name] != before[name]:
            raise RowRefused(name, detail)
    differing = differences(before, after)
    if differing:
        check_open(before["status"])
        check_listing(after)
        if after["status"] != before["status"]:
            # A step to where it is allowed to go; a draft is never one of them.
            moved(before["status"], after["status"])
    return differing


def _save(session: Session, changed: Sequence[tuple[Record, Record]]) -> None:
    now = store.moment(session)
    records = [
        after | {"version": before["version"] + 1, "updated_at": now, "words": words_of(after)}
        for before, after in changed
    ]
    store.update(session, listings, records)
    for (before, _), record in zip(changed, records, strict=True):
        verb = record["status"] if record["status"] != before["status"] else "updated"
        outbox.add(session, events.listing(verb, record, changes=differences(before, record)))
