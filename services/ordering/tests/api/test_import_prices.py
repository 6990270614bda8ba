"""Prices from files: set, changed, taken out, and refused row by row."""

from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, published
from common.testing.importing import counts, refused_rows, run_import, start_import

HEAD = b"price list,sku,price,min quantity,valid from,valid to\n"


def run(staff: Client, service: Service, body: bytes, **fields: str) -> dict[str, Any]:
    return run_import(staff, service, body, **{"type": "prices", **fields})


@pytest.fixture
def price_list(staff: Client) -> dict[str, Any]:
    """A standard list in euros, made once."""
    body = {"code": "STD", "name": "Standard", "kind": "standard", "currency": "EUR"}
    made = staff.post("/price-lists", json=body)
    if made.status_code == 201:
        return dict(made.json)
    return next(item for item in staff.get("/price-lists").json["items"] if item["code"] == "STD")


@pytest.fixture
def a_sku(a_listing: Any) -> str:
    return str(a_listing()["sku"])


def prices_of(staff: Client, price_list: dict[str, Any], sku: str) -> list[tuple[Any, ...]]:
    items = staff.get(f"/price-lists/{price_list['id']}/prices?limit=200").json["items"]
    return [
        (item["min_quantity"], item["valid_from"], item["valid_to"], item["price"]["amount"])
        for item in items
        if item["sku"] == sku
    ]


def test_prices_are_set_and_the_same_file_changes_nothing(
    staff: Client, service: Service, price_list: dict[str, Any], a_sku: str
) -> None:
    sku = a_sku.encode()
    body = HEAD + b"STD,%s,18,,,\nSTD,%s,17.5,10,,\nSTD,%s,16,10,2026-01-01,2026-12-31\n" % (sku, sku, sku)
    dry = run(staff, service, body, dry_run="true")
    assert dry["counts"] == counts(created=3)
    assert prices_of(staff, price_list, a_sku) == []

    assert run(staff, service, body)["counts"] == counts(created=3)
    stored = [
        (1, None, None, "18.00"), (10, "2026-01-01", "2026-12-31", "16.00"), (10, None, None, "17.50"),
    ]  # fmt: skip
    assert sorted(prices_of(staff, price_list, a_sku), key=str) == sorted(stored, key=str)
    told = published(service.db, "ordering.price_list.prices_changed.v1")[-1]
    assert (told.data["code"], told.data["count"]) == ("STD", 3)

    before = len(published(service.db))
    assert run(staff, service, body)["counts"] == counts(unchanged=3)
    assert len(published(service.db)) == before


def test_an_empty_cell_keeps_a_price_a_filled_one_changes_it_and_clear_takes_it_out(
    staff: Client, service: Service, price_list: dict[str, Any], a_sku: str
) -> None:
    sku = a_sku.encode()
    run(staff, service, HEAD + b"STD,%s,18,,,2026-12-31\nSTD,%s,17,5,,\n" % (sku, sku))
    done = run(staff, service, HEAD + b"STD,%s,19.90,,,\nSTD,%s,@clear,5,,\n" % (sku, sku), mode="update")
    assert done["counts"] == counts(updated=2)
    assert prices_of(staff, price_list, a_sku) == [(1, None, "2026-12-31", "19.90")]
    done = run(staff, service, HEAD + b"STD,%s,,1,,@clear\n" % sku)
    assert done["counts"] == counts(updated=1)
    assert prices_of(staff, price_list, a_sku) == [(1, None, None, "19.90")]


def test_rows_that_do_not_fit_are_refused_with_their_reasons(
    staff: Client, service: Service, price_list: dict[str, Any], a_sku: str
) -> None:
    body = (
        f"list,sku,unit_price,currency,min_quantity,valid_from,valid_to\n"
        f"NOPE,{a_sku},18,,,,\n"
        f"STD,NO-SUCH,18,,,,\n"
        f"STD,{a_sku},18,USD,,,\n"
        f"STD,{a_sku},18.005,,6,,\n"
        f"STD,{a_sku},-1,,2,,\n"
        f"STD,{a_sku},,,3,,\n"
        f"STD,{a_sku},18,,0,,\n"
        f"STD,{a_sku},18,,4,2026-02-01,2026-01-01\n"
        f"STD,{a_sku},21.35,eur,5,,\n"
        f"STD,{a_sku},21.35,,5,,\n"
        f",{a_sku},18,,,,\n"
    ).encode()
    done = run(staff, service, body)
    assert done["counts"] == counts(created=1, duplicate=1, invalid=9)
    assert [row["error_code"] for row in refused_rows(staff, done["id"])] == [
        *("price_list_unknown", "listing_unknown", "currency", "money_unsuitable", "unit_price", "missing"),
        *("min_quantity", "valid_to", "duplicate_in_file", "missing"),
    ]
    assert prices_of(staff, price_list, a_sku) == [(5, None, None, "21.35")]


def test_an_import_that_cannot_start_is_not_there_or_goes_on_is_refused(staff: Client) -> None:
    begun = start_import(staff, b"price list,sku,price\n", type="prices").json["id"]
    for answer, status, code in (
        (start_import(staff, b"", type="prices"), 422, "ordering.import_options"),
        (start_import(staff, b"x" * 2_000_001, type="prices"), 413, "ordering.import_too_large"),
        (staff.get(f"/imports/{new_id()}"), 404, "ordering.import_not_found"),
        (staff.get(f"/imports/{begun}/rejected"), 409, "ordering.import_unfinished"),
    ):
        assert (answer.status_code, answer.json["code"]) == (status, code)
