"""Operations on runs."""

from collections.abc import Mapping
from typing import Any

from automation.queries import rules as queries
from automation.schemas.rules import RunFilter, RunOut
from common.web import Call, Page, Routes

VIEW = "automation.view"

routes = Routes(
    "Runs",
    "Each answer of a rule to an event: queued, then done, failed, dropped because rule or switch went off, or stopped"
    " by a guard, with the runs that led to it.",
)


@routes.list("/runs", permission=VIEW, portal=True, query=RunFilter, out=RunOut)
def list_runs(call: Call) -> Page:
    """Runs, the newest first; a portal user sees those of its customers' own rules."""
    return queries.run_page(call.session, call.query, call.limit, call.cursor, call.cursor_scope)


@routes.get("/runs/<uuid:run_id>", permission=VIEW, portal=True, out=RunOut)
def show_run(call: Call, run_id: str) -> Mapping[str, Any]:
    """One run."""
    return queries.run(call.session, run_id)
