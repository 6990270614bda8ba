"""Who may not see prices orders by quantities alone, and is told of no amount anywhere."""

from typing import Any

import pytest

from common.service import Service
from common.testing import Client, TestTokens, client_for
from ordering.tests import companies
from ordering.tests.conftest import BUYER
from ordering.tests.ordered import company, do, draft, listing, set_price

pytestmark = pytest.mark.postgres

BLIND = tuple(code for code in BUYER if code != "prices.view")


def amounts(shown: Any) -> list[Any]:
    """Every amount of money in an answer."""
    if isinstance(shown, dict):
        own = [shown["amount"]] if "currency" in shown and shown.get("amount") is not None else []
        return own + [one for value in shown.values() for one in amounts(value)]
    return [one for value in shown for one in amounts(value)] if isinstance(shown, list) else []


@pytest.fixture
def who(service: Service) -> str:
    return company(service, auto_confirm_orders="off")


@pytest.fixture
def blind(service: Service, tokens: TestTokens, who: str) -> Client:
    return client_for(service, tokens.portal({who: BLIND}))


@pytest.fixture
def sees(service: Service, tokens: TestTokens, who: str) -> Client:
    return client_for(service, tokens.portal({who: BUYER}))


def test_no_amount_is_told_where_prices_are_not_to_be_seen(
    service: Service, blind: Client, sees: Client, staff: Client, who: str
) -> None:
    one = listing(service, 1234)
    cart = blind.post("/carts", json={"customer_id": who}).json
    blind.post(f"/carts/{cart['id']}/lines", json={"listing_id": one, "quantity": 3})
    saved = blind.post("/saved-lists", json={"customer_id": who, "name": "Weekly"}).json
    blind.post(f"/saved-lists/{saved['id']}/lines", json={"listing_id": one, "quantity": 3})
    order = draft(blind, who, (one, 3))
    submitted = do(blind, order, "submission")
    assert submitted["status"] == "pending_confirmation", "ordering works all the same"
    asked = blind.post("/quotes", json={"customer_id": who, "lines": [{"listing_id": one, "quantity": 3}]}).json
    lines = [{"listing_id": one, "quantity": 3}]
    staff.post(f"/quotes/{asked['id']}/revisions", json={"lines": lines, "valid_until": "2099-01-01"})
    assert staff.post(f"/quotes/{asked['id']}/sending").status_code == 200
    repeated = do(blind, order, "reorder", 201)
    paths = (
        f"/listings/{one}",
        "/listings",
        f"/carts/{cart['id']}",
        f"/saved-lists/{saved['id']}",
        "/orders",
        f"/orders/{order['id']}",
        "/quotes",
        f"/quotes/{asked['id']}",
    )
    for path in paths:
        hidden, shown = blind.get(path), sees.get(path)
        assert hidden.status_code == 200, path
        assert amounts(hidden.json) == [], path
        assert amounts(shown.json), f"{path} tells amounts to who may see them"
    assert amounts([order, submitted, repeated, asked]) == []


def test_a_price_that_rose_is_told_without_its_amounts(service: Service, blind: Client, sees: Client, who: str) -> None:
    one = listing(service, 1000)
    orders = {client: draft(client, who, (one, 1)) for client in (blind, sees)}
    placed = do(blind, draft(blind, who, (one, 1)), "submission")
    set_price(service, one, 1500)
    for client, order in orders.items():
        refused = do(client, order, "submission", 409)
        assert (refused["code"], bool(amounts(refused))) == ("ordering.price_changed", client is sees)
        assert do(client, order, "submission", accept_prices=True)["status"] == "pending_confirmation"
    assert do(blind, placed, "reorder", 201)["differences"] == []
    assert amounts(do(sees, placed, "reorder", 201)["differences"]) == ["10.00", "15.00"]


def test_what_a_limit_leaves_is_told_without_its_amount(
    service: Service, blind: Client, sees: Client, who: str
) -> None:
    companies.limit(service, who, amount_minor=1_000)
    for client in (blind, sees):
        order = draft(client, who, (listing(service, 1_500), 1))
        refused = do(client, order, "submission", 422)
        assert (refused["code"], "limits" in refused) == ("ordering.limit_exceeded", client is sees)


def test_an_approval_tells_its_total_only_to_who_may_see_prices(
    service: Service, tokens: TestTokens, sees: Client, who: str
) -> None:
    boss = companies.person("approver")
    companies.staffed(service, who, boss)
    companies.rule(service, who)
    do(sees, draft(sees, who, (listing(service, 1000), 1)), "submission")
    for codes, told in ((BUYER, ["10.00"]), (BLIND, [])):
        grants = {who: (*codes, "orders.approve")}
        approver = client_for(service, tokens.portal(grants, sub=boss["account_id"]))
        [flow] = approver.get("/approvals").json["items"]
        assert amounts({"total": flow["total"]}) == told
        assert amounts({"total": approver.get(f"/approvals/{flow['id']}").json["total"]}) == told
