"""Custom fields in imported files: the same rules as through the API, row by row."""

from collections.abc import Callable, Iterator
from io import BytesIO
from threading import Event as Stop
from typing import Any

import pytest

from common.service import Service
from common.testing import Client, published

Define = Callable[..., str]


@pytest.fixture
def define(staff: Client) -> Iterator[Define]:
    """Defines a field of customers and returns its id; it is archived after the test."""
    made: list[str] = []

    def one(key: str, kind: str = "text", **settings: Any) -> str:
        body = {"applies_to": "customer", "key": key, "label": key.title(), "type": kind} | settings
        answer = staff.post("/custom-fields", json=body)
        assert answer.status_code == 201, answer.json
        made.append(answer.json["id"])
        return str(answer.json["id"])

    yield one
    for field_id in made:
        assert staff.delete(f"/custom-fields/{field_id}", version=1).status_code == 204


def run(staff: Client, service: Service, *lines: str, **fields: str) -> dict[str, Any]:
    """Imports a file to its end; returns the import with its refused rows as `{line: (code, detail)}`."""
    file = (BytesIO("\n".join(lines).encode()), "customers.csv")
    started = staff.post("/imports", data={"type": "customers", "file": file} | fields)
    assert started.status_code == 202, started.json
    while service.jobs[0].run(Stop()):
        pass
    path = f"/imports/{started.json['id']}"
    refused = staff.get(f"{path}/rejected").text.splitlines()[1:]
    return staff.get(path).json | {"refused": refused}


def values(service: Service, number: str) -> dict[str, Any]:
    found = [event.data for event in published(service.db) if event.data.get("number") == number]
    return dict(found[-1]["custom_fields"])


def test_columns_of_custom_fields_are_read_by_their_types(staff: Client, service: Service, define: Define) -> None:
    options = [{"id": "g", "label": "Gold"}, {"id": "s", "label": "Silver"}]
    define("tier", "select", options=options)
    define("vip", "boolean")
    define("fee", "money")
    define("side", default="left")
    define("serial", "auto_number", prefix="S", digits=3)
    done = run(
        staff,
        service,
        "number,name,cf.tier,CF.VIP,fees",
        "I1,One,Gold,yes,12.50 EUR",
        "I2,Two,,,",
        mapping='{"fees": "cf.fee"}',
    )
    assert done["counts"]["created"] == 2
    fee = {"amount": "12.50", "currency": "EUR"}
    assert values(service, "I1") == {"tier": "g", "vip": True, "fee": fee, "side": "left", "serial": "S001"}
    assert values(service, "I2") == {"side": "left", "serial": "S002"}
    shown = staff.get(f"/customers/{published(service.db)[-2].customer_id}").json["custom_fields"]
    assert shown["serial"] in {"S001", "S002"}
    again = run(staff, service, "number,cf.tier,cf.vip", "I1,silver,", "I2,,")
    assert (again["counts"]["updated"], again["counts"]["unchanged"]) == (1, 1)
    assert values(service, "I1")["tier"] == "s"
    changes = published(service.db, "customer.customer.updated.v1")[-1].data["changes"]
    assert [(change["path"], change["after_label"]) for change in changes] == [("cf.tier", "Silver")]


def test_rows_that_do_not_fit_are_refused_one_by_one(staff: Client, service: Service, define: Define) -> None:
    define("size", "integer", min=1)
    define("needed", required=True)
    done = run(
        staff,
        service,
        "number,name,cf.size,cf.needed,cf.unknown",
        "R1,Good,5,x,",
        "R2,Small,0,x,",
        "R3,Lacks,5,,",
        "R4,Strange,5,x,y",
    )
    assert (done["counts"]["created"], done["counts"]["invalid"]) == (1, 3)
    small, lacks, strange = done["refused"]
    assert "custom_fields_invalid" in small
    assert "cf.size: Must be at least 1." in small
    assert "cf.needed: Needed is required." in lacks
    assert "cf.unknown: There is no field unknown." in strange


def test_a_unique_value_is_for_one_row_only(staff: Client, service: Service, define: Define) -> None:
    define("badge", unique=True)
    lines = ["number,name,cf.badge", *(f"U{n},Company {n},B-{n}" for n in range(12)), "U90,Late,b-3", "U91,Late,B-11"]
    done = run(staff, service, *lines)
    assert (done["counts"]["created"], done["counts"]["invalid"]) == (12, 2)
    assert all("custom_field_value_taken" in row for row in done["refused"])
    moved = run(staff, service, "number,cf.badge", "U0,B-99", "U1,B-99", "U2,B-2")
    assert (moved["counts"]["updated"], moved["counts"]["unchanged"], moved["counts"]["invalid"]) == (1, 1, 1)
    free = staff.post("/customers", json={"name": "X", "custom_fields": {"badge": "B-0"}})
    assert free.status_code == 201, free.json


def test_a_dry_run_checks_and_numbers_nothing(staff: Client, service: Service, define: Define) -> None:
    define("case", "auto_number")
    before = len(published(service.db))
    done = run(staff, service, "number,name,cf.case", "D1,One,", "D2,Two,7", dry_run="true")
    assert (done["counts"]["created"], done["counts"]["invalid"]) == (1, 1)
    assert len(published(service.db)) == before
    assert staff.post("/customers", json={"name": "X"}).json["custom_fields"] == {"case": "00001"}


def test_a_reference_must_be_there(staff: Client, service: Service, define: Define) -> None:
    define("broker", "reference", to="customer")
    broker = staff.post("/customers", json={"name": "The Broker"}).json["id"]
    missing = "0195556a-0000-7000-8000-0000000000ff"
    done = run(staff, service, "number,name,cf.broker", f"F1,One,{broker.upper()}", f"F2,Two,{missing}", "F3,Three,x")
    assert (done["counts"]["created"], done["counts"]["invalid"]) == (1, 2)
    assert values(service, "F1") == {"broker": broker}
