"""`python -m new_service.event TYPE` makes the contracts folder of an event: schema, a usual and a minimal example."""

import json
import re
import sys
from pathlib import Path
from typing import Any

from common.contracts import Contracts
from common.envelope import Event, to_document
from common.ids import new_id
from inventory.repository import ROOT

TYPE = re.compile(r"[a-z][a-z0-9-]*\.[a-z][a-z0-9_]*\.[a-z][a-z_]*\.v[1-9][0-9]*")


def main(arguments: list[str]) -> int:
    """Makes the folder, and tells what to do next."""
    if len(arguments) != 1 or not TYPE.fullmatch(arguments[0]):
        sys.stderr.write("make new-event TYPE=billing.invoice.issued.v1: service, entity, past participle, version\n")
        return 2
    event_type = arguments[0]
    folder = Contracts(ROOT / "contracts").event_folder(event_type)
    if folder.exists():
        sys.stderr.write(f"{folder.relative_to(ROOT)} is there already\n")
        return 2
    make(folder, event_type)
    sys.stdout.write(
        f"{folder.relative_to(ROOT)} is there. Describe `data` in schema.json and in both examples, publish it from"
        f" events.py, write consumers/<service>.json for each reader, then: make docs test-unit\n"
    )
    return 0


def make(folder: Path, event_type: str) -> None:
    """Writes schema and examples of an aggregate that so far has only its id."""
    service, entity, verb, _ = event_type.split(".")
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A {entity.replace('_', ' ')} was {verb.replace('_', ' ')}",
        "type": "object",
        "additionalProperties": False,
        "required": ["id"],
        "properties": {"id": {"type": "string", "format": "uuid"}},
    }
    subject = new_id()
    minimal = Event(
        id=new_id(),
        type=event_type,
        source=f"urn:atrium:{service}",
        subject=subject,
        time="2026-03-02T09:30:00.000000Z",
        version=1,
        partition_key=subject,
        data={"id": subject},
    )
    usual = to_document(minimal) | {"actorlabel": "Grace Hopper", "correlationid": new_id()}
    _write(folder / "schema.json", schema)
    _write(folder / "examples" / "usual.json", usual)
    _write(folder / "examples" / "minimal.json", to_document(minimal))


def _write(path: Path, document: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
