"""Contracts as the API shows them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer_replica import replica_customers
from ordering.domain.contracts import TRANSITIONS
from ordering.errors.contracts import ContractNotFound
from ordering.tables.contracts import contracts
from ordering.tables.prices import price_lists

_SHOWN = (
    select(
        contracts,
        replica_customers.c.number.label("customer_number"),
        replica_customers.c.name.label("customer_name"),
        price_lists.c.code.label("price_list_code"),
    )
    .outerjoin(replica_customers, replica_customers.c.id == contracts.c.customer_id)
    .outerjoin(price_lists, price_lists.c.id == contracts.c.price_list_id)
)


def contract_page(
    session: Session,
    filters: Mapping[str, Any],
    limit: int,
    cursor: str | None,
    scope: str,
    *,
    only: Sequence[str] | None = None,
) -> Page:
    """A page of contracts, the newest first; of the customers in `only`, where that is given."""
    statement = _SHOWN
    for name in ("customer_id", "status"):
        if name in filters:
            statement = statement.where(contracts.c[name] == filters[name])
    if only is not None:
        # A draft is the provider's own affair until it holds.
        statement = statement.where(contracts.c.customer_id.in_(only), contracts.c.activated_at.is_not(None))
    rows = keyset(session, statement, [Key(contracts.c.id, "desc")], cursor=cursor, limit=limit, scope=scope)
    return Page([_contract(row) for row in rows.rows], rows.next_cursor)


def contract(session: Session, contract_id: str) -> dict[str, Any]:
    """One contract; raises ContractNotFound, also where it is a draft and a portal user asks."""
    statement = _SHOWN.where(contracts.c.id == contract_id)
    if session.info["scope"].is_portal:
        statement = statement.where(contracts.c.activated_at.is_not(None))
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        raise ContractNotFound("There is no such contract.")
    return _contract(row)


def _contract(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items()} | {
        "customer": {"id": row["customer_id"], "number": row["customer_number"], "name": row["customer_name"]},
        "commands": sorted(TRANSITIONS[row["status"]]),
    }
