"""Ends the process at a named point, so that tests can prove what a kill at exactly that point does."""

import os
import signal
import threading

_counts: dict[str, int] = {}
_lock = threading.Lock()


def crash_point(name: str, times: int = 1) -> None:
    """Kills this process when `ATRIUM_CRASH_AT` is `<name>:<count>` and the point was passed `count` times."""
    wanted = os.environ.get("ATRIUM_CRASH_AT")
    if wanted is None:
        return
    point, _, count = wanted.partition(":")
    if point != name:
        return
    with _lock:
        _counts[name] = _counts.get(name, 0) + times
        if _counts[name] >= int(count or 1):
            os.kill(os.getpid(), signal.SIGKILL)
