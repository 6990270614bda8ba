"""Requests of people about their data: what would happen, the request itself, and its receipt."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from common import erasure, outbox
from common.contracts import Contracts
from common.errors import FieldError
from common.ids import new_id
from common.tokens import Principal
from customer import events
from customer.domain.personal import ACTORS, MARKER
from customer.errors import ContactNotFound, NotArchived
from customer.errors.privacy import ErasedAlready, NotAPerson, UnderLegalHold
from customer.tables.customers import contacts
from customer.tables.files import files
from customer.tables.metadata import metadata
from customer.tables.privacy import privacy_requests
from customer.use_cases import erasing, legal_holds, store
from customer.use_cases.locking import lock_customer
from customer.use_cases.store import Record

OWN = "customer"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a request is about: a contact with its customer, which is locked, or a customer that is a person."""

    customer: Record
    contact: Record | None

    @property
    def erased_by(self) -> str:
        """The event by which everybody hears that the subject is erased."""
        return f"customer.{'contact' if self.contact else 'customer'}.erased.v1"


def create_request(session: Session, caller: Principal, body: Mapping[str, Any]) -> Record:
    """Takes a request and does this service's part at once; an erasure is complete when every reader has answered.
    Raises CustomerNotFound, ContactNotFound, NotAPerson, NotArchived, UnderLegalHold, ErasedAlready."""
    subject = _subject(session, body)
    now = store.moment(session)
    record: Record = {
        "id": new_id(),
        "customer_id": subject.customer["id"],
        **{name: body[name] for name in ("subject_type", "subject_id", "kind", "reason")},
        "state": "completed",
        "awaited": [],
        "receipt": {},
        "requested_by": caller.account_id,
        "requested_label": caller.label,
        "version": 1,
        "created_at": now,
        "updated_at": now,
        "completed_at": now,
    }
    if body["kind"] == "erase":
        _refuse_erasure(session, subject)
        awaited = sorted(_contracts(session).consumers_of(subject.erased_by) - {OWN})
        record |= {"state": "running", "completed_at": None, "awaited": awaited}
    store.insert(session, privacy_requests, [record])
    outbox.add(session, events.privacy_request("created", record))
    if body["kind"] == "erase":
        record = _note(session, record, OWN, _erase(session, subject, record["id"]))
    return record


def plan(session: Session, caller: Principal, body: Mapping[str, Any]) -> Record:
    """What `create_request` would do, done and taken back: `{..., receipt, awaited}`; raises the same."""
    published, ids = len(outbox.pending(session)), len(session.info.get("event_ids", ()))
    with session.begin_nested() as attempt:
        record = create_request(session, caller, body)
        attempt.rollback()
    del outbox.pending(session)[published:]
    del session.info.setdefault("event_ids", [])[ids:]
    return record | {"id": None}


def forget_account(session: Session, account_id: str) -> None:
    """Takes the name of an erased portal account away from what it did here."""
    actor = f"portal:{account_id}"
    for name, columns in ACTORS.items():
        table = metadata.tables[name]
        for who, label in columns:
            session.execute(update(table).where(table.c[who] == actor).values({label: MARKER}))
    erasure.erase_actor(session, account_id)


def note_receipt(session: Session, request_id: str, service: str, counts: Mapping[str, int]) -> None:
    """Writes down what a reader has erased; the request is complete with the last one. An answer that comes twice, or
    to a request of another installation, changes nothing."""
    found = select(privacy_requests).where(privacy_requests.c.id == request_id).with_for_update()
    row = session.execute(found).mappings().one_or_none()
    if row is not None and service in row["awaited"]:
        _note(session, {str(name): value for name, value in row.items()}, service, counts)


def _note(session: Session, record: Record, service: str, counts: Mapping[str, int]) -> Record:
    now = store.moment(session)
    awaited = [name for name in record["awaited"] if name != service]
    after = record | {
        "awaited": awaited,
        "receipt": record["receipt"] | {service: dict(counts)},
        "state": "running" if awaited else "completed",
        "completed_at": None if awaited else now,
        "updated_at": now,
    }
    if not awaited:
        after["version"] = record["version"] + 1
        outbox.add(session, events.privacy_request("completed", after))
    store.update(session, privacy_requests, [after])
    return after


def _subject(session: Session, body: Mapping[str, Any]) -> Subject:
    if body["subject_type"] == "customer":
        customer = lock_customer(session, body["subject_id"], archived=True)
        if customer["kind"] != "person":
            detail = "This customer is a business; name one of its contacts instead."
            raise NotAPerson(detail, errors=[FieldError("/subject_id", detail)])
        return Subject(customer, None)
    contact = store.find(session, contacts, body["subject_id"])
    if contact is None:
        _refuse_erased(session, body["subject_id"])
        raise ContactNotFound("There is no such contact.")
    customer = lock_customer(session, contact["customer_id"], archived=True)
    # Again, because the first look came before the lock.
    held = store.find(session, contacts, body["subject_id"], customer_id=customer["id"])
    if held is None:
        raise ContactNotFound("There is no such contact.")
    return Subject(customer, held)


def _refuse_erasure(session: Session, subject: Subject) -> None:
    legal_holds.refuse_held(session, subject.customer["id"], "erase it")
    _refuse_held_files(session, subject)
    if subject.contact is not None:
        return
    _refuse_erased(session, subject.customer["id"])
    if subject.customer["status"] != "archived":
        raise NotArchived(f"Archive customer {subject.customer['number']} before you erase it: its logins end then.")


def _refuse_held_files(session: Session, subject: Subject) -> None:
    theirs = files.c.customer_id == subject.customer["id"]
    if subject.contact is not None:
        theirs = theirs & (files.c.scope_id == subject.contact["id"])
    held = session.execute(select(files.c.id, files.c.hold_reason).where(theirs, files.c.legal_hold).limit(20)).all()
    if held:
        raise UnderLegalHold(
            f"A legal hold keeps a file ({held[0].hold_reason}); release it before you erase.",
            facts={"holds": [{"id": row.id, "reason": row.hold_reason} for row in held]},
        )


def _refuse_erased(session: Session, subject_id: str) -> None:
    done = select(privacy_requests.c.id).where(
        privacy_requests.c.subject_id == subject_id, privacy_requests.c.kind == "erase"
    )
    request_id = session.execute(done).scalar()
    if request_id:
        raise ErasedAlready("This person was erased; the request holds the receipt.", facts={"request_id": request_id})


def _erase(session: Session, subject: Subject, request_id: str) -> dict[str, int]:
    if subject.contact is not None:
        return erasing.erase_contact(session, subject.customer, subject.contact, request_id)
    return erasing.erase_customer(session, subject.customer, request_id)


def _contracts(session: Session) -> Contracts:
    contracts: Contracts = session.info["publisher"].contracts
    return contracts
