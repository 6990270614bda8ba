"""The assets of a company over HTTP: who may do what, what each status allows, and what is told of it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, published
from warehouse.tests.inventories import Company, entry_of, fields_of

pytestmark = pytest.mark.postgres

ANNA = {"id": new_id(), "label": "Anna Keller"}
Make = Callable[..., Company]


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


def test_an_asset_is_noted_handed_out_and_taken_back(company: Make, service: Service) -> None:
    one = company()
    made = one.asset(name="Laptop", serial="SN-1", warranty_until="2029-01-31", location="Cupboard")
    assert (made["status"], made["tag"][:2], made["custodian"], made["origin"]) == ("in_stock", "A-", None, None)
    assert made["commands"] == ["check_out", "lose", "retire", "start_repair"]
    out = one.do(made, "check-out", custodian=ANNA)
    assert (out["status"], out["custodian"], out["location"], out["version"]) == ("deployed", ANNA, None, 2)
    back = one.do(made, "check-in", location="Cupboard")
    assert (back["status"], back["custodian"], back["location"]) == ("in_stock", None, "Cupboard")
    told = [event for event in published(service.db) if event.subject == made["id"]]
    assert [(event.type.split(".")[2], event.version) for event in told] == [
        ("created", 1),
        ("checked_out", 2),
        ("checked_in", 3),
    ]
    assert told[1].data["custodian"] == ANNA
    assert told[1].actor.startswith("portal:")
    history = one.admin.get(f"/assets/{made['id']}/history").json["items"]
    assert [entry["command"] for entry in history] == ["check_in", "check_out", "create"]
    handed = fields_of(history[1])
    assert handed["status"] == ("in_stock", "deployed")
    assert handed["custodian"] == (None, ANNA["id"])
    assert entry_of(history[1], "custodian")["after_label"] == "Anna Keller"
    assert entry_of(history[0], "custodian")["before_label"] == "Anna Keller"
    assert history[1]["actor"]["type"] == "portal"


def test_what_is_with_somebody_already_is_noted_so(company: Make) -> None:
    one = company()
    made = one.asset(name="Desk", custodian={"label": "Reception"})
    assert (made["status"], made["custodian"]) == ("deployed", {"id": None, "label": "Reception"})


def test_an_asset_changes_by_version_and_what_it_was_stays_told(company: Make) -> None:
    one = company()
    made = one.asset(name="Laptop", note="Scratched")
    path = f"/assets/{made['id']}"
    changed = one.admin.patch(path, json={"name": "Laptop 14", "note": None, "tag": "IT-7"}, version=1)
    assert (changed.status_code, changed.json["tag"], changed.json["note"]) == (200, "IT-7", None)
    assert refused(one.admin.patch(path, json={"name": "Other"}, version=1)) == (412, "warehouse.stale")
    same = one.admin.patch(path, json={"name": "Laptop 14"}, version=2)
    assert same.json["version"] == 2
    [entry, _created] = one.admin.get(f"{path}/history").json["items"]
    assert fields_of(entry) == {
        "name": ("Laptop", "Laptop 14"),
        "note": ("Scratched", None),
        "tag": (made["tag"], "IT-7"),
    }


# Each command from each status: where it leads, or None where it is refused.
COMMANDS = ("check-out", "check-in", "repair-start", "repair-end", "loss", "recovery", "retirement")
LEADS = {
    "in_stock": ("deployed", None, "in_repair", None, "lost", None, "retired"),
    "reserved": ("deployed", None, None, None, None, None, None),
    "deployed": (None, "in_stock", "in_repair", None, "lost", None, "retired"),
    "in_repair": (None, None, None, "in_stock", "lost", None, "retired"),
    "in_transit": ("deployed", "in_stock", None, None, "lost", None, "retired"),
    "lost": (None, None, None, None, None, "in_stock", "retired"),
    "retired": (None,) * 7,
}
BODIES: dict[str, Any] = {"check-out": {"location": "Room 1"}, "check-in": {}, "retirement": {"reason": "Old"}}


@pytest.mark.parametrize("status", LEADS)
def test_each_status_takes_its_commands_and_refuses_the_others(company: Make, status: str) -> None:
    one = company()
    for command, leads in zip(COMMANDS, LEADS[status], strict=True):
        asset = one.in_status(status)
        answer = one.admin.post(f"/assets/{asset['id']}/{command}", json=BODIES.get(command, {"reason": "So"}))
        if leads is None:
            assert refused(answer) == (409, "warehouse.asset_state"), command
            assert answer.json["asset_status"] == status
            assert one.read(asset) == asset
        else:
            assert (answer.status_code, answer.json["status"]) == (200, leads), command


def test_what_is_mended_goes_back_to_who_had_it(company: Make) -> None:
    one = company()
    asset = one.asset(custodian=ANNA)
    assert one.do(asset, "repair-start", reason="Display")["custodian"] == ANNA
    mended = one.do(asset, "repair-end")
    assert (mended["status"], mended["custodian"]) == ("deployed", ANNA)


def test_who_lost_it_stays_named_until_it_is_found(company: Make) -> None:
    one = company()
    asset = one.asset(custodian=ANNA)
    lost = one.do(asset, "loss", reason="On the train")
    assert (lost["custodian"], lost["reason"]) == (ANNA, "On the train")
    found = one.do(asset, "recovery")
    assert (found["status"], found["custodian"], found["reason"]) == ("in_stock", None, None)


def test_a_check_out_says_to_whom_or_where(company: Make) -> None:
    one = company()
    asset = one.asset()
    path = f"/assets/{asset['id']}/check-out"
    assert refused(one.admin.post(path, json={})) == (422, "warehouse.asset_goes_nowhere")
    assert refused(one.admin.post(path, json={"custodian": {}}))[0] == 422
    assert one.admin.post(path, json={"property_id": new_id()}).json["status"] == "deployed"


def test_tags_and_serial_numbers_are_unique_for_a_customer(company: Make) -> None:
    one, other = company(), company()
    first = one.asset(tag="IT-1", serial="SN-77")
    assert refused(one.create(tag="it-1")) == (409, "warehouse.asset_tag_taken")
    taken = one.create(serial="sn-77")
    assert (refused(taken), taken.json["serial"]) == ((409, "warehouse.asset_serial_taken"), "sn-77")
    assert other.asset(tag="IT-1", serial="SN-77")["tag"] == "IT-1"
    one.do(first, "retirement", reason="Sold")
    assert one.asset(serial="SN-77")["status"] == "in_stock"
    assert refused(one.create(tag="IT-1")) == (409, "warehouse.asset_tag_taken")
    patched = one.admin.patch(f"/assets/{one.asset()['id']}", json={"serial": "SN-77"}, version=1)
    assert refused(patched) == (409, "warehouse.asset_serial_taken")


def test_a_tag_that_is_made_passes_by_those_that_are_taken(company: Make) -> None:
    one = company()
    last = int(one.asset()["tag"][2:])
    one.asset(tag=f"A-{last + 1:06d}")
    assert one.asset()["tag"] == f"A-{last + 2:06d}"


def test_assets_are_found_page_by_page(company: Make, staff: Client) -> None:
    one = company()
    made = [one.asset(name=f"Laptop {number}", serial=f"{one.key}-{number}") for number in range(5)]
    one.do(made[0], "check-out", custodian=ANNA)
    path = f"/assets?customer_id={one.id}"
    first = staff.get(f"{path}&limit=3").json
    rest = staff.get(f"{path}&limit=3&cursor={first['next_cursor']}").json
    assert [asset["id"] for asset in first["items"] + rest["items"]] == [asset["id"] for asset in reversed(made)]
    assert rest["next_cursor"] is None

    def found(query: str) -> list[str]:
        return [asset["id"] for asset in one.admin.get(f"/assets?{query}").json["items"]]

    assert found(f"custodian_id={ANNA['id']}") == found("custodian=keller") == [made[0]["id"]]
    assert found("status=deployed") == [made[0]["id"]]
    assert found(f"q={one.key.lower()}-3") == [made[3]["id"]]
    assert found(f"q={made[2]['tag']}") == found("q=laptop 2") == [made[2]["id"]]
    assert found("q=100%25") == []


def test_who_may_look_does_not_change_and_strangers_know_nothing(
    company: Make, service: Service, tokens: TestTokens, staff: Client
) -> None:
    one, other = company(), company()
    asset = one.asset()
    path = f"/assets/{asset['id']}"
    assert one.member.get(path).json["tag"] == asset["tag"]
    assert refused(one.member.post(f"{path}/check-in", json={})) == (403, "permission_missing")
    assert refused(one.member.post("/assets", json={"customer_id": one.id, "name": "X"})) == (403, "permission_missing")
    assert refused(other.admin.get(path)) == (404, "warehouse.asset_not_found")
    assert refused(other.admin.get(f"{path}/history")) == (404, "warehouse.asset_not_found")
    assert refused(other.admin.post(f"{path}/loss", json={})) == (404, "warehouse.asset_not_found")
    foreign = other.admin.post("/assets", json={"customer_id": one.id, "name": "X"})
    assert refused(foreign) == (404, "customer.not_found")
    assert other.admin.get("/assets").json["items"] == []
    # Who keeps the inventory of one company and only looks at another's.
    both = client_for(service, tokens.portal({one.id: ["assets.view"], other.id: ["assets.view", "assets.edit"]}))
    assert refused(both.post(f"{path}/loss", json={})) == (403, "permission_missing")
    blind = client_for(service, tokens.portal({one.id: ["orders.view"], other.id: ["assets.view"]}))
    assert blind.get("/assets").json["items"] == []
    assert refused(blind.get(path)) == (403, "permission_missing")
    assert staff.post(f"{path}/loss", json={}).json["status"] == "lost"


def test_an_unknown_or_archived_customer_gets_no_assets(company: Make, staff: Client) -> None:
    one = company()
    unknown = staff.post("/assets", json={"customer_id": new_id(), "name": "X"})
    assert refused(unknown) == (404, "customer.not_found")
    one.archive()
    archived = staff.post("/assets", json={"customer_id": one.id, "name": "X"})
    assert refused(archived) == (409, "warehouse.customer_archived")


def test_history_is_never_rewritten(company: Make, service: Service) -> None:
    asset = company().asset()
    for statement in (
        "DELETE FROM asset_history WHERE asset_id = :id",
        "UPDATE asset_history SET command = 'retire' WHERE asset_id = :id",
        "UPDATE asset_history SET actor = 'system:x' WHERE asset_id = :id",
    ):
        with pytest.raises(DBAPIError, match="only ever added"), service.db.transaction() as session:
            session.execute(text(statement), {"id": asset["id"]})
