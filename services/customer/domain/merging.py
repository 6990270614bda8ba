"""What a merged customer looks like: which value of each field wins, and what becomes of those that do not.

The survivor's value wins where it has one, else the newest of the others; the place in the tree and the group are the
survivor's even where it has none. Whoever merges may choose otherwise, field by field.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from customer.domain.changes import CUSTOMER_LABELS
from customer.errors.merges import Merged

Record = Mapping[str, Any]

MAX_LOSERS: Final = 10
UNDO_DAYS: Final = 30

LABELS: Final = {
    "name": "Name",
    "dba_name": "Trading name",
    "lifecycle": "Lifecycle",
    "group_id": "Customer group",
    "parent_id": "Head office",
    "primary_contact_id": "Primary contact",
}
OWN_EVEN_IF_EMPTY: Final = frozenset({"group_id", "parent_id"})
LOGIN: Final = "login"  # chosen here, decided where logins live
CUSTOM: Final = "cf."


def refuse_merged(record: Record) -> None:
    """Raises Merged where the customer lives on in another one."""
    if record["merged_into"]:
        raise Merged(
            f"Customer {record['number']} was merged into another one; use that one instead.",
            facts={"survivor_id": str(record["merged_into"])},
        )


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the merged customer: the value that wins, whose it is, and what each customer has."""

    name: str
    label: str
    value: Any
    taken_from: str
    candidates: Sequence[tuple[str, Any]]

    @property
    def alternates(self) -> list[tuple[str, Any]]:
        """The values that do not win, which are kept beside the merge."""
        return [(owner, value) for owner, value in self.candidates if not _is_empty(value) and value != self.value]


def choosable(customers: Sequence[Record]) -> dict[str, str]:
    """The label of every field that can be chosen for these customers."""
    keys = sorted({key for customer in customers for key in customer["custom_fields"]})
    return LABELS | {CUSTOM + key: key for key in keys}


def settle(survivor: Record, losers: Sequence[Record], choices: Mapping[str, str]) -> list[Field]:
    """Every field of the merged customer. `choices` names for a field the customer whose value it takes."""
    customers = [survivor, *losers]
    return [_field(name, label, customers, choices.get(name)) for name, label in choosable(customers).items()]


def merged(survivor: Record, losers: Sequence[Record], fields: Sequence[Field]) -> dict[str, Any]:
    """The survivor with the values that won, and the tags and external ids of all."""
    after: dict[str, Any] = {**survivor, "custom_fields": {}}
    for field in fields:
        if field.name.startswith(CUSTOM):
            if not _is_empty(field.value):
                after["custom_fields"][field.name.removeprefix(CUSTOM)] = field.value
        else:
            after[field.name] = field.value
    everybody = (survivor, *losers)
    after["tag_ids"] = list(dict.fromkeys(tag for customer in everybody for tag in customer["tag_ids"]))
    external = {(entry["system"], entry["id"]) for customer in everybody for entry in customer["external_ids"]}
    after["external_ids"] = [{"system": system, "id": external_id} for system, external_id in sorted(external)]
    if after["kind"] == "person":
        after["primary_contact_id"] = None
    return after


def restored_field(now: Any, after_merge: Any, before_merge: Any) -> tuple[Any, bool]:
    """The value of a field after the merge is undone, and whether a later change kept it from going back."""
    if now == after_merge:
        return before_merge, False
    return now, before_merge != after_merge


UNDONE_LABELS: Final = CUSTOMER_LABELS | LABELS


def _field(name: str, label: str, customers: Sequence[Record], chosen: str | None) -> Field:
    candidates = [(customer["id"], _value(customer, name)) for customer in customers]
    taken_from, value = candidates[0]
    if chosen is not None:
        taken_from, value = next(candidate for candidate in candidates if candidate[0] == chosen)
    elif _is_empty(value) and name not in OWN_EVEN_IF_EMPTY:
        newest = sorted(customers[1:], key=lambda customer: customer["updated_at"], reverse=True)
        for customer in newest:
            if not _is_empty(_value(customer, name)):
                taken_from, value = customer["id"], _value(customer, name)
                break
    return Field(name, label, value, taken_from, candidates)


def _value(customer: Record, name: str) -> Any:
    return customer["custom_fields"].get(name.removeprefix(CUSTOM)) if name.startswith(CUSTOM) else customer[name]


def _is_empty(value: Any) -> bool:
    # 0 and false are values; nothing, and an empty text or list, are none.
    return value is None or value in ("", [])
