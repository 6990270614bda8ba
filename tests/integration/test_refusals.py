"""A refusal is the same wherever it is asked for: by a person through the gateway, by a program with an API token, and
directly at the service that owns the rule."""

from typing import Any

import pytest
import requests

from common.errors import Refusal
from common.testing import Figure
from embedded.programs import SERVICES
from gateway.answers import SECURITY

from .product import Product
from .raising import OPERATIONS, Operation, Raising, refusals
from .refused import REFUSALS, Refused
from .scene import ALL, Scene

_OF_THE_WAY = {"date", "server", "connection", "x-request-id", *(name.lower() for name, _ in SECURITY)}


@pytest.fixture(scope="module")
def scene(product: Product) -> Scene:
    return Scene(product)


def seen(answer: requests.Response) -> dict[str, Any]:
    """A refusal without what tells one request apart."""
    return {name: value for name, value in answer.json().items() if name != "instance"} | {"status": answer.status_code}


@pytest.mark.parametrize("refused", REFUSALS, ids=lambda one: one.name)
def test_a_refusal_is_the_same_through_the_gateway_by_a_program_and_at_the_service(
    scene: Scene, refused: Refused
) -> None:
    token = scene.asker(refused)
    through_the_gateway = seen(scene.ask(refused, token))
    assert (through_the_gateway["code"], through_the_gateway["status"]) == (refused.code, refused.status)
    assert through_the_gateway["detail"].rstrip(".") != through_the_gateway["title"], "says what to do next"
    assert seen(scene.ask(refused, token, direct=True)) == through_the_gateway
    if refused.by == "staff":
        assert seen(scene.ask(refused, scene.program)) == through_the_gateway


def test_the_table_holds_what_the_switches_and_the_edge_cases_give(figure: Figure) -> None:
    codes = {refused.code for refused in REFUSALS}
    programs = sum(refused.by == "staff" for refused in REFUSALS)
    assert len(codes) > 100
    assert programs > 80
    told = f"{len(codes)} codes in {len(REFUSALS)} requests, each also at the service, {programs} also by a program"
    figure("refusals that are the same on every way", told)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.service)
def test_whatever_a_service_refuses_with_arrives_as_it_is(
    scene: Scene, operation: Operation, monkeypatch: pytest.MonkeyPatch, figure: Figure
) -> None:
    path = scene.named(operation.path)
    person = scene.product.tokens.portal({scene.ids["open"]: ALL})
    own = {"Authorization": f"Bearer {person}"}
    tokens = (person, scene.staff, scene.program)
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
        through = [whole(scene.product.ask("GET", path, token)) for token in tokens]
        wrong += [code for one in through if one != at_the_service]
        codes.add(code)
        asked += 1 + len(tokens)
    assert wrong == []
    figure(f"codes of {operation.service} that arrive as they are", f"{len(codes)} in {asked} requests")


def test_every_service_behind_the_gateway_is_asked() -> None:
    assert {operation.service for operation in OPERATIONS} == set(SERVICES)


def test_what_one_of_several_owners_refuses_arrives_from_it(scene: Scene) -> None:
    product, nobody = scene.product, scene.product.tokens.staff()
    owners = {"customers": "customer", "prices": "ordering", "stock": "warehouse"}
    unknown = f"/imports/{scene.ids['unknown']}"
    not_found = []
    for kind, service in owners.items():
        url = product.programs[service].web.url
        for token, body, code in (
            (scene.staff, b"", f"{service}.import_options"),
            (nobody, b"name\nx\n", "permission_missing"),
        ):
            sent: dict[str, Any] = {"data": {"type": kind, "mode": "upsert"}, "files": {"file": ("rows.csv", body)}}
            own = {"Authorization": f"Bearer {token}"}
            at_the_service = whole(product.session.post(f"{url}/imports", headers=own, timeout=30, **sent))
            assert at_the_service[0]["code"] == code
            assert whole(product.ask("POST", "/imports", token, **sent)) == at_the_service
        own = {"Authorization": f"Bearer {scene.staff}"}
        not_found.append(whole(product.session.get(f"{url}{unknown}", headers=own, timeout=30)))
    assert [status for _, status, _ in not_found] == [404, 404, 404]
    assert whole(product.ask("GET", unknown, scene.staff)) in not_found, "one of those that were asked in turn"


def whole(answer: requests.Response) -> tuple[dict[str, Any], int, dict[str, str]]:
    """(body, status, headers) of a refusal without what tells one request, or the way that it took, apart."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    kept = {name: value for name, value in headers.items() if name not in _OF_THE_WAY}
    body = {name: value for name, value in answer.json().items() if name != "instance"}
    return body, answer.status_code, kept
