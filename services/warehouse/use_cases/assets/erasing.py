"""Assets of people who are erased: what is there and what happened to it stays, who had it and who did it is gone."""

from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common.records import as_record
from warehouse.tables.assets import assets
from warehouse.use_cases.assets import store
from warehouse.use_cases.assets.store import Changed


def erase_customer(session: Session, customer_id: str) -> dict[str, int]:
    """Empties what is personal in the assets of a customer; returns how many rows that were, by table."""
    return {
        table: int(session.execute(statement, {"id": customer_id}).rowcount)  # type: ignore[attr-defined]
        for table, statement in _OF_CUSTOMER.items()
    }


def forget_people(session: Session, ids: Sequence[str]) -> dict[str, int]:
    """Forgets what custodians were called, also in the history, and tells it of what they have; returns how many rows
    that were, by table."""
    table = assets.c
    named = select(assets).where(table.custodian_id.in_(ids), table.custodian_label.is_not(None))
    found = session.execute(named.order_by(table.id).with_for_update()).mappings()
    before = [as_record(row) for row in found]
    store.save(session, [Changed(one, one | {"custodian_label": None}) for one in before], "change")
    return {"assets": len(before)} | {
        name: int(session.execute(statement, {"ids": list(ids)}).rowcount)  # type: ignore[attr-defined]
        for name, statement in _OF_PEOPLE.items()
    }


def forget_account(session: Session, account_id: str) -> None:
    """Forgets what somebody of the portal was called who did or asked for something."""
    for statement in _OF_ACCOUNT:
        session.execute(statement, {"actor": f"portal:{account_id}"})


_OF_CUSTOMER = {
    "assets": text(
        """
        UPDATE assets SET custodian_label = NULL, location = NULL, note = NULL, reason = NULL
        WHERE customer_id = CAST(:id AS uuid) AND COALESCE(custodian_label, location, note, reason) IS NOT NULL
        """
    ),
    "asset_history": text(
        """
        UPDATE asset_history SET changes = '[]', actor_label = '[erased]' WHERE customer_id = CAST(:id AS uuid)
        """
    ),
    "asset_requests": text(
        """
        UPDATE asset_requests
        SET custodian_label = NULL, location = NULL, note = NULL, reason = NULL, requester_label = '[erased]',
            decided_label = CASE WHEN decided_by IS NOT NULL THEN '[erased]' END
        WHERE customer_id = CAST(:id AS uuid)
        """
    ),
}
_OF_PEOPLE = {
    "asset_history": text(
        """
        UPDATE asset_history h
        SET changes = (
            SELECT jsonb_agg(c || CASE WHEN c->>'before' = ANY (:ids) THEN '{"before_label": null}' ELSE '{}' END::jsonb
                               || CASE WHEN c->>'after' = ANY (:ids) THEN '{"after_label": null}' ELSE '{}' END::jsonb
                             ORDER BY n)
            FROM jsonb_array_elements(h.changes) WITH ORDINALITY AS e(c, n))
        WHERE EXISTS (SELECT 1 FROM jsonb_array_elements(h.changes) AS c
                      WHERE c->>'path' = 'custodian' AND (c->>'before' = ANY (:ids) OR c->>'after' = ANY (:ids)))
        """
    ),
    "asset_requests": text(
        """
        UPDATE asset_requests SET custodian_label = NULL
        WHERE custodian_id = ANY (CAST(:ids AS uuid[])) AND custodian_label IS NOT NULL
        """
    ),
}
_OF_ACCOUNT = [
    text("UPDATE asset_history SET actor_label = '[erased]' WHERE actor = :actor"),
    text("UPDATE asset_requests SET requester_label = '[erased]' WHERE requested_by = :actor"),
    text("UPDATE asset_requests SET decided_label = '[erased]' WHERE decided_by = :actor"),
]
