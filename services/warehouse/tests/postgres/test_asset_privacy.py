"""What is left of assets when a person is erased who had them, asked for them, or keeps them."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import published
from common.testing.events import event
from warehouse.tests.inventories import Company, entry_of
from warehouse.tests.told import example

pytestmark = pytest.mark.postgres

Make = Callable[..., Company]
Rows = Callable[..., Sequence[Any]]


def told_of(service: Service, one: Company) -> str:
    """All that the log holds of a company's inventory."""
    return repr([[found.data, found.actor_label] for found in published(service.db) if found.customer_id == one.id])


def stored(rows: Rows, one: Company) -> str:
    """All that the tables hold of it."""
    tables = ("assets", "asset_history", "asset_requests")
    statements = (f"SELECT * FROM {table} WHERE customer_id = :id" for table in tables)  # noqa: S608  # our own names
    return repr([rows(statement, id=one.id) for statement in statements])


def test_an_erased_contact_s_name_is_gone_from_assets_history_requests_and_log(
    company: Make, service: Service, tell: Callable[..., None], rows: Rows
) -> None:
    one = company()
    anna, bert = ({"id": new_id(), "label": name} for name in ("Anna Keller", "Bert Ohm"))
    first, second = one.asset(custodian=anna), one.asset()
    one.do(second, "check-out", custodian=anna)
    one.do(second, "check-in")
    one.do(second, "check-out", custodian=bert)
    request = one.ask(model="M", custodian=anna)
    assert "Anna Keller" in stored(rows, one)
    erasing = {"id": anna["id"], "customer_id": one.id, "request_id": new_id(), "erased_ids": [anna["id"]]}
    more = {"everything": False, "changes": []}
    tell(event("customer.contact.erased.v1", anna["id"], erasing | more, customer_id=one.id))
    assert "Anna Keller" not in stored(rows, one) + told_of(service, one)
    assert "Bert Ohm" in stored(rows, one)
    assert "Bert Ohm" in told_of(service, one)
    assert one.read(first)["custodian"] == {"id": anna["id"], "label": None}
    told = [found for found in published(service.db, "warehouse.asset.updated.v1") if found.subject == first["id"]]
    assert told[-1].data["custodian"] == {"id": anna["id"], "label": None}, "who reads the events forgets the name too"
    for found in published(service.db):
        service.contracts.check(found.type, found.data)
    assert one.request(request)["custodian"] == {"id": anna["id"], "label": None}
    history = one.admin.get(f"/assets/{second['id']}/history").json["items"]
    assert [entry["command"] for entry in history] == ["check_out", "check_in", "check_out", "create"]
    assert entry_of(history[1], "custodian")["before"] == anna["id"], "ids stay"
    answer = published(service.db, "warehouse.erasure.completed.v1")[-1].data
    assert answer["request_id"] == erasing["request_id"]
    assert {name: answer["counts"][name] for name in ("assets", "asset_history", "asset_requests")} == {
        "assets": 1,
        "asset_history": 4,
        "asset_requests": 1,
    }


def test_an_erased_account_s_name_is_gone_from_what_it_did(
    company: Make, service: Service, tell: Callable[..., None], rows: Rows
) -> None:
    one = company()
    account = new_id()
    keeper = one.person_called("Carla Voss", account)
    made = keeper.post("/assets", json={"customer_id": one.id, "name": "Laptop"}).json
    asked = keeper.post("/asset-requests", json={"customer_id": one.id, "asset_id": made["id"]}).json
    keeper.post(f"/asset-requests/{asked['id']}/approval", json={})
    assert stored(rows, one).count("Carla Voss") == 4
    erasing = {"id": account, "customer_id": one.id, "request_id": None, "erased_ids": [account], "everything": False}
    tell(event("identity.account.erased.v1", account, erasing, customer_id=one.id))
    assert "Carla Voss" not in stored(rows, one)
    assert one.request(asked)["requester"] == {"type": "portal", "id": account, "label": "[erased]"}


def test_an_erased_customer_keeps_what_it_has_and_loses_who_and_where(
    company: Make, service: Service, tell: Callable[..., None], rows: Rows
) -> None:
    one = company()
    asset = one.asset(note="Her private one", location="Lindenweg 3", custodian={"label": "Dora Ems"})
    one.do(asset, "loss", reason="Her bag was stolen")
    one.ask(model="M", note="For her son", location="Lindenweg 3")
    customer = {"number": one.key, "name": "[erased]", "status": "archived", "parent_id": None, "group_id": None}
    erased = {"id": one.id, "request_id": new_id(), "erased_ids": [one.id], "everything": True} | customer
    tell(
        event(
            "customer.customer.erased.v1",
            one.id,
            example("customer.customer.erased.v1") | erased,
            customer_id=one.id,
            version=10_000,
        )
    )
    left = stored(rows, one) + told_of(service, one)
    for part in ("Her private one", "Lindenweg", "Dora", "stolen", "her son"):
        assert part not in left
    assert one.staff.get(f"/assets/{asset['id']}").json["status"] == "lost"
