"""Returns on a real database: never more than was shipped, whoever asks at once; serial numbers leave again; the ledger
equals the balances."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.service import Service
from common.testing import Client, TestTokens
from common.testing.figures import Figure
from warehouse.tests.parallel import in_parallel
from warehouse.tests.sent import Sender, ask, count_in, do, inspect
from warehouse.tests.told import Order

pytestmark = pytest.mark.postgres


def test_of_40_parallel_returns_of_5_shipped_pieces_exactly_5_are_taken(
    sender: Sender, service: Service, tokens: TestTokens, sku: str, customer_id: str, rows: Any, figure: Figure
) -> None:
    sent = sender.send(customer_id, sku, 5)
    answers = in_parallel(
        service, tokens, 40, lambda client, _: client.post("/returns", json={"lines": [sent.line(1)]})
    )
    taken = [answer for answer in answers if answer.status_code == 201]
    refused = {(answer.status_code, answer.json["code"]) for answer in answers if answer.status_code != 201}
    assert (len(taken), refused) == (5, {(409, "warehouse.return_exceeds_shipped")})
    assert rows("SELECT claimed, shipped FROM return_claims WHERE line_id = :id", id=sent.order.line_id()) == [
        {"claimed": 5, "shipped": 5}
    ]
    figure("40 parallel returns of 5 shipped", f"{len(taken)} taken, {len(answers) - len(taken)} refused")


def test_parallel_returns_of_several_lines_do_not_wait_for_each_other_in_a_circle(
    sender: Sender, service: Service, tokens: TestTokens, sku: str, customer_id: str
) -> None:
    sent = [sender.send(customer_id, f"{sku}-{number}", 20) for number in range(4)]

    def request(client: Client, number: int) -> int:
        lines = [one.line(1) for one in sent]
        return client.post("/returns", json={"lines": lines if number % 2 else lines[::-1]}).status_code

    assert in_parallel(service, tokens, 24, request).count(201) == 20


def test_the_database_itself_refuses_more_than_was_shipped(
    sender: Sender, staff: Client, service: Service, sku: str, customer_id: str
) -> None:
    sent = sender.send(customer_id, sku, 2)
    ask(staff, sent.line(2))
    more = text("UPDATE return_claims SET claimed = claimed + 1 WHERE line_id = :id")
    with pytest.raises(DBAPIError, match="return_claims_shipped"):
        service.db.run(lambda session: session.execute(more, {"id": sent.order.line_id()}))


def test_one_return_is_inspected_once_though_two_do_so_at_once(
    sender: Sender, service: Service, staff: Client, tokens: TestTokens, sku: str, customer_id: str, stock: Any
) -> None:
    made = ask(staff, sender.send(customer_id, sku, 3).line(3))
    do(staff, made, "authorization")
    count_in(staff, made, 3)
    outcome = {"quantity": 3, "condition": "A", "disposition": "restock", "resolution": "credit"}
    body = {"lines": [{"return_line_id": made["lines"][0]["id"], "outcomes": [outcome]}]}
    answers = in_parallel(
        service, tokens, 8, lambda client, _: client.post(f"/returns/{made['id']}/inspection", json=body).status_code
    )
    assert sorted(answers) == [200, *[409] * 7]
    assert stock(sku) == (3, 0, 0)


def test_a_serial_number_comes_back_and_is_sold_again_and_comes_back_again(
    sender: Sender, staff: Client, sku: str, customer_id: str, other_id: str, stock: Any, tell: Any
) -> None:
    first = sender.send(customer_id, sku, 1, serials=["SN-1"])
    wrong = staff.post("/returns", json={"lines": [first.line(1, serials=["SN-2"])]})
    assert (wrong.status_code, wrong.json["code"]) == (422, "warehouse.serial_unknown")
    made = ask(staff, first.line(1, serials=["SN-1"]))
    do(staff, made, "authorization")
    count_in(staff, made, 1, line={"serials": ["SN-1"]})
    inspect(staff, made, (1, "A", "restock", "credit"))
    assert stock(sku) == (1, 0, 0)
    do(staff, made, "closure")
    second = sender.send_again(other_id, sku, 1, serials=["SN-1"])
    again = ask(staff, second.line(1, serials=["SN-1"]))
    assert again["customer_id"] == other_id
    do(staff, again, "authorization")
    count_in(staff, again, 1, line={"serials": ["SN-1"]})
    inspect(staff, again, (1, "A", "restock", "credit"))
    do(staff, again, "closure")
    # It belongs to nobody now: each of both has returned it once, and it may leave a third time.
    for sent in (first, second):
        answer = staff.post("/returns", json={"lines": [sent.line(1, serials=["SN-1"])]})
        assert (answer.status_code, answer.json["code"]) == (409, "warehouse.return_exceeds_shipped")
    assert stock(sku) == (1, 0, 0)
    third = sender.send_again(customer_id, sku, 1, serials=["SN-1"])
    assert ask(staff, third.line(1, serials=["SN-1"]))["customer_id"] == customer_id
    twice = staff.post("/returns", json={"lines": [first.line(1, serials=["SN-1"])]})
    assert (twice.status_code, twice.json["code"]) == (409, "warehouse.return_exceeds_shipped")


def test_a_serial_number_that_is_out_does_not_leave_again(
    sender: Sender, staff: Client, sku: str, customer_id: str, tell: Any, receive: Any
) -> None:
    sent = sender.send(customer_id, sku, 1, serials=["SN-9"])
    receive(sku, 1)
    order = Order(customer_id, [(sku, 1)])
    tell(order.tell("placed"), order.tell("confirmed"))
    line = {"line_id": order.line_id(), "quantity": 1, "serials": ["SN-9"]}
    planned = staff.post("/shipments", json={"order_id": order.id, "lines": [line]}).json
    answer = staff.post(f"/shipments/{planned['id']}/dispatch", json={})
    assert (answer.status_code, answer.json["code"], answer.json["serials"]) == (
        409,
        "warehouse.serial_out",
        ["SN-9"],
    )
    made = ask(staff, sent.line(1, serials=["SN-9"]))
    do(staff, made, "authorization")
    count_in(staff, made, 1)
    inspect(staff, made, (1, "A", "restock", "credit"))
    do(staff, made, "closure")
    assert staff.post(f"/shipments/{planned['id']}/dispatch", json={}).status_code == 200


def test_the_same_serial_number_is_in_one_return(sender: Sender, staff: Client, sku: str, customer_id: str) -> None:
    sent = sender.send(customer_id, sku, 2, serials=["A-1", "A-2"])
    ask(staff, sent.line(1, serials=["A-1"]))
    answer = staff.post("/returns", json={"lines": [sent.line(1, serials=["A-1"])]})
    assert (answer.status_code, answer.json["code"]) == (409, "warehouse.serial_returned")
    ask(staff, sent.line(1, serials=["A-2"]))


def test_returned_goods_go_to_who_waits_for_them(
    sender: Sender, staff: Client, sku: str, customer_id: str, tell: Any, promised: Any
) -> None:
    sent = sender.send(customer_id, sku, 2)
    waiting = Order(customer_id, [(sku, 2)], backorder=True)
    tell(waiting.tell("placed"), waiting.tell("confirmed"))
    made = ask(staff, sent.line(2))
    do(staff, made, "authorization")
    count_in(staff, made, 2)
    assert promised(waiting.id)["lines"][0]["backordered"] == 2
    inspect(staff, made, (2, "A", "restock", "credit"))
    assert promised(waiting.id)["lines"][0]["allocated"] == 2


def test_returned_goods_bring_back_what_they_cost(
    sender: Sender, staff: Client, sku: str, customer_id: str, receive: Any
) -> None:
    made = ask(staff, sender.send(customer_id, sku, 2).line(2))
    receive(sku, 2, unit_cost={"amount": "4.50", "currency": "EUR"})
    do(staff, made, "authorization")
    count_in(staff, made, 2)
    inspect(staff, made, (2, "A", "restock", "credit"))
    [item] = staff.get(f"/stock?sku={sku}").json["items"]
    assert (item["on_hand"], item["average_cost"]) == (4, {"amount": "3.50", "currency": "EUR"})
