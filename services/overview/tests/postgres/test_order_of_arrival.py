"""Whatever the order in which events arrive, and however often, the tables end equal."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.envelope import Event
from common.service import Service
from overview.queries.gaps import count_gaps, gaps
from overview.tests import events
from overview.tests.delivery import deliver, hand_over
from overview.tests.tables import contents, empty

ids = [f"0195556a-0000-7000-8000-0000000000{number:02x}" for number in range(16)]
A, B, GROUP, OTHER, ADA, BOB, HOME, WORK = ids[:8]

EVENTS: list[Event] = [
    events.group(GROUP, "Key accounts"),
    events.group(GROUP, "Best accounts", "updated", 2),
    events.group(OTHER, "Others"),
    events.group(OTHER, "Others", "deleted", 2),
    events.customer(A, name="Alder", number="A1", group_id=GROUP, primary_contact_id=ADA),
    events.customer(A, "updated", 2, name="Zalder", number="A1", primary_contact_id=BOB, parent_id=B),
    events.customer(
        A, "archived", 3, name="Zalder", number="A1", primary_contact_id=BOB, parent_id=B, status="archived"
    ),
    events.customer(A, "restored", 4, name="Zalder & Co", number="A1", primary_contact_id=BOB, parent_id=B),
    events.customer(B, name="Birch", number="B1"),
    events.customer(B, "deleted", 2, name="Birch", number="B1", status="archived"),
    events.contact(A, ADA, name="Ada"),
    events.contact(A, ADA, "updated", 2, name="Ada King", phones=[{"number": "+44 20 7946", "default": True}]),
    events.contact(A, ADA, "removed", 3, name="Ada King"),
    events.contact(A, BOB, name="Bob", emails=[{"address": "bob@alder.example", "default": True}]),
    events.address(A, HOME, city="Graz"),
    events.address(A, HOME, "updated", 2, city="Linz", purposes=[]),
    events.address(A, WORK, city="Wien", country="AT"),
    events.address(B, "01955560-0000-7000-8000-0000000000aa", city="Ulm"),
    events.scope("platform", values={"billing_enabled": "off"}),
    events.scope("customer", A, values={"billing_enabled": "on"}),
    events.scope("customer", A, 2),
    events.access(A, login={"username": "alder", "status": "active"}),
    events.access(A, 2, login={"username": "alder", "status": "disabled"}),
]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations(EVENTS),
    again=st.lists(st.sampled_from(EVENTS), max_size=8),
    batch=st.integers(1, len(EVENTS)),
)
def test_any_order_with_any_repetition_ends_equal(
    service: Service, order: list[Event], again: list[Event], batch: int
) -> None:
    empty(service)
    deliver(service, EVENTS)
    expected = contents(service)
    empty(service)
    deliver(service, [*order, *again], batch=batch)
    assert contents(service) == expected
    assert service.db.run(count_gaps) == 0


def test_the_tables_say_what_the_last_events_said(service: Service) -> None:
    deliver(service, EVENTS)
    found = contents(service)
    assert len(found["directory"]) == 1
    assert "zalder & co" in found["directory"][0]
    assert "linz" not in found["directory"][0]
    assert "wien" in found["directory"][0]
    assert len(found["timeline"]) == len(EVENTS)
    assert [row for row in found["terms"] if "king" in row] == []


def test_a_missing_version_is_a_gap_until_it_arrives(service: Service) -> None:
    first, second, third = EVENTS[4:7]
    deliver(service, [first, third])
    assert service.db.run(gaps) == [{"entity": "customer.customer", "subject": A, "newest": 3, "missing": 1}]
    deliver(service, second)
    assert service.db.run(gaps) == []


def test_what_the_database_refuses_fails_alone(service: Service) -> None:
    broken = events.customer(B, created_at="not a moment")
    hand_over(service, [EVENTS[4], broken, EVENTS[13]])
    found = contents(service)
    assert len(found["directory"]) == 1
    assert len(found["timeline"]) == 2
    deliver_again = events.customer(A, "updated", 5, name="Still open")
    hand_over(service, deliver_again)
    assert "still open" in contents(service)["directory"][0]
