"""The one-process run is killed in the middle of an import, twice, and loses nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from common.testing import Figure, eventually
from support import run

pytestmark = pytest.mark.faults

PASSWORD = "a-long-enough-password"
CUSTOMERS = 6_000


class Demo:
    """The demo as a process of its own."""

    def __init__(self, folder: Path) -> None:
        (self.port,) = run.free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = os.environ | {
            "PORT": str(self.port),
            "DEMO_DIR": str(folder / "demo"),
            "DEMO_PASSWORD": PASSWORD,
        }
        self._output = folder / "output"
        self._process: subprocess.Popen[bytes] | None = None
        self._headers: dict[str, str] = {}

    def start(self) -> None:
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "embedded"], env=self._environment, stdout=output, stderr=output
            )
        eventually(self._ready, 90, every=0.1)
        self._sign_in()

    def kill9(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(60)

    def get(self, path: str) -> dict[str, Any]:
        return self._answer(requests.get(self.url + path, headers=self._headers, timeout=30))

    def upload(self, content: bytes) -> dict[str, Any]:
        form = {"type": "customers", "mode": "create"}
        files = {"file": ("customers.csv", content, "text/csv")}
        url = f"{self.url}/api/imports"
        return self._answer(requests.post(url, data=form, files=files, headers=self._headers, timeout=30))

    def _sign_in(self) -> None:
        login = {"username": "admin@example.test", "password": PASSWORD}
        session = self._answer(requests.post(f"{self.url}/api/sessions", json=login, timeout=30))
        self._headers = {"Authorization": f"Bearer {session['access_token']}"}

    def _answer(self, answer: requests.Response) -> dict[str, Any]:
        assert answer.ok, answer.text
        return dict(answer.json())

    def _ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._output.read_text()
        try:
            return requests.get(f"{self.url}/readyz", timeout=2).ok
        except requests.RequestException:
            return False


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    made = Demo(tmp_path)
    yield made
    made.stop()


def test_a_killed_import_is_finished_by_the_next_start(demo: Demo, figure: Figure) -> None:
    demo.start()
    before = demo.get("/api/customers?limit=1&archived=any")
    assert before["items"]
    header = "customer_id,company_name,contact_name,address,city,country"
    rows = [f"K{n:05},Survivor {n:05},Contact {n:05},{n} High Street,Leeds,UK" for n in range(CUSTOMERS)]
    content = "\n".join([header, *rows]).encode()
    path = f"/api/imports/{demo.upload(content)['id']}"

    for share in (0.1, 0.5):
        eventually(lambda share=share: demo.get(path)["progress"]["done"] >= share * CUSTOMERS, 120, every=0.05)
        demo.kill9()
        demo.start()

    done = eventually(lambda: finished(demo.get(path)), 180, every=0.2)
    assert done["state"] == "completed"
    assert done["counts"]["created"] == CUSTOMERS
    # The overview has heard of every one: found one by one at both ends and in the middle, and all of them by paging.
    eventually(lambda: demo.get(f"/api/customers?q=K{CUSTOMERS - 1:05}&limit=5")["items"], 180, every=0.5)
    eventually(lambda: len(numbers(demo)) == CUSTOMERS, 180, every=2)
    assert numbers(demo) == {f"K{n:05}" for n in range(CUSTOMERS)}
    overview = demo.get(f"/api/customers/{identify(demo, 'K03000')}/overview")
    assert len(overview["contacts"]) == len(overview["addresses"]) == 1
    figure("customers lost by two kills of the demo in an import", f"0 of {CUSTOMERS:,}")


def finished(shown: dict[str, Any]) -> dict[str, Any] | None:
    return shown if shown["state"] in {"completed", "failed"} else None


def numbers(demo: Demo) -> set[str]:
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        query = f"/api/customers?q=survivor&limit=200{f'&cursor={cursor}' if cursor else ''}"
        page = demo.get(query)
        found += [item["number"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert len(found) == len(set(found))
    return set(found)


def identify(demo: Demo, number: str) -> str:
    return str(demo.get(f"/api/customers?q={number}&limit=1")["items"][0]["id"])
