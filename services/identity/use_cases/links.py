"""Links that are good for one use: invitations and password resets. Only their hash is stored."""

from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from common.clock import Clock
from identity.errors import LinkInvalid
from identity.tables import links
from identity.use_cases.hashing import digest, new_secret

Purpose = Literal["invitation", "password_reset"]

_LIVES = {"invitation": timedelta(days=7), "password_reset": timedelta(hours=24)}
_PREFIXES = {"invitation": "atri_", "password_reset": "atrp_"}
_PATHS = {"invitation": "/invitations/{}/acceptance", "password_reset": "/password-resets/{}/completion"}


def issue(session: Session, clock: Clock, account_id: str, purpose: Purpose) -> dict[str, Any]:
    """A new link, shown this once: `{token, accept_path, expires_at}`. It replaces the one before."""
    session.execute(delete(links).where(links.c.account_id == account_id, links.c.purpose == purpose))
    token = new_secret(_PREFIXES[purpose])
    expires: datetime = clock.now() + _LIVES[purpose]
    session.execute(
        insert(links).values(hash=digest(token), account_id=account_id, purpose=purpose, expires_at=expires)
    )
    return {"token": token, "accept_path": _PATHS[purpose].format(token), "expires_at": expires}


def account_of(session: Session, clock: Clock, token: str, purpose: Purpose) -> str:
    """The id of the account that a link is for; the link stays. Raises LinkInvalid."""
    statement = select(links.c.account_id).where(*_matching(clock, token, purpose))
    account_id = session.execute(statement).scalar_one_or_none()
    if account_id is None:
        raise LinkInvalid
    return str(account_id)


def redeem(session: Session, clock: Clock, token: str, purpose: Purpose) -> None:
    """Uses a link up: of two who try at once, one succeeds. Raises LinkInvalid."""
    used = delete(links).where(*_matching(clock, token, purpose)).returning(links.c.account_id)
    if session.execute(used).first() is None:
        raise LinkInvalid


def _matching(clock: Clock, token: str, purpose: Purpose) -> tuple[Any, ...]:
    return links.c.hash == digest(token), links.c.purpose == purpose, links.c.expires_at > clock.now()
