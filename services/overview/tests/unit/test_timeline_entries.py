"""Timeline entries: what of an event is kept, and who reads it."""

from overview.domain.timeline import entry
from overview.tests import events

ID = "0195556a-0000-7000-8000-0000000000c1"
NAME = {"path": "name", "label": "Name", "before": "Alder", "after": "Alderwick"}
GROUP = {"path": "group_id", "label": "Group", "before": None, "after": "Key accounts"}


def test_an_entry_says_who_did_what_to_whom_with_before_and_after() -> None:
    event = events.customer(ID, "updated", 2, changes=[NAME], actor="staff:7", actor_label="Grace Hopper")
    found = entry(event)
    assert found.body == {
        "id": event.id,
        "event_id": event.id,
        "customer_id": ID,
        "occurred_at": event.time,
        "recorded_at": event.time,
        "kind": "customer",
        "verb": "updated",
        "actor": {"type": "staff", "id": "7", "label": "Grace Hopper"},
        "via": {"service": "customer"},
        "subject": {"type": "customer", "id": ID, "label": "Alderwick Trading"},
        "changes": [NAME],
        "batch_id": None,
        "visibility": "portal",
    }
    assert found.paths == ("name",)
    assert found.portal_body is None


def test_portal_users_read_of_a_mixed_change_only_what_is_theirs() -> None:
    found = entry(events.customer(ID, "updated", 2, changes=[NAME, GROUP]))
    assert found.visibility == "portal"
    assert found.portal_body is not None
    assert found.portal_body["changes"] == [NAME]
    assert found.body["changes"] == [NAME, GROUP]


def test_what_the_provider_thinks_of_a_customer_is_internal() -> None:
    assert entry(events.customer(ID, "updated", 2, changes=[GROUP])).visibility == "internal"
    assert entry(events.customer(ID, "archived", 2, status="archived")).visibility == "internal"
    assert entry(events.access(ID)).visibility == "internal"
    assert entry(events.group(ID, "Key accounts")).visibility == "internal"


def test_facts_of_the_own_company_are_for_its_portal() -> None:
    for event in (events.customer(ID), events.contact(ID), events.address(ID), events.scope("customer", ID)):
        assert entry(event).visibility == "portal"


def test_labels_name_things_as_people_call_them() -> None:
    labels = [
        entry(events.contact(ID, name="Åse Lind")),
        entry(events.address(ID, line1="Kai 3", city="Bergen")),
        entry(events.scope("customer", ID)),
        entry(events.access(ID, login={"username": "lind", "status": "active"})),
        entry(events.access(ID)),
    ]
    assert [one.body["subject"]["label"] for one in labels] == [
        "Åse Lind",
        "Kai 3, Bergen",
        "Portal settings",
        "lind",
        "Portal access",
    ]


def test_a_moment_that_the_event_names_is_when_it_happened() -> None:
    event = events.customer(ID)
    noted = entry(
        type(event)(
            **{f: getattr(event, f) for f in event.__slots__}
            | {"data": {**event.data, "occurred_at": "2025-01-01T00:00:00Z"}}
        )
    )
    assert noted.occurred_at == "2025-01-01T00:00:00Z"
    assert noted.body["recorded_at"] == event.time
