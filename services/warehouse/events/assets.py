"""Events of a company's assets, each with the whole asset and what changed, and of requests for them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from common.clock import rfc3339
from common.outbox import Draft

ASSET_VERBS = ("created", "updated", "checked_out", "checked_in", "status_changed")
REQUEST_VERBS = ("requested", "approved", "denied", "cancelled", "held", "resumed", "fulfilled")
PUBLISHES = frozenset(
    (
        *(f"warehouse.asset.{verb}.v1" for verb in ASSET_VERBS),
        *(f"warehouse.asset_request.{verb}.v1" for verb in REQUEST_VERBS),
    )
)

_ASSET = (
    *("id", "customer_id", "tag", "serial", "name", "model", "sku", "status", "property_id", "location"),
    *("warehouse_id", "request_id", "warranty_until", "purchased_on", "note", "reason", "created_at", "retired_at"),
)
_REQUEST = (
    *("id", "number", "customer_id", "status", "named_asset_id", "sku", "model", "asset_id", "property_id", "location"),
    *("needed_on", "note", "reason", "created_at", "decided_at", "ended_at"),
)
ORIGIN = ("order_id", "order_number", "shipment_id", "line_id")


def asset(verb: str, record: Mapping[str, Any], changes: Sequence[Mapping[str, Any]]) -> Draft:
    """An asset as it is now."""
    data = {name: _plain(record[name]) for name in _ASSET} | {
        "custodian": custodian_of(record),
        "origin": origin_of(record),
        "changes": list(changes),
    }
    return Draft(f"warehouse.asset.{verb}.v1", record["id"], record["version"], data, record["customer_id"])


def asset_request(verb: str, record: Mapping[str, Any]) -> Draft:
    """A request for an asset as it is now."""
    data = {name: _plain(record[name]) for name in _REQUEST} | {
        "custodian": custodian_of(record),
        "requester": {"account_id": _account(record["requested_by"]), "label": record["requester_label"]},
    }
    return Draft(f"warehouse.asset_request.{verb}.v1", record["id"], record["version"], data, record["customer_id"])


def custodian_of(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Whom a record names as the one who has or gets the asset."""
    if record["custodian_id"] is None and record["custodian_label"] is None:
        return None
    return {"id": record["custodian_id"], "label": record["custodian_label"]}


def origin_of(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """The order and the shipment that an asset came with."""
    return {name: record[name] for name in ORIGIN} if record["order_id"] else None


def _account(actor: str) -> str | None:
    kind, _, account_id = actor.partition(":")
    return account_id if kind in {"staff", "portal", "api"} else None


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    return value.isoformat() if isinstance(value, date) else value
