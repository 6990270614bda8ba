"""Whatever is sent, the answer is a problem with a stable code and never a failure of ours."""

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from common.ids import new_id
from common.testing import Figure

from .product import Product
from .test_gateway import ALL

EXAMPLES = 3
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def token(product: Product) -> str:
    return product.tokens.staff(ALL)


@pytest.fixture(scope="module")
def customer(product: Product, token: str) -> str:
    return str(product.ask("POST", "/customers", token, json={"kind": "business", "name": "Bad input"}).json()["id"])


def operations(product: Product) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in product.ask("GET", "/openapi.json").json()["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield method.upper(), path, operation


def wrong(answer: requests.Response) -> str:
    """What is wrong with an answer to something bad; empty where nothing is."""
    if answer.status_code >= 500:
        return f"{answer.status_code}: {answer.text[:300]}"
    if answer.status_code >= 400:
        if answer.headers.get("Content-Type") != "application/problem+json":
            return f"{answer.status_code} as {answer.headers.get('Content-Type')}"
        if not re.fullmatch(r"[a-z0-9_.-]+", answer.json().get("code", "")):
            return f"{answer.status_code} without a stable code"
    return ""


def explore(
    product: Product, operation: schemathesis.APIOperation, mode: GenerationMode, token: str, customer: str | None
) -> list[str]:
    """What is wrong with the answers of one operation, at a customer that exists or wherever it is generated to."""
    found: list[str] = []

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def try_case(case: Any) -> None:
        if customer and "customer_id" in (case.path_parameters or {}):
            case.path_parameters["customer_id"] = customer
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}
        problem = wrong(product.session.request(**case.as_transport_kwargs(base_url=f"{product.url}/api"), timeout=30))
        if problem:
            found.append(f"{operation.method.upper()} {operation.path}: {problem}; body {str(case.body)[:200]!r}")

    # An operation that takes nothing has nothing that could be wrong.
    with contextlib.suppress(Unsatisfiable):
        try_case()
    return found


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
@pytest.mark.parametrize("known", [True, False], ids=["known-customer", "any-id"])
def test_nothing_generated_from_the_document_breaks_anything(
    product: Product, token: str, customer: str, mode: GenerationMode, known: bool, figure: Figure
) -> None:
    tried = 0
    schema = schemathesis.openapi.from_dict(product.ask("GET", "/openapi.json").json())
    found: list[str] = []
    for result in schema.get_all_operations():
        operation = result.ok()
        # What exists is not deleted under the feet of the operations that follow.
        if operation.path != "/events" and not (known and operation.method.upper() == "DELETE"):
            found += explore(product, operation, mode, token, customer if known else None)
            tried += 1
    assert found == []
    figure(
        f"errors of ours on generated input, {mode.value}", f"0 in {tried} operations, {EXAMPLES} examples each at most"
    )


BODIES = {
    "no JSON": (b"{", "application/json"),
    "no object": (b"[1, 2]", "application/json"),
    "NUL": (b'{"name": "a\\u0000b"}', "application/json"),
    "half a surrogate": (b'{"name": "\\ud800"}', "application/json"),
    "deep": (b"[" * 10_000 + b"]" * 10_000, "application/json"),
    "not a number": (b'{"name": NaN}', "application/json"),
    "huge number": (b'{"version": 1e400}', "application/json"),
    "not UTF-8": (b'{"name": "\xff"}', "application/json"),
    "another type": (b"name=x", "application/x-www-form-urlencoded"),
    "unknown field": (b'{"is_admin": true}', "application/json"),
    "a broken form": (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
    "nothing": (b"", "application/json"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_cannot_be_read_is_refused(product: Product, token: str, customer: str, name: str) -> None:
    body, media_type = BODIES[name]
    found = []
    for method, path, operation in operations(product):
        if "requestBody" in operation and operation.get("security") != []:
            target = re.sub(r"\{(\w+)\}", lambda match: customer if match[1] == "customer_id" else new_id(), path)
            headers = {"Content-Type": media_type, "If-Match": '"v1"'}
            answer = product.ask(method, target, token, data=body, headers=headers)
            problem = wrong(answer)
            if problem or (answer.status_code < 400 and name not in {"nothing"}):
                found.append(f"{method} {target}: {problem or answer.status_code}")
    assert found == []


def test_a_body_of_more_than_ten_megabytes_is_refused(product: Product, token: str) -> None:
    answer = product.ask("POST", "/customers", token, data=b" " * (10 * 1024 * 1024 + 1))

    assert (answer.status_code, answer.json()["code"]) == (413, "gateway.body_too_large")


@pytest.mark.parametrize("cursor", ["x", "AAAA", "é", "0" * 3000, "%00"])
def test_a_broken_cursor_is_refused(product: Product, token: str, cursor: str) -> None:
    found = []
    for method, path, operation in operations(product):
        names = {parameter.get("name") for parameter in operation.get("parameters", ())}
        if "cursor" in names and "{" not in path:
            answer = product.ask(
                method, path, token, params={"cursor": cursor, "q": "x"} if path == "/search" else {"cursor": cursor}
            )
            if wrong(answer) or not 400 <= answer.status_code < 500:
                found.append(f"{path}: {wrong(answer) or answer.status_code}")
    assert found == []


def test_forged_tokens_are_refused(product: Product) -> None:
    tokens = product.tokens
    claims = {"kind": "staff", "perms": ALL}
    forged = {
        "expired": tokens.sign(claims | {"exp": 1_000_000_000}),
        "not yet": tokens.sign(claims | {"nbf": 4_000_000_000}),
        "other audience": tokens.sign(claims | {"aud": "elsewhere"}),
        "other issuer": tokens.sign(claims | {"iss": "elsewhere"}),
        "unknown key": tokens.sign(claims, headers={"kid": "../../etc/passwd"}),
        "other type": tokens.sign(claims, headers={"typ": "JWT"}),
        "changed": tokens.sign(claims)[:-4] + "AAAA",
        "no algorithm": "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJzdWIiOiJ4In0.",
        "no token": "x",
        "unknown API token": "atr_" + "x" * 40,
    }

    answers = {name: product.ask("GET", "/customers", token) for name, token in forged.items()}

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(forged, 401)
    assert all(not wrong(answer) for answer in answers.values())
