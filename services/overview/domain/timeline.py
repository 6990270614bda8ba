"""Timeline entries: what an event means in a customer's history, with every label frozen as it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Visibility = Literal["internal", "portal"]

KINDS = ("customer", "contact", "address", "portal_settings", "access")

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
_INTERNAL_PATHS = ("group", "tags", "external_ids", "archive")


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
    """One entry. `portal_body` differs from `body` only where some of the changes are internal."""

    entity: str
    kind: str
    verb: str
    occurred_at: str
    actor: str
    paths: tuple[str, ...]
    visibility: Visibility
    body: Mapping[str, Any]
    portal_body: Mapping[str, Any] | None


def entry(event: Fact) -> Entry:
    """The entry of an event. One without a customer is kept for the gap check and for staff; it is internal."""
    what = happening(event.type)
    changes: Sequence[Mapping[str, Any]] = event.data.get("changes", ())
    shown = [change for change in changes if not is_internal(change["path"])]
    visibility = _visibility(what, changes, shown) if event.customer_id else "internal"
    occurred_at = event.data.get("occurred_at") or event.time
    actor_type, _, actor_id = event.actor.partition(":")
    body: dict[str, Any] = {
        "id": event.id,
        "event_id": event.id,
        "customer_id": event.customer_id or None,
        "occurred_at": occurred_at,
        "recorded_at": event.time,
        "kind": what.kind,
        "verb": what.verb,
        "actor": {"type": actor_type, "id": actor_id, "label": event.actor_label},
        "via": {"service": event.source.rpartition(":")[2]},
        "subject": {"type": what.kind, "id": event.subject, "label": subject_label(what.kind, event.data)},
        "changes": list(changes),
        "batch_id": event.data.get("batch_id"),
        "visibility": visibility,
    }
    hides = visibility == "portal" and len(shown) < len(changes)
    return Entry(
        entity=what.entity,
        kind=what.kind,
        verb=what.verb,
        occurred_at=occurred_at,
        actor=event.actor,
        paths=tuple(dict.fromkeys(change["path"] for change in changes)),
        visibility=visibility,
        body=body,
        portal_body={**body, "changes": shown} if hides else None,
    )


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


def _visibility(what: Happening, changes: Sequence[Any], shown: Sequence[Any]) -> Visibility:
    if what.verb not in _PORTAL_VERBS.get(what.kind, ()):
        return "internal"
    return "internal" if changes and not shown else "portal"
