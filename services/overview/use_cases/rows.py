"""One event as the rows that it means, without a database: a row that cannot be built fails its own event only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from common.envelope import Event, shard_of
from overview.domain import marks, sections, terms, timeline
from overview.domain.folding import fold
from overview.domain.names import NOBODY
from overview.domain.nouns import noun_of
from overview.domain.nouns.noun import Data, Noun

Row = dict[str, Any]

_ORDERED_BY = 120  # characters of a folded name that decide the order of lists


@dataclass(frozen=True, slots=True)
class Projected:
    """A row of one replica table, and the search terms that belong to it."""

    table: str
    row: Row
    found_by: Sequence[terms.Term] = ()
    noun: Noun | None = None

    @property
    def customer_id(self) -> str:
        """Whose row it is."""
        return str(self.row.get("customer_id") or self.row["id"])


def customer(event: Event) -> list[Projected]:
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
        "merged_into": data.get("merged_into"),
        "lifecycle": data.get("lifecycle") or "customer",
        "tag_ids": data.get("tag_ids") or [],
        "created_at": data["created_at"],
        "updated_at": data["updated_at"],
        "body": _json(sections.customer(data)),
        "portal_body": _json(sections.portal_customer(data)),
        "as_of": event.time,
    }
    found_by = [] if removed else terms.customer_terms(data) + terms.mark_terms(marks.of_customer(data))
    return [Projected("customers", row, found_by)]


def contact(event: Event) -> list[Projected]:
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
    return [Projected("contacts", row, () if removed else terms.contact_terms(data))]


def contact_erased(event: Event) -> list[Projected]:
    """A person of a customer who is gone, with nothing left of them."""
    row = {
        "id": event.subject,
        "customer_id": event.customer_id,
        "version": event.version,
        "removed": True,
        "sort_name": "",
        "has_email": False,
        "has_phone": False,
        "body": "",
        "card": "",
        "as_of": event.time,
    }
    return [Projected("contacts", row)]


def address(event: Event) -> list[Projected]:
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
    return [Projected("addresses", row, () if removed else terms.address_terms(data))]


def group(event: Event) -> list[Projected]:
    """A customer group."""
    removed = event.type.startswith("customer.group.deleted.")
    row = {"id": event.subject, "version": event.version, "removed": removed, "name": event.data["name"]}
    return [Projected("groups", row)]


def scope(event: Event) -> list[Projected]:
    """What one scope has decided about the switches."""
    kept = {name: event.data[name] for name in ("scope_id", "values", "locks")}
    kept["licence"] = None if event.data["licence"] is None else {}  # that there is one, not who acknowledged it
    row = {"key": event.subject, "version": event.version, "body": _json(kept), "as_of": event.time}
    return [Projected("scopes", row)]


def access(event: Event) -> list[Projected]:
    """The logins of a customer."""
    login: Mapping[str, Any] | None = event.data["login"]
    row = {
        "customer_id": event.customer_id,
        "version": event.version,
        "login": login["status"] if login else "none",
        "body": _json(sections.access(event.data)),
        "as_of": event.time,
    }
    return [Projected("accesses", row)]


def records(event: Event, noun: Noun) -> list[Projected]:
    """One record of a declared noun for each customer that it concerns, as that customer's history shows it; and what
    it leaves behind where it belonged before."""
    if not noun.kept:
        return []
    removed = event.type.split(".")[-2] in noun.ends
    found = [_record(event, noun, customer_id, removed=removed) for customer_id in concerned(event, noun)]
    gone = set(timeline.former_owners(event.data)) - {one.customer_id for one in found}
    return found + [_record(event, noun, customer_id, removed=True) for customer_id in sorted(gone)]


def concerned(event: Event, noun: Noun | None) -> list[str]:
    """The customers in whose history an event stands, its own first."""
    return list(dict.fromkeys([event.customer_id or NOBODY, *(noun.also(event.data) if noun else ())]))


def _record(event: Event, noun: Noun, customer_id: str, *, removed: bool) -> Projected:
    data = noun.seen_by(event.data, customer_id)
    portal_body = None if removed else noun.portal_body(data)
    row = {
        "kind": noun.kind,
        "id": event.subject,
        "customer_id": customer_id,
        "version": event.version,
        "removed": removed,
        "restricted": noun.is_kept_back(data),
        "place": "" if removed else noun.order(data)[:_ORDERED_BY],
        "label": "" if removed else noun.label(data),
        "parent_id": None if removed else noun.parent(data),
        "body": "" if removed else _json(noun.body(data)),
        "portal_body": None if portal_body is None else _json(portal_body),
        "as_of": event.time,
    }
    return Projected("records", row, () if removed else _found_by(noun, data), noun)


def _found_by(noun: Noun, data: Data) -> list[terms.Term]:
    level = terms.EVERYBODY if noun.portal(data) else terms.STAFF
    if noun.is_kept_back(data):
        level = terms.RESTRICTED
    found = [term for field, text in noun.found_by(data) for term in terms.field_terms(field, text)]
    return list(dict.fromkeys(terms.at_level(found, level) + terms.mark_terms(noun.marks(data))))


def timeline_rows(event: Event) -> list[Row]:
    """The timeline entries of an event, one per customer concerned, its own first, with what its aggregate's versions
    are counted by."""
    noun = noun_of(event.type)
    return [_timeline_row(event, noun, customer_id) for customer_id in concerned(event, noun)]


def _timeline_row(event: Event, noun: Noun | None, customer_id: str) -> Row:
    entry = timeline.entry(event, noun, None if customer_id == NOBODY else customer_id)
    return {
        "event_id": event.id,
        "customer_id": customer_id,
        "occurred_at": entry.occurred_at,
        "kind": entry.kind,
        "verb": entry.verb,
        "actor": entry.actor,
        "paths": list(entry.paths),
        "visibility": entry.visibility,
        "needs": list(entry.needs),
        "body": _json(entry.body),
        "portal_body": None if entry.portal_body is None else _json(entry.portal_body),
        "entity": entry.entity,
        "subject": event.subject,
        "version": event.version,
    }


def arrival_row(event: Event, entry: Row) -> Row:
    """What the live stream tells of an entry: that something happened to whom, never what it says."""
    return {
        "event_id": event.id,
        "customer_id": None if entry["customer_id"] == NOBODY else entry["customer_id"],
        "type": event.type,
        "subject": event.subject,
        "kind": entry["kind"],
        "verb": entry["verb"],
        "occurred_at": entry["occurred_at"],
        "visibility": entry["visibility"],
        "needs": entry["needs"],
    }


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
