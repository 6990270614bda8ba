"""Our services as they run in production: their own databases, `python -m <service> <role>`, logs in files."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from bench import broker, servers, tokens
from bench.processes import Process
from common.testing import Databases, TestDatabase
from support import run


@dataclass(frozen=True, slots=True)
class Server:
    """A process and the port on which it answers."""

    process: Process
    port: int

    @property
    def pid(self) -> int:
        return self.process.pid


class Stack:
    """A set of services that belong together. Leaving the block stops every process and drops the databases."""

    def __init__(self, consumers: Iterable[str] = ()) -> None:
        """`consumers` are those that get events; without any, there is no broker."""
        self.folder = Path(tempfile.mkdtemp(prefix="bench-", dir=run.folder()))
        self.consumers = tuple(consumers)
        self._contracts = broker.contracts_for(self.folder, self.consumers)
        self._databases = Databases(servers.admin_url())
        self._of: dict[str, TestDatabase] = {}
        self._processes: list[Process] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_all()
        if self.consumers:
            broker.remove_queues(self.consumers)
        self._databases.drop()
        with contextlib.suppress(OSError):
            shutil.rmtree(self.folder)

    def database(self, service: str) -> TestDatabase:
        """The service's database, migrated and empty at first."""
        if service not in self._of:
            self._of[service] = self._databases.of(service)
        return self._of[service]

    def environment(self, service: str) -> dict[str, str]:
        """What every process of a service is told; the gateway has no database."""
        environ = {"IDENTITY_PUBLIC_KEY": tokens.issuer().public_key, "CONTRACTS_DIR": str(self._contracts)}
        if self.consumers:
            environ["RABBITMQ_URL"] = servers.rabbitmq_url()
        if service != "gateway":
            environ["DATABASE_URL"] = self.database(service).app_url
        return environ

    def start(self, service: str, role: str, extra: Mapping[str, str] | None = None) -> Server:
        """Starts `python -m <service> <role>` with one web process, on a port of its own; returns when it is ready."""
        (port,) = run.free_ports(1)
        told = {"PORT": str(port), "WEB_PROCESSES": "1", **(extra or {})}
        name = f"{service}-{role}-{port}"
        process = Process(self.folder, name, [service.replace("-", "_"), role], self.environment(service) | told)
        self._processes.append(process)
        process.wait_for(port, "/readyz")
        return Server(process, port)

    def run_program(self, name: str, arguments: list[str]) -> Process:
        """Starts a program of the benchmark itself beside the services."""
        process = Process(self.folder, name, arguments, {})
        self._processes.append(process)
        return process

    def run_server(self, name: str, arguments: list[str]) -> Server:
        """Starts a web program of the benchmark, which takes its port as the last argument; returns when it answers."""
        (port,) = run.free_ports(1)
        process = self.run_program(f"{name}-{port}", [*arguments, str(port)])
        process.wait_for(port)
        return Server(process, port)

    def stop(self, process: Process) -> None:
        """Ends one process."""
        process.stop()
        self._processes.remove(process)

    def stop_all(self) -> None:
        """Ends every process."""
        for process in reversed(self._processes):
            process.stop()
        self._processes.clear()

    def check(self) -> None:
        """Raises RuntimeError where a process has ended by itself."""
        for process in self._processes:
            process.check()
