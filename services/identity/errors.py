"""What identity refuses, each with a stable code."""

from common.errors import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    Stale,
    TooMany,
    Unauthenticated,
    Unavailable,
)


class CredentialsRefused(Unauthenticated):
    """User name or password are wrong, or the account may not sign in; the caller never learns which."""

    code = "identity.credentials_refused"
    title = "User name or password are wrong"

    def __init__(self) -> None:
        super().__init__("User name or password are wrong. Check both, or ask your administrator for a new password.")


class SecondFactorRequired(Unauthenticated):
    """The password is right and the account has a second factor."""

    code = "identity.second_factor_required"
    title = "A code is needed"

    def __init__(self) -> None:
        super().__init__("Send `code` too: the six digits of your authenticator app, or one of your recovery codes.")


class SecondFactorRefused(Unauthenticated):
    """The code is wrong, too old, or was used before."""

    code = "identity.second_factor_refused"
    title = "The code is not right"

    def __init__(self) -> None:
        super().__init__("The code is wrong or was used already; wait for the next one.")


class RefreshRefused(Unauthenticated):
    """The refresh token is unknown, used, expired, or its session has ended."""

    code = "identity.refresh_refused"
    title = "The session has ended"

    def __init__(self) -> None:
        super().__init__("The session has ended; sign in again.")


class ApiTokenRefused(Unauthenticated):
    """The API token is unknown, expired or revoked, or its owner may no longer sign in."""

    code = "identity.api_token_refused"
    title = "The API token is not valid"

    def __init__(self) -> None:
        super().__init__("The API token is unknown, expired or revoked; make a new one.")


class LoginThrottled(TooMany):
    """Too many failed attempts for this account or from this address."""

    code = "identity.login_throttled"
    title = "Too many attempts"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many failed attempts. Try again in {seconds} s.", facts={"retry_after": seconds})


class Busy(Unavailable):
    """More passwords are being checked than this process can do at once."""

    code = "identity.busy"

    def __init__(self) -> None:
        super().__init__("Too many people sign in at this moment; try again in a second.")


class PasswordWeak(Invalid):
    """The password breaks a rule."""

    code = "identity.password_weak"
    title = "Choose another password"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, errors=[FieldError("/password", detail)])


class PasswordWrong(Forbidden):
    """The present password, which confirms a change of credentials, is wrong."""

    code = "identity.password_wrong"
    title = "The present password is wrong"

    def __init__(self) -> None:
        super().__init__("The present password is wrong; nothing was changed.")


class UsernameInvalid(Invalid):
    """The user name has a form that cannot be used."""

    code = "identity.username_invalid"
    title = "Choose another user name"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, errors=[FieldError("/username", detail)])


class UsernameTaken(Conflict):
    """Another account has the user name; one of an archived customer keeps its own."""

    code = "identity.username_taken"
    title = "The user name is taken"

    def __init__(self) -> None:
        super().__init__(
            "Another account has this user name; choose another one.",
            errors=[FieldError("/username", "Another account has this user name.", "taken")],
        )


class TransitionRefused(Conflict):
    """The status of the account does not allow this."""

    code = "identity.transition_refused"
    title = "The account's status does not allow this"


class CustomerArchived(Conflict):
    """Logins of an archived customer stay off."""

    code = "identity.customer_archived"
    title = "The customer is archived"

    def __init__(self) -> None:
        super().__init__("The customer is archived; restore it first, then its logins come back by themselves.")


class CustomerUnknown(NotFound):
    """There is no such customer, or identity has not heard of it yet."""

    code = "customer.not_found"
    title = "No such customer"

    def __init__(self) -> None:
        super().__init__("There is no such customer.")


class ContactRefused(Invalid):
    """The contact is not one of this customer's present contacts."""

    code = "identity.contact_refused"
    title = "Not a contact of this customer"

    def __init__(self) -> None:
        detail = "This is not a present contact of the customer; choose one of its contacts or leave it out."
        super().__init__(detail, errors=[FieldError("/contact_id", detail)])


class AccountNotFound(NotFound):
    """There is no such account for the caller."""

    code = "identity.account_not_found"
    title = "No such account"

    def __init__(self) -> None:
        super().__init__("There is no such account.")


class RoleNotFound(NotFound):
    """There is no such role."""

    code = "identity.role_not_found"
    title = "No such role"

    def __init__(self) -> None:
        super().__init__("There is no such role; GET /api/roles lists them.")


class SessionNotFound(NotFound):
    """The caller has no such session."""

    code = "identity.session_not_found"
    title = "No such session"

    def __init__(self) -> None:
        super().__init__("You have no such session.")


class ApiTokenNotFound(NotFound):
    """There is no such API token for the caller."""

    code = "identity.api_token_not_found"
    title = "No such API token"

    def __init__(self) -> None:
        super().__init__("There is no such API token.")


class LinkInvalid(NotFound):
    """The invitation or reset link is unknown, expired, used or replaced."""

    code = "identity.link_invalid"
    title = "The link is no longer valid"

    def __init__(self) -> None:
        super().__init__("The link is unknown, expired or used already; ask for a new one.")


class RolesUnknown(Invalid):
    """Roles or permissions that do not exist, or are not for this kind of account."""

    code = "identity.roles_unknown"
    title = "No such role or permission"

    def __init__(self, names: list[str], pointer: str = "/roles") -> None:
        detail = f"There is no {', '.join(names)}."
        super().__init__(detail, errors=[FieldError(pointer, detail)])


class GrantRefused(Forbidden):
    """Nobody gives more than they hold."""

    code = "identity.grant_refused"
    title = "You cannot give what you do not hold"

    def __init__(self, missing: list[str]) -> None:
        super().__init__(
            f"You do not hold {', '.join(missing)} yourself; ask somebody who does.", facts={"missing": missing}
        )


class Outranked(Forbidden):
    """An account may be changed only by somebody who holds everything it holds."""

    code = "identity.outranked"
    title = "This account may do more than you"

    def __init__(self, missing: list[str]) -> None:
        super().__init__(
            f"This account holds {', '.join(missing)}, which you do not; ask somebody who does.",
            facts={"missing": missing},
        )


class RoleBuiltIn(Conflict):
    """Built-in roles are the same everywhere."""

    code = "identity.role_built_in"
    title = "Built-in roles cannot be changed"

    def __init__(self) -> None:
        super().__init__(
            "Built-in roles cannot be changed or deleted; make a role of your own with the permissions you need."
        )


class RoleInUse(Conflict):
    """Accounts still hold the role."""

    code = "identity.role_in_use"
    title = "Accounts hold this role"

    def __init__(self, accounts: int) -> None:
        super().__init__(
            f"{accounts} accounts hold this role; give them another one first.", facts={"accounts": accounts}
        )


class RoleNameTaken(Conflict):
    """Another role has the name."""

    code = "identity.role_name_taken"
    title = "The name is taken"

    def __init__(self) -> None:
        super().__init__("Another role has this name; choose another one.", errors=[FieldError("/name", "Is taken.")])


class LastAdministrator(Conflict):
    """Somebody must be able to administer."""

    code = "identity.last_administrator"
    title = "This is the last administrator"

    def __init__(self) -> None:
        super().__init__("This is the last active administrator; make somebody else one first.")


class LastPortalAdministrator(Conflict):
    """Somebody at the customer must be able to manage its people."""

    code = "identity.last_portal_administrator"
    title = "This is the customer's last administrator"

    def __init__(self) -> None:
        super().__init__(
            "This is the last active administrator of the customer; make somebody else one first, or ask your contact"
            " at the provider."
        )


class VisibilityRefused(Invalid):
    """Who sees what is of the branches needs roles that flow down to them."""

    code = "identity.visibility_refused"
    title = "The roles do not reach that far"

    def __init__(self) -> None:
        detail = "To see what is of the branches, let the roles hold there: set `subtree`, too."
        super().__init__(detail, errors=[FieldError("/visibility", detail)])


class GrantNotFound(NotFound):
    """The account has no roles of this customer's giving."""

    code = "identity.grant_not_found"
    title = "No such roles"

    def __init__(self) -> None:
        super().__init__("This person of another customer has no roles here.")


class GrantTaken(Conflict):
    """The person has roles at this customer already."""

    code = "identity.grant_taken"
    title = "They have roles here already"

    def __init__(self) -> None:
        super().__init__("This person has roles here already; change those.")


class PersonRequired(Forbidden):
    """An API token may not change how its owner signs in, nor make other tokens."""

    code = "identity.person_required"
    title = "Not with an API token"

    def __init__(self) -> None:
        super().__init__("This needs a person who has signed in; an API token cannot do it.")


class SecondFactorState(Conflict):
    """The second factor is already on, or not there."""

    code = "identity.second_factor_state"
    title = "The second factor's state does not allow this"


class ExpiryInvalid(Invalid):
    """An API token expires in the future, and not after anybody remembers it."""

    code = "identity.expiry_invalid"
    title = "Choose another expiry"

    def __init__(self, years: int) -> None:
        detail = f"Choose a moment from now to {years} years from now, or leave it out."
        super().__init__(detail, errors=[FieldError("/expires_at", detail)])


class TooManyApiTokens(Conflict):
    """One owner has as many tokens as there may be."""

    code = "identity.too_many_api_tokens"
    title = "Too many API tokens"

    def __init__(self, limit: int) -> None:
        super().__init__(f"You have {limit} API tokens; revoke one that is no longer used.")


class Changed(Stale):
    """Somebody else changed the thing since it was read."""

    code = "identity.stale"


class RevocationsUnknown(Unavailable):
    """The database has not answered for a moment: better no answer than an old one."""

    code = "identity.revocations_unknown"
