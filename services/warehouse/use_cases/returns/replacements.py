"""What is sent instead of goods that come back or were claimed. Ordering makes the order of it."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from warehouse.errors.returns import ReplacementUnsuitable
from warehouse.tables.stock import replica_items


def check_replacement(session: Session, sku: str | None, pointer: str, *, replaces: bool) -> None:
    """Raises ReplacementUnsuitable where another article is named and nothing is replaced, or nobody offers it."""
    if sku is None:
        return
    if not replaces:
        raise ReplacementUnsuitable.at(pointer, "Name another article only where the resolution is replace.")
    offered = exists().where(replica_items.c.sku == sku, replica_items.c.kind == "stock", ~replica_items.c.gone)
    if not session.execute(select(offered)).scalar_one():
        raise ReplacementUnsuitable.at(pointer, f"Nobody offers goods as {sku}; take the SKU of a listing of goods.")
