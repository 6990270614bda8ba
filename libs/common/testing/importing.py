"""Imports as a caller sees them: a file in, the worker's job, the finished import, and its refused rows."""

import csv
import io
from threading import Event as Stop
from typing import Any

from common.service import Service
from common.testing.clients import Client

_COUNTS = ("created", "updated", "unchanged", "duplicate", "invalid")


def start_import(client: Client, body: bytes, *, name: str = "rows.csv", **fields: str) -> Any:
    """The answer to the upload of a file."""
    return client.post("/imports", data={"mode": "upsert", **fields, "file": (io.BytesIO(body), name)})


def run_import(client: Client, service: Service, body: bytes, **fields: str) -> dict[str, Any]:
    """Uploads a file, lets the worker's job run, and returns the finished import."""
    answer = start_import(client, body, **fields)
    assert answer.status_code == 202, answer.json
    job = next(job for job in service.jobs if job.name == "imports")
    while job.run(Stop()):
        pass
    shown = client.get(f"/imports/{answer.json['id']}").json
    assert shown is not None
    assert shown["state"] == "completed", shown
    return dict(shown)


def refused_rows(client: Client, import_id: str) -> list[dict[str, str]]:
    """The refused rows by heading, each with `error_code`, `error_detail` and `line`."""
    answer = client.get(f"/imports/{import_id}/rejected")
    assert answer.status_code == 200, answer.json
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


def counts(**given: int) -> dict[str, int]:
    """The counts of an import, zero where not given."""
    return dict.fromkeys(_COUNTS, 0) | given
