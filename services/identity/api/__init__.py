"""HTTP in: the operations of this service by subject."""

from collections.abc import Sequence

from common.web import Routes
from identity.api import accounts, api_tokens, customers, grants, internal, me, roles, sessions

ROUTES: Sequence[Routes] = (
    sessions.routes,
    me.routes,
    accounts.routes,
    roles.routes,
    api_tokens.routes,
    customers.routes,
    grants.routes,
    internal.routes,
)
