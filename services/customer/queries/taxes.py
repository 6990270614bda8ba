"""Tax ids and certificates of a customer, and whether one frees it from tax."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.paging import Key, keyset
from common.web import Page
from customer.domain.limits import MAX_EXEMPTIONS
from customer.domain.taxes import decide, explain, state_on
from customer.errors.taxes import ExemptionNotFound, TaxIdNotFound
from customer.queries.clock import today
from customer.queries.customers import customer_exists
from customer.queries.tax_schemes import written
from customer.tables.taxes import exemptions, tax_ids


def tax_id_page(session: Session, customer_id: str, limit: int, cursor: str | None, scope: str) -> Page:
    """The tax ids of a customer, oldest first."""
    customer_exists(session, customer_id)
    statement = select(tax_ids).where(tax_ids.c.customer_id == customer_id)
    rows = keyset(session, statement, [Key(tax_ids.c.id)], cursor=cursor, limit=limit, scope=scope)
    return Page([tax_id_shown(session, row) for row in rows.rows], rows.next_cursor)


def tax_id(session: Session, customer_id: str, tax_id: str) -> Mapping[str, Any]:
    """One tax id; raises TaxIdNotFound."""
    statement = select(tax_ids).where(tax_ids.c.customer_id == customer_id, tax_ids.c.id == tax_id)
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        raise TaxIdNotFound("This customer has no such tax id.")
    return tax_id_shown(session, row)


def tax_id_shown(session: Session, row: Mapping[Any, Any]) -> Mapping[str, Any]:
    """A tax id as it is shown; what the register answered word by word is for staff."""
    check = {
        "state": row["check_state"],
        "checked_at": row["checked_at"],
        "last_valid_at": row["last_valid_at"],
        "evidence": row["check_evidence"],
    }
    if session.info["scope"].is_portal:
        del check["evidence"]
    return dict(row) | {"written": written(row["country"], row["scheme"], row["value"]), "check": check}


def exemption_page(session: Session, customer_id: str, limit: int, cursor: str | None, scope: str) -> Page:
    """The certificates of a customer, oldest first."""
    customer_exists(session, customer_id)
    statement = select(exemptions).where(exemptions.c.customer_id == customer_id)
    rows = keyset(session, statement, [Key(exemptions.c.id)], cursor=cursor, limit=limit, scope=scope)
    day = today(session)
    return Page([_exemption(session, row, day) for row in rows.rows], rows.next_cursor)


def exemption(session: Session, customer_id: str, exemption_id: str) -> Mapping[str, Any]:
    """One certificate; raises ExemptionNotFound."""
    statement = select(exemptions).where(exemptions.c.customer_id == customer_id, exemptions.c.id == exemption_id)
    row = session.execute(statement).mappings().one_or_none()
    if row is None:
        raise ExemptionNotFound("This customer has no such certificate.")
    return _exemption(session, row, today(session))


def decision(session: Session, customer_id: str, jurisdiction: str, on: date | None) -> Mapping[str, Any]:
    """Whether a certificate frees the customer from tax in a jurisdiction on a day, today where none is named."""
    customer_exists(session, customer_id)
    day = on or today(session)
    statement = (
        select(exemptions)
        .where(exemptions.c.customer_id == customer_id)
        .order_by(exemptions.c.id)
        .limit(MAX_EXEMPTIONS)
    )
    decided = decide([dict(row) for row in session.execute(statement).mappings()], jurisdiction, day)
    certificate = decided.certificate
    return {
        "exempt": certificate is not None,
        "jurisdiction": jurisdiction,
        "on": day,
        "reason": decided.reason,
        "explanation": explain(decided, jurisdiction, day),
        "certificate": None if certificate is None else _exemption(session, certificate, day),
    }


def _exemption(session: Session, row: Mapping[Any, Any], day: date) -> Mapping[str, Any]:
    verified = None
    if row["verified_at"]:
        verified = {"id": row["verified_by"], "label": row["verified_label"], "at": row["verified_at"]}
    shown = dict(row) | {"state": state_on(row, day), "verified": verified is not None, "verified_by": verified}
    if session.info["scope"].is_portal:
        # Who of the provider looked at it is the provider's.
        del shown["verified_by"]
    return shown
