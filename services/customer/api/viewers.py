"""The caller as notes and files see it."""

from common.web import Call
from customer.domain.viewers import Viewer


def viewer_of(call: Call) -> Viewer:
    """What exists for whoever calls."""
    caller = call.principal
    return Viewer(
        account_id=caller.account_id,
        actor=caller.actor,
        label=caller.label,
        portal=caller.is_portal,
        restricted=not caller.is_portal and caller.can("documents.restricted"),
        documents=caller.can("documents.view") or caller.can("documents.manage"),
        systems=caller.can("systems.view"),
    )
