"""A real RabbitMQ: the one that TEST_RABBITMQ_URL names, else a container, else the program as a private node."""

import functools
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pika
from pika.exceptions import AMQPError

from support import containers, packages, run

IMAGE = os.environ.get("TEST_RABBITMQ_IMAGE", "rabbitmq:4-management")
_USUAL_FOLDERS = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin:/usr/local/opt/rabbitmq/sbin"
_HOW_TO_GET_ONE = (
    "The RabbitMQ tests need a broker and there is none: start Docker, or install RabbitMQ so that `rabbitmq-server`"
    " is on the PATH (Debian, Ubuntu: apt-get install rabbitmq-server; macOS: brew install rabbitmq), or name a"
    " running one in TEST_RABBITMQ_URL."
)


class NoBrokerError(RuntimeError):
    """There is no way to a broker here; says what to install."""


@functools.cache
def url() -> str:
    """The address of the run's one RabbitMQ, started now if nobody has needed it before."""
    return os.environ.get("TEST_RABBITMQ_URL") or run.shared("rabbitmq", lambda place: Node(place).url)


class Node:
    """A RabbitMQ of one's own, started by making it."""

    def __init__(self, place: Path | None = None) -> None:
        place = place or run.private("rabbitmq")
        for last_try in (False, True):
            self._server: _InContainer | _Program = _InContainer(place) if containers.answers() else _Program(place)
            self.url = self._server.url
            try:
                self._wait_until_ready()
            except AssertionError:
                # Between our choice of ports and its start somebody else took one.
                if last_try:
                    raise
                self._server.remove()
            else:
                break

    def start(self) -> None:
        """Starts it again after `stop` or `kill9`, at the same address and with its durable queues."""
        self._server.start()
        self._wait_until_ready()

    def stop(self) -> None:
        """An orderly stop."""
        self._server.stop()

    def kill9(self) -> None:
        """SIGKILL, as a lost machine looks to its clients."""
        self._server.kill9()

    def remove(self) -> None:
        """Ends it for good."""
        self._server.remove()

    def _wait_until_ready(self) -> None:
        try:
            run.wait_until(self._ready, 120, "RabbitMQ answers")
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self._server.logs()}") from None

    def _ready(self) -> bool:
        assert self._server.runs(), f"RabbitMQ ended while starting:\n{self._server.logs()}"
        parameters = pika.URLParameters(self.url)
        parameters.socket_timeout = parameters.stack_timeout = parameters.blocked_connection_timeout = 3
        try:
            pika.BlockingConnection(parameters).close()
        except (AMQPError, OSError, ValueError):
            return False  # ValueError: it ended while pika was making it
        return True


class _InContainer:
    def __init__(self, place: Path) -> None:
        # A name of its own keeps the node's data where it finds them after a restart.
        self._container = containers.Container(
            place, IMAGE, 5672, environment={"RABBITMQ_NODENAME": "rabbit@localhost"}
        )
        self.url = f"amqp://guest:guest@{self._container.host}:{self._container.port}/%2F"
        self.start, self.stop, self.kill9 = self._container.start, self._container.stop, self._container.kill9
        self.remove, self.logs = self._container.remove, self._container.logs

    def runs(self) -> bool:
        return self._container.runs()


class _Program:
    """`rabbitmq-server` as a node with its own name, ports, data and epmd, in a folder of the run."""

    def __init__(self, place: Path) -> None:
        self._place = place
        place.mkdir(exist_ok=True)
        self._program = _program()
        self._ports = run.free_ports(3)
        self.url = f"amqp://guest:guest@127.0.0.1:{self._ports[0]}/%2F"
        (place / "enabled_plugins").write_text("[].\n")
        (place / "rabbitmq-env.conf").write_text("")
        (place / "rabbitmq.conf").write_text(
            f"listeners.tcp.local = 127.0.0.1:{self._ports[0]}\n"
            "disk_free_limit.absolute = 50MB\n"
            "log.file.level = warning\n"
        )
        self._epmd = self._run([_beside_erlang("epmd"), "-address", "127.0.0.1", "-port", str(self._ports[1])])
        self._node = self._run([self._program])

    def start(self) -> None:
        if not run.alive(self._node.pid):
            self._node = self._run([self._program])

    def stop(self) -> None:
        run.stop_process(self._node.pid, signal.SIGTERM, seconds=30)

    def kill9(self) -> None:
        run.stop_process(self._node.pid, signal.SIGKILL)

    def remove(self) -> None:
        self.kill9()
        run.stop_process(self._epmd.pid)
        shutil.rmtree(self._place, ignore_errors=True)

    def runs(self) -> bool:
        return run.alive(self._node.pid)

    def logs(self) -> str:
        written = [path for path in sorted(self._place.glob("*.log")) if path.stat().st_size]
        return "\n".join(f"{path.name}:\n{path.read_text(errors='replace')[-3000:]}" for path in written)

    def _run(self, command: list[str]) -> subprocess.Popen[bytes]:
        with (self._place / "output.log").open("ab") as output:
            process = subprocess.Popen(
                command,
                cwd=self._place,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        epmd = getattr(self, "_epmd", None)
        run.describe(self._place, pids=[process.pid] + ([epmd.pid] if epmd else []), stop_signal=signal.SIGKILL)
        return process

    def _environment(self) -> dict[str, str]:
        amqp, epmd, distribution = map(str, self._ports)
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TZ") if name in os.environ}
        return kept | {
            "PATH": f"{kept.get('PATH', '')}:/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL": "C.UTF-8",
            "HOME": str(self._place),
            "ERL_EPMD_PORT": epmd,
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"atrium-{amqp}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": amqp,
            "RABBITMQ_DIST_PORT": distribution,
            "RABBITMQ_CONF_ENV_FILE": str(self._place / "rabbitmq-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(self._place / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._place / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self._place / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self._place),
            "RABBITMQ_SCHEMA_DIR": str(self._place / "schema"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(self._place / "generated"),
            "RABBITMQ_PID_FILE": str(self._place / "rabbitmq.pid"),
            # Idle schedulers sleep: a test machine has few cores and other work for them.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none +sbwtdcpu none +sbwtdio none"
            " -kernel inet_dist_use_interface {127,0,0,1}",
        }


def _program() -> str:
    found = _find()
    if not found and packages.can_install():
        packages.install("rabbitmq-server")
        found = _find()
    if not found:
        raise NoBrokerError(_HOW_TO_GET_ONE)
    return found


def _find() -> str | None:
    # Debian's program of that name switches to the system's user; the one behind it runs as whoever calls it.
    behind = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    return str(behind) if behind.exists() else shutil.which("rabbitmq-server", path=_search_path())


def _beside_erlang(name: str) -> str:
    found = shutil.which(name, path=_search_path())
    if not found:
        raise NoBrokerError(f"{_HOW_TO_GET_ONE} ({name} of Erlang is missing)")
    return found


def _search_path() -> str:
    return f"{os.environ.get('PATH', '')}:{_USUAL_FOLDERS}:/usr/bin"
