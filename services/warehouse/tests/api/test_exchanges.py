"""Goods that come back for others: what is to be sent, and when that is told."""

from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, published
from common.testing.events import event
from warehouse.tests.sent import Sender, ask, count_in, do, inspect
from warehouse.tests.told import example

pytestmark = pytest.mark.postgres


def told(service: Service, made: Any) -> list[tuple[str, int, str | None]]:
    """What each event of a return says of its first line: verb, how many are replaced, by what."""
    return [
        (one.type.split(".")[2], one.data["lines"][0]["quantity_replaced"], one.data["lines"][0]["replacement_sku"])
        for one in published(service.db)
        if one.subject == made["id"]
    ]


def test_what_an_inspection_grants_is_replaced_and_no_more(
    sender: Sender, staff: Client, sku: str, customer_id: str, service: Service, stock: Any
) -> None:
    made = ask(staff, sender.send(customer_id, sku, 5).line(4, resolution="replace", reason="defective"))
    do(staff, made, "authorization")
    count_in(staff, made, 4)
    done = inspect(
        staff, made, (2, "A", "restock", "replace"), (1, "scrap", "scrap", "replace"), (1, "B", "quarantine", "reject")
    )
    assert done["lines"][0]["quantity_replaced"] == 3
    assert stock(sku) == (2, 0, 0)
    do(staff, made, "closure")
    assert told(service, made) == [
        ("requested", 0, None),
        ("authorized", 0, None),
        ("received", 0, None),
        ("inspected", 3, None),
        ("closed", 3, None),
    ]


def test_staff_replaces_in_advance_only_what_is_to_be_replaced(
    sender: Sender, staff: Client, sku: str, customer_id: str, service: Service
) -> None:
    first, second = sender.send(customer_id, sku, 3), sender.send(customer_id, f"{sku}-2", 3)
    made = ask(staff, first.line(3, resolution="replace"), second.line(2, resolution="credit"))
    part = [{"return_line_id": line["id"], "quantity": 2} for line in made["lines"]]
    given = do(staff, made, "authorization", lines=part, replace_in_advance=True)
    assert [line["quantity_replaced"] for line in given["lines"]] == [2, 0]
    lines = [{"return_line_id": line["id"], "quantity": 2} for line in made["lines"]]
    do(staff, made, "receipt", lines=lines)
    outcome = {"quantity": 2, "condition": "A", "disposition": "restock"}
    decided = [
        {"return_line_id": line["id"], "outcomes": [outcome | {"resolution": granted}]}
        for line, granted in zip(made["lines"], ("credit", "credit"), strict=True)
    ]
    answer = staff.post(f"/returns/{made['id']}/inspection", json={"lines": decided})
    # Nobody is paid for what was replaced before.
    assert (answer.status_code, answer.json["code"]) == (422, "warehouse.return_outcome")
    decided[0]["outcomes"][0]["resolution"] = "replace"
    done = do(staff, made, "inspection", lines=decided)
    assert [line["quantity_replaced"] for line in done["lines"]] == [2, 0]
    assert [one[1] for one in told(service, made)] == [0, 2, 2, 2]


def test_other_goods_are_sent_where_they_are_offered(
    sender: Sender, staff: Client, sku: str, customer_id: str, tell: Any, service: Service
) -> None:
    listed = example("ordering.listing.published.v1") | {"id": new_id(), "sku": f"{sku}-N", "kind": "stock"}
    tell(event("ordering.listing.published.v1", listed["id"], listed))
    sent = sender.send(customer_id, sku, 2)
    for wrong in (
        {"resolution": "credit", "replacement_sku": f"{sku}-N"},
        {"resolution": "replace", "replacement_sku": "nobody-offers-this"},
    ):
        answer = staff.post("/returns", json={"lines": [sent.line(1, **wrong)]})
        assert (answer.status_code, answer.json["code"]) == (422, "warehouse.replacement_unsuitable")
        assert answer.json["errors"][0]["pointer"] == "/lines/0/replacement_sku"
    made = ask(staff, sent.line(1, resolution="replace", replacement_sku=f"{sku}-N"))
    do(staff, made, "authorization", replace_in_advance=True)
    assert told(service, made)[-1] == ("authorized", 1, f"{sku}-N")
