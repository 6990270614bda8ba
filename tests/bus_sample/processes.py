"""Worker processes of the sample services that a test may let crash, and that come back until it is over."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Supervised:
    """Keeps one worker process alive. Start n gets the n-th of `crashes` (`<point>:<count>`), later ones none."""

    def __init__(
        self,
        role: str,
        database_url: str,
        rabbitmq_url: str,
        contracts: Path,
        crashes: Sequence[str] = (),
        arguments: Sequence[str] = (),
    ) -> None:
        self._command = [sys.executable, "-m", "bus_sample", role, *arguments]
        self._environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(str(ROOT / folder) for folder in ("tests", "libs")),
            "DATABASE_URL": database_url,
            "RABBITMQ_URL": rabbitmq_url,
            "CONTRACTS_DIR": str(contracts),
            "PORT": "0",
            "PGAPPNAME": "bus_sample",
            "LOG_LEVEL": "ERROR",
        }
        self._crashes: Iterator[str] = chain(crashes, repeat(""))
        self._ending = threading.Event()
        self.kills = 0
        self.process = self._start()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    def end(self) -> int:
        """SIGTERM, and the exit status of the process."""
        self._ending.set()
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def _start(self) -> "subprocess.Popen[bytes]":
        crash = next(self._crashes)
        environment = self._environment | ({"ATRIUM_CRASH_AT": crash} if crash else {})
        return subprocess.Popen(self._command, env=environment)

    def _keep(self) -> None:
        while not self._ending.is_set():
            status = self.process.wait()
            if self._ending.is_set():
                return
            if status == -signal.SIGKILL:
                self.kills += 1
            self.process = self._start()
