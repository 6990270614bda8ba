"""Orders about which nobody decides are told of before they expire, and then expire."""

from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import text

from common.service import Service
from common.testing import Client, TestTokens, client_for, published
from ordering.jobs.orders import Expiry
from ordering.tests import companies
from ordering.tests.conftest import BUYER
from ordering.tests.ordered import Order, company, do, draft, listing, read
from ordering.use_cases.orders import reminders

pytestmark = pytest.mark.postgres


def aged(service: Service, order: Order, days: float) -> None:
    """The order was submitted so many days ago."""
    with service.db.transaction() as session:
        statement = text("UPDATE orders SET placed_at = now() - CAST(:ago AS interval) WHERE id = :id")
        session.execute(statement, {"ago": timedelta(days=days), "id": order["id"]})


def told(service: Service, order: Order) -> list[str]:
    found = [event for event in published(service.db) if event.subject == order["id"]]
    assert [event.version for event in found] == list(range(1, len(found) + 1))
    return [event.type.split(".")[2] for event in found][2:]


def worked(service: Service, portion: int = 50) -> int:
    return service.db.run(lambda session: reminders.remind(session, 30, 3, portion))


def test_an_order_is_told_once_in_the_days_before_it_expires(service: Service, staff: Client) -> None:
    young, old, over = (
        do(staff, draft(staff, company(service), (listing(service), 2)), "submission") for _ in range(3)
    )
    for order, days in ((young, 26.9), (old, 27.1), (over, 30.1)):
        aged(service, order, days)
    assert worked(service) == 1
    assert worked(service) == 0
    assert [told(service, order) for order in (young, old, over)] == [[], ["expiring"], []]
    [event] = [one for one in published(service.db) if one.type == "ordering.order.expiring.v1"]
    now = read(staff, old)
    assert (event.data["status"], event.data["number"]) == ("pending_confirmation", old["number"])
    assert event.data["expires_at"][:10] > now["placed_at"][:10]
    assert (now["version"], now["status"]) == (old["version"] + 1, "pending_confirmation")


def test_one_that_waits_for_its_company_is_told_too_and_one_that_is_decided_is_not(
    service: Service, staff: Client, tokens: TestTokens
) -> None:
    who = company(service)
    companies.staffed(service, who, companies.person("approver"))
    companies.rule(service, who)
    buyer = client_for(service, tokens.portal({who: BUYER}))
    waiting, gone = (do(buyer, draft(buyer, who, (listing(service), 1)), "submission") for _ in range(2))
    assert waiting["status"] == "pending_approval"
    for order in (waiting, gone):
        aged(service, order, 28)
    do(staff, gone, "cancellation", reason="x")
    worked(service)
    assert (told(service, waiting), told(service, gone)) == (["expiring"], ["cancelled"])


def test_however_many_there_are_they_are_told_in_portions(service: Service, staff: Client) -> None:
    orders = [do(staff, draft(staff, company(service), (listing(service), 1)), "submission") for _ in range(3)]
    for order in orders:
        aged(service, order, 29)
    assert [worked(service, 2), worked(service, 2), worked(service, 2)] == [2, 1, 0]


def test_the_job_tells_first_and_ends_later(service: Service, staff: Client) -> None:
    order = do(staff, draft(staff, company(service), (listing(service), 1)), "submission")
    job = Expiry(service.db, 30, 3)
    for days in (28, 31):
        aged(service, order, days)
        assert job.run(Event()) is False
    assert told(service, order) == ["expiring", "expired"]
