"""What an operator does with a service's messages: `held`, `replay` and `dead` of `python -m <service>`."""

import argparse
import getpass
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from common import held
from common.bus.port import TopologyMismatch, Transport
from common.bus.rabbitmq import RabbitMQ
from common.replay import ReplayFailed, replay
from common.service import Service
from common.settings import MissingSettings


def held_command(service: Service, arguments: Sequence[str]) -> int:
    """Runs `held list | show EVENT | replay (--all | --key KEY | --event EVENT) | drop EVENT --reason WHY`."""
    parser = _parser(service, "held", "Events that failed, and the later ones of their key that wait behind them.")
    parser.add_argument("--consumer", default=service.name, help="another inbox generation, such as overview@2")
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="the events that wait, oldest first")
    listing.add_argument("--key", help="only this partition key")
    listing.add_argument("--type", help="only this event type")
    listing.add_argument("--limit", type=int, default=100)
    commands.add_parser("show", help="one event, whole").add_argument("event")
    replaying = commands.add_parser("replay", help="handle events now, each key in its order")
    which = replaying.add_mutually_exclusive_group(required=True)
    which.add_argument("--all", action="store_true")
    which.add_argument("--key")
    which.add_argument("--event", help="with those of its key that wait before and behind it")
    dropping = commands.add_parser("drop", help="give one event up: it never takes effect")
    dropping.add_argument("event")
    dropping.add_argument("--reason", required=True, help="goes to the log with your name")
    asked = parser.parse_args(list(arguments))
    run = {"list": _list, "show": _show, "replay": _replay_held, "drop": _drop}[asked.command]
    return run(service, asked)


def replay_command(service: Service, arguments: Sequence[str]) -> int:
    """Runs `replay --for CONSUMER [--types …] [--since …]`."""
    parser = _parser(service, "replay", "Sends this service's events again to one consumer.")
    parser.add_argument("--for", dest="consumer", required=True, metavar="CONSUMER", help="overview, overview@2, …")
    parser.add_argument("--types", nargs="+", metavar="TYPE", help="only these event types")
    parser.add_argument("--since", type=_moment, metavar="MOMENT", help="only events written since, RFC 3339")
    asked = parser.parse_args(list(arguments))
    with _transport(service) as transport:
        try:
            sent = replay(service, transport, asked.consumer, asked.types, asked.since, progress=_progress)
        except (ReplayFailed, ConnectionError, TopologyMismatch) as error:
            _say(f"{error}")
            return 1
    _say(f"sent {sent} events to {asked.consumer}")
    return 0


def dead_command(service: Service, arguments: Sequence[str]) -> int:
    """Runs `dead list | revive`."""
    parser = _parser(service, "dead", "Messages that could not be read, or ended the process again and again.")
    parser.add_argument("--consumer", default=service.name, help="another inbox generation, such as overview@2")
    parser.add_argument("command", choices=["list", "revive"], help="revive: put all back, after a correction")
    asked = parser.parse_args(list(arguments))
    with _transport(service) as transport:
        if asked.command == "revive":
            _say(f"{transport.revive(asked.consumer)} put back")
            return 0
        letters = transport.dead_letters(asked.consumer)
        for letter in letters:
            _say(f"shard {letter.shard}  {letter.reason}  {len(letter.body)} bytes  {letter.body[:200]!r}")
        _say(f"{len(letters)} shown of {transport.dead_count(asked.consumer)}")
    return 0


def _list(service: Service, asked: argparse.Namespace) -> int:
    found = service.db.run(
        lambda session: held.list_held(session, asked.consumer, key=asked.key, event_type=asked.type, limit=asked.limit)
    )
    for one in found:
        due = one.next_attempt_at.isoformat(timespec="seconds") if one.next_attempt_at else "-"
        _say(
            f"{one.event_id}  {one.state:<8}  {one.attempts:>2}  {due:<25}  {one.type}"
            f"  {one.partition_key}  {one.error}"
        )
    _say(f"{len(found)} shown")
    return 0


def _show(service: Service, asked: argparse.Namespace) -> int:
    one = service.db.run(lambda session: held.find(session, asked.consumer, asked.event))
    if one is None:
        _say("no such event is held")
        return 1
    _say(f"{one.state} after {one.attempts} attempts, held since {one.held_at.isoformat()}\n{one.error}\n{one.body}")
    return 0


def _replay_held(service: Service, asked: argparse.Namespace) -> int:
    keys: list[str] | None = [asked.key] if asked.key else None
    if asked.event:
        one = service.db.run(lambda session: held.find(session, asked.consumer, asked.event))
        keys = [one.partition_key] if one else []
    done, waiting = held.replay(service, asked.consumer, keys)
    _say(f"{done} took effect, {waiting} still wait")
    return 1 if waiting else 0


def _drop(service: Service, asked: argparse.Namespace) -> int:
    who = getpass.getuser()
    dropped = service.db.run(
        lambda session: held.drop(session, asked.consumer, asked.event, who=who, reason=asked.reason)
    )
    _say("dropped" if dropped else "no such event is held")
    return 0 if dropped else 1


@contextmanager
def _transport(service: Service) -> Iterator[Transport]:
    if not service.settings.rabbitmq_url:
        raise MissingSettings("cannot start: RABBITMQ_URL is not set")
    transport = RabbitMQ(service.settings.rabbitmq_url, queue_type=service.settings.queue_type)
    try:
        yield transport
    finally:
        transport.close()


def _parser(service: Service, command: str, description: str) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog=f"python -m {service.name.replace('-', '_')} {command}", description=description
    )


def _progress(sent: int, total: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{sent}/{total}" + ("\n" if sent == total else ""))


def _moment(written: str) -> datetime:
    moment = datetime.fromisoformat(written)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
