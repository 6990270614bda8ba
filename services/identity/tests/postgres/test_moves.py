"""What moving in means for the customer's own login."""

from collections.abc import Callable

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, published
from identity.tests.rig import People, Signed, World


@pytest.fixture
def staff(people: People, sign_in: Callable[..., Signed]) -> Client:
    return sign_in(people.staff("manager")).client


def login(staff: Client, customer: str) -> tuple[str, str | None]:
    shown = staff.get(f"/customers/{customer}/access").get_json()
    return shown["status"], shown["username"]


def test_moving_in_invites_the_login_that_is_asked_for(staff: Client, world: World) -> None:
    customer, username = world.customer(), f"mover-{new_id()}"
    world.moves(customer, username)
    assert login(staff, customer) == ("invited", username)
    world.moves(customer, username)
    assert login(staff, customer) == ("invited", username)
    link = staff.post(f"/customers/{customer}/access/reset").get_json()["invitation"]
    assert link["token"], "whoever hands the invitation over gets its link by a reset"


def test_a_login_that_is_there_stays_as_it_is(staff: Client, world: World, people: People) -> None:
    customer = world.customer()
    there = people.portal(customer, "admin", is_login=True)
    world.moves(customer, f"mover-{new_id()}")
    assert login(staff, customer) == ("active", there.username)


@pytest.mark.parametrize("kind", ["in", "out"])
def test_without_an_invitation_nothing_happens(staff: Client, world: World, kind: str) -> None:
    customer = world.customer()
    world.moves(customer, None if kind == "in" else f"mover-{new_id()}", kind)
    assert login(staff, customer) == ("none", None)


@pytest.mark.parametrize("wanted", ["a b", "taken"])
def test_a_user_name_that_cannot_be_had_is_told_and_holds_nothing_up(
    staff: Client, world: World, people: People, service: Service, wanted: str
) -> None:
    customer = world.customer()
    name = people.portal(world.customer(), "buyer").username if wanted == "taken" else wanted
    world.moves(customer, name)
    assert login(staff, customer) == ("none", None)
    told = published(service.db, "identity.access.changed.v1")[-1].data["changes"]
    assert [(entry["label"], entry["before"]) for entry in told] == [("Invitation refused", name)]
