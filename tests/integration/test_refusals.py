"""A refusal is the same wherever it is asked for: by a person through the gateway, by a program with an API token, and
directly at the service that owns the rule."""

from typing import Any

import pytest
import requests

from common.errors import Refusal
from common.testing import Figure, eventually
from gateway.answers import SECURITY

from .product import Product
from .raising import OPERATIONS, Operation, Raising, refusals
from .refused import ALL, Refused, Scene

_OF_THE_WAY = {"date", "server", "connection", "x-request-id", *(name.lower() for name, _ in SECURITY)}

REFUSALS = [
    Refused("ordering.order_authorization_disabled", 403, "/orders/{no_ordering.goods}/submission", "no_ordering"),
    Refused("ordering.preorders_disabled", 403, "/orders/{no_preorders.ahead}/submission", "no_preorders"),
    Refused("ordering.lines_unavailable", 422, "/orders/{no_market.goods}/submission", "no_market", program=True),
    Refused("ordering.internal_inventory_disabled", 403, "/orders/{no_inventory.internal}/submission", "no_inventory"),
    Refused("ordering.no_lines", 422, "/orders", body={"customer_id": "{open}", "lines": []}, program=True),
    Refused("ordering.order_status", 409, "/orders/{open.cancelled}/submission", program=True),
    Refused("ordering.staff_fields", 403, "/orders/{open.goods}/submission", body={"override_reason": "x"}),
    Refused("ordering.price_changed", 409, "/orders/{open.dearer}/submission", program=True),
    Refused("ordering.revision_changed", 409, "/orders/{open.goods}/submission", body={"revision": 9}, program=True),
    Refused("ordering.limit_exceeded", 422, "/orders/{limited.goods}/submission", "limited", program=True),
    Refused("ordering.customer_archived", 409, "/orders/{archived.goods}/submission", "archived", program=True),
    Refused("ordering.order_not_found", 404, "/orders/{no_market.goods}/submission"),
    Refused("ordering.order_not_found", 404, "/orders/{unknown}", method="GET", program=True),
    Refused("ordering.already_shipped", 409, "/orders/{open.shipped}/cancellation", body={"reason": "x"}),
    Refused("ordering.cart_not_found", 404, "/carts/{unknown}", method="GET", program=True),
    Refused("warehouse.warehouse_disabled", 403, "/stock", "no_warehouse", method="GET"),
    Refused(
        "warehouse.return_exceeds_shipped",
        409,
        "/returns",
        body={
            "lines": [
                {
                    "shipment_id": "{open.shipment}",
                    "line_id": "{open.shipped_line}",
                    "quantity": 99,
                    "reason": "not_needed",
                }
            ]
        },
        program=True,
    ),
    Refused("warehouse.internal_inventory_disabled", 404, "/assets", "no_inventory", method="GET"),
    Refused(
        "warehouse.internal_inventory_disabled",
        404,
        "/assets",
        "no_inventory",
        {"customer_id": "{no_inventory}", "name": "x"},
    ),
    Refused(
        "warehouse.warehouse_disabled",
        403,
        "/customers/{no_warehouse}/warehouse/transfers",
        "no_warehouse",
        {"direction": "in", "lines": [{"sku": "goods", "quantity": 1}]},
    ),
    Refused("ordering.po_number_required", 422, "/orders/{numbered.goods}/submission", "numbered", program=True),
    Refused(
        "ordering.line_unsuitable",
        422,
        "/orders/{open.shipped}/line-cancellations",
        body={"lines": [{"line_id": "{open.shipped_line}", "quantity": 9}], "reason": "x"},
        program=True,
    ),
    Refused("ordering.order_status", 409, "/orders/{open.cancelled}/withdrawal", program=True),
    Refused("permission_missing", 403, "/orders/{open.goods}/submission", without=frozenset(["orders.place"])),
]


@pytest.fixture(scope="module")
def scene(product: Product) -> Scene:
    return Scene(product)


def seen(answer: requests.Response) -> dict[str, Any]:
    """A refusal without what tells one request apart."""
    return {name: value for name, value in answer.json().items() if name != "instance"} | {"status": answer.status_code}


@pytest.mark.parametrize("refused", REFUSALS, ids=lambda one: f"{one.code} {one.path.split('/')[-1]}")
def test_a_refusal_is_the_same_through_the_gateway_by_a_program_and_at_the_service(
    scene: Scene, refused: Refused
) -> None:
    person = scene.portal(refused)

    through_the_gateway: dict[str, Any] = {}

    def is_told() -> bool:  # the owner hears of switches, limits, shipments and archiving by events
        through_the_gateway.clear()
        through_the_gateway.update(seen(scene.ask(refused, person)))
        return through_the_gateway.get("code") == refused.code

    eventually(is_told, 20)

    assert through_the_gateway["status"] == refused.status
    assert seen(scene.ask(refused, person, direct=True)) == through_the_gateway
    assert through_the_gateway["detail"].rstrip(".") != through_the_gateway["title"], "says what to do next"
    if refused.program:
        by_program = seen(scene.ask(refused, scene.program))
        at_the_service = seen(scene.ask(refused, scene.product.tokens.staff(ALL), direct=True))
        assert by_program == at_the_service
        assert by_program["code"] == refused.code


def test_the_table_holds_every_switch_and_enough_codes(figure: Figure) -> None:
    codes = {refused.code for refused in REFUSALS}
    assert len(codes) >= 16
    figure("refusals the same at the gateway, by a program and at the service", f"{len(codes)} codes")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.service)
def test_whatever_a_service_refuses_with_arrives_as_it_is(
    scene: Scene, operation: Operation, monkeypatch: pytest.MonkeyPatch, figure: Figure
) -> None:
    path = scene.named(operation.path)
    person = scene.product.tokens.portal({scene.ids["open"]: ALL})
    own = {"Authorization": f"Bearer {person}"}
    raising = Raising(operation, monkeypatch)
    wrong, codes, asked = [], set(), 0
    for code, status, error in refusals(operation.service):
        raising.error = error
        url = scene.product.programs[operation.service].web.url + path
        at_the_service = whole(scene.product.session.get(url, headers=own, timeout=30))
        body, answered, headers = at_the_service
        assert (body["code"], body["status"], answered) == (code, status, status)
        assert headers["content-type"] == "application/problem+json"
        if isinstance(error, Refusal):
            assert (body["title"], body["detail"], len(body["errors"])) == (error.title, error.detail, 2)
            assert error.facts.items() <= body.items()
        assert ("retry-after" in headers, "www-authenticate" in headers) == (status in {429, 503}, status == 401)
        through = [whole(scene.product.ask("GET", path, token)) for token in (person, scene.staff, scene.program)]
        wrong += [code for one in through if one != at_the_service]
        codes.add(code)
        asked += 4
    assert wrong == []
    figure(f"codes of {operation.service} that arrive as they are", f"{len(codes)} in {asked} requests")


def whole(answer: requests.Response) -> tuple[dict[str, Any], int, dict[str, str]]:
    """(body, status, headers) of a refusal without what tells one request, or the way that it took, apart."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    kept = {name: value for name, value in headers.items() if name not in _OF_THE_WAY}
    body = {name: value for name, value in answer.json().items() if name != "instance"}
    return body, answer.status_code, kept
