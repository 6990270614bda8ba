"""Who reads what, from the contracts; and the names of exchange and queues, which every process derives alike."""

from common.beat import BEAT
from common.bus.port import BEATS, Transport, Types
from common.contracts import Contracts
from common.envelope import SHARDS

EXCHANGE = "events"


def consumers(contracts: Contracts) -> dict[str, tuple[str, ...]]:
    """Every consumer that the contracts name, with the types that it reads."""
    found: dict[str, list[str]] = {}
    for event_type in contracts.types:
        for consumer in sorted(contracts.consumers_of(event_type)):
            found.setdefault(consumer, []).append(event_type)
    return {consumer: tuple(types) for consumer, types in sorted(found.items())}


def with_generation(known: Types, consumer: str) -> dict[str, tuple[str, ...]]:
    """The same, and a generation such as `overview@2`, which reads what `overview` reads. A service that reads nothing
    gets no queues."""
    types = {name: tuple(of_name) for name, of_name in known.items()}
    base = consumer.partition("@")[0]
    return types | {consumer: types[base]} if base in types else types


def queue(consumer: str, shard: int) -> str:
    """The queue of one consumer and shard, or of its heartbeats."""
    return f"{consumer}.beats" if shard == BEATS else f"{consumer}.s{shard}"


def dead_queue(consumer: str) -> str:
    """Where a consumer's dead letters lie."""
    return f"{consumer}.dead"


def bindings(consumer: str, types: tuple[str, ...]) -> list[tuple[str, str]]:
    """Each (queue, routing key) of a consumer."""
    pairs = [
        (queue(consumer, shard), f"{event_type}.s{shard}")
        for shard in range(SHARDS)
        for event_type in types
        if event_type != BEAT
    ]
    return pairs + ([(queue(consumer, BEATS), f"{BEAT}.s{BEATS}")] if BEAT in types else [])


def declare(rabbitmq_url: str, contracts: Contracts, *, queue_type: str) -> None:
    """Makes every queue and binding of the contracts exist on a broker, safe to repeat; raises TopologyMismatch."""
    from common.bus.rabbitmq import RabbitMQ

    transport: Transport = RabbitMQ(rabbitmq_url, queue_type=queue_type)
    try:
        transport.declare(consumers(contracts))
    finally:
        transport.close()
