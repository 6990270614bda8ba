"""A secret is planted, everything is done with it that can be done, and it is looked for wherever anybody may read."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import text

from common import tracing
from common.logs import JsonLines
from common.service import Service
from common.testing import Client, TestTokens, client_for, published
from customer.tests.conftest import STAFF
from customer.tests.postgres.deleting import delete_for_good
from customer.use_cases import store

CANARY = "CANARY-7f3a-hunter2"
LOGIN = {"key": "login", "label": "Login", "type": "secret", "min_length": 3}
NOTE = {"key": "note", "label": "Note", "type": "text", "max_length": 5}


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """Everything that is logged, as it leaves the process, with tracebacks."""
    caplog.set_level(logging.DEBUG)
    lines = JsonLines("customer")
    return lambda: "\n".join(lines.format(record) for record in caplog.records)


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Every span that ended, with its attributes and exceptions."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing.trace, "get_tracer", provider.get_tracer)
    return lambda: "\n".join(span.to_json() for span in exporter.get_finished_spans())


def stored(service: Service) -> str:
    """Every row that the service can read, as text; bytes in hexadecimal digits."""
    with service.db.transaction() as session:
        tables = session.execute(_TABLES).scalars().all()
        rows = [
            row
            for table in tables
            for row in session.execute(text(f"SELECT to_jsonb(t)::text FROM {table} t")).scalars()  # noqa: S608
        ]
    assert {"systems", "system_secrets", "outbox", "idempotency_keys"} <= set(tables)
    return "\n".join(rows)


def merged_and_parted(staff: Client, customer_id: str) -> list[Any]:
    """Merges a customer into a new one and undoes that; returns the answers."""
    survivor = f"/customers/{staff.post('/customers', json={'name': 'Harbour'}).json['id']}"
    plan = staff.post(f"{survivor}/merge-plans", json={"losers": [customer_id]})
    body = {"losers": [customer_id], "fingerprint": plan.json["fingerprint"]}
    merged = staff.post(f"{survivor}/merges", json=body)
    systems = staff.get(f"{survivor}/systems")
    assert systems.json["items"][0]["secrets"]["login"]["set"]
    undone = staff.post(f"{survivor}/merges/{merged.json['id']}/undo", json={"dry_run": False})
    return [plan, merged, systems, undone]


def test_a_secret_is_found_nowhere(
    staff: Client,
    service: Service,
    tokens: TestTokens,
    heard: Callable[[], str],
    traced: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    customer = staff.post("/customers", json={"name": "Harbour Lights"}).json
    kind = staff.post("/system-types", json={"name": "Alarm", "fields": [LOGIN, NOTE]}).json
    systems = f"/customers/{customer['id']}/systems"
    system = staff.post(systems, json={"type_id": kind["id"]}, key="add").json
    one = f"{systems}/{system['id']}"
    secret, reveal = f"{one}/secrets/login", f"{one}/secrets/login/reveal"

    def by(permissions: Any, **claims: Any) -> Client:
        return client_for(service, tokens.staff(permissions, **claims))

    done = [
        staff.put(secret, json={"value": CANARY}, version=1),
        staff.put(secret, json={"value": f"{CANARY}-2"}, version=2),
        staff.patch(one, json={"name": "Renamed", "values": {"note": "x"}}, version=3),
        staff.get(one),
        staff.get(systems),
        staff.get("/system-types"),
    ]
    assert {answer.status_code for answer in done} == {200}
    # Where it does not belong.
    misplaced = [
        staff.patch(one, json={"values": {"login": CANARY}}, version=4),
        staff.patch(one, json={"values": {"note": CANARY}}, version=4),
        staff.post(systems, json={"type_id": kind["id"], "values": {"login": CANARY}}, key="misplaced"),
        staff.put(secret, json={"value": [CANARY]}, version=4),
        staff.put(secret, json={"value": "a", "other": CANARY}, version=4),
        staff.put(secret, json={"value": CANARY + "x" * 4000}, version=4),
        staff.put(secret, data=f'{{"value": "{CANARY}', headers={"Content-Type": "application/json"}, version=4),
        staff.put(f"{one}/secrets/note", json={"value": CANARY}, version=4),
        staff.post(reveal, json={"revision": CANARY}),
    ]
    assert {answer.status_code for answer in misplaced} <= {400, 404, 422}
    # By whom it must not be read or written, and too late.
    refused = [
        by(["systems.view"]).post(reveal),
        by(["systems.view"]).put(secret, json={"value": CANARY}, version=4),
        by(STAFF, auth_time=1).post(reveal),
        by(STAFF, kind="api").post(reveal),
        staff.put(secret, json={"value": CANARY}, version=1),
        staff.put(secret, json={"value": CANARY}),
    ]
    assert {answer.status_code for answer in refused} == {401, 403, 412, 428}
    # While something breaks.
    with monkeypatch.context() as broken:
        broken.setattr(store, "update", lambda *_arguments: (_ for _ in ()).throw(RuntimeError("the disk is full")))
        failed = staff.put(secret, json={"value": CANARY}, version=4)
    assert failed.status_code == 500
    revealed = staff.post(reveal, json={"reason": "to see it"}, key="reveal")
    assert revealed.json["value"] == f"{CANARY}-2"
    before = stored(service)
    end = [
        staff.delete(secret, version=4),
        staff.put(secret, json={"value": CANARY}, version=5),
        staff.post(reveal, json={"revision": 99}),
        *merged_and_parted(staff, customer["id"]),
        staff.post(reveal, json={"revision": 99}),
    ]
    assert {answer.status_code for answer in end} == {200, 201, 204, 404}
    delete_for_good(service, staff, customer["id"])
    end.append(staff.post(reveal))
    assert end[-1].status_code == 404

    told = [*done, *misplaced, *refused, failed, *end]
    places = {
        "an answer": "\n".join(answer.text for answer in told),
        "a header": "\n".join(repr(dict(answer.headers)) for answer in [*told, revealed]),
        "a log": heard(),
        "a trace": traced(),
        "a row": before + stored(service),
        "an event": "\n".join(repr(event) for event in published(service.db)),
    }
    assert all(places.values())
    written = (CANARY, CANARY.encode().hex())
    assert [place for place, text in places.items() for form in written if form in text] == []


_TABLES = text(
    """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
    AND NOT relispartition AND has_table_privilege(oid, 'SELECT') ORDER BY relname
    """
)
