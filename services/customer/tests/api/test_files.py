"""Files through the API: versions, downloads, the bin, legal hold."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from common.service import Service
from common.testing import Client, TestTokens, client_for, published

from .files import PDF, PNG, upload

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def a_file(staff: Client, a_customer: Make) -> Callable[..., tuple[str, dict[str, Any]]]:
    """Uploads a file to a new customer; returns the path of its files, and the file."""

    def make(name: str = "notes.txt", content: bytes = b"0123456789", **form: Any) -> tuple[str, dict[str, Any]]:
        customer = a_customer()
        made = upload(staff, customer["id"], name, content, **form)
        assert made.status_code == 201, made.json
        return f"/customers/{customer['id']}/files", made.json

    return make


def test_a_taken_name_offers_a_new_version(staff: Client, service: Service, a_file: Make) -> None:
    path, first = a_file()
    customer_id = first["customer_id"]
    taken = upload(staff, customer_id, "NOTES.txt", b"other")
    assert (taken.status_code, taken.json["code"]) == (409, "customer.file_name_taken")
    assert (taken.json["file_id"], taken.json["revision"]) == (first["id"], 1)
    second = upload(staff, customer_id, "notes.txt", b"second", replaces=taken.json["file_id"])
    assert (second.status_code, second.json["id"], second.json["revision"]) == (201, first["id"], 2)
    event = published(service.db)[-1]
    assert event.data["changes"] == [{"path": "revision", "label": "Version", "before": 1, "after": 2}]
    versions = staff.get(f"{path}/{first['id']}/versions").json["items"]
    assert [one["revision"] for one in versions] == [2, 1]
    assert staff.get(f"{path}/{first['id']}/content").data == b"second"
    assert staff.get(f"{path}/{first['id']}/content?revision=1").data == b"0123456789"
    assert staff.get(f"{path}/{first['id']}/content?revision=3").status_code == 404
    same = upload(staff, customer_id, "notes.txt", b"second", replaces=first["id"])
    assert same.json["revision"] == 2


def test_a_new_version_is_not_signed_because_the_old_one_was(staff: Client, a_file: Make) -> None:
    _, first = a_file("nda.pdf", PDF, category="nda", signature="signed", document_type="nda")
    assert first["signature"] == "signed"
    second = upload(staff, first["customer_id"], "nda.pdf", PDF + b"\n", category="nda", replaces=first["id"])
    assert second.json["signature"] == "requested"


def test_a_download_is_saved_and_never_shown(staff: Client, a_file: Make) -> None:
    path, file = a_file("Größe; 5%.svg", b"<svg onload='x()'/>", category="site_map")
    answer = staff.get(f"{path}/{file['id']}/content")
    assert (answer.status_code, answer.data) == (200, b"<svg onload='x()'/>")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="Gr__e; 5_.svg"')
    assert "filename*=UTF-8''Gr%C3%B6%C3%9Fe%3B%205%25.svg" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Length"] == "19"
    assert answer.headers["ETag"] == f'"{hashlib.sha256(answer.data).hexdigest()}"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("wanted", "status", "body", "content_range"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=4-", 206, b"456789", "bytes 4-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=0-9", 200, b"0123456789", None),
        ("bytes=10-", 416, None, "bytes */10"),
        ("bytes=99-100", 416, None, "bytes */10"),
        ("bytes=0-1,4-5", 200, b"0123456789", None),
        ("lines=0-1", 200, b"0123456789", None),
        ("bytes=x-y", 200, b"0123456789", None),
        ("bytes=5-2", 200, b"0123456789", None),
    ],
)
def test_parts_are_served_by_range(
    staff: Client, a_file: Make, wanted: str, status: int, body: bytes | None, content_range: str | None
) -> None:
    path, file = a_file()
    answer = staff.get(f"{path}/{file['id']}/content", headers={"Range": wanted})
    assert (answer.status_code, answer.headers.get("Content-Range")) == (status, content_range)
    if body is not None:
        assert (answer.data, answer.headers["Content-Length"]) == (body, str(len(body)))


def test_a_part_of_another_version_is_not_mixed_in(staff: Client, a_file: Make) -> None:
    path, file = a_file()
    content = f"{path}/{file['id']}/content"
    etag = staff.get(content).headers["ETag"]
    part = {"Range": "bytes=0-3", "If-Range": etag}
    assert staff.get(content, headers=part).status_code == 206
    assert staff.get(content, headers=part | {"If-Range": '"another"'}).data == b"0123456789"
    assert staff.get(content, headers={"If-None-Match": etag}).status_code == 304


def test_a_deleted_file_lies_in_the_bin_until_it_is_restored(staff: Client, service: Service, a_file: Make) -> None:
    path, file = a_file()
    one = f"{path}/{file['id']}"
    assert staff.delete(one, version=1).status_code == 204
    assert published(service.db)[-1].type == "customer.file.removed.v1"
    assert staff.get(path).json["items"] == []
    assert [each["id"] for each in staff.get(f"{path}?in_bin=true").json["items"]] == [file["id"]]
    refused = staff.patch(one, json={"description": "x"}, version=2)
    assert (refused.status_code, refused.json["code"]) == (409, "customer.file_in_bin")
    other = upload(staff, file["customer_id"], "notes.txt", b"new").json
    taken = staff.post(f"{one}/restoration")
    assert (taken.status_code, taken.json["file_id"]) == (409, other["id"])
    staff.patch(f"{path}/{other['id']}", json={"name": "new.txt"}, version=1)
    assert staff.post(f"{one}/restoration").json["deleted_at"] is None
    assert published(service.db)[-1].type == "customer.file.restored.v1"
    again = staff.post(f"{one}/restoration")
    assert (again.status_code, again.json["code"]) == (409, "customer.file_not_in_bin")


def test_a_held_file_is_neither_deleted_nor_replaced(
    staff: Client, service: Service, tokens: TestTokens, a_file: Make
) -> None:
    path, file = a_file()
    one = f"{path}/{file['id']}"
    colleague = client_for(service, tokens.staff(["customers.view", "documents.manage"]))
    assert colleague.put(f"{one}/legal-hold", json={"held": True, "reason": "x"}, version=1).status_code == 403
    assert staff.put(f"{one}/legal-hold", json={"held": True}, version=1).status_code == 422
    held = staff.put(f"{one}/legal-hold", json={"held": True, "reason": "Case 12/26"}, version=1)
    assert (held.status_code, held.json["legal_hold"]) == (200, True)
    for refused in (
        staff.delete(one, version=2),
        upload(staff, file["customer_id"], "n.txt", b"n", replaces=file["id"]),
    ):
        assert (refused.status_code, refused.json["code"]) == (409, "customer.file_under_legal_hold")
        assert "Case 12/26" in refused.json["detail"]
    assert staff.put(f"{one}/legal-hold", json={"held": False}, version=2).status_code == 200
    assert staff.delete(one, version=3).status_code == 204


def test_what_is_said_of_a_file_can_be_changed(staff: Client, service: Service, a_file: Make) -> None:
    path, file = a_file("gate.png", PNG, category="photo")
    one = f"{path}/{file['id']}"
    changed = staff.patch(one, json={"name": "north gate.png", "description": "Since May"}, version=1)
    assert (changed.json["name"], changed.json["version"]) == ("north gate.png", 2)
    assert [change["path"] for change in published(service.db)[-1].data["changes"]] == ["name", "description"]
    assert staff.patch(one, json={"name": "north gate.png"}, version=2).json["version"] == 2
    for body, code in (
        ({"name": "../gate.png"}, "customer.file_name_invalid"),
        ({"name": "gate.pdf"}, "customer.file_name_invalid"),
        ({"expires_on": "2031-01-01"}, "customer.file_is_no_document"),
        ({"audience": "portal"}, "validation_failed"),
    ):
        assert staff.patch(one, json=body, version=2).json["code"] == code
    document = staff.patch(one, json={"category": "certificate", "expires_on": "2031-01-01"}, version=2).json
    assert (document["expires_on"], document["signature"]) == ("2031-01-01", "not_needed")
    back = staff.patch(one, json={"category": "photo"}, version=3).json
    assert (back["expires_on"], back["signature"]) == (None, None)


def test_papers_exist_only_for_those_who_may_see_documents(service: Service, tokens: TestTokens, a_file: Make) -> None:
    path, file = a_file("nda.pdf", PDF, category="nda")
    viewer = client_for(service, tokens.staff(["customers.view"]))
    assert viewer.get(path).json["items"] == []
    assert viewer.get(f"{path}/{file['id']}/content").status_code == 404
    sales = client_for(service, tokens.staff(["customers.view", "documents.view"]))
    assert len(sales.get(path).json["items"]) == 1


def test_a_hold_on_the_customer_keeps_its_files(staff: Client, a_file: Make) -> None:
    path, file = a_file()
    held = staff.post(path.replace("/files", "/legal-holds"), json={"reason": "Case 14/26"})
    assert held.status_code == 201, held.json
    again = {"replaces": file["id"]}
    for refused in (
        staff.delete(f"{path}/{file['id']}", version=1),
        upload(staff, file["customer_id"], "n.txt", b"n", **again),
    ):
        assert (refused.status_code, "Case 14/26" in refused.json["detail"]) == (409, True), refused.json
