"""Orders in a file: each row is a line of a draft, which is known by its customer and its number elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text, tuple_
from sqlalchemy.orm import Session

from common import outbox
from common.context import Context
from common.ids import new_id
from common.importing.cells import amount, day, share, whole
from common.importing.declared import Decision, DeclaredKind, check_mode, decide_each
from common.importing.kinds import Interfered, Options, Outcome
from common.importing.rows import Row, RowRefused
from common.money import to_minor
from common.schemas import Schema, Text
from customer_replica import replica_customers
from ordering.domain.listings import LENGTHS
from ordering.domain.order_lines import MAX_LINES, MAX_QUANTITY, QUANTITIES
from ordering.domain.orders import DRAFT
from ordering.domain.pricing import line_total
from ordering.errors import MoneyUnsuitable
from ordering.events import orders as events
from ordering.tables.listings import listings
from ordering.tables.orders import order_lines, orders
from ordering.use_cases import store
from ordering.use_cases.imports.order_headers import LABELS, country, header_of
from ordering.use_cases.orders.lines import STAFF_PRICE
from ordering.use_cases.orders.store import lines_of
from ordering.use_cases.store import Record

_SKUS = "article article_number item item_number product_id product_number product_code"

# The customer's id, and the order's number elsewhere.
Key = tuple[str, str]


class OrderRow(Schema):
    """A row of a file of orders: one line."""

    order = Text(max=80, required=True, metadata={"headings": "order_number order_id order_no external_number"})
    customer = Text(max=80, required=True, metadata={"headings": "customer_number customer_id customer_no"})
    sku = Text(max=LENGTHS["sku"], required=True, metadata={"headings": _SKUS})
    quantity = whole(1, MAX_QUANTITY, required=True, metadata={"headings": "qty"})
    unit_price = amount(required=True, metadata={"headings": "price net_price"})
    currency = Text(min=3, max=3, required=True)
    discount = share(metadata={"clearable": True, "headings": "rebate"})
    po_number = Text(max=80, metadata={"headings": "purchase_order purchase_order_number"})
    ordered_on = day(metadata={"headings": "order_date ordered date"})
    requested_on = day(metadata={"headings": "required_date delivery_date wanted_on"})
    ship_name = Text(max=200, metadata={"headings": "ship_to recipient"})
    ship_street = Text(max=200, metadata={"headings": "ship_address ship_line1 street address"})
    ship_city = Text(max=120, metadata={"headings": "city"})
    ship_region = Text(max=120, metadata={"headings": "region state"})
    ship_postal_code = Text(max=40, metadata={"headings": "ship_zip postal_code zip"})
    ship_country = country(metadata={"headings": "country"})
    note = Text(max=2_000, metadata={"headings": "remark comment"})


class Orders(DeclaredKind):
    """Lines by customer, order and SKU, at the prices that the file says. Only drafts are made and changed: what
    becomes of them is decided as of any other order."""

    name = "orders"
    permission = "orders.place"
    schema = OrderRow
    identity = ("customer", "order", "sku")
    matches = ("order",)
    repeated = "customer, order and SKU"

    def apply(self, session: Session, rows: Sequence[Row], options: Options) -> Outcome:
        desk = _Desk(session, rows)

        def decide(row: Row) -> Decision:
            key, listing = desk.names(row)
            draft = desk.drafts.get(key)
            before = draft.by_listing.get(listing["id"]) if draft else None
            what = f"Line {row.values['sku']} of order {row.values['order']}"
            check_mode(options, what, stored=before is not None)
            if before is None:
                self.refuse_incomplete(row)
            line = _line(row, listing, before, draft)
            header = header_of(row, draft.row if draft else None)
            same = before and all(line[name] == before[name] for name in ("quantity", "unit_price_minor", "discount"))
            if same and not header:
                return "unchanged"
            desk.put(key, row, None if same else line, header)
            return "updated" if before else "created"

        outcome = decide_each(rows, decide)
        if not options.dry_run:
            desk.save()
        return outcome


@dataclass(slots=True)
class _Draft:
    """An order with its lines, and which of those are new or changed."""

    row: Record
    lines: list[Record]
    stored: bool
    before: list[Record] = field(default_factory=list)
    header: dict[str, tuple[Any, Any]] = field(default_factory=dict)  # before and after, of what a stored one changes
    new: list[Record] = field(default_factory=list)
    changed: dict[str, Record] = field(default_factory=dict)

    @property
    def by_listing(self) -> dict[str, Record]:
        return {line["listing_id"]: line for line in reversed(self.lines)}

    @property
    def differs(self) -> bool:
        return bool(self.new or self.changed or self.header)


class _Desk:
    """What is stored of the things that a chunk of rows names, and the orders as they are when its rows are done."""

    def __init__(self, session: Session, rows: Sequence[Row]) -> None:
        self._session = session
        replica = replica_customers.c
        named = select(replica.id, replica.number, replica.status).where(
            replica.number.in_({row.values["customer"] for row in rows}), ~replica.gone
        )
        self._customers = {found["number"]: found for found in session.execute(named).mappings()}
        offered = select(listings).where(listings.c.sku.in_({row.values["sku"] for row in rows}))
        self._listings = {found["sku"]: dict(found) for found in session.execute(offered).mappings()}
        self.drafts = self._stored(rows)

    def _stored(self, rows: Sequence[Row]) -> dict[Key, _Draft]:
        customers = self._customers
        keys = {
            (customers[row.values["customer"]]["id"], row.values["order"])
            for row in rows
            if row.values["customer"] in customers
        }
        same = tuple_(orders.c.customer_id, orders.c.external_number).in_(keys)
        found = self._session.execute(select(orders).where(same).order_by(orders.c.id).with_for_update(key_share=True))
        stored = [{str(name): value for name, value in row.items()} for row in found.mappings()]
        lines = lines_of(self._session, [row["id"] for row in stored])
        return {
            (row["customer_id"], row["external_number"]): _Draft(
                row, lines.get(row["id"], []), stored=True, before=list(lines.get(row["id"], []))
            )
            for row in stored
        }

    def names(self, row: Row) -> tuple[Key, Record]:
        """The order's key and the listing; raises RowRefused."""
        customer, listing = self._customers.get(row.values["customer"]), self._listings.get(row.values["sku"])
        if customer is None:
            detail = f"There is no customer with the number {row.values['customer']}; import the customers first."
            raise RowRefused("customer_unknown", detail)
        if customer["status"] == "archived":
            raise RowRefused("archived", f"Customer {customer['number']} is archived; restore it first.")
        if listing is None:
            raise RowRefused("listing_unknown", f"There is no listing with the SKU {row.values['sku']}.")
        return (customer["id"], row.values["order"]), listing

    def put(self, key: Key, row: Row, line: Record | None, header: Record) -> None:
        """Puts a new or changed line into its order, and what a row says of the order itself; raises RowRefused where
        the order takes none."""
        draft = self.drafts.get(key)
        if draft is None:
            draft = self.drafts[key] = _Draft(self._begun(key, row), [], stored=False)
        if draft.row["status"] != DRAFT:
            detail = f"Order {key[1]} is {draft.row['status'].replace('_', ' ')}; only drafts are changed."
            raise RowRefused("order_status", detail)
        draft.row["currency"] = draft.row["currency"] or row.values["currency"].upper()
        if draft.stored:
            for name, value in header.items():
                draft.header[name] = (draft.header.get(name, (draft.row[name],))[0], value)
        draft.row |= header
        if line is None:
            return
        places = {known["id"]: place for place, known in enumerate(draft.lines)}
        if line["id"] in places:
            draft.lines[places[line["id"]]] = draft.changed[line["id"]] = line
            return
        if len(draft.lines) >= MAX_LINES:
            raise RowRefused("too_many", f"An order has at most {MAX_LINES} lines.")
        line |= {"order_id": draft.row["id"], "customer_id": key[0], "position": len(draft.lines) + 1}
        draft.lines.append(line)
        draft.new.append(line)

    def _begun(self, key: Key, row: Row) -> Record:
        context: Context = self._session.info["context"]
        now = store.moment(self._session)
        return dict.fromkeys(str(column.name) for column in orders.c) | {
            "id": new_id(),
            "customer_id": key[0],
            "external_number": key[1],
            "company_path": [],
            "requester_label": context.actor_label or None,
            "status": DRAFT,
            "hold_reasons": [],
            "revision": 1,
            "currency": row.values["currency"].upper(),
            "source": "import",
            "ship_policy": "ship_partial",
            "version": 1,
            "created_at": now,
            "updated_at": now,
        }

    def save(self) -> None:
        """Writes what is new and changed, one statement a table, and tells each order once; raises Interfered."""
        touched = [draft for draft in self.drafts.values() if draft.differs]
        begun, grown = [one for one in touched if not one.stored], [one for one in touched if one.stored]
        numbers = self._session.execute(_NUMBERS, {"count": len(begun)}).scalars() if begun else ()
        for draft, number in zip(begun, numbers, strict=True):
            draft.row["number"] = f"O-{number:06d}"
        for draft in touched:
            draft.row["total_minor"] = sum(line["total_minor"] or 0 for line in draft.lines)
        for draft in grown:
            draft.row["version"] += 1
            draft.row["revision"] += 1
            draft.row["updated_at"] = store.moment(self._session)
        if len(store.insert_free(self._session, orders, [draft.row for draft in begun])) != len(begun):
            raise Interfered
        store.update(self._session, orders, [draft.row for draft in grown])
        store.insert(self._session, order_lines, _plain([line for draft in touched for line in draft.new]))
        store.update(self._session, order_lines, _plain([line for draft in grown for line in draft.changed.values()]))
        for draft in touched:
            verb, changes = ("updated", _changes(draft)) if draft.stored else ("drafted", [])
            outbox.add(self._session, events.order(verb, draft.row, draft.lines, changes=changes))


def _line(row: Row, listing: Record, before: Record | None, draft: _Draft | None) -> Record:
    """The line after a row; raises RowRefused and MoneyUnsuitable."""
    values = row.values
    currency = str(values.get("currency") or (draft and draft.row["currency"]) or "").upper()
    if not currency:
        raise RowRefused("missing", "The price needs a currency; add it as a column.")
    if draft and draft.row["currency"] not in {None, currency}:
        raise RowRefused("currencies_mixed", f"Order {values['order']} is in {draft.row['currency']}.")
    line = dict(before) if before else _begun_line(listing)
    if "discount" in values or "discount" in row.cleared:
        line["discount"] = values.get("discount", Decimal(0))
    if line["discount"].as_tuple().exponent < -4:
        raise RowRefused("discount", "A discount has at most four decimals, as 0.1525.")
    if "quantity" in values:
        line["quantity"] = values["quantity"]
    if "unit_price" in values:
        line["unit_price_minor"] = to_minor(values["unit_price"], currency, "", MoneyUnsuitable)
        line["price_source"] = {"kind": STAFF_PRICE}
    unit = line["unit_price_minor"]
    line["total_minor"] = None if unit is None else line_total(line["quantity"], unit, line["discount"])
    return line


def _begun_line(listing: Record) -> dict[str, Any]:
    return dict.fromkeys(str(column.name) for column in order_lines.c) | {
        "id": new_id(),
        "listing_id": listing["id"],
        **{name: listing[name] for name in ("sku", "name", "kind", "unit")},
        "discount": Decimal(0),
        "supply_mode": "in_stock",
        "backorder_allowed": False,
        **dict.fromkeys(QUANTITIES, 0),
    }


def _plain(lines: Sequence[Record]) -> list[Record]:
    return [line | {"discount": str(line["discount"])} for line in lines]


def _changes(draft: _Draft) -> list[dict[str, Any]]:
    changes = [
        {"path": name, "label": LABELS[name], "before": before, "after": after}
        for name, (before, after) in draft.header.items()
        if before != after
    ]
    return changes + ([_change(draft)] if draft.new or draft.changed else [])


def _change(draft: _Draft) -> dict[str, Any]:
    before, after = (
        [{"sku": line["sku"], "quantity": line["quantity"]} for line in lines] for lines in (draft.before, draft.lines)
    )
    return {"path": "lines", "label": "Lines", "before": before, "after": after}


_NUMBERS = text("SELECT nextval('order_numbers') FROM generate_series(1, :count)")
