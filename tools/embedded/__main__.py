"""`python -m embedded`: the whole product in one process, behind `make demo`."""

import os
import signal
import sys
import threading

# Hundreds of modules: compiled at the first start only, whatever the environment says for short-lived programs.
sys.dont_write_bytecode = False

from embedded.demo import Demo  # noqa: E402
from embedded.settings import CannotStart, Settings  # noqa: E402


def main() -> None:
    """Runs until Ctrl-C or SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    demo = Demo(Settings.from_env(os.environ))
    try:
        print(demo.start(stop), flush=True)
        stop.wait()
        print("Stopping ...", flush=True)
    except CannotStart as error:
        sys.exit(f"The demo cannot start. {error}")
    finally:
        demo.stop()


if __name__ == "__main__":
    main()
