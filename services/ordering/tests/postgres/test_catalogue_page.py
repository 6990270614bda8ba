"""A page of a catalogue is found by walking the index of names until it is full, not by sorting all listings."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, text

from common.db import Scope
from common.service import Service
from common.testing import Figure, TestDatabase, TestTokens, deliver
from ordering.bootstrap import build
from ordering.queries.listings import seen_page
from ordering.settings import Settings
from ordering.tests.postgres.seeing import a_rule
from ordering.tests.told import customer, switches

pytestmark = pytest.mark.postgres

DAY = date(2026, 3, 2)
EVERYTHING, ASSIGNED, NARROWED = (f"01980a2e-7a00-7c04-9f6e-2a51c0ea0c0{number}" for number in range(3))
CATEGORIES = 50


@pytest.fixture(scope="module")
def database(service_database: Callable[[str], TestDatabase]) -> TestDatabase:
    return service_database("ordering")


@pytest.fixture(scope="module")
def service(database: TestDatabase, tokens: TestTokens) -> Iterator[Service]:
    """10,000 listings: one customer sees all of them, one twenty that are assigned to it, one a category of fifty."""
    made = build(Settings(database_url=database.app_url, identity_public_key=tokens.public_key))
    for customer_id, inherits in ((EVERYTHING, "on"), (ASSIGNED, "off"), (NARROWED, "on")):
        deliver(made, customer(customer_id, number=customer_id[-12:]))
        deliver(made, switches("customer", customer_id, inherit_global_marketplace=inherits))
    with made.db.transaction() as session:
        session.execute(_LISTINGS, {"categories": CATEGORIES})
        assigned = session.execute(text("SELECT id::text FROM listings ORDER BY sku LIMIT 20")).scalars().all()
        for listing_id in assigned:
            a_rule(session, "include", {"listing_id": listing_id}, ASSIGNED)
        for number in range(1, CATEGORIES):
            a_rule(session, "exclude", {"category": f"C{number}"}, NARROWED)
    with psycopg.connect(database.admin_url, autocommit=True) as admin:
        admin.execute("VACUUM ANALYZE")
    yield made
    made.db.dispose()


@pytest.mark.parametrize(
    ("who", "seen", "looked_at"),
    [("everything", EVERYTHING, 100), ("what is assigned", ASSIGNED, 10_000), ("one category", NARROWED, 10_000)],
)
def test_a_page_walks_the_index_and_reads_rows_of_the_page_alone(
    service: Service, figure: Figure, who: str, seen: str, looked_at: int
) -> None:
    sent: list[tuple[str, Any]] = []
    with service.db.transaction(Scope((seen,))) as session:
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *said: sent.append((said[2], said[3])))
        seen_page(session, seen, {}, 50, None, "", on=DAY, priced=False)
        driver: Any = connection.connection.driver_connection
        statement, values = sent[-1]
        [[plan]] = driver.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values).fetchall()
    nodes = [node for node in _nodes(plan[0]["Plan"]) if node.get("Relation Name") == "listings"]
    assert [node["Node Type"] for node in nodes] == ["Index Only Scan", "Index Scan"], json.dumps(plan)
    walked, read = nodes
    assert walked["Index Name"] == "listings_by_name"
    assert walked["Actual Rows"] + walked.get("Rows Removed by Filter", 0) <= looked_at
    assert read["Actual Loops"] <= 51
    figure(f"a page of 50 among 10,000 listings, of who sees {who}, in the database", f"{plan[0]['Execution Time']} ms")


@pytest.mark.parametrize(("seen", "many"), [(EVERYTHING, 10_000), (ASSIGNED, 20), (NARROWED, 200)])
def test_pages_hold_everything_once_in_the_order_of_names(service: Service, seen: str, many: int) -> None:
    names: list[str] = []
    cursor = None
    with service.db.transaction(Scope((seen,))) as session:
        while True:
            page = seen_page(session, seen, {}, 200, cursor, "", on=DAY, priced=False)
            names += [item["name"] for item in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        in_order = session.execute(text("SELECT name FROM unnest(CAST(:n AS text[])) name ORDER BY 1"), {"n": names})
        assert names == in_order.scalars().all()
    assert (len(names), len(set(names))) == (many, many)


def test_what_is_filtered_is_walked_too(service: Service) -> None:
    with service.db.transaction(Scope((NARROWED,))) as session:
        found = seen_page(session, NARROWED, {"category": "C0", "q": "lamp 99"}, 200, None, "", on=DAY, priced=False)
        assert sorted(item["sku"] for item in found.items) == ["T-9900", "T-9950"]
        assert seen_page(session, NARROWED, {"category": "C1"}, 200, None, "", on=DAY, priced=False).items == []


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


_LISTINGS = text(
    """
    INSERT INTO listings (id, sku, name, kind, unit, category, audience, status, backorder_policy, words, version,
                          created_at, updated_at)
    SELECT gen_random_uuid(), 'T-' || n, 'Lamp ' || md5(CAST(n AS text)), 'stock', 'piece',
           'C' || n % CAST(:categories AS integer), 'global', 'published', 'none', 'lamp ' || n, 1, now(), now()
    FROM generate_series(1, 10000) AS n
    """
)
