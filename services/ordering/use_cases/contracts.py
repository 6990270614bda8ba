"""Contracts: made as a draft, activated, renewed and ended."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from ordering.domain.changes import changes
from ordering.domain.contracts import (
    ACTIVE,
    DRAFT,
    LABELS,
    after,
    at_its_end,
    check_activation,
    check_change,
    check_contract,
    ending,
    renewed,
)
from ordering.errors.contracts import ContractNotFound, ContractNumberTaken, ContractUnsuitable
from ordering.events import contracts as events
from ordering.tables.contracts import contracts
from ordering.use_cases import store
from ordering.use_cases.orders.drafts import ordering_customer
from ordering.use_cases.store import Record

Body = Mapping[str, Any]

PORTION = 100


def create_contract(session: Session, body: Body) -> str:
    """Makes a contract of a customer, as a draft, and returns its id. Raises CustomerUnknown, CustomerArchived,
    ContractUnsuitable, ContractNumberTaken."""
    ordering_customer(session, body["customer_id"])
    now = store.moment(session)
    record: Record = {
        **dict.fromkeys(("valid_to", "price_list_id", "renewal_months", "terms", "file_id", "note")),
        "listing_ids": [],
        "categories": [],
        "renewal": "none",
        "notice_days": 0,
        **body,
        "id": new_id(),
        "status": DRAFT,
        "reason": None,
        "activated_at": None,
        "ended_on": None,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    if "number" not in record:
        record["number"] = f"C-{session.execute(_NEXT_NUMBER).scalar_one():06d}"
    check_contract(record)
    _check_names(session, record)
    if not store.insert_free(session, contracts, [record]):
        raise ContractNumberTaken(
            f"Another contract has the number {record['number']}; choose another.",
            errors=[FieldError("/number", "Is taken.")],
        )
    outbox.add(session, events.contract("created", record))
    return str(record["id"])


def change_contract(session: Session, contract_id: str, version: int, body: Body) -> None:
    """Changes fields of a contract that has not ended; raises ContractNotFound, Changed, ContractStatus,
    ContractUnsuitable."""
    before = _locked(session, contract_id)
    store.check_version(before, version)
    now = before | dict(body)
    check_change(before, now)
    _check_names(session, now)
    differing = changes(before, now, LABELS)
    if differing:
        _save(session, "updated", now, differing)


def activate_contract(session: Session, contract_id: str, version: int) -> None:
    """Lets a draft hold from its first day on."""
    record = _locked(session, contract_id)
    store.check_version(record, version)
    status = after(record["status"], "activate")
    check_activation(record, store.today(session))
    _save(session, "activated", record | {"status": status, "activated_at": store.moment(session)})


def renew_contract(session: Session, contract_id: str, version: int, months: int) -> None:
    """Lets a contract go on for some months after its present last day."""
    before = _locked(session, contract_id)
    store.check_version(before, version)
    now = before | renewed(before, months)
    _save(session, "renewed", now, changes(before, now, LABELS))


def end_contract(session: Session, contract_id: str, version: int, body: Body) -> None:
    """Withdraws a draft, or ends a contract on a day; raises NoticeTooShort where that is too early."""
    before = _locked(session, contract_id)
    store.check_version(before, version)
    today = store.today(session)
    on: date = body.get("on", today)
    now = before | ending(before, on, today, agreed=bool(body.get("agreed"))) | {"reason": body["reason"]}
    _save(session, "ended" if now["ended_on"] else "updated", now, changes(before, now, LABELS))


def advance(session: Session) -> int:
    """Ends or renews contracts whose last day is over, a portion of them; returns how many. What somebody else holds is
    left for the next call."""
    today = store.today(session)
    due = select(contracts).where(contracts.c.status == ACTIVE, contracts.c.valid_to < today)
    due = due.order_by(contracts.c.valid_to).limit(PORTION).with_for_update(skip_locked=True)
    found = [{str(name): value for name, value in row.items()} for row in session.execute(due).mappings()]
    moved = [(before, _next(session, before | at_its_end(before, today))) for before in found]
    store.update(session, contracts, [now for _, now in moved])
    for before, now in moved:
        verb = "ended" if now["ended_on"] else "renewed"
        outbox.add(session, events.contract(verb, now, changes=changes(before, now, LABELS)))
    return len(moved)


def _check_names(session: Session, record: Record) -> None:
    """Its price list is a contract's of this customer and of no other contract, and its listings exist."""
    errors = []
    if record["price_list_id"] is not None:
        # Of two contracts that take the same list at once, the second waits here and then finds the first.
        found = session.execute(_PRICE_LIST, {"id": record["price_list_id"]}).one_or_none()
        if found is None or (found.kind, found.target_id) != ("contract", record["customer_id"]):
            errors.append(FieldError("/price_list_id", "Is no list of kind contract for this customer."))
        elif session.execute(_TAKEN, {"list": record["price_list_id"], "id": record["id"]}).first():
            errors.append(FieldError("/price_list_id", "Belongs to another contract."))
    known = set(session.execute(_LISTINGS, {"ids": record["listing_ids"]}).scalars())
    unknown = [place for place, each in enumerate(record["listing_ids"]) if each not in known]
    errors += [FieldError(f"/listing_ids/{place}", "Is no listing.") for place in unknown]
    if errors:
        raise ContractUnsuitable(f"This does not fit the contract: {errors[0].detail}", errors=errors)


def _locked(session: Session, contract_id: str) -> Record:
    record = store.find(session, contracts, contract_id, lock=True)
    if record is None:
        raise ContractNotFound("There is no such contract.")
    return record


def _save(session: Session, verb: str, record: Record, differing: Sequence[Record] = ()) -> None:
    record = _next(session, record)
    store.update(session, contracts, [record])
    outbox.add(session, events.contract(verb, record, changes=differing))


def _next(session: Session, record: Record) -> Record:
    return record | {"version": record["version"] + 1, "updated_at": store.moment(session)}


_NEXT_NUMBER = text("SELECT nextval('contract_numbers')")
_PRICE_LIST = text(
    "SELECT kind, target_id::text AS target_id FROM price_lists WHERE id = CAST(:id AS uuid) FOR NO KEY UPDATE"
)
_TAKEN = text(
    "SELECT 1 FROM contracts"
    " WHERE price_list_id = CAST(:list AS uuid) AND id <> CAST(:id AS uuid) AND status <> 'ended'"
)
_LISTINGS = text("SELECT id::text FROM listings WHERE id = ANY (CAST(:ids AS uuid[]))")
