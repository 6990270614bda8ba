"""Each of the nine switches off against what is charged and seen: the row of the rules' table 2.2 about billing, which
only its own switch changes. Whatever the table leaves empty must have no effect."""

from collections.abc import Callable
from typing import Any

import pytest

from billing.tests.told import Order, switches
from common.testing import Client
from portal_switches import KEYS

pytestmark = pytest.mark.postgres

ALL_ON = dict.fromkeys(KEYS, "on")

# What each operation answers while every switch is on.
USUAL = {
    "charge what leaves": "billable",
    "credit what comes back": "billable",
    "decide": "decided",
    "see charges": "shown",
    "see what is parked": "shown",
    "staff sees charges": "shown",
    "staff sees what is parked": "decision needed",
}
# The cells that differ.
CELLS = {
    ("billing_enabled", "charge what leaves"): "parked",
    ("billing_enabled", "credit what comes back"): "billable, suspended",
    ("billing_enabled", "decide"): "billing.billing_disabled",
    ("billing_enabled", "see charges"): "billing.section_not_found",
    ("billing_enabled", "see what is parked"): "billing.section_not_found",
    ("billing_enabled", "staff sees what is parked"): "no decision needed",
}


class Case:
    """A customer with a charge that is billable and one that is parked, about which nobody has decided."""

    def __init__(self, customer: str, staff: Client, person: Client, tell: Callable[..., None]) -> None:
        self.customer, self.staff, self.person, self.tell = customer, staff, person, tell
        self.order = Order(customer, (5, "10.00"))
        self.first = self.order.ship(2)
        tell(switches(customer, **ALL_ON), self.order.tell(), self.first)
        tell(switches(customer, **ALL_ON | {"billing_enabled": "off"}), self.order.ship(1))
        tell(switches(customer, **ALL_ON))

    def found(self) -> dict[str, str]:
        """What comes of every operation, with the decision behind what shows whether one is needed."""
        operations = sorted(USUAL, reverse=True)
        return {operation: str(getattr(self, f"_{operation.replace(' ', '_')}")()) for operation in operations}

    def _newest(self) -> str:
        newest = self.staff.get(f"/customers/{self.customer}/charges").json["items"][0]
        return newest["state"] + (", suspended" if newest["suspended"] else "")

    def _charge_what_leaves(self) -> str:
        self.tell(self.order.ship(1))
        return self._newest()

    def _credit_what_comes_back(self) -> str:
        self.tell(self.order.give_back(self.first, 1))
        return self._newest()

    def _decide(self) -> str:
        path = f"/customers/{self.customer}/pending-billing"
        version = self.staff.get(path).json["version"]
        answer = self.staff.post(f"{path}/decision", json={"decision": "bill"}, version=version)
        return "decided" if answer.status_code == 201 else answer.json["code"]

    def _see_charges(self) -> str:
        return _shown(self.person.get(f"/customers/{self.customer}/charges"))

    def _see_what_is_parked(self) -> str:
        return _shown(self.person.get(f"/customers/{self.customer}/pending-billing"))

    def _staff_sees_charges(self) -> str:
        return _shown(self.staff.get(f"/customers/{self.customer}/charges"))

    def _staff_sees_what_is_parked(self) -> str:
        answer = self.staff.get(f"/customers/{self.customer}/pending-billing")
        return "decision needed" if answer.json["decision_needed"] else "no decision needed"


def _shown(answer: Any) -> str:
    return "shown" if answer.status_code == 200 else str(answer.json["code"])


@pytest.fixture
def case(company: Any, staff: Client, portal_of: Any, tell: Any) -> Case:
    customer = company()
    return Case(customer, staff, portal_of(customer), tell)


@pytest.mark.parametrize("key", KEYS)
def test_a_switch_that_is_off_does_what_the_table_says(case: Case, key: str) -> None:
    case.tell(switches(case.customer, **ALL_ON | {key: "off"}))
    assert case.found() == {operation: CELLS.get((key, operation), usual) for operation, usual in USUAL.items()}


def test_with_every_switch_on_everything_is_as_usual(case: Case) -> None:
    assert case.found() == USUAL
