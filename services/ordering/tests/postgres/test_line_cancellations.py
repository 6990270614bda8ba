"""Lines that are given up: at once where nobody else has a part in them, else as the warehouse answers."""

from typing import Any

import pytest

from common.service import Service
from common.testing import Client, deliver, published
from ordering.tests import companies
from ordering.tests.ordered import Order, company, confirmed, dispatched, do, draft, listing, read, reservation
from ordering.tests.postgres.test_gates import used

pytestmark = pytest.mark.postgres


def give_up(client: Client, order: Order, *lines: tuple[int, int], status: int = 200) -> Order:
    named = [{"line_id": order["lines"][place]["id"], "quantity": many} for place, many in lines]
    return do(client, order, "line-cancellations", status, lines=named, reason="Fewer guests")


def quantities(order: Order) -> list[tuple[Any, ...]]:
    names = ("allocated", "shipped", "cancelled", "cancelling")
    return [tuple(line[f"quantity_{name}"] for name in names) for line in order["lines"]]


def test_goods_wait_for_the_warehouse_and_services_are_given_up_at_once(service: Service, staff: Client) -> None:
    who = company(service)
    limit = companies.limit(service, who, amount_minor=100_000)
    order = confirmed(service, staff, who, (listing(service), 10), (listing(service, kind="service"), 4))
    deliver(service, reservation("allocated", order, 2))
    assert used(service, limit) == 14_000
    asked = give_up(staff, order, (0, 6), (1, 1))
    assert quantities(asked) == [(10, 0, 0, 6), (0, 0, 1, 0)]
    assert used(service, limit) == 13_000, "limits get back what is given up, not what is asked"
    deliver(service, reservation("allocated", asked, 3, {"allocated": 4}, order_version=order["version"]))
    assert quantities(read(staff, order))[0] == (4, 0, 0, 6), "an answer that has not seen the question decides nothing"
    answer = reservation("allocated", asked, 4, {"allocated": 4})
    answer.data["lines"][0]["quantity"] = 4
    deliver(service, [answer, answer])
    now = read(staff, order)
    assert (quantities(now), used(service, limit)) == ([(4, 0, 6, 0), (0, 0, 1, 0)], 7_000)
    [told] = published(service.db, "ordering.order.lines_cancelled.v1")[-1:]
    assert told.data["lines"][0]["quantity_cancelling"] == 6
    assert (told.data["asked_version"], told.data["keep_planned"], told.data["reason"]) == (
        asked["version"],
        False,
        "Fewer guests",
    )


def test_what_the_warehouse_could_not_let_go_of_stays_ordered(service: Service, staff: Client) -> None:
    order = confirmed(service, staff, company(service), (listing(service), 10))
    deliver(service, reservation("allocated", order, 2))
    asked = give_up(staff, order, (0, 6))
    answer = reservation("allocated", asked, 3, {"allocated": 0, "shipped": 7}, state="consumed")
    answer.data["lines"][0]["quantity"] = 7
    deliver(service, [dispatched(order, 7), answer])
    ended = read(staff, order)
    assert (ended["status"], quantities(ended)) == ("completed", [(0, 7, 3, 0)])


def test_before_the_confirmation_lines_are_given_up_at_once_and_stock_is_asked_anew(
    service: Service, staff: Client
) -> None:
    who = company(service)
    limit = companies.limit(service, who, amount_minor=100_000)
    order = do(staff, draft(staff, who, (listing(service), 10), (listing(service), 1)), "submission")
    deliver(service, reservation("made", order, 1))
    less = give_up(staff, order, (0, 3), (1, 1))
    assert (quantities(less), used(service, limit)) == ([(0, 0, 3, 0), (0, 0, 1, 0)], 7_000)
    assert do(staff, less, "confirmation", 409)["code"] == "ordering.availability_unknown"
    deliver(service, reservation("made", less, 2))
    assert do(staff, less, "confirmation", 409, revision=order["revision"])["code"] == "ordering.revision_changed"
    assert do(staff, less, "confirmation", revision=less["revision"])["status"] == "confirmed"
    other = do(staff, draft(staff, who, (listing(service), 2)), "submission")
    assert (give_up(staff, other, (0, 2))["status"], used(service, limit)) == ("cancelled", 7_000)


@pytest.mark.parametrize("status", ["draft", "cancelled"])
def test_only_what_was_submitted_and_is_open_has_lines_to_give_up(service: Service, staff: Client, status: str) -> None:
    order = draft(staff, company(service), (listing(service), 2))
    if status == "cancelled":
        do(staff, order, "cancellation", reason="x")
    assert give_up(staff, order, (0, 1), status=409)["code"] == "ordering.order_status"


def test_a_stranger_finds_no_lines_to_give_up(service: Service, staff: Client, stranger: Client) -> None:
    order = confirmed(service, staff, company(service), (listing(service), 10))
    assert give_up(stranger, order, (0, 1), status=404)["code"] == "ordering.order_not_found"


def test_a_line_that_is_named_twice_or_is_another_order_s_is_refused(service: Service, staff: Client) -> None:
    order = confirmed(service, staff, company(service), (listing(service), 10))
    assert give_up(staff, order, (0, 1), (0, 1), status=422)["code"] == "ordering.line_unsuitable"
    other = confirmed(service, staff, company(service), (listing(service), 10))
    lines = [{"line_id": other["lines"][0]["id"]}]
    refused = do(staff, order, "line-cancellations", 422, lines=lines, reason="x")
    assert refused["errors"][0]["pointer"] == "/lines/0/line_id"
