"""A return with its lines as one thing: locked, read and written, each change with its event; and how much of what was
shipped is in returns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.pipeline import send
from common.records import moment
from warehouse.domain.returns import ENDED
from warehouse.errors.returns import LineTwice, LineUnknown, ReturnExceedsShipped, ReturnNotFound, SerialReturned
from warehouse.events.returns import returned
from warehouse.tables.returns import return_lines, return_serials, returns
from warehouse.use_cases import rows

Row = dict[str, Any]
Body = Mapping[str, Any]
Key = tuple[str, str]


@dataclass(slots=True)
class Return:
    """The row of a return, and its lines by position."""

    row: Row
    lines: list[Row]

    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def status(self) -> str:
        return str(self.row["status"])

    def line(self, line_id: str, pointer: str) -> Row:
        """The line of this id; raises LineUnknown."""
        for line in self.lines:
            if line["id"] == line_id:
                return line
        raise LineUnknown.at(pointer, f"Return {self.row['number']} has no such line; read it again.")


def find(session: Session, ids: Sequence[str]) -> list[Return]:
    """Locks returns and reads them with their lines, in the order of their ids."""
    statement = select(returns).where(returns.c.id.in_(ids)).order_by(returns.c.id).with_for_update()
    found = [_record(row) for row in session.execute(statement).mappings()]
    of = select(return_lines).where(return_lines.c.return_id.in_(ids)).order_by(return_lines.c.position)
    lines: dict[str, list[Row]] = {}
    for row in session.execute(of).mappings():
        lines.setdefault(row["return_id"], []).append(_record(row))
    return [Return(row, lines.get(row["id"], [])) for row in found]


def lock(session: Session, return_id: str) -> Return:
    """Locks a return and reads it with its lines. Raises ReturnNotFound."""
    found = find(session, [return_id])
    if not found:
        raise ReturnNotFound("There is no such return.")
    return found[0]


def insert(session: Session, one: Return) -> None:
    """Writes a new return, which is at version 1, and tells it."""
    statements = [rows.insert(returns, [one.row]), rows.insert(return_lines, one.lines)]
    serials = [_serial(line, serial) for line in one.lines for serial in line["serials"]]
    rows.run(session, *statements)
    _claim_serials(session, serials)
    outbox.add(session, returned("requested", one.row, one.lines))


def save(session: Session, one: Return, verb: str) -> None:
    """Writes the present state of a locked return and of its lines, as its next version, and tells it."""
    now = moment(session)
    one.row |= {"version": one.row["version"] + 1, "updated_at": now}
    if one.status in ENDED:
        one.row["ended_at"] = one.row["ended_at"] or now
    rows.run(session, rows.update(returns, [one.row]), rows.update(return_lines, one.lines))
    outbox.add(session, returned(verb, one.row, one.lines))


def by_line(entries: Sequence[Body], name: str) -> dict[Any, tuple[int, Body]]:
    """Entries of a body by the line that each names, with their place; raises LineTwice."""
    found: dict[Any, tuple[int, Body]] = {}
    for number, entry in enumerate(entries):
        if entry[name] in found:
            raise LineTwice.at(f"/lines/{number}/{name}", "This line is named before; give one entry for it.")
        found[entry[name]] = (number, entry)
    return found


def claim(session: Session, wanted: Mapping[Key, int], shipped: Mapping[Key, Row]) -> None:
    """Takes up so much of each shipped line for a return. Of parallel requests only as many pass as were shipped: one
    statement decides, under the lock of the line's row. Raises ReturnExceedsShipped."""
    for key, quantity in wanted.items():
        if quantity > shipped[key]["quantity"]:
            _refuse(session, key, shipped, wanted)
    these = [
        {"shipment_id": key[0], "line_id": key[1], "customer_id": shipped[key]["customer_id"], "claimed": quantity}
        | {"shipped": shipped[key]["quantity"]}
        for key, quantity in wanted.items()
    ]
    taken = {(row[0], row[1]) for row in send(session, [(_CLAIM, {"rows": _json(these)})])[0]}
    for key in wanted:
        if key not in taken:
            _refuse(session, key, shipped, wanted)


def unclaim(session: Session, lines: Iterable[tuple[Row, int]]) -> None:
    """Gives back so much of what lines had taken up."""
    these = []
    for line, quantity in lines:
        if quantity and line["shipment_id"]:
            line["quantity_claimed"] -= quantity
            these.append({"shipment_id": line["shipment_id"], "line_id": line["line_id"], "claimed": quantity})
    if these:
        send(session, [(_UNCLAIM, {"rows": _json(these)})])


def hold_claims(session: Session, one: Return) -> None:
    """Locks what a return has taken up, all of it in one order, before more than one step changes it."""
    these = [{"shipment_id": line["shipment_id"], "line_id": line["line_id"]} for line in one.lines]
    send(session, [(_HOLD, {"rows": _json([row for row in these if row["shipment_id"]])})])


def claim_surplus(session: Session, lines: Iterable[tuple[Row, int]]) -> None:
    """Takes up what came beyond what was announced, as far as so much was shipped."""
    these = {(line["shipment_id"], line["line_id"]): (line, quantity) for line, quantity in lines if quantity > 0}
    if not these:
        return
    values = [
        {"shipment_id": key[0], "line_id": key[1], "claimed": quantity} for key, (_line, quantity) in these.items()
    ]
    for shipment_id, line_id, taken in send(session, [(_SURPLUS, {"rows": _json(values)})])[0]:
        these[shipment_id, line_id][0]["quantity_claimed"] += taken


def let_go(session: Session, one: Return) -> None:
    """Gives up everything that a return has taken up, where none of it came."""
    unclaim(session, [(line, line["quantity_claimed"]) for line in one.lines])
    session.execute(return_serials.delete().where(return_serials.c.return_line_id.in_([x["id"] for x in one.lines])))


def _refuse(session: Session, key: Key, shipped: Mapping[Key, Row], wanted: Mapping[Key, int]) -> None:
    row = shipped[key]
    claimed = send(session, [(_CLAIMED, {"shipment_id": key[0], "line_id": key[1]})])[0]
    left = row["quantity"] - (claimed[0][0] if claimed else 0)
    pointer = f"/lines/{list(wanted).index(key)}/quantity"
    raise ReturnExceedsShipped(
        f"Of {row['sku']} in shipment {row['number']} {row['quantity']} were shipped, and {left} are in no return or"
        " claim yet; name as many at most (GET /api/returns and GET /api/claims show the others).",
        errors=[FieldError(pointer, f"At most {left}.")],
        facts={"shipment_id": key[0], "line_id": key[1], "shipped": row["quantity"], "left": left},
    )


def _claim_serials(session: Session, serials: Sequence[Row]) -> None:
    if not serials:
        return
    taken = {row[0] for row in send(session, [(_CLAIM_SERIALS, {"rows": _json(serials)})])[0]}
    for serial in serials:
        if serial["serial"] not in taken:
            raise SerialReturned(
                f"Serial number {serial['serial']} is in another return of this shipment; leave it out.",
                facts={"serial": serial["serial"]},
            )


def note_serials(session: Session, line: Row, serials: Iterable[str]) -> None:
    """Takes up serial numbers that came without having been announced, where they are in no other return."""
    send(session, [(_CLAIM_SERIALS, {"rows": _json([_serial(line, serial) for serial in serials])})])


def free_serials(session: Session, lines: Iterable[Row]) -> None:
    """Gives up the serial numbers of lines that were announced and did not come."""
    these = [{"id": line["id"], "serials_received": line["serials_received"]} for line in lines]
    if these:
        send(session, [(_FREE_SERIALS, {"rows": _json(these)})])


def _serial(line: Row, serial: str) -> Row:
    return {
        "shipment_id": line["shipment_id"],
        "line_id": line["line_id"],
        "serial": serial,
        "return_line_id": line["id"],
        "customer_id": line["customer_id"],
    }


def _record(row: Mapping[Any, Any]) -> Row:
    return {str(name): value for name, value in row.items()}


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


_CLAIM = """
    INSERT INTO return_claims AS old (shipment_id, line_id, customer_id, shipped, claimed)
    SELECT shipment_id, line_id, customer_id, shipped, claimed
    FROM json_populate_recordset(NULL::return_claims, CAST(%(rows)s AS json)) ORDER BY shipment_id, line_id
    ON CONFLICT (shipment_id, line_id) DO UPDATE SET claimed = old.claimed + excluded.claimed
    WHERE old.claimed + excluded.claimed <= old.shipped
    RETURNING shipment_id::text, line_id::text
    """
_UNCLAIM = """
    WITH these AS (
        SELECT c.shipment_id, c.line_id, r.claimed
        FROM return_claims c
        JOIN json_populate_recordset(NULL::return_claims, CAST(%(rows)s AS json)) AS r
             ON r.shipment_id = c.shipment_id AND r.line_id = c.line_id
        ORDER BY c.shipment_id, c.line_id FOR UPDATE OF c)
    UPDATE return_claims AS c SET claimed = c.claimed - t.claimed
    FROM these t WHERE c.shipment_id = t.shipment_id AND c.line_id = t.line_id
    """
_SURPLUS = """
    WITH these AS (
        SELECT c.shipment_id, c.line_id, least(r.claimed, c.shipped - c.claimed) AS taken
        FROM return_claims c
        JOIN json_populate_recordset(NULL::return_claims, CAST(%(rows)s AS json)) AS r
             ON r.shipment_id = c.shipment_id AND r.line_id = c.line_id
        ORDER BY c.shipment_id, c.line_id FOR UPDATE OF c)
    UPDATE return_claims AS c SET claimed = c.claimed + t.taken
    FROM these t WHERE c.shipment_id = t.shipment_id AND c.line_id = t.line_id
    RETURNING c.shipment_id::text, c.line_id::text, t.taken
    """
_HOLD = """
    SELECT 1 FROM return_claims c
    JOIN json_populate_recordset(NULL::return_claims, CAST(%(rows)s AS json)) AS r
         ON r.shipment_id = c.shipment_id AND r.line_id = c.line_id
    ORDER BY c.shipment_id, c.line_id FOR UPDATE OF c
    """
_CLAIMED = """
    SELECT claimed FROM return_claims WHERE shipment_id = %(shipment_id)s AND line_id = %(line_id)s
    """
_CLAIM_SERIALS = """
    INSERT INTO return_serials (shipment_id, line_id, serial, return_line_id, customer_id)
    SELECT shipment_id, line_id, serial, return_line_id, customer_id
    FROM json_populate_recordset(NULL::return_serials, CAST(%(rows)s AS json)) ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING
    RETURNING serial
    """
_FREE_SERIALS = """
    DELETE FROM return_serials AS s
    USING json_populate_recordset(NULL::return_lines, CAST(%(rows)s AS json)) AS r
    WHERE s.return_line_id = r.id AND s.serial <> ALL (r.serials_received)
    """
