"""Rows to look at, written straight into the tables."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from common.ids import new_id
from ordering.tables.listings import catalogue_rules, listings
from ordering.tables.prices import price_lists, prices
from ordering.use_cases import store

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def a_listing(session: Session, **fields: Any) -> dict[str, Any]:
    """A published listing of the provider for everybody, unless something else is said."""
    listing_id = new_id()
    record = {
        "id": listing_id,
        "sku": f"S-{listing_id}",
        "name": "Lamp",
        "kind": "stock",
        "unit": "piece",
        "components": [],
        "audience": "global",
        "status": "published",
        "backorder_policy": "none",
        "preorderable": False,
        "confirmation": "owner",
        "words": "lamp",
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
    } | fields
    store.insert(session, listings, [record])
    return record


def a_rule(session: Session, effect: str, about: Mapping[str, Any], target_id: str, kind: str = "customer") -> None:
    """A rule for a customer or a group."""
    record = {"id": new_id(), "effect": effect, "target_kind": kind, "target_id": target_id, "version": 1}
    store.insert(session, catalogue_rules, [record | {"created_at": NOW} | about])


def a_list(session: Session, kind: str = "standard", **fields: Any) -> str:
    """A price list without prices."""
    list_id = new_id()
    record = {"id": list_id, "code": f"L-{list_id}", "name": "List", "kind": kind, "currency": "EUR", "priority": 0}
    store.insert(session, price_lists, [record | {"version": 1, "created_at": NOW, "updated_at": NOW} | fields])
    return list_id


def a_price(session: Session, list_id: str, listing_id: str, minor: int, **fields: Any) -> None:
    """A price of one unit, from the first one on."""
    record = {"id": new_id(), "list_id": list_id, "listing_id": listing_id, "min_quantity": 1, "unit_minor": minor}
    store.insert(session, prices, [record | fields])
