"""Cost centres of companies, and what orders and limits may name of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from ordering.domain.changes import changes
from ordering.domain.cost_centres import COST_CENTRE_LABELS, key_of, near
from ordering.errors.cost_centres import CostCentreNotFound, CostCentreTaken, CostCentreUnknown
from ordering.events import cost_centres as events
from ordering.queries.cost_centres import known_codes
from ordering.tables.cost_centres import cost_centres
from ordering.use_cases import store
from ordering.use_cases.acting import as_service
from ordering.use_cases.approval_decisions import Orders, reroute
from ordering.use_cases.approval_rules import check_customer
from ordering.use_cases.store import Record

Body = Mapping[str, Any]


def create(session: Session, body: Body) -> str:
    """Makes a cost centre and returns its id; raises CustomerUnknown, CostCentreTaken."""
    check_customer(session, body["customer_id"])
    now = store.moment(session)
    record: Record = {"owner_id": None, "active": True, **body, "code": body["code"].strip()}
    record |= {"id": new_id(), "version": 1, "created_at": now, "updated_at": now}
    if not store.insert_free(session, cost_centres, [record]):
        raise CostCentreTaken(
            f"The customer has a cost centre {record['code']}; change that one, or choose another code."
        )
    outbox.add(session, events.cost_centre("created", record))
    return str(record["id"])


def change(session: Session, centre_id: str, version: int, body: Body, orders: Orders) -> None:
    """Changes name, owner, or whether it is in use; orders that name it keep it. Another owner is asked for what is
    pending. Raises CostCentreNotFound, Changed."""
    before = store.find(session, cost_centres, centre_id, lock=True)
    if before is None:
        raise CostCentreNotFound("There is no such cost centre.")
    store.check_version(before, version)
    after = {**before, **body}
    differing = changes(before, after, COST_CENTRE_LABELS)
    if not differing:
        return
    after |= {"version": version + 1, "updated_at": store.moment(session)}
    store.update(session, cost_centres, [after])
    outbox.add(session, events.cost_centre("updated", after, changes=differing))
    with as_service(session):
        reroute(session, after["customer_id"], orders)


def named(session: Session, customer_id: str, codes: Mapping[str, str]) -> dict[str, str]:
    """Codes as they are written where they are known, by the place (a JSON pointer) that names each; raises
    CostCentreUnknown with those near to what is not known."""
    if not codes:
        return {}
    with as_service(session):
        known = {key_of(code): code for code in known_codes(session, customer_id)}
    unknown = {place: code for place, code in codes.items() if key_of(code) not in known}
    if unknown:
        raise _unknown(unknown, list(known.values()))
    return {place: known[key_of(code)] for place, code in codes.items()}


def name_on(session: Session, order: Record, lines: Sequence[Record]) -> None:
    """Checks the codes of an order and of its lines, and writes them as the cost centres do; raises
    CostCentreUnknown."""
    _name(session, order, {"/cost_centre": order} | _places("/lines", lines))


def name_on_added(session: Session, order: Record, lines: Sequence[Record]) -> None:
    """As `name_on`, for lines that a revision adds."""
    _name(session, order, _places("/added", lines))


def _places(at: str, lines: Sequence[Record]) -> dict[str, Record]:
    return {f"{at}/{place}/cost_centre": line for place, line in enumerate(lines)}


def _name(session: Session, order: Record, places: Mapping[str, Record]) -> None:
    codes = {place: bearer["cost_centre"] for place, bearer in places.items() if bearer["cost_centre"]}
    for place, code in named(session, order["customer_id"], codes).items():
        places[place]["cost_centre"] = code


def _unknown(unknown: Mapping[str, str], known: Sequence[str]) -> CostCentreUnknown:
    first = next(iter(unknown.values()))
    alike = near(first, known)
    hint = (
        f"Did you mean {', '.join(alike)}?" if alike else "This customer has none; make it first (POST /cost-centres)."
    )
    return CostCentreUnknown(
        f"There is no cost centre {first} in use. {hint}",
        errors=[FieldError(place, f"{code} is no cost centre in use.") for place, code in unknown.items()],
        facts={"known": alike},
    )
