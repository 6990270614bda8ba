"""Claims: requested by who got the goods, decided about by the provider's staff, taken back."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.rows import dict_row
from sqlalchemy import select
from sqlalchemy.orm import Session

from common import outbox
from common.context import Context
from common.errors import FieldError
from common.ids import new_id
from common.pipeline import send
from common.records import moment
from warehouse.domain import claims as rules
from warehouse.domain.returns import is_too_late
from warehouse.domain.shipments import CLAIMED_AS
from warehouse.errors.claims import ClaimNotFound, ClaimWindowClosed, MoreThanClaimed
from warehouse.events.claims import claim as claim_event
from warehouse.tables.claims import claims
from warehouse.use_cases import rows
from warehouse.use_cases.returns import store
from warehouse.use_cases.returns.replacements import check_replacement
from warehouse.use_cases.returns.requests import shipped_lines

Row = dict[str, Any]
Body = Mapping[str, Any]

_OF_LINE = ("shipment_id", "line_id", "order_id", "order_number", "sku", "name", "customer_id")


def request_claim(session: Session, body: Body, days: int) -> str:
    """Claims some of a shipped line, for `days` after its delivery; returns the claim's id. Of the same goods only as
    many are claimed or returned as were shipped, also by two at once. Raises ShippedLineUnknown, ClaimWindowClosed,
    ReturnExceedsShipped."""
    key = (body["shipment_id"], body["line_id"])
    shipped = shipped_lines(session, [key])
    itself = bool(session.info["scope"].is_portal)
    override = None if itself else body.get("override_reason")
    _check_window(session, shipped[key], days, override)
    store.claim(session, {key: body["quantity"]}, shipped)
    return _write(session, [({**body, "override_reason": override}, shipped[key])])[0]


def claim_failed(session: Session, shipment: Body, resolution: str) -> None:
    """Claims what is in no return or claim yet of a shipment that was lost or damaged on its way. Raises
    ReturnExceedsShipped where somebody claims it at the same moment."""
    kind = CLAIMED_AS.get(shipment["exception"])
    if kind is None:
        return
    left = {
        (row["shipment_id"], row["line_id"]): row["left"]
        for row in send(session, [(_LEFT, {"id": shipment["id"]})], dict_row)[0]
    }
    if not left:
        return
    shipped = shipped_lines(session, left)
    store.claim(session, left, shipped)
    told = {"kind": kind, "resolution": resolution, "note": shipment["exception_note"]}
    _write(session, [(told | {"quantity": quantity}, shipped[key]) for key, quantity in left.items()])


def accept_claim(session: Session, claim_id: str, body: Body) -> None:
    """Accepts a claim, all of it unless `quantity` says how much, and grants what was wanted unless `resolution` says
    something else. Raises ClaimNotFound, ClaimState, MoreThanClaimed, ReplacementUnsuitable."""
    row = _lock(session, claim_id)
    status = rules.after(row["status"], "accept")
    quantity = body.get("quantity", row["quantity"])
    if quantity > row["quantity"]:
        raise MoreThanClaimed.at("/quantity", f"{row['quantity']} were claimed; accept as many at most.")
    granted = body.get("resolution", row["resolution"])
    replacement = body.get("replacement_sku")
    check_replacement(session, replacement, "/replacement_sku", replaces=granted == rules.REPLACE)
    store.unclaim(session, [(row, row["quantity"] - quantity)])
    row |= {"quantity_accepted": quantity, "granted": granted, "replacement_sku": replacement}
    _decide(session, row, status, "accepted", body.get("reason"))


def deny_claim(session: Session, claim_id: str, reason: str) -> None:
    """Denies a claim; its goods may be returned, or claimed again. Raises ClaimNotFound, ClaimState."""
    row = _lock(session, claim_id)
    _let_go(session, row, "deny", "denied", reason)


def cancel_claim(session: Session, claim_id: str, reason: str | None) -> None:
    """Takes back a claim about which nobody has decided. Raises ClaimNotFound, ClaimState."""
    row = _lock(session, claim_id)
    _let_go(session, row, "cancel", "cancelled", reason)


def _write(session: Session, wanted: Sequence[tuple[Body, Row]]) -> list[str]:
    """Writes claims, each of a shipped line, and tells them; returns their ids."""
    context: Context = session.info["context"]
    now = moment(session)
    numbers = [row[0] for row in send(session, [(_NUMBERS, {"count": len(wanted)})])[0]]
    made = [
        {
            **rows.blank(claims),
            **{name: shipped[name] for name in _OF_LINE},
            "id": new_id(),
            "number": number,
            "shipment_number": shipped["number"],
            "status": rules.REQUESTED,
            "kind": body["kind"],
            "quantity": body["quantity"],
            "quantity_claimed": body["quantity"],
            "quantity_accepted": 0,
            "resolution": body["resolution"],
            "files": body.get("files", []),
            "requested_by": context.actor,
            "note": body.get("note"),
            "override_reason": body.get("override_reason"),
            "version": 1,
            "created_at": now,
            "updated_at": now,
        }
        for (body, shipped), number in zip(wanted, numbers, strict=True)
    ]
    rows.run(session, rows.insert(claims, made))
    for row in made:
        outbox.add(session, claim_event("requested", row))
    return [row["id"] for row in made]


def _let_go(session: Session, row: Row, command: str, verb: str, reason: str | None) -> None:
    status = rules.after(row["status"], command)
    store.unclaim(session, [(row, row["quantity_claimed"])])
    _decide(session, row, status, verb, reason)


def _decide(session: Session, row: Row, status: str, verb: str, reason: str | None) -> None:
    now = moment(session)
    row |= {"status": status, "reason": reason, "decided_at": now, "updated_at": now, "version": row["version"] + 1}
    rows.run(session, rows.update(claims, [row]))
    outbox.add(session, claim_event(verb, row))


def _lock(session: Session, claim_id: str) -> Row:
    found = session.execute(select(claims).where(claims.c.id == claim_id).with_for_update()).mappings().one_or_none()
    if found is None:
        raise ClaimNotFound("There is no such claim.")
    return {str(name): value for name, value in found.items()}


def _check_window(session: Session, row: Row, days: int, override: str | None) -> None:
    if override or not is_too_late(moment(session), row["delivered_at"], days):
        return
    raise ClaimWindowClosed(
        f"{row['sku']} may be claimed for {days} days after its delivery; staff of the provider may take the claim all"
        " the same with an `override_reason`.",
        errors=[FieldError("/line_id", "Too late.")],
        facts={"claim_days": days, "delivered_at": row["delivered_at"].isoformat()},
    )


_NUMBERS = """
    SELECT 'C-' || lpad(n.next, greatest(6, length(n.next)), '0')
    FROM (SELECT nextval('claim_numbers')::text AS next FROM generate_series(1, %(count)s)) AS n
    """
_LEFT = """
    SELECT l.shipment_id::text, l.line_id::text, sum(l.quantity)::bigint - COALESCE(min(c.claimed), 0) AS left
    FROM shipment_lines l LEFT JOIN return_claims c ON c.shipment_id = l.shipment_id AND c.line_id = l.line_id
    WHERE l.shipment_id = %(id)s GROUP BY l.shipment_id, l.line_id
    HAVING sum(l.quantity) > COALESCE(min(c.claimed), 0) ORDER BY l.line_id
    """
