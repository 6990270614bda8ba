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
    _become(session, ALL_ROWS)
    try:
        yield
    except DBAPIError:
        # The transaction is over, and its role with it.
        session.info["scope"] = scope
        raise
    except BaseException:
        _become(session, scope)
        raise
    _become(session, scope)


def _become(session: Session, scope: Scope) -> None:
    session.info["scope"] = scope
    # Both, because a savepoint within the block has entered by the scope that counted then.
    ids = "" if scope.customer_ids is None else "{" + ",".join(scope.customer_ids) + "}"
    role = f"ordering_{'portal' if scope.is_portal else 'staff'}"
    session.execute(_ENTER, {"role": role, "ids": ids})


_ENTER = text("SELECT set_config('role', :role, true), set_config('app.customer_ids', :ids, true)")
