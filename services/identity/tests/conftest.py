"""What the suites of this service share: the service over a fresh database, its people, and customers."""

import base64
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from common.service import Service
from common.testing import Client, TestDatabase, client_for
from common.tokens import Verifier
from identity.bootstrap import build
from identity.domain.accounts import Account
from identity.settings import Settings
from identity.tests.rig import PASSWORD, People, Signed, World
from identity.use_cases.signing import new_key_pair


@pytest.fixture(scope="module")
def service(service_database: Callable[[str], TestDatabase]) -> Iterator[Service]:
    private, public = new_key_pair()
    made = build(
        Settings(
            database_url=service_database("identity").app_url,
            identity_private_key=private,
            identity_public_key=public,
            identity_secret_key=base64.b64encode(os.urandom(32)).decode(),
        )
    )
    yield made
    made.db.dispose()


@pytest.fixture
def client(service: Service) -> Client:
    """Nobody in particular."""
    return client_for(service)


@pytest.fixture
def people(service: Service) -> People:
    return People(service)


@pytest.fixture
def sign_in(service: Service, client: Client) -> Callable[..., Signed]:
    """`sign_in(account)` signs somebody in with PASSWORD."""
    verifier = Verifier.from_pem(service.settings.identity_public_key)

    def signed(account: Account, password: str = PASSWORD, **more: Any) -> Signed:
        answer = client.post("/sessions", json={"username": account.username, "password": password} | more)
        assert answer.status_code == 201, answer.text
        tokens = answer.get_json()
        sid = verifier.principal(tokens["access_token"]).session_id
        return Signed(client_for(service, tokens["access_token"]), tokens, sid)

    return signed


@pytest.fixture
def administrator(people: People, sign_in: Callable[..., Signed]) -> Signed:
    return sign_in(people.staff("administrator", display_name="Grace Hopper"))


@pytest.fixture
def world(service: Service) -> World:
    return World(service)
