"""What shipped and returned goods do to assets: a serial number that is sent to a company becomes an asset of it, and
one that comes back ends as that."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.rows import dict_row
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.pipeline import send
from common.records import as_record
from warehouse.domain import asset_requests as request_rules
from warehouse.domain import assets as rules
from warehouse.tables.assets import assets
from warehouse.use_cases.assets import store
from warehouse.use_cases.assets.keeping import new_record
from warehouse.use_cases.assets.store import Changed
from warehouse.use_cases.assets.switch import on_of

Row = dict[str, Any]


def sent(session: Session, shipment: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> None:
    """Makes assets of the serial numbers of a shipment that has left, where its customer's internal inventory is on.
    One that the customer has an asset of already is noted there as its origin."""
    customer_id = shipment["customer_id"]
    serials = {serial.lower(): (serial, line) for line in lines for serial in line["serials"]}
    if not serials or not on_of(session, [customer_id]):
        return
    origin = {name: shipment[name] for name in ("order_id", "order_number")} | {"shipment_id": shipment["id"]}
    there = _unretired(session, customer_id, list(serials))
    _adopt(session, there, serials, origin)
    new = [named for key, named in serials.items() if key not in there]
    tags = store.tags(session, customer_id, len(new))
    day = shipment["shipped_at"].date()
    records = [
        new_record(
            session,
            customer_id,
            origin
            | {"line_id": line["line_id"], "sku": line["sku"], "name": line["name"], "serial": serial, "tag": tag}
            | {"status": rules.IN_TRANSIT, "purchased_on": day},
        )
        for (serial, line), tag in zip(new, tags, strict=True)
    ]
    store.insert(session, records, free=True)


def arrived(session: Session, shipment_id: str) -> None:
    """What came with a shipment lies ready, unless somebody has done something with it before."""
    statement = select(assets).where(assets.c.shipment_id == shipment_id, assets.c.status == rules.IN_TRANSIT)
    found = session.execute(statement.order_by(assets.c.id).with_for_update()).mappings().all()
    before = [as_record(row) for row in found]
    changed = [Changed(one, one | {"status": rules.after(one, "check_in")}) for one in before]
    store.save(session, changed, "check_in")


def came_back(session: Session, return_id: str) -> None:
    """Ends the assets whose serial numbers came back with an inspected return and do not go to the customer again; a
    request to which one was promised is denied."""
    ids = [row["id"] for row in send(session, [(_CAME_BACK, {"id": return_id})], dict_row)[0]]
    before = [one for one in store.locked(session, ids) if one["status"] != rules.RETIRED] if ids else []
    for one in before:
        if one["request_id"]:
            request = store.lock_request(session, one["request_id"])
            request |= {"status": request_rules.after(request, "deny"), "held_from": None, "asset_id": None}
            store.save_requests(session, [request | {"reason": rules.RETURNED}], "deny")
    gone = {"status": rules.RETIRED, "reason": rules.RETURNED, "after_repair": None, "request_id": None}
    gone |= {"custodian_id": None, "custodian_label": None, "warehouse_id": None}
    store.save(session, [Changed(one, one | gone) for one in before], "return")


def _unretired(session: Session, customer_id: str, serials: Sequence[str]) -> dict[str, Row]:
    table = assets.c
    statement = select(assets).where(
        table.customer_id == customer_id, func.lower(table.serial).in_(serials), table.status != rules.RETIRED
    )
    found = session.execute(statement.order_by(table.id).with_for_update()).mappings()
    return {row["serial"].lower(): as_record(row) for row in found}


def _adopt(session: Session, there: Mapping[str, Row], serials: Mapping[str, Any], origin: Row) -> None:
    changed = []
    for key, asset in there.items():
        line = serials[key][1]
        if asset["sku"] in {None, line["sku"]}:
            more = origin | {"line_id": line["line_id"], "sku": line["sku"]}
            changed.append(Changed(asset, asset | more))
    store.save(session, changed, "change")


# Which ones came is known where they were counted in by number, or all of a line came.
_CAME_BACK = """
    SELECT a.id::text
    FROM return_lines l
    CROSS JOIN LATERAL unnest(CASE WHEN l.serials_received <> '{}' THEN l.serials_received
                                   WHEN l.quantity_received >= l.quantity_authorized THEN l.serials
                                   ELSE '{}' END) AS s(serial)
    JOIN assets a ON a.customer_id = l.customer_id AND lower(a.serial) = lower(s.serial) AND a.status <> 'retired'
    WHERE l.return_id = %(id)s AND (a.sku IS NULL OR a.sku = l.sku)
      AND EXISTS (SELECT 1 FROM jsonb_array_elements(l.outcomes) AS d
                  WHERE d->>'disposition' <> 'return_to_customer')
    """
