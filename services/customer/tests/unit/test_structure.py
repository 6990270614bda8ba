"""Rules of links, deals, roles, money and certificates, without a database."""

from datetime import date
from typing import Any

import pytest

from customer.domain import deals, links, money, taxes
from customer.domain.contact_roles import choose, settle_defaults
from customer.domain.limits import LIFECYCLES
from customer.errors.contact_roles import DefaultUnsuitable
from customer.errors.deals import LifecycleBackwards, MoneyUnsuitable
from customer.errors.links import SelfLink

DAY = date(2026, 3, 2)


def link(start: date | None, end: date | None) -> dict[str, Any]:
    return {"valid_from": start, "valid_to": end}


def contact(name: str, roles: str = "", default_for: str = "") -> dict[str, Any]:
    return {"id": name, "name": name, "roles": roles.split(), "default_for": default_for.split()}


def certificate(number: str, jurisdictions: str, **fields: Any) -> dict[str, Any]:
    record = {"number": number, "jurisdictions": jurisdictions.split(), "valid_from": date(2025, 1, 1)}
    return record | {"valid_to": None, "verified_at": DAY} | fields


def test_a_symmetric_link_has_one_order_whoever_makes_it() -> None:
    assert links.ends(True, "b", "a", "forward") == links.ends(True, "a", "b", "reverse") == ("a", "b")
    assert links.ends(False, "b", "a", "forward") == ("b", "a")
    assert links.ends(False, "b", "a", "reverse") == ("a", "b")
    with pytest.raises(SelfLink):
        links.ends(True, "a", "a", "forward")


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (link(None, None), link(None, None), True),
        (link(None, date(2026, 1, 31)), link(date(2026, 2, 1), None), False),
        (link(None, date(2026, 1, 31)), link(date(2026, 1, 31), None), True),
        (link(date(2026, 1, 1), date(2026, 1, 2)), link(date(2026, 1, 3), date(2026, 1, 4)), False),
        (link(date(2026, 1, 1), date(2026, 12, 31)), link(date(2026, 3, 1), date(2026, 3, 2)), True),
    ],
)
def test_two_links_overlap_where_they_share_a_day(one: Any, other: Any, both: bool) -> None:
    assert links.overlap(one, other) is both
    assert links.overlap(other, one) is both


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("12.3", "EUR", 1230), ("12", "JPY", 12), ("0.001", "BHD", 1), ("1.0000", "EUR", 100), ("1.0001", "CLF", 10001)],
)
def test_amounts_are_whole_minor_units(amount: str, currency: str, minor: int) -> None:
    assert money.to_minor(amount, currency, "/value") == minor
    assert money.to_minor(money.to_text(minor, currency), currency, "/value") == minor


def test_no_fraction_of_a_minor_unit_is_lost_unseen() -> None:
    for amount, currency in (("0.001", "EUR"), ("0.5", "KRW"), ("99999999999999999999", "EUR")):
        with pytest.raises(MoneyUnsuitable):
            money.to_minor(amount, currency, "/value")


def test_deals_carry_a_customer_forward_only() -> None:
    steps = [(before, deals.lifecycle_after(before, status)) for before in LIFECYCLES for status in ("open", "won")]
    assert steps == [
        ("lead", "prospect"),
        ("lead", "customer"),
        ("prospect", "prospect"),
        ("prospect", "customer"),
        ("customer", "customer"),
        ("customer", "customer"),
    ]
    assert deals.lifecycle_after("lead", "lost") == "lead"
    deals.check_lifecycle("lead", ["lost"])
    deals.check_lifecycle("prospect", ["open", "lost"])
    for wanted, status in (("lead", "open"), ("prospect", "won")):
        with pytest.raises(LifecycleBackwards):
            deals.check_lifecycle(wanted, [status])


def test_of_several_holders_only_a_default_is_chosen() -> None:
    people = [contact("a", "billing"), contact("b", "billing", "billing"), contact("c")]
    assert choose(people, "c", "billing").reason == "default_holder"
    assert choose(people[:1] + people[2:], "c", "billing").reason == "only_holder"
    undecided = [contact("a", "billing"), contact("b", "billing")]
    assert choose(undecided, "b", "billing").reason == "primary"
    assert choose(undecided, None, "billing").contact is None
    assert choose(undecided[:1], None, "buyer").reason == "only_contact"
    assert choose([], None, "buyer").reason == "none"


def test_defaults_stay_with_the_roles_that_a_contact_keeps() -> None:
    assert settle_defaults(["buyer", "billing"], None, ["billing", "finance"], "") == ["billing"]
    assert settle_defaults(["buyer", "billing"], ["billing", "buyer"], [], "") == ["buyer", "billing"]
    assert settle_defaults(["buyer"], [], ["buyer"], "") == []
    with pytest.raises(DefaultUnsuitable):
        settle_defaults(["buyer"], ["billing"], [], "")


@pytest.mark.parametrize(
    ("valid_to", "state"),
    [
        (None, "valid"),
        (date(2026, 5, 2), "valid"),
        (date(2026, 5, 1), "expiring"),
        (DAY, "expiring"),
        (date(2026, 3, 1), "expired"),
    ],
)
def test_a_certificate_expires_in_sixty_days_or_less(valid_to: date | None, state: str) -> None:
    assert taxes.state_on(certificate("1", "US-NY", valid_to=valid_to), DAY) == state
    assert taxes.state_on(certificate("1", "US-NY", valid_from=date(2026, 3, 3)), DAY) == "pending"


def test_the_certificate_that_names_the_place_wins_then_the_one_that_lasts() -> None:
    whole = certificate("whole", "US")
    short = certificate("short", "US-NY", valid_to=date(2026, 4, 1))
    long = certificate("long", "US-NY US-ME", valid_to=date(2027, 4, 1))
    assert taxes.decide([whole, short, long], "US-NY", DAY).certificate == long
    assert taxes.decide([whole, short], "US-NY", DAY).certificate == short
    assert taxes.decide([whole, short, long], "US-CA", DAY).certificate == whole
    assert taxes.decide([long], "US", DAY).reason == "other_jurisdiction"


def test_a_refusal_names_the_nearest_certificate() -> None:
    unverified = certificate("unverified", "DE", verified_at=None)
    old = certificate("old", "DE", valid_to=date(2025, 6, 30))
    coming = certificate("coming", "DE", valid_from=date(2027, 1, 1))
    for records, reason, sentence in (
        ([unverified, old, coming], "not_verified", "Certificate unverified covers DE on 2026-03-02, but nobody"),
        ([old, coming], "not_yet_valid", "Certificate coming for DE is valid only from 2027-01-01"),
        ([old], "expired", "Certificate old for DE ended on 2025-06-30"),
        ([], "none", "The customer has no certificate"),
    ):
        decision = taxes.decide(records, "DE", DAY)
        assert (decision.certificate, decision.reason) == (None, reason)
        assert taxes.explain(decision, "DE", DAY).startswith(sentence)
