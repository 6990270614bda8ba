"""Transfers that a customer's own people ask for: between the customer's warehouse and the provider's."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from warehouse.domain.transfers import INTO, REQUESTED, owner_of
from warehouse.domain.warehouses import ACTIVE, CLOSED
from warehouse.errors import ModuleDisabled
from warehouse.errors.returns import NoWarehouse
from warehouse.errors.transfers import TransferDecided
from warehouse.tables.stock import warehouses
from warehouse.use_cases import transfers
from warehouse.use_cases.promises import SWITCH
from warehouse.use_cases.returns.targets import is_on

Body = Mapping[str, Any]


def request_own_transfer(session: Session, customer_id: str, body: Body) -> str:
    """Asks that goods be moved into a customer's own warehouse, or out of it; staff of the provider decides. Returns
    the transfer's id. Raises ModuleDisabled, NoWarehouse."""
    if not is_on(session, customer_id):
        raise ModuleDisabled(
            "Your company has no warehouse of its own in the portal, so nothing is moved there; ask your contact at the"
            " provider to switch it on.",
            facts={"switch": SWITCH},
        )
    into = body["direction"] == INTO
    own = _own(session, customer_id, statuses=(ACTIVE,) if into else None)
    provider_s = session.execute(_PROVIDER_S).scalar_one()
    if own is None or provider_s is None:
        raise NoWarehouse(
            "There is no warehouse yet that goods could be moved into or out of; ask your contact at the provider to"
            " set it up.",
            facts={"switch": SWITCH},
        )
    source, target = (provider_s, own) if into else (own, provider_s)
    return transfers.write_request(session, source, target, customer_id, _lines(body, customer_id), body.get("note"))


def cancel_own_transfer(session: Session, transfer_id: str, reason: str | None) -> None:
    """Takes back a request that nobody has decided about. Raises TransferNotFound, TransferState, TransferDecided."""
    if transfers.status_of(session, transfer_id) != REQUESTED:
        raise TransferDecided(
            "The provider has approved this transfer or it has ended; ask your contact there to stop it."
        )
    transfers.cancel_transfer(session, transfer_id, reason)


def _own(session: Session, customer_id: str, *, statuses: Sequence[str] | None) -> str | None:
    statement = select(warehouses.c.id).where(
        warehouses.c.customer_id == customer_id,
        warehouses.c.status.in_(statuses) if statuses else warehouses.c.status != CLOSED,
    )
    return session.execute(statement).scalar_one_or_none()


def _lines(body: Body, customer_id: str) -> list[Body]:
    return [line | {"owner_id": owner_of(line.get("owner"), body["direction"], customer_id)} for line in body["lines"]]


# The caller in the portal does not see the provider's warehouses.
_PROVIDER_S = text(r"SELECT provider_s_warehouse()\:\:text")
