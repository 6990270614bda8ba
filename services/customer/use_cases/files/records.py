"""The records of files: added, given a new version, described; who may see them is `audience`'s."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from customer import events
from customer.domain.changes import Change, changes
from customer.domain.file_types import extension, said_by
from customer.domain.files import FILE_LABELS, MAX_FILES, NameRefused, file_name, is_document
from customer.domain.viewers import Viewer
from customer.errors import Unsuitable
from customer.errors.files import FileHeld, FileInBin, FileNameRefused, FileNameTaken, FileNotFound, NoDocument
from customer.tables.files import file_contents, files
from customer.use_cases import legal_holds, store
from customer.use_cases.files.receive import Received, refuse_unsuitable_type
from customer.use_cases.locking import check_version, customer_of_part, lock_customer
from customer.use_cases.scopes import scope_of
from customer.use_cases.store import Record

Body = Mapping[str, Any]

_DOCUMENT_FIELDS = ("document_type", "expires_on", "signature")


def add_file(session: Session, customer_id: str, body: Body, received: Received, by: Viewer) -> Record:
    """Adds a received file, or the next version of the one that `replaces` names. A portal user's is for its whole
    company. Raises FileNameTaken, which offers to replace."""
    customer_of_part(session, customer_id)
    if body.get("replaces"):
        if by.portal:
            raise FileNotFound("This customer has no such file.")
        return _add_version(session, customer_id, body["replaces"], received, by)
    if session.execute(_COUNT, {"id": customer_id}).scalar_one() >= MAX_FILES:
        raise Unsuitable(f"A customer has at most {MAX_FILES:,} files; delete some first.")
    scope_type, scope_id = scope_of(session, customer_id, body)
    now = store.moment(session)
    record: Record = {
        "id": new_id(),
        "customer_id": customer_id,
        "scope_type": scope_type,
        "scope_id": scope_id,
        "category": body["category"],
        "name": received.name,
        "description": body.get("description"),
        "audience": "portal" if by.portal else body.get("audience", "internal"),
        "portal_roles": [],
        "reminded": None,
        "legal_hold": False,
        "hold_reason": None,
        "revision": 1,
        "deleted_at": None,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    record |= _document(record, body) | _content(received, now, by)
    refuse_taken_name(session, record)
    try:
        with session.begin_nested():
            store.insert(session, files, [record])
    except IntegrityError as error:
        # Somebody took the name between the look and the write; the unique index is the rule.
        raise FileNameTaken(f"There is a file {record['name']} already; give yours another name.") from error
    _insert_content(session, record)
    outbox.add(session, events.file("added", record))
    return record


def change_file(session: Session, customer_id: str, file_id: str, version: int, body: Body, by: Viewer) -> Record:
    """Changes what is said of a file: name, description, category and, of a document, type, end and signature."""
    before = locked(session, customer_id, file_id, by, version=version)
    after = before | {field: body[field] for field in ("description", "category") if field in body}
    if "name" in body:
        after["name"] = _renamed(body["name"], before["media_type"])
    if after["category"] != before["category"]:
        refuse_unsuitable_type(after)
    after |= _document(after, {field: after[field] for field in _DOCUMENT_FIELDS} | dict(body), leaving=before)
    if after["expires_on"] != before["expires_on"]:
        after["reminded"] = None
    if after["name"].lower() != before["name"].lower():
        refuse_taken_name(session, after)
    return save(session, before, after)


def hold_file(session: Session, customer_id: str, file_id: str, version: int, body: Body, by: Viewer) -> Record:
    """Puts a file under legal hold with a reason, or ends the hold; a held one cannot be deleted or replaced."""
    before = locked(session, customer_id, file_id, by, version=version)
    after = before | {"legal_hold": body["held"], "hold_reason": body.get("reason") if body["held"] else None}
    if body["held"] and not after["hold_reason"]:
        raise Unsuitable("Say why the file is held.", errors=[FieldError("/reason", "Is missing.")])
    return save(session, before, after)


def locked(
    session: Session, customer_id: str, file_id: str, by: Viewer, *, version: int | None = None, in_bin: bool = False
) -> Record:
    """A file that the caller may see, under its customer's lock. Raises FileNotFound, Changed, and FileInBin for a
    deleted one where that is not expected."""
    lock_customer(session, customer_id)
    record = store.find(session, files, file_id, customer_id=customer_id)
    if (
        record is None
        or (record["audience"] == "restricted" and not by.restricted)
        or (is_document(record["category"]) and not by.documents)
    ):
        raise FileNotFound("This customer has no such file.")
    check_version(record, version)
    if record["deleted_at"] is not None and not in_bin:
        raise FileInBin(f"{record['name']} lies in the bin; restore it first.")
    return record


def save(session: Session, before: Record, after: Record) -> Record:
    """Writes a changed file and its event; an unchanged one stays as it is."""
    differing: list[Change] = changes(before, after, FILE_LABELS)
    if not differing and before == after:
        return before
    after |= {"version": before["version"] + 1, "updated_at": store.moment(session)}
    store.update(session, files, [after])
    outbox.add(session, events.file("updated", after, changes=differing))
    return after


def refuse_held(session: Session, record: Record, what: str) -> None:
    """Raises FileHeld, and UnderLegalHold where the whole customer is held."""
    legal_holds.refuse_held(session, record["customer_id"], "delete or replace its files")
    if record["legal_hold"]:
        raise FileHeld(
            f"{record['name']} is under legal hold ({record['hold_reason']}) and cannot be {what}; end the hold first."
        )


def refuse_taken_name(session: Session, record: Record) -> None:
    """Raises FileNameTaken where another file of the same scope has the name; it may be one that the caller does not
    see, and then it is not named."""
    other = session.execute(_SAME_NAME, record).mappings().first()
    if other is None or other["id"] == record["id"]:
        return
    facts = {"file_id": other["id"], "revision": other["revision"]} if other["audience"] != "restricted" else {}
    offer = "send it with `replaces` as its next version, or " if facts else ""
    raise FileNameTaken(f"There is a file {record['name']} already; {offer}give yours another name.", facts=facts)


def _add_version(session: Session, customer_id: str, file_id: str, received: Received, by: Viewer) -> Record:
    before = locked(session, customer_id, file_id, by)
    refuse_held(session, before, "replaced")
    if received.sha256 == before["sha256"]:
        return before
    after = before | _content(received, store.moment(session), by) | {"revision": before["revision"] + 1}
    refuse_unsuitable_type(after)
    if extension(received.name) != extension(before["name"]):
        after["name"] = received.name  # the name goes with what the file now is
        refuse_taken_name(session, after)
    # A new version is not signed because the old one was.
    if before["signature"] == "signed":
        after["signature"] = "requested"
    saved = save(session, before, after)
    _insert_content(session, saved)
    return saved


def _content(received: Received, now: Any, by: Viewer) -> Record:
    return {
        "media_type": received.media_type,
        "bytes": received.bytes,
        "sha256": received.sha256,
        "uploaded_at": now,
        "uploaded_by": by.actor,
        "uploaded_label": by.label,
    }


def _insert_content(session: Session, record: Record) -> None:
    store.insert(session, file_contents, [record | {"file_id": record["id"]}])


def _document(record: Record, body: Body, leaving: Record | None = None) -> Record:
    """Type, end and signature of a document; of any other file they are empty, and to state them is refused."""
    if not is_document(record["category"]):
        stated = [field for field in _DOCUMENT_FIELDS if body.get(field) and not (leaving and leaving[field])]
        if stated:
            raise NoDocument(
                "Only contracts, NDAs, onboarding papers and certificates have these; choose such a category.",
                errors=[FieldError(f"/{field}", "Belongs to documents only.") for field in stated],
            )
        return dict.fromkeys(_DOCUMENT_FIELDS)
    return {
        "document_type": body.get("document_type"),
        "expires_on": body.get("expires_on"),
        "signature": body.get("signature") or "not_needed",
    }


def _renamed(given: str, media_type: str) -> str:
    try:
        name = file_name(given)
        if said_by(name, None) not in {None, media_type}:
            raise NameRefused(f"Keep the ending: the file is {media_type}.")
    except NameRefused as error:
        raise FileNameRefused(str(error), errors=[FieldError("/name", str(error))]) from error
    return name


_COUNT = text("SELECT count(*) FROM files WHERE customer_id = CAST(:id AS uuid) AND deleted_at IS NULL")
_SAME_NAME = text(
    """
    SELECT CAST(id AS text) AS id, revision, audience FROM files
    WHERE customer_id = CAST(:customer_id AS uuid) AND scope_type = :scope_type AND scope_id = CAST(:scope_id AS uuid)
          AND lower(name) = lower(:name) AND deleted_at IS NULL
    """
)
