"""Standing orders over HTTP, and what happens on their days."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event as Stop
from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, published
from ordering.jobs.standing_orders import StandingOrders
from ordering.tests.companies import person, rule, staffed
from ordering.tests.conftest import BUYER
from ordering.tests.ordered import change_listing, company, listing, switch

pytestmark = pytest.mark.postgres

STANDING = "/standing-orders"
Standing = dict[str, Any]
Age = Callable[..., None]


class Team:
    """A company, and somebody who buys for it in the portal and has a role there."""

    def __init__(self, service: Service, tokens: TestTokens, **switches: str) -> None:
        self.id = company(service, **switches)
        self.account = new_id()
        staffed(service, self.id, person("buyer", account_id=self.account))
        self.buyer = client_for(service, tokens.portal({self.id: BUYER}, sub=self.account))


@pytest.fixture
def team(service: Service, tokens: TestTokens) -> Team:
    return Team(service, tokens)


def in_days(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def lines(*wanted: tuple[str, int]) -> list[dict[str, Any]]:
    return [{"listing_id": each, "quantity": quantity} for each, quantity in wanted]


def standing(client: Client, who: str, *wanted: tuple[str, int], **fields: Any) -> Standing:
    body = {"customer_id": who, "name": "Coffee", "lines": lines(*wanted), "every": 1, "unit": "weeks"}
    answer = client.post(STANDING, json=body | {"next_on": in_days(0)} | fields)
    assert answer.status_code == 201, answer.text
    found: Standing = answer.json
    return found


def read(client: Client, one: Standing) -> Standing:
    found: Standing = client.get(f"{STANDING}/{one['id']}").json
    return found


def runs(client: Client, one: Standing) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{STANDING}/{one['id']}/runs").json["items"]
    return found


def work(service: Service) -> None:
    job = StandingOrders(service.db, {})
    while job.run(Stop()):
        pass


def orders_of(client: Client, who: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/orders?customer_id={who}").json["items"]
    return found


def verbs(service: Service, one: Standing) -> list[str]:
    told = [event for event in published(service.db) if event.subject == one["id"]]
    for event in told:
        service.contracts.check(event.type, event.data)
    assert [event.version for event in told] == list(range(1, len(told) + 1))
    return [event.type.split(".")[2] for event in told]


def test_only_what_is_offered_is_ordered_again_and_each_listing_once(service: Service, team: Team) -> None:
    hidden, shown = listing(service, 1, audience="explicit"), listing(service, 1, name="Chang")
    rhythm = {"customer_id": team.id, "name": "x", "every": 1, "unit": "days", "next_on": in_days(1)}
    for wrong in (lines((hidden, 1)), lines((new_id(), 1)), lines((shown, 1), (shown, 2))):
        refused = team.buyer.post(STANDING, json=rhythm | {"lines": wrong})
        assert (refused.status_code, refused.json["code"]) == (422, "ordering.lines_unavailable")
    one = standing(team.buyer, team.id, (shown, 1), next_on=in_days(1))
    change_listing(service, shown, status="retired")
    [line] = read(team.buyer, one)["lines"]
    assert (line["name"], line["available"], line["why"]) == ("Chang", False, "retired")
    kept = team.buyer.patch(f"{STANDING}/{one['id']}", json={"lines": lines((shown, 5))}, version=1)
    assert (kept.status_code, kept.json["lines"][0]["quantity"]) == (200, 5)


def test_its_day_makes_one_order_in_its_owners_name(service: Service, staff: Client, team: Team) -> None:
    one = standing(team.buyer, team.id, (listing(service, 1000), 2), po_number="PO-9")
    work(service)
    work(service)
    [order] = orders_of(staff, team.id)
    assert (order["source"], order["status"], order["po_number"]) == ("standing_order", "pending_confirmation", "PO-9")
    assert (order["requester"]["id"], order["total"]["amount"]) == (team.account, "20.00")
    now = read(team.buyer, one)
    assert (now["next_on"], now["last"]["outcome"], now["last"]["order_id"]) == (in_days(7), "ordered", order["id"])
    assert verbs(service, one) == ["created", "ordered"]


def test_days_on_which_no_worker_ran_are_made_up_for(service: Service, staff: Client, team: Team, age: Age) -> None:
    one = standing(team.buyer, team.id, (listing(service, 1000), 2))
    age("standing_orders", one["id"], next_on=-14, starts_on=-14)
    work(service)
    assert [run["due_on"] for run in runs(team.buyer, one)] == [in_days(0), in_days(-7), in_days(-14)]
    assert len(orders_of(staff, team.id)) == 3
    assert read(team.buyer, one)["next_on"] == in_days(7)


def test_two_workers_order_once_for_each_day(service: Service, staff: Client, team: Team) -> None:
    one, other = (standing(team.buyer, team.id, (listing(service, 1000), 1)) for _ in range(2))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: work(service), range(4)))
    assert len(orders_of(staff, team.id)) == 2
    assert [len(runs(staff, each)) for each in (one, other)] == [1, 1]
    assert verbs(service, one) == ["created", "ordered"]


def test_a_refusal_is_kept_with_its_reason_and_the_rhythm_goes_on(service: Service, staff: Client, team: Team) -> None:
    gone = listing(service, 1000, name="Chang")
    one = standing(team.buyer, team.id, (gone, 1))
    change_listing(service, gone, status="retired")
    work(service)
    [run] = runs(team.buyer, one)
    assert (run["outcome"], run["code"], run["order_id"]) == ("refused", "ordering.lines_unavailable", None)
    assert read(team.buyer, one)["next_on"] == in_days(7)
    found = staff.get(f"{STANDING}?customer_id={team.id}&last_outcome=refused").json["items"]
    assert [each["id"] for each in found] == [one["id"]]
    assert orders_of(staff, team.id) == []
    assert verbs(service, one) == ["created", "refused"]


def test_without_order_authorization_the_draft_is_kept_for_staff(
    service: Service, staff: Client, tokens: TestTokens
) -> None:
    team = Team(service, tokens)
    one = standing(team.buyer, team.id, (listing(service, 1000), 1))
    switch(service, team.id, 2, order_authorization="off")
    work(service)
    [run] = runs(team.buyer, one)
    assert (run["outcome"], run["code"]) == ("refused", "ordering.order_authorization_disabled")
    [order] = orders_of(staff, team.id)
    assert (order["id"], order["status"]) == (run["order_id"], "draft")


def test_its_orders_need_the_companys_approval_like_any_other(service: Service, staff: Client, team: Team) -> None:
    staffed(service, team.id, person("buyer", account_id=team.account), person("approver"), version=2)
    rule(service, team.id)
    standing(team.buyer, team.id, (listing(service, 1000), 1))
    work(service)
    assert [order["status"] for order in orders_of(staff, team.id)] == ["pending_approval"]


def test_nobody_orders_who_has_left(service: Service, staff: Client, team: Team) -> None:
    one = standing(team.buyer, team.id, (listing(service, 1000), 1))
    staffed(service, team.id, person("buyer"), version=2)
    work(service)
    assert runs(team.buyer, one)[0]["code"] == "ordering.owner_gone"
    assert orders_of(staff, team.id) == []


def test_it_is_paused_resumed_changed_and_ended(service: Service, staff: Client, team: Team, age: Age) -> None:
    one = standing(team.buyer, team.id, (listing(service, 1000), 1), next_on=in_days(3))
    path = f"{STANDING}/{one['id']}"
    paused = team.buyer.post(f"{path}/pause", json={}).json
    assert (paused["status"], paused["commands"]) == ("paused", ["change", "end", "resume"])
    age("standing_orders", one["id"], next_on=-4, starts_on=-4)
    work(service)
    assert runs(staff, one) == []
    resumed = team.buyer.post(f"{path}/resumption", json={}).json
    assert (resumed["status"], resumed["next_on"]) == ("active", in_days(3))
    changed = team.buyer.patch(path, json={"every": 2, "unit": "days", "next_on": in_days(1)}, version=3).json
    assert (changed["next_on"], changed["version"]) == (in_days(1), 4)
    refused = team.buyer.patch(path, json={"next_on": in_days(-1)}, version=4)
    assert (refused.status_code, refused.json["code"]) == (422, "ordering.standing_order_unsuitable")
    ended = team.buyer.post(f"{path}/end", json={}).json
    assert (ended["status"], ended["next_on"], ended["commands"]) == ("ended", None, [])
    assert team.buyer.post(f"{path}/pause", json={}).json["code"] == "ordering.standing_order_status"
    assert verbs(service, one) == ["created", "paused", "resumed", "updated", "ended"]


def test_it_ends_with_its_last_day(service: Service, team: Team) -> None:
    one = standing(team.buyer, team.id, (listing(service, 1000), 1), ends_on=in_days(6))
    work(service)
    assert (read(team.buyer, one)["status"], len(runs(team.buyer, one))) == ("ended", 1)


def test_what_staff_makes_orders_as_staff(service: Service, staff: Client, tokens: TestTokens) -> None:
    team = Team(service, tokens, order_authorization="off")
    standing(staff, team.id, (listing(service, 1000), 1))
    work(service)
    assert [order["status"] for order in orders_of(staff, team.id)] == ["pending_confirmation"]


def test_those_of_others_do_not_exist_for_a_portal_user(service: Service, team: Team, tokens: TestTokens) -> None:
    one = standing(team.buyer, team.id, (listing(service, 1000), 1), next_on=in_days(5))
    other = Team(service, tokens).buyer
    assert other.get(STANDING).json["items"] == []
    assert other.get(f"{STANDING}/{one['id']}").json["code"] == "ordering.standing_order_not_found"
    for path in (f"{STANDING}/{one['id']}/end", f"{STANDING}/{one['id']}/pause"):
        assert other.post(path, json={}).status_code == 404
    assert other.get(f"{STANDING}/{one['id']}/runs").status_code == 404
    viewer = client_for(service, tokens.portal({team.id: ("orders.view",)}))
    assert "unit_price" not in viewer.get(f"{STANDING}/{one['id']}").json["lines"][0]
    assert viewer.post(f"{STANDING}/{one['id']}/end", json={}).json["code"] == "permission_missing"
