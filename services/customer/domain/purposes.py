"""What an address is used for, and which address of a customer is the default for a use."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

PURPOSES: Final = ("billing", "ship_to", "site", "legal")
USUAL: Final = ({"purpose": "billing"}, {"purpose": "ship_to"})

Purpose = dict[str, Any]


def settle(wanted: Sequence[Mapping[str, Any]], taken: Iterable[str], present: Sequence[Purpose] = ()) -> list[Purpose]:
    """The purposes of an address in full, in their fixed order. `taken` are the purposes that other addresses of the
    customer serve: the first address of a purpose becomes its default. Where `wanted` leaves `default` open, what the
    address has at `present` stays."""
    served = set(taken)
    defaults_now = {entry["purpose"] for entry in present if entry["default"]}
    chosen: dict[str, bool] = {}
    for entry in wanted:
        purpose = entry["purpose"]
        default = entry.get("default")
        chosen[purpose] = bool(purpose in defaults_now or purpose not in served) if default is None else bool(default)
    return [{"purpose": purpose, "default": chosen[purpose]} for purpose in PURPOSES if purpose in chosen]


def without_defaults(present: Sequence[Purpose], lost: Iterable[str]) -> list[Purpose]:
    """The purposes of an address after another one became the default for `lost`."""
    gone = set(lost)
    return [entry | {"default": entry["default"] and entry["purpose"] not in gone} for entry in present]


def defaults(purposes: Iterable[Purpose]) -> list[str]:
    """The purposes for which the address is the default."""
    return [entry["purpose"] for entry in purposes if entry["default"]]


def names(purposes: Iterable[Purpose]) -> list[str]:
    """All purposes of the address."""
    return [entry["purpose"] for entry in purposes]
