"""Who sells something of an order is asked before the provider is: each such customer once, when the order comes to
that gate, and anew where the order has another content by then."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from common import outbox
from common.ids import new_id
from customer_replica import effective_switches
from ordering.domain.sales import AUTOMATIC, WAITING
from ordering.events import sales as events
from ordering.queries.viewpoint import SELLING
from ordering.tables.listings import listings
from ordering.tables.sales import sales
from ordering.use_cases import store
from ordering.use_cases.acting import as_service
from ordering.use_cases.orders.store import Order, Row
from ordering.use_cases.store import Record


def ask(session: Session, order: Order) -> bool:
    """Asks whoever sells something of a locked order and was not asked, and returns whether one has not said yes."""
    sellers = sorted({line["seller_id"] for line in order.lines} - {None})
    if not sellers:
        return False
    with as_service(session):
        rows = session.execute(select(sales).where(sales.c.order_id == order.id).with_for_update()).mappings()
        known = {row["seller_id"]: store.as_record(row) for row in rows}
        revision = order.row["revision"]
        asked = [one for one in sellers if one not in known or known[one]["order_revision"] != revision]
        if asked:
            known |= _ask(session, order, asked, known)
    return any(known[one]["state"] == WAITING for one in sellers)


def lines_of(order: Order, seller_id: str) -> list[Row]:
    """What a seller delivers of an order."""
    return [line for line in order.lines if line["seller_id"] == seller_id]


def are_withdrawn(session: Session, order: Order) -> bool:
    """Whether internal inventory is switched off for somebody who sells something of an order, or for who buys what is
    internal, so that nobody can decide about it now."""
    needed = {line["seller_id"] for line in order.lines} - {None}
    if any(line["kind"] == "internal" for line in order.lines):
        needed.add(order.row["customer_id"])
    with as_service(session):
        decided = effective_switches(session, sorted(needed))
    return not all(one in decided and decided[one][SELLING].active for one in needed)


def _ask(session: Session, order: Order, sellers: Sequence[str], known: Mapping[str, Record]) -> dict[str, Record]:
    ids = [line["listing_id"] for line in order.lines if line["seller_id"] in sellers]
    statement = select(listings.c.id).where(listings.c.id.in_(ids), listings.c.confirmation == "automatic")
    automatic = set(session.execute(statement).scalars())
    now = store.moment(session)
    records: list[Record] = []
    for seller_id in sellers:
        waits = any(line["listing_id"] not in automatic for line in lines_of(order, seller_id))
        first = {"id": new_id(), "version": 0, "created_at": now}
        begun = known.get(seller_id, first)
        records.append(
            begun
            | {
                "order_id": order.id,
                "order_revision": order.row["revision"],
                "customer_id": order.row["customer_id"],
                "seller_id": seller_id,
                "state": WAITING if waits else AUTOMATIC,
                "decided_at": None if waits else now,
                "version": begun["version"] + 1,
                "updated_at": now,
            }
        )
    store.insert(session, sales, [one for one in records if one["seller_id"] not in known])
    store.update(session, sales, [one for one in records if one["seller_id"] in known])
    for record in records:
        outbox.add(session, events.sale("requested", record, order.row, lines_of(order, record["seller_id"])))
    return {record["seller_id"]: record for record in records}
