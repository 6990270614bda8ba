"""What a client may rely on at the front door, whatever is behind it."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from common.testing import eventually
from gateway.sessions import Revocations

CUSTOMER = "/api/customers/01890a5d-ac96-774b-bcce-b302099a8057"


def test_a_request_reaches_its_service_below_the_prefix_with_its_query(gateway: Any) -> None:
    gateway.services["customer"].replies["GET " + CUSTOMER[4:]] = {"name": "Ana"}

    answer = gateway.client.get(CUSTOMER + "?after=1&q=a%20b", token=gateway.token())

    assert answer.status_code == 200
    assert answer.json == {"name": "Ana"}
    asked = gateway.services["customer"].asked[-1]
    assert asked["PATH_INFO"] == CUSTOMER[4:]
    assert asked["QUERY_STRING"] == "after=1&q=a%20b"


def test_a_service_sees_who_calls_and_how_long_it_may_take(gateway: Any) -> None:
    token = gateway.token()

    answer = gateway.client.get(
        CUSTOMER, token=token, headers={"X-Request-Id": "r-1", "X-Client-Address": "forged", "X-Tenant": "other"}
    )

    asked = gateway.services["customer"].asked[-1]
    assert asked["HTTP_AUTHORIZATION"] == f"Bearer {token}"
    assert asked["HTTP_X_REQUEST_ID"] == "r-1" == answer.headers["X-Request-Id"]
    assert asked["HTTP_X_CLIENT_ADDRESS"] == "127.0.0.1"
    assert float(asked["HTTP_X_REQUEST_DEADLINE"]) > 0
    assert asked["HTTP_TRACEPARENT"].startswith("00-")
    assert "HTTP_X_TENANT" not in asked


def test_a_trace_goes_on(gateway: Any) -> None:
    trace = f"00-{'a' * 32}-{'b' * 16}-01"

    gateway.client.get(CUSTOMER, token=gateway.token(), headers={"traceparent": trace})

    assert gateway.services["customer"].asked[-1]["HTTP_TRACEPARENT"] == trace


def test_a_body_is_passed_on_as_it_is(gateway: Any) -> None:
    body = b'{"name": "x", "name": "y"}'

    gateway.client.post("/api/customers", data=body, token=gateway.token(), content_type="application/json", key="k")

    asked = gateway.services["customer"].asked[-1]
    assert asked["body"] == body
    assert asked["HTTP_IDEMPOTENCY_KEY"] == "k"


def test_large_bodies_go_through_in_both_directions(gateway: Any) -> None:
    content = bytes(range(256)) * 8192
    gateway.services["customer"].replies["POST /imports"] = lambda _: ("200 OK", [], content)

    answer = gateway.client.post(
        "/api/imports?type=customers",
        data=content,
        content_type="multipart/form-data; boundary=x",
        token=gateway.token(),
    )

    assert gateway.services["customer"].asked[-1]["body"] == content
    assert answer.data == content


def test_a_created_thing_is_at_its_public_address(gateway: Any) -> None:
    gateway.services["customer"].replies["POST /customers"] = ("201 Created", [("Location", "/customers/7")], b"{}")

    answer = gateway.client.post("/api/customers", json={}, token=gateway.token())

    assert answer.headers["Location"] == "/api/customers/7"


def test_an_unmodified_answer_has_no_body(gateway: Any) -> None:
    gateway.services["customer"].replies["GET " + CUSTOMER[4:]] = ("304 Not Modified", [("ETag", '"v1"')], b"")

    answer = gateway.client.get(CUSTOMER, token=gateway.token(), headers={"If-None-Match": '"v1"'})

    assert (answer.status_code, answer.data) == (304, b"")


def test_head_is_as_get_without_the_body(gateway: Any) -> None:
    answer = gateway.client.request("HEAD", CUSTOMER, token=gateway.token())

    assert (answer.status_code, answer.data) == (200, b"")
    assert gateway.services["customer"].asked[-1]["REQUEST_METHOD"] == "GET"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/nothing", 404, "gateway.no_such_path"),
        ("GET", "/api/internal/secret", 404, "gateway.no_such_path"),
        ("DELETE", "/api/customers", 405, "gateway.method_not_allowed"),
        ("GET", "/api/customers/..%2Finternal%2Fsecret", 400, "gateway.malformed_request"),
        ("GET", "/api/customers/../internal/secret", 400, "gateway.malformed_request"),
        ("GET", "/api//customers", 400, "gateway.malformed_request"),
        ("GET", CUSTOMER, 401, "token_refused"),
    ],
)
def test_what_cannot_go_on_is_refused_with_a_stable_code(
    gateway: Any, method: str, path: str, status: int, code: str
) -> None:
    answer = gateway.client.request(method, path, environ_overrides={"REQUEST_URI": path, "RAW_URI": path})

    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.content_type == "application/problem+json"
    assert answer.json["instance"].endswith(answer.headers["X-Request-Id"])
    assert not any(service.asked for name, service in gateway.services.items() if name != "identity")


def test_every_answer_carries_the_security_headers_and_none_allows_another_origin(gateway: Any) -> None:
    for answer in (
        gateway.client.get(CUSTOMER, token=gateway.token(), headers={"Origin": "https://elsewhere.example"}),
        gateway.client.get("/api/nothing"),
        gateway.client.get("/api/openapi.json"),
    ):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_another_host_name_is_refused(gateway: Any) -> None:
    answer = gateway.client.get(CUSTOMER, token=gateway.token(), headers={"Host": "evil.example"})

    assert (answer.status_code, answer.json["code"]) == (400, "gateway.unknown_host")


def test_too_large_a_body_is_refused_before_it_is_read(gateway: Any) -> None:
    answer = gateway.client.post(
        "/api/customers", token=gateway.token(), environ_overrides={"CONTENT_LENGTH": str(11 * 1024 * 1024)}
    )

    assert (answer.status_code, answer.json["code"]) == (413, "gateway.body_too_large")
    assert not gateway.services["customer"].asked


def test_headers_that_are_too_large_are_refused(gateway: Any) -> None:
    answer = gateway.client.get(CUSTOMER, token=gateway.token(), headers={"X-Much": "x" * 40_000})

    assert (answer.status_code, answer.json["code"]) == (431, "gateway.headers_too_large")


def test_an_account_that_calls_too_often_is_told_to_wait(make_gateway: Callable[..., Any]) -> None:
    gateway = make_gateway(rate_per_account="2/minute")
    token = gateway.token()

    statuses = [gateway.client.get(CUSTOMER, token=token).status_code for _ in range(3)]
    refused = gateway.client.get(CUSTOMER, token=token)

    assert statuses == [200, 200, 429]
    assert int(refused.headers["Retry-After"]) >= 1
    assert gateway.client.get(CUSTOMER, token=gateway.token()).status_code == 200


def test_logins_are_limited_by_address(make_gateway: Callable[..., Any]) -> None:
    gateway = make_gateway(rate_of_logins="1/minute", trusted_proxies=1)

    def login(address: str) -> int:
        return int(gateway.client.post("/api/sessions", json={}, headers={"X-Forwarded-For": address}).status_code)

    assert [login("10.0.0.1"), login("10.0.0.1"), login("10.0.0.2")] == [200, 429, 200]


def test_a_revoked_session_is_refused(gateway: Any) -> None:
    token = gateway.token(sid="s-1")
    assert gateway.client.get(CUSTOMER, token=token).status_code == 200

    news = {"known": "2", "revoked": ["s-1"]}
    gateway.services["identity"].replies["GET /internal/revocations"] = news
    refused = eventually(
        lambda: next((a for a in [gateway.client.get(CUSTOMER, token=token)] if a.status_code != 200), None)
    )

    assert (refused.status_code, refused.json["code"]) == (401, "gateway.session_revoked")


def test_with_identity_silent_reads_go_on_and_writes_wait(gateway: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert gateway.client.get(CUSTOMER, token=gateway.token()).status_code == 200
    gateway.services["identity"].replies["GET /internal/revocations"] = ("503 Down", [], b"")
    monkeypatch.setattr(Revocations, "SILENCE", 0.0)

    def write() -> Any:
        return gateway.client.post("/api/customers", json={}, token=gateway.token())

    eventually(lambda: write().status_code == 503)
    assert write().json["code"] == "gateway.sessions_unknown"
    assert gateway.client.get(CUSTOMER, token=gateway.token()).status_code == 200


def test_the_own_account_is_composed_and_survives_a_missing_part(gateway: Any) -> None:
    account = {"account": {"id": "1"}, "permissions": [], "customers": [{"id": CUSTOMER[-36:]}]}
    gateway.services["identity"].replies["GET /internal/me"] = account
    gateway.services["portal-settings"].replies["GET /internal/effective-switches"] = ("503 Down", [], b"")
    token = gateway.tokens.portal({"01890a5d-ac96-774b-bcce-b302099a8057": ["customers.view"]})

    answer = gateway.client.get("/api/me", token=token)

    assert answer.status_code == 200
    assert answer.json == account | {"switches": {}, "unavailable": ["portal-settings"]}


def test_the_token_of_an_account_that_is_gone_says_so(gateway: Any) -> None:
    gateway.services["identity"].replies["GET /internal/me"] = ("404 Not Found", [], b"{}")

    answer = gateway.client.get("/api/me", token=gateway.token())

    assert (answer.status_code, answer.json["code"]) == (401, "gateway.account_gone")


def test_one_document_describes_everything_public(gateway: Any) -> None:
    document = orjson.loads(gateway.client.get("/api/openapi.json").data)

    assert {"/customers", "/customers/{id}/overview", "/me", "/portal-settings"} <= set(document["paths"])
    assert not any("internal" in path for path in document["paths"])
    assert set(document["paths"]["/customers"]) == {"get", "post"}


def test_the_documentation_needs_nothing_from_elsewhere(gateway: Any) -> None:
    page = gateway.client.get("/api/docs/")

    assert page.status_code == 200
    assert "://" not in page.text
    assert gateway.client.get("/api/docs/swagger-ui-bundle.js").status_code == 200
    assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"].partition("style-src")[0]


def test_ready_means_that_sessions_are_known_and_every_service_was_there(gateway: Any) -> None:
    gateway.services["overview"].replies["GET /readyz"] = ("503 Starting", [], b"{}")
    eventually(lambda: gateway.client.get("/readyz").json == {"status": "waiting", "missing": ["overview"]})
    assert gateway.client.get("/readyz").status_code == 503

    gateway.services["overview"].replies["GET /readyz"] = {}
    assert gateway.client.get("/readyz").status_code == 200
