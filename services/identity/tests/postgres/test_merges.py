"""What happens to logins when customers become one, and when that is undone."""

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import published
from identity.domain.accounts import Account
from identity.tests.rig import People, World


def moved(people: People, account: Account) -> tuple[str, bool, str, str | None]:
    row = people.of(account.id)
    return str(row["customer_id"]), row["is_login"], row["status"], row["disabled_reason"]


@pytest.mark.parametrize("archived_first", [True, False])
def test_every_login_moves_whatever_is_heard_first(people: People, world: World, archived_first: bool) -> None:
    survivor, loser, archive = world.customer(), world.customer(), new_id()
    own, theirs = (people.portal(customer, "buyer", is_login=True) for customer in (survivor, loser))
    person = people.portal(loser, "finance")
    off = people.portal(loser, "buyer", status="disabled", disabled_reason="manual")
    if archived_first:
        world.tell("archived", loser, 2, archive=archive)
    world.merge("merged", new_id(), survivor, loser, archives={loser: archive})
    if not archived_first:
        world.tell("archived", loser, 2, archive=archive)
    assert moved(people, own) == (survivor, True, "active", None)
    assert moved(people, theirs) == (survivor, False, "disabled", "manual")
    assert moved(people, person) == (survivor, False, "active", None)
    assert moved(people, off) == (survivor, False, "disabled", "manual")
    assert people.of(theirs.id)["username"] == theirs.username


def test_the_only_login_stays_the_customers_own(people: People, world: World, service: Service) -> None:
    survivor, loser = world.customer(), world.customer()
    theirs = people.portal(loser, "buyer", is_login=True)
    world.merge("merged", new_id(), survivor, loser, archives={loser: new_id()})
    assert moved(people, theirs) == (survivor, True, "active", None)
    sections = {e.subject: e.data for e in published(service.db, "identity.access.changed.v1")}
    assert sections[survivor]["login"]["username"] == theirs.username
    assert sections[loser]["login"] is None


def test_who_merges_chooses_the_login(people: People, world: World) -> None:
    survivor, loser = world.customer(), world.customer()
    own, theirs = (people.portal(customer, "buyer", is_login=True) for customer in (survivor, loser))
    world.merge("merged", new_id(), survivor, loser, archives={loser: new_id()}, login_of=loser)
    assert moved(people, theirs) == (survivor, True, "active", None)
    assert moved(people, own) == (survivor, False, "disabled", "manual")


def test_what_an_earlier_archive_switched_off_stays_off(people: People, world: World) -> None:
    survivor, loser = world.customer(), world.customer()
    person = people.portal(loser, "buyer")
    world.tell("archived", loser, 2, archive=new_id())
    world.merge("merged", new_id(), survivor, loser, archives={})
    assert moved(people, person) == (survivor, False, "disabled", "manual")


def test_an_undone_merge_gives_every_login_back(people: People, world: World) -> None:
    survivor, loser, archive, merge = world.customer(), world.customer(), new_id(), new_id()
    own, theirs = (people.portal(customer, "buyer", is_login=True) for customer in (survivor, loser))
    person = people.portal(loser, "finance")
    newcomer = people.portal(survivor, "buyer")
    world.merge("merged", merge, survivor, loser, archives={loser: archive}, login_of=loser)
    world.merge("unmerged", merge, survivor, loser, archives={loser: archive}, login_of=loser)
    assert moved(people, own) == (survivor, True, "active", None)
    assert moved(people, theirs) == (loser, True, "active", None)
    assert moved(people, person) == (loser, False, "active", None)
    assert moved(people, newcomer) == (survivor, False, "active", None)
