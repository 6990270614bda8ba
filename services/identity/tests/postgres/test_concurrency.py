"""Two at once: one wins, nothing is lost, and everything that ends a session is told to the gateways."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from common.clock import SystemClock
from common.db import Scope
from common.ids import new_id
from common.service import Service
from common.testing import Client, FixedClock, client_for, published
from identity.errors import LoginThrottled
from identity.seed import seed
from identity.tests.rig import PASSWORD, People, Signed, World
from identity.use_cases import attempts
from identity.use_cases.hashing import Hasher
from identity.use_cases.purging import purge


def at_once(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """Starts all together and returns what each came to."""
    ready = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        ready.wait(timeout=10)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_of_two_who_redeem_one_invitation_one_wins(service: Service, administrator: Signed, client: Client) -> None:
    body = {"email": f"{new_id()}@example.test", "display_name": "Dana", "roles": []}
    made = administrator.client.post("/invitations", json=body).get_json()
    path = made["invitation"]["accept_path"]
    passwords = ["first long password", "second long password"]
    clients = [client_for(service) for _ in passwords]
    answers = at_once(
        [
            lambda one=one, password=password: one.post(path, json={"password": password}).status_code
            for one, password in zip(clients, passwords, strict=True)
        ]
    )
    assert sorted(answers) == [201, 404]
    winner = passwords[answers.index(201)]
    assert client.post("/sessions", json={"username": made["username"], "password": winner}).status_code == 201
    accepted = [event for event in published(service.db, "identity.account.updated.v1") if event.subject == made["id"]]
    assert len(accepted) == 1


def test_of_two_who_use_one_refresh_token_one_wins_and_the_session_ends(
    service: Service, people: People, sign_in: Callable[..., Signed]
) -> None:
    account = people.staff("viewer")
    signed = sign_in(account)
    body = {"refresh_token": signed.tokens["refresh_token"]}
    clients = [client_for(service) for _ in range(2)]
    answers = at_once([lambda one=one: one.post("/sessions/refresh", json=body).status_code for one in clients])
    assert sorted(answers) == [201, 401]
    assert people.sessions(account.id) == 0
    assert signed.sid in people.revoked()


def test_of_two_administrators_who_remove_each_other_one_remains(
    service: Service, people: People, sign_in: Callable[..., Signed]
) -> None:
    one, other = people.staff("administrator"), people.staff("administrator")
    mine, theirs = sign_in(one), sign_in(other)
    with service.db.transaction() as session:
        rest = text("UPDATE accounts SET roles = '{viewer}' WHERE kind = 'staff' AND id NOT IN (:one, :other)")
        session.execute(rest, {"one": one.id, "other": other.id})
    answers = at_once(
        [
            lambda: mine.client.patch(f"/accounts/{other.id}", json={"roles": ["viewer"]}, version=1).status_code,
            lambda: theirs.client.patch(f"/accounts/{one.id}", json={"roles": ["viewer"]}, version=1).status_code,
        ]
    )
    assert sorted(answers) == [200, 409]


def test_two_editors_of_one_access_section_do_not_overwrite_each_other(
    people: People, world: World, sign_in: Callable[..., Signed]
) -> None:
    customer = world.customer()
    editors = [sign_in(people.staff("service")).client for _ in range(2)]
    path = f"/customers/{customer}/access"
    answers = at_once(
        [lambda one=one: one.put(path, json={"username": new_id()}, version=0).status_code for one in editors]
    )
    assert sorted(answers) == [200, 412]


def test_parallel_guesses_find_the_limit(service: Service, people: People) -> None:
    account = people.staff("viewer")
    body = {"username": account.username, "password": "wrong horse battery"}
    clients = [client_for(service) for _ in range(12)]
    answers = at_once([lambda one=one: one.post("/sessions", json=body).status_code for one in clients])
    assert set(answers) == {401, 429}
    assert answers.count(401) >= 5, "the free ones are free"


def test_a_disabled_account_that_signs_in_at_that_moment_has_no_session(
    service: Service, people: People, administrator: Signed
) -> None:
    account = people.staff("viewer")
    client = client_for(service)
    body = {"username": account.username, "password": PASSWORD}
    at_once(
        [
            lambda: client.post("/sessions", json=body),
            lambda: administrator.client.patch(f"/accounts/{account.id}", json={"status": "disabled"}, version=1),
        ]
    )
    assert people.of(account.id)["status"] == "disabled"
    assert people.sessions(account.id) == 0


def test_a_waiting_gateway_hears_of_a_revocation_long_before_its_wait_is_over(
    service: Service, people: People, sign_in: Callable[..., Signed]
) -> None:
    signed = sign_in(people.staff("viewer"))
    gateway = client_for(service)
    known = gateway.get("/internal/revocations").get_json()["known"]
    heard = threading.Event()

    def listen() -> None:
        answer = gateway.get(f"/internal/revocations?known={known}&wait=20").get_json()
        if signed.sid in answer["revoked"]:
            heard.set()

    listener = threading.Thread(target=listen)
    listener.start()
    signed.client.delete("/sessions/current")
    assert heard.wait(timeout=5)
    listener.join(timeout=5)


def test_the_portal_role_sees_its_own_customers_and_no_secret(service: Service, people: People, world: World) -> None:
    mine, other = world.customer(), world.customer()
    own, foreign = people.portal(mine, "buyer"), people.portal(other, "buyer")
    people.staff("viewer")
    with service.db.transaction(Scope((mine,))) as session:
        assert session.scalars(text("SELECT id::text FROM accounts")).all() == [own.id]
        assert session.scalars(text("SELECT account_id::text FROM credentials")).all() == [own.id]
        changed = session.execute(text("DELETE FROM credentials WHERE account_id = :id"), {"id": foreign.id})
        assert changed.rowcount == 0
    for statement in (
        "SELECT password_hash FROM credentials",
        "SELECT sealed_secret FROM second_factors",
        "SELECT current_hash FROM sessions",
        "SELECT hash FROM links",
        "SELECT * FROM api_tokens",
        "SELECT * FROM attempts",
        "SELECT * FROM revocations",
        "SELECT body FROM outbox",
    ):
        with pytest.raises(Exception, match="permission denied"), service.db.transaction(Scope((mine,))) as session:
            session.execute(text(statement))


def test_the_login_role_by_itself_sees_nothing(service: Service, people: People) -> None:
    people.staff("viewer")
    with psycopg.connect(service.db.dsn) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT * FROM accounts")


def test_waiting_times_grow_end_and_are_forgotten(service: Service) -> None:
    clock = FixedClock()
    counter = attempts.of_account(f"nobody-{new_id()}")

    def attempt() -> int:
        return service.db.run(lambda session: attempts.count(session, clock, counter))

    for expected in range(1, 6):
        assert attempt() == expected
    with pytest.raises(LoginThrottled) as refused:
        attempt()
    assert refused.value.facts == {"retry_after": 1}
    clock.move(seconds=1)
    assert attempt() == 6
    clock.move(hours=2)
    assert attempt() == 1
    service.db.run(lambda session: attempts.take_back(session, clock, counter))
    assert attempt() == 1


def test_an_account_is_locked_after_a_hundred_failures_but_never_the_last_administrator(
    service: Service, people: People, client: Client
) -> None:
    with service.db.transaction() as session:
        session.execute(text("UPDATE accounts SET roles = '{viewer}' WHERE kind = 'staff'"))
    viewer, last = people.staff("viewer"), people.staff("administrator")
    for account in (viewer, last):
        key = attempts.of_account(account.username or "").key
        with service.db.transaction() as session:
            almost = text("INSERT INTO attempts VALUES (:key, 99, now(), now()) ")
            session.execute(almost, {"key": key})
        client.post("/sessions", json={"username": account.username, "password": "wrong horse battery"})
    assert people.of(viewer.id)["disabled_reason"] == "locked"
    assert people.of(last.id)["status"] == "active"


def test_purging_forgets_what_no_longer_counts(
    service: Service, people: People, client: Client, sign_in: Callable[..., Signed]
) -> None:
    sign_in(people.staff("viewer")).client.delete("/sessions/current")
    sign_in(people.staff("viewer"))
    client.post("/password-resets", json={"username": "nobody"})
    clock = FixedClock(SystemClock().now())
    assert purge(service.db, clock, threading.Event()) is False
    assert people.revoked()
    clock.move(days=30)
    with service.db.transaction() as session:
        session.execute(text("UPDATE revocations SET revoked_at = now() - interval '13 minutes'"))
    purge(service.db, clock, threading.Event())
    with service.db.transaction() as session:
        for table in ("sessions", "revocations", "attempts", "reset_requests", "links"):
            assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table  # noqa: S608


def test_seeding_makes_the_first_administrator_once(service: Service, client: Client) -> None:
    told: list[str] = []
    hasher = Hasher()
    seed(service.db, hasher, "", told.append)
    seed(service.db, hasher, "", told.append)
    assert len(told) == 1
    username, password = told[0].split()
    answer = client.post("/sessions", json={"username": username, "password": password})
    assert answer.status_code == 201
    seed(service.db, hasher, "demo", told.append)
    assert client.post("/sessions", json={"username": username, "password": "demo"}).status_code == 201
    assert len(told) == 1
