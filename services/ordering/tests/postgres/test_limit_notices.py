"""What is told of purchase limits: that little is left, once in a period, and that an order goes beyond one."""

from datetime import UTC, datetime
from typing import Any

import pytest

from common.service import Service
from common.testing import FixedClock, TestTokens, client_for, published
from ordering.tests import companies
from ordering.tests.companies import company, limit, lines, order
from ordering.tests.conftest import BUYER
from ordering.tests.ordered import company as ordering_company
from ordering.tests.ordered import do, draft, listing
from ordering.use_cases import limits

pytestmark = pytest.mark.postgres


def told(service: Service, limit_id: str) -> list[tuple[str, Any]]:
    """What is told of a limit, with how much is used by then."""
    return [
        (event.type.split(".")[2], event.data["used"] and event.data["used"]["amount"])
        for event in published(service.db)
        if event.data.get("limit_id") == limit_id
    ]


def reserved(service: Service, given: dict[str, Any], **quantities: int) -> None:
    service.db.run(lambda session: limits.reserve(session, given, lines(**quantities)))


def test_that_little_is_left_is_told_once_in_a_period(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FixedClock(datetime(2026, 3, 31, 12, 0, tzinfo=UTC))
    monkeypatch.setattr("ordering.use_cases.store.moment", lambda _session: clock.now())
    node = company(service)
    limit_id = limit(service, node)
    first = order(node, 79_999)
    reserved(service, first)
    assert told(service, limit_id) == []
    reserved(service, order(node, 1))
    assert told(service, limit_id) == [("near", "800.00")]
    service.db.run(lambda session: limits.release(session, first["id"]))
    reserved(service, order(node, 99_999))
    assert told(service, limit_id) == [("near", "800.00")]
    clock.move(hours=12)
    reserved(service, order(node, 85_000))
    assert told(service, limit_id) == [("near", "800.00"), ("near", "850.00")]


def test_a_limit_has_its_own_threshold_or_none(service: Service) -> None:
    node = company(service)
    early, silent = limit(service, node, near_percent=50), limit(service, node, near_percent=None)
    full = limit(service, node, near_percent=100)
    reserved(service, order(node, 50_000))
    reserved(service, order(node, 49_999))
    assert [told(service, one) for one in (early, silent, full)] == [[("near", "500.00")], [], []]
    reserved(service, order(node, 1))
    assert told(service, full) == [("near", "1000.00")]


def test_what_a_limit_refuses_is_not_told(service: Service) -> None:
    node = company(service)
    wide, narrow = limit(service, node, amount_minor=110_000), limit(service, node)
    reserved(service, order(node, 100_001))
    assert (told(service, wide), told(service, narrow)) == ([], [])


def test_each_order_that_goes_beyond_a_limit_is_told_once(service: Service) -> None:
    node = company(service)
    limit_id = limit(service, node, action="require_approval")
    given = order(node, 100_001)
    for _ in range(3):  # as at its submission, and again when it is approved
        reserved(service, given)
    reserved(service, order(node, 1))
    assert told(service, limit_id) == [("exceeded", "1000.01"), ("exceeded", "1000.02")]
    [notice, _] = [one for one in published(service.db) if one.data.get("limit_id") == limit_id]
    assert (notice.data["order_id"], notice.data["order_number"]) == (given["id"], given["number"])
    assert (notice.subject, notice.version, notice.customer_id) == (notice.data["id"], 1, node)


def test_quantities_and_missing_rates_are_told_as_such(service: Service) -> None:
    node = company(service)
    counted = limit(
        service, node, kind="qty_per_sku", period="year", amount_minor=None, currency=None, quantity=10, action="warn"
    )
    reserved(service, order(node), A=8, B=11, C=7)
    found = {e.data["sku"]: e for e in published(service.db) if e.data.get("limit_id") == counted}
    assert {sku: (e.type.split(".")[2], e.data["used_quantity"], e.data["used"]) for sku, e in found.items()} == {
        "A": ("near", 8, None),
        "B": ("exceeded", 11, None),
    }
    money = limit(service, node)
    reserved(service, order(node, 5, currency="CHF"), C=1)
    [notice] = [e for e in published(service.db) if e.data.get("limit_id") == money]
    assert (notice.type.split(".")[2], notice.data["reason"], notice.data["used"]) == ("exceeded", "no_rate", None)


def test_a_head_office_learns_which_branch_exceeds_its_limit(service: Service) -> None:
    hq = company(service)
    node = company(service, parent_id=hq)
    limit_id = limit(service, hq, action="warn")
    reserved(service, order(node, 100_001))
    [notice] = [one for one in published(service.db) if one.data.get("limit_id") == limit_id]
    assert (notice.customer_id, notice.data["order_customer_id"]) == (hq, node)


def test_an_order_that_waits_for_its_approval_is_told_and_a_refused_one_is_not(
    service: Service, tokens: TestTokens
) -> None:
    who = ordering_company(service)
    companies.staffed(service, who, companies.person("approver"))
    asking = companies.limit(service, who, amount_minor=1_000, action="require_approval")
    blocking = companies.limit(service, who, amount_minor=5_000)
    buyer = client_for(service, tokens.portal({who: BUYER}))
    one = listing(service, 1_000)
    assert do(buyer, draft(buyer, who, (one, 2)), "submission")["status"] == "pending_approval"
    do(buyer, draft(buyer, who, (one, 4)), "submission", 422)
    assert (told(service, asking), told(service, blocking)) == ([("exceeded", "20.00")], [])


def test_the_threshold_of_a_limit_is_set_by_who_sets_the_limit(service: Service, tokens: TestTokens) -> None:
    who = ordering_company(service)
    admin = client_for(service, tokens.portal({who: (*BUYER, "purchase_limits.edit")}))
    body = {"customer_id": who, "name": "Monthly", "scope": "company", "kind": "per_period", "period": "month"}
    made = admin.post("/purchase-limits", json=body | {"amount": {"amount": "100.00", "currency": "EUR"}}).json
    assert (made["near_percent"], made["gives_back"]) == (80, True)
    sent = {"near_percent": None, "gives_back": False}
    changed = admin.patch(f"/purchase-limits/{made['id']}", version=1, json=sent)
    assert (changed.json["near_percent"], changed.json["gives_back"]) == (None, False)
    assert admin.post("/purchase-limits", json=body | {"near_percent": 0}).status_code == 422
