"""The life of a task."""

import pytest

from automation.domain.tasks import STATUSES, check_open
from automation.errors.tasks import TaskClosed


@pytest.mark.parametrize("status", STATUSES)
def test_only_an_open_task_changes(status: str) -> None:
    if status == "open":
        check_open(status)
        return
    with pytest.raises(TaskClosed, match=status):
        check_open(status)
