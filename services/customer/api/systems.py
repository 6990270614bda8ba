"""Operations on installed systems, their types and their secrets."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from customer.domain.systems import FRESH_SECONDS
from customer.queries import systems as queries
from customer.schemas.customers import Nothing
from customer.schemas.systems import (
    NewSecret,
    NewSystem,
    NewSystemType,
    RevealedSecret,
    RevealRequest,
    SystemChanges,
    SystemOut,
    SystemTypeChanges,
    SystemTypeFilter,
    SystemTypeOut,
)
from customer.use_cases import system_secrets, system_types, systems

routes = Routes("Systems", "Equipment that is installed at customers, by types that an administrator defines.")

_TYPES = "/system-types"
_TYPE = f"{_TYPES}/<uuid:type_id>"
_LIST = "/customers/<uuid:customer_id>/systems"
_ONE = f"{_LIST}/<uuid:system_id>"
_SECRET = f"{_ONE}/secrets/<string:field>"


@routes.list(_TYPES, permission="systems.view", query=SystemTypeFilter, out=SystemTypeOut)
def list_system_types(call: Call) -> Page:
    """The types, by name."""
    return queries.system_type_page(
        call.session, call.limit, call.cursor, call.cursor_scope, archived=call.query["archived"]
    )


@routes.post(_TYPES, permission="schema.manage", body=NewSystemType, out=SystemTypeOut)
def create_system_type(call: Call) -> Mapping[str, Any]:
    """Defines a type of equipment with its fields, such as IP address, login and version."""
    return system_types.create_system_type(call.session, call.body)


@routes.get(_TYPE, permission="systems.view", out=SystemTypeOut)
def show_system_type(call: Call, type_id: str) -> Mapping[str, Any]:
    """One type with its fields."""
    return queries.system_type(call.session, type_id)


@routes.patch(_TYPE, permission="schema.manage", body=SystemTypeChanges, out=SystemTypeOut)
def change_system_type(call: Call, type_id: str) -> Mapping[str, Any]:
    """Changes a type.

    `fields` are stated whole. New ones begin empty on every system, those left out are archived with their values.
    """
    return system_types.change_system_type(call.session, type_id, call.version, call.body)


@routes.delete(_TYPE, permission="schema.manage", versioned=True)
def archive_system_type(call: Call, type_id: str) -> None:
    """Archives a type: no new systems of it; those that are there go on."""
    system_types.archive_system_type(call.session, type_id, call.version)


@routes.post(f"{_TYPE}/restoration", permission="schema.manage", body=Nothing, out=SystemTypeOut, status=200)
def restore_system_type(call: Call, type_id: str) -> Mapping[str, Any]:
    """Restores an archived type."""
    return system_types.restore_system_type(call.session, type_id)


@routes.list(_LIST, permission="systems.view", out=SystemOut)
def list_systems(call: Call, customer_id: str) -> Page:
    """The systems of a customer, oldest first."""
    return queries.system_page(call.session, customer_id, call.limit, call.cursor, call.cursor_scope)


@routes.post(_LIST, permission="systems.edit", body=NewSystem, out=SystemOut)
def add_system(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Adds a system; a customer may have several of one type. Its secrets are set afterwards, each by itself."""
    record = systems.add_system(call.session, customer_id, call.body)
    return queries.system(call.session, customer_id, record["id"])


@routes.get(_ONE, permission="systems.view", out=SystemOut)
def show_system(call: Call, customer_id: str, system_id: str) -> Mapping[str, Any]:
    """One system. Of its secrets only whether, when and by whom each was set."""
    return queries.system(call.session, customer_id, system_id)


@routes.patch(_ONE, permission="systems.edit", body=SystemChanges, out=SystemOut)
def change_system(call: Call, customer_id: str, system_id: str) -> Mapping[str, Any]:
    """Changes a system."""
    systems.change_system(call.session, customer_id, system_id, call.version, call.body)
    return queries.system(call.session, customer_id, system_id)


@routes.delete(_ONE, permission="systems.edit", versioned=True)
def remove_system(call: Call, customer_id: str, system_id: str) -> None:
    """Removes a system with its secrets."""
    systems.remove_system(call.session, customer_id, system_id, call.version)


@routes.put(_SECRET, permission="secrets.edit", body=NewSecret, out=SystemOut, secret=True)
def set_secret(call: Call, customer_id: str, system_id: str, field: str) -> Mapping[str, Any]:
    """Stores a secret, sealed; `If-Match` is the system's. Five revisions are kept."""
    system_secrets.set_secret(
        call.session, call.deps.vault, customer_id, system_id, field, call.version, call.body["value"]
    )
    return queries.system(call.session, customer_id, system_id)


@routes.delete(_SECRET, permission="secrets.edit", versioned=True, secret=True)
def clear_secret(call: Call, customer_id: str, system_id: str, field: str) -> None:
    """Forgets a secret with all its revisions; `If-Match` is the system's."""
    system_secrets.clear_secret(call.session, call.deps.vault, customer_id, system_id, field, call.version)


@routes.post(
    f"{_SECRET}/reveal",
    permission="secrets.reveal",
    body=RevealRequest,
    out=RevealedSecret,
    status=200,
    secret=True,
    fresh=FRESH_SECONDS,
)
def reveal_secret(call: Call, customer_id: str, system_id: str, field: str) -> Mapping[str, Any]:
    """Reveals a secret.

    A person must have entered the password within ten minutes (`authentication_too_old` says how to do that again);
    API tokens never reveal. Thirty an hour; each one stands in the timeline.
    """
    return system_secrets.reveal_secret(
        call.session,
        call.deps.vault,
        call.principal.account_id,
        customer_id,
        system_id,
        field,
        revision=call.body.get("revision"),
        reason=call.body.get("reason"),
    )
