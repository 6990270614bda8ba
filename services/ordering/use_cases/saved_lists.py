"""Saved lists: kept by a customer's people, and turned into carts."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from common.context import Context
from common.errors import FieldError
from common.ids import new_id
from ordering.errors.orders import LinesUnavailable
from ordering.errors.standing_orders import SavedListNotFound
from ordering.queries.pricing import UNKNOWN, price_lines
from ordering.tables.carts import cart_lines
from ordering.tables.standing_orders import saved_lists
from ordering.use_cases import carts, store
from ordering.use_cases.orders.drafts import ordering_customer
from ordering.use_cases.store import Record

Body = Mapping[str, Any]


def create_list(session: Session, body: Body) -> str:
    """Keeps lines under a name and returns the list's id; raises CustomerUnknown, CustomerArchived,
    LinesUnavailable."""
    customer = ordering_customer(session, body["customer_id"])[0]
    context: Context = session.info["context"]
    now = store.moment(session)
    record: Record = {
        "id": new_id(),
        "customer_id": customer["id"],
        "name": body["name"],
        "owner": context.actor,
        "lines": named_lines(session, customer["id"], body["lines"]),
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    store.insert(session, saved_lists, [record])
    return str(record["id"])


def change_list(session: Session, list_id: str, version: int, body: Body) -> None:
    """Changes the name or the lines, which are stated whole; raises SavedListNotFound, Changed, LinesUnavailable."""
    before = _locked(session, list_id)
    store.check_version(before, version)
    after = before | dict(body)
    if "lines" in body:
        after["lines"] = named_lines(session, before["customer_id"], body["lines"], known=before["lines"])
    if after != before:
        now = store.moment(session)
        store.update(session, saved_lists, [after | {"version": before["version"] + 1, "updated_at": now}])


def delete_list(session: Session, list_id: str) -> None:
    """Throws a list away; raises SavedListNotFound."""
    _locked(session, list_id)
    store.remove(session, saved_lists, list_id)


def fill_cart(session: Session, list_id: str) -> tuple[str, list[Record]]:
    """Makes a cart of what a list holds and is offered now; returns its id, and the lines that were left out."""
    record = _locked(session, list_id)
    wanted = [(line["listing_id"], line["quantity"]) for line in record["lines"]]
    priced = price_lines(session, record["customer_id"], wanted, store.today(session))
    cart_id = carts.create_cart(session, record["customer_id"], record["name"])
    rows = [
        {"id": new_id(), "cart_id": cart_id, "customer_id": record["customer_id"]}
        | {"listing_id": line.listing_id, "quantity": line.quantity}
        for line in priced
        if line.visible
    ]
    store.insert(session, cart_lines, rows)
    return cart_id, [told for told, line in zip(record["lines"], priced, strict=True) if not line.visible]


def named_lines(
    session: Session, customer_id: str, wanted: Sequence[Body], *, known: Sequence[Body] = ()
) -> list[Record]:
    """Lines with what their listings are called. What a list holds already may stay though it is offered no more;
    anything else must be there for the customer. Raises LinesUnavailable."""
    kept = {line["listing_id"]: line for line in known}
    asked = [(line["listing_id"], line["quantity"]) for line in wanted]
    priced = price_lines(session, customer_id, asked, store.today(session))
    portal = session.info["scope"].is_portal
    errors = [
        FieldError(f"/lines/{place}/listing_id", "There is no such listing for this customer.")
        for place, line in enumerate(priced)
        if line.listing_id not in kept and (line.why == UNKNOWN or (portal and not line.visible))
    ]
    twice = {each for each, _ in asked if [listing for listing, _ in asked].count(each) > 1}
    errors += [
        FieldError(f"/lines/{place}/listing_id", "Is named twice.")
        for place, (listing_id, _) in enumerate(asked)
        if listing_id in twice
    ]
    if errors:
        raise LinesUnavailable("Name each listing once, and only what is offered.", errors=errors)
    return [
        {"listing_id": line.listing_id, "quantity": line.quantity}
        | ({"sku": line.sku, "name": line.name} if line.sku else _called(kept[line.listing_id]))
        for line in priced
    ]


def _called(line: Body) -> Record:
    return {"sku": line["sku"], "name": line["name"]}


def _locked(session: Session, list_id: str) -> Record:
    record = store.find(session, saved_lists, list_id, lock=True)
    if record is None:
        raise SavedListNotFound("There is no such list.")
    return record
