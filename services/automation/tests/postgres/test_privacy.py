"""A person is erased: no row and no event of this service names it any more."""

from typing import Any

import pytest

from automation.tests.conftest import EVERYTHING, ok
from automation.tests.told import CREATED, example, rule, task_titled
from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, published
from common.testing.events import event

pytestmark = pytest.mark.postgres

NAME = "Tomasina Hlavkova"
TABLES = ("automation_rules", "runs", "tasks")


def all_of(rows: Any) -> str:
    return str([dict(row) for table in TABLES for row in rows(f"SELECT * FROM {table}")])  # noqa: S608  # our own names


def test_an_erased_account_leaves_no_name(
    service: Service, tokens: TestTokens, tell: Any, rows: Any, customer_id: str
) -> None:
    account = new_id()
    person = client_for(service, tokens.portal({customer_id: EVERYTHING}, sub=account, name=NAME))
    task = ok(person.post("/automation/tasks", json={"title": "Call", "customer_id": customer_id}), 201)
    ok(person.post(f"/automation/tasks/{task['id']}/completion"))
    assert NAME in all_of(rows)
    assert NAME in str(published(service.db))
    data = {"id": account, "customer_id": customer_id, "request_id": None, "erased_ids": [account], "everything": False}
    tell(event("identity.account.erased.v1", account, data, version=4, customer_id=customer_id))
    assert NAME not in all_of(rows)
    assert NAME not in str(published(service.db))
    assert published(service.db, CREATED)[-1].actor == f"portal:{account}", "that somebody did it stays"


def test_of_an_erased_customer_nobody_s_words_stay_and_its_rules_do_nothing_more(
    service: Service, admin: Client, staff: Client, make: Any, settle: Any, tell: Any, rows: Any, customer_id: str
) -> None:
    own = make(admin, rule("Own", CREATED, task_titled(f"Ask {NAME}", assignee=NAME), customer_id=customer_id))
    body = {"title": f"Call {NAME}", "note": NAME, "customer_id": customer_id, "audience": "customer"}
    ok(staff.post("/automation/tasks", json=body), 201)
    settle()
    erased = example("customer.customer.erased.v1") | {"id": customer_id, "erased_ids": [customer_id]}
    request = erased["request_id"]
    tell(event("customer.customer.erased.v1", customer_id, erased | {"everything": True}, version=99,
               customer_id=customer_id))  # fmt: skip
    assert NAME not in all_of(rows)
    assert NAME not in str(published(service.db))
    assert ok(staff.get(f"/rules/{own['id']}"))["enabled"] is False
    [answer] = [one.data for one in published(service.db, "automation.erasure.completed.v1")]
    assert answer["request_id"] == request
    assert [answer["counts"][table] for table in ("rules", "runs", "tasks")] == [1, 2, 2]
