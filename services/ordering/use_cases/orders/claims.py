"""What customers claim of their orders, as the warehouse tells it: in any order and any number of times."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from common import replicas
from ordering.domain.exchanges import CLAIM, Origin, Wanted
from ordering.tables.exchanges import replica_claims
from ordering.use_cases.orders import exchanges, store

Data = Mapping[str, Any]

_KEPT = (
    *("number", "status", "kind", "order_id", "line_id", "sku", "name", "quantity", "quantity_accepted"),
    *("quantity_replaced", "resolution", "granted", "credit_pending", "created_at", "decided_at"),
)


def claim_changed(session: Session, customer_id: str, version: int, data: Data) -> None:
    """Keeps a claim for who looks at its order, and orders what is to be sent once more; an older state changes
    nothing."""
    order = store.find(session, data["order_id"])
    values = {name: data[name] for name in _KEPT} | {"customer_id": customer_id}
    replicas.put(session, replica_claims, {"id": data["id"]}, version, values)
    if order is not None and data["quantity_replaced"]:
        wanted = [Wanted(data["line_id"], data["quantity_replaced"], data["replacement_sku"])]
        exchanges.replace(session, Origin(CLAIM, data["id"], data["number"]), [order], wanted)
