"""Imports that are interrupted: at any point, the rows are written once and the counts are right."""

from collections.abc import Callable
from io import BytesIO
from threading import Event as Stop
from typing import Any

import pytest
from sqlalchemy import text

from common.ids import new_id
from common.importing import lease
from common.importing.run import Runner
from common.service import Service
from common.testing import Client, published
from customer.domain.numbers import Numbering
from customer.use_cases.imports.kinds import of_customers


class Killed(BaseException):
    """Stands for the end of the process."""


ROWS = 35


@pytest.fixture
def started(staff: Client) -> Callable[..., str]:
    """Starts an import of 35 rows of which every tenth repeats the one before, and returns its id."""

    def start(prefix: str, **fields: str) -> str:
        lines = [
            f"{prefix}{n if n % 10 else n - 1 if n else 0},Company {n},Person {n},Kai {n},Kiel,DE" for n in range(ROWS)
        ]
        body = "number,name,contact,address,city,country\n" + "\n".join(lines)
        form = {"type": "customers", "file": (BytesIO(body.encode()), "a.csv")} | fields
        answer = staff.post("/imports", data=form)
        assert answer.status_code == 202
        return answer.json["id"]

    return start


def runner(service: Service, seconds: int = 0) -> Runner:
    """A worker of its own; its lease is over at once, as it is for whoever comes later."""
    return Runner(service.db, of_customers(Numbering()), chunk_rows=10, lease_seconds=seconds)


def finished(staff: Client, import_id: str) -> dict[str, Any]:
    return staff.get(f"/imports/{import_id}").json


@pytest.mark.parametrize("moment", ["before", "within", "after"])
@pytest.mark.parametrize("chunk", [1, 2, 4])
def test_an_import_that_is_killed_goes_on_where_it_was(
    service: Service,
    staff: Client,
    started: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
    chunk: int,
) -> None:
    prefix = f"{moment}{chunk}-"
    import_id = started(prefix)
    calls = 0
    real = lease.checkpoint

    def dying(*arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == chunk and moment == "before":
            raise Killed
        real(*arguments)
        if calls == chunk and moment == "within":
            raise Killed
        if calls == chunk + 1 and moment == "after":
            raise Killed

    monkeypatch.setattr(lease, "checkpoint", dying)
    if chunk + (moment == "after") <= 4:
        with pytest.raises(Killed):
            runner(service).run(Stop())
        assert finished(staff, import_id)["state"] == "running"
    monkeypatch.setattr(lease, "checkpoint", real)
    assert runner(service).run(Stop())
    done = finished(staff, import_id)
    assert (done["state"], done["progress"]) == ("completed", {"done": ROWS, "total": ROWS})
    assert done["counts"] == {"created": 32, "updated": 0, "unchanged": 0, "duplicate": 3, "invalid": 0}
    created = [e for e in published(service.db, "customer.customer.created.v1") if e.data["batch_id"] == import_id]
    assert len(created) == len({event.data["number"] for event in created}) == 32
    assert staff.get(f"/imports/{import_id}/rejected").get_data(as_text=True).count("duplicate_in_file") == 3
    with service.db.transaction() as session:
        left = text("SELECT (SELECT count(*) FROM import_parts) + (SELECT count(*) FROM import_keys)")
        assert session.execute(left).scalar() == 0


def test_a_worker_that_lost_its_lease_writes_nothing(
    service: Service, staff: Client, started: Callable[..., str]
) -> None:
    import_id = started("LOST")
    first = runner(service)
    claimed = service.db.run(lambda session: lease.claim(session, new_id(), 0))
    assert claimed is not None
    assert claimed["id"] == import_id
    token = new_id()
    second = service.db.run(lambda session: lease.claim(session, token, 60))
    assert second is not None
    with pytest.raises(lease.LeaseLost):
        service.db.run(lambda session: lease.renew(session, import_id, new_id(), 60))
    assert first.run(Stop()) is False
    service.db.run(lambda session: lease.release(session, import_id, token))
    assert first.run(Stop()) is True
    assert finished(staff, import_id)["state"] == "completed"


def test_a_worker_that_stops_hands_its_import_on(service: Service, staff: Client, started: Callable[..., str]) -> None:
    import_id = started("STOP")
    stop = Stop()
    stop.set()
    assert runner(service, seconds=600).run(stop)
    assert finished(staff, import_id)["state"] == "running"
    assert runner(service).run(Stop())
    assert finished(staff, import_id)["counts"]["created"] == 32


def test_an_import_that_kills_its_worker_again_and_again_ends(
    service: Service, staff: Client, started: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = started("POISON")

    def dying(*_arguments: Any) -> None:
        raise Killed

    monkeypatch.setattr(lease, "checkpoint", dying)
    for _ in range(lease.MAX_ATTEMPTS):
        with pytest.raises(Killed):
            runner(service).run(Stop())
    assert runner(service).run(Stop())
    done = finished(staff, import_id)
    assert (done["state"], done["error"]["code"]) == ("failed", "interrupted")


def test_a_number_that_is_given_away_during_the_import_is_not_lost(
    service: Service, staff: Client, started: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = started("MEAN")
    from customer.use_cases.imports import chunk

    real = chunk.read
    calls = 0

    def meanwhile(session: Any, rows: Any) -> Any:
        nonlocal calls
        present = real(session, rows)
        calls += 1
        if calls == 1:
            assert staff.post("/customers", json={"name": "By hand", "number": "MEAN1"}).status_code == 201
        return present

    monkeypatch.setattr(chunk, "read", meanwhile)
    assert runner(service).run(Stop())
    counts = finished(staff, import_id)["counts"]
    assert counts == {"created": 31, "updated": 1, "unchanged": 0, "duplicate": 3, "invalid": 0}


def test_an_import_goes_by_the_bulk_lane(service: Service, staff: Client, started: Callable[..., str]) -> None:
    import_id = started("LANE")
    runner(service).run(Stop())
    with service.db.transaction() as session:
        lanes = session.execute(
            text("SELECT DISTINCT lane FROM outbox WHERE body::jsonb -> 'data' ->> 'batch_id' = :id"), {"id": import_id}
        ).scalars()
        assert list(lanes) == [1]
    finished_event = published(service.db, "customer.import.finished.v1")[-1]
    assert finished_event.data["counts"]["created"] == 32
