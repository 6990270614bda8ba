"""Customers that may order, listings with prices, and what the warehouse answers, built from the examples of its
contracts."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from common.envelope import Event, from_document
from common.ids import new_id
from common.service import Service
from common.testing import Client, deliver
from ordering.tests.told import CONTRACTS, customer, switches

ORDERS = "/orders"
STATES = {"made": "active", "allocated": "allocated", "released": "released", "expired": "expired"}
Order = dict[str, Any]


def company(service: Service, customer_id: str | None = None, **values: str) -> str:
    """A customer with switches of its own: it orders and sees the marketplace unless something else is said."""
    customer_id = customer_id or new_id()
    deliver(service, customer(customer_id, number=customer_id[-12:], name="Alderwick"))
    switch(service, customer_id, **values)
    return customer_id


def switch(service: Service, customer_id: str, version: int = 1, **values: str) -> None:
    """Decides switches of a customer anew."""
    usual = {"order_authorization": "on", "inherit_global_marketplace": "on"}
    deliver(service, switches("customer", customer_id, version, **(usual | values)))


def listing(service: Service, price: int | None = 1000, *, currency: str = "EUR", **fields: Any) -> str:
    """A listing of the global marketplace, with a price for everybody; returns its id."""
    listing_id = new_id()
    row = {
        "sku": f"SKU-{listing_id[-8:]}",
        "name": "Chai",
        "kind": "stock",
        "unit": "box",
        "audience": "global",
        "status": "published",
        "backorder_policy": "none",
        "preorderable": False,
        "available_from": None,
        "owner_id": None,
        "backorder_cap": None,
        "preorder_from": None,
        "preorder_until": None,
        "confirmation": "owner",
    } | fields
    with service.db.transaction() as session:
        session.execute(
            text(
                """
                INSERT INTO listings (id, sku, name, kind, unit, audience, status, backorder_policy, preorderable,
                                      available_from, owner_id, backorder_cap, preorder_from, preorder_until,
                                      confirmation, words, version, created_at, updated_at)
                VALUES (:id, :sku, :name, :kind, :unit, :audience, :status, :backorder_policy, :preorderable,
                        :available_from, :owner_id, :backorder_cap, :preorder_from, :preorder_until, :confirmation, '',
                        1, now(), now())
                """
            ),
            row | {"id": listing_id},
        )
    if price is not None:
        set_price(service, listing_id, price, currency)
    return listing_id


def set_components(service: Service, listing_id: str, components: Sequence[Mapping[str, Any]]) -> None:
    """What a listing consists of."""
    with service.db.transaction() as session:
        statement = text("UPDATE listings SET components = CAST(:components AS jsonb) WHERE id = :id")
        session.execute(statement, {"id": listing_id, "components": json.dumps(components)})


def set_price(service: Service, listing_id: str, price: int, currency: str = "EUR") -> None:
    """What a unit costs everybody from now on."""
    values = {"listing": listing_id, "price": price, "currency": currency, "list": new_id(), "id": new_id()}
    with service.db.transaction() as session:
        session.execute(
            text(
                """
                INSERT INTO price_lists (id, code, name, kind, currency, priority, version, created_at, updated_at)
                VALUES (:list, :currency, :currency, 'standard', :currency, 0, 1, now(), now())
                ON CONFLICT (code) DO NOTHING
                """
            ),
            values,
        )
        session.execute(
            text(
                """
                INSERT INTO prices (id, list_id, listing_id, min_quantity, unit_minor)
                SELECT :id, id, :listing, 1, :price FROM price_lists WHERE code = :currency
                ON CONFLICT (list_id, listing_id, min_quantity, valid_from) DO UPDATE SET unit_minor = :price
                """
            ),
            values,
        )


def change_listing(service: Service, listing_id: str, **values: Any) -> None:
    """Changes columns of a listing."""
    changes = ", ".join(f"{name} = :{name}" for name in values)
    with service.db.transaction() as session:
        session.execute(
            text(f"UPDATE listings SET {changes} WHERE id = :id"),  # noqa: S608  # our own names
            values | {"id": listing_id},
        )


def draft(client: Client, customer_id: str, *lines: tuple[str, int], **fields: Any) -> Order:
    """An order of these listings and quantities."""
    body = {"customer_id": customer_id, "lines": [{"listing_id": one, "quantity": many} for one, many in lines]}
    answer = client.post(ORDERS, json=body | fields)
    assert answer.status_code == 201, answer.text
    found: Order = answer.json
    return found


def do(client: Client, order: Order, command: str, status: int = 200, **body: Any) -> Order:
    """Sends a command and returns the answer, which must have that status."""
    answer = client.post(f"{ORDERS}/{order['id']}/{command}", json=body)
    assert answer.status_code == status, answer.text
    found: Order = answer.json
    return found


def read(client: Client, order: Order) -> Order:
    """The order as it is now."""
    answer = client.get(f"{ORDERS}/{order['id']}")
    assert answer.status_code == 200, answer.text
    found: Order = answer.json
    return found


def reservation(
    verb: str, order: Order, version: int, quantities: Mapping[str, int] | None = None, **data: Any
) -> Event:
    """What the warehouse tells of the reservation of an order: the usual example of the type, about this order.
    `quantities` are those of each line of goods, all of which are reserved or allocated where it is left out."""
    field = {"made": "reserved", "allocated": "allocated", "shipped": "shipped"}.get(verb)
    lines = []
    for line in order["lines"]:
        if line["kind"] != "stock":
            continue
        wanted = line["quantity"] - line["quantity_cancelled"]
        told = {"reserved": 0, "allocated": 0, "backordered": 0, "shipped": 0} | (
            dict(quantities) if quantities is not None else {field: wanted} if field else {}
        )
        lines.append(
            {
                "line_id": line["id"],
                "sku": line["sku"],
                "warehouse_id": None,
                "quantity": wanted,
                "promised_on": None,
                "sources": [],
                "short": max(wanted - sum(told.values()), 0),
                **told,
            }
        )
    values = {
        "order_id": order["id"],
        "order_number": order["number"],
        "customer_id": order["customer_id"],
        "order_version": order["version"],
        "state": STATES.get(verb, "consumed"),
        "lines": lines,
    }
    return _told(f"warehouse.reservation.{verb}.v1", order, order["id"], version, values | data)


def dispatched(order: Order, quantity: int, version: int = 2, *, serials: Sequence[str] = ()) -> Event:
    """A shipment of so many of the first line of an order."""
    return shipped("dispatched", order, new_id(), version, quantity, serials=serials)


def shipped(
    verb: str,
    order: Order,
    shipment: str,
    version: int,
    quantity: int = 1,
    *,
    serials: Sequence[str] = (),
    **data: Any,
) -> Event:
    """What is told of a shipment of so many of the first line of an order."""
    line = order["lines"][0]
    lines = [{"line_id": line["id"], "sku": line["sku"], "name": line["name"], "quantity": quantity}]
    lines[0] |= {"serials": list(serials)}
    values = {"id": shipment, "number": f"S-{shipment[-6:]}", "order_id": order["id"], "lines": lines}
    values |= {"order_number": order["number"], "customer_id": order["customer_id"]}
    return _told(f"warehouse.shipment.{verb}.v1", order, shipment, version, values | data)


def came_back(
    verb: str, return_id: str, version: int, *accepted: tuple[Order, int], also: Mapping[str, Any] | None = None
) -> Event:
    """A return of which so many of the first line of each order were accepted; `also` changes every line of it."""
    example = json.loads((CONTRACTS.event_folder(f"warehouse.return.{verb}.v1") / "examples/usual.json").read_text())
    pattern = example["data"]["lines"][0]
    lines = [
        pattern
        | {"id": new_id(), "position": number, "order_id": order["id"], "line_id": order["lines"][0]["id"]}
        | {"quantity_accepted": quantity}
        | dict(also or {})
        for number, (order, quantity) in enumerate(accepted, 1)
    ]
    first = accepted[0][0]
    values = {"id": return_id, "customer_id": first["customer_id"], "order_ids": [order["id"] for order, _ in accepted]}
    return _told(f"warehouse.return.{verb}.v1", first, return_id, version, values | {"lines": lines})


def claimed(verb: str, claim_id: str, version: int, order: Order, **data: Any) -> Event:
    """A claim about the first line of an order."""
    values = {"id": claim_id, "customer_id": order["customer_id"], "order_id": order["id"]}
    values |= {"line_id": order["lines"][0]["id"]}
    return _told(f"warehouse.claim.{verb}.v1", order, claim_id, version, values | data)


def date_changed(order: Order, version: int, before: str, after: str, *, place: int = 0) -> Event:
    """The warehouse promises another day to a line of an order."""
    line = order["lines"][place]
    values = {"line_id": line["id"], "order_id": order["id"], "order_number": order["number"]}
    values |= {"customer_id": order["customer_id"], "sku": line["sku"], "name": line["name"]}
    return _told(
        "warehouse.preorder.date_changed.v1", order, line["id"], version, values | {"before": before, "after": after}
    )


def _told(event_type: str, order: Order, subject: str, version: int, data: Mapping[str, Any]) -> Event:
    folder = CONTRACTS.event_folder(event_type) / "examples"
    document: dict[str, Any] = json.loads((folder / "usual.json").read_text())
    customer_id = order["customer_id"]
    document |= {"id": new_id(), "subject": subject, "aggregateversion": version}
    document |= {"partitionkey": customer_id, "customerid": customer_id}
    document["data"] |= data
    CONTRACTS.check(event_type, document["data"])
    return from_document(document)


def confirmed(service: Service, staff: Client, customer_id: str, *lines: tuple[str, int], **fields: Any) -> Order:
    """An order that the warehouse has reserved and that staff has confirmed."""
    order = do(staff, draft(staff, customer_id, *lines, **fields), "submission")
    deliver(service, reservation("made", order, 1))
    return do(staff, order, "confirmation")
