"""`python -m bench.importing`: runs the open imports of a database to their end, in a process of its own.

Prints one line of JSON: the seconds that they took, the CPU that the process used for them, and its peak memory.
"""

import json
import os
import time
from pathlib import Path
from threading import Event as Stop


def main() -> None:
    """Takes the database from the environment, as a worker of `customer` does."""
    from customer.bootstrap import build
    from customer.settings import Settings

    service = build(Settings.from_env(os.environ))
    job = next(job for job in service.jobs if job.name == "imports")
    service.db.run(lambda session: session.connection())  # connecting is no part of it
    begun, cpu = time.monotonic(), time.process_time()
    while job.run(Stop()):
        pass
    took, used = time.monotonic() - begun, time.process_time() - cpu
    service.db.dispose()
    print(json.dumps({"seconds": took, "cpu": used, "peak_kib": _peak_kib()}))


def _peak_kib() -> int:
    """What this process has held at most. `getrusage` would also count what its parent held when it started it."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


if __name__ == "__main__":
    main()
