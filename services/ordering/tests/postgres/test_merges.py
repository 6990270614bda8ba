"""What a merge of customers does here: everything follows, an undo takes exactly that back, and nothing clashes."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import text

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver, published
from common.testing.merging import Merge
from customer_replica.merging import columns_of, follow_late_rows
from ordering.tests import companies, ordered, told
from ordering.tests.conftest import BUYER
from ordering.use_cases.merges import PARTS

Rows = Callable[..., Sequence[Any]]
TIER = companies.APPROVER_TIER | {"n": None}


@pytest.fixture
def rows(service: Service) -> Rows:
    """Reads the database."""

    def read(statement: str, **values: Any) -> Sequence[Any]:
        with service.db.transaction() as session:
            return session.execute(text(statement), values).mappings().all()

    return read


@pytest.fixture
def write(service: Service) -> Callable[..., None]:
    """Writes to the database."""

    def run(statement: str, **values: Any) -> None:
        with service.db.transaction() as session:
            session.execute(text(statement), values)

    return run


@pytest.fixture
def two(service: Service) -> tuple[str, str]:
    """Two customers that may order: who survives, and who does not."""
    return ordered.company(service), ordered.company(service)


def holdings(service: Service, customer_id: str) -> dict[str, int]:
    """How many rows of each table belong to a customer."""
    found = {}
    with service.db.transaction() as session:
        for table, column in sorted(columns_of(PARTS)):
            count = text(f"SELECT count(*) FROM {table} WHERE {column} = :id")  # noqa: S608  # our own names
            if number := session.execute(count, {"id": customer_id}).scalar_one():
                found[f"{table}.{column}"] = number
    return found


def lived(service: Service, staff: Client, write: Callable[..., None], customer_id: str) -> ordered.Order:
    """Gives a customer rows of every kind, and returns its order, which waits for an approval."""
    buyer = new_id()
    companies.staffed(service, customer_id, companies.person("approver"), companies.person("buyer", account_id=buyer))
    companies.rule(service, customer_id, tiers=[TIER])
    companies.limit(service, customer_id)
    listing = ordered.listing(service)
    own = ordered.listing(service, owner_id=customer_id)
    order = ordered.do(staff, ordered.draft(staff, customer_id, (listing, 2)), "submission")
    write(_SOME_OF_ALL, customer=customer_id, listing=listing, own=own, order=order["id"], new=new_id())
    deliver(service, ordered.reservation("made", order, 1))
    deliver(service, ordered.dispatched(order, 1))
    deliver(service, ordered.came_back("inspected", new_id(), 4, (order, 0)))
    for path, body in (
        ("/carts", {"customer_id": customer_id, "name": "Monthly"}),
        ("/quotes", {"customer_id": customer_id, "lines": [{"listing_id": listing, "quantity": 1}]}),
    ):
        answer = staff.post(path, json=body)
        assert answer.status_code == 201, answer.text
    return order


# What has no short way through the API.
_SOME_OF_ALL = """
    WITH price_list AS (
        INSERT INTO price_lists (id, code, name, kind, target_id, currency, priority, version, created_at, updated_at)
        VALUES (gen_random_uuid(), :new, 'Own', 'customer', :customer, 'EUR', 1, 1, now(), now())
    ), policy AS (
        INSERT INTO approval_policies (customer_id, version, updated_at) VALUES (:customer, 1, now())
    ), delegation AS (
        INSERT INTO approval_delegations (id, customer_id, delegator_id, delegate_id, starts_at, ends_at, version,
                                          created_at)
        VALUES (gen_random_uuid(), :customer, gen_random_uuid(), gen_random_uuid(), now(), now() + interval '1 day', 1,
                now())
    ), contract AS (
        INSERT INTO contracts (id, number, customer_id, name, status, valid_from, renewal, notice_days, version,
                               created_at, updated_at)
        VALUES (gen_random_uuid(), :new, :customer, 'Frame', 'draft', '2026-01-01', 'none', 0, 1, now(), now())
    ), service AS (
        INSERT INTO services (id, number, customer_id, status, name, quantity, started_on, version, created_at,
                              updated_at)
        VALUES (gen_random_uuid(), :new, :customer, 'active', 'Line', 1, '2026-01-01', 1, now(), now())
    ), standing AS (
        INSERT INTO standing_orders (id, customer_id, name, owner, status, lines, every, unit, starts_on, next_on,
                                     version, created_at, updated_at)
        VALUES (CAST(:new AS uuid), :customer, 'Coffee', 'staff:1', 'active', '[]', 1, 'months', '2026-01-01',
                '2026-02-01', 1, now(), now())
    ), run AS (
        INSERT INTO standing_order_runs (id, standing_order_id, customer_id, due_on, outcome, created_at)
        VALUES (gen_random_uuid(), CAST(:new AS uuid), :customer, '2026-01-01', 'refused', now())
    ), decision AS (
        INSERT INTO approval_decisions (id, flow_id, customer_id, tier, account_id, actor_id, decision, self_approval,
                                        channel, decided_at)
        SELECT gen_random_uuid(), id, :customer, 1, gen_random_uuid(), gen_random_uuid(), 'approve', false, 'portal',
               now()
        FROM approval_flows WHERE order_id = CAST(:order AS uuid)
    ), cart AS (
        INSERT INTO carts (id, kind, customer_id, owner, version, created_at, updated_at)
        VALUES (CAST(:order AS uuid), 'saved_list', :customer, 'staff:1', 1, now(), now())
    ), cart_line AS (
        INSERT INTO cart_lines (id, cart_id, customer_id, listing_id, quantity)
        VALUES (gen_random_uuid(), CAST(:order AS uuid), :customer, CAST(:listing AS uuid), 3)
    ), claim AS (
        INSERT INTO replica_claims (id, version, customer_id, number, status, kind, order_id, line_id, sku, name,
                                    quantity, quantity_accepted, quantity_replaced, resolution, credit_pending,
                                    created_at)
        VALUES (gen_random_uuid(), 1, :customer, 'C-1', 'requested', 'damaged', CAST(:order AS uuid),
                gen_random_uuid(), 'S', 'Chai', 1, 0, 0, 'credit', false, now())
    ), exchange AS (
        INSERT INTO exchanges (origin_kind, origin_id, origin_number, of_order_id, of_line_id, order_id, customer_id,
                               quantity)
        VALUES ('claim', gen_random_uuid(), 'C-1', CAST(:order AS uuid), gen_random_uuid(), CAST(:order AS uuid),
                :customer, 1)
    ), day AS (
        INSERT INTO date_decisions (id, order_id, customer_id, heard, agreed_on, promised_on, version)
        VALUES (gen_random_uuid(), CAST(:order AS uuid), :customer, 1, '2031-03-01', '2031-03-01', 0)
    ), sold AS (
        UPDATE order_lines SET seller_id = :customer WHERE order_id = CAST(:order AS uuid)
    ), sale AS (
        INSERT INTO sales (id, order_id, order_revision, customer_id, seller_id, state, version, created_at, updated_at)
        VALUES (gen_random_uuid(), CAST(:order AS uuid), 1, :customer, :customer, 'waiting', 1, now(), now())
    ), bundle AS (
        INSERT INTO bundles (id, customer_id, name, lines, version, created_at, updated_at)
        VALUES (gen_random_uuid(), :customer, 'First day',
                jsonb_build_array(jsonb_build_object('listing_id', CAST(:listing AS text), 'quantity', 1)),
                1, now(), now())
    ), centre AS (
        INSERT INTO cost_centres (id, customer_id, code, name, active, version, created_at, updated_at)
        VALUES (gen_random_uuid(), :customer, '4711', 'Workshop', true, 1, now(), now())
    ), po_rule AS (
        INSERT INTO po_rules (id, customer_id, "unique", status, version, created_at, updated_at)
        VALUES (gen_random_uuid(), :customer, 'refuse', 'active', 1, now(), now())
    ), purchase_order AS (
        INSERT INTO purchase_orders (id, customer_id, number, amount_minor, currency, status, version, created_at,
                                     updated_at)
        VALUES (gen_random_uuid(), :customer, 'PO-1', 10000, 'EUR', 'open', 1, now(), now()) RETURNING id
    ), drawdown AS (
        INSERT INTO po_drawdowns (order_id, purchase_order_id, customer_id, amount_minor, given_back_minor, order_minor,
                                  rate, updated_at)
        SELECT CAST(:order AS uuid), id, :customer, 100, 0, 100, 1, now() FROM purchase_order
    )
    INSERT INTO catalogue_rules (id, effect, listing_id, target_kind, target_id, version, created_at)
    VALUES (gen_random_uuid(), 'include', CAST(:own AS uuid), 'customer', :customer, 1, now())
"""


def test_everything_of_a_merged_customer_follows_and_an_undo_takes_it_back(
    service: Service, staff: Client, two: tuple[str, str], write: Callable[..., None]
) -> None:
    survivor, loser = two
    # Somebody decides at either of them, and is asked while an approval is there.
    companies.staffed(service, survivor, companies.person("approver"))
    lived(service, staff, write, loser)
    before = holdings(service, loser)
    kinds = {f"{table}.{column}" for table, column in columns_of(PARTS)}
    assert set(before) == kinds, "every kind of row is there"
    merge = Merge(survivor, loser)
    deliver(service, merge.tell("merged"))
    assert holdings(service, loser) == {}
    assert holdings(service, survivor) == before
    new = ordered.draft(staff, survivor, (ordered.listing(service), 1))
    deliver(service, merge.tell("unmerged"))
    assert holdings(service, loser) == before
    assert holdings(service, survivor) == {"orders.customer_id": 1, "order_lines.customer_id": 1}
    assert ordered.read(staff, new)["customer_id"] == survivor


def test_what_moved_is_told_in_versions_without_a_gap(
    service: Service, staff: Client, two: tuple[str, str], write: Callable[..., None]
) -> None:
    survivor, loser = two
    order = lived(service, staff, write, loser)
    merge = Merge(survivor, loser)
    deliver(service, merge.tell("merged"))
    deliver(service, merge.tell("unmerged"))
    told_of = [one for one in published(service.db) if one.subject == order["id"] and ".order." in one.type]
    assert [one.version for one in told_of] == list(range(1, len(told_of) + 1))
    moved, returned = told_of[-2:]
    assert (moved.type, moved.customer_id, moved.partition_key) == ("ordering.order.updated.v1", survivor, survivor)
    assert moved.data["changes"] == [{"path": "customer", "label": "Customer", "before": loser, "after": survivor}]
    assert (returned.customer_id, returned.data["customer_id"]) == (loser, loser)
    nouns = {one.type for one in published(service.db) if one.data.get("changes") == moved.data["changes"]}
    assert nouns == {
        *("ordering.order.updated.v1", "ordering.quote.updated.v1", "ordering.service.changed.v1"),
        *("ordering.contract.updated.v1", "ordering.standing_order.updated.v1", "ordering.listing.updated.v1"),
        *("ordering.price_list.updated.v1", "ordering.approval_rule.updated.v1", "ordering.purchase_limit.updated.v1"),
        *("ordering.bundle.updated.v1", "ordering.cost_centre.updated.v1", "ordering.po_rule.updated.v1"),
        "ordering.purchase_order.updated.v1",
    }


def test_a_merge_that_is_told_again_or_late_changes_nothing(
    service: Service, staff: Client, two: tuple[str, str]
) -> None:
    survivor, loser = two
    order = ordered.draft(staff, loser, (ordered.listing(service), 1))
    merge = Merge(survivor, loser)
    merged, unmerged = merge.tell("merged"), merge.tell("unmerged")
    deliver(service, [merged, merged])
    assert ordered.read(staff, order)["version"] == order["version"] + 1
    deliver(service, [unmerged, unmerged, merged])
    back = ordered.read(staff, order)
    assert (back["customer_id"], back["version"]) == (loser, order["version"] + 2)


def test_an_undo_that_is_heard_first_leaves_everything_where_it_was(
    service: Service, staff: Client, two: tuple[str, str]
) -> None:
    survivor, loser = two
    order = ordered.draft(staff, loser, (ordered.listing(service), 1))
    merge = Merge(survivor, loser)
    merged, unmerged = merge.tell("merged"), merge.tell("unmerged")
    deliver(service, [unmerged, merged])
    assert ordered.read(staff, order) == order


@pytest.mark.parametrize("outer_first", [False, True])
def test_who_survived_may_be_merged_in_turn_whatever_is_heard_first(
    service: Service, staff: Client, outer_first: bool
) -> None:
    first, second, third = (ordered.company(service) for _ in range(3))
    order = ordered.draft(staff, first, (ordered.listing(service), 1))
    inner, outer = Merge(second, first), Merge(third, second)
    there = [inner.tell("merged"), outer.tell("merged")]
    deliver(service, list(reversed(there)) if outer_first else there)
    assert ordered.read(staff, order)["customer_id"] == third
    apart = [outer.tell("unmerged"), inner.tell("unmerged")]
    deliver(service, list(reversed(apart)) if outer_first else apart)
    assert ordered.read(staff, order)["customer_id"] == first


def test_of_two_policies_and_rules_the_survivors_stand(
    service: Service, staff: Client, two: tuple[str, str], rows: Rows, write: Callable[..., None]
) -> None:
    survivor, loser = two
    other = ordered.company(service)
    listing = ordered.listing(service)
    for customer in (survivor, loser, other):
        write("INSERT INTO approval_policies (customer_id, version, updated_at) VALUES (:id, 1, now())", id=customer)
        write(
            "INSERT INTO catalogue_rules (id, effect, listing_id, target_kind, target_id, version, created_at)"
            " VALUES (gen_random_uuid(), :effect, :listing, 'customer', :id, 1, now())",
            id=customer,
            listing=listing,
            effect="include" if customer == survivor else "exclude",
        )
    merge = Merge(survivor, loser, other)
    deliver(service, merge.tell("merged"))
    policies = rows("SELECT customer_id::text FROM approval_policies WHERE customer_id = ANY (:ids)", ids=[*two, other])
    assert len(policies) == 3, "the others stay where they have no effect"
    [rule] = rows("SELECT effect FROM catalogue_rules WHERE target_id = :id", id=survivor)
    assert rule["effect"] == "include"
    deliver(service, merge.tell("unmerged"))
    found = rows("SELECT effect FROM catalogue_rules WHERE target_id = ANY (:ids)", ids=[loser, other])
    assert [row["effect"] for row in found] == ["exclude", "exclude"]


def test_of_two_merged_customers_with_a_policy_one_brings_it(
    service: Service, rows: Rows, write: Callable[..., None]
) -> None:
    survivor, *losers = (ordered.company(service) for _ in range(3))
    for customer in losers:
        write("INSERT INTO approval_policies (customer_id, version, updated_at) VALUES (:id, 1, now())", id=customer)
    merge = Merge(survivor, *losers)
    deliver(service, merge.tell("merged"))
    found = rows(
        "SELECT customer_id::text AS id FROM approval_policies WHERE customer_id = ANY (:ids)", ids=[survivor, *losers]
    )
    assert {row["id"] for row in found} == {survivor, max(losers)}
    deliver(service, merge.tell("unmerged"))
    found = rows(
        "SELECT customer_id::text AS id FROM approval_policies WHERE customer_id = ANY (:ids)", ids=[survivor, *losers]
    )
    assert {row["id"] for row in found} == set(losers)


def test_of_two_orders_with_the_same_number_of_the_customer_both_are_found(
    service: Service, staff: Client, two: tuple[str, str]
) -> None:
    survivor, loser = two
    listing = ordered.listing(service)
    kept = ordered.draft(staff, survivor, (listing, 1), external_number="4711")
    came = ordered.draft(staff, loser, (listing, 1), external_number="4711")
    unique = ordered.draft(staff, loser, (listing, 1), external_number="4712")
    merge = Merge(survivor, loser)
    deliver(service, merge.tell("merged"))
    assert ordered.read(staff, kept)["external_number"] == "4711"
    assert ordered.read(staff, came)["external_number"] == f"4711 ({came['number']})"
    assert ordered.read(staff, unique)["external_number"] == "4712"
    deliver(service, merge.tell("unmerged"))
    assert ordered.read(staff, came)["external_number"] == "4711"


def test_what_the_warehouse_tells_late_lands_where_the_order_is(
    service: Service, staff: Client, two: tuple[str, str], rows: Rows
) -> None:
    survivor, loser = two
    order = ordered.do(staff, ordered.draft(staff, loser, (ordered.listing(service), 2)), "submission")
    merge = Merge(survivor, loser)
    deliver(service, merge.tell("merged"))
    # All of it still says whose it was when the warehouse had not heard of the merge.
    deliver(service, ordered.reservation("made", order, 1))
    confirmed = ordered.do(staff, order, "confirmation")
    assert confirmed["customer_id"] == survivor
    late = confirmed | {"customer_id": loser}
    deliver(service, ordered.reservation("allocated", late, 2))
    deliver(service, ordered.dispatched(late, 2))
    deliver(service, ordered.reservation("shipped", late, 3))
    deliver(service, ordered.came_back("inspected", new_id(), 3, (late, 1)))
    done = ordered.read(staff, order)
    assert (done["status"], done["customer_id"]) == ("completed", survivor)
    assert done["lines"][0]["quantity_returned"] == 1
    for table in ("replica_reservations", "replica_shipments", "replica_returns"):
        statement = f"SELECT count(*) AS n FROM {table} WHERE customer_id = :id"  # noqa: S608  # our own names
        assert rows(statement, id=loser)[0]["n"] == 0, table


def test_what_is_written_for_a_merged_customer_later_is_moved_on(
    service: Service, staff: Client, two: tuple[str, str]
) -> None:
    survivor, loser = two
    merge = Merge(survivor, loser)
    deliver(service, merge.tell("merged"))
    late = ordered.draft(staff, loser, (ordered.listing(service), 1))
    assert service.db.run(lambda session: follow_late_rows(session, PARTS)) == 1
    assert ordered.read(staff, late)["customer_id"] == survivor
    assert service.db.run(lambda session: follow_late_rows(session, PARTS)) == 0
    deliver(service, merge.tell("unmerged"))
    assert ordered.read(staff, late)["customer_id"] == loser


def test_the_company_sees_what_came_to_it_and_no_longer_what_went(
    service: Service, staff: Client, two: tuple[str, str], tokens: TestTokens
) -> None:
    survivor, loser = two
    order = ordered.draft(staff, loser, (ordered.listing(service), 1))
    deliver(service, Merge(survivor, loser).tell("merged"))
    theirs, formers = (client_for(service, tokens.portal({one: BUYER})) for one in two)
    assert theirs.get(f"/orders/{order['id']}").status_code == 200
    assert formers.get(f"/orders/{order['id']}").status_code == 404


def test_who_decides_at_the_survivor_decides_what_came_to_it(
    service: Service, staff: Client, two: tuple[str, str]
) -> None:
    survivor, loser = two
    for customer in two:
        companies.rule(service, customer, tiers=[TIER])
    approver, former = companies.person("approver"), companies.person("approver")
    companies.staffed(service, survivor, approver)
    companies.staffed(service, loser, former)
    order = ordered.do(staff, ordered.draft(staff, loser, (ordered.listing(service), 1)), "submission")
    assert order["status"] == "pending_approval"
    flow = staff.get(f"/approvals?order_id={order['id']}").json["items"][0]
    deliver(service, Merge(survivor, loser).tell("merged"))
    assert companies.people_of(service.db, flow["id"]) == [approver["account_id"]]


def test_a_move_that_is_heard_late_starts_services_at_the_survivor(
    service: Service, two: tuple[str, str], rows: Rows
) -> None:
    survivor, loser = two
    deliver(service, Merge(survivor, loser).tell("merged"))
    move = told.example("customer.move.executed.v1", new_id(), 1, customer_id=loser)
    deliver(service, move)
    found = rows("SELECT customer_id::text AS id FROM services WHERE move_id = :id", id=move.data["id"])
    assert {row["id"] for row in found} == {survivor}
