"""Listings: made as drafts, changed, and led from status to status."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from common.money import to_minor, to_money
from ordering.domain.changes import Change, changes
from ordering.domain.listings import LABELS, check_components, check_listing, check_open, moved, words_of
from ordering.errors import CustomerUnknown, MoneyUnsuitable
from ordering.errors.listings import ListingNotFound, SkuTaken
from ordering.events import listings as events
from ordering.tables.listings import listings
from ordering.use_cases import store
from ordering.use_cases.store import Record

Body = Mapping[str, Any]

_DEFAULTS: Mapping[str, Any] = {
    "description": None,
    "category": None,
    "components": [],
    "owner_id": None,
    "audience": "global",
    "status": "draft",
    "backorder_policy": "none",
    "backorder_cap": None,
    "lead_days": None,
    "preorderable": False,
    "available_from": None,
    "preorder_from": None,
    "preorder_until": None,
    "return_days": None,
    "price_minor": None,
    "price_currency": None,
    "confirmation": "owner",
}


def with_defaults(body: Body) -> Record:
    """A listing with what is left open filled in."""
    return {**_DEFAULTS, **body}


def create_listing(session: Session, body: Body) -> str:
    """Makes a draft and returns its id; raises SkuTaken, ListingUnsuitable, CustomerUnknown."""
    record = {**_DEFAULTS, **_priced(body), "status": "draft"}
    _check_owner(session, record["owner_id"])
    [record_id] = create_listings(session, [record])
    if record_id is None:
        raise SkuTaken(
            f"Another listing has the SKU {record['sku']}; choose another.", errors=[FieldError("/sku", "Is taken.")]
        )
    return record_id


def create_listings(session: Session, bodies: Sequence[Body]) -> list[str | None]:
    """Makes many listings by one statement, in the status that each names; returns their ids, None where the SKU is
    taken. Raises ListingUnsuitable. Owners are not checked here."""
    now = store.moment(session)
    records = []
    for body in bodies:
        record: Record = {**_DEFAULTS, **body}
        check_components(record["components"])
        check_listing(record)
        record |= {"id": new_id(), "words": words_of(record), "version": 1, "created_at": now, "updated_at": now}
        records.append(record)
    made = store.insert_free(session, listings, records)
    for record in records:
        if record["id"] in made:
            outbox.add(session, events.listing("created", record))
    return [record["id"] if record["id"] in made else None for record in records]


def change_listing(session: Session, listing_id: str, version: int, body: Body) -> None:
    """Changes fields; raises ListingNotFound, Changed, ListingStatusWrong where it is retired, ListingUnsuitable."""
    before = _locked(session, listing_id, version)
    check_open(before["status"])
    after = before | _priced(body)
    check_components(after["components"])
    check_listing(after)
    _save(session, before, after, "updated")


def move_listing(session: Session, listing_id: str, version: int, verb: str) -> None:
    """Publishes, pauses or retires a listing, by the event's verb; raises ListingNotFound, Changed,
    ListingStatusWrong."""
    before = _locked(session, listing_id, version)
    _save(session, before, before | {"status": moved(before["status"], verb)}, verb)


def publish_globally(session: Session, listing_id: str, version: int) -> None:
    """Offers a listing to everybody: in the marketplace, and published. Raises what `move_listing` raises, and
    ListingUnsuitable of an internal one."""
    before = _locked(session, listing_id, version)
    check_open(before["status"])
    after = before | {"audience": "global", "status": "published"}
    check_listing(after)
    _save(session, before, after, "published" if before["status"] != "published" else "updated")


def differences(before: Record, after: Record) -> list[Change]:
    """What an edit of a listing changed, as its event tells it."""
    was, now = (to_money(one["price_minor"], one["price_currency"]) for one in (before, after))
    price = [{"path": "own_price", "label": "Price of who sells it", "before": was, "after": now}]
    return changes(before, after, LABELS) + (price if was != now else [])


def _priced(body: Body) -> Record:
    record = {name: value for name, value in body.items() if name != "own_price"}
    if "own_price" not in body:
        return record
    price = body["own_price"]
    if price is None:
        return record | {"price_minor": None, "price_currency": None}
    minor = to_minor(price["amount"], price["currency"], "/own_price", MoneyUnsuitable)
    return record | {"price_minor": minor, "price_currency": price["currency"]}


def _save(session: Session, before: Record, after: Record, verb: str) -> None:
    differing = differences(before, after)
    if not differing:
        return
    after |= {"version": before["version"] + 1, "updated_at": store.moment(session), "words": words_of(after)}
    store.update(session, listings, [after])
    outbox.add(session, events.listing(verb, after, changes=differing))


def _locked(session: Session, listing_id: str, version: int) -> Record:
    record = store.find(session, listings, listing_id, lock=True)
    if record is None:
        raise ListingNotFound("There is no such listing.")
    store.check_version(record, version)
    return record


def _check_owner(session: Session, owner_id: str | None) -> None:
    if owner_id is not None and not session.execute(_LINE, {"id": owner_id}).first():
        raise CustomerUnknown("There is no such customer to sell it.", errors=[FieldError("/owner_id", "Is unknown.")])


_LINE = text("SELECT 1 FROM customer_line(CAST(ARRAY[:id] AS uuid[]))")
