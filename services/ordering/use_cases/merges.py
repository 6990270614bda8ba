"""What follows a customer into another one when they are merged, and back when that is undone.

Every column with a customer is named here: it moves (PARTS), or it stays (STAYS, with the reason). A test compares this
with the database.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from common.outbox import Draft
from common.records import as_record
from customer_replica.merging import Below, Moved, Part, customer_change
from ordering.events import (
    approvals,
    bundles,
    contracts,
    cost_centres,
    limits,
    listings,
    orders,
    prices,
    purchase_orders,
    quotes,
    services,
    standing_orders,
)
from ordering.queries.quotes import newest_revisions
from ordering.tables.approvals import approval_rules
from ordering.tables.bundles import bundles as bundle_rows
from ordering.tables.contracts import contracts as contract_rows
from ordering.tables.cost_centres import cost_centres as cost_centre_rows
from ordering.tables.limits import purchase_limits
from ordering.tables.listings import listings as listing_rows
from ordering.tables.orders import orders as order_rows
from ordering.tables.prices import price_lists
from ordering.tables.purchase_orders import po_rules as po_rule_rows
from ordering.tables.purchase_orders import purchase_orders as purchase_order_rows
from ordering.tables.quotes import quotes as quote_rows
from ordering.tables.services import services as service_rows
from ordering.tables.standing_orders import standing_orders as standing_order_rows
from ordering.use_cases.orders.store import lines_of

Build = Callable[..., Draft]
Told = Sequence[Moved]


def _rows(session: Session, table: Table, moved: Told) -> list[dict[str, Any]]:
    """The rows that moved, in their order."""
    statement = select(table).where(table.c.id.in_([one.id for one in moved])).order_by(table.c.id)
    return [as_record(row) for row in session.execute(statement).mappings()]


def _told(table: Table, build: Build, verb: str = "updated") -> Callable[[Session, Told], list[Draft]]:
    """What is published of rows whose event needs nothing but themselves."""

    def tell(session: Session, moved: Told) -> list[Draft]:
        changes = {one.id: [customer_change(one)] for one in moved}
        return [build(verb, row, changes=changes[row["id"]]) for row in _rows(session, table, moved)]

    return tell


def _tell_orders(session: Session, moved: Told) -> list[Draft]:
    changes = {one.id: [customer_change(one)] for one in moved}
    lines = lines_of(session, list(changes))
    return [
        orders.order("updated", row, lines.get(row["id"], []), changes=changes[row["id"]])
        for row in _rows(session, order_rows, moved)
    ]


def _tell_quotes(session: Session, moved: Told) -> list[Draft]:
    changes = {one.id: [customer_change(one)] for one in moved}
    revisions = newest_revisions(session, list(changes))
    return [
        quotes.quote("updated", row, revisions[row["id"]], changes=changes[row["id"]])
        for row in _rows(session, quote_rows, moved)
    ]


# A customer's own number of an order is unique among its orders; of two that are the same, the one that comes gets the
# number of its order behind it.
_OWN_NUMBER = "CASE WHEN m.clash THEN m.external_number || ' (' || m.number || ')' ELSE m.external_number END"

SERVICES: Final = Part(table="services", tell=_told(service_rows, services.service, "changed"))
PARTS: Final = (
    Part(table="listings", column="owner_id", tell=_told(listing_rows, listings.listing)),
    Part(
        table="catalogue_rules",
        column="target_id",
        where="t.target_kind = 'customer'",
        unique=("listing_id", "category", "seller_id"),
        nulls_clash=True,
    ),
    Part(
        table="price_lists",
        column="target_id",
        where="t.kind IN ('customer', 'contract')",
        tell=_told(price_lists, prices.price_list),
    ),
    Part(table="carts", below=(Below(table="cart_lines", by="cart_id"),)),
    Part(table="approval_policies", key="customer_id", unique=()),
    Part(table="approval_rules", tell=_told(approval_rules, approvals.approval_rule)),
    Part(table="approval_delegations"),
    Part(
        table="purchase_limits",
        tell=_told(purchase_limits, limits.purchase_limit),
        below=(Below(table="limit_buckets", by="limit_id"), Below(table="limit_commitments", by="limit_id")),
    ),
    Part(
        table="orders",
        unique=("external_number",),
        adjusted={"external_number": _OWN_NUMBER},
        tell=_tell_orders,
        below=(
            Below(table="order_lines", by="order_id"),
            Below(
                table="approval_flows",
                by="order_id",
                below=(
                    Below(table="approval_candidates", by="flow_id"),
                    Below(table="approval_decisions", by="flow_id"),
                ),
            ),
            Below(table="replica_reservations", by="order_id"),
            Below(table="replica_shipments", by="order_id"),
            Below(table="replica_returns", by="order_ids[1]"),
            Below(table="replica_claims", by="order_id"),
            Below(table="exchanges", by="order_id"),
            Below(table="date_decisions", by="order_id"),
            Below(table="sales", by="order_id"),
        ),
    ),
    Part(table="replica_returns", where="t.order_ids = '{}'"),
    Part(table="order_lines", column="seller_id"),
    Part(table="sales", column="seller_id", unique=("order_id",)),
    Part(
        table="bundles",
        unique=("name",),
        adjusted={"name": "CASE WHEN m.clash THEN m.name || ' (' || right(m.id::text, 6) || ')' ELSE m.name END"},
        tell=_told(bundle_rows, bundles.bundle),
    ),
    Part(table="po_rules", unique=(), tell=_told(po_rule_rows, purchase_orders.po_rule)),
    Part(
        table="purchase_orders",
        unique=("number_key",),
        adjusted={"number": "CASE WHEN m.clash THEN m.number || ' (' || right(m.id::text, 6) || ')' ELSE m.number END"},
        tell=_told(purchase_order_rows, purchase_orders.purchase_order),
        below=(Below(table="po_drawdowns", by="purchase_order_id"),),
    ),
    # Of two cost centres of one code that of the survivor counts.
    Part(table="cost_centres", unique=("code_key",), tell=_told(cost_centre_rows, cost_centres.cost_centre)),
    Part(table="contracts", tell=_told(contract_rows, contracts.contract)),
    Part(table="quotes", tell=_tell_quotes, below=(Below(table="quote_revisions", by="quote_id"),)),
    SERVICES,
    Part(
        table="standing_orders",
        tell=_told(standing_order_rows, standing_orders.standing_order),
        below=(Below(table="standing_order_runs", by="standing_order_id"),),
    ),
)

STAYS: Final[Mapping[tuple[str, str], str]] = {
    ("catalogue_rules", "seller_id"): "it follows the owner of its listing by a foreign key",
    ("cost_centres", "owner_id"): "it is a contact, whose own events tell where it went",
    ("replica_segment_members", "customer_id"): "the segments' own events tell who is in them, also after a merge",
    ("replica_portal_roles", "customer_id"): "identity tells who uses which portal, also after a merge",
    ("replica_portal_roles", "accepted_parent_id"): "identity tells it",
    ("replica_contact_roles", "customer_id"): "the contacts' own events tell where they went",
    ("replica_customers", "parent_id"): "the customers' own events tell who is above them",
    ("outbox", "customer_id"): "what was said stays said, in the order in which it was",
    ("replica_merged_customers", "customer_id"): "it says who was merged",
    ("replica_merged_customers", "survivor_id"): "it says into whom",
    ("merge_moves", "customer_id"): "it says to whom what moved goes back",
    ("approval_candidates", "node"): "where somebody had the right to decide when that was found; found anew by access",
}
