"""A person of a customer that goes on is erased: no event of this service names it any more."""

from dataclasses import replace
from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import TestTokens, client_for, deliver, published
from common.testing.events import event
from common.testing.merging import Merge
from warehouse.tests.sent import Sender, ask

pytestmark = pytest.mark.postgres

NAME = "Tomasina Hlavkova"


@pytest.mark.parametrize("merged", [False, True])
def test_an_erased_account_leaves_no_name_in_the_log(
    service: Service, tokens: TestTokens, sender: Sender, switch: Any, place: Any, tell: Any, sku: str, merged: bool
) -> None:
    customer, account = new_id(), new_id()
    switch(customer, "on")
    place(customer_id=customer)
    sent = sender.send(customer, sku, 1)
    grants = {customer: ["stock.view", "orders.view", "orders.place"]}
    buyer = client_for(service, tokens.portal(grants, sub=account, name=NAME))
    wanted = ask(buyer, sent.line(1))
    assert NAME in str(published(service.db))
    if merged:
        survivor = new_id()
        tell(Merge(survivor, customer).tell("merged"))
        customer = survivor
    data = {"id": account, "customer_id": customer, "request_id": None, "erased_ids": [account], "everything": False}
    erased = event("identity.account.erased.v1", account, data, version=4, customer_id=customer)
    deliver(service, erased)
    assert NAME not in str(published(service.db))
    [asked] = [one for one in published(service.db, "warehouse.return.requested.v1") if one.subject == wanted["id"]]
    assert asked.actor == f"portal:{account}", "that somebody asked stays"


def test_an_erased_contact_is_answered_for_once(service: Service) -> None:
    contact, customer, request = new_id(), new_id(), new_id()
    data = {
        "id": contact,
        "customer_id": customer,
        "request_id": request,
        "erased_ids": [contact],
        "everything": False,
        "changes": [],
    }
    erased = event("customer.contact.erased.v1", contact, data, version=3, customer_id=customer)
    deliver(service, [erased, replace(erased, id=new_id(), data=data | {"request_id": None})])
    answers = [
        one.data for one in published(service.db, "warehouse.erasure.completed.v1") if one.customer_id == customer
    ]
    counts = dict.fromkeys(("assets", "asset_history", "asset_requests", "events", "held", "answers"), 0)
    assert answers == [{"request_id": request, "customer_id": customer, "counts": counts}]
