"""Erasing a person who asked for it: the accounts of a contact, or of a customer that is a person, and their traces."""

from collections.abc import Sequence

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from common import erasure, outbox
from common.envelope import Event
from common.erasure import Erasure
from identity import events
from identity.domain.accounts import Account
from identity.queries import accounts as account_queries
from identity.queries import grants as grant_queries
from identity.tables import accounts
from identity.use_cases import account_changes

_NOTHING = {"accounts": 0, "events": 0, "held": 0, "answers": 0}


def contact_erased(session: Session, event: Event) -> None:
    """Ends the accounts of an erased contact, erases them from the log, and answers how much that was. Without a
    request it is only the partition of a customer that was merged."""
    if event.data["request_id"] is None:
        erasure.erase(session, Erasure(event.partition_key, frozenset(event.data["erased_ids"])))
        return
    found = account_queries.linked_to_contacts(session, event.data["erased_ids"])
    _erase(session, event, found)


def customer_erased(session: Session, event: Event) -> None:
    """The same with every account of a customer that was a person."""
    _erase(session, event, account_queries.ever_of_customer(session, event.data["id"]))


def known_of(session: Session, customer_id: str, contact_id: str | None) -> dict[str, object]:
    """What this service knows of a contact, or of a customer that is a person: `{accounts, events}`."""
    if contact_id is not None:
        found = account_queries.linked_to_contacts(session, [contact_id])
    else:
        found = account_queries.ever_of_customer(session, customer_id)
    shown = [dict(row) for account in found if (row := account_queries.shown(session, account.id))]
    return {"accounts": shown, "events": account_queries.log_of(session, [account.id for account in found])}


def _erase(session: Session, event: Event, found: Sequence[Account]) -> None:
    counts = _NOTHING | {"accounts": len(found)}
    keys = {event.partition_key: event.data["everything"]}
    for account in found:
        where = [account.customer_id or "", *grant_queries.given_to(session, account.id)]
        for customer_id in where:
            keys.setdefault(customer_id, False)
        _end(session, account, where, event.data["request_id"])
    ids = frozenset([*event.data["erased_ids"], *(account.id for account in found)])
    request_id = event.data["request_id"]
    for account in found:
        # Its own events keep an order of their own, besides that of its customer.
        _add(counts, erasure.erase(session, Erasure(account.id, frozenset([account.id]), everything=True)))
        counts["events"] += erasure.erase_actor(session, account.id)
    for key, everything in keys.items():
        _add(counts, erasure.erase(session, Erasure(key, ids, everything=everything)))
    if request_id is not None:
        outbox.add(session, events.erasure_completed(request_id, event.customer_id, counts))


def _end(session: Session, account: Account, customer_ids: Sequence[str], request_id: str | None) -> None:
    before = account_changes.lock(session, account.id)
    after = account_changes.save_and_publish(session, before, before.end(), reason="erased")
    # One in each partition that may name the account, so that in each it comes behind whatever did.
    places = ["", *customer_ids]
    for version, customer_id in enumerate(places, after.version + 1):
        outbox.add(session, events.account_erased(account.id, version, request_id, customer_id))
    statement = update(accounts).where(accounts.c.id == account.id)
    session.execute(statement.values(version=after.version + len(places), updated_at=func.now()))


def _add(counts: dict[str, int], more: dict[str, int]) -> None:
    for name, count in more.items():
        counts[name] += count
