"""Operations that make one customer out of several."""

from collections.abc import Mapping
from typing import Any

from common.web import Call, Page, Routes
from customer.queries import merges as queries
from customer.schemas.merges import MergeOut, MergePlanOut, MergeWish, NewMerge, Undo, UndoOut
from customer.use_cases.merging.merge import merge
from customer.use_cases.merging.plan import make_plan
from customer.use_cases.merging.undo import undo

routes = Routes("Merges", "Several customers become one: planned first, nothing dropped, undone within 30 days.")

_LIST = "/customers/<uuid:customer_id>/merges"
_ONE = f"{_LIST}/<uuid:merge_id>"


@routes.post(
    "/customers/<uuid:customer_id>/merge-plans",
    permission="customers.merge",
    body=MergeWish,
    out=MergePlanOut,
    status=200,
)
def plan_merge(call: Call, customer_id: str) -> Mapping[str, Any]:
    """What merging others into this customer would do: the value of each field, what moves, what clashes.

    Stores nothing. The answer's fingerprint goes into the merge, which is refused if anything has changed by then.
    """
    plan = make_plan(call.session, customer_id, call.body["losers"], call.body["choices"])
    return queries.plan_shown(plan)


@routes.post(_LIST, permission="customers.merge", body=NewMerge, out=MergeOut)
def merge_customers(call: Call, customer_id: str) -> Mapping[str, Any]:
    """Merges others into this customer as planned.

    Their ids and numbers lead to it from then on. Rows that clash are kept beside it or listed as unresolved.
    """
    body = call.body
    record = merge(
        call.session,
        customer_id,
        body["losers"],
        body["choices"],
        body["fingerprint"],
        call.deps.vault,
        merged_by=call.principal.account_id,
    )
    return queries.merge(call.session, customer_id, record["id"])


@routes.list(_LIST, permission="customers.view", out=MergeOut)
def list_merges(call: Call, customer_id: str) -> Page:
    """The merges into a customer, newest first."""
    return queries.merge_page(call.session, customer_id, call.limit, call.cursor, call.cursor_scope)


@routes.get(_ONE, permission="customers.view", out=MergeOut)
def show_merge(call: Call, customer_id: str, merge_id: str) -> Mapping[str, Any]:
    """One merge with the values that did not win and what is unresolved."""
    return queries.merge(call.session, customer_id, merge_id)


@routes.post(f"{_ONE}/undo", permission="customers.merge", body=Undo, out=UndoOut, status=200)
def undo_merge(call: Call, customer_id: str, merge_id: str) -> Mapping[str, Any]:
    """Undoes a merge within 30 days: every customer gets back what was its own, unless it was changed since.

    `dry_run` only says what that would do.
    """
    return undo(call.session, customer_id, merge_id, call.deps.vault, dry_run=call.body["dry_run"])
