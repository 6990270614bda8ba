"""The folder of one test run: what its processes share, and what must be stopped and removed when it ends.

The first process of a run (pytest itself, or its controller under xdist) owns the folder. Servers are started by
whoever needs one first, under a lock; the owner stops them. A guard process does so when the owner is killed.
"""

import atexit
import contextlib
import fcntl
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

_VARIABLE = "ATRIUM_TEST_RUN"
_DESCRIPTION = "server.json"
_BELOW_THE_EPHEMERAL_ONES = (15_000, 32_000)


def folder() -> Path:
    """The run's folder; made, and removed at exit, by the first process that asks."""
    if _VARIABLE not in os.environ:
        path = Path(tempfile.mkdtemp(prefix="atrium-"))
        path.chmod(0o755)
        (path / "owner").write_text(str(os.getpid()))
        os.environ[_VARIABLE] = str(path)
        atexit.register(_end, path, os.getpid())
    return Path(os.environ[_VARIABLE])


@contextlib.contextmanager
def locked(name: str) -> Iterator[Path]:
    """Only one process of the run at a time; yields the folder of that name."""
    place = folder() / name
    place.mkdir(exist_ok=True)
    with (folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield place


def shared(name: str, start: Callable[[Path], str]) -> str:
    """The address of the run's one server of that name; `start(folder)` starts it when this is the first to ask."""
    if os.environ.get("TEST_SERVERS") == "none":
        raise RuntimeError(f"this run has no servers and a test wants {name}: ask by a fixture, so that it is marked")
    with locked(name) as place:
        address = place / "address"
        if not address.exists():
            address.write_text(start(place))
        return address.read_text()


def private(name: str) -> Path:
    """A folder for one more server, removed with the run."""
    return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=folder()))


def describe(
    place: Path, *, pids: list[int] | None = None, container: str = "", stop_signal: int = signal.SIGTERM
) -> None:
    """Records how the server in `place` is stopped by somebody who did not start it."""
    draft = place / f"{_DESCRIPTION}.new"
    draft.write_text(json.dumps({"pids": pids or [], "container": container, "signal": int(stop_signal)}))
    draft.rename(place / _DESCRIPTION)
    _guard()


def free_ports(count: int) -> list[int]:
    """Ports that nobody on this machine uses now, and that no outgoing connection will be given."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(*_BELOW_THE_EPHEMERAL_ONES)
        with socket.socket() as one, contextlib.suppress(OSError):
            one.bind(("127.0.0.1", port))
            found.append(port)
    return found


def wait_until(check: Callable[[], bool], seconds: float, what: str) -> None:
    """Looks again and again until `check()` holds; raises TimeoutError naming `what` did not happen."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Tells whether the process, or one of the group that it leads or led, still runs."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if (process.pid == pid or os.getpgid(process.pid) == pid) and process.status() != psutil.STATUS_ZOMBIE:
                return True
    return False


def stop_process(pid: int, first: int = signal.SIGTERM, seconds: float = 20) -> None:
    """Ends a process and the group that it leads: politely, then by force. Returns when all of it is gone."""
    for sent in (first, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            _send(pid, sent)
        with contextlib.suppress(TimeoutError):
            wait_until(lambda: not alive(pid), seconds, f"end of process {pid}")
            return


def clean(path: Path) -> None:
    """Stops every server of a run and removes its folder."""
    for description in path.glob(f"*/{_DESCRIPTION}"):
        server: dict[str, Any] = json.loads(description.read_text())
        for pid in server["pids"]:
            if alive(pid):
                stop_process(pid, server["signal"])
        if server["container"]:
            _remove_container(server["container"])
    shutil.rmtree(path, ignore_errors=True)


def _remove_container(container: str) -> None:
    import docker

    with contextlib.suppress(docker.errors.NotFound):
        docker.from_env(timeout=60).containers.get(container).remove(force=True, v=True)


def _send(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        os.kill(pid, number)


def _guard() -> None:
    path = folder()
    owner = int((path / "owner").read_text())
    with (path / "guard.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        pid_file = path / "guard.pid"
        if pid_file.exists():
            return
        guard = subprocess.Popen(
            [sys.executable, "-I", __file__, str(path), str(owner)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        pid_file.write_text(str(guard.pid))


def _end(path: Path, owner: int) -> None:
    if os.getpid() != owner:  # a fork inherits the exit hook, not the run
        return
    guard = path / "guard.pid"
    if guard.exists():
        stop_process(int(guard.read_text()))
    clean(path)


if __name__ == "__main__":
    watched, owner_pid = Path(sys.argv[1]), int(sys.argv[2])
    while alive(owner_pid) and watched.exists():
        time.sleep(1)
    clean(watched)
