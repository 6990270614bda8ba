"""The packing slip of a shipment as a PDF document."""

from collections.abc import Mapping
from typing import Any

import orjson
import typst
from sqlalchemy import select
from sqlalchemy.orm import Session

from warehouse.queries.shipments import shipment
from warehouse.tables.shipments import shipments
from warehouse.tables.stock import warehouses


def packing_slip(session: Session, shipment_id: str) -> tuple[str, bytes]:
    """The number of a shipment and its packing slip. It names goods, quantities and where they go, and no prices.
    Raises ShipmentNotFound."""
    shown = shipment(session, shipment_id, costs=False)
    place = (
        select(shipments.c.ship_to, warehouses.c.address)
        .outerjoin(warehouses, warehouses.c.id == shipments.c.warehouse_id)
        .where(shipments.c.id == shipment_id)
    )
    row = session.execute(place).one()
    data = {
        "number": shown["number"],
        "order": shown["order_number"] or "",
        "date": shown["shipped_at"].date().isoformat() if shown["shipped_at"] else "",
        "to": _address(row.ship_to, ("name", "line1", "line2", "postal_code", "city", "region", "country")),
        "from": [shown["warehouse_name"] or "", *_address(row.address, ("street", "postal_code", "city", "country"))],
        "carrier": " ".join(filter(None, (shown["carrier"], shown["tracking_number"]))),
        "lines": [
            {
                "sku": line["sku"],
                "name": line["name"],
                "quantity": line["quantity"],
                "serials": ", ".join(line["serials"]),
            }
            for line in shown["lines"]
        ],
    }
    return shown["number"], typst.compile(_TEMPLATE.encode(), sys_inputs={"slip": orjson.dumps(data).decode()})


def _address(address: Mapping[str, Any] | None, names: tuple[str, ...]) -> list[str]:
    return [str(address[name]) for name in names if address.get(name)] if address else []


# What is written comes in as data, never as markup.
_TEMPLATE = """
#let slip = json(bytes(sys.inputs.slip))
#set document(title: "Packing slip " + slip.number)
#set page(paper: "a4", margin: (x: 2cm, y: 2.2cm), footer: context align(right, text(size: 8pt)[
  #slip.number, page #counter(page).display() of #counter(page).final().first()
]))
#set text(size: 10pt)
#grid(columns: (1fr, 1fr),
  [*From* \\ #slip.at("from").filter(part => part != "").map(part => [#part]).join(linebreak())],
  [*To* \\ #slip.to.map(part => [#part]).join(linebreak())],
)
#v(1cm)
#text(size: 16pt, weight: "bold")[Packing slip #slip.number]
#v(0.2cm)
#if slip.order != "" [Order #slip.order #h(1cm)]
#if slip.date != "" [Sent #slip.date #h(1cm)]
#if slip.carrier != "" [Carrier #slip.carrier]
#v(0.4cm)
#table(
  columns: (auto, 1fr, auto, auto), stroke: (x, y) => (bottom: 0.5pt), align: (left, left, left, right), inset: 6pt,
  table.header([*Article*], [*Description*], [*Serial numbers*], [*Quantity*]),
  ..slip.lines.map(line => ([#line.sku], [#line.name], [#line.serials], [#line.quantity])).flatten(),
)
"""
