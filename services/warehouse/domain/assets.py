"""The life of an asset: a thing that a company has, which lies ready, is with somebody, in repair, lost, or gone."""

from collections.abc import Mapping
from typing import Any, Final

from warehouse.errors.assets import AssetState

SWITCH: Final = "internal_inventory_enabled"

IN_STOCK: Final = "in_stock"
RESERVED: Final = "reserved"
DEPLOYED: Final = "deployed"
IN_REPAIR: Final = "in_repair"
IN_TRANSIT: Final = "in_transit"
LOST: Final = "lost"
RETIRED: Final = "retired"
STATUSES: Final = (IN_STOCK, RESERVED, DEPLOYED, IN_REPAIR, IN_TRANSIT, LOST, RETIRED)

LENGTHS: Final = {"tag": 40, "serial": 80, "name": 200, "sku": 80, "location": 200, "note": 1_000, "reason": 500}

# Why an asset ended that its company did not retire itself.
RETURNED: Final = "returned"

# From each status, where a command leads. What is reserved belongs to its request, until that is over.
TRANSITIONS: Final[Mapping[str, Mapping[str, str]]] = {
    IN_STOCK: {"check_out": DEPLOYED, "start_repair": IN_REPAIR, "lose": LOST, "retire": RETIRED, "reserve": RESERVED},
    RESERVED: {"check_out": DEPLOYED, "release": IN_STOCK},
    DEPLOYED: {"check_in": IN_STOCK, "start_repair": IN_REPAIR, "lose": LOST, "retire": RETIRED},
    IN_REPAIR: {"end_repair": IN_STOCK, "lose": LOST, "retire": RETIRED},
    IN_TRANSIT: {"check_in": IN_STOCK, "check_out": DEPLOYED, "lose": LOST, "retire": RETIRED},
    LOST: {"find": IN_STOCK, "retire": RETIRED},
    RETIRED: {},
}
# What a request does with an asset, and nobody by hand.
_BY_REQUESTS: Final = frozenset({"reserve", "release"})

_NEXT: Final = {
    IN_STOCK: "It lies ready: check it out first.",
    RESERVED: "It is promised to a request: check it out to that, or deny or cancel the request first.",
    DEPLOYED: "Check it in first.",
    IN_REPAIR: "End its repair first.",
    IN_TRANSIT: "Check it in when it has arrived.",
    LOST: "Note first that it was found.",
    RETIRED: "It has ended; make a new one.",
}

# What its history calls the fields of an asset.
LABELS: Final[Mapping[str, str]] = {
    "tag": "Tag",
    "serial": "Serial number",
    "name": "Name",
    "model": "Model",
    "sku": "Article",
    "status": "Status",
    "custodian": "Custodian",
    "property_id": "Property",
    "location": "Location",
    "warehouse_id": "Warehouse",
    "warranty_until": "Warranty until",
    "purchased_on": "Purchased on",
    "note": "Note",
    "reason": "Reason",
    "order_id": "Order",
}

# How its events call what its history calls by the command.
EVENT_OF: Final[Mapping[str, str]] = {
    "create": "created",
    "change": "updated",
    "check_out": "checked_out",
    "check_in": "checked_in",
}


def event_of(command: str) -> str:
    """The verb of the event that tells a command."""
    return EVENT_OF.get(command, "status_changed")


def after(asset: Mapping[str, Any], command: str) -> str:
    """The status of an asset after a command; raises AssetState where there is no such way."""
    status = asset["status"]
    ways = TRANSITIONS[status]
    if command not in ways:
        raise AssetState(
            f"{asset['tag']} is {status.replace('_', ' ')} and cannot {command.replace('_', ' ')}. {_NEXT[status]}",
            facts={"asset_status": status, "command": command, "commands": commands(status)},
        )
    # What was with somebody goes back there when it is mended.
    return asset["after_repair"] or IN_STOCK if command == "end_repair" else ways[command]


def commands(status: str) -> list[str]:
    """What somebody can do with an asset in this status."""
    return sorted(set(TRANSITIONS[status]) - _BY_REQUESTS)


def check_changeable(asset: Mapping[str, Any]) -> None:
    """Raises AssetState where nothing is changed any more."""
    if asset["status"] == RETIRED:
        raise AssetState(
            f"{asset['tag']} is retired and stays as it was. {_NEXT[RETIRED]}",
            facts={"asset_status": RETIRED, "command": "change", "commands": []},
        )
