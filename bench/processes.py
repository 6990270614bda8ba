"""Server processes of a benchmark: started with their logs in files, watched for the CPU that they use, stopped."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import psutil

from bench import ROOT

READY_SECONDS = 60.0
STOP_SECONDS = 20.0


class Process:
    """One `python -m …` in a session of its own, with its output in a file."""

    def __init__(self, folder: Path, name: str, arguments: Iterable[str], environ: Mapping[str, str]) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        kept = {key: os.environ[key] for key in ("PATH", "LANG", "TZ", "HOME") if key in os.environ}
        with self.log.open("ab") as output:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=ROOT,
                env=kept | {"PYTHONDONTWRITEBYTECODE": "1"} | dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._popen.pid

    def check(self) -> None:
        """Raises RuntimeError with the end of its log where it has ended."""
        if self._popen.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self._popen.returncode}:\n{self.tail()}")

    def tail(self) -> str:
        """The last lines of its log."""
        return self.log.read_text(errors="replace")[-3000:]

    def wait_for(self, port: int, path: str = "/healthz") -> None:
        """Returns when GET `path` on the port is answered with 200, or raises TimeoutError with the end of its log."""
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        until = time.monotonic() + READY_SECONDS
        while True:
            self.check()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(request)
                with connection.makefile("rb") as answer:
                    if b" 200 " in answer.read().partition(b"\r\n")[0]:
                        return
            if time.monotonic() > until:
                raise TimeoutError(f"{self.name} is not ready:\n{self.tail()}")
            time.sleep(0.05)

    def wait(self) -> None:
        """Returns when it has ended well; raises RuntimeError with the end of its log where it failed."""
        if self._popen.wait():
            raise RuntimeError(f"{self.name} ended with {self._popen.returncode}:\n{self.tail()}")

    def stop(self) -> None:
        """SIGTERM, and SIGKILL for what has not ended then."""
        tree = family(self.pid)
        self._popen.terminate()
        try:
            self._popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            for process in tree:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            self._popen.wait(STOP_SECONDS)


def family(pid: int) -> list[psutil.Process]:
    """A process and all its descendants; empty where it is gone."""
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system seconds that the trees of these processes have used, ended children included."""
    total = 0.0
    for pid in pids:
        for process in family(pid):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
    return total


class Meter:
    """The CPU that named trees of processes use between `start` and `per_operation`."""

    def __init__(self, trees: Mapping[str, Iterable[int]]) -> None:
        self._trees = {name: list(pids) for name, pids in trees.items()}
        self._before: dict[str, float] = {}

    def start(self) -> None:
        self._before = {name: cpu_seconds(pids) for name, pids in self._trees.items()}

    def per_operation(self, operations: float) -> dict[str, float]:
        """CPU milliseconds per operation by tree."""
        used = {name: cpu_seconds(pids) - self._before[name] for name, pids in self._trees.items()}
        return {name: 1000 * seconds / max(operations, 1) for name, seconds in used.items()}
