"""Why tasks are refused."""

from common.errors import Conflict, Invalid, NotFound


class TaskNotFound(NotFound):
    """There is no such task, or the caller may not know of it."""

    code = "automation.task_not_found"
    title = "No such task"


class TaskClosed(Conflict):
    """A task that is done or cancelled stays so."""

    code = "automation.task_closed"
    title = "The task is closed"


class TaskUnsuitable(Invalid):
    """A task says something that cannot be."""

    code = "automation.task_invalid"
    title = "The task is not right"
