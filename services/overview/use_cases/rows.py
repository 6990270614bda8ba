"""One event as the rows that it means, without a database: a row that cannot be built fails its own event only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from common.envelope import Event, shard_of
from overview.domain import sections, terms, timeline
from overview.domain.folding import fold

Row = dict[str, Any]

NOBODY = "00000000-0000-0000-0000-000000000000"  # whose timeline holds the events without a customer

_ORDERED_BY = 120  # characters of a folded name that decide the order of lists


@dataclass(frozen=True, slots=True)
class Projected:
    """A row of one replica table, and the search terms that belong to it."""

    table: str
    row: Row
    found_by: Sequence[terms.Term] = ()


def customer(event: Event) -> Projected:
    """A customer; deleting it leaves a tombstone, so that a late older event cannot bring it back."""
    data = event.data
    removed = event.type.startswith("customer.customer.deleted.")
    row = {
        "id": event.subject,
        "version": event.version,
        "removed": removed,
        "slot": shard_of(event.subject),
        "number": data["number"],
        "number_key": fold(data["number"]) if data["number"] else None,
        "name": data["name"],
        "sort_name": fold(data["name"])[:_ORDERED_BY],
        "dba_name": data["dba_name"],
        "kind": data["kind"],
        "status": data["status"],
        "parent_id": data["parent_id"],
        "group_id": data["group_id"],
        "primary_contact_id": data["primary_contact_id"],
        "created_at": data["created_at"],
        "updated_at": data["updated_at"],
        "body": _json(sections.customer(data)),
        "as_of": event.time,
    }
    return Projected("customers", row, () if removed else terms.customer_terms(data))


def contact(event: Event) -> Projected:
    """A person of a customer."""
    data = event.data
    removed = event.type.startswith("customer.contact.removed.")
    row = {
        "id": event.subject,
        "customer_id": event.customer_id,
        "version": event.version,
        "removed": removed,
        "sort_name": fold(data["name"])[:_ORDERED_BY],
        "has_email": bool(data["emails"]),
        "has_phone": bool(data["phones"]),
        "body": "" if removed else _json(sections.contact(data)),
        "card": "" if removed else _json(sections.contact_card(data)),
        "as_of": event.time,
    }
    return Projected("contacts", row, () if removed else terms.contact_terms(data))


def address(event: Event) -> Projected:
    """A place of a customer."""
    data = event.data
    removed = event.type.startswith("customer.address.removed.")
    row = {
        "id": event.subject,
        "customer_id": event.customer_id,
        "version": event.version,
        "removed": removed,
        "rank": sections.address_rank(data["purposes"]),
        "city": data["city"],
        "city_key": fold(data["city"]),
        "country": data["country"],
        "body": "" if removed else _json(sections.address(data)),
        "as_of": event.time,
    }
    return Projected("addresses", row, () if removed else terms.address_terms(data))


def group(event: Event) -> Projected:
    """A customer group."""
    removed = event.type.startswith("customer.group.deleted.")
    row = {"id": event.subject, "version": event.version, "removed": removed, "name": event.data["name"]}
    return Projected("groups", row)


def scope(event: Event) -> Projected:
    """What one scope has decided about the switches."""
    kept = {name: event.data[name] for name in ("scope_id", "values", "locks")}
    kept["licence"] = None if event.data["licence"] is None else {}  # that there is one, not who acknowledged it
    return Projected(
        "scopes", {"key": event.subject, "version": event.version, "body": _json(kept), "as_of": event.time}
    )


def access(event: Event) -> Projected:
    """The logins of a customer."""
    login: Mapping[str, Any] | None = event.data["login"]
    row = {
        "customer_id": event.customer_id,
        "version": event.version,
        "login": login["status"] if login else "none",
        "body": _json(sections.access(event.data)),
        "as_of": event.time,
    }
    return Projected("accesses", row)


def timeline_row(event: Event) -> Row:
    """The timeline entry of an event, with what its aggregate's versions are counted by."""
    entry = timeline.entry(event)
    return {
        "event_id": event.id,
        "customer_id": event.customer_id or NOBODY,
        "occurred_at": entry.occurred_at,
        "kind": entry.kind,
        "verb": entry.verb,
        "actor": entry.actor,
        "paths": list(entry.paths),
        "visibility": entry.visibility,
        "body": _json(entry.body),
        "portal_body": None if entry.portal_body is None else _json(entry.portal_body),
        "entity": entry.entity,
        "subject": event.subject,
        "version": event.version,
    }


def arrival_row(event: Event, entry: Row) -> Row:
    """What the live stream tells of an event: that something happened to whom, never what it says."""
    return {
        "event_id": event.id,
        "customer_id": event.customer_id or None,
        "type": event.type,
        "subject": event.subject,
        "kind": entry["kind"],
        "verb": entry["verb"],
        "occurred_at": entry["occurred_at"],
        "visibility": entry["visibility"],
    }


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
