"""An order whose reservation ended while it waited: stock is asked anew before it goes on."""

import pytest

from common.service import Service
from common.testing import Client, TestTokens, deliver, published
from ordering.tests.ordered import do, listing, read, reservation, switch
from ordering.tests.postgres.test_gates import Governed

pytestmark = pytest.mark.postgres


@pytest.fixture
def governed(service: Service, tokens: TestTokens) -> Governed:
    return Governed(service, tokens)


@pytest.mark.parametrize(("there", "end"), [(2, "confirmed"), (1, "rejected")], ids=["all is there", "one is gone"])
def test_an_order_that_is_approved_after_its_reservation_expired_settles_on_a_new_answer(
    service: Service, staff: Client, governed: Governed, there: int, end: str
) -> None:
    order = governed.placed((listing(service), 2))
    deliver(service, [reservation("made", order, 1), reservation("expired", order, 2)])
    governed.decide(order, "approve")
    waiting = read(staff, order)
    assert waiting["status"] == "pending_confirmation"
    [told] = [one for one in published(service.db, "ordering.order.approved.v1") if one.subject == order["id"]]
    assert told.data["asked_version"] == told.version
    deliver(service, reservation("expired", order, 3))
    assert read(staff, order)["status"] == "pending_confirmation", "an answer to what was asked before decides nothing"
    deliver(service, reservation("made", waiting, 4, {"reserved": there}))
    ended = read(staff, order)
    assert (ended["status"], ended["reason"]) == (end, "out_of_stock" if end == "rejected" else None)


def test_an_order_that_is_released_after_its_reservation_expired_settles_on_a_new_answer(
    service: Service, staff: Client, governed: Governed
) -> None:
    order = governed.placed((listing(service), 2))
    deliver(service, reservation("made", order, 1))
    switch(service, governed.id, 2, order_authorization="off", auto_confirm_orders="on")
    governed.decide(order, "approve")
    deliver(service, reservation("expired", order, 2))
    released = do(staff, order, "hold-release")
    assert (released["status"], released["hold_reasons"]) == ("pending_confirmation", [])
    assert do(staff, order, "confirmation", 409)["code"] == "ordering.availability_unknown"
    deliver(service, reservation("made", released, 3))
    assert read(staff, order)["status"] == "confirmed"


def test_an_order_whose_reservation_stands_is_confirmed_without_asking_again(
    service: Service, staff: Client, governed: Governed
) -> None:
    order = governed.placed((listing(service), 2))
    deliver(service, reservation("made", order, 1))
    governed.decide(order, "approve")
    assert read(staff, order)["status"] == "confirmed"
