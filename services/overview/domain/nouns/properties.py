"""Properties: who has them, who moves in and out, and how they change."""

from collections.abc import Iterable

from overview.domain.folding import fold
from overview.domain.nouns.noun import Data, Noun

_WHERE = ("line1", "line2", "postal_code", "city", "region")


def _sorted_apart(data: Data, _customer_id: str) -> Data:
    """The property without how the provider sorts it, which stands on its own: the company does not see that."""
    place = {name: value for name, value in data["property"].items() if name != "location_group_id"}
    return {**data, "property": place, "location_group_id": data["property"]["location_group_id"]}


def _is_current(data: Data) -> bool:
    return bool(data["state"] == "current")


def _label(data: Data) -> str:
    return f"{data['property']['number']} {data['property']['name']}"


def _words(data: Data) -> Iterable[tuple[str, str]]:
    place = data["property"]
    yield "property", " ".join(filter(None, (place["number"], place["name"], *(place[name] for name in _WHERE))))


def _marks(data: Data) -> list[str]:
    group_id = data["location_group_id"]
    return [f"location_group:{group_id}"] if group_id and _is_current(data) else []


# An assignment repeats its property, and tells on the day itself that it begins or ends: nothing here needs a clock.
ASSIGNMENT = Noun(
    entity="customer.assignment",
    verbs=("planned", "started", "changed", "ended", "removed"),
    ends=frozenset(("ended", "removed")),
    section="properties",
    fields=("id", "property", "location_group_id", "role", "from", "to", "state", "move_id"),
    order=lambda data: fold(_label(data)),
    most=50,
    portal=_is_current,
    portal_fields=("id", "property", "role", "from", "to"),
    label=_label,
    said=lambda data: data["reason"],
    said_inside=True,
    seen_by=_sorted_apart,
    found_by=_words,
    marks=_marks,
)
MOVE = Noun(
    entity="customer.move",
    verbs=("planned", "executed", "cancelled"),
    ends=frozenset(("executed", "cancelled")),
    section="moves",
    fields=("id", "kind", "property", "role", "date", "services_to_start", "services_to_end", "bill_to", "ship_to"),
    order=lambda data: str(data["date"]),
    label=_label,
    said=lambda data: data["reason"],
)
PROPERTY = Noun(
    entity="customer.property",
    verbs=("created", "updated", "closed", "reopened", "deleted"),
    kept=False,
    label=lambda data: f"{data['number']} {data['name']}",
)
