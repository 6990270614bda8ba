"""The operations on assets under each of the nine switches, and what becomes of open work when theirs goes off."""

from collections.abc import Callable
from threading import Event as Stop
from typing import Any

import pytest

from common.service import Service
from common.testing import Client, published
from portal_switches import KEYS
from warehouse.domain.assets import SWITCH
from warehouse.jobs.upkeep import Inventories
from warehouse.tests.inventories import Company

pytestmark = pytest.mark.postgres

Make = Callable[..., Company]
DISABLED = "warehouse.internal_inventory_disabled"
WAREHOUSE = "warehouse_enabled"


# Each operation: method, noun, the status in which its record is made (a new one for each), path, body.
OPERATIONS: dict[str, tuple[str, str, str, str, dict[str, Any]]] = {
    "list assets": ("get", "asset", "", "", {}),
    "show asset": ("get", "asset", "in_stock", "", {}),
    "history": ("get", "asset", "in_stock", "/history", {}),
    "create": ("post", "asset", "", "", {"name": "New"}),
    "create in warehouse": ("post", "asset", "", "", {"name": "New", "warehouse": "OWN"}),
    "change": ("patch", "asset", "in_stock", "", {"name": "Other"}),
    "check-out": ("post", "asset", "in_stock", "/check-out", {"location": "Room 1"}),
    "check-in": ("post", "asset", "deployed", "/check-in", {}),
    "check-in to warehouse": ("post", "asset", "deployed", "/check-in", {"warehouse": "OWN"}),
    "repair-start": ("post", "asset", "in_stock", "/repair-start", {}),
    "repair-end": ("post", "asset", "in_repair", "/repair-end", {}),
    "loss": ("post", "asset", "in_stock", "/loss", {}),
    "recovery": ("post", "asset", "lost", "/recovery", {}),
    "retirement": ("post", "asset", "in_stock", "/retirement", {"reason": "Old"}),
    "list requests": ("get", "request", "", "", {}),
    "show request": ("get", "request", "requested", "", {}),
    "request": ("post", "request", "", "", {"model": "M"}),
    "approve": ("post", "request", "requested", "/approval", {}),
    "deny": ("post", "request", "requested", "/denial", {"reason": "No"}),
    "cancel": ("post", "request", "approved", "/cancellation", {}),
}


class Case:
    """A company with a warehouse of its own, and for each operation a thing of its own to work on."""

    def __init__(self, one: Company, staff: Client) -> None:
        self.one = one
        self.records = {operation: self._made(*shape[1:3]) for operation, shape in OPERATIONS.items() if shape[2]}
        one.asset(model="M")
        self.place = own_warehouse(one, staff)

    def _made(self, noun: str, status: str) -> Any:
        if noun == "asset":
            return self.one.in_status(status)
        if status == "requested":
            return self.one.ask(model="M")
        request = self.one.ask(asset_id=self.one.asset()["id"])
        return self.one.decide_on(request, "approval")

    def run(self, operation: str) -> str:
        """What a portal user gets: the status of the thing, or the refusal."""
        method, noun, status, path, body = OPERATIONS[operation]
        given = {name: self.place if value == "OWN" else value for name, value in body.items()}
        address = {"asset": "/assets", "request": "/asset-requests"}[noun]
        if status:
            address += f"/{self.records[operation]['id']}{path}"
        elif method == "post":
            given["customer_id"] = self.one.id
        client = self.one.admin
        if method == "get":
            answer = client.get(address)
        elif method == "patch":
            answer = client.patch(address, json=given, version=self.records[operation]["version"])
        else:
            answer = client.post(address, json=given)
        if answer.status_code >= 400:
            return f"{answer.status_code} {answer.json['code']}"
        return str(answer.json.get("status", "shown"))


def own_warehouse(one: Company, staff: Client) -> str:
    """Gives a company its own warehouse; returns its code."""
    made = staff.post(f"/customers/{one.id}/warehouse", json={"code": f"OWN-{one.key}"})
    assert made.status_code == 201, made.json
    return str(made.json["warehouse"]["code"])


# What each gives while every switch is on.
USUAL = {
    **dict.fromkeys(("list assets", "history", "list requests"), "shown"),
    **dict.fromkeys(("show asset", "create", "create in warehouse", "change"), "in_stock"),
    **dict.fromkeys(("check-in", "check-in to warehouse", "repair-end", "recovery"), "in_stock"),
    "check-out": "deployed",
    "repair-start": "in_repair",
    "loss": "lost",
    "retirement": "retired",
    "show request": "requested",
    "request": "requested",
    "approve": "approved",
    "deny": "denied",
    "cancel": "cancelled",
}
# The cells of the table that differ: the module's own switch hides all of it, that of the warehouse only the warehouse.
CELLS = {
    **{(SWITCH, operation): f"404 {DISABLED}" for operation in OPERATIONS},
    **{
        (WAREHOUSE, operation): "403 warehouse.warehouse_disabled"
        for operation in ("create in warehouse", "check-in to warehouse")
    },
}
ALL_ON = dict.fromkeys(KEYS, "on")


@pytest.mark.parametrize("key", ["none", *KEYS])
def test_each_switch_off_gives_what_the_table_says(company: Make, staff: Client, key: str) -> None:
    assert set(USUAL) == set(OPERATIONS)
    one = company(**ALL_ON)
    case = Case(one, staff)
    one.decide(**ALL_ON | ({} if key == "none" else {key: "off"}))
    seen = {operation: case.run(operation) for operation in OPERATIONS}
    assert seen == {operation: CELLS.get((key, operation), usual) for operation, usual in USUAL.items()}


def follow(service: Service) -> None:
    Inventories(service.db).run(Stop())


def waiting(one: Company) -> tuple[Any, Any]:
    """A request that nobody has decided, and one that is approved."""
    approved = one.ask(asset_id=one.asset(model="M")["id"])
    return one.ask(model="M"), one.decide_on(approved, "approval")


def test_requests_wait_while_it_is_off_and_go_on_as_they_were(company: Make, service: Service, staff: Client) -> None:
    one, other = company(), company()
    requested, approved = waiting(one)
    denied, theirs = one.decide_on(one.ask(model="M"), "denial", reason="No"), other.ask(model="M")
    one.decide(internal_inventory_enabled="off")
    follow(service)
    follow(service)
    for before in (requested, approved):
        held = one.request(before)
        assert (held["status"], held["held_from"], held["version"]) == (
            "on_hold",
            before["status"],
            before["version"] + 1,
        )
        assert held["asset_id"] == before["asset_id"]
    assert one.request(denied) == denied
    assert other.request(theirs)["status"] == "requested"
    assert staff.get(f"/assets/{approved['asset_id']}").json["status"] == "reserved"
    one.decide(internal_inventory_enabled="on")
    follow(service)
    for before in (requested, approved):
        back = one.request(before)
        kept = ("status", "held_from", "asset_id", "commands")
        assert [back[name] for name in kept] == [before[name] for name in kept]
        verbs = [event.type.split(".")[2] for event in published(service.db) if event.subject == before["id"]]
        assert verbs[-2:] == ["held", "resumed"]
    one.do({"id": approved["asset_id"]}, "check-out")
    assert one.request(approved)["status"] == "fulfilled"


def test_a_held_request_is_decided_as_soon_as_the_switch_is_on(company: Make, service: Service) -> None:
    one = company()
    requested, approved = waiting(one)
    one.asset(model="M")
    one.decide(internal_inventory_enabled="off")
    follow(service)
    one.decide(internal_inventory_enabled="on")
    assert one.decide_on(requested, "approval")["status"] == "approved"
    one.do({"id": approved["asset_id"]}, "check-out")
    ended = one.request(approved)
    assert (ended["status"], ended["held_from"]) == ("fulfilled", None)


def test_staff_read_what_is_switched_off_and_change_nothing(company: Make, staff: Client) -> None:
    one = company()
    asset, request = one.asset(), one.ask(model="M")
    one.decide(internal_inventory_enabled="off")
    assert [item["id"] for item in staff.get(f"/assets?customer_id={one.id}").json["items"]] == [asset["id"]]
    assert staff.get(f"/assets/{asset['id']}/history").json["items"][0]["command"] == "create"
    assert staff.get(f"/asset-requests/{request['id']}").json["status"] == "requested"
    for path, body in (
        ("/assets", {"customer_id": one.id, "name": "X"}),
        (f"/assets/{asset['id']}/loss", {}),
        ("/asset-requests", {"customer_id": one.id, "model": "M"}),
        (f"/asset-requests/{request['id']}/denial", {"reason": "No"}),
    ):
        answer = staff.post(path, json=body)
        assert (answer.status_code, answer.json["code"], answer.json["switch"]) == (403, DISABLED, SWITCH)


def test_an_asset_lies_in_the_company_s_own_warehouse_only(company: Make, staff: Client, main: Any) -> None:
    one, other = company(**ALL_ON), company(**ALL_ON)
    place, theirs = own_warehouse(one, staff), own_warehouse(other, staff)
    own = one.asset(warehouse=place)
    assert own["warehouse_id"] is not None
    assert one.do(own, "check-out", location="Room 1")["warehouse_id"] is None
    body = {"customer_id": one.id, "name": "X"}
    for client, code, refusal in (
        (one.admin, "MAIN", (422, "warehouse.unknown")),
        (one.admin, theirs, (422, "warehouse.unknown")),
        (staff, "MAIN", (409, "warehouse.not_their_warehouse")),
        (staff, theirs, (409, "warehouse.not_their_warehouse")),
    ):
        answer = client.post("/assets", json=body | {"warehouse": code})
        assert (answer.status_code, answer.json["code"]) == refusal
