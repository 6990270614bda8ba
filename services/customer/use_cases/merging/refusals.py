"""Why customers cannot be merged as they are: every reason at once, each with what to do."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.errors import Refusal
from customer.errors.merges import MergeRefused
from customer.queries.tax_schemes import written
from customer.use_cases import legal_holds
from customer.use_cases.moves import refuse_with_planned_moves
from customer.use_cases.store import Record

Reason = Record
Check = Callable[[Session, Record, Sequence[Record]], Iterator[Reason]]


def refuse_unmergeable(session: Session, survivor: Record, losers: Sequence[Record]) -> None:
    """Raises MergeRefused with every reason."""
    reasons = [reason for check in CHECKS for reason in check(session, survivor, losers)]
    if reasons:
        raise MergeRefused(" ".join(reason["detail"] for reason in reasons), facts={"reasons": reasons})


def _reason(code: str, detail: str, customer: Record) -> Reason:
    return {"code": code, "detail": detail, "customer_id": customer["id"]}


def _themselves(_session: Session, survivor: Record, losers: Sequence[Record]) -> Iterator[Reason]:
    if survivor["status"] == "archived":
        detail = f"{survivor['number']} is archived; restore it, or let another one survive."
        yield _reason("survivor_archived", detail, survivor)
    for loser in losers:
        if loser["id"] == survivor["id"]:
            yield _reason("survivor_among_losers", f"{loser['number']} cannot be merged into itself.", loser)
        if loser["kind"] != survivor["kind"]:
            detail = f"{loser['number']} is a {loser['kind']}, the survivor a {survivor['kind']}."
            yield _reason("kinds_differ", detail, loser)


def _planned_moves(session: Session, _survivor: Record, losers: Sequence[Record]) -> Iterator[Reason]:
    for loser in losers:
        try:
            refuse_with_planned_moves(session, [loser], "merge it")
        except Refusal as refusal:
            yield _reason(refusal.code, refusal.detail, loser)


def _legal_holds(session: Session, survivor: Record, losers: Sequence[Record]) -> Iterator[Reason]:
    customers = [survivor, *losers]
    for customer in customers:
        try:
            legal_holds.refuse_held(session, customer["id"], "merge it")
        except Refusal as refusal:
            yield _reason(refusal.code, refusal.detail, customer)
    held = set(session.execute(_HELD, {"ids": [customer["id"] for customer in customers]}).scalars())
    for customer in customers:
        if customer["id"] in held:
            yield _reason("legal_hold", f"{customer['number']} has files on legal hold; release them first.", customer)


def _tax_ids(session: Session, survivor: Record, losers: Sequence[Record]) -> Iterator[Reason]:
    """Two numbers of one register are two legal persons, unless one of the numbers is wrong."""
    customers = {customer["id"]: customer for customer in losers}
    for row in session.execute(_OTHER_TAX_IDS, {"survivor": survivor["id"], "ids": list(customers)}):
        loser = customers[row.loser]
        theirs, ours = (written(row.country, row.scheme, value) for value in (row.theirs, row.ours))
        detail = (
            f"{loser['number']} has the tax id {theirs}, {survivor['number']} has {ours}: these are two companies."
            " Where one of them is wrong, correct or remove it first."
        )
        yield _reason("tax_ids_differ", detail, loser)


def _one_tree(session: Session, survivor: Record, losers: Sequence[Record]) -> Iterator[Reason]:
    customers = {customer["id"]: customer for customer in (survivor, *losers)}
    for row in session.execute(_RELATED, {"ids": list(customers)}):
        below, above = customers[row.below], customers[row.above]
        detail = f"{below['number']} is below {above['number']}; move it out of that tree first."
        yield _reason("ancestor_with_descendant", detail, below)


CHECKS: Final[Sequence[Check]] = (_themselves, _planned_moves, _legal_holds, _tax_ids, _one_tree)

_HELD = text(
    "SELECT DISTINCT CAST(customer_id AS text) FROM files WHERE legal_hold AND customer_id = ANY (CAST(:ids AS uuid[]))"
)
# Registers in which both are, with no number in common; the first number of each tells.
_OTHER_TAX_IDS = text(
    """
    SELECT CAST(their.customer_id AS text) AS loser, their.country, their.scheme,
           min(their.value) AS theirs, min(our.value) AS ours
    FROM tax_ids their JOIN tax_ids our USING (country, scheme)
    WHERE their.customer_id = ANY (CAST(:ids AS uuid[])) AND our.customer_id = CAST(:survivor AS uuid)
      AND their.customer_id <> our.customer_id
    GROUP BY their.customer_id, their.country, their.scheme
    HAVING NOT bool_or(their.value = our.value)
    ORDER BY their.customer_id, their.country, their.scheme
    """
)
# Which of these stand below which; the limit ends a walk through a ring that should not exist.
_RELATED = text(
    """
    WITH RECURSIVE up (below, above, level) AS (
        SELECT id, parent_id, 1 FROM customers WHERE id = ANY (CAST(:ids AS uuid[]))
        UNION ALL
        SELECT up.below, c.parent_id, up.level + 1 FROM up JOIN customers c ON c.id = up.above WHERE up.level < 64
    )
    SELECT CAST(below AS text) AS below, CAST(above AS text) AS above FROM up
    WHERE above = ANY (CAST(:ids AS uuid[])) ORDER BY below, above
    """
)
