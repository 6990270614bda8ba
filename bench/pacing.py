"""Calls at a fixed rate from several threads: an open loop, so that a slow call does not slow the next ones down."""

import threading
import time
from collections.abc import Callable


def paced(per_second: float, seconds: float, threads: int, make: Callable[[], Callable[[int], None]]) -> int:
    """Calls what `make` returns in each thread, at `per_second` in all, with the number of the call; raises what a call
    raised. Returns the number of calls."""
    total = round(per_second * seconds)
    numbers = iter(range(total))
    lock = threading.Lock()
    failures: list[BaseException] = []
    calls = [make() for _ in range(threads)]
    started = time.perf_counter()

    def loop(call: Callable[[int], None]) -> None:
        while not failures:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            pause = started + number / per_second - time.perf_counter()
            if pause > 0:
                time.sleep(pause)
            try:
                call(number)
            except Exception as error:  # noqa: BLE001  # raised again by the thread that waits
                failures.append(error)

    workers = [threading.Thread(target=loop, args=(call,), daemon=True) for call in calls]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failures:
        raise failures[0]
    return total
