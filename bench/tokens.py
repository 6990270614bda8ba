"""An issuer of access tokens for the services under load: its public key is theirs."""

import time
from functools import cache

from common.testing import TestTokens

DAY = 86_400
PERMISSIONS = (
    "customers.view",
    "customers.edit",
    "customers.archive",
    "documents.view",
    "portal_settings.view",
    "accounts.view",
)


@cache
def issuer() -> TestTokens:
    """The run's key pair."""
    return TestTokens()


def buyer(customer_id: str) -> str:
    """A portal token of somebody who orders for a customer; it outlives the run."""
    granted = ("listings.view", "prices.view", "orders.view", "orders.place")
    return issuer().portal({customer_id: granted}, exp=int(time.time()) + DAY)


def staff() -> str:
    """A staff token that outlives the run."""
    return issuer().staff(PERMISSIONS, exp=int(time.time()) + DAY)
