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
