"""One, two and three workers of one consumer: how many events a second they handle together.

`python -m bench.workers [EVENTS]`. The handler does what a real one does: it reads, writes rows of its own, keeps a
replica and publishes an event for each that it handles. Database and broker run on the same cores here, so workers
that compute compete with them; those that wait for a database, as most do, show how the work is shared.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from bench import ROOT, servers
from bench.draining import seconds_until

sys.path.insert(0, str(ROOT / "tests"))

from bus_sample.processes import Supervised
from bus_sample.rig import empty
from bus_sample.services import change_many, producer, write_contracts
from common.bus.rabbitmq import RabbitMQ
from common.bus.topology import consumers
from common.replay import replay
from common.testing.databases import Databases
from support import run

WORKERS = (1, 2, 3)
KINDS = {
    "working": "database on this machine",
    "waiting": "2 ms more of waiting for the database per event, as over a network",
}
_SHARING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid < 8 AND objsubid = 2"
_DONE = "SELECT count(*) FROM inbox"


def main(events: int) -> int:
    """Prints a line for each number of workers and kind of work."""
    databases = Databases(servers.admin_url())
    things, readings = databases.of("bus_sample"), databases.of("bus_sample")
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=run.folder()))
    service = producer(things.app_url, write_contracts(folder))
    transport = RabbitMQ(servers.rabbitmq_url())
    try:
        change_many(service.db, events // 4, 4)
        for kind, what in KINDS.items():
            print(what, flush=True)
            alone = 0.0
            for count in WORKERS:
                empty(readings.app_url)
                transport.remove("reader")
                transport.declare(consumers(service.contracts))
                workers = [
                    Supervised("reader", readings.app_url, servers.rabbitmq_url(), folder, arguments=[kind])
                    for _ in range(count)
                ]
                _wait_until_shared(readings.admin_url, count)
                started = time.perf_counter()
                replay(service, transport, "reader")
                seconds_until(readings.admin_url, _DONE, events, lambda: None)
                rate = events / (time.perf_counter() - started)
                alone = alone or rate
                print(f"  {count} workers: {rate:6.0f} events/s, {rate / alone:.2f} of one", flush=True)
                for worker in workers:
                    worker.end()
    finally:
        transport.close()
        service.db.dispose()
        databases.drop()
    print(f"{os.cpu_count()} cores, load at the end {os.getloadavg()[0]:.1f}")
    return 0


def _wait_until_shared(url: str, workers: int) -> None:
    """All 8 shards are held, and every worker had the time to take its part."""
    presence = _SHARING.replace("objid < 8", "objid = 1000")
    seconds_until(url, presence, workers, lambda: None)
    time.sleep(3.0)
    seconds_until(url, _SHARING, 8, lambda: None)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 8_000))
