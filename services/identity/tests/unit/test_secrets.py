"""Hashes and signatures, and tokens that somebody tampered with."""

import base64
import json

import jwt
import pytest

from common.clock import SystemClock
from common.ids import new_id
from common.testing import FixedClock
from common.tokens import TokenRefused, Verifier
from identity.domain.permissions import PORTAL_ROLES
from identity.use_cases.hashing import Hasher, digest, new_secret
from identity.use_cases.signing import API_LIFE_SECONDS, LIFE_SECONDS, Signer, new_key_pair

PRIVATE, PUBLIC = new_key_pair()
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def hasher() -> Hasher:
    return Hasher()


def test_a_password_fits_its_own_hash_only(hasher: Hasher) -> None:
    stored = hasher.hash(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert hasher.verify(stored, PASSWORD)
    assert not hasher.verify(stored, PASSWORD + "!")
    assert not hasher.is_outdated(stored)


def test_nobody_has_a_password(hasher: Hasher) -> None:
    assert not hasher.verify(None, PASSWORD)
    assert not hasher.verify("no hash at all", PASSWORD)


def test_a_hash_of_other_parameters_is_outdated(hasher: Hasher) -> None:
    assert hasher.is_outdated("$argon2id$v=19$m=4096,t=1,p=1$c29tZXNhbHQ$" + "A" * 43)


def test_secrets_are_long_and_never_the_same() -> None:
    assert len({new_secret("atr_") for _ in range(100)}) == 100
    assert len(new_secret()) >= 43
    assert len(digest("\ud800")) == 32


def token(**more: object) -> str:
    signer = Signer(PRIVATE, SystemClock())
    return signer.token("staff", account_id=new_id(), sid=new_id(), label="Ada", permissions=["customers.view"], **more)


def test_our_tokens_are_believed_and_short_lived() -> None:
    principal = Verifier.from_pem(PUBLIC).principal(token())
    assert principal.permissions == {"customers.view"}
    claims = jwt.decode(token(), options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == LIFE_SECONDS <= 300
    api = jwt.decode(token(life=API_LIFE_SECONDS), options={"verify_signature": False})
    assert api["exp"] - api["iat"] <= 60


def test_a_portal_token_names_its_customers() -> None:
    customer, other = new_id(), new_id()
    signer = Signer(PRIVATE, SystemClock())
    who = {"account_id": new_id(), "sid": new_id(), "label": "Bob", "permissions": ["customers.view"]}
    reach = [(["customers.view"], [customer]), (["documents.view"], [other])]
    principal = Verifier.from_pem(PUBLIC).principal(signer.token("portal", **who, reach=reach))
    assert principal.customer_ids == (customer, other)
    assert principal.can("customers.view", customer)
    assert not principal.can("customers.view", other)
    assert principal.is_portal
    nowhere = Verifier.from_pem(PUBLIC).principal(signer.token("portal", **who, reach=[]))
    assert nowhere.customer_ids == ()
    assert not nowhere.can("customers.view")


def test_a_token_for_two_hundred_branches_fits_into_a_header() -> None:
    codes = sorted(PORTAL_ROLES["admin"])
    branches = [new_id() for _ in range(200)]
    text = Signer(PRIVATE, SystemClock()).token(
        "portal", account_id=new_id(), sid=new_id(), label="A" * 200, permissions=codes, reach=[(codes, branches)]
    )
    assert len(f"Authorization: Bearer {text}") < 8190
    assert Verifier.from_pem(PUBLIC).principal(text).customer_ids == tuple(branches)


def attacks() -> dict[str, str]:
    good = token()
    header, body, signature = good.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    names = jwt.get_unverified_header(good)
    other, _ = new_key_pair()

    def encoded(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    by_secret = jwt.api_jws.PyJWS(options={}).encode
    by_public_key = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signing_input = f"{encoded(names | {'alg': 'HS256'})}.{body}"
    confused = (
        base64.urlsafe_b64encode(by_public_key.sign(signing_input.encode(), PUBLIC.encode())).decode().rstrip("=")
    )
    own = {"typ": names["typ"], "kid": names["kid"]}
    long_ago = Signer(PRIVATE, FixedClock())

    def signed(changed: dict[str, object], headers: dict[str, str] = own, by: str = PRIVATE) -> str:
        return jwt.encode(claims | changed, by, algorithm="EdDSA", headers=headers)

    return {
        "alg none": f"{encoded(names | {'alg': 'none'})}.{body}.",
        "alg None": f"{encoded(names | {'alg': 'None'})}.{body}.",
        "no signature": f"{header}.{body}.",
        "HS256 with the public key": f"{signing_input}.{confused.rstrip('=')}",
        "HS256 with a secret": by_secret(b"{}", b"x" * 64, algorithm="HS256", headers=own),
        "expired": long_ago.token("staff", account_id=new_id(), sid=new_id(), label="Ada", permissions=[]),
        "not yet valid": signed({"nbf": 4_000_000_000}),
        "another audience": signed({"aud": "somewhere"}),
        "another issuer": signed({"iss": "somebody"}),
        "a key of their own under our kid": signed({}, by=other),
        "kid as a path": signed({}, headers=own | {"kid": "../../../../dev/null"}),
        "kid as SQL": signed({}, headers=own | {"kid": "' UNION SELECT 'x"}),
        "their key by jku": signed(
            {}, headers={"typ": names["typ"], "kid": "x", "jku": "https://evil.test/"}, by=other
        ),
        "a reach that holds half an id": signed({"kind": "portal", "reach": [["customers.view"], "AAAA"]}),
        "a reach of another shape": signed({"kind": "portal", "reach": {"customers.view": "all"}}),
        "another type": signed({}, headers=own | {"typ": "JWT"}),
        "another body": f"{header}.{encoded(claims | {'perms': ['accounts.manage']})}.{signature}",
    }


@pytest.mark.parametrize("name", sorted(attacks()))
def test_tampered_tokens_are_refused(name: str) -> None:
    with pytest.raises(TokenRefused):
        Verifier.from_pem(PUBLIC).principal(attacks()[name])


def test_only_an_ed25519_key_signs() -> None:
    with pytest.raises(ValueError, match=r"."):
        Signer("no key", SystemClock())
