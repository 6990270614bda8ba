"""What a customer's moving in or out does to its services at a property."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common.ids import new_id
from customer_replica.merging import customer_now, note_late
from customer_rules.folding import fold
from ordering.domain.pricing import PricedLine
from ordering.domain.services import ACTIVE, IN_USE, MOVED_OUT, Step, ended
from ordering.queries.pricing import price_lines
from ordering.tables.services import services
from ordering.use_cases.merges import SERVICES
from ordering.use_cases.services import records
from ordering.use_cases.store import Record

Data = Mapping[str, Any]


def moved(session: Session, data: Data) -> None:
    """Starts what a move names to start at its property on its day, and ends there what it names to end. What is named
    like a listing, by SKU or name, is that listing; anything else starts under the name that the move gives it."""
    day = date.fromisoformat(data["date"])
    told = data["customer_id"]
    data = {**data, "customer_id": customer_now(session, told)}
    started = _start(session, data, day)
    if data["customer_id"] != told:
        note_late(session, SERVICES, {one: str(told) for one in started})
    _end(session, data, day)


def _start(session: Session, data: Data, day: date) -> list[str]:
    wanted: Sequence[Data] = data["services_to_start"]
    if not wanted or session.execute(select(services.c.id).where(services.c.move_id == data["id"]).limit(1)).first():
        return []
    found = _listings(session, wanted)
    offered = [(found[fold(one["service"])], one["quantity"]) for one in wanted if fold(one["service"]) in found]
    priced = iter(_priced(session, data["customer_id"], [(one["id"], quantity) for one, quantity in offered], day))
    steps = []
    for told in wanted:
        listing = found.get(fold(told["service"]))
        costs = None if listing is None else next(priced)
        record = records.blank(
            data["customer_id"],
            id=new_id(),
            status=ACTIVE,
            started_on=day,
            move_id=data["id"],
            property_id=data["property"]["id"],
            property_label=data["property"]["name"],
            name=told["service"],
            quantity=told["quantity"],
            note=told["note"],
        )
        steps.append(Step("started", record | _as_listed(listing, costs), is_new=True))
    records.write(session, steps)
    return [step.record["id"] for step in steps]


def _as_listed(listing: Record | None, costs: PricedLine | None) -> Record:
    if listing is None or costs is None:
        return {}
    source = costs.price_source
    return {
        "listing_id": listing["id"],
        "sku": listing["sku"],
        "name": listing["name"],
        "unit": listing["unit"],
        "charges": [one for one in listing["components"] if one["kind"] == "recurring"],
        "currency": costs.currency,
        "unit_price_minor": costs.unit_price_minor,
        "price_source": None if source is None else {"list_id": source.list_id, "kind": source.kind},
    }


def _end(session: Session, data: Data, day: date) -> None:
    if not data["services_to_end"]:
        return
    before = _in_use(session, data)
    open_ones, steps = list(before), []
    for told in data["services_to_end"]:
        name, left = fold(told["service"]), told["quantity"]
        for one in [one for one in open_ones if name in {fold(one["name"]), fold(one["sku"] or "")}]:
            if not left:
                break
            open_ones.remove(one)
            # What had not begun by then ends on the day on which it began.
            ended_on = max(day, one["started_on"])
            steps += ended(one, min(left, one["quantity"]), ended_on=ended_on, reason=MOVED_OUT)
            left = max(left - one["quantity"], 0)
    records.write(session, steps, before)


def _in_use(session: Session, data: Data) -> list[Record]:
    statement = select(services).where(
        services.c.customer_id == data["customer_id"],
        services.c.property_id == data["property"]["id"],
        services.c.status.in_(IN_USE),
    )
    rows = session.execute(statement.order_by(services.c.started_on, services.c.id).with_for_update()).mappings()
    return [{str(key): value for key, value in row.items()} for row in rows]


def _listings(session: Session, wanted: Sequence[Data]) -> dict[str, Record]:
    names = sorted({one["service"].strip().lower() for one in wanted})
    found: dict[str, Record] = {}
    for row in session.execute(_NAMED, {"names": names}).mappings():
        for name in (fold(row["sku"]), fold(row["name"])):
            found.setdefault(name, {str(key): value for key, value in row.items()})
    return found


def _priced(session: Session, customer_id: str, wanted: Sequence[tuple[str, int]], day: date) -> list[PricedLine]:
    return price_lines(session, customer_id, wanted, day) if wanted else []


# Of several of one name the SKU counts first, then what is published.
_NAMED = text(
    """
    SELECT id::text, sku, name, unit, components FROM listings
    WHERE lower(sku) = ANY (CAST(:names AS text[])) OR lower(name) = ANY (CAST(:names AS text[]))
    ORDER BY lower(sku) = ANY (CAST(:names AS text[])) DESC, status = 'published' DESC, id
    """
)
