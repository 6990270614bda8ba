"""Opening stock from files: taken in once for each reference, refused row by row, and checked without being stored."""

from collections.abc import Callable
from threading import Event as Stop
from typing import Any

import pytest

from common.ids import new_id
from common.importing import lease
from common.importing.run import Runner
from common.service import Service
from common.testing import Client, TestTokens, client_for, published
from common.testing.importing import counts, refused_rows, run_import, start_import
from warehouse.use_cases.imports.kinds import IMPORTS

Look = Callable[[str], tuple[int, int, int]]


def run(staff: Client, service: Service, body: bytes, **fields: str) -> dict[str, Any]:
    return run_import(staff, service, body, **{"type": "stock", **fields})


def on_hand(staff: Client, prefix: str) -> dict[str, int]:
    items = staff.get(f"/stock?q={prefix}&limit=200").json["items"]
    return {item["sku"]: item["on_hand"] for item in items}


def test_stock_is_taken_in_once(staff: Client, service: Service, main: Any) -> None:
    body = b"warehouse,sku,quantity\n" + b"".join(b"main,ONCE%02d,%d\n" % (n, n) for n in range(25))
    dry = run(staff, service, body, dry_run="true")
    assert dry["counts"] == counts(created=24, unchanged=1)
    assert on_hand(staff, "ONCE") == {}

    made = run(staff, service, body)
    assert made["counts"] == counts(created=24, unchanged=1)
    assert on_hand(staff, "ONCE") == {f"ONCE{n:02d}": n for n in range(1, 25)}
    told = published(service.db, "warehouse.stock.received.v1")[-24:]
    assert {event.data["reason"] for event in told} == {"opening"}
    assert made["last_event_id"] == told[-1].id
    movement = staff.get("/stock/movements?sku=ONCE07").json["items"][0]
    assert (movement["kind"], movement["quantity"], movement["reference"]) == ("receipt", 7, "opening")

    again = run(staff, service, body)
    assert (again["counts"], again["last_event_id"]) == (counts(unchanged=25), None)
    assert on_hand(staff, "ONCE")["ONCE07"] == 7


def test_another_reference_adds_and_another_quantity_under_the_same_one_is_refused(
    staff: Client, service: Service, main: Any, sku: str, stock: Look
) -> None:
    run(staff, service, f"warehouse,sku,quantity\nMAIN,{sku},39\n".encode())
    more = run(staff, service, f"warehouse,sku,quantity,reference\nMAIN,{sku},10,PO-7\n".encode())
    assert more["counts"] == counts(created=1)
    other = run(staff, service, f"warehouse,sku,quantity\nMAIN,{sku},40\n".encode())
    assert other["counts"] == counts(invalid=1)
    [refused] = refused_rows(staff, other["id"])
    assert refused["error_code"] == "reference_used"
    assert "39" in refused["error_detail"]
    assert stock(sku)[0] == 49


def test_what_goods_cost_leads_their_average(staff: Client, service: Service, main: Any, sku: str) -> None:
    body = f"warehouse,sku,quantity,cost,currency,reference\nMAIN,{sku},10,2,eur,A\nMAIN,{sku},10,4.00,,B\n"
    assert run(staff, service, body.encode())["counts"] == counts(created=2)
    [balance] = staff.get(f"/stock?sku={sku}").json["items"]
    assert balance["average_cost"] == {"amount": "3.00", "currency": "EUR"}


def test_rows_that_do_not_fit_are_refused_with_their_reasons(
    staff: Client, service: Service, main: Any, place: Callable[..., Any]
) -> None:
    closed = place(code="SHUT")
    staff.patch(f"/warehouses/{closed['id']}", json={"status": "closed"}, version=closed["version"])
    run(staff, service, b"warehouse,sku,quantity,cost,currency\nMAIN,FIT-C,1,2,EUR\n")
    body = (
        b"warehouse,sku,quantity,cost,currency,reference\n"
        b"NOWHERE,FIT1,1,,,\n"
        b"SHUT,FIT1,1,,,\n"
        b"MAIN,FIT2,-1,,,\n"
        b"MAIN,FIT3,1.5,,,\n"
        b"MAIN,FIT4,,,,\n"
        b"MAIN,FIT5,1,2,,\n"
        b"MAIN,FIT6,1,2.005,EUR,\n"
        b"MAIN,FIT-C,1,2,USD,more\n"
        b"MAIN,FIT7,1,,,\n"
        b"MAIN,FIT7,1,,,\n"
        b"MAIN,,1,,,\n"
    )
    done = run(staff, service, body)
    assert done["counts"] == counts(created=1, duplicate=1, invalid=9)
    assert [row["error_code"] for row in refused_rows(staff, done["id"])] == [
        *("warehouse_unknown", "not_open", "quantity", "quantity", "missing", "missing", "money_invalid"),
        *("currency_differs", "duplicate_in_file", "missing"),
    ]
    assert on_hand(staff, "FIT") == {"FIT-C": 1, "FIT7": 1}


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("chunk", [1, 2, 4])
def test_stock_goes_on_after_a_kill_where_it_was(
    service: Service, staff: Client, main: Any, monkeypatch: pytest.MonkeyPatch, moment: str, chunk: int
) -> None:
    class Killed(BaseException):
        """Stands for the end of the process."""

    real, calls = lease.checkpoint, 0

    def dying(*arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == chunk and moment == "before":
            raise Killed
        real(*arguments)
        if calls == chunk:
            raise Killed

    prefix = f"KILL-{moment}{chunk}-"
    body = "warehouse,sku,quantity\n" + "".join(f"MAIN,{prefix}{n:02d},{n + 1}\n" for n in range(35))
    import_id = start_import(staff, body.encode(), type="stock").json["id"]
    runner = Runner(service.db, IMPORTS, chunk_rows=10, lease_seconds=0)
    monkeypatch.setattr(lease, "checkpoint", dying)
    with pytest.raises(Killed):
        runner.run(Stop())
    monkeypatch.undo()
    assert runner.run(Stop())

    done = staff.get(f"/imports/{import_id}").json
    assert (done["state"], done["counts"]) == ("completed", counts(created=35))
    assert on_hand(staff, prefix) == {f"{prefix}{n:02d}": n + 1 for n in range(35)}


def test_who_may_not_edit_stock_imports_none(service: Service, tokens: TestTokens) -> None:
    viewer = client_for(service, tokens.staff(["stock.view"]))
    answer = start_import(viewer, b"warehouse,sku,quantity\nMAIN,X,1\n", type="stock")
    assert (answer.status_code, answer.json["code"]) == (403, "permission_missing")


def test_an_import_that_cannot_start_is_not_there_or_goes_on_is_refused(staff: Client) -> None:
    begun = start_import(staff, b"warehouse,sku,quantity\n", type="stock").json["id"]
    for answer, status, code in (
        (start_import(staff, b"", type="stock"), 422, "warehouse.import_options"),
        (start_import(staff, b"x" * 2_000_001, type="stock"), 413, "warehouse.import_too_large"),
        (staff.get(f"/imports/{new_id()}"), 404, "warehouse.import_not_found"),
        (staff.get(f"/imports/{begun}/rejected"), 409, "warehouse.import_unfinished"),
    ):
        assert (answer.status_code, answer.json["code"]) == (status, code)
