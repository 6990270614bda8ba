"""Imports through the API and the worker's job, from a file to customers or to refused rows."""

import csv
import io
from threading import Event as Stop
from typing import Any

import pytest
from openpyxl import Workbook

from common.service import Service
from common.testing import Client, published

HEADINGS = [
    "customer_id",
    "company_name",
    "contact_name",
    "contact_title",
    "address",
    "city",
    "region",
    "postal_code",
    "country",
    "phone",
    "fax",
]


def a_row(number: str, **cells: str) -> dict[str, str]:
    return (
        dict.fromkeys(HEADINGS, "")
        | {
            "customer_id": number,
            "company_name": f"Company {number}",
            "contact_name": f"Person {number}",
            "contact_title": "Owner",
            "address": "Hafenstr. 1",
            "city": "Kiel",
            "postal_code": "24103",
            "country": "Germany",
            "phone": "+49 (431) 1",
            "fax": "0431-2",
        }
        | cells
    )


def a_csv(rows: list[dict[str, str]], delimiter: str = ",") -> bytes:
    file = io.StringIO()
    writer = csv.DictWriter(file, HEADINGS, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def start(staff: Client, body: bytes, name: str = "customers.csv", **fields: str) -> Any:
    return staff.post(
        "/imports",
        data={"type": "customers", "mode": "upsert", "match": "number", "file": (io.BytesIO(body), name)} | fields,
    )


def run(staff: Client, service: Service, body: bytes, name: str = "customers.csv", **fields: str) -> dict[str, Any]:
    """Starts an import, lets the worker's job run, and returns the finished import."""
    answer = start(staff, body, name, **fields)
    assert answer.status_code == 202, answer.json
    assert answer.json["state"] == "queued"
    while service.jobs[0].run(Stop()):
        pass
    return staff.get(f"/imports/{answer.json['id']}").json


def rejected(staff: Client, import_id: str) -> list[dict[str, str]]:
    answer = staff.get(f"/imports/{import_id}/rejected")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


def counts(**given: int) -> dict[str, int]:
    return dict.fromkeys(("created", "updated", "unchanged", "duplicate", "invalid"), 0) | given


def test_a_file_is_imported_and_importing_it_again_changes_nothing(staff: Client, service: Service) -> None:
    body = a_csv([a_row(f"IMP{n:02d}") for n in range(25)])
    before = len(published(service.db))
    dry = run(staff, service, body, dry_run="true")
    assert (dry["state"], dry["counts"], dry["progress"]) == (
        "completed", counts(created=25), {"done": 25, "total": 25}
    )  # fmt: skip
    assert len(published(service.db)) == before
    with service.db.transaction() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM customers").scalar() == 0

    done = run(staff, service, body)
    assert done["counts"] == counts(created=25)
    assert {entry["column"]: entry["field"] for entry in done["columns"]}["fax"] == "contact_fax"
    events = [event for event in published(service.db) if event.customer_id]
    assert len(events) == 75
    assert {event.data["batch_id"] for event in events} == {done["id"]}
    assert events[0].actor == f"import:{done['id']}"
    assert done["last_event_id"] == events[-1].id
    customer = staff.get(f"/customers/{events[0].customer_id}").json
    assert (customer["number"], customer["name"], customer["kind"]) == ("IMP00", "Company IMP00", "business")
    [contact] = staff.get(f"/customers/{customer['id']}/contacts").json["items"]
    assert contact["primary"] is True
    assert [(phone["label"], phone["number"]) for phone in contact["phones"]] == [
        ("work", "+49 (431) 1"),
        ("fax", "0431-2"),
    ]
    [address] = staff.get(f"/customers/{customer['id']}/addresses").json["items"]
    assert (address["line1"], address["country"]) == ("Hafenstr. 1", "DE")

    written = len(published(service.db))
    again = run(staff, service, body)
    assert again["counts"] == counts(unchanged=25)
    assert len(published(service.db)) == written


def test_damaged_rows_are_refused_with_their_reasons_and_the_others_pass(staff: Client, service: Service) -> None:
    run(staff, service, a_csv([a_row("DAM00")]))
    rows = [a_row(f"DAM{n:02d}") for n in range(12)]
    rows[2]["company_name"] = ""
    rows[3]["company_name"] = "x" * 201
    rows[4]["company_name"] = '=HYPERLINK("http://example.test")'
    rows[5]["company_name"] = "+cmd|' /C calc'!A0"
    rows[6]["customer_id"] = "DAM01"
    rows[7]["country"] = "Atlantis"
    rows[8]["company_name"] = "Caf\u00e9 Damaged"
    body = a_csv(rows).replace("Caf\u00e9 Damaged".encode(), b"Caf\xe9 Damaged")
    done = run(staff, service, body, mode="create")
    assert done["counts"] == counts(created=4, duplicate=2, invalid=6)
    refused = rejected(staff, done["id"])
    assert [(row["customer_id"], row["error_code"], row["line"]) for row in refused] == [
        ("DAM00", "exists", "2"),
        ("DAM02", "missing", "4"),
        ("DAM03", "too_long", "5"),
        ("DAM04", "formula", "6"),
        ("DAM05", "formula", "7"),
        ("DAM01", "duplicate_in_file", "8"),
        ("DAM07", "country", "9"),
        ("DAM08", "encoding", "10"),
    ]
    assert all(row["error_detail"] for row in refused)
    assert refused[3]["company_name"].startswith("'=HYPERLINK")
    assert "0xE9" in refused[7]["error_detail"]
    assert refused[7]["company_name"] == r"Caf\xE9 Damaged"


def test_duplicates_are_found_across_chunks(staff: Client, service: Service) -> None:
    rows = [a_row(f"CHK{n:02d}") for n in range(25)] + [a_row("CHK03"), a_row("CHK24")]
    done = run(staff, service, a_csv(rows))
    assert done["counts"] == counts(created=25, duplicate=2)
    assert "Line 5" in rejected(staff, done["id"])[0]["error_detail"]


@pytest.mark.parametrize("kind", ["semicolon", "tab", "bar", "bom", "utf-16", "xlsx", "ndjson"])
def test_every_kind_of_file_is_understood(staff: Client, service: Service, kind: str) -> None:
    number = f"KIND-{kind}"
    row = a_row(number, city="Ålesund", address='Kai 3, "West"')
    delimiter = {"semicolon": ";", "tab": "\t", "bar": "|"}.get(kind, ",")
    body = a_csv([row], delimiter)
    if kind == "bom":
        body = b"\xef\xbb\xbf" + body
    elif kind == "utf-16":
        body = body.decode().encode("utf-16")
    elif kind == "xlsx":
        body = a_workbook([row | {"postal_code": 24103}])
    elif kind == "ndjson":
        import orjson

        body = orjson.dumps(row) + b"\n\n" + orjson.dumps({"customer_id": f"{number}-2", "company_name": "B", "zip": 7})
    done = run(staff, service, body)
    assert done["error"] is None
    assert done["counts"] == counts(created=2 if kind == "ndjson" else 1), rejected(staff, done["id"])
    address = next(event.data for event in reversed(published(service.db, "customer.address.added.v1")))
    assert (address["city"], address["line1"], address["postal_code"]) == ("Ålesund", 'Kai 3, "West"', "24103")


def a_workbook(rows: list[dict[str, Any]]) -> bytes:
    book = Workbook()
    book.active.append(HEADINGS)
    for row in rows:
        book.active.append([row[name] for name in HEADINGS])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_an_empty_cell_keeps_and_a_filled_one_changes(staff: Client, service: Service) -> None:
    run(staff, service, a_csv([a_row("KEEP1")]))
    change = dict.fromkeys(HEADINGS, "") | {"customer_id": "KEEP1", "city": "Lübeck", "phone": "0451 9"}
    done = run(staff, service, a_csv([change]), mode="update")
    assert done["counts"] == counts(updated=1)
    contact, address = (event for event in published(service.db)[-3:-1])
    assert (contact.type, contact.data["name"]) == ("customer.contact.updated.v1", "Person KEEP1")
    assert contact.data["phones"][0]["number"] == "0451 9"
    assert [change["path"] for change in address.data["changes"]] == ["city"]
    nameless = run(staff, service, a_csv([change]))
    assert nameless["counts"] == counts(invalid=1)
    assert rejected(staff, nameless["id"])[0]["error_code"] == "missing"
    missing = run(staff, service, a_csv([a_row("KEEP2")]), mode="update")
    assert missing["counts"] == counts(invalid=1)
    assert rejected(staff, missing["id"])[0]["error_code"] == "not_found"


def test_columns_are_named_by_a_mapping(staff: Client, service: Service) -> None:
    body = b"Nr.;Wer;Oberhaus;company\nMAP1;Haupt;;ignored\nMAP2;Zweig;MAP1;ignored\n"
    mapping = '{"Nr.": "number", "Wer": "name", "Oberhaus": "parent_number", "company": null}'
    done = run(staff, service, body, mapping=mapping)
    assert done["counts"] == counts(created=2)
    branch = published(service.db, "customer.customer.created.v1")[-1].data
    assert (branch["name"], branch["parent_id"] is None) == ("Zweig", False)
    ring = run(staff, service, b"number,parent_number\nMAP1,MAP2\n", mode="update")
    assert rejected(staff, ring["id"])[0]["error_code"] == "hierarchy_cycle"
    assert ring["counts"] == counts(invalid=1)


def test_archived_customers_and_unknown_groups_are_refused(staff: Client, service: Service) -> None:
    made = staff.post("/customers", json={"name": "Old", "number": "ARC1"}).json
    staff.post(f"/customers/{made['id']}/archival", json={"reason": "x"})
    staff.post("/customer-groups", json={"name": "Imported"})
    body = b"number,name,group\nARC1,New,\nARC2,B,Nowhere\nARC3,C,imported\n"
    done = run(staff, service, body)
    assert done["counts"] == counts(created=1, invalid=2)
    assert [row["error_code"] for row in rejected(staff, done["id"])] == ["archived", "group_unknown"]


def test_a_change_of_group_and_head_office_names_both_sides(staff: Client, service: Service) -> None:
    for name in ("Before", "After"):
        staff.post("/customer-groups", json={"name": name})
    heads = b"number,name,group\nHD1,Head one,\nHD2,Head two,\n"
    run(staff, service, heads + b"BR1,Branch,Before\n")
    run(staff, service, b"number,parent_number\nBR1,HD1\n", mode="update")
    done = run(staff, service, b"number,parent_number,group\nBR1,HD2,after\n", mode="update")
    assert done["counts"] == counts(updated=1)
    changes = published(service.db, "customer.customer.updated.v1")[-1].data["changes"]
    assert [(change["before_label"], change["after_label"]) for change in changes] == [
        ("Before", "After"),
        ("Head one", "Head two"),
    ]


def test_headings_that_are_no_text_do_no_harm(staff: Client, service: Service) -> None:
    done = run(staff, service, b"number,name,caf\xe9\nHDG1,A,1\n")
    assert done["counts"] == counts(created=1)
    assert done["columns"][2] == {"column": r"caf\xE9", "field": None}


def test_customers_are_found_by_external_id(staff: Client, service: Service) -> None:
    body = b"external_id,external_system,name\n1,crm,A\n2,crm,B\n"
    assert run(staff, service, body, match="external_id")["counts"] == counts(created=2)
    assert run(staff, service, body, match="external_id")["counts"] == counts(unchanged=2)
    renamed = run(staff, service, body.replace(b",B", b",Bee"), match="external_id")
    assert renamed["counts"] == counts(updated=1, unchanged=1)


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (b"number,name\n", None),
        (b"PK\x03\x04 no workbook", "workbook"),
        (b"alpha,beta\n1,2\n", "No column was recognised"),
        (b"\n\n", "headings"),
    ],
)
def test_a_file_that_cannot_be_read_fails_with_a_reason(
    staff: Client, service: Service, body: bytes, part: str | None
) -> None:
    done = run(staff, service, body)
    assert (done["state"], done["counts"]) == ("failed" if part else "completed", counts())
    assert part is None or part in done["error"]["detail"]


def test_a_stray_quotation_mark_costs_its_own_rows_only(staff: Client, service: Service) -> None:
    good = "\n".join(f"QUO{n},Name" for n in range(3000))
    done = run(staff, service, f'number,name,city\nQUO-A,"open\n{good}\n'.encode() + b"x" * 140_000 + b"\nQUO-Z,Z\n")
    assert done["state"] == "completed"
    assert {row["error_code"] for row in rejected(staff, done["id"])} == {"unreadable"}
    assert done["counts"]["created"] == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "spaceships"},
        {"mode": "destroy"},
        {"match": "mood"},
        {"mapping": "{"},
        {"mapping": '{"A": "no_such_field"}'},
        {"mapping": '{"A": "name", "B": "name"}'},
        {"dry_run": "perhaps"},
        {"surprise": "1"},
    ],
)
def test_unknown_options_are_refused_at_once(staff: Client, fields: dict[str, str]) -> None:
    answer = start(staff, b"number,name\n1,A\n", **fields)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"].strip("/") == next(iter(fields))


def test_a_missing_an_empty_and_a_too_large_file_are_refused(staff: Client) -> None:
    without = staff.post("/imports", data={"type": "customers"})
    assert (without.status_code, without.json["errors"][0]["pointer"]) == (422, "/file")
    assert start(staff, b"").json["errors"][0]["pointer"] == "/file"
    large = start(staff, b"number,name\n" + b"x" * 2_000_001)
    assert (large.status_code, large.json["code"]) == (413, "customer.import_too_large")
    assert start(staff, b"x" * 3_000_000).status_code == 413


def test_refused_rows_wait_for_the_end_and_imports_are_listed_newest_first(staff: Client, service: Service) -> None:
    ids = [start(staff, b"number,name\nLST1,A\n").json["id"] for _ in range(3)]
    early = staff.get(f"/imports/{ids[0]}/rejected")
    assert (early.status_code, early.json["code"]) == (409, "customer.import_unfinished")
    page = staff.get("/imports?limit=2").json
    rest = staff.get(f"/imports?limit=2&cursor={page['next_cursor']}").json
    assert [item["id"] for item in page["items"] + rest["items"]][:3] == ids[::-1]
    while service.jobs[0].run(Stop()):
        pass


def test_a_file_may_say_how_far_customers_have_come_and_leads_none_back(staff: Client, service: Service) -> None:
    made = run(staff, service, b"number,name,lifecycle_stage\nLC1,A,Lead\nLC2,B,\nLC3,C,friend\n")
    assert (made["counts"]["created"], made["counts"]["invalid"]) == (2, 1)
    again = run(staff, service, b"number,name,lifecycle\nLC1,A,prospect\nLC2,B,lead\n")
    assert (again["counts"]["updated"], again["counts"]["invalid"]) == (1, 1)
    stages = {
        event.data["number"]: event.data["lifecycle"]
        for event in published(service.db)
        if event.type.startswith("customer.customer.") and event.data["number"].startswith("LC")
    }
    assert stages == {"LC1": "prospect", "LC2": "customer"}
