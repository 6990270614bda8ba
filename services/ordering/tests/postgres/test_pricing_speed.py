"""How long it takes to price an order."""

from collections.abc import Callable, Iterator
from datetime import date
from statistics import median
from time import perf_counter
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, text

from common.db import Scope
from common.ids import new_id
from common.service import Service
from common.testing import TestDatabase, TestTokens, deliver
from ordering.bootstrap import build
from ordering.queries.listings import seen_page
from ordering.queries.pricing import price_lines
from ordering.settings import Settings
from ordering.tables.prices import price_lists, prices
from ordering.tests.postgres.seeing import NOW
from ordering.tests.told import customer, switches
from ordering.use_cases import store

pytestmark = pytest.mark.postgres

DAY = date(2026, 3, 2)
CUSTOMER, GROUP = new_id(), new_id()


@pytest.fixture(scope="module")
def database(service_database: Callable[[str], TestDatabase]) -> TestDatabase:
    return service_database("ordering")


@pytest.fixture(scope="module")
def service(database: TestDatabase, tokens: TestTokens) -> Iterator[Service]:
    made = build(Settings(database_url=database.app_url, identity_public_key=tokens.public_key))
    yield made
    made.db.dispose()


def test_fifty_lines_take_two_statements_and_a_page_three_among_ten_thousand_listings(
    service: Service, database: TestDatabase, figure: Any
) -> None:
    deliver(service, customer(CUSTOMER, group_id=GROUP))
    deliver(service, switches("customer", CUSTOMER, inherit_global_marketplace="on"))
    with service.db.transaction() as session:
        made = [new_id() for _ in range(10_000)]
        session.execute(
            text(
                """
                INSERT INTO listings (id, sku, name, kind, unit, audience, status, backorder_policy, words, version,
                                      created_at, updated_at)
                SELECT id, 'T-' || id, 'Lamp', 'stock', 'piece', 'global', 'published', 'none', 'lamp', 1, now(), now()
                FROM unnest(CAST(:ids AS uuid[])) AS id
                """
            ),
            {"ids": made},
        )
        kinds = ["standard"] * 5 + ["group"] * 5 + ["customer"] * 5 + ["contract"] * 5
        ids = [new_id() for _ in kinds]
        rows = [
            {
                "id": list_id,
                "code": f"B-{place}",
                "name": "List",
                "kind": kind,
                "currency": "EUR",
                "target_id": {"standard": None, "group": GROUP}.get(kind, CUSTOMER),
                "priority": place,
                "version": 1,
                "created_at": NOW,
                "updated_at": NOW,
            }
            for place, (kind, list_id) in enumerate(zip(kinds, ids, strict=True))
        ]
        store.insert(session, price_lists, rows)
        for list_id in ids:
            priced = [
                {"id": new_id(), "list_id": list_id, "listing_id": one, "min_quantity": least, "unit_minor": 100}
                for one in made
                for least in (1, 10)
            ]
            store.insert(session, prices, priced)
    with psycopg.connect(database.admin_url, autocommit=True) as admin:
        admin.execute("VACUUM ANALYZE")
    wanted = [(listing_id, 12) for listing_id in made[::200]]
    statements: list[str] = []
    for name, scope in (("staff", Scope()), ("portal", Scope((CUSTOMER,)))):
        took = []
        with service.db.transaction(scope) as session:
            event.listen(session.connection(), "before_cursor_execute", lambda *sent: statements.append(sent[2]))
            for _ in range(15):
                statements.clear()
                began = perf_counter()
                lines = price_lines(session, CUSTOMER, wanted, DAY)
                took.append(perf_counter() - began)
                assert len(statements) == 2
            statements.clear()
            page = seen_page(session, CUSTOMER, {}, 200, None, "", on=DAY, priced=True)
            assert len(statements) == 3  # the switches, the page, and the prices of all of it
        assert {(line.unit_price_minor, line.price_source and line.price_source.min_quantity) for line in lines} == {
            (100, 10)
        }
        assert [item["price"]["amount"] for item in page.items] == ["1.00"] * 200
        figure(
            f"50 lines priced for {name}, 10,000 listings, 20 lists, 400,000 prices, median",
            f"{median(took) * 1000:.1f} ms",
        )
