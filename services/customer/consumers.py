"""Events in: what this service replicates of identity's accounts, and what others have erased of a person."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from common.envelope import Event
from common.service import Handler
from customer.use_cases import accounts, privacy


def on_account(session: Session, event: Event) -> None:
    accounts.account_changed(session, event)


def on_access(session: Session, event: Event) -> None:
    accounts.access_changed(session, event)


def on_account_erased(session: Session, event: Event) -> None:
    privacy.forget_account(session, event.subject)


def on_erasure_completed(session: Session, event: Event) -> None:
    service = event.type.partition(".")[0]
    privacy.note_receipt(session, event.data["request_id"], service, event.data["counts"])


HANDLERS: Mapping[str, Handler] = {
    "identity.account.created.v1": on_account,
    "identity.account.updated.v1": on_account,
    "identity.account.erased.v1": on_account_erased,
    "identity.access.changed.v1": on_access,
    "identity.erasure.completed.v1": on_erasure_completed,
    "overview.erasure.completed.v1": on_erasure_completed,
    "ordering.erasure.completed.v1": on_erasure_completed,
    "warehouse.erasure.completed.v1": on_erasure_completed,
    "automation.erasure.completed.v1": on_erasure_completed,
    "billing.erasure.completed.v1": on_erasure_completed,
    "portal-settings.erasure.completed.v1": on_erasure_completed,
}
