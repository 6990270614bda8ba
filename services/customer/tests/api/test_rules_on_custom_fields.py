"""Rules speak of custom fields: in segments and previews, by the definitions that are there."""

from typing import Any

from common.testing import Client


def preview(staff: Client, leaf: dict[str, Any]) -> Any:
    return staff.post("/segments/preview", json={"rule": leaf})


def test_a_rule_asks_custom_fields_by_their_types(staff: Client) -> None:
    options = [{"id": "gold", "label": "Gold"}, {"id": "basic", "label": "Basic"}]
    for key, kind, more in (("tier", "select", {"options": options}), ("seats", "integer", {}), ("fee", "money", {})):
        body = {"applies_to": "customer", "key": key, "label": key.title(), "type": kind} | more
        assert staff.post("/custom-fields", json=body).status_code == 201
    for tier, seats in (("gold", 120), ("basic", 8)):
        values = {"tier": tier, "seats": seats, "fee": {"amount": str(seats), "currency": "EUR"}}
        assert staff.post("/customers", json={"name": tier, "custom_fields": values}).status_code == 201
    known = {field["name"]: field for field in staff.get("/rule-fields").json["items"]}
    assert {"cf.tier", "cf.seats", "cf.fee"} <= set(known)
    for leaf, count in (
        ({"field": "cf.tier", "op": "eq", "value": "gold"}, 1),
        ({"field": "cf.seats", "op": "gt", "value": 100}, 1),
        ({"field": "cf.fee", "op": "lt", "value": 10}, 1),
        ({"field": "cf.seats", "op": "is_set"}, 2),
    ):
        answer = preview(staff, leaf)
        assert (answer.status_code, answer.json.get("count")) == (200, count), answer.json
    unknown = preview(staff, {"field": "cf.no_such", "op": "eq", "value": 1})
    assert unknown.status_code == 422


def test_a_rule_still_finds_who_was_chosen_before_a_field_took_several(staff: Client) -> None:
    options = [{"id": "n", "label": "North"}, {"id": "s", "label": "South"}]
    body = {"applies_to": "customer", "key": "side", "label": "Side", "type": "select", "options": options}
    field = staff.post("/custom-fields", json=body).json
    assert staff.post("/customers", json={"name": "One", "custom_fields": {"side": "n"}}).status_code == 201
    assert staff.patch(f"/custom-fields/{field['id']}", json={"type": "multi_select"}, version=1).status_code == 200
    assert staff.post("/customers", json={"name": "Two", "custom_fields": {"side": ["n", "s"]}}).status_code == 201
    assert preview(staff, {"field": "cf.side", "op": "any_of", "value": ["n"]}).json["count"] == 2
