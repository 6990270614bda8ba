"""The life of a task."""

from typing import Final

from automation.errors.tasks import TaskClosed

OPEN, DONE, CANCELLED = "open", "done", "cancelled"
STATUSES: Final = (OPEN, DONE, CANCELLED)
TASK_LABELS: Final = {
    "title": "Title",
    "note": "Note",
    "due_on": "Due on",
    "assignee": "Who is to do it",
    "status": "Status",
}


def check_open(status: str) -> None:
    """Raises TaskClosed where a task is done or cancelled."""
    if status != OPEN:
        raise TaskClosed(f"The task is {status} already; make a new one if there is more to do.")
