"""Bundles, and how what lies in one stands for a customer now."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from ordering.errors.bundles import BundleNotFound
from ordering.queries.carts import shown_line
from ordering.queries.pricing import price_lines
from ordering.tables.bundles import bundles

_NAMED = ("sku", "name", "kind", "unit")


def bundle_page(session: Session, filters: Mapping[str, Any], limit: int, cursor: str | None, scope: str) -> Page:
    """The bundles by name; with a role or department those that are for it, and those for everybody."""
    statement = select(bundles)
    for name in ("for_role", "for_org_unit"):
        if name in filters:
            statement = statement.where(or_(bundles.c[name].is_(None), bundles.c[name] == filters[name]))
    keys = [Key(bundles.c.name), Key(bundles.c.id)]
    found = keyset(session, statement, keys, cursor=cursor, limit=limit, scope=scope)
    return Page(found.rows, found.next_cursor)


def bundle(session: Session, bundle_id: str) -> Mapping[str, Any]:
    """One bundle; raises BundleNotFound."""
    row = session.execute(select(bundles).where(bundles.c.id == bundle_id)).mappings().one_or_none()
    if row is None:
        raise BundleNotFound("There is no such bundle.")
    return dict(row)


def seen_bundle(session: Session, bundle_id: str, customer_id: str, *, on: date, priced: bool) -> Mapping[str, Any]:
    """One bundle with each line as it stands now for a customer; what that does not see has no name."""
    found = bundle(session, bundle_id)
    wanted = [(line["listing_id"], line["quantity"]) for line in found["lines"]]
    portal: bool = session.info["scope"].is_portal
    lines = []
    for line in price_lines(session, customer_id, wanted, on):
        hidden = {} if line.visible or not portal else dict.fromkeys(_NAMED)
        lines.append({**shown_line(line, portal=portal, priced=priced), **hidden})
    return {**found, "lines": lines}
