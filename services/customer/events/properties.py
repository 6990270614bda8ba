"""Events of properties, of who has them, and of moves."""

from collections.abc import Mapping
from typing import Any, Literal

from common.outbox import Draft
from customer.domain.assignments import Period
from customer.events.drafts import Changes, Record, draft, types_of

PropertyVerb = Literal["created", "updated", "closed", "reopened", "deleted"]
AssignmentVerb = Literal["planned", "started", "changed", "ended", "removed"]
MoveVerb = Literal["planned", "executed", "cancelled"]

PUBLISHES = (
    types_of("property", ("created", "updated", "closed", "reopened", "deleted"))
    | types_of("assignment", ("planned", "started", "changed", "ended", "removed"))
    | types_of("move", ("planned", "executed", "cancelled"))
)

_PROPERTY_FIELDS = (
    *("id", "number", "name", "kind", "status"),
    *("line1", "line2", "city", "region", "postal_code", "country", "location_group_id"),
)
_ASSIGNMENT_FIELDS = ("id", "customer_id", "property", "role", "from", "to", "state", "move_id", "reason")
_MOVE_FIELDS = (
    *("id", "kind", "state", "property", "customer_id", "role", "date", "ends", "services_to_start", "services_to_end"),
    *("bill_to", "ship_to", "invite", "reason"),
)


def property_(verb: PropertyVerb, record: Record, *, changes: Changes = ()) -> Draft:
    """A property; who has it is told by its assignments, each of which repeats it."""
    return draft("property", verb, record, (*_PROPERTY_FIELDS, "custom_fields"), changes=changes)


def assignment(
    verb: AssignmentVerb, record: Record, place: Record, *, reason: str | None = None, changes: Changes = ()
) -> Draft:
    """A customer's role at a property, with the property as it is now: who reads of the customer needs nothing else."""
    whole = {**record, "property": _property(place), **Period.of(record).shown(), "reason": reason}
    return draft("assignment", verb, whole, _ASSIGNMENT_FIELDS, changes=changes)


def move(verb: MoveVerb, record: Record, place: Record) -> Draft:
    """A move in or out; the assignments that it ends and begins tell of themselves."""
    services = {"in": ("services_to_start", "services_to_end"), "out": ("services_to_end", "services_to_start")}
    used, unused = services[record["kind"]]
    whole = {
        **record,
        "property": _property(place),
        "date": record["day"],
        "ends": [{name: each[name] for name in ("assignment_id", "customer_id")} for each in record["ends"]],
        used: record["services"],
        unused: [],
    }
    return draft("move", verb, whole, _MOVE_FIELDS)


def _property(place: Record) -> Mapping[str, Any]:
    return {name: place[name] for name in _PROPERTY_FIELDS}
