"""The catalogue of permissions, the built-in roles, and who may give what to whom.

What a permission protects is known by the service that owns the data; here are only its name and a sentence for people.
"""

import re
from collections.abc import Collection, Iterable, Mapping

PERMISSIONS: Mapping[str, str] = {
    "customers.view": "Open customers: list, page, contacts, timeline",
    "customers.edit": "Create and edit customers, contacts, addresses, links and customer logins",
    "customers.archive": "Archive and restore customers",
    "customers.delete": "Delete archived customers",
    "customers.import": "Import customers from a file",
    "customers.export": "Export customers to files",
    "customers.bulk": "Change many customers at once",
    "customers.merge": "Merge customers and undo a merge",
    "documents.view": "See the documents of a customer",
    "documents.manage": "Upload and delete files and decide who sees them",
    "documents.restricted": "See restricted notes and files",
    "systems.view": "See the installed systems of a customer",
    "systems.edit": "Add and change installed systems",
    "secrets.reveal": "Reveal stored logins",
    "secrets.edit": "Store and replace logins",
    "segments.manage": "Make segments, and saved filters for everybody",
    "schema.manage": "Define custom fields, tags, link types and system types",
    "privacy.manage": "Export and erase what is known of a person, and hold data back from it",
    "portal_settings.view": "See the portal settings",
    "portal_settings.edit": "Change the portal settings",
    "groups.manage": "Make, rename and delete customer groups",
    "listings.view": "See what is offered",
    "listings.edit": "Make listings and decide who sees them",
    "listings.sell": "Offer what one's own company sells, and decide about orders of it",
    "prices.view": "See prices",
    "prices.edit": "Make price lists and contract prices",
    "bundles.edit": "Put together what roles and departments order at once",
    "orders.view": "See orders",
    "orders.place": "Make and submit orders",
    "orders.approve": "Approve orders for one's company",
    "orders.confirm": "Confirm, decline and release orders as the provider",
    "approval_rules.edit": "Decide which orders need an approval, and whose",
    "purchase_limits.edit": "Set how much may be ordered",
    "warehouses.edit": "Make and close warehouses",
    "stock.view": "See stock",
    "stock.edit": "Receive, count and adjust stock",
    "stock.cost": "See what goods cost",
    "transfers.request": "Ask for goods to be moved into or out of the own warehouse",
    "shipments.edit": "Pick, pack and dispatch shipments",
    "assets.view": "See what a company has, and who asked for it",
    "assets.request": "Ask for an asset of one's company",
    "assets.edit": "Keep a company's assets and decide who gets one",
    "billing.view": "See what was charged, and what is parked of it",
    "billing.edit": "Bill or waive what was parked while billing was off",
    "automation.view": "See rules and what they did",
    "automation.edit": "Make, change and delete rules",
    "tasks.view": "See tasks",
    "tasks.edit": "Make, change and close tasks",
    "accounts.view": "See staff accounts and explain access",
    "accounts.manage": "Invite, change and disable staff accounts",
    "roles.manage": "Make and change roles",
    "access.manage": "Manage the logins of customers",
    "portal_users.manage": "Manage the people of a customer and what they may do",
    "api_tokens.manage": "Make and revoke API tokens of one's own",
    "operations.view": "See queues and held events",
    "operations.manage": "Replay and drop held events",
}

# An archived customer is read-only but for restoring, noting, merging, exporting, deleting and what privacy needs.
NEEDS_ACTIVE_CUSTOMER = frozenset(
    {
        "customers.edit",
        "customers.bulk",
        "documents.manage",
        "systems.edit",
        "secrets.edit",
        "portal_settings.edit",
        "access.manage",
        "portal_users.manage",
        "orders.place",
        "transfers.request",
        "assets.request",
        "assets.edit",
    }
)

ADMINISTRATOR = "administrator"
PORTAL_ADMIN = "admin"

_READER = {"customers.view", "portal_settings.view", "tasks.view"}
_ORDER_READER = {"listings.view", "prices.view", "orders.view", "stock.view", "assets.view"}
_VIEWER = _READER | _ORDER_READER | {"systems.view"}
_EDITOR = _READER | {"customers.edit", "documents.manage", "tasks.edit"}
_SERVICE = (
    _EDITOR
    | _ORDER_READER
    | {"systems.view", "systems.edit", "secrets.reveal", "secrets.edit", "stock.edit", "shipments.edit"}
    | {"assets.request", "assets.edit"}
)
_SALES = (
    _EDITOR
    | _ORDER_READER
    | {"documents.view", "access.manage", "systems.view", "orders.place", "orders.confirm", "billing.view"}
)
_FINANCE = (
    _EDITOR
    | _ORDER_READER
    | {"documents.view", "documents.restricted", "customers.export", "stock.cost", "billing.view", "billing.edit"}
)
_MANAGER = (
    _SALES
    | _FINANCE
    | {
        "customers.archive",
        "customers.bulk",
        "customers.import",
        "customers.merge",
        "segments.manage",
        "systems.edit",
        "portal_settings.edit",
        "groups.manage",
        "accounts.view",
        "portal_users.manage",
        "operations.view",
        "listings.edit",
        "prices.edit",
        "bundles.edit",
        "orders.approve",
        "approval_rules.edit",
        "purchase_limits.edit",
        "warehouses.edit",
        "stock.edit",
        "shipments.edit",
        "assets.request",
        "assets.edit",
        "automation.view",
        "automation.edit",
    }
)

# Source: the provider's matrix of roles; a release may add permissions to them.
BUILT_IN: Mapping[str, tuple[str, frozenset[str]]] = {
    "viewer": ("Viewer", frozenset(_VIEWER)),
    "service": ("Service", frozenset(_SERVICE)),
    "sales": ("Sales", frozenset(_SALES)),
    "finance": ("Finance", frozenset(_FINANCE)),
    "manager": ("Manager", frozenset(_MANAGER)),
    ADMINISTRATOR: ("Administrator", frozenset(PERMISSIONS)),
}

_BUYER = _READER | _ORDER_READER | {"orders.place", "transfers.request", "assets.request", "tasks.edit"}

# From the least to the most; what each does beyond its permissions is decided where orders and invoices live.
PORTAL_ROLES: Mapping[str, frozenset[str]] = {
    "buyer": frozenset(_BUYER),
    "approver": frozenset(_BUYER | {"orders.approve"}),
    "finance": frozenset(_READER | _ORDER_READER | {"documents.view", "billing.view", "tasks.edit"}),
    PORTAL_ADMIN: frozenset(
        _BUYER
        | {"documents.view", "portal_users.manage", "orders.approve", "approval_rules.edit", "purchase_limits.edit"}
        | {"assets.edit"}
        | {"listings.sell", "bundles.edit"}
        | {"billing.view", "automation.view", "automation.edit"}
    ),
}


def is_role_code(text: str) -> bool:
    """Whether a role can have this code: lower-case letters, digits and hyphens."""
    return re.fullmatch(r"[a-z0-9-]{1,80}", text) is not None


def portal_permissions(roles: Iterable[str]) -> frozenset[str]:
    """What a portal account with these roles may do at its customer."""
    return frozenset().union(*(PORTAL_ROLES.get(role, frozenset()) for role in roles))


def leading_role(roles: Collection[str]) -> str | None:
    """The portal role to show where there is room for one: the one that may do most."""
    ranked = [role for role in PORTAL_ROLES if role in roles]
    return ranked[-1] if ranked else None


def unknown_permissions(codes: Iterable[str]) -> list[str]:
    """Those of the codes that are not in the catalogue, sorted."""
    return sorted(set(codes) - set(PERMISSIONS))


def lacking(holder: Collection[str], wanted: Iterable[str]) -> list[str]:
    """Those of the wanted permissions that the holder does not hold, sorted."""
    return sorted(set(wanted) - set(holder))
