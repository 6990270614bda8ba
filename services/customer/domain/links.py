"""Links between customers: typed, seen from both sides, stored once."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final, Literal

from common.errors import FieldError
from customer.errors.links import LinkTypeUneven, LinkUnsuitable, SelfLink

Direction = Literal["forward", "reverse"]
DIRECTIONS: Final = ("forward", "reverse")

LINK_LABELS = {"valid_from": "Valid from", "valid_to": "Valid until", "note": "Note"}
LINK_TYPE_LABELS = {
    "forward_label": "Label",
    "reverse_label": "Label from the other side",
    "symmetric": "The same from both sides",
    "from_kinds": "Kinds of the first side",
    "to_kinds": "Kinds of the other side",
    "dated": "Has days",
}
# What the links of a type rest on: fixed while there are any.
FIXED_IN_USE: Final = ("symmetric", "dated")

_KINDS = {"business": "a business", "person": "a person"}


def ends(symmetric: bool, customer_id: str, other_id: str, direction: Direction) -> tuple[str, str]:
    """The ids of the first and the other side as they are stored: of a symmetric link the smaller id first, else as
    `direction` says, seen from `customer_id`. Raises SelfLink."""
    if customer_id == other_id:
        raise SelfLink("Choose another customer; nobody is linked to itself.")
    if symmetric:
        return min(customer_id, other_id), max(customer_id, other_id)
    return (customer_id, other_id) if direction == "forward" else (other_id, customer_id)


def direction_from(record: Mapping[str, Any], customer_id: str) -> Direction:
    """The side from which a customer sees a link."""
    return "forward" if record["from_id"] == customer_id else "reverse"


def labels_of(link_type: Mapping[str, Any]) -> tuple[str, str]:
    """What the first side reads, and what the other side reads."""
    return link_type["forward_label"], link_type["reverse_label"]


def check_type(link_type: Mapping[str, Any]) -> None:
    """Raises LinkTypeUneven where a symmetric type has two faces."""
    if not link_type["symmetric"]:
        return
    if link_type["forward_label"] != link_type["reverse_label"]:
        raise LinkTypeUneven(
            "A link that is the same from both sides has one label; leave `reverse_label` out.",
            errors=[FieldError("/reverse_label", "Must be the same as `forward_label`.")],
        )
    if sorted(link_type["from_kinds"]) != sorted(link_type["to_kinds"]):
        raise LinkTypeUneven(
            "A link that is the same from both sides allows the same kinds on both.",
            errors=[FieldError("/allowed_kinds/to", "Must be the same as `from`.")],
        )


def check_kinds(link_type: Mapping[str, Any], first: Mapping[str, Any], second: Mapping[str, Any]) -> None:
    """Raises LinkUnsuitable where a side is of a kind that the type does not allow; takes the two customers."""
    for customer, allowed in ((first, link_type["from_kinds"]), (second, link_type["to_kinds"])):
        if customer["kind"] not in allowed:
            raise LinkUnsuitable(
                f"Customer {customer['number']} is {_KINDS[customer['kind']]}; on this side"
                f" “{link_type['forward_label']}” takes {_either(allowed)}. Choose another type or direction."
            )


def check_period(dated: bool, valid_from: date | None, valid_to: date | None) -> None:
    """Raises LinkUnsuitable where the days are in the wrong order, or the type has none."""
    if not dated and (valid_from or valid_to):
        raise LinkUnsuitable(
            "Links of this type have no days; leave them out.",
            errors=[
                FieldError(f"/{field}", "This type has no days.")
                for field, day in (("valid_from", valid_from), ("valid_to", valid_to))
                if day
            ],
        )
    if valid_from and valid_to and valid_to < valid_from:
        raise LinkUnsuitable(
            "The link would end before it begins; correct one of the days.",
            errors=[FieldError("/valid_to", "Is before `valid_from`.")],
        )


def overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two links hold on a common day; a day left open reaches without end."""
    return _begins_by(one, other["valid_to"]) and _begins_by(other, one["valid_to"])


def _begins_by(record: Mapping[str, Any], day: date | None) -> bool:
    return record["valid_from"] is None or day is None or record["valid_from"] <= day


def _either(kinds: Collection[str]) -> str:
    return " or ".join(_KINDS[kind] for kind in sorted(kinds))
