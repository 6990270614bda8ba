"""What notes and files become in documents, timelines and search, from the examples of their contracts."""

import json
from typing import Any

import pytest

from common.contracts import Contracts
from common.envelope import Event, from_document
from overview.domain.nouns.files import EXPIRING, FILE
from overview.domain.nouns.notes import NOTE
from overview.domain.nouns.noun import Noun
from overview.domain.terms import EVERYBODY, FIELDS, RESTRICTED, STAFF
from overview.domain.timeline import entry
from overview.domain.viewers import Viewer
from overview.settings import Settings
from overview.use_cases.rows import records

CONTRACTS = Contracts(Settings().contracts_dir)


def told(event_type: str, **fields: Any) -> Event:
    folder = CONTRACTS.event_folder(event_type) / "examples"
    document = json.loads((folder / "usual.json").read_text())
    return from_document(document | {"data": document["data"] | fields})


def row(event: Event, noun: Noun) -> dict[str, Any]:
    (record,) = records(event, noun)
    return record.row


def test_urgent_notes_come_first_then_the_newest() -> None:
    def place(urgent: bool, day: str) -> str:
        return row(told("customer.note.added.v1", urgent=urgent, created_at=f"2026-03-{day}T09:30:00Z"), NOTE)["place"]

    days = [place(False, "02"), place(True, "01"), place(False, "03"), place(True, "02")]
    assert sorted(days) == [days[3], days[1], days[2], days[0]]


def test_a_note_is_told_with_its_words_to_those_whom_it_is_for() -> None:
    shared = entry(told("customer.note.added.v1", visibility="portal"), NOTE)
    assert (shared.visibility, shared.needs, shared.body["text"][:4]) == ("portal", (), "Ring")
    assert entry(told("customer.note.added.v1", visibility="internal"), NOTE).visibility == "internal"
    hidden = entry(told("customer.note.added.v1", visibility="restricted"), NOTE)
    assert (hidden.visibility, hidden.needs) == ("restricted", ("documents.restricted",))


def test_how_a_note_is_dealt_with_is_no_business_of_the_company() -> None:
    changes = [{"path": path, "label": path, "before": None, "after": "x"} for path in ("body", "owner_label")]
    told_entry = entry(told("customer.note.updated.v1", visibility="portal", changes=changes), NOTE)
    assert told_entry.portal_body is not None
    assert [change["path"] for change in told_entry.portal_body["changes"]] == ["body"]
    only_internal = entry(told("customer.note.updated.v1", visibility="portal", changes=changes[1:]), NOTE)
    assert only_internal.visibility == "internal"
    assert set(json.loads(row(told("customer.note.added.v1", visibility="portal"), NOTE)["portal_body"])) == {
        *("id", "scope_type", "scope_id", "kind", "body", "author_label", "created_at", "updated_at")
    }


@pytest.mark.parametrize(
    ("category", "audience", "kept_back", "needs", "shown_in_portal", "level"),
    [
        ("photo", "internal", False, (), False, STAFF),
        ("photo", "portal", False, (), True, EVERYBODY),
        ("photo", "portal_roles", False, (), False, STAFF),
        ("photo", "restricted", True, ("documents.restricted",), False, RESTRICTED),
        ("contract", "internal", True, ("documents.view",), False, RESTRICTED),
        ("contract", "restricted", True, ("documents.restricted", "documents.view"), False, RESTRICTED),
    ],
)
def test_a_file_is_shown_to_its_audience_only(
    category: str, audience: str, kept_back: bool, needs: tuple[str, ...], shown_in_portal: bool, level: int
) -> None:
    event = told("customer.file.added.v1", category=category, audience=audience, name="Plan south.pdf")
    (record,) = records(event, FILE)
    assert record.row["restricted"] == kept_back
    assert (record.row["portal_body"] is not None) == shown_in_portal
    assert entry(event, FILE).needs == needs
    assert {code for _rank, code, _term in record.found_by} == {FIELDS.index("file") + level}


def test_who_sees_everything_of_the_files_holds_all_that_any_of_them_needs() -> None:
    held = frozenset(["documents.restricted", "documents.view"])
    assert Viewer(is_portal=False, held=held).audience(FILE) == "restricted"
    for code in held:
        assert Viewer(is_portal=False, held=held - {code}).audience(FILE) == "staff"


def test_a_file_in_the_bin_is_gone_until_it_is_restored() -> None:
    assert row(told("customer.file.removed.v1"), FILE)["removed"]
    assert row(told("customer.file.purged.v1"), FILE)["removed"]
    assert not row(told("customer.file.restored.v1"), FILE)["removed"]


def test_a_document_that_ends_is_told_to_those_who_see_documents() -> None:
    found = entry(told("customer.document.expiring.v1"), EXPIRING)
    assert found.needs == ("documents.view",)
    assert found.body["subject"]["label"] == "Framework contract 2026.pdf: 58 days left"
    assert records(told("customer.document.expiring.v1"), EXPIRING) == []
    # It carries a version of the file, which must not look lost.
    assert found.entity == "customer.file"
