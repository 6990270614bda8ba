"""What this service publishes fits its schema, and it reads every example of what it consumes."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from billing.events import PUBLISHES
from billing.tests.told import CONTRACTS, Order, example, switches
from common.envelope import from_document
from common.ids import new_id
from common.service import Service
from common.testing import deliver, published
from common.testing.events import event
from common.testing.merging import Merge

pytestmark = pytest.mark.postgres

Look = Callable[..., Any]


def consumed() -> list[Any]:
    return [
        pytest.param(json.loads(path.read_text()), id=f"{event_type}-{path.stem}")
        for event_type in CONTRACTS.consumed_by("billing")
        for path in sorted((CONTRACTS.event_folder(event_type) / "examples").glob("*.json"))
    ]


def test_everything_that_is_published_is_published_and_fits_its_schema(
    service: Service, tell: Look, company: Look, decide: Look
) -> None:
    customer = company("off")
    order = Order(customer, (2, "10.00"))
    shipment = order.ship(2)
    tell(order.tell(), shipment, order.give_back(shipment, 1), switches(customer, billing_enabled="on"))
    decide(customer, "waive", reason="Goodwill towards Maria Anders")
    merge = Merge(company(), customer)
    tell(merge.tell("merged"), merge.tell("unmerged"))
    request = new_id()
    erased = example("customer.customer.erased.v1") | {"id": customer, "erased_ids": [customer], "request_id": request}
    tell(event("customer.customer.erased.v1", customer, erased, customer_id=customer, version=10_000))
    events = published(service.db)
    assert {one.type for one in events} == PUBLISHES
    for one in events:
        CONTRACTS.check(one.type, one.data)
    # The words of a decision are forgotten with the customer, in the log too; what was decided is not.
    assert "Maria Anders" not in str(events)
    [decided] = [one for one in events if one.type == "billing.charges.decided.v1"]
    assert (decided.data["decision"]["reason"], decided.data["decision"]["count"]) == ("[erased]", 2)
    [answer] = [one.data for one in events if one.type == "billing.erasure.completed.v1"]
    assert (answer["request_id"], answer["counts"]["billing_decisions"]) == (request, 1)


def test_an_erased_account_stays_as_one_without_a_name(service: Service, tell: Look, company: Look) -> None:
    customer, account = company(), new_id()
    order = Order(customer, (1, "10.00"))
    shipment = replace(order.ship(1), actor=f"portal:{account}", actor_label="Maria Anders")
    tell(order.tell(), shipment)
    assert "Maria Anders" in str(published(service.db))
    data = {"id": account, "customer_id": customer, "request_id": None, "erased_ids": [account], "everything": False}
    tell(event("identity.account.erased.v1", account, data, version=4, customer_id=customer))
    assert "Maria Anders" not in str(published(service.db))


@pytest.mark.parametrize("document", consumed())
def test_every_example_of_the_producers_is_handled(service: Service, document: dict[str, Any]) -> None:
    deliver(service, from_document(document | {"id": new_id()}))
