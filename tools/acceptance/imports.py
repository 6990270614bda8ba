"""Uploads a file and waits for what becomes of it."""

import csv
import io
import time
from typing import Any

from acceptance.client import Client

_PATIENCE = 120.0
_EVERY = 0.1


class ImportFailed(SystemExit):
    """An import was refused or does not end; nothing after it can be judged."""


def run(
    client: Client, content: bytes, *, dry_run: bool = False, of: str = "customers", match: str = "number", **more: str
) -> dict[str, Any]:
    """The finished import of a kind of record; `more` are further fields of the form. Raises ImportFailed."""
    fields = {"type": of, "mode": "upsert", "match": match, "dry_run": str(dry_run).lower(), **more}
    started = client.upload("/imports", fields, f"{of}.csv", content)
    if started.status != 202:
        raise ImportFailed(f"POST /imports answered {started.status}: {started.content}")
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        shown: dict[str, Any] = client.get(f"/imports/{started.content['id']}").content
        if shown["state"] in {"completed", "failed"}:
            return shown
        time.sleep(_EVERY)
    raise ImportFailed(f"The import {started.content['id']} has not ended after {_PATIENCE:.0f} s.")


def rejected(client: Client, import_id: str) -> dict[str, str]:
    """The refused rows as number -> code; a row without a number or with an unreadable one by what it holds."""
    body = client.get(f"/imports/{import_id}/rejected").content
    rows = csv.DictReader(io.StringIO(body.decode("utf-8-sig")))
    return {row["customer_id"]: row["error_code"] for row in rows}
