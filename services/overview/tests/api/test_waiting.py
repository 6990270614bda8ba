"""Reading what one wrote, and the arrivals for the live stream."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text

from common.db import Waker
from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, eventually
from overview.bootstrap import build
from overview.domain.names import ARRIVED
from overview.jobs.sequencing import Sequencer
from overview.tests import events
from overview.tests.delivery import deliver, hand_over
from overview.use_cases.arrivals import number_arrivals, trim_arrivals


@pytest.fixture
def numbering(service: Service) -> Iterator[None]:
    """The sequencer at work, as in a worker."""
    stop = threading.Event()
    sequencer = Sequencer(service.db, Waker(service.db.dsn, ARRIVED).wake)

    def work() -> None:
        while not stop.is_set():
            sequencer.run(stop)

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stop.set()
    thread.join(10)


def number(service: Service) -> tuple[int, int]:
    with service.db.connect() as connection:
        return number_arrivals(connection)


def test_a_read_waits_for_the_event_that_it_names(service: Service, staff: Client) -> None:
    id_ = new_id()
    created, renamed = events.customer(id_, name="Before"), events.customer(id_, "updated", 2, name="After")
    deliver(service, created)
    assert staff.get(f"/customers/{id_}/overview?after={created.id}").json["customer"]["name"] == "Before"
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(staff.get, f"/customers/{id_}/overview?after={renamed.id}")
        deliver(service, renamed)
        assert answer.result().json["customer"]["name"] == "After"
        assert "After" not in answer.result().headers


@pytest.mark.parametrize("path", ["/customers", "/customers/facets", "/search?q=a", "/customers/{id}/timeline"])
def test_every_read_says_when_the_event_is_still_on_its_way(service: Service, staff: Client, path: str) -> None:
    id_ = new_id()
    deliver(service, events.customer(id_))
    path = path.format(id=id_)
    answer = staff.get(f"{path}{'&' if '?' in path else '?'}after={new_id()}")
    assert (answer.status_code, answer.headers["After"]) == (200, "pending")


def test_an_event_that_is_held_has_no_effect_yet(service: Service, staff: Client) -> None:
    broken = events.customer(new_id(), created_at="not a moment")
    hand_over(service, broken)
    assert staff.get(f"/customers?after={broken.id}").headers["After"] == "pending"


def test_events_of_which_nothing_is_shown_are_waited_for_as_well(service: Service, staff: Client) -> None:
    group = events.group(new_id(), "Key accounts")
    deliver(service, group)
    assert "After" not in staff.get(f"/customers?after={group.id}").headers


def test_arrivals_are_numbered_without_gaps_in_the_order_of_their_commits(service: Service, staff: Client) -> None:
    id_ = new_id()
    deliver(service, [events.customer(id_), events.contact(id_), events.group(new_id(), "G")])
    assert number(service) == (3, 3)
    deliver(service, events.customer(id_, "updated", 2))
    assert number(service) == (1, 1)
    assert number(service) == (0, 0)
    found = staff.get("/internal/arrivals?after=0").json
    assert [one["number"] for one in found["items"]] == [1, 2, 3, 4]
    assert [one["customer_id"] for one in found["items"]].count(id_) == 3
    assert {one["visibility"] for one in found["items"]} == {"portal", "internal"}
    assert found["next"] == 4
    assert staff.get("/internal/arrivals").json == {"items": [], "next": 4, "lost": False}
    assert staff.get("/internal/arrivals?after=2&limit=1").json["next"] == 3


def test_old_arrivals_are_forgotten_and_their_loss_is_told(service: Service, staff: Client) -> None:
    deliver(service, [events.customer() for _ in range(3)])
    number(service)
    with service.db.transaction() as session:
        session.execute(text("UPDATE arrivals SET arrived_at = now() - interval '2 days'"))
    assert service.db.run(trim_arrivals) == 2
    found = staff.get("/internal/arrivals?after=0").json
    assert (found["lost"], [one["number"] for one in found["items"]]) == (True, [3])
    deliver(service, events.customer())
    number(service)
    assert staff.get("/internal/arrivals?after=3").json["items"][0]["number"] == 4


def test_a_reader_of_arrivals_is_woken(service: Service, staff: Client, numbering: None) -> None:
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(staff.get, "/internal/arrivals?after=0&wait=20")
        event = events.customer()
        deliver(service, event)
        assert [one["event_id"] for one in answer.result(15).json["items"]] == [event.id]


def test_arrivals_say_that_something_happened_and_not_what(service: Service, staff: Client) -> None:
    deliver(service, events.customer(name="Alderwick Trading"))
    number(service)
    answer = staff.get("/internal/arrivals?after=0")
    assert len(answer.json["items"]) == 1
    assert "Alderwick" not in answer.text


def test_too_many_waiters_are_refused_and_the_others_served(service: Service, tokens: TestTokens) -> None:
    few = build(replace(service.settings, most_waiting=1))  # type: ignore[arg-type]
    client = client_for(few, tokens.staff(["customers.view"]))
    with ThreadPoolExecutor(4) as pool:
        path = f"/customers?after={new_id()}"
        answers = [pool.submit(client.get, path) for _ in range(4)]
        statuses = sorted(answer.result().status_code for answer in answers)
    assert statuses[0] == 200
    assert statuses[-1] == 429
    eventually(lambda: client.get(path).status_code == 200)
    few.db.dispose()
