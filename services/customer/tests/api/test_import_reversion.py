"""Reverting an import: what it created goes, what it changed comes back, and what was touched since stays."""

from collections.abc import Callable
from io import BytesIO
from threading import Event as Stop
from typing import Any

import pytest
from sqlalchemy import text

from common.service import Service
from common.testing import Client, published
from customer.use_cases.imports.reversion import Reversions

Make = Callable[..., dict[str, Any]]


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def imported(staff: Client, service: Service) -> Callable[..., dict[str, Any]]:
    """Imports a file to its end."""

    def run(body: str, **fields: str) -> dict[str, Any]:
        form = {"type": "customers", "file": (BytesIO(body.encode()), "a.csv")} | fields
        answer = staff.post("/imports", data=form)
        assert answer.status_code == 202, answer.json
        finish(service, "imports")
        return staff.get(f"/imports/{answer.json['id']}").json

    return run


def finish(service: Service, name: str) -> None:
    job = next(job for job in service.jobs if job.name == name)
    while job.run(Stop()):
        pass


def revert(staff: Client, service: Service, done: dict[str, Any], *, dry_run: bool = False) -> dict[str, Any]:
    answer = staff.post(f"/imports/{done['id']}/reversion", json={"dry_run": dry_run})
    assert answer.status_code == 202, answer.json
    assert answer.json["reversion"]["state"] == "running"
    finish(service, "reversions")
    return staff.get(f"/imports/{done['id']}").json["reversion"]


def skipped(staff: Client, done: dict[str, Any]) -> set[tuple[str, str | None, str]]:
    items = staff.get(f"/imports/{done['id']}/reversion/skipped").json["items"]
    return {(item["entity"], item["path"], item["reason"]) for item in items}


def customer_of(service: Service, number: str) -> str | None:
    with service.db.transaction() as session:
        found = session.execute(
            text("SELECT CAST(id AS text) FROM customers WHERE number = :n"), {"n": number}
        ).scalar()
    return None if found is None else str(found)


def test_what_an_import_created_goes_and_its_numbers_are_free_again(
    staff: Client, service: Service, imported: Callable[..., dict[str, Any]]
) -> None:
    body = "number,name,contact,address,city,country,parent_number\nREV1,A,R,Kai 1,Kiel,DE,\nREV2,B,,,,,REV1\n"
    done = imported(body)
    ids = [customer_of(service, number) for number in ("REV1", "REV2")]
    dry = revert(staff, service, done, dry_run=True)
    assert dry == {"state": "completed", "dry_run": True, "reverted": 2, "skipped": 0}
    assert staff.get(f"/customers/{ids[0]}").status_code == 200
    assert revert(staff, service, done) == dry | {"dry_run": False}
    for customer_id in ids:
        assert staff.get(f"/customers/{customer_id}").status_code == 404
        events = [event for event in published(service.db) if event.customer_id == customer_id]
        assert events[-1].type == "customer.customer.deleted.v1"
    assert published(service.db, "customer.import.reverted.v1")[-1].data["counts"] == {"reverted": 2, "skipped": 0}
    assert imported(body)["counts"]["created"] == 2
    twice = staff.post(f"/imports/{done['id']}/reversion")
    assert (twice.status_code, twice.json["code"]) == (409, "customer.import_reverted")


def test_what_was_touched_since_stays_and_is_listed(
    staff: Client, service: Service, imported: Callable[..., dict[str, Any]]
) -> None:
    done = imported("number,name,contact\n" + "".join(f"TOUCH{n},A,R\n" for n in range(5)))
    ids = [str(customer_of(service, f"TOUCH{n}")) for n in range(5)]
    staff.patch(f"/customers/{ids[0]}", json={"name": "Edited"}, version=1)
    staff.post(f"/customers/{ids[1]}/contacts", json={"name": "New"})
    staff.post("/customers", json={"name": "Branch", "parent_id": ids[2]})
    found = revert(staff, service, done)
    assert (found["reverted"], found["skipped"]) == (2, 3)
    assert skipped(staff, done) == {
        ("customer", None, "was edited since"),
        ("customer", None, "has contacts that were added or edited since"),
        ("customer", None, "has branches or merged customers"),
    }
    assert [staff.get(f"/customers/{i}").status_code for i in ids] == [200, 200, 200, 404, 404]


def test_what_an_import_changed_gets_its_former_values_field_by_field(
    staff: Client, service: Service, a_customer: Make, imported: Callable[..., dict[str, Any]]
) -> None:
    group = staff.post("/customer-groups", json={"name": "Reverted"}).json
    head = a_customer()
    known = a_customer(
        name="Before",
        dba_name="Old",
        contacts=[{"name": "Ada", "title": "Buyer"}],
        addresses=[{"line1": "Kai 1", "city": "Kiel", "country": "DE"}],
        external_ids=[{"system": "crm", "id": "REV-1"}],
    )
    done = imported(
        "number,name,dba_name,group,parent_number,external_system,external_id,contact_name,contact_title,city\n"
        f"{known['number']},After,New,Reverted,{head['number']},erp,REV-9,Ada,Owner,Bonn\n"
    )
    more = imported(f"number,contact_name\n{known['number']},Ben\n", type="contacts")
    path = f"/customers/{known['id']}"
    now = staff.get(path).json
    assert (now["name"], now["group_id"], now["parent_id"]) == ("After", group["id"], head["id"])
    staff.patch(path, json={"dba_name": "By hand"}, version=now["version"])
    assert revert(staff, service, done)["reverted"] == 3
    after = staff.get(path).json
    assert (after["name"], after["dba_name"]) == ("Before", "By hand")
    assert (after["group_id"], after["parent_id"], after["external_ids"]) == (None, None, known["external_ids"])
    assert skipped(staff, done) == {("customer", "dba_name", "was edited since")}
    contacts = {each["name"]: each for each in staff.get(f"{path}/contacts").json["items"]}
    assert contacts["Ada"]["title"] == "Buyer"
    assert staff.get(f"{path}/addresses").json["items"][0]["city"] == "Kiel"
    event = [e for e in published(service.db, "customer.customer.updated.v1") if e.subject == known["id"]][-1]
    assert {change["path"] for change in event.data["changes"]} == {"name", "external_ids", "group", "parent"}
    assert event.data["batch_id"] == done["id"]
    assert set(contacts) == {"Ada", "Ben"}
    assert revert(staff, service, more)["reverted"] == 1
    assert {each["name"] for each in staff.get(f"{path}/contacts").json["items"]} == {"Ada"}


def test_a_reversion_that_is_killed_goes_on_where_it_was(
    staff: Client, service: Service, imported: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = imported("number,name\n" + "".join(f"KILL{n:02d},A\n" for n in range(25)))
    staff.post(f"/imports/{done['id']}/reversion")
    from customer.use_cases.imports import reversion

    real, calls = reversion._note, 0

    def dying(*arguments: Any, **named: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise Killed
        real(*arguments, **named)

    monkeypatch.setattr(reversion, "_note", dying)
    small = Reversions(service.db, batch=10)
    assert small.run(Stop())
    with pytest.raises(Killed):
        small.run(Stop())
    assert staff.get(f"/imports/{done['id']}").json["reversion"]["reverted"] == 10
    monkeypatch.setattr(reversion, "_note", real)
    while small.run(Stop()):
        pass
    assert staff.get(f"/imports/{done['id']}").json["reversion"]["reverted"] == 25
    gone = [e for e in published(service.db, "customer.customer.deleted.v1") if e.data["batch_id"] == done["id"]]
    assert len(gone) == len({event.subject for event in gone}) == 25


def test_a_running_import_is_not_reverted(staff: Client, service: Service) -> None:
    form = {"type": "customers", "file": (BytesIO(b"number,name\nRUN1,A\n"), "a.csv")}
    import_id = staff.post("/imports", data=form).json["id"]
    answer = staff.post(f"/imports/{import_id}/reversion")
    assert (answer.status_code, answer.json["code"]) == (409, "customer.import_unfinished")
    finish(service, "imports")
