"""What is told of purchase limits when orders take of them.

`near` once for a bucket, which is one period of a limit; `exceeded` once for an order that goes on all the same,
because the limit warns or asks for an approval. An order that a limit refuses keeps nothing, and so tells nothing: who
submits it is answered with every limit that refused it, and may try as often as it wants.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from common import outbox
from ordering.domain.limits import Verdict, Wanted, is_near
from ordering.events.limits import Notice, limit_notice
from ordering.use_cases.store import Record

Given = Mapping[str, Any]
Bound = Sequence[tuple[Record, Wanted]]
Key = tuple[str, str]  # a limit and its bucket


def tell_near(session: Session, order: Given, bound: Bound, used: Mapping[Key, int], told: set[Key]) -> None:
    """Tells of the buckets that have come near their end by this order, without those of which it is told already."""
    near = [
        (limit, want)
        for limit, want in bound
        if (key := (want.limit_id, want.bucket)) in used and key not in told and is_near(limit, want, used[key])
    ]
    if not near:
        return
    rows = [{"limit_id": w.limit_id, "bucket": w.bucket, "period_start": w.period_start} for _limit, w in near]
    session.execute(_NOTE, {"rows": orjson.dumps(rows).decode()})
    for limit, want in near:
        outbox.add(session, limit_notice("near", _notice(limit, order, want, used[want.limit_id, want.bucket])))


def tell_exceeded(
    session: Session,
    order: Given,
    bound: Bound,
    verdicts: Sequence[Verdict],
    used: Mapping[Key, int],
    before: set[Key],
) -> None:
    """Tells of the limits that an order exceeds, without those that it had exceeded `before`."""
    for (limit, want), said in zip(bound, verdicts, strict=True):
        key = (want.limit_id, want.bucket)
        if said.exceeded and key not in before:
            outbox.add(session, limit_notice("exceeded", _notice(limit, order, want, used.get(key, want.amount))))


def _notice(limit: Record, order: Given, want: Wanted, used: int) -> Notice:
    account_id = order["requester_id"] if limit["scope"] in {"role", "user"} else None
    return Notice(limit, order, used, want.period_start, account_id, want.sku, want.reason)


_NOTE = text(
    """
    UPDATE limit_buckets b SET near_told = true
    FROM jsonb_populate_recordset(NULL::limit_buckets, CAST(:rows AS jsonb)) AS r
    WHERE b.limit_id = r.limit_id AND b.bucket = r.bucket AND b.period_start = r.period_start
    """
)
