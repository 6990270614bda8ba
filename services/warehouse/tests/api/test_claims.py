"""Claims over HTTP: what came damaged, was missing or never arrived, and what is granted for it."""

from typing import Any

import pytest

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, published
from common.testing.clock import FixedClock
from common.testing.events import event
from warehouse.domain.claims import STATUSES
from warehouse.tests.sent import Sender, Sent, ask, do
from warehouse.tests.told import example

pytestmark = pytest.mark.postgres


def body(sent: Sent, quantity: int, **fields: Any) -> dict[str, Any]:
    line = {"shipment_id": sent.shipment["id"], "line_id": sent.order.line_id(), "quantity": quantity}
    return line | {"kind": "damaged", "resolution": "replace"} | fields


def claim(client: Client, sent: Sent, quantity: int, **fields: Any) -> Any:
    answer = client.post("/claims", json=body(sent, quantity, **fields))
    assert answer.status_code == 201, answer.json
    return answer.json


def refused(client: Client, path: str, **body: Any) -> tuple[int, str]:
    answer = client.post(path, json=body)
    return answer.status_code, answer.json["code"]


def test_a_customer_claims_and_staff_grants_a_replacement(
    sender: Sender, buyer: Client, staff: Client, sku: str, customer_id: str, service: Service
) -> None:
    sent = sender.send(customer_id, sku, 5)
    photo = new_id()
    made = claim(buyer, sent, 3, note="Three came with dents.", files=[photo])
    assert (made["status"], made["quantity"], made["files"], made["granted"]) == ("requested", 3, [photo], None)
    assert (made["order_id"], made["sku"], made["commands"]) == (sent.order.id, sku, ["accept", "cancel", "deny"])
    assert refused(buyer, f"/claims/{made['id']}/acceptance") == (403, "staff_only")
    done = do(staff, made, "acceptance", "claims", quantity=2, reason="One was dented before.")
    assert (done["status"], done["quantity_accepted"], done["quantity_replaced"]) == ("accepted", 2, 2)
    assert (done["granted"], done["credit_pending"], done["commands"]) == ("replace", False, [])
    told = [one for one in published(service.db) if one.subject == made["id"]]
    assert [one.type.split(".")[2] for one in told] == ["requested", "accepted"]
    assert (told[-1].data["quantity_replaced"], told[-1].customer_id) == (2, customer_id)
    # What was not accepted of it may be claimed again, or come back.
    assert claim(buyer, sent, 3)["quantity"] == 3
    assert [one["id"] for one in buyer.get(f"/claims?order_id={sent.order.id}&status=accepted").json["items"]] == [
        made["id"]
    ]


def test_a_credit_that_is_granted_waits_for_billing(
    sender: Sender, staff: Client, sku: str, customer_id: str, service: Service
) -> None:
    sent = sender.send(customer_id, sku, 1, delivered=False)
    made = claim(staff, sent, 1, kind="never_arrived", resolution="replace")
    done = do(staff, made, "acceptance", "claims", resolution="credit")
    assert (done["granted"], done["credit_pending"], done["quantity_replaced"]) == ("credit", True, 0)
    assert [one for one in published(service.db) if one.subject == made["id"]][-1].data["credit_pending"] is True


def test_no_more_is_claimed_and_returned_than_was_shipped(
    sender: Sender, buyer: Client, staff: Client, sku: str, customer_id: str
) -> None:
    sent = sender.send(customer_id, sku, 5)
    claim(buyer, sent, 2)
    ask(staff, sent.line(2))
    answer = buyer.post("/claims", json=body(sent, 2))
    assert (answer.status_code, answer.json["code"], answer.json["left"]) == (
        409,
        "warehouse.return_exceeds_shipped",
        1,
    )
    assert refused(staff, "/returns", lines=[sent.line(2)]) == (409, "warehouse.return_exceeds_shipped")
    assert claim(buyer, sent, 1)["quantity"] == 1


def test_what_is_denied_or_taken_back_may_be_claimed_again(
    sender: Sender, buyer: Client, staff: Client, sku: str, customer_id: str
) -> None:
    sent = sender.send(customer_id, sku, 2)
    denied, cancelled = claim(buyer, sent, 1), claim(buyer, sent, 1)
    assert do(staff, denied, "denial", "claims", reason="The packaging was whole.")["reason"]
    assert do(buyer, cancelled, "cancellation", "claims")["status"] == "cancelled"
    assert claim(buyer, sent, 2)["status"] == "requested"


@pytest.mark.parametrize("status", [one for one in STATUSES if one != "requested"])
def test_what_was_decided_stays_so(sender: Sender, staff: Client, sku: str, customer_id: str, status: str) -> None:
    made = claim(staff, sender.send(customer_id, sku, 1), 1)
    verbs = {"accepted": "acceptance", "denied": "denial", "cancelled": "cancellation"}
    fields = {"denial": {"reason": "x"}}
    do(staff, made, verbs[status], "claims", **fields.get(verbs[status], {}))
    for verb in verbs.values():
        assert refused(staff, f"/claims/{made['id']}/{verb}", **fields.get(verb, {})) == (409, "warehouse.claim_state")
    assert staff.get(f"/claims/{made['id']}").json["commands"] == []


def test_a_claim_that_comes_late_needs_staff_and_a_reason(
    sender: Sender, buyer: Client, staff: Client, sku: str, customer_id: str, clock: FixedClock
) -> None:
    sent = sender.send(customer_id, sku, 1)
    clock.move(days=31)
    for client in (buyer, staff):
        answer = client.post("/claims", json=body(sent, 1))
        assert (answer.status_code, answer.json["code"]) == (409, "warehouse.claim_window_closed")
    late = body(sent, 1, override_reason="We promised it")
    assert buyer.post("/claims", json=late).json["code"] == "warehouse.claim_window_closed"
    made = staff.post("/claims", json=late)
    assert (made.status_code, made.json["override_reason"]) == (201, "We promised it")
    assert buyer.get(f"/claims/{made.json['id']}").json["override_reason"] is None


def test_goods_that_did_not_arrive_may_be_claimed_while_they_are_on_their_way(
    sender: Sender, buyer: Client, sku: str, customer_id: str, clock: FixedClock
) -> None:
    sent = sender.send(customer_id, sku, 1, delivered=False)
    clock.move(days=90)
    assert claim(buyer, sent, 1, kind="never_arrived", resolution="credit")["kind"] == "never_arrived"


def test_something_else_is_sent_only_where_it_is_offered_and_something_is_replaced(
    sender: Sender, staff: Client, sku: str, customer_id: str, tell: Any
) -> None:
    listed = example("ordering.listing.published.v1") | {"id": new_id(), "sku": f"{sku}-N", "kind": "stock"}
    tell(event("ordering.listing.published.v1", listed["id"], listed))
    made = claim(staff, sender.send(customer_id, sku, 2), 2)
    path = f"/claims/{made['id']}/acceptance"
    unsuitable = (422, "warehouse.replacement_unsuitable")
    assert refused(staff, path, replacement_sku="nobody-offers-this") == unsuitable
    assert refused(staff, path, replacement_sku=f"{sku}-N", resolution="credit") == unsuitable
    assert refused(staff, path, quantity=3) == (422, "warehouse.more_than_claimed")
    done = do(staff, made, "acceptance", "claims", replacement_sku=f"{sku}-N")
    assert (done["replacement_sku"], done["quantity_replaced"]) == (f"{sku}-N", 2)


def test_only_who_may_claims_and_sees(
    sender: Sender,
    staff: Client,
    portal: Client,
    stranger: Client,
    service: Service,
    tokens: TestTokens,
    sku: str,
    customer_id: str,
    other_id: str,
) -> None:
    sent = sender.send(customer_id, sku, 2)
    assert refused(portal, "/claims", **body(sent, 1)) == (403, "permission_missing")
    elsewhere = client_for(service, tokens.portal({other_id: ["orders.view", "orders.place"]}))
    assert refused(elsewhere, "/claims", **body(sent, 1)) == (422, "warehouse.shipped_line_unknown")
    # Of two customers it is the one at which the permission is held that counts.
    both = client_for(service, tokens.portal({customer_id: ["orders.view"], other_id: ["orders.place"]}))
    assert refused(both, "/claims", **body(sent, 1)) == (403, "permission_missing")
    made = claim(staff, sent, 2)
    assert refused(both, f"/claims/{made['id']}/cancellation") == (403, "permission_missing")
    unseen = stranger.get(f"/claims/{made['id']}")
    assert (unseen.status_code, unseen.json["code"]) == (404, "warehouse.claim_not_found")
    assert stranger.get("/claims").json["items"] == []
    assert portal.get(f"/claims/{made['id']}").json["number"] == made["number"]
