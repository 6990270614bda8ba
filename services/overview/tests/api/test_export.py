"""The export of the directory: everything that was selected, in any format, that spreadsheets run nothing of."""

import csv
import io
from typing import Any

import openpyxl
import orjson
import pytest
from sqlalchemy import text

from common.ids import new_id
from common.service import Service
from common.spreadsheets import MARK
from common.testing import Client, TestTokens, client_for
from overview.domain import exports as columns_of
from overview.queries import exports
from overview.tests import events
from overview.tests.delivery import deliver


@pytest.fixture
def exporter(service: Service, tokens: TestTokens) -> Client:
    return client_for(service, tokens.staff(["customers.view", "customers.export"]))


def export(client: Client, **asked: Any) -> Any:
    answer = client.post("/customers/export", json=asked)
    assert answer.status_code == 200, answer.text
    return answer


def table(answer: Any) -> list[dict[str, str]]:
    whole = answer.data.decode()
    assert whole.startswith(MARK)
    return list(csv.DictReader(io.StringIO(whole.removeprefix(MARK))))


@pytest.fixture
def company(service: Service) -> str:
    id_, parent, person, group = (new_id() for _ in range(4))
    phones = [
        {"label": "mobile", "number": "+49 170 1", "extension": None, "default": False},
        {"label": "work", "number": "+49 30 2", "extension": None, "default": True},
    ]
    deliver(
        service,
        [
            events.group(group, "Key accounts"),
            events.customer(parent, name="Head Office", number="HQ-1"),
            events.customer(
                id_,
                name="=HYPERLINK(0)",
                number="M-2",
                parent_id=parent,
                group_id=group,
                primary_contact_id=person,
                external_ids=[{"system": "erp", "id": "4711"}],
                custom_fields={"tier": "gold", "seats": 7},
            ),
            events.contact(
                id_,
                person,
                name="Åse Lind",
                title="Buyer",
                emails=[{"label": "work", "address": "ase@lind.example", "default": True}],
                phones=phones,
            ),
            events.address(id_, line1="Kai 3", city="Bergen", country="NO", postal_code="5003"),
        ],
    )
    return id_


def test_a_csv_holds_what_an_import_reads_and_no_formula(exporter: Client, company: str) -> None:
    answer = export(exporter, q="M-2", columns=[*columns_of.COLUMNS, "cf.tier", "cf.seats"])
    assert 'filename="customers.csv"' in answer.headers["Content-Disposition"]
    (row,) = table(answer)
    assert {name: row[name] for name in ("name", "number", "parent_number", "group", "external_id", "city")} == {
        "name": "'=HYPERLINK(0)",
        "number": "M-2",
        "parent_number": "HQ-1",
        "group": "Key accounts",
        "external_id": "4711",
        "city": "Bergen",
    }
    assert (row["contact_email"], row["contact_phone"], row["contact_mobile"]) == (
        "ase@lind.example",
        "'+49 30 2",
        "'+49 170 1",
    )
    assert (row["cf.tier"], row["cf.seats"], row["id"], row["contact_fax"]) == ("gold", "7", company, "")


def test_each_format_holds_the_same(exporter: Client, company: str) -> None:
    wanted = ["number", "name", "city"]
    lines = [orjson.loads(line) for line in export(exporter, format="ndjson", columns=wanted).data.splitlines()]
    assert [line["name"] for line in lines] == ["=HYPERLINK(0)", "Head Office"]
    book = openpyxl.load_workbook(io.BytesIO(export(exporter, format="xlsx", columns=wanted).data), read_only=True)
    heading, *sheet = book.active.iter_rows(values_only=True)
    assert heading == tuple(wanted)
    assert [cells[0] for cells in sheet] == [line["number"] for line in lines]
    assert [cells[1] for cells in sheet] == ["'=HYPERLINK(0)", "Head Office"]


@pytest.mark.parametrize("sort", ["name", "-name", "number", "-number", "created_at", "-updated_at"])
def test_it_goes_on_over_as_many_stretches_as_it_takes(
    service: Service, exporter: Client, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr(exports, "_AT_ONCE", 4)
    deliver(service, [events.customer(name=f"N{n % 5}", number=None if n % 3 else f"K{n:02}") for n in range(23)])
    listed = [item["id"] for item in exporter.get(f"/customers?sort={sort}&limit=200").json["items"]]
    lines = export(exporter, format="ndjson", columns=["id"], sort=sort).data.splitlines()
    assert [orjson.loads(line)["id"] for line in lines] == listed
    assert len(listed) == 23


def test_a_workbook_that_would_take_too_long_is_refused(
    exporter: Client, company: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "SHEET_ROWS", 1)
    answer = exporter.post("/customers/export", json={"format": "xlsx"})
    assert (answer.status_code, answer.json["code"]) == (422, "overview.sheet_too_long")
    assert export(exporter, format="csv").status_code == 200


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"columns": ["password"]}, "overview.column_unknown"),
        ({"columns": []}, "validation_failed"),
        ({"format": "pdf"}, "validation_failed"),
        ({"filter": ["age:7"]}, "overview.filter_invalid"),
        ({"sort": "age"}, "overview.sort_invalid"),
    ],
)
def test_what_cannot_be_exported_is_refused(exporter: Client, asked: dict[str, Any], code: str) -> None:
    answer = exporter.post("/customers/export", json=asked)
    assert (answer.status_code, answer.json["code"]) == (422, code)


def test_it_needs_its_permission_and_who_took_what_is_written_down(
    service: Service, staff: Client, exporter: Client, company: str, tokens: TestTokens
) -> None:
    assert staff.post("/customers/export", json={}).status_code == 403
    portal = client_for(service, tokens.portal({company: ["customers.view", "customers.export"]}))
    assert portal.post("/customers/export", json={}).status_code == 403
    answer = export(exporter, filter=["kind:business"], columns=["name"])
    with service.db.transaction() as session:
        body = session.execute(text("SELECT body FROM outbox")).scalar_one()
    told = orjson.loads(body)
    assert told["id"] == answer.headers["Event-Id"]
    assert told["data"]["asked"]["filter"] == ["kind:business"]
    assert told["actor"].startswith("staff:")
