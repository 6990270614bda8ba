"""Who sees a file. It is never wider because something else is shared: only the step here opens it to the portal."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from customer.domain.viewers import Viewer
from customer.use_cases.files.records import locked, save
from customer.use_cases.store import Record


def set_audience(
    session: Session, customer_id: str, file_id: str, version: int, body: Mapping[str, Any], by: Viewer
) -> Record:
    """Opens a file to an audience, or closes it. Roles are stated whole."""
    before = locked(session, customer_id, file_id, by, version=version)
    roles = sorted(set(body.get("portal_roles", ()))) if body["audience"] == "portal_roles" else []
    return save(session, before, before | {"audience": body["audience"], "portal_roles": roles})
