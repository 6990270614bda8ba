"""A service that is down, slow or speaks nonsense is named, and costs nobody else anything."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gateway.settings import Upstreams

CUSTOMER = "/api/customers/01890a5d-ac96-774b-bcce-b302099a8057"


@pytest.fixture
def listener() -> Iterator[Callable[[Callable[[socket.socket], None]], str]]:
    """`listener(treat)`: an address where each connection is treated as told, and kept open until the end."""
    server = socket.create_server(("127.0.0.1", 0))
    held: list[socket.socket] = []

    def listen(treat: Callable[[socket.socket], None]) -> str:
        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                held.append(connection)
                treat(connection)

        threading.Thread(target=accept, daemon=True).start()
        return f"http://127.0.0.1:{server.getsockname()[1]}"

    yield listen
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    for connection in held:
        connection.close()


def over(make_gateway: Callable[..., Any], url: str, **settings: Any) -> Any:
    """A gateway whose customer service is at `url`."""
    plain = make_gateway().settings.upstreams
    upstreams = Upstreams(" ".join(f"{name}={address}" for name, address in {**plain, "customer": url}.items()))
    return make_gateway(upstreams=upstreams, **settings)


def test_a_stopped_service_is_named_and_the_others_go_on(make_gateway: Callable[..., Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    gateway = over(make_gateway, url)

    answer = gateway.client.get(CUSTOMER, token=gateway.token())

    assert (answer.status_code, answer.json["code"]) == (503, "gateway.service_unavailable")
    assert answer.json["service"] == "customer"
    assert int(answer.headers["Retry-After"]) >= 1
    assert gateway.client.get(CUSTOMER + "/overview", token=gateway.token()).status_code == 200


def test_a_service_that_never_answers_ends_at_the_deadline(make_gateway: Callable[..., Any], listener: Any) -> None:
    gateway = over(make_gateway, listener(lambda _: None), deadline=0.2)

    answer = gateway.client.get(CUSTOMER, token=gateway.token())

    assert (answer.status_code, answer.json["code"]) == (504, "gateway.service_timed_out")
    assert answer.json["service"] == "customer"


def test_an_answer_that_is_no_http_is_not_passed_on(make_gateway: Callable[..., Any], listener: Any) -> None:
    gateway = over(make_gateway, listener(lambda connection: connection.sendall(b"SSH-2.0-nonsense\r\n")))

    answer = gateway.client.get(CUSTOMER, token=gateway.token())

    assert (answer.status_code, answer.json["code"]) == (503, "gateway.service_unavailable")


def test_a_write_is_never_sent_twice(make_gateway: Callable[..., Any], listener: Any) -> None:
    received: list[bytes] = []

    def drop(connection: socket.socket) -> None:
        received.append(connection.recv(65536))
        connection.shutdown(socket.SHUT_RDWR)

    gateway = over(make_gateway, listener(drop))

    answer = gateway.client.post("/api/customers", json={}, token=gateway.token())

    assert answer.status_code == 503
    assert len(received) == 1


EXPORT = "01890a5d-ac96-774b-bcce-b302099a8099"


@pytest.mark.parametrize("answers", [True, False])
def test_an_export_is_put_together_and_names_who_did_not_answer(gateway: Any, answers: bool) -> None:
    asked = {"subject_type": "contact", "subject_id": EXPORT, "customer_id": CUSTOMER[-36:]}
    own = {"request": asked, "records": {"contacts": [{"name": "Ana"}]}, "events": []}
    known = {"accounts": [{"username": "ana"}], "events": []}
    gateway.services["customer"].replies[f"GET /internal/privacy-requests/{EXPORT}/export"] = own
    reply = known if answers else ("500 Internal Server Error", [("Content-Type", "application/json")], b"{}")
    gateway.services["identity"].replies["GET /internal/privacy-exports"] = reply

    answer = gateway.client.get(
        f"/api/privacy-requests/{EXPORT}/export", token=gateway.tokens.staff(["privacy.manage"])
    )

    assert answer.status_code == 200, answer.text
    assert answer.json["request"] == asked
    assert answer.json["services"]["customer"]["records"] == own["records"]
    assert answer.json["services"].get("identity") == (known if answers else None)
    assert answer.json["unavailable"] == ([] if answers else ["identity"])
    assert answer.headers["Cache-Control"] == "no-store"
    queries = [one["QUERY_STRING"] for one in gateway.services["identity"].asked if "privacy" in one["PATH_INFO"]]
    assert queries == [f"customer_id={CUSTOMER[-36:]}&contact_id={EXPORT}"]


def test_an_export_needs_its_permission(gateway: Any) -> None:
    refused = gateway.client.get(f"/api/privacy-requests/{EXPORT}/export", token=gateway.token())
    assert (refused.status_code, refused.json["permission"]) == (403, "privacy.manage")


@pytest.mark.parametrize(
    ("switch", "permission", "allowed", "rules"),
    [
        ("on", "documents.view", True, ["account_active", "switch_on"]),
        ("off", "documents.view", False, ["account_active", "switch_on"]),
        ("off", "customers.view", True, ["account_active"]),
    ],
)
def test_an_explanation_adds_the_switch_that_a_permission_depends_on(
    gateway: Any, switch: str, permission: str, allowed: bool, rules: list[str]
) -> None:
    asked = {"account_id": EXPORT, "permission": permission, "customer_id": CUSTOMER[-36:]}
    active = {"rule": "account_active", "passed": True, "detail": "The account is active."}
    explained = asked | {"allowed": True, "rules": [active], "helpers": []}
    gateway.services["identity"].replies["GET /internal/access/explain"] = explained
    state = {"effective": switch, "active": switch == "on", "source": "group", "inert_reason": None}
    switches = {"billing_enabled": state}
    gateway.services["portal-settings"].replies["GET /internal/effective-switches"] = {
        "items": [{"customer_id": CUSTOMER[-36:], "switches": switches}]
    }
    token = gateway.tokens.staff(["accounts.view"])
    answer = gateway.client.get("/api/access/explain", query_string=asked, token=token)
    assert answer.status_code == 200, answer.text
    assert (answer.json["allowed"], [rule["rule"] for rule in answer.json["rules"]]) == (allowed, rules)
    assert answer.json["unavailable"] == []


def test_a_part_that_is_too_slow_for_a_composed_view_is_named(make_gateway: Callable[..., Any], listener: Any) -> None:
    url = listener(lambda _: None)
    plain = make_gateway().settings.upstreams
    upstreams = Upstreams(" ".join(f"{name}={address}" for name, address in {**plain, "portal-settings": url}.items()))
    gateway = make_gateway(upstreams=upstreams)
    customer = {"id": CUSTOMER[-36:]}
    gateway.services["identity"].replies["GET /internal/me"] = {
        "account": {},
        "permissions": [],
        "customers": [customer],
    }

    answer = gateway.client.get("/api/me", token=gateway.token())

    assert (answer.status_code, answer.json["unavailable"]) == (200, ["portal-settings"])
