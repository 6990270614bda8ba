"""Lists over random customers: pages, searches and counts agree with the plain truth."""

from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from common.db import Scope
from common.ids import new_id
from common.service import Service
from overview.domain.folding import fold
from overview.domain.terms import tokens
from overview.domain.viewers import CODES, Viewer
from overview.queries import directory, facets, search
from overview.queries.selection import Selection
from overview.tests import events
from overview.tests.delivery import deliver
from overview.tests.tables import empty

EVERYTHING = Viewer(is_portal=False, held=CODES)

MOMENTS = [f"2026-03-0{day}T09:30:00.000000Z" for day in range(1, 4)]
WORDS = st.sampled_from(["Ada", "Ädam", "ada", "Berg", "Bergen", "Baum", "Zoë", "Ødegård"])
CUSTOMERS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.lists(WORDS, min_size=1, max_size=3).map(" ".join),
            "number": st.none() | st.sampled_from(["A1", "a1", "B-2", "ada", "10", "9"]),
            "created_at": st.sampled_from(MOMENTS),
            "updated_at": st.sampled_from(MOMENTS),
            "status": st.sampled_from(["active", "active", "archived"]),
            "kind": st.sampled_from(["business", "person"]),
        }
    ),
    min_size=1,
    max_size=24,
)
RANDOM = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def load(service: Service, customers: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    empty(service)
    given_ids = {new_id(): customer for customer in customers}
    deliver(service, [events.customer(id_, **customer) for id_, customer in given_ids.items()])
    return given_ids


def pages(service: Service, read: Any) -> list[str]:
    """The ids of every page, by the cursor of the one before."""
    found: list[str] = []
    cursor = None
    for _ in range(100):
        page = service.db.run(lambda session, at=cursor: read(session, at))
        found += [item["id"] for item in orjson.loads(orjson.dumps(page.items))]
        cursor = page.next_cursor
        if cursor is None:
            return found
    raise AssertionError("the pages do not end")


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("sort", directory.SORTS)
@RANDOM
@given(customers=CUSTOMERS, limit=st.integers(1, 7))
def test_pages_together_are_the_whole_list_in_order(
    service: Service, sort: str, direction: Any, customers: list[dict[str, Any]], limit: int
) -> None:
    there = load(service, customers)

    def key(id_: str) -> tuple[Any, str]:
        value = there[id_][sort]
        folded = fold(value).encode() if sort in {"name", "number"} and value is not None else value
        return folded, id_

    valued = sorted((id_ for id_ in there if there[id_][sort] is not None), key=key, reverse=direction == "desc")
    bare = sorted((id_ for id_ in there if there[id_][sort] is None), reverse=direction == "desc")
    everything = Selection({}, EVERYTHING, "any")

    def read(session: Any, cursor: str | None) -> Any:
        return directory.page(session, everything, (sort, direction), limit=limit, cursor=cursor, scope="")

    assert pages(service, read) == valued + bare


@pytest.mark.parametrize("query", ["ad", "berg", "berg ad", "a1", "zoe ber", "1", "ø"])
@RANDOM
@given(customers=CUSTOMERS, limit=st.integers(1, 7))
def test_pages_of_hits_hold_every_customer_that_fits_once_and_the_best_first(
    service: Service, query: str, customers: list[dict[str, Any]], limit: int
) -> None:
    there = load(service, customers)
    selection = Selection({}, EVERYTHING, "any", tokens(query))

    def fits(customer: dict[str, Any]) -> bool:
        words = fold(customer["name"]).split()
        number = fold(customer["number"] or "").replace("-", "")
        *whole, last = fold(query).split()
        found = [*words, number, *fold(customer["number"] or "").split("-")]
        return all(word in found for word in whole) and any(word.startswith(last) for word in found)

    def read(session: Any, cursor: str | None) -> Any:
        return search.hits(session, selection, limit=limit, cursor=cursor, scope="")

    found = pages(service, read)
    assert sorted(found) == sorted(id_ for id_, customer in there.items() if fits(customer))
    by_number = [
        bool(there[id_]["number"]) and fold(there[id_]["number"]).replace("-", "").startswith(fold(query))
        for id_ in found
    ]
    if " " not in query and query != "1":
        assert by_number == sorted(by_number, reverse=True)


@RANDOM
@given(customers=CUSTOMERS, kind=st.sampled_from([None, "business"]), archived=st.sampled_from(["no", "only", "any"]))
def test_facets_count_exactly(
    service: Service, customers: list[dict[str, Any]], kind: str | None, archived: Any
) -> None:
    there = load(service, customers)
    selection = Selection({"kind": (kind,)} if kind else {}, EVERYTHING, archived)
    found = service.db.run(lambda session: facets.facets(session, selection, ["kind", "status", "login"]))
    statuses = {"no": {"active"}, "only": {"archived"}, "any": {"active", "archived"}}[archived]

    def count(**wanted: Any) -> int:
        return sum(all(one[name] in values for name, values in wanted.items()) for one in there.values())

    kinds = {kind} if kind else {"business", "person"}
    assert found["total"] == count(status=statuses, kind=kinds)
    for choice in found["facets"]["kind"]:
        assert choice["count"] == count(status=statuses, kind={choice["value"]})
    for choice in found["facets"]["status"]:
        assert choice["count"] == count(status={choice["value"]}, kind=kinds)
    assert sum(choice["count"] for choice in found["facets"]["login"]) == count(status=statuses, kind=kinds)


@pytest.fixture
def many(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a tenth of the limit: 110 customers in Berlin, 100 in Ulm, 400 without a city."""
    monkeypatch.setattr(facets, "EXACT", 100)
    monkeypatch.setattr(facets, "TOTAL", 150)
    given_events = []
    for number in range(610):
        id_ = new_id()
        given_events.append(events.customer(id_, name=f"Common w{number}", kind="person" if number % 2 else "business"))
        if number < 210:
            given_events.append(events.address(id_, city="Berlin" if number < 110 else "Ulm"))
    deliver(service, given_events)


@pytest.mark.parametrize("words", [None, "common"])
def test_counts_are_exact_up_to_a_limit_and_then_say_so(service: Service, many: None, words: str | None) -> None:
    def cities(**filters: tuple[str, ...]) -> tuple[Any, dict[str, Any]]:
        selection = Selection(filters, EVERYTHING, "no", None if words is None else tokens(words))
        found = service.db.run(lambda session: facets.facets(session, selection, ["city"]))
        return found["total"], {choice["label"]: choice["count"] for choice in found["facets"]["city"]}

    assert cities() == ("150+", {"-": "100+", "Berlin": "100+", "Ulm": 100})
    assert cities(kind=("person",)) == ("150+", {"-": "100+", "Berlin": 55, "Ulm": 50})
    assert cities(kind=("person", "business"), city=("ulm",)) == (100, {"-": "100+", "Berlin": "100+", "Ulm": 100})


def test_a_portal_user_reaches_only_its_own_rows_whatever_the_query(service: Service) -> None:
    own, other = new_id(), new_id()
    deliver(
        service,
        [
            *(
                event
                for id_ in (own, other)
                for event in (events.customer(id_), events.contact(id_), events.address(id_))
            ),
            *(events.access(id_, login={"username": "x", "status": "active"}) for id_ in (own, other)),
            events.customer(own, "archived", 2, status="archived"),
        ],
    )
    with service.db.transaction(Scope((own,))) as session:
        for table, column in (
            *(("customers", "id"), ("contacts", "customer_id"), ("addresses", "customer_id"), ("terms", "customer_id")),
            *(("accesses", "customer_id"), ("sections", "customer_id"), ("directory", "customer_id")),
            ("timeline", "customer_id"),
        ):
            rows = session.execute(text(f"SELECT {column}::text FROM {table}")).scalars()  # noqa: S608
            assert set(rows) == {own}, table
        assert set(session.execute(text("SELECT visibility FROM timeline")).scalars()) == {"portal"}
        assert session.execute(text("SELECT settings_line(CAST(:id AS uuid))"), {"id": other}).scalar_one() is None
        for table in ("scopes", "facet_counts", "aggregates"):
            with pytest.raises(Exception, match="permission denied"), session.begin_nested():
                session.execute(text(f"SELECT 1 FROM {table}"))  # noqa: S608
