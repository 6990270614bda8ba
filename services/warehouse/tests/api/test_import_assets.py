"""Files of assets: noted, changed and handed out by tag, and each reason why a row is refused."""

import json
from collections.abc import Callable
from threading import Event as Stop
from types import SimpleNamespace
from typing import Any

import pytest

from common.importing import lease
from common.importing.run import Runner
from common.service import Service
from common.testing import Client, TestTokens, client_for, published
from common.testing.importing import counts, refused_rows, run_import, start_import
from warehouse.queries import asset_export
from warehouse.tests.inventories import Company
from warehouse.use_cases.assets import store
from warehouse.use_cases.imports.kinds import IMPORTS

pytestmark = pytest.mark.postgres

Make = Callable[..., Company]
HEAD = "customer,tag,name,serial,custodian,location,warranty_until\n"


def run(staff: Client, service: Service, body: str, **fields: str) -> dict[str, Any]:
    return run_import(staff, service, body.encode(), **{"type": "assets", "mode": "upsert", **fields})


def by_tag(one: Company) -> dict[str, Any]:
    items = one.staff.get(f"/assets?customer_id={one.id}&limit=200").json["items"]
    return {item["tag"]: item for item in items}


def test_a_file_of_assets_is_taken_in_once(company: Make, staff: Client, service: Service) -> None:
    one = company()
    body = HEAD + "".join(f"{one.key},IT-{n:02d},Laptop {n},SN{n},,Room {n},2029-01-31\n" for n in range(25))
    dry = run(staff, service, body, dry_run="true")
    assert (dry["counts"], by_tag(one)) == (counts(created=25), {})
    made = run(staff, service, body)
    assert made["counts"] == counts(created=25)
    assert by_tag(one)["IT-07"] | {"serial": "SN7", "status": "in_stock", "location": "Room 7"} == by_tag(one)["IT-07"]
    told = [event for event in published(service.db, "warehouse.asset.created.v1") if event.customer_id == one.id]
    assert len(told) == 25
    again = run(staff, service, body)
    assert (again["counts"], again["last_event_id"]) == (counts(unchanged=25), None)


def test_rows_change_what_is_noted_under_their_tag_and_hand_it_out(
    company: Make, staff: Client, service: Service
) -> None:
    one = company()
    ready, out = one.asset(tag="IT-1", location="Cupboard"), one.asset(tag="IT-2", custodian={"label": "Anna"})
    body = HEAD + (
        f"{one.key},it-1,,,Bert,,2030-05-31\n{one.key},IT-2,Screen,SN-2,Anna,@clear,\n{one.key},IT-3,Desk,,Carla,,\n"
    )
    assert run(staff, service, body)["counts"] == counts(created=1, updated=2)
    assets = by_tag(one)
    first, second, third = (assets[tag] for tag in ("IT-1", "IT-2", "IT-3"))
    assert (first["id"], first["status"], first["custodian"]["label"]) == (ready["id"], "deployed", "Bert")
    assert (first["warranty_until"], first["location"]) == ("2030-05-31", "Cupboard")
    assert (second["id"], second["name"], second["serial"], second["version"]) == (out["id"], "Screen", "SN-2", 2)
    assert (third["status"], third["custodian"]["label"]) == ("deployed", "Carla")
    history = one.admin.get(f"/assets/{ready['id']}/history").json["items"]
    assert (history[0]["command"], history[0]["actor"]["type"]) == ("check_out", "import")


@pytest.mark.parametrize(("mode", "expected"), [("create", {"created": 1, "duplicate": 1}), ("update", {"updated": 1})])
def test_a_mode_does_only_what_it_says(
    company: Make, staff: Client, service: Service, mode: str, expected: dict[str, int]
) -> None:
    one = company()
    one.asset(tag="IT-1")
    body = f"{HEAD}{one.key},IT-1,Renamed,,,,\n{one.key},IT-2,New,,,,\n"
    done = run(staff, service, body, mode=mode)
    more = {} if mode == "create" else {"invalid": 1}
    assert done["counts"] == counts(**expected, **more)
    [refused] = refused_rows(staff, done["id"])
    assert refused["error_code"] == ("exists" if mode == "create" else "not_found")


def test_rows_that_do_not_fit_are_refused_with_their_reasons(company: Make, staff: Client, service: Service) -> None:
    one, off, gone = company(), company(internal_inventory_enabled="off"), company()
    gone.archive()
    one.asset(tag="IT-1", serial="SN-1")
    lost = one.in_status("lost")
    retired = one.in_status("retired")
    reserved = one.in_status("reserved")
    body = HEAD + (
        "NOBODY,IT-9,X,,,,\n"
        f"{off.key},IT-9,X,,,,\n"
        f"{gone.key},IT-9,X,,,,\n"
        f"{one.key},IT-8,X,sn-1,,,\n"
        f"{one.key},IT-7,X,SN-7,,,\n"
        f"{one.key},IT-6,X,SN-7,,,\n"
        f"{one.key},{lost['tag']},,,Bert,,\n"
        f"{one.key},{retired['tag']},Y,,,,\n"
        f"{one.key},{reserved['tag']},,,Bert,,\n"
        f"{one.key},it-7,X,,,,\n"
        f"{one.key},IT-5,,,,,\n"
        f"{one.key},IT-4,X,,,,soon\n"
    )
    done = run(staff, service, body)
    assert done["counts"] == counts(created=1, duplicate=1, invalid=10)
    assert [row["error_code"] for row in refused_rows(staff, done["id"])] == [
        *("customer_unknown", "internal_inventory_disabled", "archived", "serial_taken", "serial_taken"),
        *("asset_state", "asset_state", "promised", "duplicate_in_file", "missing", "warranty_until"),
    ]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_assets_go_on_after_a_kill_where_they_were(
    company: Make, service: Service, staff: Client, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    class Killed(BaseException):
        """Stands for the end of the process."""

    real, calls = lease.checkpoint, 0

    def dying(*arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 2 and moment == "before":
            raise Killed
        real(*arguments)
        if calls == 2:
            raise Killed

    one = company()
    body = HEAD + "".join(f"{one.key},IT-{n:02d},Laptop,,,,\n" for n in range(35))
    import_id = start_import(staff, body.encode(), type="assets", mode="upsert").json["id"]
    runner = Runner(service.db, IMPORTS, chunk_rows=10, lease_seconds=0)
    monkeypatch.setattr(lease, "checkpoint", dying)
    with pytest.raises(Killed):
        runner.run(Stop())
    monkeypatch.undo()
    assert runner.run(Stop())
    done = staff.get(f"/imports/{import_id}").json
    assert (done["state"], done["counts"]) == ("completed", counts(created=35))
    assert len(by_tag(one)) == 35


def test_what_is_exported_is_read_again_unchanged(
    company: Make, staff: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asset_export, "AT_ONCE", 2)
    one, other = company(), company()
    other.asset()
    made = [one.asset(serial=f"{one.key}-{n}", note='He said "no", =1+1', location="Rōōm") for n in range(5)]
    one.do(made[0], "check-out", custodian={"label": "Anna Keller"})
    answer = staff.get(f"/assets/export?customer_id={one.id}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert "assets.csv" in answer.headers["Content-Disposition"]
    lines = answer.text.lstrip("\ufeff").splitlines()
    assert [line.split(",")[1] for line in lines] == ["tag", *(asset["tag"] for asset in made)]
    assert one.admin.get("/assets/export").text == answer.text
    assert one.member.get("/assets/export?status=deployed").text.count("\n") == 2
    mapping = {"status": "", "order_number": ""}
    again = run(staff, service, answer.text, mapping=json.dumps(mapping))
    assert again["counts"] == counts(unchanged=5)
    one.decide(internal_inventory_enabled="off")
    hidden = one.admin.get("/assets/export")
    assert (hidden.status_code, hidden.json["code"]) == (404, "warehouse.internal_inventory_disabled")
    assert staff.get(f"/assets/export?customer_id={one.id}").text == answer.text, "staff go on to export it"


def test_who_is_faster_than_an_import_is_seen_by_it(
    company: Make, staff: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = company()
    real, tries = store.insert, 0

    def late(*arguments: Any) -> Any:
        nonlocal tries
        tries += 1
        if tries == 1:
            one.staff.post("/assets", json={"customer_id": one.id, "name": "By hand", "tag": "IT-1"})
        return real(*arguments)

    monkeypatch.setattr("warehouse.use_cases.imports.assets.store.insert", late)
    # The one by hand goes through the same door, once it is let.
    monkeypatch.setattr("warehouse.use_cases.assets.keeping.store", SimpleNamespace(**vars(store) | {"insert": real}))
    done = run(staff, service, f"{HEAD}{one.key},IT-1,From the file,,,,\n")
    assert done["counts"] == counts(updated=1)
    assert by_tag(one)["IT-1"]["name"] == "From the file"


def test_who_may_not_edit_assets_imports_none(service: Service, tokens: TestTokens) -> None:
    viewer = client_for(service, tokens.staff(["assets.view"]))
    answer = start_import(viewer, b"customer,tag,name\nK1,IT-1,X\n", type="assets")
    assert (answer.status_code, answer.json["code"]) == (403, "permission_missing")
