"""Carts, of which orders are made, and saved lists, which are kept: filled one listing at a time, for a customer."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from common.context import Context
from common.errors import FieldError
from common.ids import new_id
from customer_replica import customer_line
from ordering.domain.carts import MAX_LINES, Kind
from ordering.errors import CustomerUnknown
from ordering.errors.carts import CartFull, CartLineNotFound, CartNotFound
from ordering.errors.listings import ListingNotFound
from ordering.queries.carts import missing
from ordering.queries.pricing import UNKNOWN, price_lines
from ordering.tables.carts import cart_lines, carts
from ordering.use_cases import store
from ordering.use_cases.store import Record


def create_cart(session: Session, kind: Kind, body: Mapping[str, Any]) -> str:
    """Makes a cart or list of the caller's, empty or a copy of another of that customer, and returns its id. Raises
    CustomerUnknown, and CartNotFound for what is to be copied."""
    customer_id = body["customer_id"]
    if not customer_line(session, customer_id):
        raise CustomerUnknown("There is no such customer.", errors=[FieldError("/customer_id", "Is unknown.")])
    context: Context = session.info["context"]
    now = store.moment(session)
    record: Record = {"id": new_id(), "kind": kind, "customer_id": customer_id, "name": body.get("name")}
    record |= {"owner": context.actor, "version": 1, "created_at": now, "updated_at": now}
    store.insert(session, carts, [record])
    if "copy_of" in body:
        _copy(session, body["copy_of"], record)
    return str(record["id"])


def rename_cart(session: Session, kind: Kind, cart_id: str, version: int, body: Mapping[str, Any]) -> None:
    """Changes the name; raises CartNotFound or SavedListNotFound, and Changed."""
    cart = _locked(session, kind, cart_id)
    store.check_version(cart, version)
    if body.get("name", cart["name"]) != cart["name"]:
        _touch(session, cart | {"name": body["name"]})


def delete_cart(session: Session, kind: Kind, cart_id: str) -> None:
    """Throws it away with what lies in it; raises CartNotFound or SavedListNotFound."""
    _locked(session, kind, cart_id)
    store.remove(session, carts, cart_id)


def put_line(session: Session, kind: Kind, cart_id: str, listing_id: str, quantity: int) -> None:
    """Sets how many of a listing are in it. Raises CartNotFound or SavedListNotFound, CartFull, and ListingNotFound
    where there is none, or the portal's customer does not see it."""
    cart = _locked(session, kind, cart_id)
    [line] = price_lines(session, cart["customer_id"], [(listing_id, quantity)], store.today(session))
    if line.why == UNKNOWN or (session.info["scope"].is_portal and not line.visible):
        raise ListingNotFound(
            "There is no such listing, or it is not offered to this customer.",
            errors=[FieldError("/listing_id", "Is not offered.")],
        )
    row = {"id": new_id(), "cart": cart_id, "customer": cart["customer_id"], "listing": listing_id}
    session.execute(_PUT, row | {"quantity": quantity})
    if session.execute(_COUNT, {"cart": cart_id}).scalar_one() > MAX_LINES:
        raise CartFull(f"At most {MAX_LINES} different listings fit in; make a second one.")
    _touch(session, cart)


def remove_line(session: Session, kind: Kind, cart_id: str, listing_id: str) -> None:
    """Takes a listing out; raises CartNotFound or SavedListNotFound, and CartLineNotFound."""
    cart = _locked(session, kind, cart_id)
    gone = session.execute(
        delete(cart_lines).where(cart_lines.c.cart_id == cart_id, cart_lines.c.listing_id == listing_id)
    )
    if not gone.rowcount:  # type: ignore[attr-defined]
        raise CartLineNotFound("This listing does not lie in there.")
    _touch(session, cart)


def take_lines(session: Session, cart_id: str, customer_id: str) -> list[Record]:
    """Empties a cart of a customer and returns what lay in it, `{listing_id, quantity}`; raises CartNotFound."""
    cart = _locked(session, "cart", cart_id)
    if cart["customer_id"] != customer_id:
        raise CartNotFound(
            "This customer has no such cart.", errors=[FieldError("/cart_id", "Is no cart of this customer.")]
        )
    of = cart_lines.c
    rows = session.execute(select(of.listing_id, of.quantity).where(of.cart_id == cart_id).order_by(of.id)).mappings()
    lines = [{"listing_id": row["listing_id"], "quantity": row["quantity"]} for row in rows]
    session.execute(delete(cart_lines).where(of.cart_id == cart_id))
    _touch(session, cart)
    return lines


def _touch(session: Session, cart: Record) -> None:
    store.update(session, carts, [cart | {"version": cart["version"] + 1, "updated_at": store.moment(session)}])


def _copy(session: Session, original_id: str, copy: Record) -> None:
    original = store.find(session, carts, original_id)
    if original is None or original["customer_id"] != copy["customer_id"]:
        raise CartNotFound(
            "This customer has no such cart or list to copy.", errors=[FieldError("/copy_of", "Is unknown.")]
        )
    rows = session.execute(select(cart_lines).where(cart_lines.c.cart_id == original_id).order_by(cart_lines.c.id))
    copied = [store.as_record(row) | {"id": new_id(), "cart_id": copy["id"]} for row in rows.mappings()]
    store.insert(session, cart_lines, copied)


def _locked(session: Session, kind: Kind, cart_id: str) -> Record:
    record = store.find(session, carts, cart_id, lock=True)
    if record is None or record["kind"] != kind:
        raise missing(kind)
    return record


_PUT = text(
    """
    INSERT INTO cart_lines (id, cart_id, customer_id, listing_id, quantity)
    VALUES (:id, :cart, :customer, :listing, :quantity)
    ON CONFLICT (cart_id, listing_id) DO UPDATE SET quantity = excluded.quantity
    """
)
_COUNT = text("SELECT count(*) FROM cart_lines WHERE cart_id = :cart")
