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


def staff() -> str:
    """A staff token that outlives the run."""
    return issuer().staff(PERMISSIONS, exp=int(time.time()) + DAY)
