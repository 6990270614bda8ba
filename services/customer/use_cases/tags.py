"""Tags as an administrator defines them, and what customers carry. Merging moves the carriers in the background."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import outbox
from common.context import context_for
from common.db import Database
from common.errors import FieldError
from common.ids import new_id
from customer import events
from customer.domain.changes import changes
from customer.domain.limits import MAX_TAGS
from customer.domain.tags import DEFAULT_COLOUR, TAG_LABELS, replaced, tags_change
from customer.errors import Unsuitable
from customer.errors.rules import TagInUse, TagNameTaken, TagNotFound, TagUnknown
from customer.tables.rules import tags
from customer.use_cases import store
from customer.use_cases.customers import save
from customer.use_cases.locking import check_version, lock_customer, lock_customers
from customer.use_cases.segments.renaming import speak_of
from customer.use_cases.store import Record

_PORTION = 500


def create_tag(session: Session, body: Mapping[str, Any]) -> Record:
    """Defines a tag; raises TagNameTaken."""
    now = store.moment(session)
    record = {
        "id": new_id(),
        "name": body["name"],
        "colour": body.get("colour", DEFAULT_COLOUR),
        "description": body.get("description"),
        "archived": False,
        "merged_into": None,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    _check_name(session, record)
    try:
        store.insert(session, tags, [record])
    except IntegrityError as error:
        raise _name_taken(record["name"]) from error
    outbox.add(session, events.tag("created", record))
    return record


def change_tag(session: Session, tag_id: str, version: int, body: Mapping[str, Any]) -> Record:
    """Changes a tag. An archived one stays where it is and is put on nobody else. Raises TagNameTaken."""
    before = _lock(session, tag_id)
    check_version(before, version)
    after = before | {name: body[name] for name in ("name", "colour", "description", "archived") if name in body}
    if after["name"] != before["name"]:
        _check_name(session, after)
    return _save(session, before, after, "updated")


def merge_tag(session: Session, tag_id: str, version: int, into_id: str) -> Record:
    """Ends a tag in favour of another one. Segments that speak of it speak of the other one at once; its carriers are
    moved in the background, portion by portion."""
    if tag_id == into_id:
        raise TagUnknown("A tag cannot be merged into itself.", errors=[FieldError("/into", "Is the same tag.")])
    locked = {each: _lock(session, each, "/into" if each == into_id else "") for each in sorted((tag_id, into_id))}
    before = locked[tag_id]
    check_version(before, version)
    # What was merged into this one earlier, and has carriers still, goes the whole way.
    session.execute(_FOLLOW, {"id": tag_id, "into": into_id})
    speak_of(session, tag_id, into_id)
    return _save(session, before, before | {"merged_into": into_id, "archived": True}, "merged")


def delete_tag(session: Session, tag_id: str, version: int) -> None:
    """Deletes a tag that nobody carries and no segment speaks of, with those merged into it; raises TagInUse."""
    record = _lock(session, tag_id)
    check_version(record, version)
    carriers = int(session.execute(_CARRIERS, {"id": tag_id}).scalar_one())
    spoken_of = session.execute(_SPOKEN_OF, {"id": tag_id}).scalars().all()
    if carriers or spoken_of:
        raise TagInUse(
            f"{carriers} customers carry the tag and {len(spoken_of)} segments speak of it; archive it, or merge it"
            " into another one.",
            facts={"customers": carriers, "segments": list(spoken_of)},
        )
    store.remove(session, tags, tag_id)
    outbox.add(session, events.tag("deleted", record | {"version": record["version"] + 1}))


def set_tags(session: Session, customer_id: str, version: int, tag_ids: Sequence[str]) -> Record:
    """States all tags of a customer; returns its state. Raises TagUnknown and Unsuitable."""
    customer = lock_customer(session, customer_id, version=version)
    return _put(session, customer, list(dict.fromkeys(tag_ids)), lambda place: f"/tag_ids/{place}")


def add_tag(session: Session, customer_id: str, tag_id: str) -> Record:
    """Puts one tag on a customer that may have it already; returns its state."""
    customer = lock_customer(session, customer_id)
    if tag_id in customer["tag_ids"]:
        return customer
    return _put(session, customer, [*customer["tag_ids"], tag_id], lambda _place: "/tag_id")


def remove_tag(session: Session, customer_id: str, tag_id: str) -> None:
    """Takes a tag off a customer; raises TagNotFound where it does not carry it."""
    customer = lock_customer(session, customer_id)
    if tag_id not in customer["tag_ids"]:
        raise TagNotFound("The customer does not carry this tag.")
    _put(session, customer, [each for each in customer["tag_ids"] if each != tag_id], lambda _place: "")


def move_merged(database: Database) -> bool:
    """Puts the tags that others were merged into on the next carriers of those; returns whether there were any."""
    return database.run(_move_portion, context=context_for("system:tags", "Merged tags").bulk())


def _move_portion(session: Session) -> bool:
    instead = {row.id: row.merged_into for row in session.execute(_MERGED)}
    if not instead:
        return False
    ids = session.execute(_NEXT, {"tag_ids": list(instead), "most": _PORTION}).scalars().all()
    customers = lock_customers(session, sorted(ids))
    involved = {tag_id for record in customers.values() for tag_id in record["tag_ids"]} | set(instead.values())
    names = tag_names(session, involved)
    now = store.moment(session)
    moved = []
    for record in customers.values():
        tag_ids = replaced(record["tag_ids"], instead)
        if tag_ids == record["tag_ids"]:
            continue
        after = record | {"tag_ids": tag_ids, "version": record["version"] + 1, "updated_at": now}
        change = tags_change(record["tag_ids"], tag_ids, names)
        outbox.add(session, events.customer("updated", after, changes=[change]))
        moved.append(after)
    store.update_customers(session, moved)
    return bool(moved)


def _put(session: Session, customer: Record, tag_ids: list[str], pointer: Any) -> Record:
    before = customer["tag_ids"]
    if set(before) == set(tag_ids):
        return customer
    if len(tag_ids) > MAX_TAGS:
        raise Unsuitable(f"A customer has at most {MAX_TAGS} tags.")
    added = set(tag_ids) - set(before)
    usable = set(session.execute(_USABLE, {"ids": sorted(added)}).scalars()) if added else set()
    wrong = [
        FieldError(pointer(place), "No such tag, or an archived one.")
        for place, tag_id in enumerate(tag_ids)
        if tag_id in added - usable
    ]
    if wrong:
        raise TagUnknown("Choose tags that exist and are not archived.", errors=wrong)
    change = tags_change(before, tag_ids, tag_names(session, {*before, *tag_ids}))
    return save(session, customer | {"tag_ids": tag_ids}, [change])


def _save(session: Session, before: Record, after: Record, verb: events.TagVerb) -> Record:
    differing = changes(before, after, TAG_LABELS)
    if not differing:
        return before
    after |= {"version": before["version"] + 1, "updated_at": store.moment(session)}
    try:
        store.update(session, tags, [after])
    except IntegrityError as error:
        # Somebody took the name between the look and the write; the unique index is the rule.
        raise _name_taken(after["name"]) from error
    outbox.add(session, events.tag(verb, after, changes=differing))
    return after


def _lock(session: Session, tag_id: str, pointer: str = "") -> Record:
    # FOR UPDATE also waits for those who put the tag on a customer, and hold its row by the key.
    session.execute(_LOCK, {"id": tag_id})
    record = store.find(session, tags, tag_id)
    if record is None or record["merged_into"] is not None:
        if pointer:
            raise TagUnknown("Choose a tag that exists.", errors=[FieldError(pointer, "No such tag.")])
        raise TagNotFound(
            "There is no such tag.", facts={"merged_into": record["merged_into"]} if record is not None else None
        )
    return record


def tag_names(session: Session, tag_ids: set[str]) -> dict[str, str]:
    """The names of tags by their ids."""
    return {row.id: row.name for row in session.execute(_NAMES, {"ids": sorted(tag_ids)})}


def _check_name(session: Session, record: Record) -> None:
    if session.execute(_NAME_USED, {"id": record["id"], "name": record["name"]}).scalar():
        raise _name_taken(record["name"])


def _name_taken(name: str) -> TagNameTaken:
    return TagNameTaken(
        f"There is a tag named {name} already.", errors=[FieldError("/name", "Another tag has this name.")]
    )


_LOCK = text("SELECT 1 FROM tags WHERE id = CAST(:id AS uuid) FOR UPDATE")
_NAMES = text("SELECT CAST(id AS text) AS id, name FROM tags WHERE id = ANY (CAST(:ids AS uuid[]))")
_NAME_USED = text(
    "SELECT 1 FROM tags WHERE merged_into IS NULL AND fold_text(name) = fold_text(:name) AND id <> CAST(:id AS uuid)"
)
_USABLE = text(
    """
    SELECT CAST(id AS text) FROM tags
    WHERE id = ANY (CAST(:ids AS uuid[])) AND NOT archived ORDER BY tags.id FOR KEY SHARE
    """
)
_CARRIED = "tag_ids <> '{}' AND tag_ids && CAST(:tag_ids AS uuid[])"
# Also who carries a tag that was merged into it and is not moved yet.
_CARRIERS = text(
    """
    SELECT count(*) FROM customers WHERE tag_ids <> '{}' AND tag_ids && ARRAY(
        SELECT id FROM tags WHERE id = CAST(:id AS uuid) OR merged_into = CAST(:id AS uuid))
    """
)
_NEXT = text(f"SELECT CAST(id AS text) FROM customers WHERE {_CARRIED} LIMIT :most")  # noqa: S608
_SPOKEN_OF = text(
    "SELECT CAST(id AS text) FROM segments WHERE deleted_at IS NULL AND strpos(CAST(rule AS text), :id) > 0"
)
_FOLLOW = text("UPDATE tags SET merged_into = CAST(:into AS uuid) WHERE merged_into = CAST(:id AS uuid)")
_MERGED = text(
    """
    SELECT CAST(id AS text) AS id, CAST(merged_into AS text) AS merged_into FROM tags WHERE merged_into IS NOT NULL
    """
)
