"""Serial numbers that are with customers: each is in one place, leaves once, and may leave again after it came back."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy.orm import Session

from common.pipeline import send
from warehouse.errors.returns import SerialOut


def leave(session: Session, shipment: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> None:
    """Notes the serial numbers of a shipment as being with its customer; raises SerialOut where one is already."""
    going = [
        {
            "sku": line["sku"],
            "serial": serial,
            "shipment_id": shipment["id"],
            "line_id": line["line_id"],
            "customer_id": shipment["customer_id"],
        }
        for line in lines
        for serial in line["serials"]
    ]
    if not going:
        return
    gone = {tuple(row) for row in send(session, [(_LEAVE, {"rows": orjson.dumps(going).decode()})])[0]}
    stuck = sorted({(one["sku"], one["serial"]) for one in going} - gone)
    # The same number twice in one shipment is as impossible as in two.
    if stuck or len(gone) < len(going):
        named = stuck or sorted({(one["sku"], one["serial"]) for one in going})
        raise SerialOut(
            f"Serial number {named[0][1]} of {named[0][0]} is with a customer already, or is named twice; correct it,"
            " or inspect and close its return first (GET /api/returns).",
            facts={"serials": [serial for _sku, serial in named]},
        )


def come_back(session: Session, return_id: str) -> None:
    """Frees the serial numbers that came back with a return from all that bound them to their shipment, unless they go
    back to the customer."""
    send(session, [(_COME_BACK, {"id": return_id})])


_LEAVE = """
    INSERT INTO serials_out (sku, serial, shipment_id, line_id, customer_id)
    SELECT sku, serial, shipment_id, line_id, customer_id
    FROM json_populate_recordset(NULL::serials_out, CAST(%(rows)s AS json)) ORDER BY sku, serial
    ON CONFLICT DO NOTHING
    RETURNING sku, serial
    """
# Which ones came is known where they were counted in by number, or all of a line came.
_COME_BACK = """
    DELETE FROM serials_out AS o USING return_lines l
    WHERE l.return_id = %(id)s AND o.shipment_id = l.shipment_id AND o.line_id = l.line_id
      AND o.serial = ANY (CASE WHEN l.serials_received <> '{}' THEN l.serials_received
                               WHEN l.quantity_received >= l.quantity_authorized THEN l.serials
                               ELSE '{}' END)
      AND EXISTS (SELECT 1 FROM jsonb_array_elements(l.outcomes) AS d
                  WHERE d->>'disposition' <> 'return_to_customer')
    """
