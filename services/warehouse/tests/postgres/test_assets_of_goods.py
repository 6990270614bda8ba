"""What is shipped by serial number becomes an asset of who gets it, and what comes back ends as one."""

from collections.abc import Callable
from typing import Any

import pytest

from common.service import Service
from common.testing import Client, published
from warehouse.tests.inventories import Company
from warehouse.tests.sent import Sender, ask, count_in, do, inspect

pytestmark = pytest.mark.postgres

Make = Callable[..., Company]


def of(company: Company) -> list[Any]:
    """Its assets, the oldest first."""
    found: list[Any] = company.staff.get(f"/assets?customer_id={company.id}").json["items"]
    return found[::-1]


def bring_back(staff: Client, sent: Any, quantity: int, *serials: str, disposition: str = "restock") -> Any:
    """Takes goods back up to their inspection."""
    record = ask(staff, sent.line(quantity, serials=list(serials)), warehouse="MAIN")
    do(staff, record, "authorization")
    count_in(staff, record, quantity, line={"serials": list(serials)})
    resolution = "credit" if disposition != "return_to_customer" else "reject"
    return inspect(staff, record, (quantity, "A", disposition, resolution))


def test_serial_numbers_become_assets_on_their_way_and_lie_ready_when_they_arrive(
    company: Make, sender: Sender, service: Service, staff: Client, sku: str
) -> None:
    one = company()
    sent = sender.send(one.id, sku, 3, serials=[f"{sku}-1", f"{sku}-2"], delivered=False)
    assets = of(one)
    assert [(asset["serial"], asset["status"], asset["sku"]) for asset in assets] == [
        (f"{sku}-1", "in_transit", sku),
        (f"{sku}-2", "in_transit", sku),
    ]
    assert assets[0]["origin"] == {
        "order_id": sent.order.id,
        "order_number": f"O-{sent.order.id[-6:]}",
        "shipment_id": sent.shipment["id"],
        "line_id": sent.order.line_id(),
    }
    assert assets[0]["purchased_on"] == sent.shipment["shipped_at"][:10]
    assert len({asset["tag"] for asset in assets}) == 2
    one.do(assets[1], "check-out", location="Room 1")
    do(staff, sent.shipment, "delivery", "shipments")
    assert [asset["status"] for asset in of(one)] == ["in_stock", "deployed"]
    told = [event for event in published(service.db) if event.subject == assets[0]["id"]]
    assert [event.type for event in told] == ["warehouse.asset.created.v1", "warehouse.asset.checked_in.v1"]


def test_goods_without_serial_numbers_and_without_the_switch_become_none(
    company: Make, sender: Sender, sku: str
) -> None:
    one, off = company(), company(internal_inventory_enabled="off")
    sender.send(one.id, sku, 2)
    sender.send(off.id, sku, 2, serials=[f"{sku}-1", f"{sku}-2"])
    assert of(one) == of(off) == []


def test_what_is_an_asset_already_is_only_told_what_it_came_with(company: Make, sender: Sender, sku: str) -> None:
    one = company()
    by_hand = one.asset(name="Noted before it came", serial=f"{sku}-X".lower(), custodian={"label": "Reception"})
    sent = sender.send(one.id, sku, 2, serials=[f"{sku}-X", f"{sku}-Y"])
    first, second = of(one)
    assert (first["id"], first["name"], first["status"]) == (by_hand["id"], "Noted before it came", "deployed")
    assert (first["origin"]["shipment_id"], first["sku"]) == (sent.shipment["id"], sku)
    assert second["serial"] == f"{sku}-Y"


@pytest.mark.parametrize("switched", ["on", "off"])
def test_what_came_back_is_no_asset_any_more_and_after_a_resale_another_s(
    company: Make, sender: Sender, staff: Client, sku: str, switched: str
) -> None:
    one, other = company(), company()
    serial = f"{sku}-1"
    sent = sender.send(one.id, sku, 1, serials=[serial])
    [asset] = of(one)
    one.do(asset, "check-out", custodian={"label": "Reception"})
    one.decide(internal_inventory_enabled=switched)
    record = bring_back(staff, sent, 1, serial)
    [gone] = of(one)
    assert (gone["status"], gone["reason"], gone["custodian"]) == ("retired", "returned", None)
    assert gone["retired_at"] is not None
    do(staff, record, "closure")
    again = sender.send_again(other.id, sku, 1, serials=[serial])
    [theirs] = of(other)
    assert (theirs["serial"], theirs["status"]) == (serial, "in_stock")
    assert theirs["origin"]["shipment_id"] == again.shipment["id"]
    assert of(one) == [gone]


def test_what_goes_back_to_the_customer_stays_its_asset(company: Make, sender: Sender, staff: Client, sku: str) -> None:
    one = company()
    sent = sender.send(one.id, sku, 1, serials=[f"{sku}-1"])
    bring_back(staff, sent, 1, f"{sku}-1", disposition="return_to_customer")
    assert [asset["status"] for asset in of(one)] == ["in_stock"]


def test_only_the_serial_numbers_that_came_are_gone(company: Make, sender: Sender, staff: Client, sku: str) -> None:
    one = company()
    sent = sender.send(one.id, sku, 3, serials=[f"{sku}-{number}" for number in range(3)])
    bring_back(staff, sent, 1, f"{sku}-1")
    assert [asset["status"] for asset in of(one)] == ["in_stock", "retired", "in_stock"]


def test_a_request_to_which_a_returned_asset_was_promised_is_denied(
    company: Make, sender: Sender, staff: Client, sku: str
) -> None:
    one = company()
    sent = sender.send(one.id, sku, 1, serials=[f"{sku}-1"])
    request = one.ask(sku=sku)
    one.decide_on(request, "approval")
    bring_back(staff, sent, 1, f"{sku}-1")
    denied = one.request(request)
    assert (denied["status"], denied["reason"], denied["asset_id"]) == ("denied", "returned", None)
    assert [asset["status"] for asset in of(one)] == ["retired"]
