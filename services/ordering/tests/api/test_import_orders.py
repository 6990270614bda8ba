"""Orders from files: drafts line by line, whole however the file is cut, and refused row by row."""

from collections.abc import Callable
from threading import Event as Stop
from typing import Any

import pytest

from common.importing import lease
from common.importing.run import Runner
from common.service import Service
from common.testing import Client, deliver, published
from common.testing.importing import counts, refused_rows, run_import, start_import
from ordering.tests.told import customer
from ordering.use_cases.imports.kinds import IMPORTS

HEAD = "order_id,customer_id,sku,quantity,unit_price,currency,discount\n"


def run(staff: Client, service: Service, body: str, **fields: str) -> dict[str, Any]:
    return run_import(staff, service, (HEAD + body).encode(), **{"type": "orders", **fields})


@pytest.fixture
def number(service: Service, a_customer: Callable[..., str]) -> str:
    """The number of a customer."""
    customer_id = a_customer()
    found = f"C{customer_id[-8:]}"
    deliver(service, customer(customer_id, "updated", 2, number=found, name="Harbour Lights", changes=[]))
    return found


@pytest.fixture
def sku(a_listing: Callable[..., Any]) -> Callable[[], str]:
    return lambda: str(a_listing()["sku"])


def orders_of(staff: Client, external: str) -> list[dict[str, Any]]:
    items = staff.get(f"/orders?q={external}").json["items"]
    return [staff.get(f"/orders/{item['id']}").json for item in items]


def test_lines_become_drafts_and_the_same_file_changes_nothing(
    staff: Client, service: Service, number: str, sku: Callable[[], str]
) -> None:
    one, other = sku(), sku()
    rows = f"N-{number}-1,{number},{one},12,14,EUR,0\nN-{number}-1,{number},{other},10,9.8,eur,0.15\n"
    rows += f"N-{number}-2,{number},{one},5,14,EUR,5%\n"
    dry = run(staff, service, rows, dry_run="true")
    assert dry["counts"] == counts(created=3)
    assert orders_of(staff, f"N-{number}") == []

    assert run(staff, service, rows)["counts"] == counts(created=3)
    first, second = sorted(orders_of(staff, f"N-{number}"), key=lambda order: order["external_number"])
    assert (first["status"], first["source"], first["total"]["currency"]) == ("draft", "import", "EUR")
    assert [(line["position"], line["sku"], line["quantity"], line["total"]["amount"]) for line in first["lines"]] == [
        (1, one, 12, "168.00"),
        (2, other, 10, "83.30"),
    ]
    assert (first["total"]["amount"], second["total"]["amount"]) == ("251.30", "66.50")
    drafted = published(service.db, "ordering.order.drafted.v1")[-2:]
    assert [event.data["external_number"] for event in drafted] == [f"N-{number}-1", f"N-{number}-2"]

    before = len(published(service.db))
    assert run(staff, service, rows)["counts"] == counts(unchanged=3)
    assert len(published(service.db)) == before


def test_a_line_of_a_draft_is_changed_and_a_new_one_added(
    staff: Client, service: Service, number: str, sku: Callable[[], str]
) -> None:
    one, other = sku(), sku()
    run(staff, service, f"E-{number},{number},{one},12,14,EUR,0.1\n")
    done = run(staff, service, f"E-{number},{number},{one},6,,,@clear\nE-{number},{number},{other},1,2,EUR,\n")
    assert done["counts"] == counts(created=1, updated=1)
    [order] = orders_of(staff, f"E-{number}")
    assert [(line["quantity"], line["total"]["amount"]) for line in order["lines"]] == [(6, "84.00"), (1, "2.00")]
    assert (order["total"]["amount"], order["version"], order["revision"]) == ("86.00", 2, 2)
    told = published(service.db, "ordering.order.updated.v1")[-1]
    assert [change["path"] for change in told.data["changes"]] == ["lines"]


def test_rows_that_do_not_fit_are_refused_with_their_reasons(
    staff: Client, service: Service, number: str, sku: Callable[[], str], a_customer: Callable[..., str]
) -> None:
    one, gone = sku(), a_customer(status="archived", number="C-GONE")
    assert gone
    run(staff, service, f"R-{number},{number},{one},12,14,EUR,0\nS-{number},{number},{one},1,14,EUR,0\n")
    [placed] = orders_of(staff, f"S-{number}")
    cancelled = staff.post(f"/orders/{placed['id']}/cancellation", json={"reason": "x"}, version=placed["version"])
    assert cancelled.status_code == 200, cancelled.json
    body = (
        f"R1,NOBODY,{one},1,1,EUR,0\n"
        f"R2,C-GONE,{one},1,1,EUR,0\n"
        f"R3,{number},NO-SUCH,1,1,EUR,0\n"
        f"R4,{number},{one},0,1,EUR,0\n"
        f"R5,{number},{one},1,1.005,EUR,0\n"
        f"R6,{number},{one},1,1,EUR,1.5\n"
        f"R7,{number},{one},1,1,EUR,0.12345\n"
        f"R8,{number},{one},1,,EUR,0\n"
        f"R9,{number},{one},1,1,,0\n"
        f"R-{number},{number},{one},1,1,USD,0\n"
        f"S-{number},{number},{one},2,14,EUR,0\n"
        f"R10,{number},{one},1,1,EUR,0\n"
        f"R10,{number},{one},1,1,EUR,0\n"
        f",{number},{one},1,1,EUR,0\n"
    )
    done = run(staff, service, body)
    assert done["counts"] == counts(created=1, duplicate=1, invalid=12)
    assert [row["error_code"] for row in refused_rows(staff, done["id"])] == [
        *("customer_unknown", "archived", "listing_unknown", "quantity", "money_unsuitable", "discount", "discount"),
        *("missing", "missing", "currencies_mixed", "order_status", "duplicate_in_file", "missing"),
    ]


def test_days_and_addresses_of_an_old_order_are_kept(
    staff: Client, service: Service, number: str, sku: Callable[[], str]
) -> None:
    head = HEAD.strip() + ",order_date,required_date,ship_name,ship_address,ship_city,ship_region,ship_postal_code,"
    head += "ship_country,note\n"
    one, other = sku(), sku()
    there = '1996-07-04,1996-08-01,Vins et alcools,"59 rue de l\'Abbaye",Reims,,51100,France,Freight 32.38\n'
    rows = f"D-{number},{number},{one},12,14,EUR,0,{there}D-{number},{number},{other},1,2,EUR,0,{there}"

    def go(body: str) -> dict[str, Any]:
        done: dict[str, Any] = run_import(staff, service, (head + body).encode(), type="orders")["counts"]
        return done

    assert go(rows) == counts(created=2)
    [order] = orders_of(staff, f"D-{number}")
    assert (order["ordered_on"], order["requested_on"], order["note"]) == ("1996-07-04", "1996-08-01", "Freight 32.38")
    assert order["ship_to"] == {
        "name": "Vins et alcools",
        "line1": "59 rue de l'Abbaye",
        "line2": None,
        "city": "Reims",
        "region": None,
        "postal_code": "51100",
        "country": "FR",
    }
    assert go(rows) == counts(unchanged=2)
    # Another street, and a day later: the order is told anew, once.
    assert go(rows.replace("59 rue", "61 rue").replace("1996-08-01", "1996-08-02")) == counts(updated=1, unchanged=1)
    told = published(service.db, "ordering.order.updated.v1")[-1]
    assert [change["path"] for change in told.data["changes"]] == ["requested_on", "ship_to"]
    assert (told.data["ordered_on"], told.data["ship_to"]["line1"]) == ("1996-07-04", "61 rue de l'Abbaye")
    assert told.version == 2


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ("04.07.1996,,,,,,,,", "ordered_on"),
        (",,,Luisenstr. 48,M\u00fcnster,,44087,Atlantis,", "ship_country"),
        (",,Toms,,,,44087,Germany,", "ship_street"),
    ],
)
def test_a_day_or_an_address_that_is_none_is_refused(
    staff: Client, service: Service, number: str, sku: Callable[[], str], cells: str, code: str
) -> None:
    head = HEAD.strip() + ",order_date,required_date,ship_name,ship_address,ship_city,ship_region,ship_postal_code,"
    body = head + f"ship_country,note\nX-{number}{code},{number},{sku()},1,1,EUR,0,{cells}\n"
    done = run_import(staff, service, body.encode(), type="orders")
    assert done["counts"] == counts(invalid=1)
    assert [row["error_code"] for row in refused_rows(staff, done["id"])] == [code]
    assert orders_of(staff, f"X-{number}{code}") == []


def test_an_import_that_stored_something_tells_so_once(
    staff: Client, service: Service, number: str, sku: Callable[[], str]
) -> None:
    row = f"T-{number},{number},{sku()},12,14,EUR,0\n"
    run(staff, service, row, dry_run="true")
    done = run(staff, service, row)
    run(staff, service, row)
    [told] = [event for event in published(service.db, "ordering.import.finished.v1") if event.subject == done["id"]]
    assert (told.data["type"], told.data["counts"]["created"], told.data["dry_run"]) == ("orders", 1, False)
    others = {event.subject for event in published(service.db, "ordering.import.finished.v1")}
    assert {one["id"] for one in staff.get("/imports").json["items"][:3]} & others == {done["id"]}


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("chunk", [1, 2, 4])
def test_orders_are_whole_wherever_the_file_is_cut_and_the_worker_killed(
    staff: Client,
    service: Service,
    number: str,
    sku: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
    chunk: int,
) -> None:
    """Five orders of seven lines in chunks of ten rows: all but the first are cut."""

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

    skus = [sku() for _ in range(7)]
    rows = [f"K{n}-{number},{number},{one},{n + 1},2,EUR,0" for n in range(5) for one in skus]
    import_id = start_import(staff, (HEAD + "\n".join(rows)).encode(), type="orders").json["id"]
    runner = Runner(service.db, IMPORTS, chunk_rows=10, lease_seconds=0)
    monkeypatch.setattr(lease, "checkpoint", dying)
    with pytest.raises(Killed):
        runner.run(Stop())
    monkeypatch.undo()
    assert runner.run(Stop())

    done = staff.get(f"/imports/{import_id}").json
    assert (done["state"], done["counts"]) == ("completed", counts(created=35))
    for n in range(5):
        [order] = orders_of(staff, f"K{n}-{number}")
        assert [(line["sku"], line["quantity"]) for line in order["lines"]] == [(one, n + 1) for one in skus]
        assert [line["position"] for line in order["lines"]] == list(range(1, 8))
        assert order["total"]["amount"] == f"{14 * (n + 1)}.00"
