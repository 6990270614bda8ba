"""Many documents become one that a client can rely on."""

from typing import Any

import orjson

from gateway.openapi import merged


def document(
    path: str, *, ref: str, schema: dict[str, Any], public: bool = True, method: str = "get"
) -> dict[str, Any]:
    names = [name for name in ("id", "customer_id") if f"{{{name}}}" in path]
    parameters = [{"in": "path", "name": name, "required": True} for name in names]
    return {
        "tags": [{"name": ref, "description": "x"}],
        "paths": {
            path: {
                method: {
                    "x-public": public,
                    "tags": [ref],
                    "parameters": parameters,
                    "responses": {"200": {"content": {"a": {"schema": {"$ref": f"#/components/schemas/{ref}"}}}}},
                }
            }
        },
        "components": {"schemas": {ref: schema, "Unused": {"type": "null"}}},
    }


def test_components_that_differ_under_one_name_are_told_apart() -> None:
    one = document("/a", ref="Page", schema={"type": "object"})
    other = document("/b", ref="Page", schema={"type": "array"})

    result = orjson.loads(merged("1", [("customer", one), ("portal-settings", other)]))

    assert result["components"]["schemas"] == {"Page": {"type": "object"}, "PortalSettingsPage": {"type": "array"}}
    reference = result["paths"]["/b"]["get"]["responses"]["200"]["content"]["a"]["schema"]
    assert reference == {"$ref": "#/components/schemas/PortalSettingsPage"}


def test_equal_components_are_there_once() -> None:
    one = document("/a", ref="Page", schema={"type": "object"})

    result = orjson.loads(
        merged("1", [("customer", one), ("overview", document("/b", ref="Page", schema={"type": "object"}))])
    )

    assert set(result["components"]["schemas"]) == {"Page"}


def test_internal_operations_and_their_components_stay_inside() -> None:
    result = orjson.loads(merged("1", [("customer", document("/internal/a", ref="Secret", schema={}, public=False))]))

    assert result["paths"] == {}
    assert "schemas" not in result["components"]
    assert result["tags"] == []


def test_a_shared_operation_answers_with_what_one_of_its_owners_has() -> None:
    documents = []
    for service, schema in (("customer", {"type": "object"}), ("ordering", {"type": "array"})):
        described = document("/imports", ref="Out", schema=schema)
        described["paths"]["/imports"]["get"] |= {
            "x-permission": service,
            "x-dispatch": {"by": "field", "field": "type", "values": [service]},
        }
        documents.append((service, described))

    operation = orjson.loads(merged("1", documents))["paths"]["/imports"]["get"]

    assert operation["x-dispatch"]["values"] == ["customer", "ordering"]
    assert operation["x-permission"] == "signed-in"
    assert operation["responses"]["200"]["content"]["a"]["schema"] == {
        "anyOf": [{"$ref": "#/components/schemas/Out"}, {"$ref": "#/components/schemas/OrderingOut"}]
    }


def test_one_path_of_two_services_has_one_name_for_its_parameter() -> None:
    one = document("/customers/{customer_id}", ref="A", schema={})
    other = document("/customers/{id}", ref="B", schema={}, method="delete")

    result = orjson.loads(merged("1", [("customer", one), ("identity", other)]))

    assert set(result["paths"]) == {"/customers/{customer_id}"}
    assert result["paths"]["/customers/{customer_id}"]["delete"]["parameters"][0]["name"] == "customer_id"
