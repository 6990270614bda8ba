"""Assets in a file: a row notes something that a customer has, or changes what is noted under its tag."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from common.importing.cells import day
from common.importing.declared import Decision, DeclaredKind, check_mode, decide_each
from common.importing.kinds import Interfered, Options, Outcome
from common.importing.rows import Row, RowRefused
from common.records import as_record
from common.schemas import Schema, Text
from customer_replica import replica_customers
from warehouse.domain import assets as rules
from warehouse.errors.assets import SerialTaken, TagTaken
from warehouse.tables.assets import assets
from warehouse.use_cases.assets import store
from warehouse.use_cases.assets.keeping import new_record
from warehouse.use_cases.assets.store import Changed
from warehouse.use_cases.assets.switch import on_of

Record = dict[str, Any]

_GIVEN = ("tag", "serial", "name", "model", "sku", "location", "warranty_until", "purchased_on", "note")
_CLEARABLE = {"clearable": True}
_LENGTHS = rules.LENGTHS


class AssetRow(Schema):
    """A row of a file of assets."""

    customer = Text(max=80, required=True, metadata={"headings": "customer_number company number"})
    tag = Text(max=_LENGTHS["tag"], required=True, metadata={"headings": "asset_tag asset inventory_number"})
    name = Text(max=_LENGTHS["name"], required=True, metadata={"headings": "asset_name description"})
    serial = Text(max=_LENGTHS["serial"], metadata=_CLEARABLE | {"headings": "serial_number"})
    model = Text(max=_LENGTHS["name"], metadata=_CLEARABLE | {"headings": "model_name"})
    sku = Text(max=_LENGTHS["sku"], metadata=_CLEARABLE | {"headings": "article article_number item_number"})
    custodian = Text(max=_LENGTHS["name"], metadata={"headings": "assigned_to user employee"})
    location = Text(max=_LENGTHS["location"], metadata=_CLEARABLE | {"headings": "site place room"})
    warranty_until = day(metadata=_CLEARABLE | {"headings": "warranty warranty_end"})
    purchased_on = day(metadata=_CLEARABLE | {"headings": "purchase_date purchased"})
    note = Text(max=_LENGTHS["note"], metadata=_CLEARABLE | {"headings": "notes comment"})


class Assets(DeclaredKind):
    """Assets by customer and tag. With a custodian a new one is handed out already; one that is there is handed to who
    is named, where it can be."""

    name = "assets"
    permission = "assets.edit"
    schema = AssetRow
    identity = ("customer", "tag")
    matches = ("tag",)
    repeated = "customer and tag"

    def apply(self, session: Session, rows: Sequence[Row], options: Options) -> Outcome:
        known = _read(session, rows)
        made: list[Record] = []
        changed: dict[str, list[Changed]] = {"change": [], "check_out": []}

        def decide(row: Row) -> Decision:
            customer_id = known.customer(row)
            key = (customer_id, row.values["tag"].lower())
            known.check_new(row, key)
            before = known.assets.get(key)
            check_mode(options, f"Asset {row.values['tag']} of {row.values['customer']}", stored=before is not None)
            known.check_serial(row, key)
            if before is None:
                self.refuse_incomplete(row)
                record = new_record(session, customer_id, _given(row) | _custodian(row))
                made.append(record)
                known.keep(key, record)
                return "created"
            after, command = _changed(row, before)
            if after == before:
                return "unchanged"
            changed[command].append(Changed(before, after))
            known.keep(key, after)
            return "updated"

        outcome = decide_each(rows, decide)
        if not options.dry_run:
            _write(session, made, changed)
        return outcome


@dataclass(slots=True)
class _Known:
    """What is stored of the things that rows name: customers by number, those that keep an inventory, assets by
    customer and tag, and whose each serial number is."""

    customers: Mapping[str, Mapping[str, Any]]
    on: frozenset[str]
    assets: dict[tuple[str, str], Record]
    serials: dict[tuple[str, str], str] = field(default_factory=dict)
    seen: set[tuple[str, str]] = field(default_factory=set)

    def customer(self, row: Row) -> str:
        """The customer's id; raises RowRefused."""
        number = row.values["customer"]
        found = self.customers.get(number)
        if found is None:
            raise RowRefused("customer_unknown", f"There is no customer {number}.")
        if found["status"] == "archived":
            raise RowRefused("archived", f"Customer {number} is archived; restore it first.")
        if found["id"] not in self.on:
            detail = f"Customer {number} keeps no inventory; switch {rules.SWITCH} on for it first."
            raise RowRefused("internal_inventory_disabled", detail)
        return str(found["id"])

    def check_new(self, row: Row, key: tuple[str, str]) -> None:
        """Raises RowRefused where a row before it has the same tag in other letters."""
        if key in self.seen:
            raise RowRefused("duplicate_in_file", f"The file has the tag {row.values['tag']} in a row before.")
        self.seen.add(key)

    def check_serial(self, row: Row, key: tuple[str, str]) -> None:
        """Raises RowRefused where another asset of the customer has the serial number."""
        serial = row.values.get("serial")
        if serial and self.serials.get((key[0], serial.lower()), key[1]) != key[1]:
            raise RowRefused("serial_taken", f"Another asset of {row.values['customer']} has the serial {serial}.")

    def keep(self, key: tuple[str, str], asset: Record) -> None:
        """Notes what the row makes of an asset, for the rows behind it."""
        if asset["serial"] and asset["status"] != rules.RETIRED:
            self.serials[key[0], asset["serial"].lower()] = key[1]


def _read(session: Session, rows: Sequence[Row]) -> _Known:
    """Locks the assets that are named, in an order that two imports share."""
    numbers = {row.values["customer"] for row in rows}
    table = replica_customers.c
    named = select(table.number, table.id, table.status).where(table.number.in_(numbers), ~table.gone)
    customers: dict[str, Mapping[str, Any]] = {
        found["number"]: as_record(found) for found in session.execute(named).mappings()
    }
    ids = {number: found["id"] for number, found in customers.items()}
    keys = {(ids[row.values["customer"]], row.values["tag"].lower()) for row in rows if row.values["customer"] in ids}
    of = select(assets).where(tuple_(assets.c.customer_id, func.lower(assets.c.tag)).in_(keys))
    stored = [as_record(found) for found in session.execute(of.order_by(assets.c.id).with_for_update()).mappings()]
    by_key = {(asset["customer_id"], asset["tag"].lower()): asset for asset in stored}
    known = _Known(customers, frozenset(on_of(session, sorted(ids.values()))), by_key)
    wanted = {
        (ids[row.values["customer"]], row.values["serial"].lower())
        for row in rows
        if row.values["customer"] in ids and row.values.get("serial")
    }
    taken = select(assets.c.customer_id, assets.c.tag, assets.c.serial, assets.c.status).where(
        tuple_(assets.c.customer_id, func.lower(assets.c.serial)).in_(wanted), assets.c.status != rules.RETIRED
    )
    for found in session.execute(taken).mappings():
        known.keep((found["customer_id"], found["tag"].lower()), as_record(found))
    return known


def _write(session: Session, made: Sequence[Record], changed: Mapping[str, Sequence[Changed]]) -> None:
    try:
        store.insert(session, made)
        for command, these in changed.items():
            store.save(session, these, command)
    except (TagTaken, SerialTaken) as taken:
        raise Interfered from taken


def _given(row: Row) -> Record:
    given = {name: row.values[name] for name in _GIVEN if row.values.get(name) is not None}
    return given | dict.fromkeys(row.cleared)


def _custodian(row: Row) -> Record:
    return {"custodian_label": row.values["custodian"]} if row.values.get("custodian") else {}


def _changed(row: Row, before: Record) -> tuple[Record, str]:
    """An asset as the row wants it, and by which command; raises RowRefused and AssetState."""
    after = before | _given(row) | {"tag": before["tag"]}
    called = row.values.get("custodian")
    if called and called != before["custodian_label"]:
        if before["status"] != rules.DEPLOYED:
            after["status"] = rules.after(before, "check_out")
        if before["request_id"]:
            raise RowRefused("promised", f"{before['tag']} is promised to a request; check it out to that.")
        return after | {"custodian_id": None, "custodian_label": called, "warehouse_id": None}, "check_out"
    if after != before:
        rules.check_changeable(before)
    return after, "change"
