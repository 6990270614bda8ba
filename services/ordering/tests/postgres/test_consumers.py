"""What the events of other services do here."""

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import deliver, published
from customer_replica import customer_line, effective_switches
from ordering.tests.told import customer, switches

pytestmark = pytest.mark.postgres


def test_a_branch_has_what_its_parent_decides(service: Service) -> None:
    parent, branch, group = new_id(), new_id(), new_id()
    deliver(service, customer(parent, name="Alderwick", group_id=group))
    deliver(service, customer(branch, name="Alderwick East", parent_id=parent))
    deliver(service, switches("customer", parent, inherit_global_marketplace="on"))
    with service.db.transaction() as session:
        [own, above] = customer_line(session, branch)
        found = effective_switches(session, [branch])[branch]
    assert (own["name"], above["id"], above["group_id"]) == ("Alderwick East", parent, group)
    assert found["inherit_global_marketplace"].active
    assert not found["order_authorization"].active


def test_a_customer_that_is_erased_leaves_no_name_and_is_answered(service: Service) -> None:
    person, request = new_id(), new_id()
    deliver(service, customer(person, name="Tomasina Reyes"))
    told = {"request_id": request, "erased_ids": [person], "everything": True, "name": "[erased]"}
    deliver(service, customer(person, "erased", 2, **told))
    [answer] = published(service.db, "ordering.erasure.completed.v1")
    assert (answer.data["request_id"], answer.data["customer_id"]) == (request, person)
    service.contracts.check(answer.type, answer.data)
    with service.db.transaction() as session:
        assert [row["name"] for row in customer_line(session, person)] == ["[erased]"]
