"""Operations on tasks."""

from collections.abc import Mapping
from typing import Any

from automation.api.rules import check_node
from automation.domain.rules import COMPANY
from automation.domain.tasks import CANCELLED, DONE
from automation.errors.tasks import TaskUnsuitable
from automation.queries import tasks as queries
from automation.schemas.tasks import NewTask, TaskChanges, TaskFilter, TaskOut
from automation.use_cases import tasks
from common.errors import FieldError
from common.web import Call, Page, Routes

VIEW = "tasks.view"
EDIT = "tasks.edit"

routes = Routes("Tasks", "What staff or a customer's people are to do, made by a person or by a rule.")

_ONE = "/automation/tasks/<uuid:task_id>"


@routes.list("/automation/tasks", permission=VIEW, portal=True, query=TaskFilter, out=TaskOut)
def list_tasks(call: Call) -> Page:
    """Tasks, the newest first; a portal user sees those that are for its company."""
    return queries.task_page(call.session, call.query, call.limit, call.cursor, call.cursor_scope)


@routes.post("/automation/tasks", permission=EDIT, portal=True, body=NewTask, out=TaskOut)
def create_task(call: Call) -> Mapping[str, Any]:
    """Makes a task: of staff for anybody, in the portal for one's own company."""
    check_node(call, EDIT, call.body.get("customer_id"))
    body = call.body
    if call.principal.is_portal:
        if body.get("audience", COMPANY) != COMPANY:
            detail = "In the portal tasks are for one's own company; leave the audience out."
            raise TaskUnsuitable(detail, errors=[FieldError("/audience", detail)])
        body = body | {"audience": COMPANY}
    return queries.task(call.session, tasks.create_task(call.session, body))


@routes.get(_ONE, permission=VIEW, portal=True, out=TaskOut)
def show_task(call: Call, task_id: str) -> Mapping[str, Any]:
    """One task."""
    return queries.task(call.session, task_id)


@routes.patch(_ONE, permission=EDIT, portal=True, body=TaskChanges, out=TaskOut)
def change_task(call: Call, task_id: str) -> Mapping[str, Any]:
    """Changes an open task."""
    check_node(call, EDIT, queries.task(call.session, task_id)["customer_id"])
    tasks.change_task(call.session, task_id, call.version, call.body)
    return queries.task(call.session, task_id)


@routes.post(f"{_ONE}/completion", permission=EDIT, portal=True, status=200, out=TaskOut)
def complete_task(call: Call, task_id: str) -> Mapping[str, Any]:
    """Says that a task is done."""
    return _end(call, task_id, DONE)


@routes.post(f"{_ONE}/cancellation", permission=EDIT, portal=True, status=200, out=TaskOut)
def cancel_task(call: Call, task_id: str) -> Mapping[str, Any]:
    """Says that a task need not be done."""
    return _end(call, task_id, CANCELLED)


def _end(call: Call, task_id: str, status: str) -> Mapping[str, Any]:
    check_node(call, EDIT, queries.task(call.session, task_id)["customer_id"])
    tasks.end_task(call.session, task_id, status)
    return queries.task(call.session, task_id)
