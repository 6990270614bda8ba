"""Purchase limits as a ledger: taken, spent, released and given back, and never exceeded by two at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text

from common.db import Scope
from common.ids import new_id
from common.service import Service
from common.testing import Figure, FixedClock
from ordering.domain.limits import Verdict, strictest
from ordering.tests.companies import company, limit, lines, order, person, staffed
from ordering.use_cases import limits

pytestmark = pytest.mark.postgres


def reserved(service: Service, given: dict[str, Any], **quantities: int) -> list[Verdict]:
    return service.db.run(lambda session: limits.reserve(session, given, lines(**quantities)))


def used(service: Service, limit_id: str) -> int:
    with service.db.transaction() as session:
        statement = text("SELECT coalesce(sum(used), 0) FROM limit_buckets WHERE limit_id = CAST(:id AS uuid)")
        return int(session.execute(statement, {"id": limit_id}).scalar_one())


def states(service: Service, order_id: str) -> list[str]:
    with service.db.transaction() as session:
        statement = text("SELECT state FROM limit_commitments WHERE order_id = CAST(:id AS uuid) ORDER BY id")
        return list(session.execute(statement, {"id": order_id}).scalars())


def rated(service: Service, base: str, quote: str, rate: str, *, days_old: int = 0) -> None:
    with service.db.transaction() as session:
        session.execute(
            text(
                """
                INSERT INTO exchange_rates
                VALUES (:base, :quote, current_date - CAST(:days AS integer), :rate, 'bank', now())
                """
            ),
            {"base": base, "quote": quote, "rate": rate, "days": days_old},
        )


# Edge case 10: 0, null, exactly equal, one over, given back, period boundary, DST, other currency.


@pytest.mark.parametrize(
    ("amount", "total", "exceeded", "left"),
    [(0, 1, True, 0), (0, 0, False, 0), (None, 10**12, False, None), (500, 500, False, 0), (500, 501, True, 0)],
)
def test_zero_allows_nothing_null_everything_and_equal_is_allowed(
    service: Service, amount: int | None, total: int, exceeded: bool, left: int | None
) -> None:
    node = company(service)
    limit(service, node, amount_minor=amount, currency=None if amount is None else "EUR")
    [said] = reserved(service, order(node, total))
    assert (said.exceeded, said.remaining_minor) == (exceeded, left)


def test_what_is_left_shrinks_order_by_order_to_the_last_cent(service: Service) -> None:
    node = company(service)
    limit_id = limit(service, node)
    assert [reserved(service, order(node, total))[0].remaining_minor for total in (60_000, 39_999)] == [40_000, 1]
    assert reserved(service, order(node, 2))[0].exceeded
    assert not reserved(service, order(node, 1))[0].exceeded
    assert used(service, limit_id) == 100_000


def test_where_one_limit_blocks_nothing_is_kept_of_any(service: Service) -> None:
    node = company(service)
    wide = limit(service, node, name="Wide", amount_minor=500_000)
    narrow = limit(service, node, name="Narrow", amount_minor=100)
    given = order(node, 101)
    said = reserved(service, given)
    assert [(each.name, each.exceeded) for each in said] == [("Wide", False), ("Narrow", True)]
    assert strictest(said) == "block"
    assert (used(service, wide), used(service, narrow), states(service, given["id"])) == (0, 0, [])


def test_limits_that_warn_or_ask_let_the_order_pass_and_count_it(service: Service) -> None:
    node = company(service)
    warning = limit(service, node, name="Warn", action="warn", amount_minor=100)
    asking = limit(service, node, name="Ask", action="require_approval", amount_minor=100)
    said = reserved(service, order(node, 150))
    assert [each.exceeded for each in said] == [True, True]
    assert strictest(said) == "require_approval"
    assert (used(service, warning), used(service, asking)) == (150, 150)


def test_an_order_that_ends_gives_back_what_it_took_once(service: Service) -> None:
    node = company(service)
    limit_id = limit(service, node)
    first, second = order(node, 30_000), order(node, 50_000)
    for given in (first, second):
        reserved(service, given)
    service.db.run(lambda session: limits.commit(session, second["id"]))
    for _ in range(2):
        service.db.run(lambda session: limits.release(session, first["id"]))
    assert (used(service, limit_id), states(service, second["id"])) == (50_000, ["committed"])
    service.db.run(lambda session: limits.release(session, second["id"]))
    assert used(service, limit_id) == 0
    service.db.run(lambda session: limits.release(session, new_id()))


def test_what_comes_back_is_given_back_but_never_more_than_was_taken(service: Service) -> None:
    node = company(service)
    limit_id = limit(service, node)
    given = order(node, 30_000)
    reserved(service, given)
    service.db.run(lambda session: limits.commit(session, given["id"]))
    service.db.run(lambda session: limits.give_back(session, given["id"], 10_000))
    assert used(service, limit_id) == 20_000
    service.db.run(lambda session: limits.give_back(session, given["id"], 90_000))
    assert used(service, limit_id) == 0
    service.db.run(lambda session: limits.release(session, given["id"]))
    assert used(service, limit_id) == 0


def test_an_order_that_is_reserved_again_takes_the_place_of_itself(service: Service) -> None:
    node = company(service)
    limit_id = limit(service, node)
    given = order(node, 80_000)
    reserved(service, given)
    [said] = reserved(service, given | {"total_minor": 90_000})
    assert (said.exceeded, used(service, limit_id)) == (False, 90_000)


def test_a_refused_edit_leaves_the_order_what_it_had(service: Service) -> None:
    node = company(service)
    limit_id = limit(service, node)
    given = order(node, 80_000)
    reserved(service, given)
    assert reserved(service, given | {"total_minor": 100_001})[0].exceeded
    assert (used(service, limit_id), states(service, given["id"])) == (80_000, ["reserved"])


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        ("Europe/Vienna", "2026-03-31T21:59:59+00:00", "2026-03-31T22:00:00+00:00"),
        ("Europe/Vienna", "2026-02-28T22:59:59+00:00", "2026-02-28T23:00:00+00:00"),
        ("America/New_York", "2026-04-01T03:59:59+00:00", "2026-04-01T04:00:00+00:00"),
    ],
)
def test_a_month_ends_by_the_company_s_own_clocks(
    service: Service, monkeypatch: pytest.MonkeyPatch, zone: str, before: str, after: str
) -> None:
    node = company(service)
    limit(service, node, zone=zone)
    answers = []
    for moment in (before, before, after):
        clock = FixedClock(datetime.fromisoformat(moment))
        monkeypatch.setattr("ordering.use_cases.store.moment", lambda _session, clock=clock: clock.now())
        answers.append(reserved(service, order(node, 60_000))[0].exceeded)
    assert answers == [False, True, False]


@pytest.mark.parametrize(
    ("midnight", "hours"),
    [(datetime(2026, 3, 28, 23, 0, tzinfo=UTC), 23), (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), 25)],
)
def test_the_day_on_which_clocks_change_is_one_day(
    service: Service, monkeypatch: pytest.MonkeyPatch, midnight: datetime, hours: int
) -> None:
    node = company(service)
    limit(service, node, period="day", zone="Europe/Vienna")
    first = midnight  # 00:00 in Vienna
    answers = []
    for after in (timedelta(), timedelta(hours=hours, seconds=-1), timedelta(hours=hours)):
        clock = FixedClock(first + after)
        monkeypatch.setattr("ordering.use_cases.store.moment", lambda _session, clock=clock: clock.now())
        answers.append(reserved(service, order(node, 60_000))[0].exceeded)
    assert answers == [False, True, False]


def test_an_order_that_is_cancelled_later_gives_back_to_the_period_of_which_it_took(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = company(service)
    limit_id = limit(service, node, zone="Europe/Vienna")
    clock = FixedClock(datetime(2026, 3, 31, 21, 59, 59, tzinfo=UTC))
    monkeypatch.setattr("ordering.use_cases.store.moment", lambda _session: clock.now())
    in_march, in_april = order(node, 70_000), order(node, 80_000)
    assert not reserved(service, in_march)[0].exceeded
    clock.move(seconds=1)
    assert not reserved(service, in_april)[0].exceeded
    service.db.run(lambda session: limits.release(session, in_march["id"]))
    assert used(service, limit_id) == 80_000
    assert reserved(service, order(node, 20_001))[0].exceeded


def test_what_comes_back_in_pieces_is_given_back_to_the_last_cent(service: Service) -> None:
    node = company(service)
    limit_id = limit(service, node)
    rated(service, "USD", "EUR", "0.333333")
    given = order(node, 10_000, currency="USD")
    reserved(service, given)
    assert used(service, limit_id) == 3_334
    for minor in (1, 3_333, 3_333, 3_332):
        service.db.run(lambda session, minor=minor: limits.give_back(session, given["id"], minor))
    assert used(service, limit_id) == 1
    service.db.run(lambda session: limits.give_back(session, given["id"], 1))
    assert used(service, limit_id) == 0
    service.db.run(lambda session: limits.give_back(session, given["id"], -2_500))
    assert used(service, limit_id) == 834


def test_what_is_returned_is_given_back_where_the_limit_says_so(service: Service) -> None:
    node = company(service)
    giving, keeping = limit(service, node), limit(service, node, gives_back=False)
    given = order(node, 30_000)
    reserved(service, given)
    service.db.run(lambda session: limits.give_back(session, given["id"], 10_000, returned=True))
    assert (used(service, giving), used(service, keeping)) == (20_000, 30_000)
    service.db.run(lambda session: limits.give_back(session, given["id"], 10_000))
    assert (used(service, giving), used(service, keeping)) == (10_000, 20_000)


def test_francs_against_a_limit_in_euros_need_a_rate_that_is_fresh(service: Service) -> None:
    node = company(service)
    limit_id = limit(service, node)
    given = order(node, 10_000, currency="CHF")
    [said] = reserved(service, given)
    assert (said.action, said.reason, said.exceeded) == ("require_approval", "no_rate", True)
    rated(service, "CHF", "EUR", "0.5", days_old=8)
    assert reserved(service, given)[0].reason == "no_rate"
    rated(service, "CHF", "EUR", "1.05")
    [said] = reserved(service, given)
    assert (said.reason, said.remaining_minor, used(service, limit_id)) == (None, 89_500, 10_500)
    service.db.run(lambda session: limits.give_back(session, given["id"], 5_000))
    assert used(service, limit_id) == 5_250


def test_a_head_office_s_limit_counts_what_its_branches_order(service: Service) -> None:
    hq = company(service)
    one, two = (company(service, parent_id=hq) for _ in range(2))
    limit_id = limit(service, hq)
    branch_limit = limit(service, hq, scope="branch")
    reserved(service, order(one, 60_000))
    [said] = reserved(service, order(two, 60_000))
    assert (said.limit_id, said.exceeded) == (limit_id, True)
    assert not any(said.exceeded for said in reserved(service, order(hq, 40_000)))
    assert (used(service, limit_id), used(service, branch_limit)) == (100_000, 40_000)


def test_limits_of_users_and_roles_bind_their_own(service: Service) -> None:
    node = company(service)
    ann, bob = person("buyer"), person("buyer")
    staffed(service, node, ann, bob)
    limit(service, node, name="Ann", scope="user", account_id=ann["account_id"], amount_minor=50_000)
    limit(service, node, name="Buyers", scope="role", role="buyer", amount_minor=70_000)

    def names(account: dict[str, Any], minor: int) -> list[str]:
        said = reserved(service, order(node, minor, requester_id=account["account_id"]))
        return [each.name for each in said if each.exceeded]

    assert names(ann, 50_001) == ["Ann"]
    assert names(ann, 50_000) == []
    assert names(bob, 70_000) == []  # a buyer's amount is each buyer's own
    assert names(bob, 1) == ["Buyers"]
    assert reserved(service, order(node, 10**9)) == []


def test_a_limit_of_quantities_counts_per_sku(service: Service) -> None:
    node = company(service)
    limit(service, node, kind="qty_per_sku", period="year", amount_minor=None, currency=None, quantity=10)
    assert not any(said.exceeded for said in reserved(service, order(node), A=10, B=4))
    assert [(said.sku, said.exceeded) for said in reserved(service, order(node), A=1, B=6)] == [
        ("A", True),
        ("B", False),
    ]
    assert not any(said.exceeded for said in reserved(service, order(node), B=6))


def test_a_branch_s_buyer_is_bound_by_a_limit_that_it_cannot_see(service: Service) -> None:
    hq = company(service)
    node = company(service, parent_id=hq)
    limit(service, hq)
    given = order(node, 100_001)
    with service.db.transaction(Scope((node,))) as session:
        said = limits.reserve(session, given, lines())
        assert session.execute(text("SELECT count(*) FROM purchase_limits")).scalar_one() == 0
        assert session.execute(text("SELECT array_agg(id::text) FROM replica_customers")).scalar_one() == [node]
        assert session.execute(text("SELECT current_setting('role')")).scalar_one() == "ordering_portal"
    assert said[0].exceeded


# Edge case 11: two parallel submissions that fit alone and not together.


def test_of_orders_that_fit_alone_but_not_together_one_passes(service: Service, figure: Figure) -> None:
    node = company(service)
    rounds = 20
    for _ in range(rounds):
        limit_id = limit(service, node)
        other = limit(service, node, name="Also")
        gate = Barrier(2, timeout=30)

        def submit(_place: int, gate: Barrier = gate) -> bool:
            given = order(node, 60_000)
            gate.wait()
            return strictest(reserved(service, given)) != "block"

        with ThreadPoolExecutor(2) as pool:
            passed = list(pool.map(submit, range(2)))
        assert sorted(passed) == [False, True]
        assert (used(service, limit_id), used(service, other)) == (60_000, 60_000)
        with service.db.transaction() as session:
            session.execute(text("UPDATE purchase_limits SET status = 'inactive'"))
    figure("pairs of orders of which exactly one fits the limit", rounds)


def test_many_at_once_take_exactly_what_there_is(service: Service, figure: Figure) -> None:
    node = company(service)
    limit_id = limit(service, node, amount_minor=50)
    gate = Barrier(8, timeout=30)

    def submit(_place: int) -> int:
        gate.wait()
        return sum(strictest(reserved(service, order(node, 1))) is None for _ in range(25))

    with ThreadPoolExecutor(8) as pool:
        passed = sum(pool.map(submit, range(8)))
    assert (passed, used(service, limit_id)) == (50, 50)
    figure("of 200 parallel orders those that fit a limit of 50", passed)
