"""What people do with services in use."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.errors import FieldError
from common.ids import new_id
from customer_replica import effective_switches
from ordering.domain.services import ACTIVE, PENDING, Step, after, at_its_end, renewed
from ordering.errors.listings import ListingNotFound
from ordering.errors.orders import StaffFields
from ordering.errors.services import DayUnsuitable, WarehouseDisabled
from ordering.tables.listings import listings
from ordering.tables.services import services
from ordering.use_cases import store
from ordering.use_cases.services import records
from ordering.use_cases.store import Record

Body = Mapping[str, Any]

_PLACES = ("property", "org_unit", "person")
PORTION = 100


def request_return(session: Session, service_id: str, body: Body) -> None:
    """Asks that a service be fetched and ended. The customer's own people do so only where its warehouse is switched
    on; raises WarehouseDisabled, ServiceStatus."""
    before = records.lock(session, service_id)
    if session.info["scope"].is_portal:
        switches = effective_switches(session, [before["customer_id"]])[before["customer_id"]]
        if not switches["warehouse_enabled"].active:
            raise WarehouseDisabled(
                "The provider has not switched on the warehouse for this customer, with which services are returned;"
                " ask your contact there to return it for you."
            )
    status = after(before["status"], "request_return")
    asked = {"status": status, "reason": body["reason"], "wanted_on": body.get("wanted_on")}
    records.save(session, "return_requested", before, before | asked)


def end(session: Session, service_id: str, body: Body) -> None:
    """Ends a service on a day, today where none is named; a later day becomes the last one of its term. Raises
    ServiceStatus, DayUnsuitable."""
    before = records.lock(session, service_id)
    status = after(before["status"], "end")
    today = store.today(session)
    day: date = body.get("on", today)
    reason = body["reason"]
    if before["status"] != PENDING and day < before["started_on"]:
        raise DayUnsuitable(
            f"The service began on {before['started_on']}; it cannot end before.",
            errors=[FieldError("/on", f"Is before {before['started_on']}.")],
        )
    if before["status"] == PENDING or day <= today:
        records.save(session, "ended", before, before | {"status": status, "ended_on": day, "reason": reason})
        return
    planned = {"ends_on": day, "renewal": "none", "reason": reason}
    changed = tuple(name for name in ("ends_on", "renewal") if before[name] != planned[name])
    records.save(session, "changed", before, before | planned, changed)


def lose(session: Session, service_id: str, body: Body) -> None:
    """Writes down that what was in use is lost."""
    before = records.lock(session, service_id)
    lost = {"status": after(before["status"], "lose"), "ended_on": store.today(session), "reason": body["reason"]}
    records.save(session, "lost", before, before | lost)


def replace(session: Session, service_id: str, body: Body) -> str:
    """Puts another one in the place of a service, with its term, price and place; returns the id of the new one.
    Another listing may take the place. Raises ServiceStatus, ListingNotFound."""
    before = records.lock(session, service_id)
    status = after(before["status"], "replace")
    listed = _listing(session, body["listing_id"]) if "listing_id" in body else {}
    new = (
        before
        | listed
        | {
            "id": new_id(),
            "status": ACTIVE,
            "serial": body.get("serial"),
            "replaces_id": before["id"],
            "started_on": store.today(session),
            "reason": None,
            "wanted_on": None,
            "replaced_by_id": None,
        }
    )
    over = {"status": status, "ended_on": store.today(session), "reason": body["reason"], "replaced_by_id": new["id"]}
    steps = [Step("replaced", before | over), Step("started", new, is_new=True)]
    records.write(session, steps, [before])
    return str(new["id"])


def renew(session: Session, service_id: str, body: Body) -> None:
    """Moves the last day of a service, and says how it goes on then; raises ServiceStatus, TermUnsuitable."""
    before = records.lock(session, service_id)
    after(before["status"], "renew")
    changed = renewed(before, body)
    differing = tuple(name for name, value in changed.items() if before[name] != value)
    if differing:
        records.save(session, "renewed", before, before | changed, differing)


def assign(session: Session, service_id: str, body: Body) -> None:
    """Says where a service is, for whom, and on whose account; what is not named stays. Only the provider moves it to
    another property."""
    before = records.lock(session, service_id)
    status = after(before["status"], "assign")
    if session.info["scope"].is_portal and "property" in body:
        raise StaffFields("Only the provider sets property; leave it out.")
    now: Record = before | {"status": status}
    for name in _PLACES:
        if name in body:
            told = body[name] or {"id": None, "label": None}
            now |= {f"{name}_id": told["id"], f"{name}_label": told.get("label")}
    now |= {name: body[name] for name in ("cost_centre",) if name in body}
    changed = tuple(name for name in _PLACES if before[f"{name}_id"] != now[f"{name}_id"])
    changed += ("cost_centre",) if before["cost_centre"] != now["cost_centre"] else ()
    if now != before:
        records.save(session, "changed", before, now, changed)


def advance(session: Session) -> int:
    """Ends or renews services whose last day is over, a portion of them; returns how many. What somebody else holds is
    left for the next call."""
    today = store.today(session)
    due = select(services).where(services.c.status.in_(("active", "return_requested")), services.c.ends_on < today)
    due = due.order_by(services.c.ends_on).limit(PORTION).with_for_update(skip_locked=True)
    before = [{str(name): value for name, value in row.items()} for row in session.execute(due).mappings()]
    steps = []
    for one in before:
        becomes = at_its_end(one, today)
        verb = "ended" if "status" in becomes else "renewed"
        steps.append(Step(verb, one | becomes, ("ends_on",) if verb == "renewed" else ()))
    records.write(session, steps, before)
    return len(steps)


def _listing(session: Session, listing_id: str) -> Record:
    found = store.find(session, listings, listing_id)
    if found is None:
        raise ListingNotFound("There is no such listing.", errors=[FieldError("/listing_id", "Is unknown.")])
    return {
        "listing_id": found["id"],
        **{name: found[name] for name in ("sku", "name", "unit")},
        "charges": [one for one in found["components"] if one["kind"] == "recurring"],
    }
