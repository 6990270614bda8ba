"""Saved filters that an account sees: its own, those for its roles, and those for everybody."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer.domain.saved_filters import Viewer, sees
from customer.errors.rules import FilterHasNoRule, FilterNotFound
from customer.tables.rules import replica_accounts, saved_filters


def filter_page(session: Session, viewer: Viewer, limit: int, cursor: str | None, scope: str) -> Page:
    """The filters that the viewer sees, by name."""
    shown = or_(
        saved_filters.c.owner == viewer.account,
        saved_filters.c.audience == "all",
        saved_filters.c.role.in_(list(viewer.roles)),
    )
    keys = [Key(saved_filters.c.name), Key(saved_filters.c.id)]
    rows = keyset(session, select(saved_filters).where(shown), keys, cursor=cursor, limit=limit, scope=scope)
    return Page([_shown(row, viewer) for row in rows.rows], rows.next_cursor)


def saved_filter(session: Session, viewer: Viewer, filter_id: str) -> Mapping[str, Any]:
    """One filter; raises FilterNotFound, also where it is not for the viewer."""
    row = session.execute(select(saved_filters).where(saved_filters.c.id == filter_id)).mappings().one_or_none()
    if row is None or not sees(viewer, dict(row)):
        raise FilterNotFound("There is no such saved filter.")
    return _shown(row, viewer)


def rule_of(session: Session, viewer: Viewer, filter_id: str) -> Mapping[str, Any]:
    """The rule of a filter; raises FilterNotFound, and FilterHasNoRule where it is a query of the directory."""
    saved = saved_filter(session, viewer, filter_id)
    if saved["rule"] is None:
        raise FilterHasNoRule("The filter is a query of the directory; ask `GET /customers` with it.")
    return dict(saved["rule"])


def roles_of(session: Session, account_id: str) -> list[str]:
    """The roles of an account as far as its events have arrived."""
    roles = session.execute(select(replica_accounts.c.roles).where(replica_accounts.c.id == account_id)).scalar()
    return list(roles or ())


def _shown(row: Mapping[Any, Any], viewer: Viewer) -> Mapping[str, Any]:
    return dict(row) | {"own": row["owner"] == viewer.account}
