"""The first administrator, and two colleagues who were invited."""

import secrets
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.clock import SystemClock
from common.context import context_for
from common.db import Database
from common.ids import new_id
from identity.domain.accounts import Account
from identity.domain.passwords import normalise
from identity.domain.permissions import ADMINISTRATOR
from identity.tables import accounts, credentials
from identity.use_cases import account_changes, links
from identity.use_cases.hashing import Hasher
from identity.use_cases.passwords import set_password

ADMINISTRATOR_NAME = "admin@example.test"
_COLLEAGUES = (
    ("sales@example.test", "Dana Okafor", ("sales",)),
    ("service@example.test", "Milo Brandt", ("service",)),
)


def seed(database: Database, hasher: Hasher, password: str, tell: Callable[[str], object]) -> None:
    """Creates `admin@example.test` with the password given, or with a random one that is told once. Repeating it makes
    nothing twice; a password that is given becomes the administrator's again."""

    def known(session: Session) -> tuple[str | None, str | None]:
        statement = (
            select(accounts.c.id, credentials.c.password_hash)
            .outerjoin(credentials, credentials.c.account_id == accounts.c.id)
            .where(accounts.c.username == ADMINISTRATOR_NAME)
        )
        row = session.execute(statement).first()
        return (row.id, row.password_hash) if row else (None, None)

    account_id, stored = database.run(known)
    if account_id and (not password or hasher.verify(stored, normalise(password))):
        return
    chosen = password or secrets.token_urlsafe(12)
    hashed = hasher.hash(normalise(chosen))
    context = context_for("system:seed", "Seed")
    if account_id:
        database.run(lambda session: set_password(session, account_id, hashed), context=context)
        return
    database.run(lambda session: _create(session, hashed), context=context)
    if not password:
        tell(f"{ADMINISTRATOR_NAME} {chosen}\n")


def _create(session: Session, hashed: str) -> None:
    administrator = Account(
        id=new_id(),
        kind="staff",
        username=ADMINISTRATOR_NAME,
        email=ADMINISTRATOR_NAME,
        display_name="Administrator",
        status="active",
        roles=(ADMINISTRATOR,),
    )
    account_changes.create(session, administrator)
    set_password(session, administrator.id, hashed)
    for username, name, roles in _COLLEAGUES:
        colleague = Account(
            id=new_id(),
            kind="staff",
            username=username,
            email=username,
            display_name=name,
            status="invited",
            roles=roles,
        )
        account_changes.create(session, colleague)
        links.issue(session, SystemClock(), colleague.id, "invitation")
