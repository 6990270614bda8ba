"""Who gets events during a line: every worker makes the queues of all consumers that the contracts name, and one that
nobody empties would only fill the broker's disk."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import pika

from bench import ROOT, servers
from common.bus.port import BEATS
from common.bus.topology import dead_queue, queue


def contracts_for(folder: Path, consumers: Iterable[str]) -> Path:
    """A copy of `contracts/` that names these consumers alone."""
    copied = folder / "contracts"
    kept = {f"{consumer}.json" for consumer in consumers}
    shutil.copytree(ROOT / "contracts", copied)
    for path in copied.glob("events/*/*/consumers/*.json"):
        if path.name not in kept:
            path.unlink()
    return copied


def remove_queues(consumers: Iterable[str]) -> None:
    """Deletes the queues of these consumers, with what is in them."""
    with pika.BlockingConnection(pika.URLParameters(servers.rabbitmq_url())) as connection:
        channel = connection.channel()
        for consumer in consumers:
            for name in [*(queue(consumer, shard) for shard in range(BEATS + 1)), dead_queue(consumer)]:
                channel.queue_delete(name)
