"""Who sees what: every combination, by the query, by the explanation, and behind the second wall."""

from collections.abc import Iterator
from datetime import date
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select, text

from common.db import Scope
from common.ids import new_id
from common.service import Service
from common.testing import deliver
from ordering.domain.visibility import Facts, explain
from ordering.queries.catalogue import visibility
from ordering.queries.listings import seen_page
from ordering.queries.pricing import price_lines
from ordering.tables.listings import catalogue_rules, listings
from ordering.tables.prices import price_lists, prices
from ordering.tests.postgres.seeing import a_list, a_listing, a_price, a_rule
from ordering.tests.told import customer, switches

pytestmark = pytest.mark.postgres

ON = date(2026, 3, 2)
STATUSES = ("draft", "published", "paused", "retired")
# Who sells it, and to which audience.
OFFERS = [
    (None, "global"),
    (None, "explicit"),
    ("parent", "tree"),
    ("parent", "explicit"),
    ("parent", "global"),
    ("self", "tree"),
    ("self", "explicit"),
    ("sibling", "tree"),
    ("sibling", "global"),
]
RULES = [None, "include", "exclude"]


@pytest.fixture(scope="module")
def family(service: Service) -> dict[str, str]:
    """A customer with a parent and a sibling, and somebody else."""
    ids = {name: new_id() for name in ("parent", "self", "sibling", "other", "group")}
    deliver(service, customer(ids["parent"], name="Parent", group_id=ids["group"]))
    for name in ("self", "sibling"):
        deliver(service, customer(ids[name], name=name.title(), parent_id=ids["parent"]))
    deliver(service, customer(ids["other"], name="Other"))
    for name in ("parent", "sibling"):
        deliver(service, switches("customer", ids[name], internal_inventory_enabled="on"))
    return ids


def expected(status: str, offer: tuple[str | None, str], own: str | None, inherited: str | None, on: bool) -> bool:
    """Written down apart from the code: published, not excluded, and its own, included, of its tree, or inherited."""
    if status != "published" or "exclude" in (own, inherited):
        return False
    owner, audience = offer
    if owner == "self" or "include" in (own, inherited):
        return True
    if owner == "parent" and audience in ("tree", "global"):
        return True
    return audience == "global" and on


def cases() -> Iterator[tuple[str, tuple[str | None, str], str | None, str | None]]:
    yield from product(STATUSES, OFFERS, RULES, RULES)


@pytest.fixture(scope="module")
def offered(service: Service, family: dict[str, str]) -> dict[str, Any]:
    """One listing, priced in a global list, for each combination of status, offer, own rule and inherited rule."""
    made: dict[str, Any] = {}
    with service.db.transaction() as session:
        standard = a_list(session)
        for status, offer, own, inherited in cases():
            owner = family[offer[0]] if offer[0] else None
            category = f"C-{len(made)}"
            fields = {"status": status, "owner_id": owner, "audience": offer[1], "category": category}
            listing_id = a_listing(session, **fields)["id"]
            a_price(session, standard, listing_id, 500)
            if own:
                a_rule(session, own, {"listing_id": listing_id}, family["self"])
            if inherited:
                a_rule(session, inherited, {"category": category}, family["group"], "group")
            made[listing_id] = (status, offer, own, inherited)
    return made


@pytest.mark.parametrize("inherits", ["on", "off"])
def test_every_combination_is_seen_and_priced_or_not(
    service: Service, family: dict[str, str], offered: dict[str, Any], inherits: str, figure: Any
) -> None:
    version = 2 if inherits == "on" else 3
    decided = {"inherit_global_marketplace": inherits, "internal_inventory_enabled": "on"}
    deliver(service, switches("customer", family["parent"], version, **decided))
    wanted = {listing_id: expected(*case, inherits == "on") for listing_id, case in offered.items()}
    pairs = [(listing_id, 1) for listing_id in offered]
    with service.db.transaction(Scope((family["self"],))) as session:
        lines = price_lines(session, family["self"], pairs, ON)
        page = seen_page(session, family["self"], {}, 500, None, "", on=ON, priced=True)
    assert {line.listing_id: line.visible for line in lines} == wanted
    assert {line.listing_id for line in lines if line.unit_price_minor is not None} == {
        listing_id for listing_id, seen in wanted.items() if seen
    }
    assert {item["id"]: item["price"]["amount"] for item in page.items} == {
        listing_id: "5.00" for listing_id, seen in wanted.items() if seen
    }
    figure(f"combinations of status, offer and rules with inheritance {inherits}", len(wanted))


def test_the_explanation_says_the_same_as_the_query(
    service: Service, family: dict[str, str], offered: dict[str, Any]
) -> None:
    with service.db.transaction() as session:
        lines = price_lines(session, family["self"], [(listing_id, 1) for listing_id in offered], ON)
        for line in lines:
            told = visibility(session, line.listing_id, family["self"])
            assert (told["visible"], told["why"]) == (line.visible, line.why), offered[line.listing_id]


def test_staff_is_told_why_and_the_price_all_the_same(service: Service, family: dict[str, str]) -> None:
    deliver(service, switches("customer", family["other"], 1, inherit_global_marketplace="off"))
    with service.db.transaction() as session:
        listing_id = a_listing(session)["id"]
        a_price(session, a_list(session), listing_id, 700)
        [line] = price_lines(session, family["other"], [(listing_id, 1)], ON)
        assert (line.visible, line.why, line.unit_price_minor) == (False, "not_in_marketplace", 700)
        [unknown] = price_lines(session, family["other"], [(new_id(), 3)], ON)
        assert (unknown.visible, unknown.why, unknown.quantity) == (False, "unknown", 3)
    with service.db.transaction(Scope((family["other"],))) as session:
        [line] = price_lines(session, family["other"], [(listing_id, 1)], ON)
        assert (line.visible, line.unit_price_minor, line.price_source) == (False, None, None)


@pytest.mark.parametrize("switched", ["on", "off"])
def test_internal_listings_need_internal_inventory(service: Service, family: dict[str, str], switched: str) -> None:
    version = 10 if switched == "on" else 11
    deliver(service, switches("customer", family["parent"], version, internal_inventory_enabled=switched))
    with service.db.transaction() as session:
        record = a_listing(session, kind="internal", owner_id=family["parent"], audience="tree")
        [line] = price_lines(session, family["self"], [(record["id"], 1)], ON)
        told = visibility(session, record["id"], family["self"])
    assert line.why == told["why"] == (None if switched == "on" else "internal_inventory_disabled")


def test_the_explanation_names_whom_a_rule_is_for() -> None:
    line = [{"id": "c", "name": "Kai", "group_id": "g"}, {"id": "p", "name": "Port", "group_id": None}]
    offered = {"status": "published", "kind": "stock", "owner_id": None, "audience": "explicit"}
    rule = {"id": "r", "effect": "exclude", "listing_id": None, "category": "Lamps", "role": None}

    def said(**target: str) -> str:
        facts = Facts(offered, line, [rule | {"target_id": None} | target], inherits=True, internal=False)
        return explain(facts)[-1].sentence

    wins = "An exclusion always wins."
    assert said(target_kind="group", target_id="g") == (
        f"A rule excludes the category “Lamps” for the group of Kai. {wins}"
    )
    assert said(target_kind="customer", target_id="p") == (
        f"A rule excludes the category “Lamps” for Port and its branches. {wins}"
    )
    assert said(target_kind="role", role="buyer") == (
        f"A rule excludes the category “Lamps” for everybody with the role buyer. {wins}"
    )


def test_the_portal_s_role_reads_no_rows_that_are_not_its_customer_s(service: Service) -> None:
    mine, other, group = new_id(), new_id(), new_id()
    deliver(service, [customer(mine, group_id=group), customer(other)])
    with service.db.transaction() as session:
        draft = a_listing(session, status="draft")["id"]
        theirs = a_listing(session, owner_id=other, audience="tree")["id"]
        open_to_all = a_listing(session)["id"]
        lists = {
            target: a_list(session, kind, **({"target_id": target_id} if target_id else {}))
            for target, kind, target_id in (
                ("standard", "standard", None),
                ("mine", "contract", mine),
                ("group", "group", group),
                ("other", "customer", other),
                ("other group", "group", new_id()),
            )
        }
        for list_id in lists.values():
            a_price(session, list_id, open_to_all, 100)
        a_rule(session, "include", {"listing_id": theirs}, other)
    with service.db.transaction(Scope((mine,))) as session:
        shown = set(session.execute(select(listings.c.id)).scalars())
        assert open_to_all in shown
        assert not {draft, theirs} & shown
        seen = set(session.execute(select(price_lists.c.id)).scalars()) & set(lists.values())
        assert seen == {lists["standard"], lists["mine"], lists["group"]}
        priced = select(prices.c.list_id).where(prices.c.listing_id == open_to_all)
        assert set(session.execute(priced).scalars()) == seen
        rules = select(catalogue_rules.c.id).where(catalogue_rules.c.listing_id == theirs)
        assert session.execute(rules).all() == []
        for table in ("prices", "price_lists"):
            allowed = session.execute(text(f"SELECT has_table_privilege('{table}', 'INSERT, UPDATE, DELETE')")).scalar()
            assert not allowed, table
