"""Operations on imports: everybody's, and those that only customers have."""

from collections.abc import Mapping
from typing import Any

from common.importing import api
from common.importing.queries import import_
from common.web import Call, Page, Routes
from customer.queries import duplicates
from customer.queries import imports as queries
from customer.schemas.duplicates import PairOut, PairsOfCustomer
from customer.schemas.imports import CustomerImportOut, NewReversion, SkippedOut
from customer.use_cases.imports.kinds import MATCHES, TYPES
from customer.use_cases.imports.reversion import start_reversion

routes = Routes("Imports", "Records from CSV, XLSX or NDJSON files.")

api.declare(
    routes,
    types=TYPES,
    matches=MATCHES,
    permission="customers.import",
    importing=lambda deps: deps.importing,
    max_bytes=lambda deps: deps.import_max_bytes,
    out=CustomerImportOut,
)


@routes.list("/imports/<uuid:import_id>/duplicates", permission="customers.import", query=PairsOfCustomer, out=PairOut)
def list_duplicates_of_import(call: Call, import_id: str) -> Page:
    """Customers of an import that may have been there already. They were created; merge or dismiss them."""
    queries.check_import(call.session, import_id)
    state = call.query["state"]
    return duplicates.pair_page(call.session, state, call.limit, call.cursor, call.cursor_scope, import_id=import_id)


@routes.post(
    "/imports/<uuid:import_id>/reversion",
    permission="customers.import",
    body=NewReversion,
    out=CustomerImportOut,
    status=202,
)
def revert_import(call: Call, import_id: str) -> Mapping[str, Any]:
    """Takes back what an import wrote, in the background: what it created goes, what it changed gets its former values.

    What somebody has touched since stays and is listed. `dry_run` only counts and lists.
    """
    start_reversion(call.session, import_id, dry_run=call.body["dry_run"], requested_by=call.principal.account_id)
    return import_(call.session, call.deps.importing, import_id)


@routes.list("/imports/<uuid:import_id>/reversion/skipped", permission="customers.import", out=SkippedOut)
def list_skipped_of_reversion(call: Call, import_id: str) -> Page:
    """What the reversion of an import left as it is, and why."""
    return queries.skipped_page(call.session, import_id, call.limit, call.cursor, call.cursor_scope)
