"""What is taken in as a file, and what is refused: a refused one leaves no row and no content."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, published

from .files import PDF, PNG, PROGRAM, archive, claiming, upload, word_document

Make = Callable[..., dict[str, Any]]


def stored(service: Service) -> tuple[int, int, int, int]:
    """Rows of files, rows of contents, events of files, and files on disk."""
    folder: Path = service.settings.files_dir
    with service.db.transaction() as session:
        rows = session.execute(text("SELECT count(*) FROM files")).scalar_one()
        contents = session.execute(text("SELECT count(*) FROM blobs")).scalar_one()
    events = sum(event.type.startswith("customer.file.") for event in published(service.db))
    return rows, contents, events, sum(path.is_file() for path in folder.rglob("*"))


@pytest.fixture
def refused(staff: Client, service: Service, a_customer: Make) -> Callable[..., Any]:
    """Sends what must be refused, and sees that nothing of it stays."""
    customer = a_customer()

    def send(name: str, content: bytes, **form: Any) -> Any:
        before = stored(service)
        answer = upload(staff, customer["id"], name, content, **form)
        assert stored(service) == before
        return answer

    return send


def test_a_file_is_stored_with_the_type_of_its_content(staff: Client, service: Service, a_customer: Make) -> None:
    customer = a_customer()
    before = stored(service)
    made = upload(staff, customer["id"], "Plan Süd.PDF", PDF, category="site_map", description="Ground floor")
    assert made.status_code == 201, made.json
    shown = made.json
    assert (shown["name"], shown["media_type"], shown["bytes"]) == ("Plan Süd.PDF", "application/pdf", len(PDF))
    assert (shown["audience"], shown["revision"], shown["uploaded_by"]["label"]) == ("internal", 1, "Test Staff")
    assert [now - was for now, was in zip(stored(service), before, strict=True)] == [1, 1, 1, 1]
    event = published(service.db)[-1]
    assert (event.type, event.data["sha256"]) == ("customer.file.added.v1", shown["sha256"])
    assert made.headers["Event-Id"] == event.id


@pytest.mark.parametrize(
    ("name", "content", "category", "media_type"),
    [
        ("gate.png", PNG, "photo", "image/png"),
        (
            "offer.docx",
            word_document(),
            "contract",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("config.zip", archive({"router.cfg": b"hostname edge"}), "backup", "application/zip"),
        ("router.cfg", b"hostname edge\nip address 10.0.0.1\n", "backup", "text/plain"),
        ("prices.csv", b"a;b\n1;2\n", "other", "text/csv"),
        ("umlauts.txt", "Größe\n".encode("utf-16"), "other", "text/plain"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "contract", "application/vnd.ms-excel"),
        ("switch.bak", bytes(range(256)), "backup", "application/octet-stream"),
        ("setup.exe", PROGRAM, "backup", "application/vnd.microsoft.portable-executable"),
    ],
)
def test_types_are_told_by_content(
    staff: Client, a_customer: Make, name: str, content: bytes, category: str, media_type: str
) -> None:
    made = upload(staff, a_customer()["id"], name, content, category=category)
    assert (made.status_code, made.json.get("media_type")) == (201, media_type), made.json


@pytest.mark.parametrize(
    ("name", "content", "said", "found"),
    [
        ("invoice.pdf", PROGRAM, "application/pdf", "application/vnd.microsoft.portable-executable"),
        ("photo.png", b"<html><script>alert(1)</script></html>", "image/png", "text/plain"),
        ("photo.jpg", PNG, "image/jpeg", "image/png"),
        (
            "offer.docx",
            archive({"a.txt": b"x"}),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/zip",
        ),
        ("notes.txt", PDF, "text/plain", "application/pdf"),
        ("scan.pdf", bytes(range(256)), "application/pdf", "application/octet-stream"),
    ],
)
def test_a_file_that_lies_about_its_type_is_refused_with_both_types(
    refused: Callable[..., Any], name: str, content: bytes, said: str, found: str
) -> None:
    answer = refused(name, content, category="other")
    assert (answer.status_code, answer.json["code"]) == (415, "customer.file_type_contradicted")
    assert (answer.json["said"], answer.json["found"]) == (said, found)
    assert said in answer.json["detail"]
    assert found in answer.json["detail"]


def test_a_category_takes_its_own_types_only(refused: Callable[..., Any]) -> None:
    for name, content, category in (
        ("plan.pdf", PDF, "photo"),
        ("setup.exe", PROGRAM, "other"),
        ("run.sh", b"#!/bin/sh\nrm -rf /\n", "other"),
        ("page.html", b"<!DOCTYPE html><html></html>", "other"),
        ("all.zip", archive({"a": b"b"}), "contract"),
    ):
        answer = refused(name, content, category=category)
        assert (answer.status_code, answer.json["code"]) == (415, "customer.file_type_refused"), name


def test_an_archive_that_would_unpack_to_too_much_is_refused(refused: Callable[..., Any]) -> None:
    bombs = {
        "ratio.zip": archive({"zeros": bytes(30_000_000)}),
        "promise.zip": claiming(1, 4_000_000_000),
        "many.zip": claiming(65_000, 1),
        "overlap.zip": claiming(20, 1),
        "office.docx": archive({"[Content_Types].xml": b"x", "word/document.xml": bytes(30_000_000)}),
        "broken.zip": b"PK\x03\x04" + bytes(100),
        "cut.zip": archive({"a": b"x" * 1000})[:-30],
    }
    for name, content in bombs.items():
        answer = refused(name, content, category="backup")
        assert (answer.status_code, answer.json["code"]) == (422, "customer.archive_refused"), name
        assert name in answer.json["detail"]


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "..\\..\\boot.ini",
        "/etc/passwd",
        "C:\\boot.ini",
        "a/b.txt",
        "..",
        "invoice\u202efdp.txt",
        "a\x07b.txt",
    ],
)
def test_a_path_in_a_file_name_is_refused(refused: Callable[..., Any], name: str) -> None:
    answer = refused(name, b"text", category="other")
    assert (answer.status_code, answer.json["code"]) == (422, "customer.file_name_invalid"), answer.json
    assert answer.json["errors"][0]["pointer"] == "/file"


def test_a_declared_length_of_five_gigabytes_is_refused_before_anything_is_read(
    staff: Client, service: Service, a_customer: Make
) -> None:
    class Untouchable(io.RawIOBase):
        def readinto(self, _buffer: Any) -> int:
            raise AssertionError("the body was read")

        def readable(self) -> bool:
            return True

    before = stored(service)
    answer = staff.post(
        f"/customers/{a_customer()['id']}/files",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": "5000000000", "wsgi.input": Untouchable()},
    )
    assert (answer.status_code, answer.json["code"]) == (413, "upload_too_large")
    assert answer.json["limit"] == 1_000_000
    assert "1,000,000 bytes" in answer.json["detail"]
    assert stored(service) == before


def test_a_file_over_the_limit_is_stopped_while_it_arrives(refused: Callable[..., Any]) -> None:
    answer = refused("large.bin", bytes(1_000_001), category="backup")
    assert (answer.status_code, answer.json["limit"]) == (413, 1_000_000)


def test_a_form_without_a_file_or_with_two_is_refused(staff: Client, a_customer: Make) -> None:
    path = f"/customers/{a_customer()['id']}/files"
    empty = upload(staff, path.split("/")[2], "a.txt", b"")
    assert (empty.status_code, empty.json["code"]) == (422, "customer.file_missing")
    none = staff.post(path, data={"category": "other"})
    assert (none.status_code, none.json["code"]) == (422, "customer.file_missing")
    two = {"category": "other", "file": (io.BytesIO(b"a"), "a.txt"), "more": (io.BytesIO(b"b"), "b.txt")}
    both = staff.post(path, data=two)
    assert (both.status_code, both.json["code"]) == (400, "one_file_only")


def test_who_may_not_upload_is_refused_before_the_body_is_read(
    service: Service, tokens: TestTokens, a_customer: Make
) -> None:
    reader = client_for(service, tokens.staff(["customers.view"]))
    answer = upload(reader, a_customer()["id"], "a.pdf", PDF)
    assert (answer.status_code, answer.json["permission"]) == (403, "documents.manage")


def test_an_unknown_customer_gets_no_content(staff: Client, service: Service) -> None:
    answer = upload(staff, new_id(), "a.pdf", PDF, category="site_map")
    assert (answer.status_code, answer.json["code"]) == (404, "customer.not_found")
    assert not list((service.settings.files_dir / "incoming").glob("*"))


def test_a_retry_with_the_same_key_adds_one_file(staff: Client, a_customer: Make) -> None:
    path = f"/customers/{a_customer()['id']}/files"
    answers = [staff.post(path, data={"file": (io.BytesIO(b"once"), "a.txt")}, key=f"retry-{path}") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    assert len(staff.get(path).json["items"]) == 1


def test_an_archive_is_never_unpacked(monkeypatch: pytest.MonkeyPatch, staff: Client, a_customer: Make) -> None:
    def unpacked(*_arguments: Any, **_options: Any) -> None:
        raise AssertionError("an entry was opened")

    monkeypatch.setattr(zipfile.ZipExtFile, "read", unpacked)
    content = archive({"a.txt": b"x" * 100, "inner.zip": archive({"b": b"y"})})
    assert upload(staff, a_customer()["id"], "a.zip", content, category="backup").status_code == 201
