"""Assets made, changed, handed out and taken back, mended, lost, found and retired."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from common.ids import is_id, new_id
from common.records import moment
from customer_replica import effective_switches
from warehouse.domain import asset_requests as request_rules
from warehouse.domain import assets as rules
from warehouse.domain.warehouses import ACTIVE
from warehouse.errors import Changed as Stale
from warehouse.errors import ModuleDisabled, NotOpen, WarehouseUnknown
from warehouse.errors.assets import AssetPromised, NobodyNamed
from warehouse.errors.returns import NotTheirs
from warehouse.tables.assets import assets
from warehouse.tables.stock import warehouses
from warehouse.use_cases import rows
from warehouse.use_cases.assets import store
from warehouse.use_cases.assets.store import Changed
from warehouse.use_cases.assets.switch import check_customer, check_on
from warehouse.use_cases.promises import SWITCH as WAREHOUSE_SWITCH

Row = dict[str, Any]
Body = Mapping[str, Any]

_NOBODY: Row = {"custodian_id": None, "custodian_label": None}
_PLACE = ("property_id", "location")


def create_asset(session: Session, body: Body) -> str:
    """Makes an asset, which is with its custodian where one is named and else lies ready; returns its id. Raises
    CustomerUnknown, AssetCustomerArchived, InventoryHidden, InventoryDisabled, what `_warehouse` does, TagTaken,
    SerialTaken."""
    customer_id = body["customer_id"]
    check_customer(session, customer_id)
    given = placed(session, customer_id, body)
    given["tag"] = given.get("tag") or store.tags(session, customer_id, 1)[0]
    record = new_record(session, customer_id, given)
    store.insert(session, [record])
    return str(record["id"])


def new_record(session: Session, customer_id: str, given: Body) -> Row:
    """The row of a new asset, as it is given."""
    now = moment(session)
    record = rows.blank(assets) | {"id": new_id(), "customer_id": customer_id, "status": rules.IN_STOCK}
    if given.get("custodian_id") or given.get("custodian_label"):
        record["status"] = rules.DEPLOYED
    return record | dict(given) | {"version": 1, "created_at": now, "updated_at": now}


def placed(session: Session, customer_id: str, body: Body) -> Row:
    """What a body says of an asset, as its columns: the custodian by id and name, the warehouse by its id."""
    given = {name: value for name, value in body.items() if name not in {"customer_id", "custodian", "warehouse"}}
    if "custodian" in body:
        given |= _custodian(body["custodian"])
    if "warehouse" in body:
        given["warehouse_id"] = body["warehouse"] and _warehouse(session, customer_id, body["warehouse"])
    return given


def change_asset(session: Session, asset_id: str, version: int, body: Body) -> None:
    """Changes what an asset is and where it is; who has it changes by handing it out. Raises AssetNotFound, Changed,
    AssetState, InventoryHidden, InventoryDisabled, TagTaken, SerialTaken, what `_warehouse` does."""
    before = _locked(session, asset_id)
    if before["version"] != version:
        raise Stale(f"The asset is at version {before['version']}; read it again.")
    rules.check_changeable(before)
    after = before | placed(session, before["customer_id"], body)
    if after != before:
        store.save(session, [Changed(before, after)], "change")


def check_out(session: Session, asset_id: str, body: Body) -> None:
    """Hands an asset out, to somebody or to a place. One that is promised goes to whom its request names, and the
    request is fulfilled by that. Raises AssetNotFound, AssetState, NobodyNamed, AssetPromised, InventoryHidden,
    InventoryDisabled."""
    before = _locked(session, asset_id)
    status = rules.after(before, "check_out")
    promised = before["request_id"]
    request = request_rules.resumed(store.lock_request(session, promised)) if promised else None
    goes = _goes(body, request, before)
    after = before | goes | {"status": status, "warehouse_id": None, "request_id": None, "reason": None}
    store.save(session, [Changed(before, after)], "check_out")
    if request:
        request["status"] = request_rules.after(request, "fulfil")
        store.save_requests(session, [request], "fulfil")


def check_in(session: Session, asset_id: str, body: Body) -> None:
    """Takes an asset back, to lie ready at a place or in the company's warehouse. Raises AssetNotFound, AssetState,
    InventoryHidden, InventoryDisabled, what `_warehouse` does."""
    before = _locked(session, asset_id)
    status = rules.after(before, "check_in")
    place = dict.fromkeys((*_PLACE, "warehouse_id")) | placed(session, before["customer_id"], body)
    store.save(session, [Changed(before, before | _NOBODY | place | {"status": status})], "check_in")


def start_repair(session: Session, asset_id: str, body: Body) -> None:
    """Notes that an asset is being mended. Raises AssetNotFound, AssetState, InventoryHidden, InventoryDisabled."""
    before = _locked(session, asset_id)
    back_to = rules.DEPLOYED if before["status"] == rules.DEPLOYED else rules.IN_STOCK
    status = rules.after(before, "start_repair")
    after = before | {"status": status, "after_repair": back_to, "reason": body.get("reason")}
    store.save(session, [Changed(before, after)], "start_repair")


def end_repair(session: Session, asset_id: str, body: Body) -> None:
    """Notes that an asset is mended: it goes back to whom or where it was. Raises AssetNotFound, AssetState,
    InventoryHidden, InventoryDisabled."""
    before = _locked(session, asset_id)
    status = rules.after(before, "end_repair")
    after = before | {"status": status, "after_repair": None, "reason": body.get("reason")}
    store.save(session, [Changed(before, after)], "end_repair")


def lose(session: Session, asset_id: str, body: Body) -> None:
    """Notes that an asset is lost; who had it last stays named. Raises AssetNotFound, AssetState, InventoryHidden,
    InventoryDisabled."""
    _end(session, asset_id, "lose", body, {"warehouse_id": None})


def find(session: Session, asset_id: str, body: Body) -> None:
    """Notes that a lost asset was found: it lies ready. Raises AssetNotFound, AssetState, InventoryHidden,
    InventoryDisabled."""
    _end(session, asset_id, "find", body, _NOBODY)


def retire(session: Session, asset_id: str, body: Body) -> None:
    """Ends an asset for good; its serial number may be another's then. Raises AssetNotFound, AssetState,
    InventoryHidden, InventoryDisabled."""
    _end(session, asset_id, "retire", body, _NOBODY | {"warehouse_id": None})


def _end(session: Session, asset_id: str, command: str, body: Body, more: Row) -> None:
    before = _locked(session, asset_id)
    status = rules.after(before, command)
    after = before | more | {"status": status, "after_repair": None, "reason": body.get("reason")}
    store.save(session, [Changed(before, after)], command)


def _locked(session: Session, asset_id: str) -> Row:
    record = store.lock(session, asset_id)
    check_on(session, record["customer_id"])
    return record


def _custodian(given: Body | None) -> Row:
    return {"custodian_id": given["id"], "custodian_label": given["label"]} if given else dict(_NOBODY)


def _goes(body: Body, request: Row | None, asset: Row) -> Row:
    """To whom and where an asset goes that is handed out: as the body says, and where it is silent as the request."""
    goes = _NOBODY | dict.fromkeys(_PLACE) | {name: body[name] for name in _PLACE if name in body}
    goes |= _custodian(body.get("custodian"))
    if request is not None and request["custodian_id"] and goes["custodian_id"] not in {None, request["custodian_id"]}:
        raise AssetPromised(
            f"{asset['tag']} is promised to {request['custodian_label'] or 'somebody else'} by request"
            f" {request['number']}; hand it out to them, or deny or cancel the request first.",
            facts={"request_id": request["id"]},
        )
    if request:
        goes |= {name: request[name] for name in _PLACE if goes[name] is None}
        if goes["custodian_id"] is None and goes["custodian_label"] is None:
            called = request["custodian_label"] or request["requester_label"]
            goes |= {"custodian_id": request["custodian_id"], "custodian_label": called}
    if all(value is None for value in goes.values()):
        raise NobodyNamed("Name a custodian, a property or a location, to whom or where it goes.")
    return goes


def _warehouse(session: Session, customer_id: str, named: str) -> str:
    """The id of the customer's own open warehouse of this code or id. Raises ModuleDisabled, WarehouseUnknown,
    NotTheirs, NotOpen."""
    switches = effective_switches(session, [customer_id]).get(customer_id)
    if switches is None or not switches[WAREHOUSE_SWITCH].active:
        raise ModuleDisabled(
            f"Without the switch {WAREHOUSE_SWITCH} an asset has a property or a location and lies in no warehouse;"
            " name one of those, or switch it on.",
            facts={"switch": WAREHOUSE_SWITCH},
        )
    same = [func.lower(warehouses.c.code) == named.lower(), *([warehouses.c.id == named] if is_id(named) else [])]
    place = session.execute(select(warehouses).where(or_(*same))).mappings().first()
    if place is None:
        raise WarehouseUnknown(f"There is no warehouse {named}; GET /api/customers/{{id}}/warehouse names the one.")
    if place["customer_id"] != customer_id:
        raise NotTheirs(f"{place['name']} is not this customer's own; an asset lies in that, or has a location.")
    if place["status"] != ACTIVE:
        raise NotOpen(f"{place['name']} is {place['status']} and takes nothing in; name a location.")
    return str(place["id"])
