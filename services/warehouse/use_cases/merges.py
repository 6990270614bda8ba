"""What follows a customer into another one when they are merged, and back when that is undone.

Every column with a customer is named here: it moves (PARTS), or it stays (STAYS, with the reason). A test compares this
with the database.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Table, select, text
from sqlalchemy.orm import Session

from common.outbox import Draft
from common.pipeline import send
from common.records import as_record
from customer_replica.merging import Below, Moved, Part, customer_change
from warehouse.events.assets import asset
from warehouse.events.claims import claim
from warehouse.events.returns import returned
from warehouse.events.shipments import shipment
from warehouse.events.warehouses import warehouse
from warehouse.tables.assets import assets
from warehouse.tables.claims import claims
from warehouse.tables.returns import return_lines, returns
from warehouse.tables.shipments import shipment_lines, shipments
from warehouse.tables.stock import warehouses
from warehouse.use_cases.promise_rows import LOCK_SKUS

Told = Sequence[Moved]
Row = dict[str, Any]


def lock_articles(session: Session, customer_ids: Sequence[str]) -> None:
    """Locks the articles of which anything is promised to these customers, is theirs, or lies in their warehouses: who
    holds an article's lock relies on whose its promises are."""
    skus = session.execute(_ARTICLES, {"ids": list(customer_ids)}).scalars().all()
    if skus:
        send(session, [(LOCK_SKUS, {"skus": sorted(skus)})])


def _rows(session: Session, table: Table, moved: Told) -> list[Row]:
    """The rows that moved, in their order."""
    statement = select(table).where(table.c.id.in_([one.id for one in moved])).order_by(table.c.id)
    return [as_record(row) for row in session.execute(statement).mappings()]


def _lines(session: Session, table: Table, by: str, moved: Told) -> dict[str, list[Row]]:
    """The lines of rows that moved, in their order."""
    found: dict[str, list[Row]] = {one.id: [] for one in moved}
    statement = select(table).where(table.c[by].in_(list(found))).order_by(table.c.position)
    for row in session.execute(statement).mappings():
        found[row[by]].append(as_record(row))
    return found


def _tell_shipments(session: Session, moved: Told) -> list[Draft]:
    lines = _lines(session, shipment_lines, "shipment_id", moved)
    changes = {one.id: [customer_change(one)] for one in moved}
    return [
        shipment("moved", row, lines[row["id"]], changes=changes[row["id"]]) for row in _rows(session, shipments, moved)
    ]


def _tell_returns(session: Session, moved: Told) -> list[Draft]:
    lines = _lines(session, return_lines, "return_id", moved)
    changes = {one.id: [customer_change(one)] for one in moved}
    return [
        returned("moved", row, lines[row["id"]], changes=changes[row["id"]]) for row in _rows(session, returns, moved)
    ]


def _tell_claims(session: Session, moved: Told) -> list[Draft]:
    changes = {one.id: [customer_change(one)] for one in moved}
    return [claim("moved", row, changes=changes[row["id"]]) for row in _rows(session, claims, moved)]


def _tell_warehouses(session: Session, moved: Told) -> list[Draft]:
    return [warehouse("updated", row) for row in _rows(session, warehouses, moved)]


def _tell_assets(session: Session, moved: Told) -> list[Draft]:
    changes = {one.id: [customer_change(one)] for one in moved}
    return [asset("updated", row, changes[row["id"]]) for row in _rows(session, assets, moved)]


def _distinct(name: str, behind: str, among: str = "true") -> str:
    """SQL for a tag or serial number of an asset that moves: as it is, or with what tells it apart behind it where the
    survivor has the same one already, or gets it by the same merge."""
    return f"""
        CASE WHEN EXISTS (
            SELECT 1 FROM assets o LEFT JOIN replica_merged_customers c ON c.customer_id = o.customer_id
            WHERE lower(o.{name}) = lower(m.{name}) AND o.id <> m.id AND {among}
              AND (o.customer_id = m.merged_into OR c.survivor_id = m.merged_into AND o.id < m.id)
        ) THEN m.{name} || ' (' || {behind} || ')' ELSE m.{name} END"""  # noqa: S608  # our own names


RESERVATIONS: Final = Part(
    table="order_reservations",
    key="order_id",
    below=(
        Below(table="reservation_lines", by="order_id"),
        Below(table="reservation_sources", by="order_id"),
        Below(table="promised_dates", by="order_id"),
        Below(
            table="shipments",
            by="order_id",
            tell=_tell_shipments,
            below=(
                Below(table="shipment_lines", by="shipment_id"),
                Below(table="serials_out", by="shipment_id"),
                Below(table="return_claims", by="shipment_id"),
            ),
        ),
    ),
)
PARTS: Final = (
    RESERVATIONS,
    Part(
        table="returns",
        tell=_tell_returns,
        below=(
            Below(
                table="return_lines",
                by="return_id",
                below=(Below(table="return_serials", by="return_line_id"),),
            ),
        ),
    ),
    Part(table="claims", tell=_tell_claims),
    Part(
        table="assets",
        adjusted={
            "tag": _distinct("tag", "right(m.id::text, 6)"),
            "serial": _distinct("serial", "m.tag", "o.status <> 'retired' AND m.status <> 'retired'"),
        },
        tell=_tell_assets,
        below=(Below(table="asset_history", by="asset_id"),),
    ),
    Part(table="asset_requests"),
    # A customer has one warehouse of its own. A second one drains: what is promised from it is sent, the rest is moved.
    Part(
        table="warehouses",
        where="t.status <> 'closed' AND NOT t.surplus",
        unique=(),
        adjusted={
            "surplus": "m.clash",
            "status": "CASE WHEN m.clash THEN 'draining' ELSE m.status END",
            "drained_by_switch": "m.drained_by_switch AND NOT m.clash",
        },
        tell=_tell_warehouses,
        below=(Below(table="stock_balances", by="warehouse_id"),),
    ),
    Part(table="stock_balances", column="owner_id", unique=("warehouse_id", "sku")),
    Part(table="transfers", below=(Below(table="transfer_lines", by="transfer_id"),)),
    # What could not change its owner is sent as what it is.
    Part(
        table="transfer_lines",
        column="owner_id",
        where="NOT EXISTS (SELECT 1 FROM transfers r JOIN stock_balances b ON b.warehouse_id = r.from_id"
        " WHERE r.id = t.transfer_id AND b.sku = t.sku AND b.owner_id = t.owner_id)",
    ),
)

STAYS: Final[Mapping[tuple[str, str], str]] = {
    ("stock_movements", "customer_id"): "movements are only added: they tell in whose warehouse it was then",
    ("stock_movements", "owner_id"): "movements are only added: they tell whose it was then",
    ("replica_customers", "parent_id"): "the customers' own events tell who is above them",
    ("outbox", "customer_id"): "what was said stays said, in the order in which it was",
    ("replica_merged_customers", "customer_id"): "it says who was merged",
    ("replica_merged_customers", "survivor_id"): "it says into whom",
    ("merge_moves", "customer_id"): "it says to whom what moved goes back",
}

_ARTICLES = text(
    """
    SELECT l.sku FROM order_reservations o JOIN reservation_lines l USING (order_id)
    WHERE o.customer_id = ANY (CAST(:ids AS uuid[])) AND NOT o.ended AND o.state <> 'consumed'
    UNION
    SELECT sku FROM stock_balances
    WHERE owner_id = ANY (CAST(:ids AS uuid[]))
       OR warehouse_id IN (SELECT id FROM warehouses WHERE customer_id = ANY (CAST(:ids AS uuid[])))
    """
)
