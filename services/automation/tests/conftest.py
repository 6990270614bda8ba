"""What the suites of this service share: the service over a fresh database, callers, customers, and waiting runs."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from threading import Event as Stop
from typing import Any

import pytest
from sqlalchemy import text

from automation.bootstrap import build
from automation.jobs.upkeep import Runs
from automation.settings import Settings
from common.envelope import Event
from common.ids import new_id
from common.service import Service
from common.testing import Client, TestDatabase, TestTokens, client_for, deliver, published
from common.testing.clock import FixedClock
from common.testing.events import event

EVERYTHING = ("automation.view", "automation.edit", "tasks.view", "tasks.edit")

_numbers = count(1)


@pytest.fixture(scope="module")
def service(service_database: Callable[[str], TestDatabase], tokens: TestTokens) -> Iterator[Service]:
    url = service_database("automation").app_url
    made = build(Settings(database_url=url, identity_public_key=tokens.public_key), clock=FixedClock())
    yield made
    made.db.dispose()


@pytest.fixture
def clock(service: Service) -> FixedClock:
    """The clock of the service."""
    return service.db._publisher.clock


@pytest.fixture
def staff(service: Service, tokens: TestTokens) -> Client:
    """Somebody who may do everything here."""
    return client_for(service, tokens.staff(EVERYTHING))


@pytest.fixture
def switch(service: Service) -> Callable[..., None]:
    """Makes a customer known and decides its switch `automation_enabled`, and others where they are named."""

    def decide(customer_id: str, value: str, **others: str) -> None:
        version = next(_numbers)
        customer = {"number": "K1", "name": "Alderwick", "status": "active", "parent_id": None, "group_id": None}
        scope = {"scope": "customer", "values": {"automation_enabled": value, **others}, "locks": [], "licence": None}
        with service.db.transaction() as session:
            for made, data in (
                ("customer.customer.created.v1", {"id": customer_id} | customer),
                ("portal-settings.scope.changed.v1", scope),
            ):
                service.handlers[made](session, event(made, customer_id, data, version=version))

    return decide


@pytest.fixture
def customer_id(switch: Callable[..., None]) -> str:
    """A customer whose own rules run."""
    made = new_id()
    switch(made, "on")
    return made


@pytest.fixture
def admin(service: Service, tokens: TestTokens, customer_id: str) -> Client:
    """Who administers that customer in the portal."""
    return client_for(service, tokens.portal({customer_id: EVERYTHING}))


@pytest.fixture
def tell(service: Service) -> Callable[..., None]:
    """Hands events to the service, each in a transaction of its own."""

    def give(*events: Event) -> None:
        deliver(service, events)

    return give


@pytest.fixture
def work(service: Service) -> Callable[[], None]:
    """Carries out the runs that wait."""
    runs = Runs(service.db)

    def carry_out() -> None:
        while runs.run(Stop()):
            pass

    return carry_out


@pytest.fixture
def settle(service: Service, work: Callable[[], None]) -> Callable[[], int]:
    """Carries out runs, and hands what they caused back to the service, until nothing happens any more; returns how
    often. What was told before is not handed again."""
    heard = {one.id for one in published(service.db)}

    def go() -> int:
        for turn in range(50):
            work()
            new = [one for one in published(service.db) if one.id not in heard]
            heard.update(one.id for one in new)
            if not new:
                return turn
            deliver(service, [one for one in new if one.type in service.handlers])
        raise AssertionError("rules answer each other without an end")

    return go


@pytest.fixture
def rows(service: Service) -> Callable[..., Sequence[Any]]:
    """Reads the database."""

    def read(statement: str, **values: Any) -> Sequence[Any]:
        with service.db.transaction() as session:
            return session.execute(text(statement), values).mappings().all()

    return read


def ok(answer: Any, status: int = 200) -> Any:
    """The body of an answer that has this status."""
    assert answer.status_code == status, answer.text
    return answer.json


@pytest.fixture
def make() -> Callable[..., Any]:
    """Makes a rule."""
    return lambda client, body: ok(client.post("/rules", json=body), 201)


@pytest.fixture
def tasks_of(staff: Client) -> Callable[[str], list[str]]:
    """The titles of a customer's tasks, the oldest first."""

    def look(customer_id: str) -> list[str]:
        items = ok(staff.get(f"/automation/tasks?customer_id={customer_id}&limit=200"))["items"]
        return [item["title"] for item in reversed(items)]

    return look


@pytest.fixture
def runs_of(staff: Client) -> Callable[[str], list[Any]]:
    """The runs about a customer, the oldest first."""

    def look(customer_id: str) -> list[Any]:
        return list(reversed(ok(staff.get(f"/runs?customer_id={customer_id}&limit=200"))["items"]))

    return look


@pytest.fixture(autouse=True)
def no_rule_of_another_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """Rules of the provider answer for every customer, so none outlives its test."""
    yield
    if "service" in request.fixturenames:
        with request.getfixturevalue("service").db.transaction() as session:
            session.execute(text("DELETE FROM automation_rules"))
