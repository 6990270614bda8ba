"""Returns once something has come: noted, counted in, inspected and closed. Only an inspection moves stock."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import orjson
from psycopg.rows import dict_row
from sqlalchemy.orm import Session

from common.ids import new_id
from common.pipeline import send
from common.records import moment
from warehouse.domain import returns as rules
from warehouse.errors.returns import InspectionIncomplete, NothingReceived
from warehouse.tables.returns import return_lines
from warehouse.use_cases import rows, serials
from warehouse.use_cases.assets import shipments as assets
from warehouse.use_cases.returns import store
from warehouse.use_cases.returns.requests import NOT_YET
from warehouse.use_cases.returns.store import Body, Return
from warehouse.use_cases.stock import Desk
from warehouse.use_cases.warehouses import open_warehouse

_STEP = Decimal("0.000001")


def note_arrival(session: Session, return_id: str, body: Body) -> None:
    """Notes that a carrier has brought something; it is neither counted nor inspected by that. Raises ReturnNotFound,
    ReturnState."""
    one = store.lock(session, return_id)
    one.row |= {
        "status": rules.after(one.status, "arrive"),
        "arrived_at": body.get("arrived_at") or moment(session),
        **{name: body.get(name) or one.row[name] for name in ("carrier", "tracking_number")},
    }
    store.save(session, one, "arrived")


def receive_return(session: Session, return_id: str, body: Body) -> None:
    """Counts in what has come: of the lines, more or less than was authorized, and goods that nobody announced. It ends
    when everything has come, or with `complete`. Raises ReturnNotFound, ReturnState, LineUnknown, LineTwice,
    NothingReceived."""
    one = store.lock(session, return_id)
    rules.after(one.status, "receive", rules.RECEIVED)
    store.hold_claims(session, one)
    _count(session, one, body.get("lines", ()))
    _note_unexpected(session, one, body.get("unexpected", ()))
    if not any(line["quantity_received"] for line in one.lines):
        raise NothingReceived("Nothing has come of this return; count something in, or cancel it.")
    status = rules.receipt_status(one.lines, complete=body.get("complete", False))
    if status == rules.RECEIVED:
        # What did not come is still with the customer, and may come back another time.
        rest = [(line, line["quantity_claimed"] - line["quantity_received"]) for line in one.lines]
        missing = [(line, quantity) for line, quantity in rest if quantity > 0]
        store.unclaim(session, missing)
        store.free_serials(session, [line for line, _quantity in missing])
    one.row |= {"status": rules.after(one.status, "receive", status), "received_at": moment(session)}
    store.save(session, one, "received")


def inspect_return(session: Session, return_id: str, body: Body) -> None:
    """Decides about everything that has come. Goods in condition A that are restocked come into stock, others are kept
    apart or leave the record; whose they are then follows from where they are and what was granted. What was an asset
    of the customer is none any more, unless it goes back there. Raises
    ReturnNotFound, ReturnState, LineUnknown, LineTwice, OutcomeUnsuitable, InspectionIncomplete."""
    one = store.lock(session, return_id)
    one.row |= {"status": rules.after(one.status, "inspect"), "inspected_at": moment(session)}
    _decide(one, body["lines"])
    _move(session, one)
    store.save(session, one, "inspected")
    assets.came_back(session, return_id)


def close_return(session: Session, return_id: str, reason: str | None) -> None:
    """Closes an inspected return, and frees the serial numbers that came back. Raises ReturnNotFound, ReturnState."""
    one = store.lock(session, return_id)
    one.row |= {"status": rules.after(one.status, "close"), "reason": reason}
    serials.come_back(session, return_id)
    store.save(session, one, "closed")


def _count(session: Session, one: Return, entries: Sequence[Body]) -> None:
    surplus = []
    for line_id, (number, entry) in store.by_line(entries, "return_line_id").items():
        line = one.line(line_id, f"/lines/{number}/return_line_id")
        line["quantity_received"] += entry["quantity"]
        line["serials_received"] = sorted({*line["serials_received"], *entry.get("serials", ())})
        if line["shipment_id"] and line["serials_received"]:
            store.note_serials(session, line, line["serials_received"])
        surplus.append((line, line["quantity_received"] - line["quantity_claimed"]))
    store.claim_surplus(session, [(line, quantity) for line, quantity in surplus if line["shipment_id"]])


def _note_unexpected(session: Session, one: Return, entries: Sequence[Body]) -> None:
    more = [
        {
            **rows.blank(return_lines),
            "id": new_id(),
            "return_id": one.id,
            "customer_id": one.row["customer_id"],
            "position": len(one.lines) + number,
            "sku": entry["sku"],
            "name": entry.get("name") or entry["sku"],
            "reason": "other",
            "resolution": "none",
            **dict.fromkeys((*NOT_YET, "quantity_requested", "quantity_claimed"), 0),
            "quantity_received": entry["quantity"],
            "serials": [],
            "serials_received": sorted(set(entry.get("serials", ()))),
            "outcomes": [],
        }
        for number, entry in enumerate(entries, 1)
    ]
    if more:
        rows.run(session, rows.insert(return_lines, more))
        one.lines += more


def _decide(one: Return, entries: Sequence[Body]) -> None:
    decided = store.by_line(entries, "return_line_id")
    for line_id, (number, entry) in decided.items():
        line = one.line(line_id, f"/lines/{number}/return_line_id")
        for place, outcome in enumerate(entry["outcomes"]):
            rules.check_outcome(
                outcome,
                f"/lines/{number}/outcomes/{place}",
                dedicated=one.row["dedicated"],
                unexpected=line["shipment_id"] is None,
            )
        accepted, rejected = rules.counted(line, entry["outcomes"], f"/lines/{number}/outcomes")
        line |= {"quantity_accepted": accepted, "quantity_rejected": rejected, "outcomes": list(entry["outcomes"])}
        rules.check_granted_once(line, entry["outcomes"], f"/lines/{number}/outcomes")
        line["quantity_replaced"] = max(line["quantity_replaced"], rules.replaced(entry["outcomes"]))
    for line in one.lines:
        if line["quantity_received"] and line["id"] not in decided:
            raise InspectionIncomplete.at("/lines", f"What became of {line['sku']} is missing; decide about it too.")


def _move(session: Session, one: Return) -> None:
    """Brings what was decided into stock, by the same ledger and locks as every other movement."""
    parts = [
        (line, outcome, pool, rules.owner_of(outcome, line["customer_id"], dedicated=one.row["dedicated"]))
        for line in one.lines
        for outcome in line["outcomes"]
        if (pool := rules.pool_of(outcome)) is not None
    ]
    if not parts:
        return
    place = open_warehouse(session, one.row["warehouse_id"], draining=True)
    wanted = [{"sku": line["sku"], "owner_id": owner_id} for line, _outcome, _pool, owner_id in parts]
    desk = Desk(session, place, wanted)
    costs = _costs(session, one)
    for (line, outcome, pool, owner_id), balance in zip(parts, desk.balances, strict=True):
        if pool == "on_hand":
            cost = costs.get((line["shipment_id"], line["line_id"], owner_id))
            desk.take_in(balance, "return", outcome["quantity"], cost)
        else:
            desk.keep_apart(balance, "return", outcome["quantity"])
    desk.finish(one.row["number"], None)


def _costs(session: Session, one: Return) -> Mapping[Any, tuple[Decimal, str]]:
    """What one unit of each shipped line cost its owner when it left: goods that come back to the same owner bring
    their cost back. Where the owner changes, or no cost is known, there is none."""
    keys = [
        {"shipment_id": line["shipment_id"], "line_id": line["line_id"]} for line in one.lines if line["shipment_id"]
    ]
    found = send(session, [(_COSTS, {"rows": orjson.dumps(keys).decode()})], dict_row)[0]
    return {
        (row["shipment_id"], row["line_id"], row["owner_id"]): (
            row["cost"].quantize(_STEP, ROUND_HALF_UP),
            row["currency"],
        )
        for row in found
        if row["cost"] is not None and row["currencies"] == 1
    }


_COSTS = """
    SELECT l.shipment_id::text, l.line_id::text, b.owner_id::text,
           CASE WHEN count(*) = count(m.unit_cost_minor)
                THEN sum(l.quantity * m.unit_cost_minor) / sum(l.quantity) END AS cost,
           count(DISTINCT m.currency) AS currencies, min(m.currency) AS currency
    FROM json_to_recordset(CAST(%(rows)s AS json)) AS r(shipment_id uuid, line_id uuid)
    JOIN shipment_lines l ON l.shipment_id = r.shipment_id AND l.line_id = r.line_id
    JOIN stock_balances b ON b.id = l.balance_id
    CROSS JOIN LATERAL (SELECT unit_cost_minor, currency FROM stock_movements m
                        WHERE m.shipment_id = l.shipment_id AND m.balance_id = l.balance_id LIMIT 1) m
    GROUP BY l.shipment_id, l.line_id, b.owner_id
    """
