"""What the service does itself in the middle of a customer's transaction.

Rules and limits of a head office bind its branches, whose people do not see them; and what an order takes of a limit is
written by nobody's hand.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from common.db import ALL_ROWS, Scope


@contextmanager
def as_service(session: Session) -> Iterator[None]:
    """Within the block, a portal user's transaction reaches every row; afterwards what it did before. Only for what the
    service decides itself: whatever the caller names must have been found in its own scope before."""
    scope: Scope = session.info["scope"]
    if not scope.is_portal:
        yield
        return
    session.execute(_BECOME, {"role": "ordering_staff"})
    session.info["scope"] = ALL_ROWS
    try:
        yield
    except DBAPIError:
        # The transaction is over, and its role with it.
        session.info["scope"] = scope
        raise
    except BaseException:
        _back(session, scope)
        raise
    _back(session, scope)


def _back(session: Session, scope: Scope) -> None:
    session.info["scope"] = scope
    # A savepoint within the block has also widened the rows.
    ids = "{" + ",".join(scope.customer_ids or ()) + "}"
    session.execute(_RETURN, {"role": "ordering_portal", "ids": ids})


_BECOME = text("SELECT set_config('role', :role, true)")
_RETURN = text("SELECT set_config('role', :role, true), set_config('app.customer_ids', :ids, true)")
