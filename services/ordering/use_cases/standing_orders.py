"""Standing orders: made, changed, paused, resumed and ended; and what happens on their days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common import outbox
from common.context import Context
from common.errors import FieldError, Refusal
from common.ids import new_id
from ordering.domain.changes import changes
from ordering.domain.standing_orders import ACTIVE, ENDED, LABELS, ORDERED, REFUSED, check_rhythm, following, resumed
from ordering.domain.standing_orders import after as status_after
from ordering.errors.orders import LinesUnavailable
from ordering.errors.standing_orders import OwnerGone, StandingOrderNotFound
from ordering.events import standing_orders as events
from ordering.queries.pricing import UNKNOWN, price_lines
from ordering.queries.viewpoint import PARTS
from ordering.tables.standing_orders import standing_order_runs, standing_orders
from ordering.use_cases import store
from ordering.use_cases.acting import as_service
from ordering.use_cases.orders import drafts, submission
from ordering.use_cases.store import Record

Body = Mapping[str, Any]

_HEADER = ("po_number", "ship_to", "note")


@dataclass(frozen=True, slots=True)
class Due:
    """A standing order whose day has come, and in whose name it orders."""

    id: str
    customer_id: str
    owner: str
    owner_label: str | None

    @property
    def by_portal(self) -> bool:
        """Whether the customer's own people made it, who may do what its switches and their roles let them."""
        return self.owner.startswith("portal:")


def create_standing_order(session: Session, body: Body) -> str:
    """Makes a standing order in the caller's name and returns its id. Raises CustomerUnknown, CustomerArchived,
    LinesUnavailable, StandingOrderUnsuitable."""
    customer = drafts.ordering_customer(session, body["customer_id"])[0]
    context: Context = session.info["context"]
    now = store.moment(session)
    record: Record = {
        **dict.fromkeys(("ends_on", *_HEADER)),
        **dict.fromkeys(("last_outcome", "last_code", "last_detail", "last_order_id", "last_on")),
        **body,
        "id": new_id(),
        "status": ACTIVE,
        "owner": context.actor,
        "owner_label": context.actor_label or None,
        "starts_on": body["next_on"],
        "version": 1,
        "created_at": now,
        "updated_at": now,
        "lines": _named(session, customer["id"], body["lines"]),
    }
    check_rhythm(record, now.date())
    store.insert(session, standing_orders, [record])
    outbox.add(session, events.standing_order("created", record))
    return str(record["id"])


def change_standing_order(session: Session, order_id: str, version: int, body: Body) -> None:
    """Changes a standing order, which orders in the name of who changed it last. Another next day is the first of a new
    series. Raises StandingOrderNotFound, Changed, StandingOrderStatus, LinesUnavailable, StandingOrderUnsuitable."""
    before = _locked(session, order_id)
    store.check_version(before, version)
    status_after(before["status"], "change")
    after = before | dict(body)
    if {"next_on", "every", "unit"} & set(body):
        after["starts_on"] = after["next_on"]
    if "lines" in body:
        after["lines"] = _named(session, before["customer_id"], body["lines"], known=before["lines"])
    if {"next_on", "ends_on"} & set(body):
        check_rhythm(after, store.today(session))
    differing = changes(before, after, LABELS)
    if differing:
        context: Context = session.info["context"]
        _save(
            session,
            "updated",
            after | {"owner": context.actor, "owner_label": context.actor_label or None},
            differing,
        )


def pause(session: Session, order_id: str) -> None:
    """Lets a standing order order nothing until it is resumed."""
    record = _locked(session, order_id)
    _save(session, "paused", record | {"status": status_after(record["status"], "pause")})


def resume(session: Session, order_id: str) -> None:
    """Lets a standing order go on, with its first day from today on."""
    record = _locked(session, order_id)
    status_after(record["status"], "resume")
    record |= resumed(record, store.today(session))
    _save(session, "ended" if record["status"] == ENDED else "resumed", record)


def end(session: Session, order_id: str) -> None:
    """Ends a standing order for good; what it has ordered goes on."""
    record = _locked(session, order_id)
    _save(session, "ended", record | {"status": status_after(record["status"], "end"), "next_on": None})


def due(session: Session, portion: int) -> list[Due]:
    """Standing orders whose day has come, those that wait for longest first."""
    of = standing_orders.c
    statement = select(of.id, of.customer_id, of.owner, of.owner_label).where(
        of.status == ACTIVE, of.next_on <= store.today(session)
    )
    rows = session.execute(statement.order_by(of.next_on, of.id).limit(portion))
    return [Due(row.id, row.customer_id, row.owner, row.owner_label) for row in rows]


def order(session: Session, what: Due, ceilings: Mapping[str, int]) -> bool:
    """Makes and submits the order of one day, in its owner's name and by the same rules as any other. A refusal is kept
    with its reason, and so is the draft, where there is one. Returns False where somebody else does it or has done
    it."""
    of = standing_orders.c
    held = select(standing_orders).where(of.id == what.id, of.status == ACTIVE, of.next_on <= store.today(session))
    row = session.execute(held.with_for_update(skip_locked=True)).mappings().one_or_none()
    if row is None or (row["owner"], row["customer_id"]) != (what.owner, what.customer_id):
        return False
    record: Record = {str(name): value for name, value in row.items()}
    day: date = record["next_on"]
    order_id, refusal = _try(session, what, record, ceilings)
    told = {"outcome": ORDERED, "code": None, "detail": None} if refusal is None else _reason(refusal)
    run = {"id": new_id(), "standing_order_id": what.id, "customer_id": what.customer_id, "due_on": day}
    run |= told | {"order_id": order_id, "created_at": store.moment(session)}
    store.insert(session, standing_order_runs, [run])
    record |= {f"last_{name}": value for name, value in told.items()} | {"last_order_id": order_id, "last_on": day}
    record |= following(record)
    _save(session, ORDERED if refusal is None else REFUSED, record)
    return True


def _try(session: Session, what: Due, record: Record, ceilings: Mapping[str, int]) -> tuple[str | None, Refusal | None]:
    order_id = None
    try:
        if what.by_portal:
            _check_owner(session, what)
        with session.begin_nested():
            order_id = drafts.create(session, _body(record))
        with session.begin_nested():
            submission.submit(session, order_id, {}, ceilings)
    except Refusal as refusal:
        return order_id, refusal
    return order_id, None


def _body(record: Record) -> Record:
    lines = [{"listing_id": line["listing_id"], "quantity": line["quantity"]} for line in record["lines"]]
    header = {name: record[name] for name in _HEADER if record[name] is not None}
    return header | {"customer_id": record["customer_id"], "lines": lines, "source": "standing_order"}


def _reason(refusal: Refusal) -> Record:
    said = [f"{error.detail}" for error in refusal.errors[:5]]
    return {"outcome": REFUSED, "code": refusal.code, "detail": " ".join([refusal.detail, *said])[:1_000]}


def _check_owner(session: Session, what: Due) -> None:
    values = {"customer": what.customer_id, "account": what.owner.partition(":")[2]}
    with as_service(session):
        # Whoever is at a head office may buy for its branches.
        known = session.execute(_ROLES, values).first()
    if known is None:
        raise OwnerGone(
            f"{what.owner_label or 'Who made it'} has no role in this customer's portal any more; let somebody else"
            " change the standing order, in whose name it goes on, or end it."
        )


def _named(session: Session, customer_id: str, wanted: Sequence[Body], *, known: Sequence[Body] = ()) -> list[Record]:
    """Lines with what their listings are called. What stands there already may stay though it is offered no more;
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


def _locked(session: Session, order_id: str) -> Record:
    record = store.find(session, standing_orders, order_id, lock=True)
    if record is None:
        raise StandingOrderNotFound("There is no such standing order.")
    return record


def _save(session: Session, verb: str, record: Record, differing: Sequence[Record] = ()) -> None:
    record = record | {"version": record["version"] + 1, "updated_at": store.moment(session)}
    store.update(session, standing_orders, [record])
    outbox.add(session, events.standing_order(verb, record, changes=differing))


_ROLES = text(
    f"WITH line AS ({PARTS['line']}), held AS ({PARTS['held_roles']}) SELECT 1 FROM held LIMIT 1"  # noqa: S608
)
