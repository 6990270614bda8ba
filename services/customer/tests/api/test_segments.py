"""Segments through the API: rules, members as customers change, decisions by hand, explanations."""

from collections.abc import Callable
from threading import Event as Stop
from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, published

Make = Callable[..., dict[str, Any]]
KIEL = {"line1": "Kai 3", "city": "Kiel", "country": "DE"}
IN_KIEL = {"field": "city", "op": "eq", "value": "kiel"}


@pytest.fixture
def keep_up(service: Service) -> Callable[[], None]:
    """Lets the worker's job do all that there is to do."""
    job = next(job for job in service.jobs if job.name == "segments")

    def run() -> None:
        while job.run(Stop()):
            pass

    return run


@pytest.fixture
def a_segment(staff: Client) -> Make:
    def make(name: str, rule: Any = IN_KIEL, **fields: Any) -> dict[str, Any]:
        answer = staff.post("/segments", json={"name": name, "rule": rule} | fields)
        assert answer.status_code == 201, answer.json
        return answer.json

    return make


def members(staff: Client, segment: dict[str, Any]) -> dict[str, str]:
    """Customer id -> source of the members."""
    page = staff.get(f"/segments/{segment['id']}/customers?limit=200").json
    assert page["next_cursor"] is None
    return {item["id"]: item["source"] for item in page["items"]}


def stays(service: Service, segment: dict[str, Any]) -> list[tuple[str, str]]:
    """What was told of a segment's members: verb and customer."""
    return [
        (event.type.split(".")[2], event.customer_id)
        for event in published(service.db)
        if event.type.startswith("customer.segment_member.") and event.data["segment_id"] == segment["id"]
    ]


def test_members_follow_what_happens_to_customers(
    staff: Client, service: Service, a_customer: Make, a_segment: Make, keep_up: Callable[[], None]
) -> None:
    before = a_customer(addresses=[KIEL])
    segment = a_segment("In Kiel")
    assert (segment["state"], segment["members"]) == ("building", 0)
    keep_up()
    after = a_customer(addresses=[KIEL])
    elsewhere = a_customer(addresses=[KIEL | {"city": "Bonn"}])
    keep_up()
    assert members(staff, segment) == {before["id"]: "rule", after["id"]: "rule"}
    shown = staff.get(f"/segments/{segment['id']}").json
    assert (shown["state"], shown["members"]) == ("ready", 2)
    path = f"/customers/{before['id']}/addresses/{before['addresses'][0]['id']}"
    staff.patch(path, json={"city": "Bonn"}, version=1)
    path = f"/customers/{elsewhere['id']}/addresses/{elsewhere['addresses'][0]['id']}"
    staff.patch(path, json={"city": "KIEL"}, version=1)
    keep_up()
    assert members(staff, segment) == {after["id"]: "rule", elsewhere["id"]: "rule"}
    keep_up()
    told = stays(service, segment)
    assert told[:2] == [("entered", before["id"]), ("entered", after["id"])]
    assert sorted(told[2:]) == sorted([("left", before["id"]), ("entered", elsewhere["id"])])
    found = staff.get(f"/customers/{after['id']}/segments").json["items"]
    assert [item["name"] for item in found if item["id"] == segment["id"]] == ["In Kiel"]


def test_a_stay_is_one_thing_from_entering_to_leaving(
    staff: Client, service: Service, a_customer: Make, a_segment: Make, keep_up: Callable[[], None]
) -> None:
    customer = a_customer(addresses=[KIEL])
    segment = a_segment("Comes and goes")
    keep_up()
    path = f"/customers/{customer['id']}/addresses/{customer['addresses'][0]['id']}"
    for version, city in enumerate(("Bonn", "Kiel"), start=1):
        staff.patch(path, json={"city": city}, version=version)
        keep_up()
    told = [
        (event.type.split(".")[2], event.version, event.subject)
        for event in published(service.db)
        if event.type.startswith("customer.segment_member.")
        and event.data["segment_id"] == segment["id"]
        and event.customer_id == customer["id"]
    ]
    assert [each[:2] for each in told] == [("entered", 1), ("left", 2), ("entered", 1)]
    assert told[0][2] == told[1][2] != told[2][2]


def test_another_rule_removes_those_it_let_in_and_keeps_decisions_by_hand(
    staff: Client, service: Service, a_customer: Make, a_segment: Make, keep_up: Callable[[], None]
) -> None:
    kiel = [a_customer(addresses=[KIEL]) for _ in range(3)]
    bonn = [a_customer(addresses=[KIEL | {"city": "Bonn"}]) for _ in range(3)]
    segment = a_segment("Changes its mind")
    keep_up()
    path = f"/segments/{segment['id']}"
    for customer, decision in ((bonn[0], "in"), (bonn[1], "out"), (kiel[0], "out"), (kiel[1], "in")):
        decided = staff.put(f"{path}/customers/{customer['id']}", json={"membership": decision})
        assert (decided.status_code, decided.json["member"]) == (200, decision == "in")
    changed = staff.patch(path, json={"text": "city:Bonn"}, version=1).json
    assert (changed["rule_version"], changed["state"], changed["version"]) == (2, "building", 2)
    keep_up()
    made = {customer["id"] for customer in kiel + bonn}
    found = {each: source for each, source in members(staff, segment).items() if each in made}
    assert found == {bonn[0]["id"]: "manual_in", kiel[1]["id"]: "manual_in", bonn[2]["id"]: "rule"}
    items = staff.get(f"{path}/customers?limit=200").json["items"]
    assert all(item["rule_version"] == 2 for item in items if item["source"] == "rule")
    assert ("left", kiel[2]["id"]) in stays(service, segment)


def test_leaving_it_to_the_rule_again_asks_the_rule(
    staff: Client, service: Service, a_customer: Make, a_segment: Make, keep_up: Callable[[], None]
) -> None:
    kiel, bonn = a_customer(addresses=[KIEL]), a_customer(addresses=[KIEL | {"city": "Bonn"}])
    segment = a_segment("By hand and back")
    keep_up()
    for customer, decision in ((kiel, "out"), (bonn, "in")):
        staff.put(f"/segments/{segment['id']}/customers/{customer['id']}", json={"membership": decision})
    for customer, member in ((kiel, True), (bonn, False)):
        path = f"/segments/{segment['id']}/customers/{customer['id']}"
        assert staff.put(path, json={"membership": "rule"}).json["member"] is member
    told = [each for each in stays(service, segment) if each[1] in {kiel["id"], bonn["id"]}]
    assert [verb for verb, customer_id in told if customer_id == kiel["id"]] == ["entered", "left", "entered"]
    assert [verb for verb, customer_id in told if customer_id == bonn["id"]] == ["entered", "left"]


def test_a_segment_of_a_segment_follows_it(
    staff: Client, a_customer: Make, a_segment: Make, keep_up: Callable[[], None]
) -> None:
    base = a_segment("Base")
    upper = a_segment(
        "Upper",
        {
            "all": [
                {"field": f"segment:{base['id']}", "op": "eq", "value": True},
                {"not": {"field": "tag", "op": "is_set"}},
            ]
        },
    )
    customer = a_customer(addresses=[KIEL])
    keep_up()
    assert customer["id"] in members(staff, upper)
    staff.patch(f"/segments/{base['id']}", json={"text": "city:Bonn"}, version=1)
    keep_up()
    assert customer["id"] not in members(staff, base)
    assert customer["id"] not in members(staff, upper)
    refused = staff.delete(f"/segments/{base['id']}", version=2)
    assert (refused.status_code, refused.json["code"]) == (409, "customer.segment_in_use")
    assert refused.json["segments"] == [upper["id"]]


def test_rings_are_refused(staff: Client, a_segment: Make) -> None:
    one = a_segment("Ring one")
    two = a_segment("Ring two", {"field": "segment", "op": "any_of", "value": ["ring one"]})
    refused = staff.patch(f"/segments/{one['id']}", json={"text": 'segment:"Ring two"'}, version=1)
    assert (refused.status_code, refused.json["code"]) == (409, "customer.segment_cycle")
    assert {one["id"], two["id"]} <= set(refused.json["path"])
    itself = {"field": f"segment:{two['id']}", "op": "eq", "value": False}
    assert staff.patch(f"/segments/{two['id']}", json={"rule": itself}, version=1).status_code == 409


def test_an_archived_customer_leaves_unless_the_rule_asks_for_it(
    staff: Client, a_customer: Make, a_segment: Make, keep_up: Callable[[], None]
) -> None:
    customer = a_customer(addresses=[KIEL])
    plain = a_segment("Active ones")
    archived = a_segment("Archived ones", {"all": [IN_KIEL, {"field": "status", "op": "eq", "value": "archived"}]})
    keep_up()
    staff.post(f"/customers/{customer['id']}/archival", json={"reason": "x"})
    keep_up()
    assert customer["id"] not in members(staff, plain)
    assert customer["id"] in members(staff, archived)
    why = staff.get(f"/segments/{plain['id']}/explain/{customer['id']}").json
    assert (why["member"], why["matches"], why["takes_part"], why["rule"]["result"]) == (False, False, False, True)


def test_an_inactive_segment_keeps_its_members_until_it_is_active_again(
    staff: Client, a_customer: Make, a_segment: Make, keep_up: Callable[[], None]
) -> None:
    segment = a_segment("Sleeps")
    keep_up()
    path = f"/segments/{segment['id']}"
    staff.patch(path, json={"active": False}, version=1)
    customer = a_customer(addresses=[KIEL])
    keep_up()
    assert customer["id"] not in members(staff, segment)
    staff.patch(path, json={"active": True}, version=2)
    keep_up()
    assert customer["id"] in members(staff, segment)


def test_the_members_of_a_deleted_segment_leave(
    staff: Client, service: Service, a_customer: Make, a_segment: Make, keep_up: Callable[[], None]
) -> None:
    customer = a_customer(addresses=[KIEL])
    segment = a_segment("Ends")
    keep_up()
    assert staff.delete(f"/segments/{segment['id']}", version=1).status_code == 204
    assert staff.get(f"/segments/{segment['id']}").status_code == 404
    keep_up()
    assert ("left", customer["id"]) in stays(service, segment)
    a_segment("Ends")


def test_explain_says_of_each_comparison_what_was_found(
    staff: Client, a_customer: Make, a_segment: Make, keep_up: Callable[[], None]
) -> None:
    customer = a_customer(addresses=[KIEL], contacts=[{"name": "Ann", "roles": ["buyer"]}])
    segment = a_segment(
        "Explained", {"any": [IN_KIEL, {"field": "contact.role", "op": "any_of", "value": ["finance"]}]}
    )
    keep_up()
    why = staff.get(f"/segments/{segment['id']}/explain/{customer['id']}").json
    assert (why["member"], why["source"], why["matches"]) == (True, "rule", True)
    first, second = why["rule"]["any"]
    assert (first["result"], first["found"]) == (True, ["Kiel"])
    assert (second["result"], second["found"]) == (False, ["buyer"])
    assert staff.get(f"/segments/{segment['id']}/explain/{new_id()}").status_code == 404


def test_a_preview_counts_shows_and_compares(
    staff: Client, a_customer: Make, a_segment: Make, keep_up: Callable[[], None]
) -> None:
    town = KIEL | {"city": "Vorschau"}
    made = [a_customer(addresses=[town]) for _ in range(3)]
    kept = a_customer(addresses=[KIEL | {"city": "Bonn"}])
    segment = a_segment("Previewed", {"field": "city", "op": "in", "value": ["Vorschau"]})
    keep_up()
    staff.put(f"/segments/{segment['id']}/customers/{kept['id']}", json={"membership": "in"})
    body = {"text": f"number:{made[0]['number']},{kept['number']}", "segment_id": segment["id"]}
    found = staff.post("/segments/preview", json=body).json
    assert (found["count"], found["delta"]) == (2, {"entering": 0, "leaving": 2})
    assert {sample["id"] for sample in found["samples"]} == {made[0]["id"], kept["id"]}
    assert found["rule"]["op"] == "in"
    assert members(staff, segment).keys() == {*(customer["id"] for customer in made), kept["id"]}, "nothing was changed"


def test_a_rule_of_depth_seven_is_refused_and_nothing_is_stored(staff: Client) -> None:
    rule: dict[str, Any] = dict(IN_KIEL)
    for _ in range(6):
        rule = {"not": rule}
    for path, body in (
        ("/segments", {"name": "Deep"}),
        ("/segments/preview", {}),
        ("/saved-filters", {"name": "Deep"}),
    ):
        refused = staff.post(path, json=body | {"rule": rule})
        assert (refused.status_code, refused.json["code"]) == (422, "customer.rule_invalid")
        [error] = refused.json["errors"]
        assert (error["pointer"], error["code"]) == ("/rule" + "/not" * 6, "rule_too_deep")
    assert "Deep" not in staff.get("/segments?limit=200").text


def test_errors_of_the_short_form_point_at_the_text(staff: Client) -> None:
    refused = staff.post("/segments/preview", json={"text": "city:Kiel colour:red"})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/text")
    both = staff.post("/segments/preview", json={"text": "city:Kiel", "rule": IN_KIEL})
    assert (both.status_code, both.json["code"]) == (422, "validation_failed")


def test_aggregates_without_data_are_unknown_fields(staff: Client) -> None:
    refused = staff.post("/segments/preview", json={"rule": {"field": "agg.revenue_12m", "op": "gt", "value": 1}})
    assert refused.json["errors"] == [
        {
            "pointer": "/rule/field",
            "detail": "There is no field agg.revenue_12m; choose one that this list offers.",
            "code": "unknown_field",
        }
    ]


def test_fields_are_listed_with_operators_and_choices(staff: Client, a_segment: Make) -> None:
    segment = a_segment("Listed")
    listed = {field["name"]: field for field in staff.get("/rule-fields").json["items"]}
    assert {"value": "business", "label": "Business"} in listed["kind"]["choices"]
    assert listed["contact.role"]["quantified"] is True
    assert "within_last" in listed["created_at"]["operators"]
    assert f"segment:{segment['id']}" in listed


def test_custom_fields_are_asked_by_the_labels_of_their_options(
    staff: Client, a_customer: Make, a_segment: Make, keep_up: Callable[[], None]
) -> None:
    options = [{"id": "g", "label": "Gold"}, {"id": "s", "label": "Silver"}]
    field = {"applies_to": "customer", "key": "loyalty", "label": "Loyalty", "type": "select", "options": options}
    made = staff.post("/custom-fields", json=field)
    assert made.status_code == 201, made.json
    gold, silver = (a_customer(custom_fields={"loyalty": level}) for level in ("g", "s"))
    segment = staff.post("/segments", json={"name": "Golden", "text": "cf.loyalty:gold"}).json
    assert segment["rule"]["value"] == "g"
    keep_up()
    assert members(staff, segment) == {gold["id"]: "rule"}
    staff.patch(f"/customers/{silver['id']}", json={"custom_fields": {"loyalty": "g"}}, version=1)
    keep_up()
    assert members(staff, segment).keys() == {gold["id"], silver["id"]}


def test_making_segments_needs_its_permission(service: Service, tokens: TestTokens, a_segment: Make) -> None:
    viewer = client_for(service, tokens.staff(["customers.view"]))
    refused = viewer.post("/segments", json={"name": "Mine", "rule": IN_KIEL})
    assert (refused.status_code, refused.json["permission"]) == (403, "segments.manage")
    assert viewer.post("/segments/preview", json={"rule": IN_KIEL}).status_code == 200
