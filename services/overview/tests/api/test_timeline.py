"""The timeline as callers see it."""

from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for
from overview.tests import events
from overview.tests.delivery import deliver

NAME = {"path": "name", "label": "Name", "before": "A", "after": "B"}
GROUP = {"path": "group_id", "label": "Group", "before": None, "after": "Key accounts"}


def timeline(client: Client, customer_id: str, query: str = "") -> list[dict[str, Any]]:
    """Every entry, read page by page."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        answer = client.get(f"/customers/{customer_id}/timeline?limit=2&{query}{cursor}")
        assert answer.status_code == 200, answer.text
        found += answer.json["items"]
        following = answer.json["next_cursor"]
        cursor = f"&cursor={following}" if following else None
    return found


@pytest.fixture
def history(service: Service) -> dict[str, str]:
    """A customer with a branch, and what happened to both."""
    ids = {name: new_id() for name in ("hq", "branch", "leaf", "person")}
    same = events.moment()
    deliver(
        service,
        [
            events.customer(ids["hq"], time=same),
            events.customer(ids["branch"], parent_id=ids["hq"], time=same),
            events.customer(ids["leaf"], parent_id=ids["branch"], time=same),
            events.contact(ids["hq"], ids["person"]),
            events.customer(ids["hq"], "updated", 2, changes=[NAME], actor="staff:7", actor_label="Grace Hopper"),
            events.customer(ids["hq"], "updated", 3, changes=[GROUP], actor="staff:8", actor_label="Ada Lovelace"),
            events.customer(ids["hq"], "updated", 4, changes=[NAME, GROUP], actor="portal:9", actor_label="Bob"),
            events.contact(ids["leaf"], name="Leaf Person"),
        ],
    )
    return ids


def test_it_runs_backwards_and_no_page_repeats_or_leaves_out(history: dict[str, str], staff: Client) -> None:
    found = timeline(staff, history["hq"])
    assert [entry["verb"] for entry in found] == ["updated", "updated", "updated", "added", "created"]
    assert len({entry["id"] for entry in found}) == 5


def test_it_is_filtered_by_kind_actor_and_field(history: dict[str, str], staff: Client) -> None:
    hq = history["hq"]
    assert [entry["kind"] for entry in timeline(staff, hq, "kind=contact")] == ["contact"]
    assert [entry["actor"]["label"] for entry in timeline(staff, hq, "actor=staff")] == ["Ada Lovelace", "Grace Hopper"]
    assert [entry["actor"]["label"] for entry in timeline(staff, hq, "actor=staff:7")] == ["Grace Hopper"]
    assert len(timeline(staff, hq, "field=name")) == 2
    assert timeline(staff, hq, "field=name&actor=staff:8") == []


def test_branches_are_read_with_their_parent(history: dict[str, str], staff: Client) -> None:
    everything = timeline(staff, history["hq"], "scope=branches")
    assert {entry["customer_id"] for entry in everything} == {history["hq"], history["branch"], history["leaf"]}
    assert len(everything) == 8
    assert [entry["occurred_at"] for entry in everything] == sorted(
        (e["occurred_at"] for e in everything), reverse=True
    )


def test_a_portal_user_reads_what_is_its_own(history: dict[str, str], service: Service, tokens: TestTokens) -> None:
    hq = history["hq"]
    portal = client_for(service, tokens.portal({hq: ["customers.view"]}))
    found = timeline(portal, hq)
    assert [entry["verb"] for entry in found] == ["updated", "updated", "added", "created"]
    assert found[0]["changes"] == [NAME]
    assert timeline(portal, hq, "field=group_id") == []
    assert {entry["customer_id"] for entry in timeline(portal, hq, "scope=branches")} == {hq}
    assert portal.get(f"/customers/{history['branch']}/timeline").status_code == 404


def test_settings_of_groups_and_the_platform_are_on_no_customers_timeline(
    history: dict[str, str], service: Service, staff: Client
) -> None:
    before = timeline(staff, history["hq"])
    deliver(service, [events.scope("platform"), events.scope("group", new_id()), events.group(new_id(), "G")])
    assert timeline(staff, history["hq"]) == before
    deliver(service, events.scope("customer", history["hq"]))
    assert timeline(staff, history["hq"])[0]["kind"] == "portal_settings"


def test_an_unknown_customer_has_no_timeline(service: Service, staff: Client) -> None:
    assert staff.get(f"/customers/{new_id()}/timeline").json["code"] == "overview.customer_unknown"
