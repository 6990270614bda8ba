"""What orders take of purchase limits: reserved at the submission, committed at the confirmation, released where the
order ends otherwise, given back for what comes back.

A limit that blocks adds to its bucket and compares in one statement, so that two orders that fit alone and not together
never both pass.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import ARRAY, cast, func, select, text
from sqlalchemy.orm import Session

from common import replicas
from common.ids import new_id
from ordering.domain.limits import Verdict, Wanted, binds, strictest, verdict, wanted
from ordering.queries import company as of_company
from ordering.tables.limits import purchase_limits
from ordering.tables.metadata import ID
from ordering.use_cases import store
from ordering.use_cases.acting import as_service
from ordering.use_cases.store import Record

Given = Mapping[str, Any]
Used = dict[tuple[str, str], int]


def reserve(session: Session, order: Given, lines: Sequence[Given]) -> list[Verdict]:
    """Takes an order's total and quantities of every limit that binds it, in place of what it took before, and returns
    what each limit says. Nothing is kept where one that blocks is exceeded.

    `order` has `id, customer_id, requester_id, total_minor, currency`; lines have `sku, quantity`."""
    with as_service(session):
        replicas.flush(session)
        bound = _bound(session, order, lines)
        if not bound:
            release(session, order["id"])
            return []
        with session.begin_nested() as attempt:
            session.execute(_RELEASE, {"order_id": order["id"], "now": store.moment(session)})
            used = _take(session, bound)
            verdicts = [
                verdict(limit, want, want.amount if want.period_start is None else used.get((limit["id"], want.bucket)))
                for limit, want in bound
            ]
            if strictest(verdicts) == "block":
                attempt.rollback()
                return verdicts
            _write_down(session, order, bound, verdicts)
        return verdicts


def commit(session: Session, order_id: str) -> None:
    """The order is confirmed: what it reserved is spent."""
    with as_service(session):
        session.execute(_COMMIT, {"order_id": order_id, "now": store.moment(session)})


def release(session: Session, order_id: str) -> None:
    """The order ends otherwise: limits have again what it had taken. Repeating it changes nothing; it never fails."""
    with as_service(session):
        session.execute(_RELEASE, {"order_id": order_id, "now": store.moment(session)})


def give_back(session: Session, order_id: str, minor: int) -> None:
    """Gives limits of money back what came back of an order, in the order's currency, at the rate at which it was
    taken; never more than that."""
    with as_service(session):
        session.execute(_GIVE_BACK, {"order_id": order_id, "minor": minor, "now": store.moment(session)})


def _bound(session: Session, order: Given, lines: Sequence[Given]) -> list[tuple[Record, Wanted]]:
    now = store.moment(session)
    limits = _limits(session, order["customer_id"])
    if not limits:
        return []
    line = of_company.lines_of(session, [order["customer_id"]])[order["customer_id"]]
    rates = of_company.rates_on(session, now)
    roles = _roles(session, order, limits, rates)
    return [
        (limit, want)
        for limit in limits
        if binds(limit, line, order["requester_id"], roles, now.date())
        for want in wanted(limit, order, lines, rates, now)
    ]


def _limits(session: Session, customer_id: str) -> list[Record]:
    """The active limits of a customer and of those above it, by one statement: most orders meet none."""
    line = func.customer_line(cast([customer_id], ARRAY(ID))).table_valued("id").alias("line")
    of = purchase_limits.c
    statement = select(purchase_limits).join(line, line.c.id == of.customer_id).where(of.status == "active")
    return [dict(row) for row in session.execute(statement.order_by(of.id)).mappings()]


def _roles(session: Session, order: Given, limits: Sequence[Record], rates: Any) -> list[str]:
    if not any(limit["scope"] == "role" for limit in limits):
        return []
    subject = {name: order[name] for name in ("customer_id", "total_minor", "currency")}
    [company] = of_company.companies(session, [subject | {"behind": (), "self_approval": True}], rates)
    return of_company.roles_of(company, order["requester_id"])


def _take(session: Session, bound: Sequence[tuple[Record, Wanted]]) -> Used:
    """Adds to the buckets; returns what each then holds, without those that refused."""
    rows = [
        {
            "limit_id": want.limit_id,
            "bucket": want.bucket,
            "period_start": want.period_start,
            "customer_id": limit["customer_id"],
            "used": want.amount,
            "ceiling": want.ceiling,
            "strict": want.action == "block" and want.ceiling is not None,
        }
        for limit, want in bound
        if want.period_start is not None
    ]
    if not rows:
        return {}
    taken = session.execute(_TAKE, {"rows": orjson.dumps(rows).decode()})
    return {(row.limit_id, row.bucket): row.used for row in taken}


def _write_down(
    session: Session, order: Given, bound: Sequence[tuple[Record, Wanted]], verdicts: Sequence[Verdict]
) -> None:
    now = store.moment(session)
    rows = [
        {
            "id": new_id(),
            "limit_id": limit["id"],
            "customer_id": limit["customer_id"],
            "order_id": order["id"],
            "bucket": want.bucket,
            "period_start": want.period_start,
            "amount": want.amount,
            "given_back": 0,
            "order_minor": None if want.converted is None else order["total_minor"],
            "rate": _text(want.converted.rate) if want.converted else None,
            "rate_on": want.converted.as_of if want.converted else None,
            "rate_source": want.converted.source if want.converted else None,
            "action": said.action,
            "exceeded": said.exceeded,
            "reason": said.reason,
            "state": "reserved",
            "created_at": now,
            "updated_at": now,
        }
        for (limit, want), said in zip(bound, verdicts, strict=True)
    ]
    if rows:
        session.execute(_WRITE_DOWN, {"rows": orjson.dumps(rows).decode()})


def _text(rate: Decimal) -> str:
    return f"{rate:f}"


# Rows are taken in one order, so that two orders that share several limits wait for each other in one direction.
_TAKE = text(
    """
    INSERT INTO limit_buckets AS b (limit_id, bucket, period_start, customer_id, used, ceiling, strict)
    SELECT limit_id, bucket, period_start, customer_id, used, ceiling, strict
    FROM jsonb_populate_recordset(NULL::limit_buckets, CAST(:rows AS jsonb))
    WHERE NOT strict OR used <= ceiling
    ORDER BY limit_id, bucket, period_start
    ON CONFLICT (limit_id, bucket, period_start) DO UPDATE
    SET used = b.used + excluded.used, ceiling = excluded.ceiling, strict = excluded.strict
    WHERE NOT excluded.strict OR b.used + excluded.used <= excluded.ceiling
    RETURNING limit_id::text, bucket, used
    """
)
_WRITE_DOWN = text(
    """
    INSERT INTO limit_commitments
    SELECT * FROM jsonb_populate_recordset(NULL::limit_commitments, CAST(:rows AS jsonb))
    """
)
_COMMIT = text(
    """
    UPDATE limit_commitments SET state = 'committed', updated_at = :now
    WHERE order_id = CAST(:order_id AS uuid) AND state = 'reserved'
    """
)
# The ledger's rows are taken first: who finds them changed already gives nothing back a second time. Buckets are
# locked in the order in which orders take of them.
_BUCKETS = """, due_back AS (
        SELECT limit_id, bucket, period_start, sum(amount) AS amount FROM freed GROUP BY 1, 2, 3
    ), locked AS MATERIALIZED (
        SELECT k.limit_id, k.bucket, k.period_start, due_back.amount
        FROM limit_buckets k JOIN due_back USING (limit_id, bucket, period_start)
        ORDER BY 1, 2, 3 FOR UPDATE OF k
    )
    UPDATE limit_buckets b SET used = greatest(b.used - locked.amount, 0) FROM locked
    WHERE b.limit_id = locked.limit_id AND b.bucket = locked.bucket AND b.period_start = locked.period_start
    """
_RELEASE = text(
    f"""
    WITH freed AS (
        UPDATE limit_commitments SET state = 'released', updated_at = :now
        WHERE order_id = CAST(:order_id AS uuid) AND state <> 'released'
        RETURNING limit_id, bucket, period_start, amount - given_back AS amount
    ){_BUCKETS}
    """  # noqa: S608  # our own names
)
_GIVE_BACK = text(
    f"""
    WITH due AS (
        SELECT id, least(amount - given_back, CASE WHEN order_minor = 0 THEN 0
            ELSE floor(amount::numeric * :minor / order_minor) END)::bigint AS amount
        FROM limit_commitments
        WHERE order_id = CAST(:order_id AS uuid) AND state <> 'released' AND order_minor IS NOT NULL
        FOR UPDATE
    ), freed AS (
        UPDATE limit_commitments c SET given_back = c.given_back + due.amount, updated_at = :now
        FROM due WHERE c.id = due.id AND due.amount > 0
        RETURNING c.limit_id, c.bucket, c.period_start, due.amount
    ){_BUCKETS}
    """  # noqa: S608  # our own names
)
