"""What approvals keep of people who are erased: what was decided stays, who it was is gone."""

from sqlalchemy import text
from sqlalchemy.orm import Session


def erase_customer(session: Session, customer_id: str) -> dict[str, int]:
    """Empties what is personal in the approvals of a customer; returns how many rows that were."""
    changed = [session.execute(statement, {"id": customer_id}) for statement in _OF_CUSTOMER]
    counts: list[int] = [result.rowcount for result in changed]  # type: ignore[attr-defined]
    return {"approvals": sum(counts)}


def forget_account(session: Session, account_id: str) -> None:
    """Forgets the name and the words of an erased account."""
    for statement in _OF_ACCOUNT:
        session.execute(statement, {"id": account_id})


_OF_CUSTOMER = [
    text(statement)
    for statement in (
        """
        UPDATE approval_flows
        SET requester_label = NULL, content = jsonb_set(content, '{ship_to}', 'null'),
            reason = CASE WHEN reason IS NOT NULL THEN '[erased]' END
        WHERE customer_id = CAST(:id AS uuid)
        """,
        "UPDATE approval_candidates SET label = NULL WHERE customer_id = CAST(:id AS uuid)",
        """
        UPDATE approval_decisions
        SET actor_label = '[erased]', on_behalf_of_label = CASE WHEN on_behalf_of_label IS NOT NULL THEN '[erased]' END,
            comment = CASE WHEN comment IS NOT NULL THEN '[erased]' END
        WHERE customer_id = CAST(:id AS uuid)
        """,
        """
        UPDATE approval_delegations SET delegator_label = NULL, delegate_label = NULL, reason = NULL
        WHERE customer_id = CAST(:id AS uuid)
        """,
    )
]
_OF_ACCOUNT = [
    text(statement)
    for statement in (
        "UPDATE approval_flows SET requester_label = NULL WHERE requester_id = CAST(:id AS uuid)",
        """
        UPDATE approval_flows f SET reason = '[erased]' FROM approval_decisions d
        WHERE d.flow_id = f.id AND d.actor_id = CAST(:id AS uuid) AND d.decision = 'reject' AND f.reason = d.comment
        """,
        "UPDATE approval_candidates SET label = NULL WHERE account_id = CAST(:id AS uuid)",
        """
        UPDATE approval_decisions
        SET actor_label = '[erased]', comment = CASE WHEN comment IS NOT NULL THEN '[erased]' END
        WHERE actor_id = CAST(:id AS uuid)
        """,
        """
        UPDATE approval_decisions SET on_behalf_of_label = '[erased]'
        WHERE account_id = CAST(:id AS uuid) AND on_behalf_of_label IS NOT NULL
        """,
        """
        UPDATE approval_delegations SET delegator_label = NULL, reason = NULL
        WHERE delegator_id = CAST(:id AS uuid)
        """,
        "UPDATE approval_delegations SET delegate_label = NULL WHERE delegate_id = CAST(:id AS uuid)",
    )
]
