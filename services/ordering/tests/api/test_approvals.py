"""Approvals, rules, limits and delegations over HTTP, with orders that pass through them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text

from common.ids import new_id
from common.service import Service
from common.testing import Client, Figure, TestTokens, client_for, deliver, published
from ordering.tests import ordered
from ordering.tests.companies import APPROVER_TIER, company, person, staffed
from ordering.tests.ordered import do, draft, listing, read
from ordering.tests.told import switches
from ordering.use_cases.orders import endings

pytestmark = pytest.mark.postgres

BUYER = ("listings.view", "prices.view", "orders.view", "orders.place")
APPROVER = (*BUYER, "orders.approve")
ADMIN = (*APPROVER, "approval_rules.edit", "purchase_limits.edit")
OFFICE = (
    *("orders.view", "orders.place", "orders.confirm", "orders.approve", "approval_rules.edit"),
    *("purchase_limits.edit", "prices.view", "prices.edit", "listings.view"),
)

ABOVE_100 = {
    "name": "Above 100",
    "predicate": {"field": "total", "op": "gt", "value": 100},
    "currency": "EUR",
    "tiers": [APPROVER_TIER],
}


@pytest.fixture
def office(service: Service, tokens: TestTokens) -> Client:
    """The provider's administrator."""
    return client_for(service, tokens.staff(OFFICE))


@pytest.fixture
def portal(service: Service, tokens: TestTokens) -> Callable[..., Client]:
    """A client of an account with permissions at customers."""
    return lambda account_id, *customer_ids, may=BUYER: client_for(
        service, tokens.portal(dict.fromkeys(customer_ids, may), sub=account_id)
    )


class Firm:
    """A customer with a buyer, an approver and an admin, each with a client."""

    def __init__(self, service: Service, portal: Callable[..., Client], *, parent_id: str | None = None) -> None:
        self.id = company(service, parent_id=parent_id)
        usual = {"order_authorization": "on", "inherit_global_marketplace": "on"}
        deliver(service, switches("customer", self.id, **usual))
        people = [person("buyer"), person("approver"), person("admin")]
        staffed(service, self.id, *people)
        self.buyer_id, self.approver_id, self.admin_id = (one["account_id"] for one in people)
        self.buyer = portal(self.buyer_id, self.id)
        self.approver = portal(self.approver_id, self.id, may=APPROVER)
        self.admin = portal(self.admin_id, self.id, may=ADMIN)


@pytest.fixture
def firm(service: Service, portal: Callable[..., Client]) -> Firm:
    return Firm(service, portal)


def made(client: Client, path: str, **body: Any) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def waiting(client: Client, **query: str) -> list[dict[str, Any]]:
    answer = client.get("/approvals", query_string=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["items"]
    return found


def decision(client: Client, approval: dict[str, Any], verdict: str = "approve", **more: Any) -> Any:
    body = {"decision": verdict, "version": approval["version"]} | more
    return client.post(f"/approvals/{approval['id']}/decisions", json=body)


def test_an_order_above_the_threshold_waits_for_its_approver_and_then_goes_on(
    service: Service, firm: Firm, office: Client
) -> None:
    made(firm.admin, "/approval-rules", customer_id=firm.id, **ABOVE_100)
    order = do(firm.buyer, draft(firm.buyer, firm.id, (listing(service, 1_000), 11)), "submission")
    assert order["status"] == "pending_approval"
    assert waiting(firm.buyer) == []
    [approval] = waiting(firm.approver)
    assert (approval["order_id"], approval["total"]) == (order["id"], {"amount": "110.00", "currency": "EUR"})
    [may] = approval["tiers"][0]["requirements"][0]["may_decide"]
    assert may["account_id"] == firm.approver_id
    answer = decision(firm.approver, approval, comment="Fine")
    assert (answer.status_code, answer.json["status"]) == (201, "approved")
    assert decision(firm.approver, approval).json["version"] == answer.json["version"]
    assert read(firm.buyer, order)["status"] == "pending_confirmation"
    assert (waiting(firm.approver), waiting(office)[0]["id"]) == ([], approval["id"])
    assert [one.data["decision"]["comment"] for one in published(service.db, "ordering.approval.approved.v1")] == [
        "Fine"
    ]


def test_an_order_below_the_threshold_needs_no_approval(service: Service, firm: Firm) -> None:
    made(firm.admin, "/approval-rules", customer_id=firm.id, **ABOVE_100)
    order = do(firm.buyer, draft(firm.buyer, firm.id, (listing(service, 1_000), 10)), "submission")
    assert order["status"] == "pending_confirmation"


def test_a_rejection_ends_the_order_with_its_reason_and_frees_the_limit(service: Service, firm: Firm) -> None:
    made(firm.admin, "/approval-rules", customer_id=firm.id, **ABOVE_100)
    limit = made(firm.admin, "/purchase-limits", customer_id=firm.id, **MONTHLY)
    order = do(firm.buyer, draft(firm.buyer, firm.id, (listing(service, 1_000), 11)), "submission")
    [approval] = waiting(firm.approver)
    assert decision(firm.approver, approval, "reject").json["code"] == "ordering.reason_needed"
    older = decision(firm.approver, approval | {"version": approval["version"] - 1}, "reject", comment="Too dear")
    assert (older.status_code, older.json["code"]) == (412, "ordering.approval_changed")
    assert decision(firm.approver, approval, "reject", comment="Too dear").json["status"] == "rejected"
    after = read(firm.buyer, order)
    assert (after["status"], after["reason"]) == ("rejected", "Too dear")
    [used] = firm.buyer.get(f"/purchase-limits/{limit['id']}/usage").json["items"]
    assert used["used"] == {"amount": "0.00", "currency": "EUR"}


def test_the_requester_cannot_approve_its_own_order_with_any_role(service: Service, firm: Firm) -> None:
    made(firm.admin, "/approval-rules", customer_id=firm.id, **ABOVE_100)
    order = do(firm.approver, draft(firm.approver, firm.id, (listing(service, 1_000), 11)), "submission")
    assert (order["status"], waiting(firm.approver)) == ("pending_approval", [])
    [approval] = waiting(firm.admin)
    refused = decision(firm.approver, approval)
    assert (refused.status_code, refused.json["code"]) == (403, "ordering.self_approval")
    assert decision(firm.buyer, approval).json["code"] == "ordering.not_an_approver"
    assert decision(firm.admin, approval).json["status"] == "approved"


def test_cancelling_the_order_ends_its_approval(service: Service, firm: Firm) -> None:
    made(firm.admin, "/approval-rules", customer_id=firm.id, **ABOVE_100)
    order = do(firm.buyer, draft(firm.buyer, firm.id, (listing(service, 1_000), 11)), "submission")
    [approval] = waiting(firm.approver)
    do(firm.buyer, order, "cancellation", reason="No longer needed")
    assert waiting(firm.approver) == []
    assert decision(firm.approver, approval).json["code"] == "ordering.approval_ended"


def test_switching_ordering_off_meanwhile_holds_the_approved_order(service: Service, firm: Firm) -> None:
    made(firm.admin, "/approval-rules", customer_id=firm.id, **ABOVE_100)
    order = do(firm.buyer, draft(firm.buyer, firm.id, (listing(service, 1_000), 11)), "submission")
    ordered.switch(service, firm.id, version=2, order_authorization="off")
    [approval] = waiting(firm.approver)
    decision(firm.approver, approval)
    after = read(firm.buyer, order)
    assert after["hold_reasons"] == ["order_authorization_disabled"]


def test_a_stranger_sees_no_approval_and_no_rule(service: Service, firm: Firm, portal: Callable[..., Client]) -> None:
    rule = made(firm.admin, "/approval-rules", customer_id=firm.id, **ABOVE_100)
    do(firm.buyer, draft(firm.buyer, firm.id, (listing(service, 1_000), 11)), "submission")
    [approval] = waiting(firm.approver)
    other = Firm(service, portal)
    assert decision(other.admin, approval).json["code"] == "ordering.approval_not_found"
    assert other.admin.get(f"/approvals/{approval['id']}").status_code == 404
    unseen = other.admin.get(f"/approval-rules/{rule['id']}")
    assert (unseen.status_code, unseen.json["code"]) == (404, "ordering.approval_rule_not_found")
    refused = other.admin.post("/approval-rules", json=ABOVE_100 | {"customer_id": firm.id})
    assert refused.status_code in {403, 404}


def test_rules_are_edited_by_who_may(firm: Firm, office: Client) -> None:
    rule = made(office, "/approval-rules", customer_id=firm.id, **ABOVE_100)
    place = f"/approval-rules/{rule['id']}"
    assert firm.buyer.patch(place, version=1, json={"name": "Mine"}).status_code == 403
    changed = firm.admin.patch(place, version=1, json={"name": "Above a hundred", "inheritance": "lock"})
    assert (changed.status_code, changed.json["name"], changed.json["version"]) == (200, "Above a hundred", 2)
    assert firm.admin.patch(place, version=1, json={"name": "Older"}).json["code"] == "ordering.stale"
    wrong = firm.admin.patch(place, version=2, json={"predicate": {"field": "margin", "op": "gt", "value": 1}})
    assert (wrong.json["code"], wrong.json["errors"][0]["pointer"]) == (
        "ordering.approval_rule_unsuitable",
        "/predicate/field",
    )
    assert firm.admin.delete(place, version=2).status_code == 204
    assert firm.admin.get("/approval-rules", query_string={"customer_id": firm.id}).json["items"] == []


def test_a_preview_says_which_of_the_last_orders_a_rule_would_have_asked_about(service: Service, firm: Firm) -> None:
    chair, lamp = listing(service, 1_000), listing(service, 100)
    orders = [
        do(firm.buyer, draft(firm.buyer, firm.id, line), "submission") for line in ((chair, 11), (chair, 10), (lamp, 1))
    ]
    draft(firm.buyer, firm.id, (chair, 50))

    def asked(predicate: Any, **more: Any) -> list[str]:
        body = {"customer_id": firm.id, "predicate": predicate, "currency": "EUR"} | more
        answer = firm.admin.post("/approval-rules/preview", json=body)
        assert (answer.status_code, answer.json["examined"]) == (200, 3), answer.text
        return [one["order_id"] for one in answer.json["matched"]]

    by_newest = [order["id"] for order in reversed(orders)]
    assert asked({"field": "total", "op": "gt", "value": 100}) == [orders[0]["id"]]
    assert asked({"all": []}) == by_newest
    assert asked({"field": "requester_roles", "op": "any_of", "value": ["buyer"]}) == by_newest
    assert asked({"all": []}, roles=["admin"]) == []
    assert asked({"field": "first_time", "op": "eq", "value": True}) == by_newest


MONTHLY = {
    "name": "Monthly",
    "scope": "company",
    "kind": "per_period",
    "period": "month",
    "amount": {"amount": "150.00", "currency": "EUR"},
}


def test_a_limit_blocks_what_is_above_it_and_says_which(service: Service, firm: Firm) -> None:
    limit = made(firm.admin, "/purchase-limits", customer_id=firm.id, **MONTHLY)
    chair = listing(service, 1_000)
    do(firm.buyer, draft(firm.buyer, firm.id, (chair, 14)), "submission")
    order = draft(firm.buyer, firm.id, (chair, 2))
    refused = do(firm.buyer, order, "submission", 422)
    assert refused["code"] == "ordering.limit_exceeded"
    assert read(firm.buyer, order)["status"] == "draft"
    [used] = firm.buyer.get(f"/purchase-limits/{limit['id']}/usage").json["items"]
    assert (used["used"]["amount"], used["remaining"]["amount"], used["exceeded"]) == ("140.00", "10.00", False)
    do(firm.buyer, draft(firm.buyer, firm.id, (chair, 1)), "submission")


def test_a_limit_may_ask_for_an_approval_instead(service: Service, firm: Firm) -> None:
    made(firm.admin, "/purchase-limits", customer_id=firm.id, **MONTHLY, action="require_approval")
    order = do(firm.buyer, draft(firm.buyer, firm.id, (listing(service, 1_000), 16)), "submission")
    assert order["status"] == "pending_approval"
    [approval] = waiting(firm.approver)
    assert approval["rules"][0]["reason"] == "limit"


def test_an_order_in_francs_against_a_limit_in_euros_waits_for_a_person_or_a_rate(
    service: Service, firm: Firm, office: Client
) -> None:
    made(firm.admin, "/purchase-limits", customer_id=firm.id, **MONTHLY)
    swiss = listing(service, 1_000, currency="CHF")
    order = do(firm.buyer, draft(firm.buyer, firm.id, (swiss, 1)), "submission")
    assert order["status"] == "pending_approval"
    [approval] = waiting(firm.approver)
    assert approval["rules"][0]["reason"] == "no_rate"
    today = order["placed_at"][:10]
    rate = {"base": "CHF", "quote": "EUR", "as_of": today, "rate": "1.05", "source": "ECB"}
    assert office.put("/exchange-rates", json={"rates": [rate]}).status_code == 200
    assert office.get("/exchange-rates").json["items"][0]["rate"] == "1.05"
    refused = office.put("/exchange-rates", json={"rates": [rate | {"quote": "CHF"}]})
    assert (refused.status_code, refused.json["code"]) == (422, "ordering.exchange_rate_unsuitable")
    order = do(firm.buyer, draft(firm.buyer, firm.id, (swiss, 10)), "submission")
    assert order["status"] == "pending_confirmation"


def test_limits_are_edited_by_who_may(service: Service, firm: Firm, office: Client) -> None:
    limit = made(office, "/purchase-limits", customer_id=firm.id, **MONTHLY)
    place = f"/purchase-limits/{limit['id']}"
    assert firm.buyer.patch(place, version=1, json={"amount": None}).status_code == 403
    changed = firm.admin.patch(place, version=1, json={"amount": {"amount": "0", "currency": "EUR"}})
    assert (changed.json["amount"]["amount"], changed.json["version"]) == ("0.00", 2)
    order = draft(firm.buyer, firm.id, (listing(service, 1), 1))
    assert do(firm.buyer, order, "submission", 422)["code"] == "ordering.limit_exceeded"
    assert firm.admin.patch(place, version=2, json={"amount": None}).json["amount"] is None
    do(firm.buyer, order, "submission")
    assert firm.admin.delete(place, version=3).status_code == 204
    gone = firm.admin.get(place)
    assert (gone.status_code, gone.json["code"]) == (404, "ordering.purchase_limit_not_found")
    verbs = [one.type.split(".")[2] for one in published(service.db) if one.subject == limit["id"]]
    assert verbs == ["created", "updated", "updated", "deleted"]
    wrong = firm.admin.post("/purchase-limits", json=MONTHLY | {"customer_id": firm.id, "scope": "user"})
    assert wrong.json["code"] == "ordering.purchase_limit_unsuitable"


def test_an_approver_lends_its_place_for_a_while(service: Service, firm: Firm) -> None:
    made(firm.admin, "/approval-rules", customer_id=firm.id, **ABOVE_100)
    until = "2099-01-01T00:00:00Z"
    lend = {"customer_id": firm.id, "delegate_id": firm.buyer_id}
    assert firm.approver.post("/approval-delegations", json=lend | {"ends_at": until}).json["code"] == (
        "ordering.delegation_unsuitable"
    )
    soon = published(service.db)[-1].time[:4] + "-12-31T00:00:00Z"
    body = lend | {"ends_at": soon}
    answer = firm.approver.post("/approval-delegations", json=body)
    assert answer.status_code == 201, answer.text
    assert firm.buyer.post("/approval-delegations", json=body).status_code == 403
    order = do(firm.admin, draft(firm.admin, firm.id, (listing(service, 1_000), 11)), "submission")
    [approval] = waiting(firm.buyer)
    revoked = firm.approver.post(f"/approval-delegations/{answer.json['id']}/revocation", version=1)
    assert revoked.json["revoked_at"] is not None
    unknown = firm.approver.post(f"/approval-delegations/{new_id()}/revocation", version=1)
    assert (unknown.status_code, unknown.json["code"]) == (404, "ordering.delegation_not_found")
    assert waiting(firm.buyer) == []
    assert decision(firm.buyer, approval).json["code"] == "ordering.not_an_approver"
    made(firm.admin, "/approval-delegations", **body, delegator_id=firm.approver_id)
    decided = decision(firm.buyer, approval).json
    assert (decided["status"], decided["decisions"][0]["on_behalf_of"]) == ("approved", firm.approver_id)
    assert read(firm.buyer, order)["status"] == "pending_confirmation"


def test_only_the_provider_lets_people_approve_their_own_orders(service: Service, firm: Firm, office: Client) -> None:
    place = f"/customers/{firm.id}/approval-policy"
    assert firm.buyer.get(place).json["self_approval_up_to"] is None
    amount = {"self_approval_up_to": {"amount": "200.00", "currency": "EUR"}}
    assert firm.admin.put(place, version=0, json=amount).json["code"] == "staff_only"
    assert office.put(place, version=0, json=amount).json["version"] == 1
    assert office.put(place, version=0, json=amount).json["code"] == "ordering.stale"
    made(firm.admin, "/approval-rules", customer_id=firm.id, **ABOVE_100)
    do(firm.approver, draft(firm.approver, firm.id, (listing(service, 1_000), 11)), "submission")
    [approval] = waiting(firm.approver)
    assert decision(firm.approver, approval).json["decisions"][0]["self_approval"] is True


def test_staff_decide_only_where_nobody_of_the_company_can(service: Service, firm: Firm, office: Client) -> None:
    made(firm.admin, "/approval-rules", customer_id=firm.id, **ABOVE_100)
    do(firm.buyer, draft(firm.buyer, firm.id, (listing(service, 1_000), 11)), "submission")
    [approval] = waiting(firm.approver)
    assert decision(office, approval).json["code"] == "ordering.not_an_approver"
    staffed(service, firm.id, person("buyer"), version=2)
    [mine] = waiting(office, waiting="true", customer_id=firm.id)
    assert (mine["id"], mine["staff_reason"]) == (approval["id"], "no_eligible_approver")
    assert decision(office, mine).json["status"] == "approved"
    assert office.get(f"/approvals/{new_id()}").json["code"] == "ordering.approval_not_found"


def test_of_two_submissions_at_once_that_fit_the_limit_alone_one_passes(
    service: Service, firm: Firm, portal: Callable[..., Client], figure: Figure
) -> None:
    made(firm.admin, "/purchase-limits", customer_id=firm.id, **MONTHLY)
    chair = listing(service, 1_000)
    buyers = [portal(firm.buyer_id, firm.id) for _ in range(2)]
    rounds = 5
    for _ in range(rounds):
        gate = Barrier(2, timeout=30)
        orders = [draft(firm.buyer, firm.id, (chair, 10)) for _ in range(2)]

        def submit(mine: Client, order: dict[str, Any], gate: Barrier = gate) -> Any:
            gate.wait()
            return mine.post(f"/orders/{order['id']}/submission", json={}).json

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(submit, buyers, orders))
        assert sorted(one.get("code", one["status"]) for one in answers) == [
            "ordering.limit_exceeded",
            "pending_confirmation",
        ]
        [won] = [one for one in answers if "code" not in one]
        do(firm.buyer, won, "cancellation", reason="Next round")
    figure("pairs of submissions over HTTP of which exactly one fits the limit", rounds)


def test_a_parent_that_reaches_down_sees_a_branch_s_approval_and_a_sibling_does_not(
    service: Service, portal: Callable[..., Client]
) -> None:
    hq = company(service)
    branch, sibling = Firm(service, portal, parent_id=hq), Firm(service, portal, parent_id=hq)
    made(branch.admin, "/approval-rules", customer_id=branch.id, **ABOVE_100)
    do(branch.buyer, draft(branch.buyer, branch.id, (listing(service, 1_000), 11)), "submission")
    [approval] = waiting(branch.approver)
    boss = portal(new_id(), hq, branch.id, sibling.id, may=APPROVER)
    assert boss.get(f"/approvals/{approval['id']}").status_code == 200
    assert [one["id"] for one in waiting(boss, waiting="false")] == [approval["id"]]
    assert sibling.admin.get(f"/approvals/{approval['id']}").status_code == 404
    assert decision(boss, approval).json["code"] == "ordering.not_an_approver"


def test_rules_are_asked_again_where_they_changed_meanwhile(service: Service, firm: Firm) -> None:
    rule = made(firm.admin, "/approval-rules", customer_id=firm.id, **ABOVE_100)
    order = do(firm.buyer, draft(firm.buyer, firm.id, (listing(service, 1_000), 11)), "submission")
    own = do(firm.admin, draft(firm.admin, firm.id, (listing(service, 1_000), 11)), "submission")
    of_admin, approval = waiting(firm.approver)
    by_admin = ABOVE_100["tiers"][0] | {"approvers": [{"kind": "role", "value": "admin"}]}
    place = f"/approval-rules/{rule['id']}"
    assert firm.admin.patch(place, version=1, json={"tiers": [by_admin]}).status_code == 200
    assert firm.buyer.post(f"/approvals/{approval['id']}/reevaluation").status_code == 403
    again = firm.admin.post(f"/approvals/{approval['id']}/reevaluation").json
    assert (again["id"] != approval["id"], again["order_id"], waiting(firm.admin)[0]["id"]) == (
        True,
        order["id"],
        again["id"],
    )
    assert firm.admin.delete(place, version=2).status_code == 204
    refused = firm.admin.post(f"/approvals/{of_admin['id']}/reevaluation").json
    assert refused["code"] == "ordering.self_approval"
    assert firm.admin.post(f"/approvals/{again['id']}/reevaluation").json["status"] == "superseded"
    assert read(firm.buyer, order)["status"] == "pending_confirmation"
    assert read(firm.buyer, own)["status"] == "pending_approval"


def test_an_order_that_expires_ends_its_approval(service: Service, firm: Firm) -> None:
    made(firm.admin, "/approval-rules", customer_id=firm.id, **ABOVE_100)
    do(firm.buyer, draft(firm.buyer, firm.id, (listing(service, 1_000), 11)), "submission")
    [approval] = waiting(firm.approver)
    with service.db.transaction() as session:
        session.execute(
            text("UPDATE orders SET placed_at = placed_at - interval '99 days' WHERE id = CAST(:id AS uuid)"),
            {"id": approval["order_id"]},
        )
    service.db.run(lambda session: endings.expire(session, 30, 50))
    assert firm.approver.get(f"/approvals/{approval['id']}").json["status"] == "expired"
