"""Declared nouns: what an event of one becomes, shown by a noun that no service has."""

import json
from typing import Any

import pytest

from common.ids import new_id
from overview.domain import nouns
from overview.domain.nouns.noun import by_name, newest
from overview.domain.terms import RESTRICTED, STAFF
from overview.domain.timeline import entry
from overview.domain.viewers import Viewer
from overview.tests.inventions import LEASE, lease
from overview.use_cases.rows import records

GIVER, TAKER, FORMER = new_id(), new_id(), new_id()
STAFF_VIEW = Viewer(is_portal=False, held=frozenset(["leases.view"]))


def record_of(customer_id: str, *given: Any, **fields: Any) -> dict[str, Any]:
    found = {one.customer_id: one for one in records(lease(GIVER, TAKER, *given, **fields), LEASE)}
    return found[customer_id].row


def test_an_event_becomes_a_record_of_each_customer_that_it_concerns_as_that_one_sees_it() -> None:
    found = records(lease(GIVER, TAKER), LEASE)
    assert [(one.table, one.customer_id, one.row["label"]) for one in found] == [
        ("records", GIVER, "Forklift with Taker"),
        ("records", TAKER, "Forklift with Giver"),
    ]


def test_what_ends_leaves_a_tombstone_without_words() -> None:
    row = record_of(GIVER, None, "removed", 2)
    assert (row["removed"], row["body"], row["portal_body"], row["version"]) == (True, "", None, 2)
    assert [one.found_by for one in records(lease(GIVER, TAKER, verb="removed"), LEASE)] == [(), ()]


def test_what_moves_to_another_customer_ends_where_it_was() -> None:
    moved = lease(GIVER, TAKER, version=2, changes=[{"path": "customer", "before": FORMER, "after": GIVER}])
    assert {one.customer_id: one.row["removed"] for one in records(moved, LEASE)} == {
        GIVER: False,
        TAKER: False,
        FORMER: True,
    }


def test_a_change_of_a_day_is_no_change_of_the_customer() -> None:
    moved = lease(GIVER, TAKER, version=2, changes=[{"path": "from", "before": "2026-01-01", "after": "2026-02-01"}])
    assert [one.customer_id for one in records(moved, LEASE)] == [GIVER, TAKER]


def test_the_company_sees_what_the_declaration_lets_it_see() -> None:
    assert record_of(GIVER)["portal_body"] is None
    shared = record_of(GIVER, shared=True)
    assert set(json.loads(shared["portal_body"])) == {"id", "name"}
    assert set(json.loads(shared["body"])) == {"id", "name", "other", "secret_rate"}


def test_an_entry_is_portal_internal_or_restricted_and_names_what_it_needs() -> None:
    shared = entry(lease(GIVER, TAKER, shared=True), LEASE)
    assert (shared.visibility, shared.needs) == ("portal", ("leases.view",))
    assert entry(lease(GIVER, TAKER), LEASE).visibility == "restricted"
    confidential = entry(lease(GIVER, TAKER, confidential=True), LEASE)
    assert (confidential.visibility, confidential.needs) == ("restricted", ("leases.view", "documents.restricted"))


def test_of_a_mixed_change_the_company_reads_its_own_fields_only() -> None:
    name = {"path": "name", "before": "A", "after": "B"}
    rate = {"path": "secret_rate", "before": "1", "after": "2"}
    mixed = entry(lease(GIVER, TAKER, verb="updated", shared=True, changes=[name, rate]), LEASE)
    assert mixed.portal_body is not None
    assert mixed.portal_body["changes"] == [name]
    only = entry(lease(GIVER, TAKER, verb="updated", shared=True, changes=[rate]), LEASE)
    assert only.visibility == "restricted"


def test_an_entry_keeps_what_somebody_wrote_and_the_label_of_its_side() -> None:
    found = entry(lease(GIVER, TAKER, remark="Call first"), LEASE, TAKER)
    assert (found.body["text"], found.body["customer_id"]) == ("Call first", TAKER)
    assert found.body["subject"]["label"] == "Forklift with Giver"


@pytest.mark.parametrize(
    ("fields", "level"), [({}, STAFF), ({"shared": True}, 0), ({"confidential": True}, RESTRICTED)]
)
def test_search_terms_carry_who_may_find_by_them(fields: dict[str, bool], level: int) -> None:
    found = records(lease(GIVER, TAKER, **fields), LEASE)[0].found_by
    words = [(code - code % 100, term) for rank, code, term in found if rank != 9]
    assert words == [(level, "forklift")]
    assert [term for rank, _, term in found if rank == 9] == ["#system_type:0195556a-0000-7000-8000-0000000000f1"]


def test_the_newest_comes_first_and_what_has_no_moment_last() -> None:
    order = newest("at")
    moments = ["2026-03-01", "2026-11-30", None, "2025-12-31"]
    assert sorted(moments, key=lambda at: order({"at": at})) == ["2026-11-30", "2026-03-01", "2025-12-31", None]
    assert by_name({"name": "Äpfel"}) == "apfel"


def test_a_viewer_gets_the_section_that_is_kept_for_it() -> None:
    portal = Viewer(is_portal=True, held=frozenset())
    assert (STAFF_VIEW.sees(LEASE), STAFF_VIEW.audience(LEASE)) == (True, "staff")
    assert Viewer(is_portal=False, held=STAFF_VIEW.held | {"documents.restricted"}).audience(LEASE) == "restricted"
    assert (portal.sees(LEASE), portal.audience(LEASE)) == (True, "portal")
    assert not Viewer(is_portal=False, held=frozenset()).sees(LEASE)


def test_declarations_do_not_clash() -> None:
    kinds = [noun.kind for noun in nouns.ALL]
    named = [noun.section for noun in nouns.ALL if noun.section]
    assert len(set(kinds)) == len(kinds)
    assert len(set(named)) == len(named)
    for noun in nouns.ALL:
        assert not noun.section or noun.fields, noun.entity
        assert set(noun.shown_fields) <= set(noun.fields), noun.entity
