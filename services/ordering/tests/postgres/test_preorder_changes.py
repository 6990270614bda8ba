"""The row "change quantity / date of an open pre-order" of the table 2.2: each switch turned off while one is open, and
what may then be changed of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver
from ordering.tests.conftest import BUYER
from ordering.tests.ordered import change_listing, company, do, draft, listing, read, reservation, switch
from portal_switches import KEYS

pytestmark = pytest.mark.postgres

ALL_ON = dict.fromkeys(KEYS, "on")

CHANGES: dict[str, dict[str, Any]] = {
    "more": {"quantity": 6},
    "less": {"quantity": 2},
    "given up": {"quantity": 0},
    "date": {"requested_on": "2031-05-01"},
}
# Every other cell has no effect. Pre-orders need the warehouse switch too.
CELLS = {
    ("order_authorization", "more"): "ordering.order_authorization_disabled",
    ("allow_preorders", "more"): "ordering.preorders_disabled",
    ("warehouse_enabled", "more"): "ordering.preorders_disabled",
}


def ahead(service: Service, **fields: Any) -> str:
    """A listing whose goods come in ninety days."""
    return listing(service, preorderable=True, available_from=datetime.now(UTC).date() + timedelta(days=90), **fields)


@pytest.mark.parametrize("status", ["pending_confirmation", "confirmed"])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("key", [None, *KEYS])
def test_a_switch_decides_about_more_of_a_pre_order_and_about_nothing_else(
    service: Service, staff: Client, tokens: TestTokens, key: str | None, change: str, status: str
) -> None:
    who = company(service, **(ALL_ON | {"auto_confirm_orders": "on" if status == "confirmed" else "off"}))
    buyer = client_for(service, tokens.portal({who: BUYER}))
    order = do(buyer, draft(buyer, who, (ahead(service), 4)), "submission")
    deliver(service, reservation("made", order, 1, {"backordered": 4}))
    order = read(buyer, order)
    assert (order["status"], order["lines"][0]["supply_mode"]) == (status, "preorder")
    if key is not None:
        switch(service, who, 2, **(ALL_ON | {key: "off"}))
    line = {"line_id": order["lines"][0]["id"]} | CHANGES[change]
    answer = buyer.post(f"/orders/{order['id']}/revisions", json={"lines": [line]})
    refused = CELLS.get((key or "", change))
    if refused:
        assert (answer.status_code, answer.json["code"]) == (403, refused)
        assert read(buyer, order)["version"] == order["version"]
        return
    assert answer.status_code == 200, answer.text
    [after, *_] = answer.json["lines"]
    wants = after["quantity"] - after["quantity_cancelled"] - after["quantity_cancelling"]
    assert wants == CHANGES[change].get("quantity", 4)
    assert after["requested_on"] == CHANGES[change].get("requested_on")
    assert answer.json["revision"] == order["revision"] + 1


def test_pre_orders_that_are_closed_or_withdrawn_take_no_more(
    service: Service, tokens: TestTokens, staff: Client
) -> None:
    who = company(service, **ALL_ON)
    buyer = client_for(service, tokens.portal({who: BUYER}))
    one = ahead(service)
    order = do(buyer, draft(buyer, who, (one, 4)), "submission")
    lines = [{"line_id": order["lines"][0]["id"], "quantity": 5}]
    change_listing(service, one, preorder_until=datetime.now(UTC).date() - timedelta(days=1))
    refused = do(buyer, order, "revisions", 422, lines=lines)
    assert (refused["code"], refused["errors"][0]["code"]) == ("ordering.lines_unavailable", "preorders_closed")
    change_listing(service, one, preorder_until=None, status="retired")
    refused = do(buyer, order, "revisions", 422, lines=lines)
    assert (refused["code"], refused["errors"][0]["code"]) == ("ordering.lines_unavailable", "unavailable")
