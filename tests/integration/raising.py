"""Real operations of the running services whose query refuses for whatever reason it is given."""

from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from common.errors import FieldError, Refusal
from common.web.problems import STATUS
from inventory import packages, shared_refusals


@dataclass(frozen=True)
class Operation:
    """A read that everybody may make; `query` is the function that finds what it shows."""

    service: str
    path: str
    query: str


OPERATIONS = [
    Operation("automation", "/rules/{unknown}", "automation.api.rules.queries.rule"),
    Operation("billing", "/customers/{open}/pending-billing", "billing.api.queries.pending_of"),
    Operation("customer", "/contact-roles/{unknown}", "customer.api.contact_roles.queries.contact_role"),
    Operation("identity", "/customers/{open}/grants/{unknown}", "identity.api.grants.queries.one"),
    Operation("ordering", "/approval-rules/{unknown}", "ordering.api.approval_rules.queries.rule"),
    Operation("overview", "/customers/{open}/overview", "overview.api.document.document"),
    Operation("portal-settings", "/customers/{open}/portal-settings", "portal_settings.api.settings_of"),
    Operation("warehouse", "/assets/{unknown}", "warehouse.api.assets.queries.asset"),
]

_FACTS = {
    "retry_after": 7,
    "max_age": 300,
    "permission": "orders.place",
    "limits": [{"name": "Köln · 店", "left": {"amount": "-0.01", "currency": "EUR"}}],
    "current_version": 12,
}
_ERRORS = [
    FieldError("/lines/0/quantity", "More than is there: „5“.", "too_many"),
    FieldError("/a~1b/c~0d", "Is\nnot known.", "unknown"),
]


def refusals(service: str) -> list[tuple[str, int, BaseException]]:
    """(code, status, error) for every reason that a service declares. With ordering's also the reasons that all
    services have in common, and what becomes of errors that nobody foresaw: these are answered in one place."""
    [package] = [package for package in packages() if package.name == service]
    reasons = [*package.refusals, *(shared_refusals() if service == "ordering" else [])]
    found = [(one.code, STATUS[one.kind], _raised(one)) for one in reasons]
    return found + (_FAILURES if service == "ordering" else [])


def _raised(reason: type[Refusal]) -> Refusal:
    """A refusal for this reason with every part that one can have, whatever its own words are."""
    made = reason.__new__(reason)
    Refusal.__init__(made, f'{reason.title}: „ä“ \\ "quoted" · 店.', errors=_ERRORS, facts=_FACTS)
    return made


def _by_database(error: type[psycopg.Error]) -> DBAPIError:
    return DBAPIError("SELECT 1", {}, error())


_FAILURES: list[tuple[str, int, BaseException]] = [
    ("database_unavailable", 503, _by_database(psycopg.errors.QueryCanceled)),
    ("database_unavailable", 503, PoolTimeout()),
    ("value_not_storable", 422, _by_database(psycopg.errors.NumericValueOutOfRange)),
    ("not_found", 404, _by_database(psycopg.errors.InsufficientPrivilege)),
    ("internal_error", 500, RuntimeError("of no concern to anybody outside")),
]


class Raising:
    """While it is installed, the operation's query raises `error`."""

    def __init__(self, operation: Operation, patch: pytest.MonkeyPatch) -> None:
        self.error: BaseException = AssertionError("nothing is to be raised yet")
        patch.setattr(operation.query, self._raise)

    def _raise(self, *_given: Any, **_named: Any) -> Any:
        raise self.error
