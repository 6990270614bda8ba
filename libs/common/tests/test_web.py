"""Every operation of every service goes through this layer, so it is tested once, on a real PostgreSQL."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from threading import Event as Stop

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from common.housekeeping import forget_old
from common.ids import new_id
from common.service import Service
from common.testing import Client, TestDatabase, TestTokens, client_for, published
from sample.service import build

pytestmark = pytest.mark.postgres

HERE = "0195556a-0000-7000-8000-0000000000c1"
ELSEWHERE = "0195556a-0000-7000-8000-0000000000c2"


@pytest.fixture(scope="module")
def service(
    service_database: Callable[[str], TestDatabase], tokens: TestTokens, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    contracts: Path = tmp_path_factory.mktemp("contracts")
    made = build(service_database("sample").app_url, tokens.public_key, contracts)
    yield made
    made.db.dispose()


@pytest.fixture
def client(service: Service, tokens: TestTokens) -> Iterator[Client]:
    yield client_for(service, tokens.staff(["things.edit", "things.view"]))
    with service.db.transaction() as session:
        session.execute(text("DELETE FROM things"))
        session.execute(text("DELETE FROM outbox"))


def thing(name: str = "lamp", customer_id: str = HERE, **more: object) -> dict[str, object]:
    return {"name": name, "customer_id": customer_id} | more


def test_a_write_names_its_event_and_its_version(client: Client, service: Service) -> None:
    answer = client.post("/things", json=thing())
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"v1"'
    assert answer.headers["Location"] == f"/things/{answer.json['id']}"
    (event,) = published(service.db)
    assert event.id == answer.headers["Event-Id"]
    assert event.correlation_id == answer.headers["X-Request-Id"]


def test_a_repeated_key_gives_the_first_answer_and_no_second_effect(client: Client, service: Service) -> None:
    first = client.post("/things", json=thing(), key="once")
    again = client.post("/things", json=thing(), key="once")
    assert (again.json, again.headers["Event-Id"]) == (first.json, first.headers["Event-Id"])
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(published(service.db)) == 1


def test_a_key_with_other_content_is_refused(client: Client) -> None:
    client.post("/things", json=thing(), key="other-content")
    answer = client.post("/things", json=thing("desk"), key="other-content")
    assert (answer.status_code, answer.json["code"]) == (409, "idempotency_key_reused")


def test_a_key_belongs_to_the_content_of_a_file_too(client: Client) -> None:
    def upload(content: bytes) -> TestResponse:
        return client.post("/things/uploads", data={"name": "n", "file": (BytesIO(content), "a.csv")}, key="file")

    assert upload(b"one").json == {"name": "n", "size": 3}
    assert upload(b"one").headers["Idempotent-Replayed"] == "true"
    assert upload(b"two").json["code"] == "idempotency_key_reused"


def test_a_fresh_operation_asks_for_a_person_who_signed_in_lately(client: Client, tokens: TestTokens) -> None:
    now = int(time.time())
    answer = client.post("/things/vault", token=tokens.staff(["things.view"], auth_time=now - 590))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    for auth_time in (now - 610, None):
        old = client.post("/things/vault", token=tokens.staff(["things.view"], auth_time=auth_time))
        assert (old.status_code, old.json["code"], old.json["max_age"]) == (401, "authentication_too_old", 600)
        assert 'error="insufficient_user_authentication", max_age="600"' in old.headers["WWW-Authenticate"]
    program = client.post("/things/vault", token=tokens.staff(["things.view"], kind="api"))
    assert (program.status_code, program.json["code"]) == (403, "person_only")
    # Who may not do it at all is not sent to enter a password first.
    other = client.post("/things/vault", token=tokens.staff([], auth_time=now - 610))
    assert (other.status_code, other.json["code"]) == (403, "permission_missing")


def test_parallel_requests_with_one_key_have_one_effect(client: Client, service: Service) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda _: client.app.test_client().post(
                    "/things",
                    json=thing(),
                    headers={"Idempotency-Key": "race", "Authorization": f"Bearer {client._token}"},
                ),
                range(8),
            )
        )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert len(published(service.db)) == 1


def test_wrong_fields_are_named_by_json_pointers(client: Client) -> None:
    answer = client.post("/things", json={"name": "x" * 21, "colour": "red"})
    assert (answer.status_code, answer.json["code"]) == (422, "validation_failed")
    assert {error["pointer"] for error in answer.json["errors"]} == {"/name", "/customer_id", "/colour"}


@pytest.mark.parametrize(
    ("body", "media_type", "status", "code"),
    [
        (b"{", "application/json", 400, "json_malformed"),
        (b"[]", "application/json", 400, "json_malformed"),
        (b"[" * 100_000, "application/json", 400, "json_malformed"),
        (b'{"name": NaN}', "application/json", 400, "json_malformed"),
        (b'{"name": "\\ud800"}', "application/json", 400, "json_malformed"),
        (b"\xff\xfe", "application/json", 400, "json_malformed"),
        (b"name=lamp", "application/x-www-form-urlencoded", 400, "json_expected"),
        (b'{"name": "\\u0000", "customer_id": "' + HERE.encode() + b'"}', "application/json", 422, "validation_failed"),
        (b'{"name": "' + b"x" * 11_000_000 + b'"}', "application/json", 413, "body_too_large"),
    ],
)
def test_bad_content_is_a_problem_with_a_stable_code(
    client: Client, body: bytes, media_type: str, status: int, code: str
) -> None:
    answer = client.post("/things", data=body, content_type=media_type)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.content_type == "application/problem+json"


def test_nothing_is_read_before_the_caller_is_known(client: Client, tokens: TestTokens) -> None:
    assert client.app.test_client().post("/things", data=b"{").status_code == 401
    answer = client.post("/things", data=b"{", token=tokens.staff(["things.view"]))
    assert (answer.status_code, answer.json["permission"]) == (403, "things.edit")


def test_a_change_needs_the_version_that_was_read(client: Client) -> None:
    made = client.post("/things", json=thing()).json
    path = f"/customers/{HERE}/things/{made['id']}"
    assert client.patch(path, json={"name": "desk"}).json["code"] == "if_match_required"
    changed = client.patch(path, json={"name": "desk"}, version=1)
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"v2"')
    assert client.patch(path, json={"name": "chair"}, version=1).status_code == 412
    assert client.patch(path, json={"name": "chair"}, headers={"If-Match": "*"}).status_code == 412


def test_a_portal_account_sees_its_own_rows_and_no_other_customer(client: Client, tokens: TestTokens) -> None:
    client.post("/things", json=thing("mine"))
    client.post("/things", json=thing("theirs", ELSEWHERE))
    portal = tokens.portal({HERE: ["things.view"]})
    assert [item["name"] for item in client.get("/things", token=portal).json["items"]] == ["mine"]
    hidden = client.patch(f"/customers/{ELSEWHERE}/things/{new_id()}", json={"name": "x"}, version=1, token=portal)
    assert hidden.status_code == 404
    staff_only = client.patch(f"/customers/{HERE}/things/{new_id()}", json={"name": "x"}, version=1, token=portal)
    assert (staff_only.status_code, staff_only.json["code"]) == (403, "staff_only")


def test_the_database_refuses_a_row_outside_the_scope(client: Client, tokens: TestTokens) -> None:
    portal = tokens.portal({HERE: ["things.edit"]})
    answer = client.post("/things", json=thing("smuggled", ELSEWHERE), token=portal)
    assert answer.status_code == 404
    assert client.get("/things").json["items"] == []


def test_pages_joined_are_the_whole_list(client: Client) -> None:
    for number in range(23):
        client.post("/things", json=thing(f"thing {number % 5}", rank=None if number % 3 else number // 6))
    for by in ("name", "rank"):
        whole = client.get(f"/things?by={by}&limit=200").json["items"]
        joined, cursor = [], ""
        while cursor is not None:
            page = client.get(f"/things?by={by}&limit=4" + (f"&cursor={cursor}" if cursor else "")).json
            joined, cursor = joined + page["items"], page["next_cursor"]
        assert len(joined) == 23
        assert joined == whole


@pytest.mark.parametrize("cursor", ["x", "=", "%00", "AAAA", "a" * 3000])
def test_a_broken_cursor_is_refused(client: Client, cursor: str) -> None:
    answer = client.get(f"/things?cursor={cursor}")
    assert answer.status_code in {400, 422}


def test_a_cursor_of_another_list_is_refused(client: Client) -> None:
    for number in range(3):
        client.post("/things", json=thing(f"{number}"))
    cursor = client.get("/things?limit=1").json["next_cursor"]
    answer = client.get(f"/things?by=rank&limit=1&cursor={cursor}")
    assert (answer.status_code, answer.json["code"]) == (400, "cursor_invalid")


def test_a_bug_says_nothing_of_itself(client: Client) -> None:
    answer = client.get("/broken")
    assert (answer.status_code, answer.json["code"]) == (500, "internal_error")
    assert "secret" not in answer.get_data(as_text=True)


def test_health_needs_no_token(service: Service) -> None:
    anonymous = service.create_app().test_client()
    assert anonymous.get("/healthz").status_code == 200
    assert anonymous.get("/readyz").json == {"status": "ready"}
    assert b"atrium_http_request_seconds" in anonymous.get("/metrics").data


def test_keys_are_forgotten_after_a_day(client: Client, service: Service) -> None:
    client.post("/things", json=thing(), key="old")
    client.post("/things", json=thing(), key="young")
    with service.db.transaction() as session:
        session.execute(text("UPDATE idempotency_keys SET created_at = now() - interval '23 hours'"))
        before = session.execute(text("SELECT count(*) FROM idempotency_keys")).scalar_one()
        session.execute(
            text(
                "UPDATE idempotency_keys SET created_at = now() - interval '25 hours'"
                " WHERE key_hash IN (SELECT key_hash FROM idempotency_keys LIMIT 1)"
            )
        )
    assert not forget_old(service.db, Stop())
    with service.db.transaction() as session:
        assert session.execute(text("SELECT count(*) FROM idempotency_keys")).scalar_one() == before - 1
