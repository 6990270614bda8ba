"""Every column with a customer follows a merge, and what follows goes on for the survivor."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from automation.tests.conftest import EVERYTHING, ok
from automation.tests.told import PLACED, happened, rule
from automation.use_cases.merges import PARTS, STAYS
from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, published
from common.testing.merging import Merge, customer_columns
from customer_replica.merging import columns_of

pytestmark = pytest.mark.postgres

Rows = Callable[..., Sequence[Any]]


def test_every_column_with_a_customer_moves_or_says_why_it_stays(service: Service) -> None:
    moving = columns_of(PARTS)
    assert moving.isdisjoint(STAYS)
    assert customer_columns(service.db) == moving | set(STAYS)


def holdings(rows: Rows, customer_id: str) -> dict[str, int]:
    found = {}
    for table, column in sorted(columns_of(PARTS)):
        statement = f"SELECT count(*) AS n FROM {table} WHERE {column} = :id"  # noqa: S608  # our own names
        found[f"{table}.{column}"] = rows(statement, id=customer_id)[0]["n"]
    return found


def test_rules_runs_and_tasks_follow_and_an_undo_takes_them_back(
    service: Service, tokens: TestTokens, make: Any, tell: Any, work: Any, tasks_of: Any, switch: Any, rows: Rows
) -> None:
    survivor, loser = new_id(), new_id()
    for one in (survivor, loser):
        switch(one, "on")
    admin: Client = client_for(service, tokens.portal({loser: EVERYTHING}))
    own = make(admin, rule("Own", customer_id=loser))
    ok(admin.post("/automation/tasks", json={"title": "First", "customer_id": loser}), 201)
    tell(happened(PLACED, loser))
    before = holdings(rows, loser)
    assert min(before.values()) == 1
    merge = Merge(survivor, loser)
    tell(merge.tell("merged"))
    assert (holdings(rows, loser), holdings(rows, survivor)) == (dict.fromkeys(before, 0), before)
    # What waits is done for the survivor, and so is what comes late with the former id.
    tell(happened(PLACED, loser))
    work()
    assert (tasks_of(survivor), tasks_of(loser)) == (["First", "Own", "Own"], [])
    tell(merge.tell("unmerged"))
    assert holdings(rows, loser) == before, "what was there before the merge went back"
    told = [one for one in published(service.db) if one.subject == own["id"]]
    assert [(one.version, one.customer_id) for one in told] == [(1, loser), (2, survivor), (3, loser)]
    assert [one.data["changes"][0]["before"] for one in told[1:]] == [loser, survivor]
