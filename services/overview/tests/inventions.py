"""A noun that no service has, for tests of what every declared noun gets: a lease that one customer gives another."""

from typing import Any

from common.envelope import Event
from common.ids import new_id
from common.testing.events import event
from overview.domain.nouns.noun import Data, Noun, newest
from overview.tests.events import moment


def _seen_by(data: Data, customer_id: str) -> Data:
    other = data["to"] if customer_id == data["customer_id"] else data["from"]
    return {**data, "other": other}


LEASE = Noun(
    entity="customer.lease",
    section="leases",
    fields=("id", "name", "other", "secret_rate"),
    order=newest("starts_on"),
    most=2,
    needs="leases.view",
    restricted=lambda data: bool(data["confidential"]),
    portal=lambda data: bool(data["shared"]),
    portal_fields=("id", "name"),
    label=lambda data: f"{data['name']} with {data['other']['name']}",
    said=lambda data: data["remark"],
    also=lambda data: [data["to"]["id"]],
    seen_by=_seen_by,
    found_by=lambda data: [("system", data["name"])],
    marks=lambda data: [f"system_type:{data['model']}"],
)


def lease(
    giver: str, taker: str, lease_id: str | None = None, verb: str = "added", version: int = 1, **fields: Any
) -> Event:
    """An event of a lease."""
    id_ = lease_id or new_id()
    data = {
        "id": id_,
        "customer_id": giver,
        "from": {"id": giver, "name": "Giver"},
        "to": {"id": taker, "name": "Taker"},
        "name": "Forklift",
        "model": "0195556a-0000-7000-8000-0000000000f1",
        "starts_on": "2026-03-01",
        "secret_rate": "4.50",
        "remark": None,
        "confidential": False,
        "shared": False,
        "batch_id": None,
        "changes": [],
    }
    return event(f"customer.lease.{verb}.v1", id_, data | fields, customer_id=giver, version=version, time=moment())
