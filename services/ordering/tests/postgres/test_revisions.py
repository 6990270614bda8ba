"""Orders that change after they were submitted or confirmed: more of them asks the company again, less does not."""

from typing import Any

import pytest

from common.service import Service
from common.testing import Client, TestTokens, deliver, published
from ordering.tests import companies
from ordering.tests.ordered import Order, company, confirmed, dispatched, do, draft, listing, read, reservation
from ordering.tests.postgres.test_gates import Governed, used
from ordering.use_cases.orders import endings

pytestmark = pytest.mark.postgres


@pytest.fixture
def governed(service: Service, tokens: TestTokens) -> Governed:
    return Governed(service, tokens)


def revise(client: Client, order: Order, *quantities: int, status: int = 200, **body: Any) -> Order:
    """Wants so many of each line from now on."""
    lines = [{"line_id": line["id"], "quantity": many} for line, many in zip(order["lines"], quantities, strict=False)]
    return do(client, order, "revisions", status, lines=lines, **body)


def approved(service: Service, staff: Client, governed: Governed, *lines: tuple[str, int]) -> Order:
    """A confirmed order that its company has approved, and of which everything is allocated."""
    order = governed.placed(*lines)
    deliver(service, reservation("made", order, 1))
    governed.decide(order, "approve")
    order = read(staff, order)
    assert order["status"] == "confirmed"
    deliver(service, reservation("allocated", order, 2))
    return read(staff, order)


# Edge case 9: an order that is edited after its approval.


def test_more_of_a_confirmed_order_asks_its_company_again_and_less_does_not(
    service: Service, staff: Client, governed: Governed
) -> None:
    limit = companies.limit(service, governed.id, amount_minor=100_000)
    order = approved(service, staff, governed, (listing(service), 4))
    less = revise(governed.buyer, order, 3)
    assert (less["status"], less["lines"][0]["quantity_cancelling"]) == ("confirmed", 1)
    assert revise(governed.buyer, order, 6, status=409)["code"] == "ordering.availability_unknown"
    answer = reservation("allocated", less, 3, {"allocated": 3})
    answer.data["lines"][0]["quantity"] = 3
    deliver(service, answer)
    assert used(service, limit) == 3_000
    again = revise(governed.buyer, order, 4)
    assert (again["status"], used(service, limit)) == ("confirmed", 4_000), "no more than was approved"
    deliver(service, reservation("allocated", again, 4))
    more = revise(governed.buyer, order, 5)
    assert (more["status"], more["revision"], used(service, limit)) == (
        "pending_approval",
        again["revision"] + 1,
        5_000,
    )
    assert more["lines"][0]["quantity_allocated"] == 4, "what is promised stays promised"
    assert do(governed.buyer, more, "withdrawal", 409)["code"] == "ordering.order_status"
    deliver(service, reservation("allocated", more, 5, {"allocated": 4}))
    assert read(staff, order)["status"] == "pending_approval"
    governed.decide(more, "approve")
    now = read(staff, order)
    assert (now["status"], used(service, limit)) == ("confirmed", 5_000)
    deliver(service, reservation("allocated", now, 6, {"allocated": 5}))
    assert read(staff, order)["allocation_status"] == "full"


@pytest.mark.parametrize("end", ["reject", "cancel", "expire"])
def test_a_revision_that_is_refused_ends_the_order_once_the_warehouse_has_let_go(
    service: Service, staff: Client, governed: Governed, end: str
) -> None:
    order = approved(service, staff, governed, (listing(service), 4))
    more = revise(governed.buyer, order, 5)
    if end == "reject":
        governed.decide(more, "reject", comment="Too many")
    elif end == "cancel":
        do(governed.buyer, more, "cancellation", reason="x")
    else:
        service.db.run(lambda session: endings.expire(session, -1, 100))
    cancelling = read(staff, order)
    assert (cancelling["status"], governed.pending_approvals(order)) == ("cancelling", 0)
    deliver(service, reservation("released", cancelling, 3, {"shipped": 1}))
    ended = read(staff, order)
    assert (ended["status"], ended["lines"][0]["quantity_cancelled"]) == ("completed", 4)


def test_an_approver_takes_the_rise_back_and_the_order_goes_on(
    service: Service, staff: Client, governed: Governed
) -> None:
    order = approved(service, staff, governed, (listing(service), 4))
    more = revise(governed.buyer, order, 6)
    [found] = [one for one in governed.approver.get("/approvals").json["items"] if one["order_id"] == order["id"]]
    body = {"version": found["version"], "lines": [{"line_id": more["lines"][0]["id"], "quantity": 4}]}
    answer = governed.approver.post(f"/approvals/{found['id']}/reductions", json=body)
    assert answer.json["status"] == "superseded", answer.text
    now = read(staff, order)
    deliver(service, reservation("allocated", now, 3))
    now = read(staff, order)
    assert (now["status"], now["lines"][0]["quantity"], now["lines"][0]["quantity_allocated"]) == ("confirmed", 4, 4)


def test_more_than_a_limit_allows_changes_nothing(service: Service, staff: Client) -> None:
    who = company(service)
    limit = companies.limit(service, who, amount_minor=4_000)
    order = confirmed(service, staff, who, (listing(service), 4))
    deliver(service, reservation("allocated", order, 2))
    assert revise(staff, order, 5, status=422)["code"] == "ordering.limit_exceeded"
    assert (used(service, limit), read(staff, order)["lines"][0]["quantity"]) == (4_000, 4)


def test_what_a_customer_adds_passes_the_provider_s_gate_again(
    service: Service, staff: Client, buyer: Client, customer_id: str
) -> None:
    who = company(service, customer_id, auto_confirm_orders="off")
    order = confirmed(service, staff, who, (listing(service), 4))
    deliver(service, reservation("allocated", order, 2))
    added = [{"listing_id": listing(service, 500), "quantity": 2}]
    more = do(buyer, order, "revisions", added=added)
    assert (more["status"], more["total"]["amount"]) == ("pending_confirmation", "50.00")
    assert [(line["position"], line["quantity"]) for line in more["lines"]] == [(1, 4), (2, 2)]
    assert do(staff, more, "confirmation", 409)["code"] == "ordering.availability_unknown"
    deliver(service, reservation("allocated", more, 3, {"allocated": 2}))
    assert do(staff, more, "confirmation")["status"] == "confirmed"
    again = do(staff, more, "revisions", added=added)
    assert again["status"] == "confirmed", "the provider's own revision is its confirmation"
    [told] = published(service.db, "ordering.order.revised.v1")[-1:]
    assert told.data["asked_version"] == told.version == again["version"]


def test_what_is_not_offered_to_the_customer_is_not_added(
    service: Service, staff: Client, buyer: Client, customer_id: str
) -> None:
    order = confirmed(service, staff, company(service, customer_id), (listing(service), 4))
    for unseen in (listing(service, status="draft"), listing(service, None)):
        refused = do(buyer, order, "revisions", 422, added=[{"listing_id": unseen, "quantity": 1}])
        assert refused["code"] == "ordering.lines_unavailable"


def test_once_something_has_left_an_order_takes_less_and_no_more(service: Service, staff: Client) -> None:
    order = confirmed(service, staff, company(service), (listing(service), 4))
    deliver(service, [reservation("allocated", order, 2), dispatched(order, 2)])
    assert revise(staff, order, 5, status=409)["code"] == "ordering.already_shipped"
    assert revise(staff, order, 1, status=422)["errors"][0]["detail"].startswith("2 have left already")
    assert revise(staff, order, 2)["lines"][0]["quantity_cancelling"] == 2


def test_a_day_is_changed_at_any_time_and_told(service: Service, staff: Client) -> None:
    order = confirmed(service, staff, company(service), (listing(service), 4), requested_on="2031-01-02")
    line = {"line_id": order["lines"][0]["id"], "requested_on": "2031-02-03"}
    now = do(staff, order, "revisions", requested_on=None, lines=[line])
    assert (now["requested_on"], now["lines"][0]["requested_on"]) == (None, "2031-02-03")
    [told] = published(service.db, "ordering.order.revised.v1")[-1:]
    assert [change["path"] for change in told.data["changes"]] == ["requested_on", "lines.requested_on"]
    assert do(staff, order, "revisions", lines=[])["version"] == now["version"], "nothing changes, nothing is told"
    wrong = do(staff, order, "revisions", 409, revision=order["revision"], requested_on="2031-01-02")
    assert wrong["code"] == "ordering.revision_changed"


def test_before_the_confirmation_more_is_asked_of_the_warehouse_first(service: Service, staff: Client) -> None:
    who = company(service, auto_confirm_orders="off")
    order = do(staff, draft(staff, who, (listing(service), 4)), "submission")
    deliver(service, reservation("made", order, 1))
    more = revise(staff, order, 6)
    assert (more["status"], more["total"]["amount"]) == ("pending_confirmation", "60.00")
    assert do(staff, more, "confirmation", 409)["code"] == "ordering.availability_unknown"
    deliver(service, reservation("made", more, 2, {"reserved": 5}))
    assert do(staff, more, "confirmation", 409)["lines"][0]["missing"] == 1


@pytest.mark.parametrize("status", ["draft", "pending_approval", "cancelled"])
def test_drafts_are_edited_and_what_waits_for_its_company_is_taken_back_first(
    service: Service, staff: Client, governed: Governed, status: str
) -> None:
    order = draft(governed.buyer, governed.id, (listing(service), 4))
    if status != "draft":
        order = do(governed.buyer, order, "submission")
    if status == "cancelled":
        order = do(governed.buyer, order, "cancellation", reason="x")
    assert revise(governed.buyer, order, 5, status=409)["code"] == "ordering.order_status"


def test_what_waits_for_the_provider_again_is_given_up_as_of_a_confirmed_order(
    service: Service, staff: Client, buyer: Client, customer_id: str
) -> None:
    who = company(service, customer_id, auto_confirm_orders="off")
    order = confirmed(service, staff, who, (listing(service), 4), (listing(service), 1))
    deliver(service, reservation("allocated", order, 2))
    more = revise(buyer, order, 6)
    assert more["status"] == "pending_confirmation"
    named = [{"line_id": more["lines"][0]["id"], "quantity": 3}]
    asked = do(buyer, more, "line-cancellations", lines=named, reason="x")
    assert [asked["lines"][0][f"quantity_{name}"] for name in ("allocated", "cancelling", "cancelled")] == [4, 3, 0]
    answer = reservation("allocated", asked, 3, {"allocated": 3})
    answer.data["lines"][0]["quantity"] = 3
    deliver(service, answer)
    now = read(staff, order)
    assert now["status"] == "pending_confirmation"
    assert [now["lines"][0][f"quantity_{name}"] for name in ("allocated", "cancelling", "cancelled")] == [3, 0, 3]
    named = [{"line_id": line["id"]} for line in now["lines"]]
    assert do(buyer, now, "line-cancellations", lines=named, reason="x")["status"] == "cancelling"
