"""Claims and returns of the same goods at once: as many pass as were shipped."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.service import Service
from common.testing import Client, TestTokens
from common.testing.figures import Figure
from warehouse.tests.parallel import in_parallel
from warehouse.tests.sent import Sender, do

pytestmark = pytest.mark.postgres


def test_of_40_parallel_claims_and_returns_of_5_shipped_pieces_exactly_5_pass(
    sender: Sender, service: Service, tokens: TestTokens, sku: str, customer_id: str, rows: Any, figure: Figure
) -> None:
    sent = sender.send(customer_id, sku, 5)
    key = {"shipment_id": sent.shipment["id"], "line_id": sent.order.line_id(), "quantity": 1}

    def go(client: Client, number: int) -> int:
        if number % 2:
            return client.post("/returns", json={"lines": [sent.line(1)]}).status_code
        return client.post("/claims", json=key | {"kind": "missing", "resolution": "credit"}).status_code

    answers = in_parallel(service, tokens, 40, go)
    assert sorted(answers) == [201] * 5 + [409] * 35
    [taken] = rows("SELECT claimed FROM return_claims WHERE line_id = :id", id=sent.order.line_id())
    assert taken["claimed"] == 5
    figure("40 parallel claims and returns of 5 shipped", f"{answers.count(201)} taken, {answers.count(409)} refused")


def test_a_claim_is_decided_once_though_two_do_so_at_once(
    sender: Sender, service: Service, staff: Client, tokens: TestTokens, sku: str, customer_id: str, rows: Any
) -> None:
    sent = sender.send(customer_id, sku, 2)
    body = {"shipment_id": sent.shipment["id"], "line_id": sent.order.line_id(), "quantity": 2}
    made = staff.post("/claims", json=body | {"kind": "damaged", "resolution": "replace"}).json

    def go(client: Client, number: int) -> int:
        verb, fields = ("acceptance", {}) if number % 2 else ("denial", {"reason": "x"})
        return client.post(f"/claims/{made['id']}/{verb}", json=fields).status_code

    assert sorted(in_parallel(service, tokens, 8, go)) == [200, *[409] * 7]
    [taken] = rows("SELECT claimed FROM return_claims WHERE line_id = :id", id=sent.order.line_id())
    assert taken["claimed"] == {"accepted": 2, "denied": 0}[staff.get(f"/claims/{made['id']}").json["status"]]


def test_the_database_itself_refuses_to_accept_more_than_was_claimed(
    sender: Sender, service: Service, staff: Client, sku: str, customer_id: str
) -> None:
    sent = sender.send(customer_id, sku, 2)
    body = {"shipment_id": sent.shipment["id"], "line_id": sent.order.line_id(), "quantity": 1}
    made = staff.post("/claims", json=body | {"kind": "damaged", "resolution": "none"}).json
    do(staff, made, "acceptance", "claims")
    more = text("UPDATE claims SET quantity_accepted = 2 WHERE id = :id")
    with pytest.raises(DBAPIError, match="claims_check"):
        service.db.run(lambda session: session.execute(more, {"id": made["id"]}))
