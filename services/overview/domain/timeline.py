"""Timeline entries: what an event means in a customer's history, with every label frozen as it was."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from overview.domain.nouns.noun import Data, Noun

# Who reads an entry: the provider's staff, its company too, or staff with the permissions that it needs.
Visibility = Literal["internal", "portal", "restricted"]

# The entity in the type of an event -> the kind of its entries.
_KINDS = {
    "customer.customer": "customer",
    "customer.contact": "contact",
    "customer.address": "address",
    "customer.group": "group",
    "customer.import": "import",
    "portal-settings.scope": "portal_settings",
    "identity.account": "account",
    "identity.access": "access",
}

# What a portal user reads: facts of the own company. Why it was archived, and how the provider classes it, is internal.
_PORTAL_VERBS = {
    "customer": {"created", "updated"},
    "contact": {"added", "updated", "removed"},
    "address": {"added", "updated", "removed"},
    "portal_settings": {"changed"},
}
_INTERNAL_PATHS = ("group", "tag", "external_ids", "archive", "lifecycle", "cf.", "custom_fields", "merged_into")

# Where a part of a customer says whose it is, and was.
_OWNERS = frozenset(("customer", "from", "to"))
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Fact(Protocol):
    """An event, as far as the timeline reads it."""

    @property
    def id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def time(self) -> str: ...
    @property
    def data(self) -> Mapping[str, Any]: ...
    @property
    def customer_id(self) -> str: ...
    @property
    def actor(self) -> str: ...
    @property
    def actor_label(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Happening:
    """What an event's type says: which kind of thing, and what befell it."""

    entity: str
    kind: str
    verb: str


def happening(event_type: str) -> Happening:
    """Reads an event type: `customer.contact.added.v1` is `contact`, `added`."""
    entity, _, rest = event_type.rpartition(".")[0].rpartition(".")
    return Happening(entity, _KINDS.get(entity, entity.rpartition(".")[2]), rest)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `portal_body` is there only where something of `body` is internal. `needs` names the
    permissions without which it is not shown."""

    entity: str
    kind: str
    verb: str
    occurred_at: str
    actor: str
    subject: str
    paths: tuple[str, ...]
    visibility: Visibility
    needs: tuple[str, ...]
    body: Mapping[str, Any]
    portal_body: Mapping[str, Any] | None


def entry(event: Fact, noun: Noun | None = None, customer_id: str | None = None) -> Entry:
    """The entry of an event in the history of one of the customers that it concerns, by default its own. `noun` is the
    declaration of what it is about, where there is one. An event without a customer is kept for the gap check and for
    staff; it is internal."""
    what = happening(event.type)
    owner = customer_id or event.customer_id
    data = noun.seen_by(event.data, owner) if noun else event.data
    changes: Sequence[Mapping[str, Any]] = data.get("changes", ())
    shown = [change for change in changes if _is_shown(change["path"], noun)]
    needs = noun.needed(data) if noun else ()
    visibility: Visibility = "restricted" if needs else "internal"
    if owner and _is_for_portals(what, data, noun) and (shown or not changes):
        visibility = "portal"
    occurred_at = data.get("occurred_at") or event.time
    actor_type, _, actor_id = event.actor.partition(":")
    body: dict[str, Any] = {
        "id": event.id,
        "event_id": event.id,
        "customer_id": owner or None,
        "occurred_at": occurred_at,
        "recorded_at": event.time,
        "kind": what.kind,
        "verb": what.verb,
        "actor": {"type": actor_type, "id": actor_id, "label": event.actor_label},
        "via": {"service": event.source.rpartition(":")[2]},
        "subject": {
            "type": what.kind,
            "id": event.subject,
            "label": noun.label(data) if noun else subject_label(what.kind, data),
        },
        "changes": list(changes),
        "batch_id": data.get("batch_id"),
        "visibility": visibility,
    }
    portal_body = {**body, "changes": shown}
    if noun and (text := noun.said(data)):
        body["text"] = text
        if not noun.said_inside:
            portal_body["text"] = text
    return Entry(
        entity=(noun and noun.counted_as) or what.entity,
        kind=what.kind,
        verb=what.verb,
        occurred_at=occurred_at,
        actor=event.actor,
        subject=event.subject,
        paths=tuple(dict.fromkeys(change["path"] for change in changes)),
        visibility=visibility,
        needs=needs,
        body=body,
        portal_body=portal_body if visibility == "portal" and portal_body != body else None,
    )


def former_owners(data: Data) -> list[str]:
    """The customers to which something no longer belongs, by the changes that say so."""
    return [
        change["before"]
        for change in data.get("changes", ())
        if change["path"] in _OWNERS and _ID.fullmatch(str(change.get("before")))
    ]


def subject_label(kind: str, data: Mapping[str, Any]) -> str:
    """What the thing was called when it happened."""
    if kind == "address":
        return ", ".join(part for part in (data["line1"], data["city"]) if part)
    if kind == "portal_settings":
        return "Portal settings"
    if kind == "access":
        login = data["login"]
        return (login and login["username"]) or "Portal access"
    return str(data.get("name") or data.get("display_name") or "")


def is_internal(path: str) -> bool:
    """Whether a change of this field is for staff only."""
    return path.startswith(_INTERNAL_PATHS)


def _is_shown(path: str, noun: Noun | None) -> bool:
    if noun is None:
        return not is_internal(path)
    return path.partition("/")[0].partition(".")[0] in noun.shown_fields


def _is_for_portals(what: Happening, data: Data, noun: Noun | None) -> bool:
    return noun.portal(data) if noun else what.verb in _PORTAL_VERBS.get(what.kind, ())
