"""Servers in containers, where a Docker engine (or what speaks like one) answers."""

import functools
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from support import run


@functools.cache
def answers() -> bool:
    """Tells whether a Docker engine answers within two seconds; DOCKER_HOST is honoured."""
    host = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if host.startswith("unix://") and not Path(urlsplit(host).path).exists():
        return False
    import docker

    try:
        client = docker.DockerClient(base_url=host.replace("tcp://", "http://"), timeout=2)
        return bool(client.ping())
    except (docker.errors.DockerException, OSError):
        return False


class Container:
    """One container with one published port, which stays the same over restarts."""

    def __init__(
        self, place: Path, image: str, port: int, *, environment: Mapping[str, str], command: str | None = None
    ) -> None:
        from testcontainers.core.container import DockerContainer

        (self.port,) = run.free_ports(1)
        container = DockerContainer(image).with_bind_ports(port, self.port)
        for name, value in environment.items():
            container.with_env(name, value)
        if command:
            container.with_command(command)
        self._container = container.start()
        self._wrapped = container.get_wrapped_container()
        self.host = container.get_container_host_ip().replace("localhost", "127.0.0.1")
        run.describe(place, container=self._wrapped.id)

    def start(self) -> None:
        self._wrapped.start()

    def stop(self) -> None:
        self._wrapped.stop(timeout=20)

    def kill9(self) -> None:
        self._wrapped.kill("SIGKILL")

    def remove(self) -> None:
        self._wrapped.remove(force=True, v=True)

    def runs(self) -> bool:
        self._wrapped.reload()
        return self._wrapped.status == "running"

    def logs(self) -> str:
        return self._wrapped.logs(tail=40).decode(errors="replace")
