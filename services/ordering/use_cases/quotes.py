"""Quotes: asked for, worked out, sent, and accepted, declined or expired."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common import outbox
from common.context import Context
from common.ids import is_id, new_id
from common.money import to_money
from ordering.domain.order_lines import discount_text
from ordering.domain.quotes import REQUESTED, SENT, after, check_acceptance, check_sending
from ordering.errors.carts import CartNotFound
from ordering.errors.orders import RevisionChanged
from ordering.errors.quotes import QuoteNotFound
from ordering.events import quotes as events
from ordering.queries import carts as of_carts
from ordering.tables.quotes import quote_revisions, quotes
from ordering.use_cases import store
from ordering.use_cases.acting import as_service
from ordering.use_cases.orders import drafts
from ordering.use_cases.orders import lines as of_lines
from ordering.use_cases.store import Record

Body = Mapping[str, Any]

PORTION = 100
_LINE = ("position", "listing_id", "sku", "name", "kind", "unit", "quantity", "unit_price_minor", "total_minor")


def request_quote(session: Session, body: Body) -> str:
    """Asks for a quote, of lines or of what lies in a cart, which stays as it is; returns its id. Raises
    CustomerUnknown, CustomerArchived, CartNotFound, LinesUnavailable, NoLines."""
    customer = drafts.ordering_customer(session, body["customer_id"])[0]
    wanted = _of_cart(session, body["cart_id"], customer["id"]) if "cart_id" in body else body["lines"]
    today = store.today(session)
    portal = bool(session.info["scope"].is_portal)
    now = store.moment(session)
    context: Context = session.info["context"]
    _, _, account = context.actor.partition(":")
    record: Record = {
        "id": new_id(),
        "number": f"Q-{session.execute(_NEXT_NUMBER).scalar_one():06d}",
        "customer_id": customer["id"],
        "status": REQUESTED,
        "revision": 1,
        "request_note": body.get("note"),
        "requester_id": account if is_id(account) else None,
        "requester_label": context.actor_label or None,
        **dict.fromkeys(("sent_revision", "reason", "order_id", "sent_at", "decided_at")),
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    lines = of_lines.draft_lines(session, _bearer(record, body.get("currency")), wanted, today, staff=not portal)
    asked = [line | {"unit_price_minor": None, "total_minor": None} for line in lines]
    revision = _revision(session, record, asked, {"currency": body.get("currency"), "total_minor": None}, {})
    store.insert(session, quotes, [record])
    store.insert(session, quote_revisions, [revision])
    outbox.add(session, events.quote("requested", record, revision))
    return str(record["id"])


def revise_quote(session: Session, quote_id: str, body: Body) -> None:
    """Works a quote out anew: lines with prices, those of today where none is given. Earlier revisions stay. Raises
    QuoteNotFound, QuoteStatus, LinesUnavailable, CurrenciesMixed."""
    record = _locked(session, quote_id)
    status = after(record["status"], "revise")
    bearer = _bearer(record, body.get("currency"))
    lines = of_lines.draft_lines(session, bearer, body["lines"], store.today(session), staff=True)
    record |= {"status": status, "revision": record["revision"] + 1, "reason": None, "decided_at": None}
    revision = _revision(session, record, lines, of_lines.totalled(lines), body)
    store.insert(session, quote_revisions, [revision])
    _save(session, "revised", record, revision)


def send_quote(session: Session, quote_id: str) -> None:
    """Offers the newest revision to the customer; raises QuoteUnsuitable where it is not complete."""
    record = _locked(session, quote_id)
    status = after(record["status"], "send")
    revision = _newest(session, record)
    check_sending(revision["lines"], revision["valid_until"], store.today(session))
    record |= {"status": status, "sent_revision": record["revision"], "sent_at": store.moment(session)}
    _save(session, "sent", record, revision)


def accept_quote(session: Session, quote_id: str, body: Body) -> str:
    """Makes a draft of an order of what was offered, at those prices, and returns its id. Raises QuoteStatus,
    QuoteExpired, RevisionChanged where another one was sent than the caller has seen, and CustomerArchived."""
    record = _locked(session, quote_id)
    status = after(record["status"], "accept")
    seen = body.get("revision", record["sent_revision"])
    if seen != record["sent_revision"]:
        raise RevisionChanged(
            f"Revision {record['sent_revision']} was sent meanwhile; read it and decide about that.",
            facts={"current_revision": record["sent_revision"]},
        )
    revision = _newest(session, record)
    check_acceptance(revision["valid_until"], store.today(session))
    with as_service(session):
        # What was offered need not stand in the customer's catalogue.
        order_id = drafts.create(session, _order_of(record, revision, body))
    record |= {"status": status, "order_id": order_id, "decided_at": store.moment(session)}
    _save(session, "accepted", record, revision)
    return order_id


def decline_quote(session: Session, quote_id: str, body: Body) -> None:
    """The customer does not want it, or the provider offers nothing."""
    record = _locked(session, quote_id)
    record |= {"status": after(record["status"], "decline"), "reason": body["reason"]}
    _save(session, "declined", record | {"decided_at": store.moment(session)}, _newest(session, record))


def expire(session: Session) -> int:
    """Ends quotes whose day is over, a portion of them; returns how many. What somebody else holds is left for the next
    call."""
    of, revision = quotes.c, quote_revisions
    same = (revision.c.quote_id == of.id) & (revision.c.revision == of.sent_revision)
    due = select(quotes, *(revision.c[name].label(f"r_{name}") for name in _OF_REVISION)).join(revision, same)
    due = due.where(of.status == SENT, revision.c.valid_until < store.today(session)).order_by(of.id).limit(PORTION)
    found = session.execute(due.with_for_update(skip_locked=True, of=quotes)).mappings().all()
    now = store.moment(session)
    expired = [
        {str(column.name): row[column.name] for column in quotes.columns}
        | {"status": after(SENT, "expire"), "version": row["version"] + 1, "updated_at": now, "decided_at": now}
        for row in found
    ]
    store.update(session, quotes, expired)
    for record, row in zip(expired, found, strict=True):
        outbox.add(session, events.quote("expired", record, {name: row[f"r_{name}"] for name in _OF_REVISION}))
    return len(expired)


_OF_REVISION = ("lines", "currency", "total_minor", "valid_until", "note")


def _order_of(record: Record, revision: Record, body: Body) -> Record:
    source = {"kind": of_lines.QUOTED_PRICE, "quote_id": record["id"], "quote_number": record["number"]}
    source["revision"] = revision["revision"]
    lines = [
        {
            "listing_id": line["listing_id"],
            "quantity": line["quantity"],
            "discount": Decimal(line["discount"]),
            "unit_price": to_money(line["unit_price_minor"], revision["currency"]),
            "price_source": source,
        }
        for line in revision["lines"]
    ]
    header = {name: body[name] for name in ("po_number", "ship_to", "requested_on", "note") if name in body}
    order = {"customer_id": record["customer_id"], "currency": revision["currency"], "source": "quote"}
    return header | order | {"lines": lines}


def _revision(session: Session, record: Record, lines: Sequence[Record], total: Body, body: Body) -> Record:
    context: Context = session.info["context"]
    valid_until: date | None = body.get("valid_until")
    return {
        "id": new_id(),
        "quote_id": record["id"],
        "customer_id": record["customer_id"],
        "revision": record["revision"],
        "currency": total["currency"],
        "total_minor": total["total_minor"],
        "lines": [
            {name: line[name] for name in _LINE} | {"discount": discount_text(line["discount"])} for line in lines
        ],
        "valid_until": valid_until,
        "note": body.get("note"),
        "created_at": store.moment(session),
        "made_by": context.actor,
        "made_by_label": context.actor_label or None,
    }


def _bearer(record: Record, currency: str | None) -> Record:
    # What lines are drafted for: an order, or here a quote.
    return {"id": record["id"], "customer_id": record["customer_id"], "currency": currency}


def _of_cart(session: Session, cart_id: str, customer_id: str) -> list[Record]:
    if of_carts.cart(session, cart_id)["customer_id"] != customer_id:
        raise CartNotFound("This customer has no such cart.")
    lines = of_carts.cart_lines(session, cart_id)
    return [{"listing_id": listing_id, "quantity": quantity} for listing_id, quantity in lines]


def _newest(session: Session, record: Record) -> Record:
    of = quote_revisions.c
    statement = select(quote_revisions).where(of.quote_id == record["id"], of.revision == record["revision"])
    return {str(name): value for name, value in session.execute(statement).mappings().one().items()}


def _locked(session: Session, quote_id: str) -> Record:
    record = store.find(session, quotes, quote_id, lock=True)
    if record is None:
        raise QuoteNotFound("There is no such quote.")
    return record


def _save(session: Session, verb: str, record: Record, revision: Record) -> None:
    record = record | {"version": record["version"] + 1, "updated_at": store.moment(session)}
    store.update(session, quotes, [record])
    outbox.add(session, events.quote(verb, record, revision))


_NEXT_NUMBER = text("SELECT nextval('quote_numbers')")
