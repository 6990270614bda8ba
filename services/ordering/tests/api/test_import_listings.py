"""Listings from files: made, changed, refused row by row, and checked without being stored."""

import io
from typing import Any

import pytest

from common.service import Service
from common.testing import Client, TestTokens, client_for, published
from common.testing.importing import counts, refused_rows, run_import, start_import
from ordering.tests.ordered import company

HEAD = b"SKU,Name,Category,Unit,Status,Backorder policy,Backorder cap\n"


def run(staff: Client, service: Service, body: bytes, **fields: str) -> dict[str, Any]:
    return run_import(staff, service, body, **{"type": "listings", **fields})


def by_sku(staff: Client, prefix: str) -> dict[str, dict[str, Any]]:
    items = staff.get(f"/listings?limit=200&q={prefix}").json["items"]
    return {item["sku"]: item for item in items}


def test_listings_are_made_and_the_same_file_changes_nothing(staff: Client, service: Service) -> None:
    rows = b"".join(b"MAKE%02d,Lamp %d,Lights,box of 2,published,,\n" % (n, n) for n in range(25))
    dry = run(staff, service, HEAD + rows, dry_run="true")
    assert (dry["counts"], dry["progress"]) == (counts(created=25), {"done": 25, "total": 25})
    assert by_sku(staff, "MAKE") == {}
    assert published(service.db) == []

    made = run(staff, service, HEAD + rows)
    assert made["counts"] == counts(created=25)
    stored = by_sku(staff, "MAKE")
    assert len(stored) == 25
    assert [stored["MAKE07"][name] for name in ("name", "unit", "kind", "status", "audience", "version")] == [
        *("Lamp 7", "box of 2", "stock", "published", "global", 1)
    ]
    events = published(service.db, "ordering.listing.created.v1")
    assert [event.data["sku"] for event in events] == [f"MAKE{n:02d}" for n in range(25)]
    assert (events[0].actor, made["last_event_id"]) == (f"import:{made['id']}", events[-1].id)

    again = run(staff, service, HEAD + rows)
    assert again["counts"] == counts(unchanged=25)
    assert again["last_event_id"] is None


def test_an_empty_cell_keeps_a_filled_one_changes_and_clear_erases(staff: Client, service: Service) -> None:
    run(staff, service, HEAD + b"EDIT1,Lamp,Lights,box,,limited,5\nEDIT2,Lamp,Lights,box,,,\n")
    done = run(staff, service, HEAD + b"EDIT1,,,,published,unlimited,@clear\nEDIT2,Torch,@clear,,,,\n", mode="update")
    assert done["counts"] == counts(updated=2)
    stored = by_sku(staff, "EDIT")
    assert [stored["EDIT1"][name] for name in ("name", "category", "backorder_policy", "backorder_cap", "status")] == [
        *("Lamp", "Lights", "unlimited", None, "published")
    ]
    assert (stored["EDIT2"]["name"], stored["EDIT2"]["category"], stored["EDIT2"]["version"]) == ("Torch", None, 2)
    first, second, last = published(service.db)[-3:]
    assert (first.type, second.type) == ("ordering.listing.published.v1", "ordering.listing.updated.v1")
    assert (last.type, last.subject) == ("ordering.import.finished.v1", done["id"])
    assert [change["path"] for change in second.data["changes"]] == ["name", "category"]


def test_rows_that_do_not_fit_are_refused_with_their_reasons(staff: Client, service: Service) -> None:
    run(staff, service, b"sku,name,kind,status\nBAD01,There,service,retired\nBAD02,Draft,stock,published\n")
    body = (
        b"sku,name,kind,status,backorder_policy,backorder_cap,available_from\n"
        b"BAD01,Renamed,,,,,\n"  # retired
        b"BAD02,,service,,,,\n"  # the kind is fixed
        b"BAD02,,,,,,\n"  # a second row of one SKU
        b"BAD03,,,,,,\n"  # a new one without a name
        b",Nameless,,,,,\n"
        b"BAD04,Lamp,robot,,,,\n"
        b"BAD05,Lamp,,,limited,,\n"  # without a cap
        b"BAD06,Lamp,,,limited,1.5,\n"
        b"BAD07,Lamp,,,,,31.3.2026\n"
        b"BAD08,=1+1,,,,,\n"
        b"BAD09,Good,,,limited,12.0,2026-03-31 00:00:00\n"
    )
    done = run(staff, service, body)
    assert done["counts"] == counts(created=1, duplicate=1, invalid=9)
    assert [(row["sku"], row["error_code"], row["line"]) for row in refused_rows(staff, done["id"])] == [
        ("BAD01", "listing_status", "2"),
        ("BAD02", "kind", "3"),
        ("BAD02", "duplicate_in_file", "4"),
        ("BAD03", "missing", "5"),
        ("", "missing", "6"),
        ("BAD04", "kind", "7"),
        ("BAD05", "listing_unsuitable", "8"),
        ("BAD06", "backorder_cap", "9"),
        ("BAD07", "available_from", "10"),
        ("BAD08", "formula", "11"),
    ]
    good = by_sku(staff, "BAD09")["BAD09"]
    assert (good["backorder_cap"], good["available_from"]) == (12, "2026-03-31")


@pytest.mark.parametrize(
    ("mode", "counted", "code"),
    [("create", counts(created=1, duplicate=1), "exists"), ("update", counts(unchanged=1, invalid=1), "not_found")],
)
def test_a_mode_says_what_rows_may_do(
    staff: Client, service: Service, mode: str, counted: dict[str, int], code: str
) -> None:
    sku = f"MODE-{mode}".encode()
    run(staff, service, b"sku,name\n%s-1,A\n" % sku)
    done = run(staff, service, b"sku,name\n%s-1,A\n%s-2,B\n" % (sku, sku), mode=mode)
    assert done["counts"] == counted
    assert [row["error_code"] for row in refused_rows(staff, done["id"])] == [code]


def test_columns_are_named_by_a_mapping(staff: Client, service: Service) -> None:
    body = b"Nr;Bezeichnung;name\nMAP1;Lampe;ignored\n"
    done = run(staff, service, body, mapping='{"Nr": "sku", "Bezeichnung": "name", "name": null}')
    assert done["counts"] == counts(created=1)
    assert by_sku(staff, "MAP1")["MAP1"]["name"] == "Lampe"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"type": "customers"}, "type"),
        ({"match": "name"}, "match"),
        ({"mapping": '{"A": "no_such_field"}'}, "mapping"),
    ],
)
def test_options_that_do_not_fit_are_refused_at_once(staff: Client, fields: dict[str, str], pointer: str) -> None:
    answer = start_import(staff, b"sku,name\n1,A\n", **{"type": "listings", **fields})
    assert (answer.status_code, answer.json["errors"][0]["pointer"].strip("/")) == (422, pointer)


def test_the_type_may_stand_in_the_address_and_must_not_contradict(staff: Client) -> None:
    def start(query: str, key: str | None = None, **fields: str) -> Any:
        form = {**fields, "file": (io.BytesIO(b"sku,name\nADR1,A\n"), "a.csv")}
        return staff.post(f"/imports{query}", data=form, key=key)

    assert start("?type=listings", key="one").status_code == 202
    assert start("?type=listings", key="one").headers["Idempotent-Replayed"] == "true"
    assert start("?type=prices", key="one").json["code"] == "idempotency_key_reused"
    assert start("?type=listings", type="listings").status_code == 202
    for refused in (start(""), start("?type=spaceships")):
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/type")


def test_who_may_not_edit_listings_neither_imports_them_nor_sees_their_imports(
    staff: Client, service: Service, tokens: TestTokens
) -> None:
    made = run(staff, service, b"sku,name\nPERM1,A\n")
    viewer = client_for(service, tokens.staff(("listings.view",)))
    assert start_import(viewer, b"sku,name\n1,A\n", type="listings").json["code"] == "permission_missing"
    assert viewer.get(f"/imports/{made['id']}").status_code == 403
    assert viewer.get(f"/imports/{made['id']}/rejected").status_code == 403
    assert viewer.get("/imports").json["items"] == []
    assert [item["id"] for item in staff.get("/imports?limit=1").json["items"]] == [made["id"]]


def test_the_portal_imports_nothing(buyer: Client) -> None:
    assert start_import(buyer, b"sku,name\n1,A\n", type="listings").json["code"] == "staff_only"


def test_components_and_who_sells_it_are_read(staff: Client, service: Service) -> None:
    seller = company(service)
    number = seller[-12:]
    head = "SKU,Name,Kind,Audience,Seller,Confirmation,Components\n"
    short = "goods|Phone|1|TEL-1; work|Set up|2; recurring|Rent|1|month"
    written = '"[{""kind"": ""work"", ""name"": ""Set up"", ""quantity"": 2}]"'
    rows = (
        f"SOLD1,Telephony,service,explicit,{number},automatic,{short}\n"
        f"SOLD2,Desk,internal,tree,{number},,{written}\n"
        "SOLD3,Of the provider,service,global,,,\n"
    )
    assert run(staff, service, (head + rows).encode())["counts"] == counts(created=3)
    stored = by_sku(staff, "SOLD")
    one, two, three = stored["SOLD1"], stored["SOLD2"], stored["SOLD3"]
    assert (one["owner_id"], one["confirmation"], one["audience"]) == (seller, "automatic", "explicit")
    assert one["components"] == [
        {"kind": "goods", "name": "Phone", "quantity": 1, "sku": "TEL-1"},
        {"kind": "work", "name": "Set up", "quantity": 2},
        {"kind": "recurring", "name": "Rent", "quantity": 1, "period": "month"},
    ]
    assert (two["owner_id"], two["confirmation"], two["kind"]) == (seller, "owner", "internal")
    assert two["components"] == [{"kind": "work", "name": "Set up", "quantity": 2}]
    assert (three["owner_id"], three["components"]) == (None, [])
    assert run(staff, service, (head + rows).encode())["counts"] == counts(unchanged=3)
    cleared = run(staff, service, b"SKU,Components\nSOLD1,@clear\n", mode="update")
    assert cleared["counts"] == counts(updated=1)
    assert by_sku(staff, "SOLD1")["SOLD1"]["components"] == []


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("Seller,N-0000,WRONG1,internal,tree", "unknown_customer"),
        ("Components,goods|Phone|0,WRONG2,stock,global", "components"),
        ("Components,recurring|Rent|1,WRONG3,service,global", "components"),
        ("Components,[1,WRONG4,service,global", "components"),
        ("Components,robot|R2|1,WRONG5,service,global", "components"),
    ],
)
def test_components_and_sellers_that_there_are_not_are_refused(
    staff: Client, service: Service, row: str, code: str
) -> None:
    column, cell, sku, kind, audience = row.split(",")
    body = f"SKU,Name,Kind,Audience,{column}\n{sku},Wrong,{kind},{audience},{cell}\n"
    done = run(staff, service, body.encode())
    assert done["counts"] == counts(invalid=1)
    assert code in str(refused_rows(staff, done["id"]))


def test_who_sells_a_listing_is_fixed(staff: Client, service: Service) -> None:
    number, other = (company(service)[-12:] for _ in range(2))
    head = "SKU,Name,Kind,Audience,Seller\n"
    assert run(staff, service, f"{head}FIX1,Desk,internal,tree,{number}\n".encode())["counts"] == counts(created=1)
    done = run(staff, service, f"{head}FIX1,Desk,internal,tree,{other}\n".encode())
    assert (done["counts"], "owner_id" in str(refused_rows(staff, done["id"]))) == (counts(invalid=1), True)
