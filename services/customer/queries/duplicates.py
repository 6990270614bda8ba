"""Pairs of possible duplicates, with the names of both sides."""

from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer.domain.duplicates import STRONG
from customer.queries.customers import customer_exists
from customer.tables.customers import customers
from customer.tables.duplicates import duplicate_pairs

_one, _other = customers.alias("one"), customers.alias("other")
_PAIRS: Select[Any] = (
    select(
        duplicate_pairs,
        *(
            side.c[name].label(f"{prefix}_{name}")
            for side, prefix in ((_one, "first"), (_other, "second"))
            for name in ("number", "name", "status")
        ),
    )
    .join(_one, _one.c.id == duplicate_pairs.c.first_id)
    .join(_other, _other.c.id == duplicate_pairs.c.second_id)
)


def pair_page(
    session: Session,
    state: str,
    limit: int,
    cursor: str | None,
    scope: str,
    *,
    strong: bool = False,
    customer_id: str | None = None,
    import_id: str | None = None,
) -> Page:
    """Pairs in one state, the likeliest first; those of one customer, or that one import brought, where it is named."""
    statement = _PAIRS.where(duplicate_pairs.c.state == state)
    if strong:
        statement = statement.where(duplicate_pairs.c.score >= STRONG)
    if import_id is not None:
        statement = statement.where(duplicate_pairs.c.import_id == import_id)
    if customer_id is not None:
        customer_exists(session, customer_id)
        of_it = or_(duplicate_pairs.c.first_id == customer_id, duplicate_pairs.c.second_id == customer_id)
        statement = statement.where(of_it)
    keys = [Key(duplicate_pairs.c.score, "desc"), Key(duplicate_pairs.c.id)]
    rows = keyset(session, statement, keys, cursor=cursor, limit=limit, scope=scope)
    return Page([shown(row) for row in rows.rows], rows.next_cursor)


def pair(session: Session, pair_id: str) -> dict[str, Any]:
    """One pair, which must exist."""
    return shown(session.execute(_PAIRS.where(duplicate_pairs.c.id == pair_id)).mappings().one())


def shown(row: Any) -> dict[str, Any]:
    """A pair with its two customers as objects."""
    sides = [
        {"id": row[f"{side}_id"], **{name: row[f"{side}_{name}"] for name in ("number", "name", "status")}}
        for side in ("first", "second")
    ]
    dismissal = None
    if row["state"] == "dismissed":
        dismissal = {"by": row["dismissed_by"], "reason": row["dismissed_reason"], "at": row["dismissed_at"]}
    return dict(row) | {"customers": sides, "dismissal": dismissal}
