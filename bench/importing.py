"""`python -m bench.importing`: runs the open imports of a database to their end, in a process of its own.

Prints one line of JSON: the seconds that they took, the CPU that the process used for them, and its peak memory.
"""

import json
import os
import resource
import time
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
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    service.db.dispose()
    print(json.dumps({"seconds": took, "cpu": used, "peak_kib": peak}))


if __name__ == "__main__":
    main()
