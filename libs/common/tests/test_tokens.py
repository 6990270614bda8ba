"""Nothing but a token signed by our key, with our algorithm, for us and for now, is believed."""

import base64
import json

import jwt
import pytest

from common.ids import new_id
from common.testing import TestTokens
from common.tokens import TokenRefused, Verifier, bearer


def test_a_staff_token_gives_its_permissions(tokens: TestTokens) -> None:
    principal = tokens.verifier.principal(tokens.staff(["customers.view"]))
    assert principal.can("customers.view")
    assert not principal.can("customers.edit")
    assert principal.customer_ids is None


def test_a_portal_token_gives_codes_per_customer(tokens: TestTokens) -> None:
    mine, other = new_id(), new_id()
    principal = tokens.verifier.principal(tokens.portal({mine: ["customers.view"], other: []}))
    assert principal.can("customers.view", mine)
    assert not principal.can("customers.view", other)
    assert principal.sees(other)
    assert not principal.sees(new_id())


def test_a_token_tells_when_its_person_signed_in(tokens: TestTokens) -> None:
    assert tokens.verifier.principal(tokens.staff(auth_time=1_780_000_000)).authenticated_at == 1_780_000_000
    assert tokens.verifier.principal(tokens.staff(auth_time=None)).authenticated_at is None


def forged(tokens: TestTokens) -> dict[str, str]:
    good = tokens.staff(["customers.view"])
    header, body, _ = good.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))

    def none(name: str) -> str:
        fake = base64.urlsafe_b64encode(json.dumps({"alg": name, "typ": "at+jwt"}).encode()).decode().rstrip("=")
        return f"{fake}.{body}."

    kid = jwt.get_unverified_header(good)["kid"]
    by_secret = jwt.api_jws.PyJWS(options={}).encode  # PyJWT itself refuses a PEM as an HMAC secret
    hmac = by_secret(json.dumps(claims).encode(), b"x" * 64, algorithm="HS256", headers={"typ": "at+jwt", "kid": kid})
    return {
        "no algorithm": none("none"),
        "no algorithm, capitals": none("None"),
        "signed with a secret": hmac,
        "no signature": f"{header}.{body}.",
        "changed claims": f"{header}.{body[:-4]}AAAA.{good.split('.')[2]}",
        "another key": TestTokens().staff(["customers.view"]),
        "our kid, another key": TestTokens().sign({"kind": "staff", "perms": []}, headers={"kid": kid}),
        "a path as kid": tokens.sign({"kind": "staff", "perms": []}, headers={"kid": "../../../etc/passwd"}),
        "SQL as kid": tokens.sign({"kind": "staff", "perms": []}, headers={"kid": "' OR 1=1 --"}),
        "another type": tokens.sign({"kind": "staff", "perms": []}, headers={"typ": "JWT"}),
        "expired": tokens.sign({"kind": "staff", "perms": [], "exp": 1}),
        "not yet valid": tokens.sign({"kind": "staff", "perms": [], "nbf": 32_000_000_000, "exp": 33_000_000_000}),
        "for somebody else": tokens.sign({"kind": "staff", "perms": [], "aud": "other"}),
        "by somebody else": tokens.sign({"kind": "staff", "perms": [], "iss": "other"}),
        "without end": tokens.sign({"kind": "staff", "perms": [], "exp": None}),
        "without permissions": tokens.sign({"kind": "staff"}),
        "of another kind": tokens.sign({"kind": "root", "perms": []}),
        "empty": "",
        "one word": "token",
        "long": "a." * 5000,
    }


@pytest.mark.parametrize("attack", sorted(forged(TestTokens())))
def test_a_forged_token_is_refused(tokens: TestTokens, attack: str) -> None:
    with pytest.raises(TokenRefused):
        tokens.verifier.principal(forged(tokens)[attack])


def test_two_keys_are_accepted_while_one_replaces_the_other() -> None:
    old, new = TestTokens(), TestTokens()
    verifier = Verifier.from_pem(old.public_key + new.public_key)
    assert verifier.principal(old.staff(["a"])).can("a")
    assert verifier.principal(new.staff(["b"])).can("b")


@pytest.mark.parametrize("pem", ["", "nonsense", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"])
def test_a_wrong_key_is_told_at_start(pem: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Verifier.from_pem(pem)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer  ", "Basic dXNlcjpwYXNz", "token"])
def test_a_header_without_a_bearer_token_is_refused(header: str | None) -> None:
    with pytest.raises(TokenRefused):
        bearer(header)
