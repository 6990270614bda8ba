"""What listings cost a customer, and whether it sees them: any number of lines by one statement.

A contract's list beats the customer's, that the group's, that the standard; then the higher priority, then the list
that began to hold last. Within a list the highest break that the quantity reaches counts. What a customer sells costs
what it asks for itself, where it asks for something, whatever the lists say.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from ordering.domain.pricing import LIST_KINDS, OWNER_PRICE, PricedLine, PriceSource
from ordering.queries.viewpoint import CONTRACT_HOLDS, PARTS, WHY, Viewpoint, viewpoint

UNKNOWN = "unknown"


def price_lines(
    session: Session,
    customer_id: str,
    wanted: Sequence[tuple[str, int]],
    on: date,
    *,
    currency: str | None = None,
) -> list[PricedLine]:
    """One line for each (listing, quantity), in their order, at the prices of a day, of one currency where one is
    named. A listing that there is not is a line that is not visible, because `unknown`. What a portal user does not see
    has no price for it. Raises CustomerUnknown."""
    seen_from = viewpoint(session, customer_id, [listing_id for listing_id, _ in wanted])
    return lines_seen(session, seen_from, wanted, on, currency=currency)


def lines_seen(
    session: Session,
    seen_from: Viewpoint,
    wanted: Sequence[tuple[str, int]],
    on: date,
    *,
    currency: str | None = None,
) -> list[PricedLine]:
    """The same for a viewpoint that is known already."""
    values = {
        **seen_from.values,
        "ids": [listing_id for listing_id, _ in wanted],
        "quantities": [quantity for _, quantity in wanted],
        "on": on,
        "currency": currency,
        "ranks": list(reversed(LIST_KINDS)),
    }
    told_all = not session.info["scope"].is_portal
    ahead = seen_from.preorders
    return [_line(row, told_all=told_all, ahead=ahead) for row in session.execute(_PRICED, values).mappings()]


def _line(row: Mapping[Any, Any], *, told_all: bool, ahead: bool) -> PricedLine:
    known = row["sku"] is not None
    why = row["why"] if known else UNKNOWN
    priced = row["unit_minor"] is not None and (told_all or why is None)
    return PricedLine(
        listing_id=row["listing_id"],
        quantity=row["quantity"],
        sku=row["sku"] or "",
        name=row["name"] or "",
        kind=row["kind"] or "",
        unit=row["unit"] or "",
        backorder_policy=row["backorder_policy"] or "none",
        backorder_cap=row["backorder_cap"],
        lead_days=row["lead_days"],
        preorderable=bool(row["preorderable"]),
        preorders=bool(row["preorderable"]) and ahead,
        available_from=row["available_from"],
        owner_id=row["owner_id"],
        unit_price_minor=row["unit_minor"] if priced else None,
        currency=row["currency"] if priced else None,
        price_source=_source(row) if priced else None,
        visible=why is None,
        why=why,
    )


def _source(row: Mapping[Any, Any]) -> PriceSource:
    return PriceSource(row["list_id"], row["list_code"], row["list_kind"] or OWNER_PRICE, row["min_quantity"] or 1)


_WITH = ", ".join(f"{name} AS MATERIALIZED ({part})" for name, part in PARTS.items())
_HOLDS = "(valid_from IS NULL OR valid_from <= :on) AND (valid_to IS NULL OR valid_to >= :on)"
# The list of a contract counts while that holds; one that belongs to none counts by its own days.
_AGREED = f"""
          (kind <> 'contract' OR NOT EXISTS (SELECT FROM contracts c WHERE c.price_list_id = price_lists.id)
           OR EXISTS (SELECT FROM contracts c WHERE c.price_list_id = price_lists.id AND {CONTRACT_HOLDS}))"""  # noqa: S608
# The lists stand in their order, so that the search ends with the first that has a price, and each look into one is a
# single step of an index, however many lists other customers have. OFFSET 0 keeps the listings from being read whole.
_PRICED = text(
    f"""
    WITH {_WITH},
    lists AS MATERIALIZED (
        SELECT id, code, kind, currency,
               row_number() OVER (ORDER BY array_position(CAST(:ranks AS text[]), kind), priority DESC,
                                  valid_from DESC NULLS LAST, id DESC) AS place
        FROM price_lists
        WHERE (kind = 'standard' OR kind IN ('contract', 'customer') AND target_id = CAST(:customer AS uuid)
               OR kind = 'group' AND target_id IN (SELECT group_id FROM line WHERE height = 0))
          AND {_HOLDS} AND (CAST(:currency AS text) IS NULL OR currency = :currency) AND {_AGREED}
        ORDER BY place),
    wanted AS (
        SELECT listing_id, quantity, place
        FROM unnest(CAST(:ids AS uuid[]), CAST(:quantities AS integer[]))
             WITH ORDINALITY AS w (listing_id, quantity, place))
    SELECT wanted.listing_id::text, wanted.quantity, sku, name, listings.kind, unit, backorder_policy, backorder_cap,
           lead_days, preorderable, available_from, owner_id::text, {WHY} AS why,
           coalesce(own.price_minor, price.unit_minor) AS unit_minor,
           coalesce(own.price_currency, price.currency) AS currency,
           price.min_quantity, price.list_id, price.list_code, price.list_kind
    FROM wanted
    LEFT JOIN LATERAL (SELECT * FROM listings WHERE id = wanted.listing_id OFFSET 0) AS listings ON true
    LEFT JOIN LATERAL (
        SELECT listings.price_minor, listings.price_currency
        WHERE CAST(:currency AS text) IS NULL OR listings.price_currency = :currency) AS own ON true
    LEFT JOIN LATERAL (
        SELECT found.unit_minor, found.min_quantity, lists.currency, lists.id::text AS list_id,
               lists.code AS list_code, lists.kind AS list_kind
        FROM lists CROSS JOIN LATERAL (
            SELECT unit_minor, min_quantity FROM prices
            WHERE listing_id = wanted.listing_id AND list_id = lists.id AND min_quantity <= wanted.quantity AND {_HOLDS}
            ORDER BY min_quantity DESC, valid_from DESC NULLS LAST
            LIMIT 1) AS found
        WHERE listings.price_minor IS NULL
        ORDER BY lists.place
        LIMIT 1) AS price ON true
    ORDER BY wanted.place
    """  # noqa: S608  # our own words
)
