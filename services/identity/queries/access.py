"""The access section of a customer as its page shows it."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.errors import AccountNotFound
from identity.queries import accounts as account_queries
from identity.queries import customers
from identity.tables import customer_access, links, replica_customers


def access(session: Session, customer_id: str) -> dict[str, Any]:
    """The customer's login; `status` is `none` where it never had one, `version` counts the changes of the section."""
    login = account_queries.login_of(session, customer_id)
    version = session.scalar(select(customer_access.c.version).where(customer_access.c.customer_id == customer_id))
    return {
        "customer_id": customer_id,
        "account_id": login.id if login else None,
        "username": login.username if login else None,
        "status": login.status if login else "none",
        "disabled_reason": login.disabled_reason if login else None,
        "roles": list(login.roles) if login else [],
        "subtree": login.subtree if login else False,
        "visibility": login.visibility if login else "node",
        "invited_until": _invited_until(session, login.id) if login else None,
        "version": version or 0,
    }


def user(session: Session, customer_id: str, account_id: str) -> dict[str, Any]:
    """One person of a customer. Raises AccountNotFound."""
    account = account_queries.find(session, account_id)
    shown = account_queries.shown(session, account_id)
    if account is None or shown is None or account.customer_id != customer_id or account.is_login or account.ended:
        raise AccountNotFound
    return dict(shown) | {
        "subtree": account.subtree,
        "visibility": account.visibility,
        "contact_id": account.contact_id,
    }


def inheritance(session: Session, customer_id: str) -> dict[str, Any]:
    """Whether roles flow down to a customer from its parent; `version` is the one of its access section."""
    version = session.scalar(select(customer_access.c.version).where(customer_access.c.customer_id == customer_id))
    parent = select(replica_customers.c.parent_id).where(replica_customers.c.id == customer_id)
    return {
        "customer_id": customer_id,
        "parent_id": session.scalar(parent),
        "accept_from_parent": customers.accepts(session, customer_id),
        "version": version or 0,
    }


def _invited_until(session: Session, account_id: str) -> Any:
    return session.scalar(
        select(links.c.expires_at).where(links.c.account_id == account_id, links.c.purpose == "invitation")
    )
