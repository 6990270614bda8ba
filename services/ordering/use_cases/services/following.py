"""What the progress of orders makes of their services."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from ordering.domain.cost_centres import centre_of
from ordering.domain.services import PROVIDED_STATUSES, Step, follow
from ordering.tables.services import services
from ordering.use_cases import store
from ordering.use_cases.acting import as_service
from ordering.use_cases.services import records
from ordering.use_cases.store import Record

_OPEN = ("confirmed", "cancelling")
_OF_LINE = ("listing_id", "sku", "name", "unit", "unit_price_minor", "price_source")

Row = Mapping[str, Any]


def follow_order(session: Session, order: Row, lines: Sequence[Row]) -> None:
    """Keeps the services of a locked order in step with its lines: those of kind service, and whatever has a charge
    that recurs. Telling the same again changes nothing."""
    if order["status"] not in PROVIDED_STATUSES or order["confirmed_at"] is None:
        return
    with as_service(session):
        recurring = _recurring(session, lines)
        of_services = [line for line in lines if line["kind"] == "service" or recurring.get(line["listing_id"])]
        if not of_services:
            return
        known = _known(session, of_services)
        serials = _serials(session, order["id"])
        today = store.today(session)
        steps: list[Step] = []
        for line in of_services:
            steps += follow(
                line,
                is_open=order["status"] in _OPEN,
                known=known.get(line["id"], []),
                serials=serials.get(line["id"], []),
                blank=_blank(order, line, recurring.get(line["listing_id"], [])),
                today=today,
            )
        records.write(session, steps, [one for found in known.values() for one in found])


def _blank(order: Row, line: Row, charges: list[Row]) -> Record:
    return records.blank(
        order["customer_id"],
        order_id=order["id"],
        order_number=order["number"],
        order_line_id=line["id"],
        cost_centre=centre_of(line, order),
        currency=order["currency"] if line["unit_price_minor"] is not None else None,
        charges=charges,
        **_assigned(order["assignment"] or {}),
        **{name: line[name] for name in _OF_LINE},
    )


def _assigned(assignment: Row) -> Row:
    """The columns of a service that an order says for whom it is."""
    found: Record = {}
    for name in ("org_unit", "person"):
        told = assignment.get(name) or {}
        found |= {f"{name}_id": told.get("id"), f"{name}_label": told.get("label")}
    return found


def _recurring(session: Session, lines: Sequence[Row]) -> dict[str, list[Row]]:
    found = session.execute(_RECURRING, {"ids": [line["listing_id"] for line in lines]})
    return {row.id: row.charges for row in found}


def _known(session: Session, lines: Sequence[Row]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    # What took the place of another is no progress of the line.
    statement = select(services).where(
        services.c.order_line_id.in_([line["id"] for line in lines]), services.c.replaces_id.is_(None)
    )
    for row in session.execute(statement.order_by(services.c.id).with_for_update()).mappings():
        record = {str(name): value for name, value in row.items()}
        found.setdefault(record["order_line_id"], []).append(record)
    return found


def _serials(session: Session, order_id: str) -> dict[str, list[str]]:
    return {row.line_id: row.serials for row in session.execute(_SERIALS, {"order": order_id})}


_RECURRING = text(
    """
    SELECT id::text, jsonb_path_query_array(components, '$[*] ? (@.kind == "recurring")') AS charges
    FROM listings
    WHERE id = ANY (CAST(:ids AS uuid[])) AND components @> '[{"kind": "recurring"}]'
    """
)
_SERIALS = text(
    """
    SELECT line->>'line_id' AS line_id, array_agg(serial ORDER BY shipped_at, serial) AS serials
    FROM replica_shipments, jsonb_array_elements(lines) AS line,
         jsonb_array_elements_text(coalesce(line->'serials', '[]')) AS serial
    WHERE order_id = CAST(:order AS uuid) AND shipped_at IS NOT NULL
    GROUP BY 1
    """
)
