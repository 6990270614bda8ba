"""A customer's account before any invoice: in the document of staff who may see it, and what was decided in its
timeline."""

from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for
from overview.tests import events
from overview.tests.delivery import deliver
from overview.tests.told import told


@pytest.fixture
def customer(service: Service) -> str:
    id_ = new_id()
    deliver(service, events.customer(id_, name="Alder"))
    parked = {"count": 3, "sums": [{"amount": "30.00", "currency": "EUR"}]}
    deliver(service, told("billing.charges.recorded.v1", id_, id_, 1, parked=parked, parked_since="2026-01-15"))
    deliver(service, told("billing.charges.decided.v1", id_, id_, 2))
    return id_


def overview(client: Client, customer: str) -> Any:
    return client.get(f"/customers/{customer}/overview").json


def test_the_document_shows_what_is_parked_and_what_was_decided_last(
    service: Service, tokens: TestTokens, customer: str
) -> None:
    clerk = client_for(service, tokens.staff(["customers.view", "billing.view"]))
    [account] = overview(clerk, customer)["billing"]
    assert account["parked"] == {"count": 1, "sums": [{"amount": "10.00", "currency": "EUR"}]}
    assert (account["billable"]["count"], account["last_decision"]["decision"]) == (5, "bill")
    entries = clerk.get(f"/customers/{customer}/timeline?kind=charges").json["items"]
    assert [(one["verb"], one["text"]) for one in entries] == [
        ("decided", "Billed what was parked from 2026-02-01 on: 2 charges, 183.60 EUR"),
        ("recorded", "Charged for a shipment of order O-000042: 228.60 EUR"),
    ]


def test_who_may_not_see_it_and_the_company_itself_see_nothing_of_it_here(
    service: Service, tokens: TestTokens, customer: str
) -> None:
    deliver(service, events.scope("customer", customer, values={"billing_enabled": "on"}))
    for token in (tokens.staff(["customers.view"]), tokens.portal({customer: ["customers.view", "billing.view"]})):
        client = client_for(service, token)
        found = overview(client, customer)
        assert (found["billing"], found["hidden_because"]["billing"]) == (None, "missing_permission")
        assert "183.60" not in client.get(f"/customers/{customer}/timeline").text
