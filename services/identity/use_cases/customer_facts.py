"""What happens to logins when something happens to their customer or contact."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import RowMapping, select, text
from sqlalchemy.orm import Session

from common import replicas
from common.envelope import Event
from identity.domain.accounts import Account, Change
from identity.domain.lifecycle import archive, disable, restore
from identity.queries import accounts as account_queries
from identity.queries import grants
from identity.tables import accounts, replica_contacts
from identity.use_cases import account_changes, privacy


def customer_changed(session: Session, event: Event, *, deleted: bool = False) -> None:
    """Remembers the customer's new state and applies it to its logins: archived switches them off, restored switches on
    what that archive switched off, deleted ends them. An older state than the one known changes nothing.

    The state counts, not the name of the event: a restore that was never seen is made up for by the next state."""
    data = event.data
    archived = data["status"] == "archived" and not deleted
    row = {
        "id": data["id"],
        "version": event.version,
        "number": data["number"],
        "name": data["name"],
        "parent_id": data["parent_id"],
        "status": "deleted" if deleted else data["status"],
        "archive_id": (data["archive"] or {}).get("id", data["id"]) if archived else None,
    }
    known = session.execute(_PUT, row).mappings().first()
    if known is None:
        return
    if known["old_version"] is not None:
        _renew_reach(session, known, row)
    if known["old_archive_id"] and known["old_archive_id"] != row["archive_id"]:
        was: str = known["old_archive_id"]
        _each_login(session, row["id"], "restored", lambda account: account.stands(restore(account.standing, was)))
    if deleted:
        _each_login(session, row["id"], "customer_deleted", Account.end)
    elif archived:
        _each_login(
            session, row["id"], "archived", lambda account: account.stands(archive(account.standing, row["archive_id"]))
        )


def customer_erased(session: Session, event: Event) -> None:
    """Remembers the customer as it is afterwards, and ends and erases its accounts."""
    customer_changed(session, event)
    privacy.customer_erased(session, event)


def contact_changed(session: Session, event: Event) -> None:
    """Remembers whose contact this is."""
    values = {"customer_id": event.data["customer_id"]}
    replicas.put(session, replica_contacts, {"id": event.data["id"]}, event.version, values)


def contact_removed(session: Session, event: Event) -> None:
    """Remembers that the contact has ended, and switches its logins off."""
    values = {"customer_id": event.data["customer_id"], "gone": True}
    replicas.put(session, replica_contacts, {"id": event.data["id"]}, event.version, values)
    for seen in account_queries.linked_to_contacts(session, [event.data["id"]]):
        account = account_changes.lock(session, seen.id)
        if account.standing.is_enabled or account.disabled_reason == "archived":
            after = account.stands(disable(account.standing, "contact_ended"))
            account_changes.save_and_publish(session, account, after, reason="contact_ended")


def contact_erased(session: Session, event: Event) -> None:
    """Remembers that the contact has ended, and ends and erases its accounts."""
    values = {"customer_id": event.data["customer_id"], "gone": True}
    replicas.put(session, replica_contacts, {"id": event.data["id"]}, event.version, values)
    privacy.contact_erased(session, event)


def _each_login(session: Session, customer_id: str, reason: str, step: Callable[[Account], Account]) -> None:
    theirs = select(accounts.c.id).where(accounts.c.customer_id == customer_id, ~accounts.c.ended)
    ids = list(session.scalars(theirs.order_by(accounts.c.id)))
    if not ids:
        return
    account_changes.lock_access(session, customer_id)
    changed: list[tuple[Account, list[Change]]] = []
    for account_id in ids:
        before = account_changes.lock(session, account_id)
        after, changes = account_changes.save(session, before, step(before), reason=reason)
        if changes:
            changed.append((after, changes))
    if changed:
        account_changes.publish_access(session, customer_id, changed)


def _renew_reach(session: Session, known: RowMapping, row: dict[str, Any]) -> None:
    """Ends the access tokens of those who reach the customer from elsewhere and do so no more, or from now on."""
    if known["old_status"] == row["status"] and known["old_parent_id"] == row["parent_id"]:
        return
    account_changes.renew_reach(session, row["id"], known["old_parent_id"], row["parent_id"])
    if known["old_status"] != row["status"]:
        account_changes.renew_access(session, "portal", grants.given_in(session, [row["id"]], flowing=False))


# One statement for the usual case, a new customer in a large import. The sub-select sees the row as it was before.
_PUT = text(
    """
    WITH old AS (
        SELECT version, status, parent_id, archive_id FROM replica_customers WHERE id = :id
    )
    INSERT INTO replica_customers AS known (id, version, number, name, parent_id, status, archive_id)
    VALUES (:id, :version, :number, :name, :parent_id, :status, :archive_id)
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, number = excluded.number, name = excluded.name,
        parent_id = excluded.parent_id, status = excluded.status, archive_id = excluded.archive_id
    WHERE known.version < excluded.version
    RETURNING (SELECT version FROM old) AS old_version, (SELECT status FROM old) AS old_status,
        (SELECT parent_id::text FROM old) AS old_parent_id, (SELECT archive_id::text FROM old) AS old_archive_id
    """
)
