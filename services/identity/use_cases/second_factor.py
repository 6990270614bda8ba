"""The second factor: codes by time (TOTP, RFC 6238) and recovery codes, each good for one use."""

import hmac
import secrets
from typing import Any

import pyotp
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from common.sealing import Sealed
from identity.domain.accounts import Account, change
from identity.errors import SecondFactorRefused, SecondFactorRequired, SecondFactorState
from identity.tables import second_factors
from identity.use_cases import account_changes
from identity.use_cases.dependencies import Dependencies
from identity.use_cases.hashing import digest

_STEP_SECONDS = 30
_TOLERANCE_STEPS = 1  # of a phone's clock
_RECOVERY_CODES = 10
_LABEL = "Second factor"


def is_on(session: Session, account_id: str) -> bool:
    """Whether signing in needs a code."""
    statement = select(second_factors.c.confirmed_at).where(second_factors.c.account_id == account_id)
    return session.execute(statement).scalar_one_or_none() is not None


def begin(session: Session, deps: Dependencies, account: Account) -> dict[str, Any]:
    """A new secret, shown this once; it counts only when confirmed. Raises SecondFactorState where one is on."""
    if is_on(session, account.id):
        raise SecondFactorState("The second factor is on already; remove it before you set up another one.")
    secret = pyotp.random_base32()
    sealed = deps.seal.close(secret.encode(), belongs_to=account.id)
    session.execute(delete(second_factors).where(second_factors.c.account_id == account.id))
    session.execute(
        insert(second_factors).values(
            account_id=account.id, key_id=sealed.key_id, sealed_secret=sealed.body, last_step=0, recovery_hashes=[]
        )
    )
    uri = pyotp.TOTP(secret).provisioning_uri(name=account.username or account.display_name, issuer_name="Atrium")
    return {"secret": secret, "uri": uri}


def confirm(session: Session, deps: Dependencies, account: Account, code: str) -> list[str]:
    """Switches the second factor on when the code fits; returns the recovery codes, shown this once. Raises
    SecondFactorState, SecondFactorRefused."""
    if is_on(session, account.id) or not _exists(session, account.id):
        raise SecondFactorState("There is nothing to confirm; set up the second factor first.")
    _use_time_code(session, deps, account.id, code)
    codes = [f"{secrets.token_hex(5)}-{secrets.token_hex(5)}" for _ in range(_RECOVERY_CODES)]
    session.execute(
        update(second_factors)
        .where(second_factors.c.account_id == account.id)
        .values(confirmed_at=deps.clock.now(), recovery_hashes=[digest(one) for one in codes])
    )
    account_changes.save_and_publish(
        session, account, account, reason="second_factor", also=[change("second_factor", _LABEL, "off", "on")]
    )
    return codes


def remove(session: Session, account: Account) -> None:
    """Switches the second factor off, or drops one that was never confirmed. Raises SecondFactorState."""
    was_on = is_on(session, account.id)
    if not _exists(session, account.id):
        raise SecondFactorState("There is no second factor to remove.")
    session.execute(delete(second_factors).where(second_factors.c.account_id == account.id))
    if was_on:
        account_changes.save_and_publish(
            session, account, account, reason="second_factor", also=[change("second_factor", _LABEL, "on", "off")]
        )


def require(session: Session, deps: Dependencies, account_id: str, code: str | None) -> None:
    """Uses a code of an account whose second factor is on. Raises SecondFactorRequired, SecondFactorRefused."""
    if not code:
        raise SecondFactorRequired
    plain = code.replace(" ", "").lower()
    if plain.isascii() and plain.isdigit():
        _use_time_code(session, deps, account_id, plain)
    else:
        _use_recovery_code(session, account_id, plain)


def _use_time_code(session: Session, deps: Dependencies, account_id: str, code: str) -> None:
    row = session.execute(
        select(second_factors).where(second_factors.c.account_id == account_id).with_for_update()
    ).one()
    secret = deps.seal.open(Sealed(row.key_id, bytes(row.sealed_secret)), belongs_to=account_id).decode()
    totp = pyotp.TOTP(secret)
    now = int(deps.clock.now().timestamp()) // _STEP_SECONDS
    for step in range(now - _TOLERANCE_STEPS, now + _TOLERANCE_STEPS + 1):
        if step > row.last_step and hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            session.execute(
                update(second_factors).where(second_factors.c.account_id == account_id).values(last_step=step)
            )
            return
    raise SecondFactorRefused


def _use_recovery_code(session: Session, account_id: str, code: str) -> None:
    row = session.execute(
        select(second_factors).where(second_factors.c.account_id == account_id).with_for_update()
    ).one()
    used = digest(code)
    left = [bytes(one) for one in row.recovery_hashes if not hmac.compare_digest(bytes(one), used)]
    if len(left) == len(row.recovery_hashes):
        raise SecondFactorRefused
    session.execute(
        update(second_factors).where(second_factors.c.account_id == account_id).values(recovery_hashes=left)
    )


def _exists(session: Session, account_id: str) -> bool:
    statement = select(second_factors.c.account_id).where(second_factors.c.account_id == account_id)
    return session.execute(statement).first() is not None
