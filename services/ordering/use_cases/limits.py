"""What orders take of purchase limits: reserved at the submission, committed at the confirmation, released where the
order ends otherwise, given back for what comes back.

A limit that blocks adds to its bucket and compares in one statement, so that two orders that fit alone and not together
never both pass.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import ARRAY, cast, exists, func, select, text
from sqlalchemy.orm import Session

from common import replicas
from common.ids import new_id
from ordering.domain.cost_centres import centres_of
from ordering.domain.limits import Verdict, Wanted, binds, strictest, today, verdict, wanted
from ordering.domain.rates import Rates
from ordering.queries import company as of_company
from ordering.tables.limits import limit_commitments, purchase_limits
from ordering.tables.metadata import ID
from ordering.use_cases import limit_notices, store
from ordering.use_cases.acting import as_service
from ordering.use_cases.store import Record

Given = Mapping[str, Any]
Key = tuple[str, str]  # a limit and its bucket

LIMIT = "limit"  # why an approval is asked for, where no more is to be said


def reserve(session: Session, order: Given, lines: Sequence[Given]) -> list[Verdict]:
    """Takes an order's total and quantities of every limit that binds it, in place of what it took before, and returns
    what each limit says. Nothing is kept where one that blocks is exceeded.

    `order` has `id, number, customer_id, requester_id, total_minor, currency`; lines have `sku, quantity`. Where cost
    centres have limits, either may have a `cost_centre`, and lines have `total_minor`."""
    with as_service(session):
        replicas.flush(session)
        found, has_taken = _limits(session, order)
        bound = _bound(session, found, order, lines)
        if not bound:
            if has_taken:
                release(session, order["id"])
            return []
        with session.begin_nested() as attempt:
            if has_taken:
                release(session, order["id"])
            used, told = _take(session, bound)
            verdicts = [
                verdict(limit, want, want.amount if want.period_start is None else used.get((limit["id"], want.bucket)))
                for limit, want in bound
            ]
            if strictest(verdicts) == "block":
                attempt.rollback()
                return verdicts
            before = _write_down(session, order, bound, verdicts)
        limit_notices.tell_near(session, order, bound, used, told)
        limit_notices.tell_exceeded(session, order, bound, verdicts, used, before)
        return verdicts


def commit(session: Session, order_id: str) -> None:
    """The order is confirmed: what it reserved is spent."""
    with as_service(session):
        session.execute(_COMMIT, {"order_id": order_id, "now": store.moment(session)})


def release(session: Session, order_id: str) -> None:
    """The order ends otherwise: limits have again what it had taken. Repeating it changes nothing; it never fails."""
    with as_service(session):
        session.execute(_RELEASE, {"order_id": order_id, "now": store.moment(session)})


def give_back(
    session: Session, order_id: str, minor: int, *, returned: bool = False, of_centres: Mapping[str, int] | None = None
) -> None:
    """Gives limits of money back what was given up of an order, in the order's currency, at the rate at which it was
    taken; never more than that. What was `returned` only the limits get back that said so when the order took of them.
    A negative amount takes again what was given back before. `of_centres` is how much of it was each cost centre's."""
    values = {"order_id": order_id, "minor": minor, "returned": returned, "now": store.moment(session)}
    values["of_centres"] = orjson.dumps(dict(of_centres or {})).decode()
    with as_service(session):
        session.execute(_GIVE_BACK, values)


def asking(verdicts: Iterable[Verdict]) -> list[Record]:
    """The limits that let an order go on only with an approval, by what each says: `{id, name, reason}`."""
    found = {said.limit_id: said for said in verdicts if said.exceeded and said.action == "require_approval"}
    return [{"id": said.limit_id, "name": said.name, "reason": said.reason or LIMIT} for said in found.values()]


def asking_of(session: Session, order_id: str) -> list[Record]:
    """The same, by what an order took when it was submitted."""
    rows = session.execute(_ASKING, {"order_id": order_id, "limit": LIMIT})
    return [dict(row) for row in rows.mappings()]


def _bound(
    session: Session, limits: Sequence[Record], order: Given, lines: Sequence[Given]
) -> list[tuple[Record, Wanted]]:
    if not limits:
        return []
    now = store.moment(session)
    foreign = any(limit["currency"] not in {None, order["currency"]} for limit in limits)
    rates = of_company.rates_on(session, now) if foreign else Rates()
    roles = _roles(session, order, limits, rates)
    centres = centres_of(order, lines)
    return [
        (limit, want)
        for limit in limits
        if binds(limit, order["customer_id"], order["requester_id"], roles, today(limit["zone"], now), centres)
        for want in wanted(limit, order, lines, rates, now)
    ]


def _limits(session: Session, order: Given) -> tuple[list[Record], bool]:
    """The active limits of an order's customer and of those above it, and whether the order has taken of any before,
    by one statement: most orders meet none."""
    of, taken = purchase_limits.c, limit_commitments.c
    line = func.customer_line(cast([order["customer_id"]], ARRAY(ID))).table_valued("id").alias("line")
    has_taken = exists().where(taken.order_id == order["id"], taken.state != "released").label("has_taken")
    active = purchase_limits.join(line, line.c.id == of.customer_id)
    # A row is there also where there is no limit.
    always = select(has_taken).subquery("always")
    statement = select(always.c.has_taken, purchase_limits).select_from(always.outerjoin(active, of.status == "active"))
    rows = [store.as_record(row) for row in session.execute(statement.order_by(of.id)).mappings()]
    return [row for row in rows if row["id"] is not None], rows[0]["has_taken"]


def _roles(session: Session, order: Given, limits: Sequence[Record], rates: Any) -> list[str]:
    if not any(limit["scope"] == "role" for limit in limits):
        return []
    subject = {name: order[name] for name in ("customer_id", "total_minor", "currency")}
    [company] = of_company.companies(session, [subject | {"behind": (), "self_approval": True}], rates)
    return of_company.roles_of(company, order["requester_id"])


def _take(session: Session, bound: Sequence[tuple[Record, Wanted]]) -> tuple[dict[Key, int], set[Key]]:
    """Adds to the buckets; returns what each then holds, without those that refused, and of which it is told already
    that little is left."""
    rows = [
        {
            "limit_id": want.limit_id,
            "bucket": want.bucket,
            "period_start": want.period_start,
            "customer_id": limit["customer_id"],
            "used": want.amount,
            "ceiling": want.ceiling,
            "strict": want.action == "block" and want.ceiling is not None,
            "near_told": False,
        }
        for limit, want in bound
        if want.period_start is not None
    ]
    if not rows:
        return {}, set()
    taken = session.execute(_TAKE, {"rows": orjson.dumps(rows).decode()}).all()
    told = {(row.limit_id, row.bucket) for row in taken if row.near_told}
    return {(row.limit_id, row.bucket): row.used for row in taken}, told


def _write_down(
    session: Session, order: Given, bound: Sequence[tuple[Record, Wanted]], verdicts: Sequence[Verdict]
) -> set[Key]:
    """Writes the ledger, and returns which buckets the order had exceeded before."""
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
            "order_minor": want.order_minor,
            "back_minor": 0,
            "gives_back": limit["gives_back"],
            "cost_centre": limit["cost_centre"],
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
    if not rows:
        return set()
    written = session.execute(_WRITE_DOWN, {"rows": orjson.dumps(rows).decode()})
    return {(row.limit_id, row.bucket) for row in written if row.exceeded_before}


def _text(rate: Decimal) -> str:
    return f"{rate:f}"


# Rows are taken in one order, so that two orders that share several limits wait for each other in one direction.
_TAKE = text(
    """
    INSERT INTO limit_buckets AS b (limit_id, bucket, period_start, customer_id, used, ceiling, strict, near_told)
    SELECT limit_id, bucket, period_start, customer_id, used, ceiling, strict, near_told
    FROM jsonb_populate_recordset(NULL::limit_buckets, CAST(:rows AS jsonb))
    WHERE NOT strict OR used <= ceiling
    ORDER BY limit_id, bucket, period_start
    ON CONFLICT (limit_id, bucket, period_start) DO UPDATE
    SET used = b.used + excluded.used, ceiling = excluded.ceiling, strict = excluded.strict
    WHERE NOT excluded.strict OR b.used + excluded.used <= excluded.ceiling
    RETURNING limit_id::text, bucket, used, near_told
    """
)
_WRITE_DOWN = text(
    """
    INSERT INTO limit_commitments AS c
    SELECT * FROM jsonb_populate_recordset(NULL::limit_commitments, CAST(:rows AS jsonb))
    RETURNING c.limit_id::text, c.bucket, c.exceeded AND EXISTS (
        SELECT FROM limit_commitments e
        WHERE e.order_id = c.order_id AND e.limit_id = c.limit_id AND e.bucket = c.bucket AND e.exceeded
    ) AS exceeded_before
    """
)
_ASKING = text(
    """
    SELECT DISTINCT ON (l.id) l.id::text, l.name, coalesce(c.reason, :limit) AS reason
    FROM limit_commitments c JOIN purchase_limits l ON l.id = c.limit_id
    WHERE c.order_id = CAST(:order_id AS uuid) AND c.state <> 'released' AND c.exceeded
      AND c.action = 'require_approval'
    ORDER BY l.id
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
        SELECT id, amount, order_minor, given_back, least(order_minor, greatest(0, back_minor + CASE
            WHEN cost_centre IS NULL THEN :minor
            ELSE coalesce(CAST(CAST(:of_centres AS jsonb)->>lower(cost_centre) AS bigint), 0) END)) AS back
        FROM limit_commitments
        WHERE order_id = CAST(:order_id AS uuid) AND state <> 'released' AND order_minor > 0
          AND (gives_back OR NOT :returned)
        FOR UPDATE
    ), freed AS (
        UPDATE limit_commitments c
        SET back_minor = due.back, given_back = floor(due.amount::numeric * due.back / due.order_minor),
            updated_at = :now
        FROM due WHERE c.id = due.id AND due.back <> c.back_minor
        RETURNING c.limit_id, c.bucket, c.period_start, c.given_back - due.given_back AS amount
    ){_BUCKETS}
    """  # noqa: S608  # our own names
)
