"""Saved filters: a rule, or a query of the directory, kept by its owner and perhaps shown to others."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from customer import events
from customer.domain.changes import changes
from customer.domain.saved_filters import FILTER_LABELS, Viewer, check_audience, check_may_change, sees
from customer.errors import Unsuitable
from customer.errors.rules import FilterNameTaken, FilterNotFound
from customer.tables.rules import saved_filters
from customer.use_cases import store
from customer.use_cases.locking import check_version
from customer.use_cases.rules import read_rule
from customer.use_cases.store import Record

_PLAIN = ("name", "sort", "columns", "audience", "role", "pinned")


def create_filter(session: Session, viewer: Viewer, body: Mapping[str, Any]) -> Record:
    """Saves a filter of the viewer's own. Raises RuleRefused, Unsuitable, SharingForbidden and FilterNameTaken."""
    now = store.moment(session)
    record = {
        "id": new_id(),
        "owner": viewer.account,
        "owner_label": viewer.label,
        "sort": None,
        "columns": [],
        "audience": "me",
        "role": None,
        "pinned": False,
        **{name: body[name] for name in _PLAIN if name in body},
        **_asked(session, body),
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    check_audience(viewer, record)
    try:
        store.insert(session, saved_filters, [record])
    except IntegrityError as error:
        raise _name_taken(record["name"]) from error
    outbox.add(session, events.saved_filter("created", record))
    return record


def change_filter(session: Session, viewer: Viewer, filter_id: str, version: int, body: Mapping[str, Any]) -> Record:
    """Changes a filter; who manages segments may change those that others share. Raises as `create_filter` does, and
    FilterNotYours."""
    before = _lock(session, viewer, filter_id)
    check_version(before, version)
    after = before | {name: body[name] for name in _PLAIN if name in body}
    if any(body.get(name) is not None for name in ("rule", "text", "query")):
        after |= _asked(session, body)
    if after["audience"] != "role" and "role" not in body:
        after["role"] = None
    check_audience(viewer, after)
    differing = changes(before, after, FILTER_LABELS)
    if not differing:
        return before
    after |= {"version": before["version"] + 1, "updated_at": store.moment(session)}
    try:
        store.update(session, saved_filters, [after])
    except IntegrityError as error:
        raise _name_taken(after["name"]) from error
    outbox.add(session, events.saved_filter("updated", after, changes=differing))
    return after


def delete_filter(session: Session, viewer: Viewer, filter_id: str, version: int) -> None:
    """Deletes a filter; raises FilterNotYours."""
    record = _lock(session, viewer, filter_id)
    check_version(record, version)
    store.remove(session, saved_filters, filter_id)
    outbox.add(session, events.saved_filter("deleted", record | {"version": record["version"] + 1}))


def _asked(session: Session, body: Mapping[str, Any]) -> Record:
    ways = [name for name in ("rule", "text", "query") if body.get(name) is not None]
    if len(ways) != 1:
        raise Unsuitable(
            "Send a `rule`, its short form as `text`, or a `query` of the directory: one of them.",
            errors=[FieldError(f"/{ways[1] if ways else 'rule'}", "Send exactly one of the three.")],
        )
    if ways == ["query"]:
        return {"rule": None, "query": body["query"]}
    return {"rule": read_rule(session, body).document, "query": None}


def _lock(session: Session, viewer: Viewer, filter_id: str) -> Record:
    session.execute(_LOCK, {"id": filter_id})
    record = store.find(session, saved_filters, filter_id)
    if record is None or not sees(viewer, record):
        raise FilterNotFound("There is no such saved filter.")
    check_may_change(viewer, record)
    return record


def _name_taken(name: str) -> FilterNameTaken:
    return FilterNameTaken(
        f"You have a filter named {name} already.", errors=[FieldError("/name", "Another filter has this name.")]
    )


_LOCK = text("SELECT 1 FROM saved_filters WHERE id = CAST(:id AS uuid) FOR UPDATE")
