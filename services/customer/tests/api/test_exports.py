"""Everything about one customer in one file."""

import csv
import io
import zipfile
from collections.abc import Callable
from typing import Any

import orjson

from common.service import Service
from common.testing import Client, TestTokens, client_for, published

from .files import PDF, upload

Make = Callable[..., dict[str, Any]]


def opened(answer: Any) -> zipfile.ZipFile:
    assert answer.status_code == 200, answer.json
    made = zipfile.ZipFile(io.BytesIO(answer.data))
    assert made.testzip() is None
    return made


def test_an_export_holds_the_record_and_the_files(staff: Client, service: Service, a_customer: Make) -> None:
    customer = a_customer(
        number="X/1",
        contacts=[{"name": "=cmd|' /C calc'!A0", "title": "+1"}],
        addresses=[{"line1": "K", "city": "Kiel", "country": "DE"}],
    )
    path = f"/customers/{customer['id']}"
    staff.post(f"{path}/notes", json={"body": "@SUM(1+1)", "visibility": "restricted"})
    upload(staff, customer["id"], "plan.pdf", PDF, category="site_map")
    contact = customer["contacts"][0]["id"]
    upload(staff, customer["id"], "plan.pdf", PDF + b"2", category="site_map", scope_type="contact", scope_id=contact)
    gone = upload(staff, customer["id"], "gone.txt", b"gone").json
    staff.delete(f"{path}/files/{gone['id']}", version=1)
    answer = staff.post(f"{path}/export", json={"reason": "They asked"})
    made = opened(answer)
    assert 'filename="customer-X/1.zip"' in answer.headers["Content-Disposition"]
    assert orjson.loads(made.read("customer.json"))["number"] == "X/1"
    assert [each["body"] for each in orjson.loads(made.read("notes.json"))] == ["@SUM(1+1)"]
    plans = sorted(name for name in made.namelist() if name.startswith("files/"))
    assert sorted(made.read(name) for name in plans) == [PDF, PDF + b"2"]
    rows = list(csv.DictReader(io.StringIO(made.read("contacts.csv").decode("utf-8-sig"))))
    assert (rows[0]["name"], rows[0]["title"]) == ("'=cmd|' /C calc'!A0", "'+1")
    notes = list(csv.DictReader(io.StringIO(made.read("notes.csv").decode("utf-8-sig"))))
    assert notes[0]["body"] == "'@SUM(1+1)"
    assert any(entry["what"] == "timeline.json" for entry in orjson.loads(made.read("left-out.json")))
    event = published(service.db)[-1]
    assert (event.type, event.data["reason"], event.data["files"]) == ("customer.export.made.v1", "They asked", 2)
    assert answer.headers["Event-Id"] == event.id


def test_an_export_holds_only_what_the_caller_may_see(
    staff: Client, service: Service, tokens: TestTokens, a_customer: Make
) -> None:
    customer = a_customer()
    path = f"/customers/{customer['id']}"
    staff.post(f"{path}/notes", json={"body": "restricted", "visibility": "restricted"})
    upload(staff, customer["id"], "nda.pdf", PDF, category="nda")
    secret = upload(staff, customer["id"], "secret.pdf", PDF, category="site_map", audience="restricted").json
    exporter = client_for(service, tokens.staff(["customers.view", "customers.export"]))
    made = opened(exporter.post(f"{path}/export", json={"reason": "x"}))
    assert orjson.loads(made.read("notes.json")) == []
    assert orjson.loads(made.read("files.json")) == []
    assert not [name for name in made.namelist() if name.startswith("files/")]
    whole = opened(staff.post(f"{path}/export", json={"reason": "x"}))
    assert {"files/nda.pdf", "files/secret.pdf"} <= set(whole.namelist())
    assert len(staff.get(f"{path}/files/{secret['id']}/accesses").json["items"]) == 1
    without = opened(staff.post(f"{path}/export", json={"reason": "x", "files": False}))
    assert not [name for name in without.namelist() if name.startswith("files/")]


def test_an_export_needs_its_permission_and_a_reason(
    staff: Client, service: Service, tokens: TestTokens, a_customer: Make
) -> None:
    path = f"/customers/{a_customer()['id']}/export"
    viewer = client_for(service, tokens.staff(["customers.view"]))
    assert viewer.post(path, json={"reason": "x"}).json["permission"] == "customers.export"
    assert staff.post(path, json={}).status_code == 422


def test_an_archived_customer_can_be_exported(staff: Client, a_customer: Make) -> None:
    path = f"/customers/{a_customer()['id']}"
    staff.post(f"{path}/archival", json={"reason": "closed"})
    assert (
        orjson.loads(opened(staff.post(f"{path}/export", json={"reason": "x"})).read("customer.json"))["status"]
        == "archived"
    )


def test_an_export_tells_of_installed_systems_and_never_their_secrets(
    staff: Client, service: Service, tokens: TestTokens, a_customer: Make
) -> None:
    login = {"key": "login", "label": "Login", "type": "secret"}
    kind = staff.post("/system-types", json={"name": "Exported alarm", "fields": [login]}).json
    path = f"/customers/{a_customer()['id']}"
    made = staff.post(f"{path}/systems", json={"type_id": kind["id"], "name": "Alarm, north"}).json
    keeper = client_for(service, tokens.staff(["systems.view", "secrets.edit"]))
    stored = keeper.put(f"{path}/systems/{made['id']}/secrets/login", json={"value": "canary-5a1"}, version=1)
    assert stored.status_code == 200, stored.json
    about = {"scope_type": "system", "scope_id": made["id"]}
    assert staff.post(f"{path}/notes", json={"body": "Beeps at night"} | about).status_code == 201
    assert upload(staff, path.split("/")[2], "manual.pdf", PDF, category="site_map", **about).status_code == 201
    whole = opened(staff.post(f"{path}/export", json={"reason": "x"}))
    (system,) = orjson.loads(whole.read("systems.json"))
    assert (system["name"], "secrets" in system) == ("Alarm, north", False)
    assert not [name for name in whole.namelist() if b"canary" in whole.read(name)]
    exporter = client_for(service, tokens.staff(["customers.view", "customers.export"]))
    assert orjson.loads(opened(exporter.post(f"{path}/export", json={"reason": "x"})).read("systems.json")) == []
