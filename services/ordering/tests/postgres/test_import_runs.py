"""Imports that are interrupted: at any point, the rows are written once and the counts are right."""

from collections.abc import Callable
from threading import Event as Stop
from typing import Any

import pytest
from sqlalchemy import text

from common.importing import lease
from common.importing.run import Runner
from common.service import Service
from common.testing import Client, published
from common.testing.importing import counts, start_import
from ordering.use_cases.imports.kinds import IMPORTS

pytestmark = pytest.mark.postgres

ROWS = 35


class Killed(BaseException):
    """Stands for the end of the process."""


def runner(service: Service) -> Runner:
    """A worker of its own; its lease is over at once, as it is for whoever comes later."""
    return Runner(service.db, IMPORTS, chunk_rows=10, lease_seconds=0)


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, str], None]:
    """Lets a worker end at its n-th chunk, before or after the checkpoint."""
    real = lease.checkpoint

    def prepare(chunk: int, moment: str) -> None:
        calls = 0

        def checkpoint(*arguments: Any) -> None:
            nonlocal calls
            calls += 1
            if calls == chunk and moment == "before":
                raise Killed
            real(*arguments)
            if calls == chunk:
                raise Killed

        monkeypatch.setattr(lease, "checkpoint", checkpoint)

    yield prepare
    monkeypatch.setattr(lease, "checkpoint", real)


@pytest.mark.parametrize("moment", ["before", "within"])
@pytest.mark.parametrize("chunk", [1, 2, 4])
def test_listings_go_on_after_a_kill_where_they_were(
    service: Service,
    staff: Client,
    dying: Callable[[int, str], None],
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
    chunk: int,
) -> None:
    prefix = f"{moment}{chunk}"
    # Every tenth row repeats the one before.
    rows = "\n".join(f"{prefix}-{n if n % 10 else n - 1 if n else 0},Lamp {n}" for n in range(ROWS))
    import_id = start_import(staff, f"sku,name\n{rows}\n".encode(), type="listings").json["id"]
    dying(chunk, moment)
    with pytest.raises(Killed):
        runner(service).run(Stop())
    assert staff.get(f"/imports/{import_id}").json["progress"]["done"] == 10 * (chunk - 1)

    monkeypatch.undo()
    assert runner(service).run(Stop())

    done = staff.get(f"/imports/{import_id}").json
    assert (done["state"], done["progress"]) == ("completed", {"done": ROWS, "total": ROWS})
    assert done["counts"] == counts(created=32, duplicate=3)
    created = [event.data["sku"] for event in published(service.db, "ordering.listing.created.v1")]
    assert len([sku for sku in created if sku.startswith(prefix)]) == 32
    assert len(set(created)) == len(created)
    with service.db.transaction() as session:
        left = text("SELECT (SELECT count(*) FROM import_parts) + (SELECT count(*) FROM import_keys)")
        assert session.execute(left).scalar() == 0


def test_a_sku_that_is_given_away_during_the_import_is_not_lost(
    service: Service, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ordering.use_cases.imports import listings

    real = listings._stored
    calls = 0

    def meanwhile(session: Any, skus: Any) -> Any:
        nonlocal calls
        calls += 1
        stored = real(session, skus)
        if calls == 1:
            made = staff.post("/listings", json={"sku": "MEAN1", "name": "By hand", "kind": "stock"})
            assert made.status_code == 201
        return stored

    monkeypatch.setattr(listings, "_stored", meanwhile)
    import_id = start_import(staff, b"sku,name\nMEAN1,From a file\nMEAN2,Other\n", type="listings").json["id"]
    assert runner(service).run(Stop())
    assert staff.get(f"/imports/{import_id}").json["counts"] == counts(created=1, updated=1)
