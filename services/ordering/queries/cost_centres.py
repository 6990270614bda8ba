"""Cost centres as the API shows them, and those that an order may name."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, cast, func, select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from ordering.errors.cost_centres import CostCentreNotFound
from ordering.tables.cost_centres import cost_centres
from ordering.tables.metadata import ID

_FILTERS = ("customer_id", "active", "owner_id")


def cost_centre(session: Session, centre_id: str) -> Mapping[str, Any]:
    """One cost centre; raises CostCentreNotFound."""
    row = session.execute(select(cost_centres).where(cost_centres.c.id == centre_id)).mappings().one_or_none()
    if row is None:
        raise CostCentreNotFound("There is no such cost centre.")
    return dict(row)


def cost_centre_page(session: Session, filters: Mapping[str, Any], limit: int, cursor: str | None, scope: str) -> Page:
    """Cost centres by code."""
    statement = select(cost_centres)
    for name in _FILTERS:
        if name in filters:
            statement = statement.where(cost_centres.c[name] == filters[name])
    keys = [Key(cost_centres.c.code), Key(cost_centres.c.id)]
    found = keyset(session, statement, keys, cursor=cursor, limit=limit, scope=scope)
    return Page(found.rows, found.next_cursor)


def known_codes(session: Session, customer_id: str) -> list[str]:
    """The codes that orders of a customer may name: of active cost centres of its own and of those above it."""
    line = func.customer_line(cast([customer_id], ARRAY(ID))).table_valued("id").alias("line")
    of = cost_centres.c
    statement = select(of.code).join(line, line.c.id == of.customer_id).where(of.active)
    return list(session.execute(statement).scalars())


def owners_of(session: Session, nodes: Sequence[str], keys: Sequence[str]) -> dict[tuple[str, str], str | None]:
    """The contact that owns each active cost centre of these keys at these customers, by customer and key."""
    of = cost_centres.c
    key = func.lower(of.code)
    statement = select(of.customer_id, key, of.owner_id).where(of.customer_id.in_(nodes), key.in_(keys), of.active)
    return {(node, code): owner for node, code, owner in session.execute(statement)}
