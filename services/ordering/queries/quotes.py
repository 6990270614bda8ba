"""Quotes as the API shows them. The portal sees what was asked for and what was sent, not what is being worked out."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from common.money import to_money
from common.paging import Key, keyset
from common.web import Page
from customer_replica import replica_customers
from ordering.domain.quotes import TRANSITIONS
from ordering.errors.quotes import QuoteNotFound
from ordering.events.quotes import line_out
from ordering.tables.quotes import quote_revisions, quotes

_OF_REVISION = ("lines", "currency", "total_minor", "valid_until", "note")


def quote_page(
    session: Session,
    filters: Mapping[str, Any],
    limit: int,
    cursor: str | None,
    scope: str,
    *,
    only: Sequence[str] | None = None,
) -> Page:
    """A page of quotes, the newest first; of the customers in `only`, where that is given."""
    statement = _shown(session)
    for name in ("customer_id", "status"):
        if name in filters:
            statement = statement.where(quotes.c[name] == filters[name])
    if only is not None:
        statement = statement.where(quotes.c.customer_id.in_(only))
    rows = keyset(session, statement, [Key(quotes.c.id, "desc")], cursor=cursor, limit=limit, scope=scope)
    return Page([_quote(row) for row in rows.rows], rows.next_cursor)


def quote(session: Session, quote_id: str) -> dict[str, Any]:
    """One quote; raises QuoteNotFound."""
    row = session.execute(_shown(session).where(quotes.c.id == quote_id)).mappings().one_or_none()
    if row is None:
        raise QuoteNotFound("There is no such quote.")
    return _quote(row)


def revisions(session: Session, quote_id: str, limit: int, cursor: str | None, scope: str) -> Page:
    """A page of the revisions of a quote, the newest first; raises QuoteNotFound."""
    customer_of(session, quote_id)
    statement = select(quote_revisions).where(quote_revisions.c.quote_id == quote_id)
    keys = [Key(quote_revisions.c.revision, "desc")]
    rows = keyset(session, statement, keys, cursor=cursor, limit=limit, scope=scope)
    return Page([_revision(row) for row in rows.rows], rows.next_cursor)


def customer_of(session: Session, quote_id: str) -> str:
    """Whose quote it is; raises QuoteNotFound."""
    found = session.execute(select(quotes.c.customer_id).where(quotes.c.id == quote_id)).scalar_one_or_none()
    if found is None:
        raise QuoteNotFound("There is no such quote.")
    return str(found)


def newest_revisions(session: Session, quote_ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """The newest revision of each of these quotes."""
    same = (quote_revisions.c.quote_id == quotes.c.id) & (quote_revisions.c.revision == quotes.c.revision)
    statement = select(quote_revisions).join(quotes, same).where(quotes.c.id.in_(quote_ids))
    return {row["quote_id"]: dict(row) for row in session.execute(statement).mappings()}


def _shown(session: Session) -> Select[Any]:
    portal = session.info["scope"].is_portal
    revision = func.coalesce(quotes.c.sent_revision, 1) if portal else quotes.c.revision
    same = (quote_revisions.c.quote_id == quotes.c.id) & (quote_revisions.c.revision == revision)
    return (
        select(
            quotes,
            *(quote_revisions.c[name] for name in _OF_REVISION),
            quote_revisions.c.revision.label("shown_revision"),
            replica_customers.c.number.label("customer_number"),
            replica_customers.c.name.label("customer_name"),
        )
        .join(quote_revisions, same)
        .outerjoin(replica_customers, replica_customers.c.id == quotes.c.customer_id)
    )


def _quote(row: Mapping[Any, Any]) -> dict[str, Any]:
    return (
        {str(name): value for name, value in row.items()}
        | _revision(row)
        | {
            "revision": row["shown_revision"],
            "customer": {"id": row["customer_id"], "number": row["customer_number"], "name": row["customer_name"]},
            "requester": {"id": row["requester_id"], "label": row["requester_label"]},
            "commands": sorted(command for command in TRANSITIONS[row["status"]] if command != "expire"),
        }
    )


def _revision(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items()} | {
        "total": to_money(row["total_minor"], row["currency"]),
        "lines": [line_out(line, row["currency"]) for line in row["lines"]],
    }
