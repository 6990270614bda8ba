"""Ordering's news: collected while a batch of events is handled, and followed together when its transaction ends.

One batch locks the articles of all its orders once and in one order, so that batches never wait for each other in a
circle, and costs the same few statements whether it holds one order or fifty.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.orm import Session

from common.context import Context
from common.pipeline import send
from customer_replica.merging import customer_now, give, note_late
from warehouse.domain.orders import News, Work, follow
from warehouse.use_cases.merges import RESERVATIONS
from warehouse.use_cases.promise_rows import WAITED_FOR
from warehouse.use_cases.promises import Promises
from warehouse.use_cases.shipments import cancel_planned

_COLLECTED = "warehouse.news"
_REDATED = "warehouse.redated"


@dataclass(frozen=True, slots=True)
class _Arrival:
    news: News
    context: Context
    soft_for: timedelta


def collect(session: Session, news: News, soft_for: timedelta) -> None:
    """Keeps an order's news until the transaction, or its savepoint, ends. Soft reservations last `soft_for`."""
    if news.matters:
        arrival = _Arrival(news, session.info["context"], soft_for)
        session.info.setdefault(_COLLECTED, []).append(arrival)


def redate(session: Session, sku: str) -> None:
    """Keeps as long that a listing may say other days of an article."""
    session.info.setdefault(_REDATED, set()).add(sku)


def follow_collected(session: Session) -> None:
    """Follows what has been collected."""
    arrivals: Sequence[_Arrival] = session.info.pop(_COLLECTED, ())
    redated = _that_wait(session, session.info.pop(_REDATED, set()))
    if not arrivals and not redated:
        return
    promises = Promises(
        session,
        orders={arrival.news.order_id: arrival.news.customer_id for arrival in arrivals},
        skus={sku for arrival in arrivals for sku in arrival.news.skus} | redated,
    )
    _follow_owners(session, promises, arrivals)
    unplanned: set[str] = set()
    own = session.info["context"]
    for arrival in arrivals:
        session.info["context"] = arrival.context
        if promises.stock.freed & arrival.news.skus:
            # Who waits comes before who asks now.
            promises.serve_waiting()
        _follow(promises, arrival, unplanned)
    promises.serve_waiting()
    session.info["context"] = own
    promises.days.cause = "listing"
    promises.date_anew(redated)
    promises.save()
    cancel_planned(session, unplanned, promises.now)


def _follow_owners(session: Session, promises: Promises, arrivals: Sequence[_Arrival]) -> None:
    """Where newer news of an order name another customer, it was merged, or is apart again: ordering says whose it is,
    in whatever order the two services hear of that."""
    named: dict[str, str] = {}
    for news in sorted((arrival.news for arrival in arrivals), key=lambda one: one.version):
        reservation = promises.reservations[news.order_id]
        if news.version > reservation.order_version:
            named[news.order_id] = news.customer_id
    strange = {one: owner for one, owner in named.items() if owner != promises.reservations[one].customer_id}
    if not strange:
        return
    owners = {one: customer_now(session, owner) for one, owner in sorted(strange.items())}
    give(session, RESERVATIONS, owners)
    note_late(session, RESERVATIONS, strange)
    for order_id, owner in owners.items():
        promises.reservations[order_id].customer_id = owner


def _that_wait(session: Session, skus: set[str]) -> set[str]:
    """The articles that somebody waits for."""
    if not skus:
        return set()
    return {row[0] for row in send(session, [(WAITED_FOR, {"skus": sorted(skus)})])[0]}


def _follow(promises: Promises, arrival: _Arrival, unplanned: set[str]) -> None:
    news = arrival.news
    reservation = promises.reservations[news.order_id]
    work = Work(
        stock=promises.stock,
        dedicated=promises.dedicated([reservation.customer_id]).get(reservation.customer_id, False),
        today=promises.now.date().isoformat(),
        expires_at=promises.now + arrival.soft_for,
        positions=promises.positions(),
        unplanned=unplanned,
    )
    promises.touched.add(news.order_id)
    verb = follow(reservation, news, work)
    if verb is not None:
        promises.tell(verb, reservation)


# Before the outbox, which takes what a transaction has collected at the same moment.
sqlalchemy_event.listen(Session, "before_commit", follow_collected, insert=True)
