"""What an operator starts on the command line: `rebuild` and `gaps`."""

import argparse
import sys
from collections.abc import Callable, Sequence
from threading import Event as Stop

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from common.bus.rabbitmq import RabbitMQ
from common.cli import stop_signal
from common.service import Service
from common.settings import MissingSettings
from overview.domain.sections import SERVICES
from overview.jobs.rebuilding import Rebuild
from overview.queries.gaps import gaps
from overview.use_cases import generations

Filling = Callable[[Service, int], Service]


def rebuild(service: Service, arguments: Sequence[str], filling: Filling) -> int:
    """Runs `rebuild`: builds every table again from the owners' logs, while the present ones serve."""
    parser = argparse.ArgumentParser(
        prog="python -m overview rebuild",
        description="Builds the read models again beside those that serve; they serve when nothing is lacking.",
    )
    parser.parse_args(list(arguments))
    if not service.settings.rabbitmq_url:
        raise MissingSettings("cannot start: RABBITMQ_URL is not set")
    transport = RabbitMQ(service.settings.rabbitmq_url, queue_type=service.settings.queue_type)
    console = Console(stderr=True)
    try:
        running = Rebuild(service.db, transport, lambda number: filling(service, number))
        console.print(f"Generation {running.number} is being built from the logs of {', '.join(SERVICES)}.")
        done = _watch(running, stop_signal(), console)
    finally:
        transport.close()
    console.print(f"Generation {running.number} serves." if done else "Stopped; the old tables serve as before.")
    return 0 if done else 1


def list_gaps(service: Service, arguments: Sequence[str]) -> int:
    """Runs `gaps`: the aggregates of which some version has not arrived, while a newer one has."""
    argparse.ArgumentParser(prog="python -m overview gaps", description=list_gaps.__doc__).parse_args(list(arguments))
    found = service.db.run(gaps)
    for gap in found:
        sys.stdout.write(f"{gap['entity']}  {gap['subject']}  newest {gap['newest']}, {gap['missing']} missing\n")
    sys.stdout.write(f"{len(found)} shown\n")
    return 1 if found else 0


def _watch(running: Rebuild, stop: Stop, console: Console) -> bool:
    columns = (TextColumn("events"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("events", total=None)

        def told(progress: generations.Progress) -> None:
            bar.update(task, completed=min(progress.done, progress.total), total=progress.total)

        return running.run(stop, told)
