"""Returns before anything has come: requested, authorized, denied, cancelled, expired."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import orjson
from psycopg.rows import dict_row
from sqlalchemy import select
from sqlalchemy.orm import Session

from common.context import Context
from common.errors import FieldError
from common.ids import new_id
from common.pipeline import send
from common.records import moment
from warehouse.domain import returns as rules
from warehouse.domain.warehouses import DEDICATED
from warehouse.errors.returns import (
    MoreThanRequested,
    NothingAuthorized,
    ResolutionUnsuitable,
    SerialUnknown,
    SeveralCustomers,
    ShippedLineUnknown,
    WindowClosed,
)
from warehouse.tables.returns import returns
from warehouse.use_cases import rows
from warehouse.use_cases.returns import store
from warehouse.use_cases.returns.replacements import check_replacement
from warehouse.use_cases.returns.store import Body, Key, Return, Row
from warehouse.use_cases.returns.targets import target_of

PORTION = 100
NOT_YET = (
    *("quantity_authorized", "quantity_received", "quantity_accepted", "quantity_rejected"),
    "quantity_replaced",
)


@dataclass(frozen=True, slots=True)
class Terms:
    """How many days after delivery goods may be returned where their listing does not say, and how long an authorized
    return waits for them."""

    return_days: int
    ship_days: int


def request_return(session: Session, body: Body, terms: Terms) -> str:
    """Requests a return of shipped goods, of any of a customer's orders; returns its id. What a customer brings into
    its own warehouse is authorized at once; everything else staff decides about. Raises ShippedLineUnknown,
    SeveralCustomers, what a target refuses, ResolutionUnsuitable, ReplacementUnsuitable, WindowClosed, SerialUnknown,
    SerialReturned, ReturnExceedsShipped."""
    wanted = _by_key(body["lines"])
    shipped = shipped_lines(session, wanted)
    customer_id = next(iter(shipped.values()))["customer_id"]
    itself = bool(session.info["scope"].is_portal)
    place = target_of(session, customer_id, body.get("warehouse"), itself=itself)
    dedicated = place["kind"] == DEDICATED
    _check_window(session, shipped, terms.return_days, None if itself else body.get("override_reason"))
    lines = [
        _line(number, entry, shipped[key], customer_id, dedicated=dedicated)
        for number, (key, entry) in enumerate(wanted.items())
    ]
    for number, line in enumerate(lines):
        pointer = f"/lines/{number}/replacement_sku"
        check_replacement(session, line["replacement_sku"], pointer, replaces=line["resolution"] == "replace")
    store.claim(session, {key: entry["quantity"] for key, entry in wanted.items()}, shipped)
    one = Return(_row(session, body, place, customer_id, dedicated=dedicated, itself=itself), lines)
    for line in lines:
        line["return_id"] = one.id
    store.insert(session, one)
    if dedicated:
        _authorize(session, one, _all(one), terms, None)
    return one.id


def authorize_return(session: Session, return_id: str, body: Body, terms: Terms) -> None:
    """Authorizes a return, all of it unless `lines` say how much of which; what is not may be requested again. Raises
    ReturnNotFound, ReturnState, LineUnknown, LineTwice, MoreThanRequested, NothingAuthorized."""
    one = store.lock(session, return_id)
    rules.after(one.status, "authorize", rules.AUTHORIZED)
    given = _given(one, body["lines"]) if "lines" in body else _all(one)
    _authorize(session, one, given, terms, body.get("ship_by"), in_advance=body.get("replace_in_advance", False))


def deny_return(session: Session, return_id: str, reason: str) -> None:
    """Denies a requested return. Raises ReturnNotFound, ReturnState."""
    _end(session, store.lock(session, return_id), "deny", "denied", reason)


def cancel_return(session: Session, return_id: str, reason: str | None) -> None:
    """Cancels a return of which nothing has been counted in. Raises ReturnNotFound, ReturnState."""
    _end(session, store.lock(session, return_id), "cancel", "cancelled", reason)


def expire_due(session: Session) -> int:
    """Ends a portion of the authorized returns whose goods did not come in time; returns how many."""
    today = moment(session).date()
    due = select(returns.c.id).where(returns.c.status.in_(rules.EXPIRING), returns.c.ship_by < today)
    ids = session.execute(due.order_by(returns.c.ship_by).limit(PORTION)).scalars().all()
    ended = 0
    for one in store.find(session, ids):
        # Since it was found due, its goods may have come.
        if one.status in rules.EXPIRING and one.row["ship_by"] < today:
            _end(session, one, "expire", "expired", None)
            ended += 1
    return ended


def _end(session: Session, one: Return, command: str, verb: str, reason: str | None) -> None:
    one.row |= {"status": rules.after(one.status, command), "reason": reason}
    store.let_go(session, one)
    store.save(session, one, verb)


def _authorize(
    session: Session,
    one: Return,
    given: Mapping[str, int],
    terms: Terms,
    ship_by: date | None,
    *,
    in_advance: bool = False,
) -> None:
    for line in one.lines:
        line["quantity_authorized"] = given.get(line["id"], 0)
        if in_advance and line["resolution"] == "replace":
            line["quantity_replaced"] = line["quantity_authorized"]
    back = [(line, line["quantity_requested"] - line["quantity_authorized"]) for line in one.lines]
    store.unclaim(session, back)
    whole = not any(quantity for _line, quantity in back)
    now = moment(session)
    one.row |= {
        "status": rules.after(one.status, "authorize", rules.AUTHORIZED if whole else rules.PARTIALLY_AUTHORIZED),
        "authorized_at": now,
        "ship_by": ship_by or now.date() + timedelta(days=terms.ship_days),
    }
    store.save(session, one, "authorized")


def _all(one: Return) -> dict[str, int]:
    return {line["id"]: line["quantity_requested"] for line in one.lines}


def _given(one: Return, entries: Sequence[Body]) -> dict[str, int]:
    given: dict[str, int] = {}
    for line_id, (number, entry) in store.by_line(entries, "return_line_id").items():
        line = one.line(line_id, f"/lines/{number}/return_line_id")
        if entry["quantity"] > line["quantity_requested"]:
            raise MoreThanRequested.at(f"/lines/{number}/quantity", f"{line['quantity_requested']} were requested.")
        given[line_id] = entry["quantity"]
    if not sum(given.values()):
        raise NothingAuthorized.at("/lines", "This authorizes nothing; deny the return instead.")
    return given


def _by_key(entries: Sequence[Body]) -> dict[Key, Body]:
    keyed = [{**entry, "key": (entry["shipment_id"], entry["line_id"])} for entry in entries]
    return {key: entry for key, (_number, entry) in store.by_line(keyed, "key").items()}


def shipped_lines(session: Session, wanted: Iterable[Key]) -> dict[Key, Row]:
    """What has left of these lines, of one customer. Raises ShippedLineUnknown, SeveralCustomers."""
    wanted = list(wanted)
    keys = [{"shipment_id": key[0], "line_id": key[1]} for key in wanted]
    shipped = send(session, [(_SHIPPED, {"rows": orjson.dumps(keys).decode()})], dict_row)[0]
    found = {(row["shipment_id"], row["line_id"]): row for row in shipped}
    for number, key in enumerate(wanted):
        if key not in found:
            raise ShippedLineUnknown(
                "No such line has left with this shipment; take its ids from GET /api/shipments.",
                errors=[FieldError(f"/lines/{number}/line_id", "Was not shipped with it.")],
            )
    if len({row["customer_id"] for row in shipped}) > 1:
        raise SeveralCustomers("These goods went to several customers; request a return for each.")
    return {key: found[key] for key in wanted}


def _check_window(session: Session, shipped: Mapping[Key, Row], days: int, override: str | None) -> None:
    if override:
        return
    now = moment(session)
    for number, row in enumerate(shipped.values()):
        allowed = days if row["return_days"] is None else row["return_days"]
        if rules.is_too_late(now, row["delivered_at"], allowed):
            ends = rules.window_ends(row["delivered_at"], allowed)
            raise WindowClosed(
                f"{row['sku']} may be returned for {allowed} days after its delivery; staff of the provider may take it"
                " back all the same with an `override_reason`.",
                errors=[FieldError(f"/lines/{number}", "Too late.")],
                facts={
                    "shipment_id": row["shipment_id"],
                    "line_id": row["line_id"],
                    "return_days": allowed,
                    "until": ends.isoformat() if ends else None,
                },
            )


def _row(session: Session, body: Body, place: Row, customer_id: str, *, dedicated: bool, itself: bool) -> Row:
    now = moment(session)
    context: Context = session.info["context"]
    number = send(session, [(_NUMBER, {})])[0][0][0]
    return {
        **rows.blank(returns),
        "id": new_id(),
        "number": number,
        "customer_id": customer_id,
        "warehouse_id": place["id"],
        "dedicated": dedicated,
        "status": rules.REQUESTED,
        "requested_by": context.actor,
        "note": body.get("note"),
        "override_reason": None if itself else body.get("override_reason"),
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }


def _line(number: int, entry: Body, row: Row, customer_id: str, *, dedicated: bool) -> Row:
    pointer = f"/lines/{number}"
    resolution = entry.get("resolution", "none" if dedicated else "credit")
    if dedicated and resolution not in {"none", "repair"}:
        raise ResolutionUnsuitable.at(
            f"{pointer}/resolution",
            "What goes into the customer's own warehouse stays the customer's, so nothing is paid back or exchanged;"
            " for that, ask the provider for a return.",
        )
    serials = entry.get("serials", [])
    for serial in serials:
        if serial not in row["serials"]:
            raise SerialUnknown.at(f"{pointer}/serials", f"{serial} was not shipped with this line.")
    if len(set(serials)) < len(serials) or len(serials) > entry["quantity"]:
        raise SerialUnknown.at(f"{pointer}/serials", "Name each once, and not more than come back.")
    return {
        "id": new_id(),
        "customer_id": customer_id,
        "position": number + 1,
        **{name: row[name] for name in ("shipment_id", "line_id", "order_id", "order_number", "sku", "name")},
        "shipment_number": row["number"],
        "reason": entry["reason"],
        "resolution": resolution,
        "replacement_sku": entry.get("replacement_sku"),
        "quantity_requested": entry["quantity"],
        "quantity_claimed": entry["quantity"],
        **dict.fromkeys(NOT_YET, 0),
        "serials": serials,
        "serials_received": [],
        "outcomes": [],
    }


# A list of what articles may come back until when shows each once, though an article may be offered more than once.
_SHIPPED = """
    SELECT s.id::text AS shipment_id, l.line_id::text, s.number, s.order_id::text, s.order_number,
           s.customer_id::text, s.delivered_at, min(l.sku) AS sku, min(l.name) AS name,
           sum(l.quantity)::bigint AS quantity,
           ARRAY(SELECT unnest(m.serials) FROM shipment_lines m
                 WHERE m.shipment_id = s.id AND m.line_id = l.line_id) AS serials,
           (SELECT max(i.return_days) FROM replica_items i WHERE i.sku = min(l.sku) AND NOT i.gone) AS return_days
    FROM json_to_recordset(CAST(%(rows)s AS json)) AS r(shipment_id uuid, line_id uuid)
    JOIN shipments s ON s.id = r.shipment_id AND s.status IN ('shipped', 'delivered', 'exception')
    JOIN shipment_lines l ON l.shipment_id = s.id AND l.line_id = r.line_id
    GROUP BY s.id, l.line_id
    """
_NUMBER = """
    SELECT 'R-' || lpad(n.next, greatest(6, length(n.next)), '0')
    FROM (SELECT nextval('return_numbers')::text AS next) AS n
    """
