"""How a scope stands in a walk, and how its changes read."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import portal_settings
from portal_settings.domain import PLATFORM, PLATFORM_PLACE, Decided, Licence, ScopeRef
from portal_settings.events import scope_changed
from portal_switches import KEYS, Change, Source


@pytest.mark.parametrize(
    ("place", "source"),
    [
        (0, "own"),
        (1, "group"),
        (2, "ancestor"),
        (3, "ancestor_group"),
        (16, "ancestor"),
        (17, "ancestor_group"),
        (PLATFORM_PLACE, "platform"),
    ],
)
def test_the_place_in_a_walk_tells_the_source(place: int, source: Source) -> None:
    assert Decided(place, "id").source == source


def test_the_subject_of_the_platform_is_its_name() -> None:
    assert (PLATFORM.subject, ScopeRef("group", "g").subject) == ("platform", "g")


def test_an_event_holds_all_that_the_scope_has_decided_in_the_order_of_the_switches() -> None:
    own = Decided(
        0,
        "c",
        {"billing_enabled": "off", "order_authorization": "on"},
        frozenset({"billing_enabled", "allow_preorders"}),
        Licence("Ada", datetime(2026, 3, 1, 15, 4, 5, tzinfo=UTC), "3 EUR"),
    )
    changes = [
        Change("billing_enabled", "value", "inherit", "off"),
        Change("billing_enabled", "lock", "open", "locked"),
        Change("hr_sync_enabled", "licence", "none", "acknowledged"),
    ]
    draft = scope_changed(ScopeRef("customer", "c"), 4, own, changes)
    assert (draft.subject, draft.customer_id, draft.version) == ("c", "c", 4)
    assert list(draft.data["values"]) == ["order_authorization", "billing_enabled"]
    assert draft.data["locks"] == ["allow_preorders", "billing_enabled"]
    assert draft.data["licence"]["acknowledged_at"] == "2026-03-01T15:04:05.000000Z"
    assert [change["path"] for change in draft.data["changes"]] == [
        "billing_enabled",
        "locks.billing_enabled",
        "licence",
    ]


def test_the_database_knows_the_same_switches() -> None:
    migration = Path(portal_settings.__file__).parent / "migrations/versions/0001_initial.py"
    listed = re.search(r"_KEYS = \((.*?)\n\)", migration.read_text(encoding="utf-8"), re.DOTALL)
    assert listed is not None
    assert tuple(re.findall(r"'(\w+)'", listed.group(1))) == KEYS
