"""A part of a company moves below another one while an order of it waits for its approval."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver
from ordering.tests import companies, ordered, told
from ordering.tests.conftest import BUYER

APPROVER = (*BUYER, "orders.approve")


@dataclass(frozen=True)
class Tree:
    """Two head offices; the branch and its sibling are below the first. Each head office has an approver whose roles
    reach down, and the branch a buyer."""

    service: Service
    tokens: TestTokens
    old: str
    new: str
    branch: str
    sibling: str
    of_old: dict[str, Any]
    of_new: dict[str, Any]

    def portal(self, *customers: str, account_id: str | None = None) -> Client:
        """Somebody whose token reaches these customers, as identity issues it."""
        grants = dict.fromkeys(customers, APPROVER)
        return client_for(self.service, self.tokens.portal(grants, sub=account_id or new_id()))

    def move(self) -> None:
        """The branch is below the other head office, and takes the roles that come down from there."""
        change = {"path": "parent", "label": "Head office", "before": self.old, "after": self.new}
        moved = told.customer(self.branch, "updated", 3, name="Alderwick", parent_id=self.new, changes=[change])
        deliver(self.service, moved)
        companies.staffed(self.service, self.branch, companies.person("buyer"), parent_id=self.new, version=2)


@pytest.fixture
def tree(service: Service, tokens: TestTokens) -> Tree:
    old, new = ordered.company(service), ordered.company(service)
    of_old, of_new = (companies.person("approver", subtree=True) for _ in range(2))
    companies.staffed(service, old, of_old)
    companies.staffed(service, new, of_new)
    nodes = []
    for _ in range(2):
        node = ordered.company(service)
        deliver(service, told.customer(node, "updated", 2, name="Alderwick", parent_id=old, changes=[]))
        companies.staffed(service, node, companies.person("buyer"), parent_id=old)
        nodes.append(node)
    tier = companies.APPROVER_TIER | {"n": None}
    companies.rule(service, old, name="Of the old head office", tiers=[tier])
    companies.rule(service, new, name="Of the new head office", tiers=[tier, tier])
    return Tree(service, tokens, old, new, *nodes, of_old, of_new)


def waiting(tree: Tree, staff: Client) -> tuple[ordered.Order, dict[str, Any]]:
    """An order of the branch that waits for an approval, and that approval."""
    order = ordered.draft(staff, tree.branch, (ordered.listing(tree.service), 1))
    order = ordered.do(staff, order, "submission")
    assert order["status"] == "pending_approval"
    [flow] = staff.get(f"/approvals?order_id={order['id']}").json["items"]
    return order, flow


def sees(client: Client, order: ordered.Order, flow: dict[str, Any]) -> set[int]:
    """How an order and its approval answer."""
    return {client.get(path).status_code for path in (f"/orders/{order['id']}", f"/approvals/{flow['id']}")}


def test_a_pending_approval_keeps_its_rules_and_asks_who_may_decide_now(tree: Tree, staff: Client) -> None:
    _order, flow = waiting(tree, staff)
    assert companies.people_of(tree.service.db, flow["id"]) == [tree.of_old["account_id"]]
    before = companies.flow_of(tree.service.db, flow["id"])
    tree.move()
    after = companies.flow_of(tree.service.db, flow["id"])
    kept = ("rules", "tiers", "content", "content_hash", "facts", "status", "tier", "total_minor", "customer_id")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert [rule["name"] for rule in after["rules"]] == ["Of the old head office"]
    assert companies.people_of(tree.service.db, flow["id"]) == [tree.of_new["account_id"]]


def test_who_decided_before_the_move_has_decided(tree: Tree, staff: Client) -> None:
    tier = companies.APPROVER_TIER | {"n": None}
    companies.rule(tree.service, tree.old, name="Twice", tiers=[tier, tier | {"mode": "all"}])
    order, flow = waiting(tree, staff)
    approver = tree.portal(tree.old, tree.branch, account_id=tree.of_old["account_id"])
    body = {"decision": "approve", "version": flow["version"]}
    first = approver.post(f"/approvals/{flow['id']}/decisions", json=body)
    assert first.status_code == 201, first.text
    assert ordered.read(staff, order)["status"] == "pending_confirmation"
    tree.move()
    assert ordered.read(staff, order)["status"] == "pending_confirmation"


def test_the_new_head_office_decides_and_its_decision_counts(tree: Tree, staff: Client) -> None:
    order, flow = waiting(tree, staff)
    tree.move()
    flow = staff.get(f"/approvals/{flow['id']}").json
    former = tree.portal(tree.old, account_id=tree.of_old["account_id"])
    body = {"decision": "approve", "version": flow["version"]}
    assert former.post(f"/approvals/{flow['id']}/decisions", json=body).status_code == 404
    present = tree.portal(tree.new, tree.branch, account_id=tree.of_new["account_id"])
    answer = present.post(f"/approvals/{flow['id']}/decisions", json=body)
    assert (answer.status_code, answer.json["status"]) == (201, "approved")
    assert ordered.read(staff, order)["status"] == "pending_confirmation"


def test_the_former_approver_may_not_decide_even_with_a_token_from_before_the_move(tree: Tree, staff: Client) -> None:
    _order, flow = waiting(tree, staff)
    stale = tree.portal(tree.old, tree.branch, account_id=tree.of_old["account_id"])
    tree.move()
    version = staff.get(f"/approvals/{flow['id']}").json["version"]
    answer = stale.post(f"/approvals/{flow['id']}/decisions", json={"decision": "approve", "version": version})
    assert (answer.status_code, answer.json["code"]) == (403, "ordering.not_an_approver")


@pytest.mark.parametrize("moved", [False, True])
def test_a_sibling_reads_neither_the_order_nor_its_approval(tree: Tree, staff: Client, moved: bool) -> None:
    order, flow = waiting(tree, staff)
    if moved:
        tree.move()
    assert sees(tree.portal(tree.branch), order, flow) == {200}
    assert sees(tree.portal(tree.sibling), order, flow) == {404}
    # A head office reads what its token reaches: its branches, where its roles flow down.
    above, elsewhere = (tree.new, tree.old) if moved else (tree.old, tree.new)
    assert sees(tree.portal(above, tree.branch), order, flow) == {200}
    assert sees(tree.portal(elsewhere), order, flow) == {404}
    assert sees(tree.portal(above), order, flow) == {404}


def test_orders_from_before_the_move_keep_the_company_path_that_they_were_made_in(tree: Tree, staff: Client) -> None:
    order, _flow = waiting(tree, staff)
    before = ordered.read(staff, order)["company_path"]
    tree.move()
    assert ordered.read(staff, order)["company_path"] == before
    assert tree.old in str(before)


def test_a_limit_of_the_old_head_office_lets_go_of_what_it_had_taken(tree: Tree, staff: Client) -> None:
    limit = companies.limit(tree.service, tree.old)
    order, _flow = waiting(tree, staff)
    assert used(tree, limit) == 1_000
    tree.move()
    assert used(tree, limit) == 1_000
    ordered.do(staff, order, "cancellation", reason="Not needed")
    assert used(tree, limit) == 0


def used(tree: Tree, limit_id: str) -> int:
    """What orders have taken of a limit."""
    with tree.service.db.transaction() as session:
        of = text("SELECT sum(used) FROM limit_buckets WHERE limit_id = :id")
        return int(session.execute(of, {"id": limit_id}).scalar_one())
