"""Events in: every event of the owners becomes rows of the read models.

All their types are consumed, also those of which nothing is shown: a reader may wait for any event by its id.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from sqlalchemy.orm import Session

from common.envelope import Event
from common.erasure import erasure_of
from common.service import Handler
from overview.domain import nouns
from overview.use_cases import rows
from overview.use_cases.batch import collect
from overview.use_cases.erasing import erase
from overview.use_cases.rows import Projected

Projection = Callable[[Event], Iterable[Projected]]


def _nothing(_event: Event) -> tuple[()]:
    """Of this event only its timeline entry and its arrival are kept."""
    return ()


PROJECTIONS: Mapping[str, Projection] = {
    **{
        f"customer.customer.{verb}.v1": rows.customer
        for verb in ("created", "updated", "archived", "restored", "deleted")
    },
    **{f"customer.contact.{verb}.v1": rows.contact for verb in ("added", "updated", "removed")},
    **{f"customer.address.{verb}.v1": rows.address for verb in ("added", "updated", "removed")},
    **{f"customer.group.{verb}.v1": rows.group for verb in ("created", "updated", "deleted")},
    **{f"customer.import.{verb}.v1": _nothing for verb in ("finished", "reverted")},
    **{f"{owner}.import.finished.v1": _nothing for owner in ("ordering", "warehouse")},
    **{f"customer.document_requirement.{verb}.v1": _nothing for verb in ("added", "updated", "removed")},
    **{event_type: partial(rows.records, noun=noun) for event_type, noun in nouns.BY_TYPE.items()},
    **{f"customer.legal_hold.{verb}.v1": _nothing for verb in ("added", "updated", "removed")},
    **{f"customer.privacy_request.{verb}.v1": _nothing for verb in ("created", "completed")},
    "customer.contact.erased.v1": rows.contact_erased,
    "customer.customer.erased.v1": rows.customer,
    "customer.link.erased.v1": _nothing,
    **{
        f"{owner}.erasure.completed.v1": _nothing
        for owner in ("portal-settings", "ordering", "warehouse", "billing", "automation")
    },
    "portal-settings.scope.changed.v1": rows.scope,
    "identity.access.changed.v1": rows.access,
    **{f"identity.account.{verb}.v1": _nothing for verb in ("created", "updated", "erased")},
    "identity.erasure.completed.v1": _nothing,
    **{f"identity.role.{verb}.v1": _nothing for verb in ("created", "updated", "deleted")},
    **{f"identity.session.{verb}.v1": _nothing for verb in ("started", "ended")},
    **{f"identity.api_token.{verb}.v1": _nothing for verb in ("created", "updated", "revoked")},
}


def handlers(committed: Callable[[], None], building: int | None = None) -> dict[str, Handler]:
    """The handlers that fill the generation which serves, or the one of a number that is being built. `committed` is
    called after each commit of theirs."""
    return {event_type: _handler(building, project, committed) for event_type, project in PROJECTIONS.items()}


def _handler(building: int | None, project: Projection, committed: Callable[[], None]) -> Handler:
    def handle(session: Session, event: Event) -> None:
        take = collect if erasure_of(event) is None else erase
        take(session, building, event, project(event), committed)

    return handle
