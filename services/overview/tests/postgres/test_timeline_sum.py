"""The timeline equals the sum of the owners' events: each once, on every customer that it concerns, in one order."""

import json
from random import Random
from typing import Any

import pytest

from common.contracts import Contracts
from common.envelope import Event, from_document
from common.ids import new_id
from common.service import Service
from common.settings import Settings
from common.testing import Client
from common.testing.events import event
from overview.domain.nouns import noun_of
from overview.queries.gaps import gaps
from overview.tests import events
from overview.tests.delivery import deliver
from overview.use_cases.rows import concerned

CONTRACTS = Contracts(Settings().contracts_dir)


def link(first: str, second: str, verb: str, version: int, link_id: str) -> Event:
    event_type = f"customer.link.{verb}.v1"
    path = CONTRACTS.event_folder(event_type) / "examples" / "usual.json"
    data: dict[str, Any] = dict(from_document(json.loads(path.read_text())).data)
    data |= {"id": link_id, "customer_id": first, "changes": []}
    data["from"] = data["from"] | {"id": first}
    data["to"] = data["to"] | {"id": second}
    return event(event_type, link_id, data, customer_id=first, version=version, time=events.moment())


def history(random: Random, customer_ids: list[str], length: int) -> list[Event]:
    """What befell these customers: every aggregate's versions without a gap."""
    told = [events.customer(id_) for id_ in customer_ids]
    versions: dict[str, int] = dict.fromkeys(customer_ids, 1)
    parts: dict[str, tuple[str, ...]] = {}
    for _ in range(length):
        owner = random.choice(customer_ids)
        match random.choice(["customer", "contact", "address", "link", "again"]):
            case "customer":
                versions[owner] += 1
                told.append(events.customer(owner, "updated", versions[owner], dba_name=f"As {versions[owner]}"))
            case "link" if len(customer_ids) > 1:
                other, id_ = random.choice([each for each in customer_ids if each != owner]), new_id()
                parts[id_], versions[id_] = ("link", owner, other), 1
                told.append(link(owner, other, "added", 1, id_))
            case "contact" | "address" as kind:
                id_ = new_id()
                parts[id_], versions[id_] = (kind, owner), 1
                told.append(getattr(events, kind)(owner, id_))
            case _ if parts:
                id_ = random.choice(list(parts))
                kind, owner, *others = parts[id_]
                versions[id_] += 1
                if kind == "link":
                    told.append(link(owner, others[0], "updated", versions[id_], id_))
                else:
                    told.append(getattr(events, kind)(owner, id_, "updated", versions[id_]))
    return told


@pytest.mark.parametrize("seed", range(8))
def test_every_event_stands_once_on_each_customer_that_it_concerns(service: Service, staff: Client, seed: int) -> None:
    random = Random(seed)
    customer_ids = [new_id() for _ in range(random.randint(1, 4))]
    told = history(random, customer_ids, 40)
    arriving = random.sample(told, len(told)) + random.sample(told, 9)
    deliver(service, arriving, batch=random.choice([1, 7, 50]))
    for id_ in customer_ids:
        expected = [one for one in told if id_ in concerned(one, noun_of(one.type))]
        expected.sort(key=lambda one: (one.time, one.id), reverse=True)
        shown, cursor = [], ""
        while cursor is not None:
            page = staff.get(f"/customers/{id_}/timeline?limit=7{cursor and f'&cursor={cursor}'}").json
            shown += [entry["event_id"] for entry in page["items"]]
            cursor = page["next_cursor"]
        assert shown == [one.id for one in expected]
    assert service.db.run(gaps) == []
