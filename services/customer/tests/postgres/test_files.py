"""The bin, the removal of contents and the walls of the portal, on a real PostgreSQL."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event as Stop
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from common.db import Scope
from common.ids import new_id
from common.service import Service
from common.storage.disk import DiskStorage
from common.storage.spool import Spool
from common.testing import Client, TestTokens, client_for, published
from customer.jobs.files import Clearing
from customer.tests.conftest import STAFF
from customer.use_cases.documents import remind
from customer.use_cases.files.deletion import forget_contents, unused_contents
from customer.use_cases.files.receive import store_content


@pytest.fixture
def customer(staff: Client) -> str:
    return str(staff.post("/customers", json={"name": "Harbour Lights"}).json["id"])


@pytest.fixture
def cleaner(service: Service) -> Clearing:
    folder = service.settings.files_dir
    return Clearing(service.db, DiskStorage(folder), Spool(folder / "incoming", 1_000_000))


def send(client: Client, customer: str, name: str, content: bytes, **form: str) -> Any:
    return client.post(f"/customers/{customer}/files", data={**form, "file": (io.BytesIO(content), name)})


def run(service: Service, statement: str, **values: Any) -> Any:
    with service.db.transaction() as session:
        found = session.execute(text(statement), values)
        return found.all() if found.returns_rows else found.rowcount


def on_disk(service: Service, sha256: str) -> bool:
    folder: Path = service.settings.files_dir
    return (folder / sha256[:2] / sha256[2:4] / sha256).is_file()


def expire(service: Service) -> None:
    """Lets every claim run out and every bin be 90 days old."""
    run(service, "UPDATE blobs SET claimed_until = now() - interval '1 second'")
    run(service, "UPDATE files SET deleted_at = deleted_at - interval '91 days' WHERE deleted_at IS NOT NULL")


def test_a_purge_removes_the_record_and_then_the_content(
    service: Service, staff: Client, customer: str, cleaner: Clearing
) -> None:
    file = send(staff, customer, "a.txt", b"to be purged").json
    staff.delete(f"/customers/{customer}/files/{file['id']}", version=1)
    cleaner.run(Stop())
    assert on_disk(service, file["sha256"]), "the bin is 90 days deep"
    expire(service)
    cleaner.run(Stop())
    assert run(service, "SELECT 1 FROM files WHERE id = :id", id=file["id"]) == []
    assert not on_disk(service, file["sha256"])
    assert run(service, "SELECT 1 FROM blobs WHERE sha256 = :key", key=file["sha256"]) == []
    (purged,) = (event for event in published(service.db) if event.type == "customer.file.purged.v1")
    assert (purged.subject, purged.version) == (file["id"], 3)


def test_a_content_stays_while_any_file_has_it(
    service: Service, staff: Client, customer: str, cleaner: Clearing
) -> None:
    first, second = (send(staff, customer, name, b"shared by two").json for name in ("a.txt", "b.txt"))
    assert first["sha256"] == second["sha256"]
    staff.delete(f"/customers/{customer}/files/{first['id']}", version=1)
    expire(service)
    cleaner.run(Stop())
    assert staff.get(f"/customers/{customer}/files/{second['id']}/content").data == b"shared by two"


def test_a_content_without_a_row_goes_after_its_claim(service: Service, cleaner: Clearing) -> None:
    with Spool(service.settings.files_dir / "incoming", 100).open() as orphan:
        orphan.write(b"the process died before the row")
        store_content(service.db, DiskStorage(service.settings.files_dir), orphan)
    cleaner.run(Stop())
    assert on_disk(service, orphan.sha256), "somebody may still write the row"
    expire(service)
    cleaner.run(Stop())
    assert not on_disk(service, orphan.sha256)


def test_an_interrupted_removal_is_finished(
    service: Service, staff: Client, customer: str, cleaner: Clearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = send(staff, customer, "a.txt", b"interrupted").json
    run(service, "DELETE FROM files WHERE id = :id", id=file["id"])
    expire(service)

    def dies(_storage: DiskStorage, _key: str) -> None:
        raise OSError("the process was killed")

    with monkeypatch.context() as patch:
        patch.setattr(DiskStorage, "remove", dies)
        with pytest.raises(OSError, match="killed"):
            cleaner.run(Stop())
    # Nobody begins to use what is being removed.
    assert run(service, "SELECT removing FROM blobs WHERE sha256 = :key", key=file["sha256"]) == [(True,)]
    cleaner.run(Stop())
    assert not on_disk(service, file["sha256"])
    assert send(staff, customer, "a.txt", b"interrupted").status_code == 201
    assert on_disk(service, file["sha256"])


def test_uploads_of_one_name_at_once_make_one_file(
    service: Service, at_once: Callable[..., list[Any]], customer: str
) -> None:
    many = 6
    answers = at_once([lambda c, n=n: send(c, customer, "same.txt", f"content {n}".encode()) for n in range(many)])
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (many - 1)
    assert run(service, "SELECT count(*) FROM files WHERE customer_id = :id", id=customer) == [(1,)]


def test_an_upload_waits_while_the_same_content_is_being_removed(
    service: Service, tokens: TestTokens, staff: Client, customer: str
) -> None:
    file = send(staff, customer, "a.txt", b"comes and goes").json
    run(service, "DELETE FROM files WHERE id = :id", id=file["id"])
    expire(service)
    key = file["sha256"]
    assert key in service.db.run(unused_contents)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(send, client_for(service, tokens.staff(STAFF)), customer, "a.txt", b"comes and goes")
        with pytest.raises(TimeoutError):
            waiting.result(0.3)
        DiskStorage(service.settings.files_dir).remove(key)
        service.db.run(lambda session: forget_contents(session, [key]))
        made = waiting.result(5)
    assert made.status_code == 201, made.json
    assert staff.get(f"/customers/{customer}/files/{made.json['id']}/content").data == b"comes and goes"


def test_the_database_itself_keeps_the_portal_out_of_what_is_internal(
    service: Service, staff: Client, customer: str
) -> None:
    for name in ("internal.txt", "shared.txt", "deleted.txt"):
        send(staff, customer, name, name.encode())
    run(service, "UPDATE files SET audience = 'portal' WHERE name <> 'internal.txt' AND customer_id = :id", id=customer)
    run(service, "UPDATE files SET deleted_at = now() WHERE name = 'deleted.txt' AND customer_id = :id", id=customer)
    for visibility in ("internal", "restricted", "portal"):
        staff.post(f"/customers/{customer}/notes", json={"body": visibility, "visibility": visibility})
    with service.db.transaction(Scope((customer,))) as session:
        assert session.execute(text("SELECT name FROM files")).scalars().all() == ["shared.txt"]
        assert session.execute(text("SELECT body FROM notes")).scalars().all() == ["portal"]
    with service.db.transaction(Scope((new_id(),))) as session:
        assert session.execute(text("SELECT count(*) FROM files")).scalar_one() == 0
    for table in ("note_versions", "file_accesses", "blobs", "document_requirements", "replica_accounts"):
        with pytest.raises(DBAPIError) as refused, service.db.transaction(Scope((customer,))) as session:
            session.execute(text(f"SELECT 1 FROM {table}"))  # noqa: S608  # our own names
        assert refused.value.orig.sqlstate == "42501", table


def test_the_database_refuses_what_no_file_can_be(service: Service, staff: Client, customer: str) -> None:
    file = send(staff, customer, "a.txt", b"a").json
    for change in (
        "name = '../a.txt'",
        "legal_hold = true",
        "legal_hold = true, hold_reason = 'x', deleted_at = now()",
        "audience = 'portal_roles'",
        "scope_id = gen_random_uuid()",
        "expires_on = now()",
    ):
        with pytest.raises(IntegrityError):
            run(service, f"UPDATE files SET {change} WHERE id = :id", id=file["id"])  # noqa: S608  # our own words
    with pytest.raises(IntegrityError):
        run(service, "DELETE FROM blobs WHERE sha256 = :key", key=file["sha256"])


def test_a_document_is_reminded_of_once_for_each_threshold(service: Service, staff: Client, customer: str) -> None:
    def reminders() -> list[tuple[int, int]]:
        service.db.run(remind)
        return [
            (event.data["threshold"], event.data["days_left"])
            for event in published(service.db)
            if event.type == "customer.document.expiring.v1" and event.customer_id == customer
        ]

    def in_days(days: int) -> str:
        ((day,),) = run(service, "SELECT (now() AT TIME ZONE 'UTC')::date + :days", days=days)
        return str(day)

    pdf = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    file = send(staff, customer, "a.pdf", pdf, category="nda", expires_on=in_days(70)).json
    send(staff, customer, "over.pdf", pdf, category="nda", expires_on=in_days(-1))
    path = f"/customers/{customer}/files/{file['id']}"
    assert reminders() == []
    staff.patch(path, json={"expires_on": in_days(25)}, version=1)
    # Of 60 and 30, which passed at once, only the nearest is said; and it is said once.
    assert reminders() == [(30, 25)]
    assert reminders() == [(30, 25)]
    run(service, "UPDATE files SET expires_on = expires_on - 18 WHERE id = :id", id=file["id"])
    assert reminders() == [(30, 25), (7, 7)]
    renewed = staff.get(path).json["version"]
    staff.patch(path, json={"expires_on": in_days(40)}, version=renewed)
    assert reminders()[2:] == [(60, 40)]
    staff.delete(path, version=renewed + 2)
    assert len(reminders()) == 3
