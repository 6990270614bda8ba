"""What happens to logins when customers become one, and when that is undone.

Every login is kept with its user name and moves to the survivor. One of them can be the customer's own login; another
becomes the login of one of its people, switched off until somebody decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from common.envelope import Event
from identity.domain.accounts import Account, Change, change
from identity.domain.lifecycle import Standing, Status, disable, restore
from identity.tables import accounts, grants, merged_accounts
from identity.use_cases import account_changes

Changed = list[tuple[Account, list[Change]]]


def merged(session: Session, event: Event) -> None:
    """Moves the logins of the losers to the survivor."""
    id_map: Mapping[str, str] = event.data["id_map"]
    survivor_id = next(iter(id_map.values()))
    _lock(session, [survivor_id, *id_map])
    archives: Mapping[str, str] = event.data["archive_ids"]
    held = {customer_id: _of(session, customer_id) for customer_id in (survivor_id, *id_map)}
    keeper = _keeper(held, event.data["login_of"])
    # The one that loses the mark first: an index holds the rule that there is one.
    ordered = sorted((account for some in held.values() for account in some), key=lambda a: a.id == keeper)
    moved: Changed = []
    for account in ordered:
        owner = str(account.customer_id)
        after = replace(account, customer_id=survivor_id)
        if owner != survivor_id:
            after = after.stands(_standing(account.standing, archives.get(owner)))
        if account.is_login and account.id != keeper:
            standing = after.standing
            after = replace(after, is_login=False).stands(
                disable(standing, "manual") if standing.is_enabled else standing
            )
        if after != account:
            moved += _move(session, event.data["id"], account, after)
    guests = _copy_grants(session, event.data["id"], survivor_id, list(id_map))
    _publish(session, [survivor_id, *id_map], moved, guests)


def unmerged(session: Session, event: Event) -> None:
    """Moves logins back to where they came from; what the move switched off comes back unless it was touched since."""
    id_map: Mapping[str, str] = event.data["id_map"]
    survivor_id = next(iter(id_map.values()))
    _lock(session, [survivor_id, *id_map])
    statement = select(merged_accounts).where(merged_accounts.c.merge_id == event.data["id"])
    moved: Changed = []
    # Those that leave the survivor first: its own login can only come back when there is no other.
    leaving_first = sorted(session.execute(statement).mappings(), key=lambda row: row["customer_id"] == survivor_id)
    for row in leaving_first:
        before = account_changes.lock(session, row["account_id"])
        if before.ended or before.customer_id != survivor_id:
            continue
        is_login = row["was_login"] and not _has_login(session, row["customer_id"], before.id)
        after = replace(before, customer_id=row["customer_id"], is_login=is_login)
        if row["was_enabled"] and before.version == row["version"] and not before.standing.is_enabled:
            status: Status = "active" if before.has_password else "invited"
            after = replace(after, status=status, disabled_reason=None)
        saved, changes = account_changes.save(session, before, after, reason="unmerged", also=_moves(before, after))
        moved.append((saved, changes))
    copied = delete(grants).where(grants.c.merge_id == event.data["id"], grants.c.version == 1)
    guests = list(session.scalars(copied.returning(grants.c.account_id)))
    account_changes.renew_access(session, "portal", guests)
    _publish(session, [survivor_id, *id_map], moved, guests)


def _lock(session: Session, customer_ids: Sequence[str]) -> None:
    for customer_id in sorted(customer_ids):
        account_changes.lock_access(session, customer_id)


def _of(session: Session, customer_id: str) -> list[Account]:
    theirs = select(accounts.c.id).where(accounts.c.customer_id == customer_id, ~accounts.c.ended)
    return [account_changes.lock(session, account_id) for account_id in session.scalars(theirs.order_by(accounts.c.id))]


def _has_login(session: Session, customer_id: str, besides: str) -> bool:
    other = select(accounts.c.id).where(
        accounts.c.customer_id == customer_id, accounts.c.is_login, ~accounts.c.ended, accounts.c.id != besides
    )
    return session.execute(other).first() is not None


def _keeper(held: Mapping[str, Sequence[Account]], login_of: str | None) -> str | None:
    """The login that is the customer's own from now on: the one chosen, else the survivor's, else the first."""
    logins = {customer_id: account.id for customer_id, some in held.items() for account in some if account.is_login}
    return logins.get(login_of or "") or next(iter(logins.values()), None)


def _standing(standing: Standing, archive_id: str | None) -> Standing:
    """What the merge's own archive switched off is on again; what an earlier archive switched off stays off by hand,
    since that archive never ends now."""
    if standing.reason != "archived":
        return standing
    if archive_id is not None and standing.archive_id == archive_id:
        return restore(standing, archive_id)
    return disable(standing, "manual")


def _move(session: Session, merge_id: str, before: Account, after: Account) -> Changed:
    saved, changes = account_changes.save(session, before, after, reason="merged", also=_moves(before, after))
    account_changes.renew_access(session, "portal", [saved.id])
    row = {
        "merge_id": merge_id,
        "account_id": saved.id,
        "customer_id": before.customer_id,
        "was_login": before.is_login,
        "was_enabled": before.standing.is_enabled or before.standing.reason == "archived",
        "version": saved.version,
    }
    session.execute(insert(merged_accounts).values(row))
    return [(saved, changes)]


def _moves(before: Account, after: Account) -> list[Change]:
    moved = [change("customer", "Customer", before.customer_id, after.customer_id)]
    login = [change("is_login", "The customer's own login", before.is_login, after.is_login)]
    return (moved if before.customer_id != after.customer_id else []) + (
        login if before.is_login != after.is_login else []
    )


def _copy_grants(session: Session, merge_id: str, survivor_id: str, loser_ids: Sequence[str]) -> list[str]:
    """Gives the people of other customers at the survivor what they had at the losers; returns their ids. Where they
    had roles already, they keep those."""
    names = {"merge": merge_id, "survivor": survivor_id, "losers": list(loser_ids)}
    copied = list(session.scalars(_COPY_GRANTS, names))
    account_changes.renew_access(session, "portal", copied)
    return copied


_COPY_GRANTS = text(
    """
    INSERT INTO grants (customer_id, account_id, roles, subtree, visibility, merge_id, version, created_at, updated_at)
    SELECT DISTINCT ON (g.account_id) CAST(:survivor AS uuid), g.account_id, g.roles, g.subtree, g.visibility,
           CAST(:merge AS uuid), 1, now(), now()
    FROM grants g JOIN accounts a ON a.id = g.account_id
    WHERE g.customer_id = ANY (CAST(:losers AS uuid[])) AND a.customer_id <> CAST(:survivor AS uuid) AND NOT a.ended
    ORDER BY g.account_id, g.created_at
    ON CONFLICT DO NOTHING
    RETURNING account_id::text
    """
)


def _publish(session: Session, customer_ids: Sequence[str], moved: Changed, guests: Sequence[str]) -> None:
    if not moved and not guests:
        return
    for customer_id in sorted(customer_ids):
        of_it = [(account, changes) for account, changes in moved if account.customer_id == customer_id]
        account_changes.publish_access(session, customer_id, of_it)
