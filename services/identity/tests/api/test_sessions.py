"""Signing in, refreshing, signing out."""

from collections.abc import Callable

from common.service import Service
from common.tokens import Verifier
from identity.tests.rig import People, Signed


def test_signing_in_gives_tokens_that_every_service_believes(
    service: Service, people: People, sign_in: Callable[..., Signed]
) -> None:
    account = people.staff("viewer")
    signed = sign_in(account)
    principal = Verifier.from_pem(service.settings.identity_public_key).principal(signed.tokens["access_token"])
    assert principal.account_id == account.id
    assert principal.kind == "staff"
    assert principal.permissions == {"customers.view", "portal_settings.view"}
    assert 0 < signed.tokens["expires_in"] <= 300
