"""What one does with one's own account; never by an API token."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from common.web import SIGNED_IN, Call, Routes
from identity.domain.accounts import Account
from identity.errors import PersonRequired
from identity.schemas import sessions as shapes
from identity.use_cases import account_changes, passwords, second_factor

routes = Routes("Own account", "Your password and your second factor")

Result = TypeVar("Result")


@routes.put(
    "/me/password",
    permission=SIGNED_IN,
    portal=True,
    versioned=False,
    body=shapes.PasswordChange,
    status=204,
    secret=True,
    transaction=False,
)
def change_password(call: Call) -> None:
    """Change your password; your other sessions end."""
    me = _person(call)
    passwords.change_own(
        call.database,
        call.deps,
        call.context,
        me,
        call.principal.session_id,
        present=call.body["current_password"],
        new=call.body["password"],
    )


@routes.post(
    "/me/second-factor",
    permission=SIGNED_IN,
    portal=True,
    body=shapes.PresentPassword,
    out=shapes.SecondFactorOut,
    secret=True,
    transaction=False,
)
def begin_second_factor(call: Call) -> Mapping[str, Any]:
    """Set up a second factor; it counts once you have confirmed it with a code."""
    _confirmed_person(call)
    return _on_me(call, lambda session, account: second_factor.begin(session, call.deps, account))


@routes.post(
    "/me/second-factor/confirmation",
    permission=SIGNED_IN,
    portal=True,
    body=shapes.Code,
    out=shapes.RecoveryCodesOut,
    secret=True,
    transaction=False,
)
def confirm_second_factor(call: Call) -> Mapping[str, Any]:
    """Switch the second factor on with its first code; answers the recovery codes, once."""
    _person(call)
    code = call.body["code"]
    codes = _on_me(call, lambda session, account: second_factor.confirm(session, call.deps, account, code))
    return {"recovery_codes": codes}


@routes.delete(
    "/me/second-factor",
    permission=SIGNED_IN,
    portal=True,
    body=shapes.PresentPassword,
    secret=True,
    transaction=False,
)
def remove_second_factor(call: Call) -> None:
    """Switch the second factor off."""
    _confirmed_person(call)
    _on_me(call, second_factor.remove)


def _person(call: Call) -> str:
    if call.principal.kind == "api":
        raise PersonRequired
    return call.principal.account_id


def _confirmed_person(call: Call) -> None:
    passwords.confirm_present(call.database, call.deps, _person(call), call.body["password"])


def _on_me(call: Call, work: Callable[[Session, Account], Result]) -> Result:
    # An account's own secrets are reached by its own id alone; row scopes are those of customers.
    account_id = call.principal.account_id
    return call.database.run(
        lambda session: work(session, account_changes.lock(session, account_id)), context=call.context
    )
