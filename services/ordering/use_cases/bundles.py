"""Bundles: put together by a customer or by the provider for all, and ordered for a department or a person."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from customer_replica import customer_line
from ordering.domain.bundles import LABELS
from ordering.domain.changes import changes
from ordering.errors import CustomerUnknown
from ordering.errors.bundles import BundleNotFound, BundleTaken
from ordering.errors.orders import LinesUnavailable
from ordering.events import bundles as events
from ordering.queries.pricing import price_lines
from ordering.tables.bundles import bundles
from ordering.tables.listings import listings
from ordering.use_cases import store
from ordering.use_cases.orders import drafts
from ordering.use_cases.store import Record

Body = Mapping[str, Any]

_FREE: Mapping[str, Any] = {"customer_id": None, "description": None, "for_role": None, "for_org_unit": None}
_ASSIGNED = ("org_unit", "person")
_GIVEN = ("note", "ship_to", "cost_centre")


def create_bundle(session: Session, body: Body) -> str:
    """Makes a bundle and returns its id; raises CustomerUnknown, LinesUnavailable, BundleTaken."""
    record: Record = {**_FREE, **body}
    if record["customer_id"] is not None and not customer_line(session, record["customer_id"]):
        raise CustomerUnknown("There is no such customer.", errors=[FieldError("/customer_id", "Is unknown.")])
    _check_lines(session, record["customer_id"], record["lines"])
    now = store.moment(session)
    record |= {"id": new_id(), "version": 1, "created_at": now, "updated_at": now}
    if not store.insert_free(session, bundles, [record]):
        raise _taken(record["name"])
    outbox.add(session, events.bundle("created", record))
    return str(record["id"])


def change_bundle(session: Session, bundle_id: str, version: int, body: Body) -> None:
    """Changes fields; raises BundleNotFound, Changed, LinesUnavailable, BundleTaken."""
    before = _locked(session, bundle_id, version)
    after = before | dict(body)
    if "lines" in body:
        _check_lines(session, before["customer_id"], body["lines"])
    differing = changes(before, after, LABELS)
    if not differing:
        return
    same = select(bundles.c.id).where(
        bundles.c.name == after["name"],
        bundles.c.customer_id.is_not_distinct_from(after["customer_id"]),
        bundles.c.id != bundle_id,
    )
    if session.execute(same).first() is not None:
        raise _taken(after["name"])
    after |= {"version": before["version"] + 1, "updated_at": store.moment(session)}
    store.update(session, bundles, [after])
    outbox.add(session, events.bundle("updated", after, changes=differing))


def delete_bundle(session: Session, bundle_id: str, version: int) -> None:
    """Deletes a bundle; what was ordered by it stays."""
    record = _locked(session, bundle_id, version)
    store.remove(session, bundles, bundle_id)
    outbox.add(session, events.bundle("deleted", record | {"version": record["version"] + 1}))


def order_bundle(session: Session, bundle_id: str, body: Body) -> str:
    """Begins an order of a bundle for a customer, so many times, and returns its id; what it provides belongs to the
    department, the person and the cost centre that are named. Raises BundleNotFound and what a draft raises."""
    record = store.find(session, bundles, bundle_id)
    if record is None or not _is_for(session, record, body["customer_id"]):
        raise BundleNotFound("There is no such bundle for this customer.")
    times = body["times"]
    lines = [{"listing_id": one["listing_id"], "quantity": one["quantity"] * times} for one in record["lines"]]
    assignment = {name: body[name] for name in _ASSIGNED if body.get(name) is not None}
    order = {"customer_id": body["customer_id"], "lines": lines, "assignment": assignment or None}
    return drafts.create(session, order | {name: body[name] for name in _GIVEN if name in body})


def _is_for(session: Session, record: Record, customer_id: str) -> bool:
    line = customer_line(session, customer_id)
    return record["customer_id"] is None or any(one["id"] == record["customer_id"] for one in line)


def _check_lines(session: Session, customer_id: str | None, lines: Sequence[Body]) -> None:
    wanted = [(line["listing_id"], line["quantity"]) for line in lines]
    if customer_id is None:
        ids = [listing_id for listing_id, _ in wanted]
        known = set(session.execute(select(listings.c.id).where(listings.c.id.in_(ids))).scalars())
    else:
        priced = price_lines(session, customer_id, wanted, store.today(session))
        known = {line.listing_id for line in priced if line.visible}
    unknown = [place for place, (listing_id, _) in enumerate(wanted) if listing_id not in known]
    if unknown:
        raise LinesUnavailable(
            "Some listings are not there for this customer; leave them out.",
            errors=[FieldError(f"/lines/{place}/listing_id", "Is not offered.") for place in unknown],
        )


def _locked(session: Session, bundle_id: str, version: int) -> Record:
    record = store.find(session, bundles, bundle_id, lock=True)
    if record is None:
        raise BundleNotFound("There is no such bundle.")
    store.check_version(record, version)
    return record


def _taken(name: str) -> BundleTaken:
    return BundleTaken(
        f"There is a bundle {name} already; choose another name.", errors=[FieldError("/name", "Taken.")]
    )
