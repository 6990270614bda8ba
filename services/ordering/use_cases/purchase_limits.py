"""Purchase limits as companies and the provider set them, and the rates by which they reach other currencies."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from common.money import to_minor, to_money
from ordering.domain.changes import changes
from ordering.domain.limits import LIMIT_LABELS, check_limit
from ordering.errors import MoneyUnsuitable
from ordering.errors.limits import LimitNotFound, RateUnsuitable
from ordering.events import limits as events
from ordering.tables.limits import exchange_rates, purchase_limits
from ordering.use_cases import cost_centres, store
from ordering.use_cases.approval_rules import check_customer
from ordering.use_cases.store import Record

Body = Mapping[str, Any]

_DEFAULTS: Mapping[str, Any] = {
    **dict.fromkeys(("account_id", "role", "cost_centre", "period", "amount_minor", "currency", "quantity", "sku")),
    **dict.fromkeys(("valid_from", "valid_to")),
    "zone": "UTC",
    "basis": "net",
    "action": "block",
    "status": "active",
    "gives_back": True,
    "near_percent": 80,
}


def create_limit(session: Session, body: Body) -> str:
    """Sets a limit and returns its id; raises CustomerUnknown, LimitUnsuitable, MoneyUnsuitable,
    CostCentreUnknown."""
    check_customer(session, body["customer_id"])
    now = store.moment(session)
    record: Record = {**_DEFAULTS, **_columns(body)}
    check_limit(record)
    if record["cost_centre"] is not None:
        at = "/cost_centre"
        record["cost_centre"] = cost_centres.named(session, record["customer_id"], {at: record["cost_centre"]})[at]
    record |= {"id": new_id(), "version": 1, "created_at": now, "updated_at": now}
    store.insert(session, purchase_limits, [record])
    outbox.add(session, events.purchase_limit("created", record))
    return str(record["id"])


def change_limit(session: Session, limit_id: str, version: int, body: Body) -> None:
    """Changes a limit; what was ordered under it still counts. Raises LimitNotFound, Changed, LimitUnsuitable,
    MoneyUnsuitable."""
    before = _locked(session, limit_id, version)
    after = before | _columns(body)
    check_limit(after)
    differing = changes(_shown(before), _shown(after), LIMIT_LABELS)
    if not differing:
        return
    after |= {"version": version + 1, "updated_at": store.moment(session)}
    store.update(session, purchase_limits, [after])
    outbox.add(session, events.purchase_limit("updated", after, changes=differing))


def delete_limit(session: Session, limit_id: str, version: int) -> None:
    """Deletes a limit with what it has counted; raises LimitNotFound, Changed."""
    record = _locked(session, limit_id, version)
    store.remove(session, purchase_limits, limit_id)
    outbox.add(session, events.purchase_limit("deleted", record | {"version": version + 1}))


def put_rates(session: Session, rates: Sequence[Body]) -> None:
    """Stores rates of a day, in place of those of the same day; raises RateUnsuitable."""
    now = store.moment(session)
    for place, rate in enumerate(rates):
        if rate["base"] == rate["quote"]:
            raise RateUnsuitable(
                "A rate leads from one currency to another.",
                errors=[FieldError(f"/rates/{place}/quote", "Is the same currency.")],
            )
    newest = {(rate["base"], rate["quote"], rate["as_of"]): {**rate, "updated_at": now} for rate in rates}
    statement = insert(exchange_rates).values(list(newest.values()))
    given = statement.excluded
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["base", "quote", "as_of"],
            set_={"rate": given.rate, "source": given.source, "updated_at": given.updated_at},
        )
    )


def _columns(body: Body) -> Record:
    """What a body says, as the table has it."""
    record = {name: value for name, value in body.items() if name not in {"amount", "time_zone"}}
    if "time_zone" in body:
        record["zone"] = body["time_zone"]
    if "amount" in body:
        amount = body["amount"]
        record["currency"] = amount["currency"] if amount else None
        record["amount_minor"] = (
            to_minor(amount["amount"], amount["currency"], "/amount", MoneyUnsuitable) if amount else None
        )
    return record


def _shown(record: Record) -> Record:
    return record | {"amount": to_money(record["amount_minor"], record["currency"])}


def _locked(session: Session, limit_id: str, version: int) -> Record:
    record = store.find(session, purchase_limits, limit_id, lock=True)
    if record is None:
        raise LimitNotFound("There is no such purchase limit.")
    store.check_version(record, version)
    return record
