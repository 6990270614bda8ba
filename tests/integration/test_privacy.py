"""Through the whole product: an erased person is nowhere, the receipt is whole, and ended access ends at once."""

import threading
from typing import Any

import pytest
from sqlalchemy import text

from common.ids import new_id
from common.replay import replay
from common.testing import eventually
from overview.bootstrap import for_generation
from overview.jobs.rebuilding import Rebuild

from .product import PASSWORD, Product

NAME = "Tomasina Hlavkova"


@pytest.fixture(scope="module")
def staff(product: Product) -> str:
    return product.sign_in()


@pytest.fixture
def person(product: Product, staff: str) -> dict[str, Any]:
    """A contact with a portal account that has signed in."""
    post = Poster(product, staff)
    customer = post("/customers", {"name": "Alder Trading"})["id"]
    contact = post(f"/customers/{customer}/contacts", {"name": NAME, "emails": [{"address": "t@alder.example"}]})["id"]
    username = f"tomasina-{new_id()}@alder.example"
    body = {"username": username, "display_name": NAME, "email": username, "roles": ["admin"], "contact_id": contact}
    eventually(lambda: product.ask("GET", f"/customers/{customer}/access", staff).status_code == 200)
    user = post(f"/customers/{customer}/users", body)
    accepted = product.ask("POST", user["invitation"]["accept_path"], json={"password": PASSWORD})
    assert accepted.status_code == 201, accepted.text
    signed = product.ask("POST", "/sessions", json={"username": username, "password": PASSWORD}).json()
    token = signed["access_token"]
    assert product.ask("GET", f"/customers/{customer}", token).status_code == 200
    return {"customer": customer, "contact": contact, "user": user["id"], "token": token, "username": username}


class Poster:
    """Sends what must succeed."""

    def __init__(self, product: Product, token: str) -> None:
        self._product, self._token = product, token

    def __call__(self, path: str, content: dict[str, Any]) -> dict[str, Any]:
        answer = self._product.ask("POST", path, self._token, json=content)
        assert answer.status_code in {200, 201}, answer.text
        return dict(answer.json())


def everywhere(product: Product) -> dict[str, str]:
    """What every table of every service says, by service and table."""
    found = {}
    for name, program in product.programs.items():
        with program.service.db.transaction() as session:
            schemas = "('public', (SELECT 'g' || max(number) FROM generations))" if name == "overview" else "('public')"
            tables = session.execute(
                text(
                    "SELECT schemaname || '.' || tablename FROM pg_tables"  # noqa: S608  # our own names
                    f" WHERE schemaname IN {schemas} AND tablename NOT LIKE 'outbox\\_%'"
                    " AND has_table_privilege(schemaname || '.' || tablename, 'SELECT')"
                )
            ).scalars()
            for table in tables.all():
                rows = session.execute(text(f"SELECT t::text FROM {table} t")).scalars()  # noqa: S608  # the catalogue
                found[f"{name} {table}"] = "\n".join(rows)
    return found


def test_an_erased_person_is_nowhere_also_after_a_replay(product: Product, staff: str, person: dict[str, Any]) -> None:
    post = Poster(product, staff)
    asked = {"subject_type": "contact", "subject_id": person["contact"], "reason": "Asked by letter"}
    given = post("/privacy-requests", asked | {"kind": "export"})
    export = product.ask("GET", f"/privacy-requests/{given['id']}/export", staff).json()
    assert export["services"]["customer"]["records"]["contacts"][0]["name"] == NAME
    assert export["services"]["identity"]["accounts"][0]["username"] == person["username"]
    assert export["unavailable"] == []

    path = f"/customers/{person['customer']}/overview"
    eventually(lambda: NAME in product.ask("GET", path, staff).text)
    request = post("/privacy-requests", asked | {"kind": "erase"})

    def receipt() -> dict[str, Any]:
        return dict(product.ask("GET", f"/privacy-requests/{request['id']}", staff).json())

    eventually(lambda: receipt()["state"] == "completed")
    assert set(receipt()["receipt"]) == {"automation", "customer", "identity", "ordering", "overview", "warehouse"}
    assert receipt()["receipt"]["identity"]["accounts"] == 1
    eventually(lambda: not where(product, NAME, person["username"]))
    assert product.ask("GET", f"/customers/{person['customer']}", person["token"]).status_code == 401

    overview = product.programs["overview"]
    transport = overview.worker.transport
    rebuild = Rebuild(overview.service.db, transport, lambda number: for_generation(overview.service, number))
    for name in ("customer", "identity", "portal-settings", "ordering", "warehouse", "automation"):
        replay(product.programs[name].service, transport, rebuild.consumer)
    assert rebuild.run(threading.Event(), lambda _progress: None)
    assert where(product, NAME, person["username"]) == []
    timeline = product.ask("GET", f"/customers/{person['customer']}/timeline", staff).json()["items"]
    assert {"added", "erased"} <= {entry["verb"] for entry in timeline if entry["kind"] == "contact"}


def where(product: Product, *parts: str) -> list[str]:
    return [place for place, said in everywhere(product).items() if any(part in said for part in parts)]


def test_clearing_the_user_name_ends_a_live_session(product: Product, staff: str, person: dict[str, Any]) -> None:
    path = f"/customers/{person['customer']}/users/{person['user']}"
    version = product.ask("GET", path, staff).json()["version"]
    headers = {"If-Match": f'"v{version}"'}
    cleared = product.ask("PATCH", path, staff, json={"username": None}, headers=headers)
    assert cleared.json()["disabled_reason"] == "username_cleared"
    eventually(lambda: product.ask("GET", f"/customers/{person['customer']}", person["token"]).status_code == 401, 2)


def test_who_was_switched_off_during_an_archive_stays_off(product: Product, staff: str, person: dict[str, Any]) -> None:
    post = Poster(product, staff)
    customer, path = person["customer"], f"/customers/{person['customer']}/users/{person['user']}"
    post(f"/customers/{customer}/archival", {"reason": "Moved"})
    eventually(lambda: product.ask("GET", path, staff).json()["disabled_reason"] == "archived")
    assert product.ask("GET", f"/customers/{customer}", person["token"]).status_code in {401, 404}
    headers = {"If-Match": f'"v{product.ask("GET", path, staff).json()["version"]}"'}
    off = product.ask("PATCH", path, staff, json={"status": "disabled"}, headers=headers)
    assert off.json()["disabled_reason"] == "manual", off.text
    post(f"/customers/{customer}/restoration", {})
    other = post(f"/customers/{customer}/contacts", {"name": "Later"})["id"]
    eventually(lambda: other in product.ask("GET", f"/customers/{customer}/overview", staff).text)
    eventually(lambda: product.ask("GET", f"/customers/{customer}/access", staff).status_code == 200)
    assert product.ask("GET", path, staff).json()["disabled_reason"] == "manual"
