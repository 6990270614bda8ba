"""What the suites of this service share: the service over a fresh database, customers, and callers."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from billing.bootstrap import build
from billing.queries import account_drift
from billing.settings import Settings
from billing.tests import told
from common.ids import new_id
from common.service import Service
from common.testing import Client, TestDatabase, TestTokens, client_for, deliver

STAFF = ("billing.view", "billing.edit", "operations.view")


@pytest.fixture(scope="module")
def service(service_database: Callable[[str], TestDatabase], tokens: TestTokens) -> Iterator[Service]:
    url = service_database("billing").app_url
    made = build(Settings(database_url=url, identity_public_key=tokens.public_key, database_pool=20))
    yield made
    with made.db.transaction() as session:
        assert account_drift(session) == []
    made.db.dispose()


@pytest.fixture
def tell(service: Service) -> Callable[..., None]:
    """Hands events to the service, each in a transaction of its own."""
    return lambda *events: deliver(service, events)


@pytest.fixture
def company(tell: Callable[..., None]) -> Callable[..., str]:
    """Makes a customer; billing is on for it unless it is said to be off."""

    def make(billing: str = "on", **others: str) -> str:
        customer_id = new_id()
        tell(told.customer(customer_id), told.switches(customer_id, billing_enabled=billing, **others))
        return customer_id

    return make


@pytest.fixture
def staff(service: Service, tokens: TestTokens) -> Client:
    """Somebody who may see and decide."""
    return client_for(service, tokens.staff(STAFF))


@pytest.fixture
def portal_of(service: Service, tokens: TestTokens) -> Callable[[str], Client]:
    """Somebody of a customer who may see its charges."""
    return lambda customer_id: client_for(service, tokens.portal({customer_id: ["billing.view"]}))


@pytest.fixture
def charges(staff: Client) -> Callable[..., list[Any]]:
    """A customer's charges, the oldest first."""

    def look(customer_id: str, **query: str) -> list[Any]:
        answer = staff.get(f"/customers/{customer_id}/charges", query_string=query)
        assert answer.status_code == 200, answer.json
        return list(reversed(answer.json["items"]))

    return look


@pytest.fixture
def pending(staff: Client) -> Callable[[str], Any]:
    """What of a customer is parked."""

    def look(customer_id: str) -> Any:
        answer = staff.get(f"/customers/{customer_id}/pending-billing")
        assert answer.status_code == 200, answer.json
        return answer.json

    return look


@pytest.fixture
def decide(staff: Client, pending: Callable[[str], Any]) -> Callable[..., Any]:
    """Decides about what is parked now; returns the answer."""

    def do(customer_id: str, decision: str, **fields: Any) -> Any:
        body = {"decision": decision} | fields
        version = pending(customer_id)["version"]
        return staff.post(f"/customers/{customer_id}/pending-billing/decision", json=body, version=version)

    return do
