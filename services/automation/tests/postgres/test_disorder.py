"""Everything that triggers rules, each event twice and in any order, leaves the same rows as once and in order."""

from typing import Any

import pytest

from automation.domain.triggers import TRIGGERS
from automation.tests.conftest import ok
from automation.tests.told import happened, rule, task_titled
from common.envelope import Event
from common.ids import new_id
from common.service import Service
from common.testing import Client, deliver
from common.testing.disorder import differences, disordered, kept_of
from common.testing.merging import Merge

pytestmark = pytest.mark.postgres

OWN = ("ordering.order.placed.v1", "warehouse.shipment.delivered.v1", "automation.task.closed.v1")


class Story:
    """What happens to two customers, the second of which is merged into the first."""

    def __init__(self, staff: Client, switch: Any) -> None:
        self.firm, self.loser = new_id(), new_id()
        for customer_id in (self.firm, self.loser):
            switch(customer_id, "on")
        for event_type in OWN:
            own = rule("Own", event_type, task_titled("Own task"), customer_id=self.loser)
            ok(staff.post("/rules", json=own), 201)
        of_loser = [happened(one, self.loser, **self._fields(one)) for one in sorted(TRIGGERS)]
        self.events: list[Event] = [*of_loser, Merge(self.firm, self.loser).tell("merged")]

    @staticmethod
    def _fields(event_type: str) -> dict[str, Any]:
        return {"audience": "customer", "run_id": None} if event_type.startswith("automation.task") else {}

    @property
    def names(self) -> dict[str, str]:
        return {self.firm: "firm", self.loser: "loser"}


def test_twice_and_in_any_order_leaves_what_once_and_in_order_does(
    service: Service, staff: Client, switch: Any, work: Any
) -> None:
    for event_type in TRIGGERS:
        ok(staff.post("/rules", json=rule("Ours", event_type, task_titled("Our task"))), 201)
    kept = []
    for seed in (None, 1, 2, 3):
        story = Story(staff, switch)
        # What happened to a customer names it in its data too; replicas of customers are not what this is about.
        told = [one for one in story.events if not one.type.startswith("customer.customer.updated")]
        deliver(service, told if seed is None else disordered(told, seed))
        work()
        kept.append(kept_of(service.db, story.names))
    expected = kept[0]
    assert (len(expected["runs"]), len(expected["tasks"])) == (len(TRIGGERS) - 1 + len(OWN),) * 2
    for found in kept[1:]:
        assert differences(found, expected) == {}
