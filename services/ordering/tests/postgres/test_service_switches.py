"""Each of the nine switches off against returning and ending a service in use: the row of the rules' table 2.2. Only
`warehouse_enabled` refuses, and only the customer's own people; whatever else the table leaves empty has no effect."""

from typing import Any

import pytest

from common.service import Service
from common.testing import Client, TestTokens, client_for
from ordering.tests.conftest import BUYER
from ordering.tests.ordered import company, do, draft, listing, switch
from portal_switches import KEYS

pytestmark = pytest.mark.postgres

ALL_ON = dict.fromkeys(KEYS, "on")

USUAL = {
    "customer asks for the return": "return_requested",
    "customer tells the loss": "lost",
    "customer ends it": "staff_only",
    "staff asks for the return": "return_requested",
    "staff ends it": "ended",
}
CELLS = {("warehouse_enabled", "customer asks for the return"): "ordering.warehouse_disabled"}
PATHS = {
    "customer asks for the return": "return",
    "customer tells the loss": "loss",
    "customer ends it": "end",
    "staff asks for the return": "return",
    "staff ends it": "end",
}


def tried(client: Client, service_id: str, path: str) -> str:
    answer = client.post(f"/services/{service_id}/{path}", json={"reason": "The office closes"})
    return str(answer.json["status"] if answer.status_code == 200 else answer.json["code"])


@pytest.mark.parametrize("key", [None, *KEYS])
def test_a_switch_that_is_off_does_what_the_table_says(
    service: Service, staff: Client, tokens: TestTokens, key: str | None
) -> None:
    who = company(service, **ALL_ON)
    buyer = client_for(service, tokens.portal({who: BUYER}))
    lines = [(listing(service, 1850, kind="service"), 1) for _ in USUAL]
    order: Any = do(staff, draft(staff, who, *lines), "submission")
    do(staff, order, "provisions", lines=[{"line_id": line["id"]} for line in order["lines"]])
    in_use = staff.get(f"/customers/{who}/services").json["items"]
    assert [one["status"] for one in in_use] == ["active"] * len(USUAL)
    if key is not None:
        switch(service, who, 2, **ALL_ON | {key: "off"})
    found = {
        operation: tried(staff if operation.startswith("staff") else buyer, one["id"], PATHS[operation])
        for operation, one in zip(USUAL, in_use, strict=True)
    }
    assert found == {operation: CELLS.get((str(key), operation), usual) for operation, usual in USUAL.items()}
