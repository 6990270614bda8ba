"""Goods that are expected: noted, changed, received and cancelled, each under the lock of their article.

What is expected decides how many may be ordered ahead and which days are promised, so that what waits is dated anew in
the same transaction.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from common import outbox
from common.errors import FieldError
from common.ids import new_id
from common.records import Record, as_record, insert, moment, update
from warehouse.domain import supplies as domain
from warehouse.domain.promises import Stock
from warehouse.errors import Changed
from warehouse.errors.supplies import SupplyNotFound, SupplyUnsuitable
from warehouse.events.supplies import SupplyVerb
from warehouse.events.supplies import supply as supply_event
from warehouse.tables.stock import replica_items
from warehouse.tables.supplies import inbound_supplies
from warehouse.use_cases.promises import Promises
from warehouse.use_cases.warehouses import open_warehouse

Body = Mapping[str, Any]

_EDITED = ("quantity", "preorder_quantity", "expected_on", "reference")


def expect(session: Session, body: Body) -> str:
    """Notes goods that are expected, and returns their id. Where it is not said how many are for pre-orders, all of
    them are if the article is offered for that, else none. Raises WarehouseUnknown, NotOpen, SupplyUnsuitable."""
    place = open_warehouse(session, body["warehouse"])
    now = moment(session)
    record: Record = {
        "id": new_id(),
        "warehouse_id": place["id"],
        "sku": body["sku"],
        "quantity": body["quantity"],
        "preorder_quantity": _share(session, place, body),
        "received": 0,
        "served": 0,
        "expected_on": body["expected_on"],
        "reference": body.get("reference"),
        "status": domain.EXPECTED,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    _change(session, "expected", record["sku"], lambda: (None, record))
    return str(record["id"])


def change(session: Session, supply_id: str, version: int, body: Body) -> None:
    """Changes what is expected. Pre-orders that have taken it stay, whatever is left. Raises SupplyNotFound, Changed,
    SupplyState, SupplyUnsuitable."""

    def edit() -> tuple[Record, Record]:
        before = _locked(session, [supply_id])[supply_id]
        if before["version"] != version:
            raise Changed(f"The supply is at version {before['version']}; read it again.")
        return before, domain.changed(before, body)

    _change(session, "updated", _sku_of(session, supply_id), edit)


def cancel(session: Session, supply_id: str) -> None:
    """Expects nothing more of a supply; what has arrived stays. Raises SupplyNotFound, SupplyState."""

    def end() -> tuple[Record, Record]:
        before = _locked(session, [supply_id])[supply_id]
        domain.check_open(before)
        return before, before | {"status": domain.CANCELLED}

    _change(session, "cancelled", _sku_of(session, supply_id), end)


class Arriving:
    """What a receipt fulfils: the supplies that its lines name, locked behind their articles."""

    def __init__(self, session: Session, place: Body, lines: Sequence[Body], promises: Promises) -> None:
        """Raises SupplyUnsuitable where a line names none, or one of another article or warehouse, and SupplyState
        where nothing of it is expected any more."""
        self._session = session
        self._promises = promises
        named = sorted({line["supply_id"] for line in lines if "supply_id" in line})
        self._records = _locked(session, named) if named else {}
        for number, line in enumerate(lines):
            if "supply_id" in line:
                self._take(number, line, self._records.get(line["supply_id"]), place)
        self._before = dict(promises.stock.inbound.preordered)

    @property
    def skus(self) -> set[str]:
        """The articles of the supplies that are named."""
        return {record["sku"] for record in self._records.values()}

    def finish(self) -> None:
        """Writes and tells the supplies after what waits was served: how many went to pre-orders."""
        inbound = self._promises.stock.inbound
        served = {sku: count - inbound.preordered[sku] for sku, count in self._before.items()}
        for record in self._records.values():
            most = min(record["preorder_quantity"], record["received"]) - record["served"]
            taken = max(0, min(most, served.get(record["sku"], 0)))
            served[record["sku"]] = served.get(record["sku"], 0) - taken
            record["served"] += taken
            _follow(inbound, record)
            _tell(self._session, "received", _save(self._session, record), self._promises.stock)

    def _take(self, number: int, line: Body, record: Record | None, place: Body) -> None:
        wrong = "There is no such supply." if record is None else _misfit(record, line, place)
        if record is None or wrong:
            raise SupplyUnsuitable(
                "Name the supply that these goods belong to, or leave it out (GET /api/inbound-supplies).",
                errors=[FieldError(f"/lines/{number}/supply_id", wrong or "")],
            )
        domain.check_open(record)
        record["received"] += line["quantity"]
        _follow(self._promises.stock.inbound, record)


def _follow(inbound: domain.Inbound, record: Record) -> None:
    for supply in inbound.supplies.get(record["sku"], ()):
        if supply.id == record["id"]:
            supply.received, supply.served = record["received"], record["served"]


def _misfit(record: Record, line: Body, place: Body) -> str:
    if record["sku"] != line["sku"]:
        return f"Is a supply of {record['sku']}."
    return "" if record["warehouse_id"] == place["id"] else "Is expected in another warehouse."


def _change(session: Session, verb: SupplyVerb, sku: str, write: Callable[[], tuple[Record | None, Record]]) -> None:
    """Writes a supply behind its article's lock, dates what waits for it, and tells it."""
    done: list[tuple[Record | None, Record]] = []

    def under_lock() -> None:
        before, after = write()
        if before is None:
            insert(session, inbound_supplies, [after])
        elif after != before:
            after = _save(session, after)
        done.append((before, after))

    promises = Promises(session, orders={}, skus=[sku], prepare=under_lock)
    before, after = done[0]
    if after == before:
        return
    promises.days.cause = "supply"
    promises.date_anew([sku])
    promises.save()
    edited = list(domain.changes(before, after, _EDITED)) if verb == "updated" and before is not None else []
    _tell(session, verb, after, promises.stock, edited)


def _save(session: Session, record: Record) -> Record:
    """Writes the next version of a supply, which is received once all of it has arrived."""
    status = record["status"]
    if status == domain.EXPECTED and record["received"] >= record["quantity"]:
        status = domain.RECEIVED
    saved = record | {"status": status, "version": record["version"] + 1, "updated_at": moment(session)}
    update(session, inbound_supplies, [saved])
    return saved


def _tell(
    session: Session, verb: SupplyVerb, record: Record, stock: Stock, edited: Sequence[Mapping[str, Any]] = ()
) -> None:
    sku, inbound = record["sku"], stock.inbound
    told = supply_event(verb, record, preordered=inbound.preordered[sku], short=inbound.short(sku), changes=edited)
    outbox.add(session, told)


def _share(session: Session, place: Body, body: Body) -> int:
    share = body.get("preorder_quantity")
    if place["customer_id"] is not None:
        if share:
            detail = "Goods for a customer's own warehouse are not offered to others."
            raise SupplyUnsuitable(
                f"{detail} Leave preorder_quantity out, or expect them in a warehouse of the provider.",
                errors=[FieldError("/preorder_quantity", detail)],
            )
        return 0
    if share is None:
        offered = exists().where(
            replica_items.c.sku == body["sku"], replica_items.c.preorderable, ~replica_items.c.gone
        )
        return int(body["quantity"]) if session.execute(select(offered)).scalar_one() else 0
    domain.check_share(share, body["quantity"])
    return int(share)


def _sku_of(session: Session, supply_id: str) -> str:
    statement = select(inbound_supplies.c.sku).where(inbound_supplies.c.id == supply_id)
    sku = session.execute(statement).scalar_one_or_none()
    if sku is None:
        raise SupplyNotFound("There is no such supply.")
    return str(sku)


def _locked(session: Session, ids: Sequence[str]) -> dict[str, Record]:
    statement = select(inbound_supplies).where(inbound_supplies.c.id.in_(ids)).order_by(inbound_supplies.c.id)
    return {row["id"]: as_record(row) for row in session.execute(statement.with_for_update()).mappings()}
