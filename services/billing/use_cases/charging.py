"""News of orders and deliveries: collected while a batch of events is handled, and charged when its transaction ends.

Whichever comes last, the order or what was delivered of it, makes the charge. A batch locks its orders and then their
customers' accounts, each in one order, so that batches never wait for each other in a circle; it decides in memory, and
writes one statement per table. Whether a charge is billable is decided by the switch as it is in this transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from psycopg.rows import dict_row
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.orm import Session

from billing.domain.charges import CUSTOMER_UNKNOWN, MODULE_OFF, SWITCH, Book, Line, Order, charges_of, is_charged
from billing.domain.deliveries import Delivery
from billing.tables import charges, replica_order_lines, waiting_deliveries
from billing.use_cases import accounts
from billing.use_cases.merges import ORDERS
from common import replicas
from common.context import Context
from common.errors import Invalid
from common.money import to_minor
from common.pipeline import send
from common.records import as_json, inserting, moment
from customer_replica import effective_switches
from customer_replica.merging import give, note_late

_COLLECTED = "billing.news"

Data = Mapping[str, Any]


@dataclass(slots=True)
class _Collected:
    """What a batch has heard, by order. `contexts` says by whom each order was last moved."""

    orders: dict[str, tuple[int, Data]] = field(default_factory=dict)
    deliveries: dict[str, list[Delivery]] = field(default_factory=dict)
    contexts: dict[str, Context] = field(default_factory=dict)


def hear_of_order(session: Session, order: Data, version: int) -> None:
    """Keeps an order's news until the transaction, or its savepoint, ends; only confirmed orders are charged."""
    if order["confirmed_at"] is None:
        return
    collected = _collected(session, order["id"])
    known = collected.orders.get(order["id"])
    if known is None or known[0] < version:
        collected.orders[order["id"]] = version, order


def hear_of_deliveries(session: Session, deliveries: Iterable[Delivery]) -> None:
    """Keeps as long what is to be charged or given back."""
    for one in deliveries:
        _collected(session, one.order_id).deliveries.setdefault(one.order_id, []).append(one)


def charge_collected(session: Session) -> None:
    """Charges what has been collected."""
    collected: _Collected | None = session.info.pop(_COLLECTED, None)
    if collected is None:
        return
    replicas.flush(session)
    ids = sorted(collected.contexts)
    send(session, [(_SHELLS, {"ids": ids}), (_LOCK_ORDERS, {"ids": ids})])
    _remember_orders(session, collected.orders)
    _charge(session, ids, collected)


def _collected(session: Session, order_id: str) -> _Collected:
    collected: _Collected = session.info.setdefault(_COLLECTED, _Collected())
    collected.contexts[order_id] = session.info["context"]
    return collected


def _remember_orders(session: Session, told: Mapping[str, tuple[int, Data]]) -> None:
    """Keeps what is newer than what is known. Ordering says whose an order is, in whatever order the two services hear
    of merges."""
    if not told:
        return
    known = {row[0]: (row[1], row[2]) for row in send(session, [(_KNOWN, {"ids": sorted(told)})])[0]}
    newer = {one: data for one, (version, data) in sorted(told.items()) if version > known[one][0]}
    strange = {one: data["customer_id"] for one, data in newer.items() if data["customer_id"] != known[one][1]}
    if strange:
        owners = dict(send(session, [(_NOW, {"ids": sorted(set(strange.values()))})])[0])
        give(session, ORDERS, {one: owners[owner] for one, owner in strange.items()})
        note_late(session, ORDERS, strange)
    heads = [
        {"id": order_id, "version": told[order_id][0], "number": data["number"], "currency": data["currency"]}
        for order_id, data in newer.items()
    ]
    send(session, [(_NEWER, {"rows": as_json(heads)})])
    for order_id, data in newer.items():
        for line in data["lines"]:
            replicas.put(session, replica_order_lines, {"id": line["id"]}, told[order_id][0], _line(order_id, line))
    replicas.flush(session)


def _line(order_id: str, line: Data) -> dict[str, Any]:
    total = line["total"]
    minor = 0 if total is None else to_minor(total["amount"], total["currency"], "/total", Invalid)
    return {
        "order_id": order_id,
        **{name: line[name] for name in ("sku", "name", "quantity")},
        "total_minor": minor,
        "is_charged": is_charged({**line, "total_minor": minor}),
    }


def _charge(session: Session, ids: Sequence[str], collected: _Collected) -> None:
    orders = _orders(session, ids)
    customers = sorted({order.customer_id for order in orders.values()})
    # What decisions make of charges is read behind the accounts' locks.
    account_of = accounts.lock(session, customers)
    books, waiting = _books(session, ids), _waiting(session, ids)
    because = _why_parked(session, customers)
    made: list[dict[str, Any]] = []
    left: list[Delivery] = []
    now, own = moment(session), session.info["context"]
    for order_id in ids:
        order = orders.get(order_id)
        deliveries = [*waiting.get(order_id, ()), *collected.deliveries.get(order_id, ())]
        outcome = charges_of(order, deliveries, books[order_id], because[order.customer_id] if order else None)
        left += outcome.waiting
        if order and outcome.charges:
            session.info["context"] = collected.contexts[order_id]
            accounts.record(session, account_of[order.customer_id], outcome.charges)
            made += outcome.charges
    session.info["context"] = own
    times = {"created_at": now, "updated_at": now, "received_at": now}
    known = {one for ones in waiting.values() for one in ones}
    rows = inserting(waiting_deliveries, [asdict(one) | times for one in left if one not in known])
    done = inserting(waiting_deliveries, [asdict(one) | times for one in known.difference(left)])
    send(
        session,
        [
            inserting(charges, [one | times for one in made]),
            (f"{rows[0]} ON CONFLICT DO NOTHING", rows[1]),
            (_DONE, done[1]),
        ],
    )
    accounts.save(session, account_of.values())


def _orders(session: Session, ids: Sequence[str]) -> dict[str, Order]:
    heads, lines = send(session, [(_ORDERS, {"ids": ids}), (_LINES, {"ids": ids})], dict_row)
    of_order: dict[str, dict[str, Line]] = {head["id"]: {} for head in heads}
    for line in lines:
        found = of_order.get(line.pop("order_id"))
        if found is not None:
            found[line["id"]] = Line(**line)
    return {head["id"]: Order(**head, lines=of_order[head["id"]]) for head in heads}


def _books(session: Session, ids: Sequence[str]) -> dict[str, Book]:
    books = {order_id: Book() for order_id in ids}
    for row in send(session, [(_CHARGES, {"ids": ids})], dict_row)[0]:
        books[row["order_id"]].add(row)
    return books


def _waiting(session: Session, ids: Sequence[str]) -> dict[str, list[Delivery]]:
    found: dict[str, list[Delivery]] = {}
    for row in send(session, [(_WAITING, {"ids": ids})], dict_row)[0]:
        found.setdefault(row["order_id"], []).append(Delivery(**row))
    return found


def _why_parked(session: Session, customers: Sequence[str]) -> dict[str, str | None]:
    """Why nothing new of a customer is billable, or None. Who is not known is not billed by a guess."""
    decided = effective_switches(session, customers) if customers else {}
    return {
        one: CUSTOMER_UNKNOWN if one not in decided else None if decided[one][SWITCH].active else MODULE_OFF
        for one in customers
    }


# Before the outbox, which takes what a transaction has collected at the same moment.
sqlalchemy_event.listen(Session, "before_commit", charge_collected, insert=True)

_SHELLS = """
    INSERT INTO replica_orders (id) SELECT id FROM unnest(%(ids)s::uuid[]) AS o (id) ORDER BY id ON CONFLICT DO NOTHING
    """
_LOCK_ORDERS = "SELECT 1 FROM replica_orders WHERE id = ANY (%(ids)s::uuid[]) ORDER BY id FOR NO KEY UPDATE"
_KNOWN = "SELECT id::text, version, customer_id::text FROM replica_orders WHERE id = ANY (%(ids)s::uuid[])"
_NOW = "SELECT id::text, customer_now(id)::text FROM unnest(%(ids)s::uuid[]) AS c (id)"
_NEWER = """
    UPDATE replica_orders o SET version = r.version, number = r.number, currency = r.currency
    FROM jsonb_populate_recordset(NULL::replica_orders, CAST(%(rows)s AS jsonb)) AS r WHERE o.id = r.id
    """
_ORDERS = """
    SELECT id::text, number, customer_id::text, currency FROM replica_orders
    WHERE id = ANY (%(ids)s::uuid[]) AND version > 0
    """
_LINES = """
    SELECT order_id::text, id::text, sku, name, quantity, total_minor, is_charged FROM replica_order_lines
    WHERE order_id = ANY (%(ids)s::uuid[])
    """
_CHARGES = """
    SELECT id::text, order_id::text, line_id::text, shipment_id::text, source, source_id::text, source_line_id::text,
           credits_id::text, quantity, amount_minor, delivered_on, state, parked_because, decision_id::text
    FROM charges WHERE order_id = ANY (%(ids)s::uuid[])
    """
_WAITING = """
    SELECT source, source_id::text, source_line_id::text, order_id::text, line_id::text, shipment_id::text, quantity,
           delivered_on
    FROM waiting_deliveries WHERE order_id = ANY (%(ids)s::uuid[])
    """
_DONE = """
    DELETE FROM waiting_deliveries w
    USING jsonb_populate_recordset(NULL::waiting_deliveries, CAST(%(rows)s AS jsonb)) AS r
    WHERE (w.source, w.source_id, w.source_line_id) = (r.source, r.source_id, r.source_line_id)
    """
