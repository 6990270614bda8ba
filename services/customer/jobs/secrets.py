"""`python -m customer rotate-secrets`: after a new master key, the keys of all customers are wrapped by it."""

import sys
from collections.abc import Sequence

from common.errors import Refusal
from common.service import Service
from customer.settings import Settings
from customer.use_cases.vault import SETTING, Vault

_PORTION = 500


def rotate_secrets(service: Service, _arguments: Sequence[str]) -> int:
    """Wraps every customer's data key by the first key of CUSTOMER_SECRETS_KEY; no secret is opened. It may be stopped
    and run again. Returns 1 where a key that is still needed is not in the setting."""
    assert isinstance(service.settings, Settings)
    vault = Vault.from_text(service.settings.customer_secrets_key)
    done = 0
    try:
        while portion := service.db.run(lambda session: vault.rewrap(session, _PORTION)):
            done += portion
        unknown = service.db.run(vault.unknown)
    except Refusal as refusal:
        sys.stderr.write(f"{refusal.detail}\n")
        return 1
    sys.stdout.write(f"{done} keys wrapped again\n")
    if unknown:
        sys.stdout.write(f"{unknown} keys need a master key that is not in {SETTING}; add it behind the present one\n")
    return 1 if unknown else 0
