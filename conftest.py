"""What every test run has: the servers of tests/support, the fixtures of common.testing, and the suites' markers."""

import gc
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "tests"))

from support import run

# Before xdist starts its workers, so that they all share this run's servers.
run.folder()
os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")

pytest_plugins = ["support.fixtures", "common.testing.plugin"]

_SERVER_OF = {"postgres_admin_url": "postgres", "rabbitmq_url": "rabbitmq", "rabbitmq_node": "rabbitmq"}


def pytest_configure(config: pytest.Config) -> None:
    """Declares the marker of what takes minutes."""
    config.addinivalue_line("markers", "slow: takes a minute or more")


def pytest_collection_finish() -> None:
    """Leaves what was imported out of garbage collections, which would take half a second each and stop every thread of
    the product that runs in the process."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts a test that asks for a server, however indirectly, into that server's suite."""
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in _SERVER_OF:
                item.add_marker(_SERVER_OF[fixture])
