"""Price lists, and the prices in them, which are set many at once."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from common.money import to_minor, to_money
from customer_replica import customer_line
from ordering.domain.changes import changes
from ordering.domain.price_lists import LABELS, check_known_once, check_price_list, check_prices
from ordering.errors import CustomerUnknown, MoneyUnsuitable
from ordering.errors.prices import PriceListNotFound, PriceListTaken
from ordering.events import prices as events
from ordering.events.drafts import plain
from ordering.tables.prices import price_lists
from ordering.use_cases import store
from ordering.use_cases.store import Record

Body = Mapping[str, Any]


def create_price_list(session: Session, body: Body) -> str:
    """Makes an empty list and returns its id; raises PriceListTaken, PriceListUnsuitable, CustomerUnknown."""
    record: Record = {"target_id": None, "priority": 0, "valid_from": None, "valid_to": None, **body}
    check_price_list(record)
    if record["kind"] in {"customer", "contract"} and not customer_line(session, record["target_id"]):
        raise CustomerUnknown("There is no such customer.", errors=[FieldError("/target_id", "Is unknown.")])
    now = store.moment(session)
    record |= {"id": new_id(), "version": 1, "created_at": now, "updated_at": now}
    if not store.insert_free(session, price_lists, [record]):
        raise PriceListTaken(
            f"Another price list has the code {record['code']}; choose another.",
            errors=[FieldError("/code", "Is taken.")],
        )
    outbox.add(session, events.price_list("created", record))
    return str(record["id"])


def change_price_list(session: Session, list_id: str, version: int, body: Body) -> None:
    """Changes what a list is called, how it ranks and when it holds; raises PriceListNotFound, Changed,
    PriceListUnsuitable."""
    before = _locked(session, list_id)
    store.check_version(before, version)
    after = before | dict(body)
    check_price_list(after)
    differing = changes(before, after, LABELS)
    if differing:
        outbox.add(session, events.price_list("updated", _save(session, after), changes=differing))


def set_prices(session: Session, list_id: str, prices: Sequence[Body]) -> int:
    """Sets many prices at once, and removes those whose amount is None; all or, where one is refused, none. Returns how
    many differ from before. Raises PriceListNotFound, PricesUnsuitable, MoneyUnsuitable."""
    check_prices(prices)
    price_list = _locked(session, list_id)
    given = _given(session, price_list["currency"], prices)
    check_known_once(given)
    changed = session.execute(_SET, {"list_id": list_id, "rows": orjson.dumps(given).decode()}).mappings().all()
    if changed:
        told = [_told(row, price_list["currency"]) for row in changed]
        outbox.add(session, events.prices_changed(_save(session, price_list), told))
    return len(changed)


def _given(session: Session, currency: str, prices: Sequence[Body]) -> list[Record]:
    names = {
        "ids": [price["listing_id"] for price in prices if "listing_id" in price],
        "skus": [price["sku"] for price in prices if "sku" in price],
    }
    found = session.execute(_LISTINGS, names).all()
    known = {name: row.id for row in found for name in (row.id, row.sku)}
    return [
        {
            "id": new_id(),
            "listing_id": known.get(price.get("listing_id") or price["sku"]),
            "min_quantity": price["min_quantity"],
            "valid_from": price.get("valid_from"),
            "valid_to": price.get("valid_to"),
            "unit_minor": _minor(price["amount"], currency, place),
        }
        for place, price in enumerate(prices)
    ]


def _minor(amount: str | None, currency: str, place: int) -> int | None:
    return None if amount is None else to_minor(amount, currency, f"/prices/{place}", MoneyUnsuitable)


def _told(row: Mapping[Any, Any], currency: str) -> Mapping[str, Any]:
    return {
        "listing_id": row["listing_id"],
        "sku": row["sku"],
        "min_quantity": row["min_quantity"],
        "valid_from": plain(row["valid_from"]),
        "valid_to": plain(row["valid_to"]),
        "before": to_money(row["before"], currency),
        "after": to_money(row["after"], currency),
    }


def _save(session: Session, record: Record) -> Record:
    saved = record | {"version": record["version"] + 1, "updated_at": store.moment(session)}
    store.update(session, price_lists, [saved])
    return saved


def _locked(session: Session, list_id: str) -> Record:
    record = store.find(session, price_lists, list_id, lock=True)
    if record is None:
        raise PriceListNotFound("There is no such price list.")
    return record


_LISTINGS = text(
    "SELECT id::text, sku FROM listings WHERE id = ANY (CAST(:ids AS uuid[])) OR sku = ANY (CAST(:skus AS text[]))"
)
_SAME = """p.list_id = CAST(:list_id AS uuid) AND p.listing_id = g.listing_id AND p.min_quantity = g.min_quantity
    AND p.valid_from IS NOT DISTINCT FROM g.valid_from"""
_SET = text(
    f"""
    WITH g AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (
            id uuid, listing_id uuid, min_quantity integer, valid_from date, valid_to date, unit_minor bigint)),
    earlier AS (
        SELECT p.listing_id, p.min_quantity, p.valid_from, p.unit_minor FROM prices p JOIN g ON {_SAME}),
    removed AS (
        DELETE FROM prices p USING g WHERE {_SAME} AND g.unit_minor IS NULL
        RETURNING p.listing_id, p.min_quantity, p.valid_from, p.valid_to, CAST(NULL AS bigint) AS after),
    written AS (
        INSERT INTO prices AS p (id, list_id, listing_id, min_quantity, valid_from, valid_to, unit_minor)
        SELECT id, CAST(:list_id AS uuid), listing_id, min_quantity, valid_from, valid_to, unit_minor
        FROM g WHERE unit_minor IS NOT NULL
        ON CONFLICT (list_id, listing_id, min_quantity, valid_from)
        DO UPDATE SET unit_minor = excluded.unit_minor, valid_to = excluded.valid_to
        WHERE (p.unit_minor, p.valid_to) IS DISTINCT FROM (excluded.unit_minor, excluded.valid_to)
        RETURNING p.listing_id, p.min_quantity, p.valid_from, p.valid_to, p.unit_minor AS after)
    SELECT now.listing_id::text, listings.sku, now.min_quantity, now.valid_from, now.valid_to,
           earlier.unit_minor AS before, now.after
    FROM (SELECT * FROM written UNION ALL SELECT * FROM removed) AS now
    JOIN listings ON listings.id = now.listing_id
    LEFT JOIN earlier ON earlier.listing_id = now.listing_id AND earlier.min_quantity = now.min_quantity
        AND earlier.valid_from IS NOT DISTINCT FROM now.valid_from
    ORDER BY listings.sku, now.min_quantity, now.valid_from
    """  # noqa: S608  # our own words
)
