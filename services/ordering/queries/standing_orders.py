"""Standing orders as the API shows them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from ordering.domain.standing_orders import TRANSITIONS
from ordering.errors.standing_orders import StandingOrderNotFound
from ordering.queries.carts import shown_line
from ordering.queries.pricing import price_lines
from ordering.tables.standing_orders import standing_order_runs, standing_orders


def standing_order_page(
    session: Session,
    filters: Mapping[str, Any],
    limit: int,
    cursor: str | None,
    scope: str,
    *,
    only: Sequence[str] | None = None,
) -> Page:
    """A page of standing orders, the newest first; of the customers in `only`, where that is given."""
    statement = select(standing_orders)
    for name in ("customer_id", "status", "last_outcome"):
        if name in filters:
            statement = statement.where(standing_orders.c[name] == filters[name])
    if only is not None:
        statement = statement.where(standing_orders.c.customer_id.in_(only))
    rows = keyset(session, statement, [Key(standing_orders.c.id, "desc")], cursor=cursor, limit=limit, scope=scope)
    return Page([_standing(row) for row in rows.rows], rows.next_cursor)


def standing_order(session: Session, order_id: str, *, on: date, priced: bool) -> dict[str, Any]:
    """A standing order with each line as it stands now; raises StandingOrderNotFound."""
    shown = _one(session, order_id)
    return _standing(shown) | {"lines": _lines(session, shown, on=on, priced=priced)}


def runs(session: Session, order_id: str, limit: int, cursor: str | None, scope: str) -> Page:
    """A page of what the days of a standing order have brought, the newest first."""
    statement = select(standing_order_runs).where(standing_order_runs.c.standing_order_id == order_id)
    keys = [Key(standing_order_runs.c.due_on, "desc")]
    rows = keyset(session, statement, keys, cursor=cursor, limit=limit, scope=scope)
    return Page(rows.rows, rows.next_cursor)


def customer_of_standing_order(session: Session, order_id: str) -> str:
    """Whose standing order it is; raises StandingOrderNotFound."""
    return str(_one(session, order_id)["customer_id"])


def _one(session: Session, order_id: str) -> dict[str, Any]:
    row = session.execute(select(standing_orders).where(standing_orders.c.id == order_id)).mappings().one_or_none()
    if row is None:
        raise StandingOrderNotFound("There is no such standing order.")
    return {str(name): value for name, value in row.items()}


def _lines(session: Session, shown: Mapping[str, Any], *, on: date, priced: bool) -> list[dict[str, Any]]:
    wanted = [(line["listing_id"], line["quantity"]) for line in shown["lines"]]
    found = price_lines(session, shown["customer_id"], wanted, on)
    portal = session.info["scope"].is_portal
    return [
        dict(shown_line(line, portal=portal, priced=priced)) | {"sku": kept["sku"], "name": kept["name"]}
        for kept, line in zip(shown["lines"], found, strict=True)
    ]


def _standing(row: Mapping[Any, Any]) -> dict[str, Any]:
    last = {name: row[f"last_{name}"] for name in ("on", "outcome", "order_id", "code", "detail")}
    return {str(name): value for name, value in row.items()} | {
        "last": None if row["last_outcome"] is None else last,
        "commands": sorted(command for command in TRANSITIONS[row["status"]] if command != "order"),
    }
