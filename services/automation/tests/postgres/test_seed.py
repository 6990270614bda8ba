"""The first set-up."""

from typing import Any

import pytest

from automation.tests.conftest import ok
from automation.tests.told import PLACED, happened
from common.service import Service
from common.testing import Client

pytestmark = pytest.mark.postgres


def test_the_first_rules_are_there_once_and_answer(
    service: Service, staff: Client, tell: Any, work: Any, tasks_of: Any, customer_id: str
) -> None:
    assert service.seed is not None
    service.seed()
    service.seed()
    assert [one["name"] for one in ok(staff.get("/rules"))["items"]] == [
        "Large orders: look at them",
        "Claims: call the customer",
    ]
    tell(*(happened(PLACED, customer_id, total={"amount": amount, "currency": "EUR"}) for amount in ("999.99", "1000")))
    tell(happened("warehouse.claim.requested.v1", customer_id))
    work()
    assert tasks_of(customer_id) == [
        "Look at order O-000001 of Alderwick: 1000 EUR",
        "Call Alderwick about claim C-000003 (3 x P-00017)",
    ]
