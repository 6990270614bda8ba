"""Quotes over HTTP: asked for, worked out, sent, accepted into an order that passes both gates, declined, expired."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event as Stop
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from common.ids import new_id
from common.service import Service
from common.testing import Client, TestTokens, client_for, deliver, published
from ordering.jobs.calendar import Calendar
from ordering.tests.conftest import BUYER
from ordering.tests.ordered import company, do, listing, reservation, set_price

pytestmark = pytest.mark.postgres

Buyer = Callable[[str], Client]
Quote = dict[str, Any]
QUOTES = "/quotes"


@pytest.fixture
def buyer_of(service: Service, tokens: TestTokens) -> Buyer:
    """Somebody who buys for a customer, in the portal."""
    return lambda customer_id: client_for(service, tokens.portal({customer_id: BUYER}))


@pytest.fixture
def offered_until_yesterday(service: Service) -> Callable[[Quote], None]:
    """Sends a quote in a revision whose last day was yesterday, as if time had passed."""

    def put(one: Quote) -> None:
        with service.db.transaction() as session:
            values = {"quote": one["id"], "id": new_id()}
            session.execute(
                text(
                    """
                    INSERT INTO quote_revisions SELECT :id, quote_id, customer_id, revision + 1, lines, currency,
                        total_minor, valid_until - 1, note, made_by, made_by_label, created_at
                    FROM quote_revisions WHERE quote_id = :quote ORDER BY revision DESC LIMIT 1
                    """
                ),
                values,
            )
            newer = "UPDATE quotes SET revision = revision + 1, sent_revision = revision + 1 WHERE id = :quote"
            session.execute(text(newer), values)

    return put


def in_days(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def ask(client: Client, who: str, *lines: tuple[str, int], **fields: Any) -> Quote:
    wanted = [{"listing_id": each, "quantity": quantity} for each, quantity in lines]
    answer = client.post(QUOTES, json={"customer_id": who, "lines": wanted} | fields)
    assert answer.status_code == 201, answer.text
    found: Quote = answer.json
    return found


def command(client: Client, one: Quote, what: str, status: int = 200, **body: Any) -> Quote:
    answer = client.post(f"{QUOTES}/{one['id']}/{what}", json=body)
    assert answer.status_code == status, answer.text
    found: Quote = answer.json
    return found


def offer(staff: Client, one: Quote, amount: str, days: int = 14) -> Quote:
    lines = [
        {"listing_id": line["listing_id"], "quantity": line["quantity"], "discount": "0.1"}
        | {"unit_price": {"amount": amount, "currency": "EUR"}}
        for line in one["lines"]
    ]
    return command(staff, one, "revisions", 201, lines=lines, valid_until=in_days(days), note="Two weeks.")


def verbs(service: Service, one: Quote) -> list[str]:
    told = [event for event in published(service.db) if event.subject == one["id"]]
    for event in told:
        service.contracts.check(event.type, event.data)
    assert [event.version for event in told] == list(range(1, len(told) + 1))
    return [event.type.split(".")[2] for event in told]


def test_without_order_authorization_a_cart_becomes_a_quote_and_that_an_order_through_both_gates(
    service: Service, staff: Client, buyer_of: Buyer
) -> None:
    who, one = company(service, order_authorization="off"), listing(service, 1000)
    buyer = buyer_of(who)
    cart = buyer.post("/carts", json={"customer_id": who}).json
    added = buyer.post(f"/carts/{cart['id']}/lines", json={"listing_id": one, "quantity": 20})
    assert added.status_code in {200, 201}, added.text
    answer = buyer.post(QUOTES, json={"customer_id": who, "cart_id": cart["id"], "note": "By March"})
    assert answer.status_code == 201, answer.text
    quote = answer.json
    assert (quote["status"], quote["total"], quote["lines"][0]["unit_price"]) == ("requested", None, None)
    assert len(buyer.get(f"/carts/{cart['id']}").json["lines"]) == 1
    drafted = offer(staff, quote, "8.00")
    assert (drafted["status"], drafted["total"]["amount"]) == ("drafted", "144.00")
    seen = buyer.get(f"{QUOTES}/{quote['id']}").json
    assert (seen["revision"], seen["total"], seen["note"]) == (1, None, None)
    sent = command(staff, quote, "sending")
    assert (sent["status"], sent["sent_revision"]) == ("sent", 2)
    assert buyer.get(f"{QUOTES}/{quote['id']}").json["total"]["amount"] == "144.00"
    set_price(service, one, 1500)
    accepted = command(buyer, quote, "acceptance", po_number="PO-7")
    assert accepted["status"] == "accepted"
    order = buyer.get(f"/orders/{accepted['order_id']}").json
    assert (order["status"], order["source"], order["po_number"]) == ("draft", "quote", "PO-7")
    assert (order["total"]["amount"], order["lines"][0]["price_source"]["kind"]) == ("144.00", "quote")
    assert do(buyer, order, "submission", 403)["code"] == "ordering.order_authorization_disabled"
    placed = do(staff, order, "submission")
    assert (placed["status"], placed["total"]["amount"]) == ("pending_confirmation", "144.00")
    assert do(staff, order, "confirmation", 409)["code"] == "ordering.availability_unknown"
    deliver(service, reservation("made", placed, 1))
    assert do(staff, order, "confirmation")["status"] == "confirmed"
    assert verbs(service, quote) == ["requested", "revised", "sent", "accepted"]


def test_what_was_quoted_can_be_ordered_though_the_catalogue_does_not_hold_it(
    service: Service, staff: Client, buyer_of: Buyer
) -> None:
    who, shown, hidden = company(service), listing(service, 1000), listing(service, None, audience="explicit")
    buyer = buyer_of(who)
    quote = ask(buyer, who, (shown, 1))
    refused = buyer.post(QUOTES, json={"customer_id": who, "lines": [{"listing_id": hidden, "quantity": 1}]})
    assert refused.json["code"] == "ordering.lines_unavailable"
    lines = [{"listing_id": hidden, "quantity": 3, "unit_price": {"amount": "5.00", "currency": "EUR"}}]
    command(staff, quote, "revisions", 201, lines=lines, valid_until=in_days(1))
    command(staff, quote, "sending")
    order = buyer.get(f"/orders/{command(buyer, quote, 'acceptance')['order_id']}").json
    assert do(buyer, order, "submission")["total"]["amount"] == "15.00"


def test_earlier_revisions_stay_and_nobody_accepts_what_it_has_not_seen(
    service: Service, staff: Client, buyer_of: Buyer
) -> None:
    who = company(service)
    buyer = buyer_of(who)
    quote = ask(buyer, who, (listing(service, 1000), 2))
    for amount in ("9.00", "8.00"):
        offer(staff, quote, amount)
        command(staff, quote, "sending")
    refused = command(buyer, quote, "acceptance", 409, revision=2)
    assert (refused["code"], refused["current_revision"]) == ("ordering.revision_changed", 3)
    rows = staff.get(f"{QUOTES}/{quote['id']}/revisions").json["items"]
    assert [(row["revision"], (row["total"] or {}).get("amount")) for row in rows] == [
        (3, "14.40"),
        (2, "16.20"),
        (1, None),
    ]
    assert buyer.get(f"{QUOTES}/{quote['id']}/revisions").status_code == 403
    with pytest.raises(ProgrammingError, match="permission denied"), service.db.transaction() as session:
        session.execute(text("UPDATE quote_revisions SET total_minor = 1"))
    command(buyer, quote, "acceptance", revision=3)
    assert command(buyer, quote, "acceptance", 409)["code"] == "ordering.quote_status"
    assert command(staff, quote, "sending", 409)["code"] == "ordering.quote_status"


def test_it_is_sent_only_when_it_is_complete(service: Service, staff: Client) -> None:
    who = company(service)
    quote = ask(staff, who, (listing(service, None), 1))
    assert command(staff, quote, "sending", 409)["code"] == "ordering.quote_status"
    lines = [{"listing_id": quote["lines"][0]["listing_id"], "quantity": 1}]
    command(staff, quote, "revisions", 201, lines=lines, valid_until=in_days(-1))
    refused = command(staff, quote, "sending", 422)
    assert refused["code"] == "ordering.quote_unsuitable"
    assert [error["pointer"] for error in refused["errors"]] == ["/lines/0/unit_price", "/valid_until"]


def test_it_is_declined_by_either_side_and_may_be_revised(service: Service, staff: Client, buyer_of: Buyer) -> None:
    who = company(service)
    quote = ask(buyer_of(who), who, (listing(service, 1000), 2))
    declined = command(buyer_of(who), quote, "decline", reason="Too late")
    assert (declined["status"], declined["reason"], declined["commands"]) == ("declined", "Too late", ["revise"])
    offer(staff, quote, "9.00")
    command(staff, quote, "decline", reason="Not made any more")
    assert verbs(service, quote) == ["requested", "declined", "revised", "declined"]


def test_it_expires_after_its_last_day(
    service: Service, staff: Client, buyer_of: Buyer, offered_until_yesterday: Callable[[Quote], None]
) -> None:
    who = company(service)
    quote, other = (ask(staff, who, (listing(service, 1000), 2)) for _ in range(2))
    for each in (quote, other):
        offer(staff, each, "9.00", days=0)
        command(staff, each, "sending")
    offered_until_yesterday(quote)
    assert command(buyer_of(who), quote, "acceptance", 409)["code"] == "ordering.quote_expired"
    Calendar(service.db).run(Stop())
    found = {each["id"]: each["status"] for each in staff.get(f"{QUOTES}?customer_id={who}").json["items"]}
    assert found == {quote["id"]: "expired", other["id"]: "sent"}
    assert verbs(service, quote) == ["requested", "revised", "sent", "expired"]


def test_quotes_of_others_do_not_exist_for_a_portal_user(
    service: Service, staff: Client, buyer_of: Buyer, tokens: TestTokens
) -> None:
    who, other = company(service), company(service)
    quote = ask(staff, who, (listing(service, 1000), 2))
    offer(staff, quote, "9.00")
    command(staff, quote, "sending")
    buyer = buyer_of(other)
    assert buyer.get(QUOTES).json["items"] == []
    assert buyer.get(f"{QUOTES}/{quote['id']}").json["code"] == "ordering.quote_not_found"
    assert buyer.post(f"{QUOTES}/{quote['id']}/acceptance", json={}).status_code == 404
    assert buyer.post(f"{QUOTES}/{quote['id']}/decline", json={"reason": "x"}).status_code == 404
    lines = [{"listing_id": quote["lines"][0]["listing_id"], "quantity": 1}]
    assert buyer.post(QUOTES, json={"customer_id": who, "lines": lines}).status_code == 404
    own = buyer_of(who)
    assert [one["id"] for one in own.get(QUOTES).json["items"]] == [quote["id"]]
    for what in ("revisions", "sending"):
        assert own.post(f"{QUOTES}/{quote['id']}/{what}", json={}).status_code == 403
    blind = client_for(service, tokens.portal({who: ("orders.view",)}))
    shown = blind.get(f"{QUOTES}/{quote['id']}").json
    assert "total" not in shown
    assert "unit_price" not in shown["lines"][0]
    assert blind.post(f"{QUOTES}/{quote['id']}/acceptance", json={}).json["code"] == "permission_missing"


def test_a_quote_of_nobody_is_refused(service: Service, staff: Client) -> None:
    one = listing(service, 1000)
    body = {"customer_id": new_id(), "lines": [{"listing_id": one, "quantity": 1}]}
    assert staff.post(QUOTES, json=body).json["code"] == "ordering.customer_not_found"
    body = {"customer_id": company(service), "cart_id": new_id()}
    assert staff.post(QUOTES, json=body).status_code == 404
