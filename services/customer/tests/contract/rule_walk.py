"""Everything that tags, segments, saved filters and settings publish, done once."""

from threading import Event as Stop
from typing import Any

from common.service import Service
from common.testing import Client


def walk_rules(staff: Client, service: Service) -> None:
    """Goes through every verb of these nouns on customers of its own."""
    kiel = {"line1": "Kai 3", "city": "Kiel", "country": "DE"}
    customer = staff.post("/customers", json={"name": "Ruled", "addresses": [kiel]}).json
    one, two = (staff.post("/tags", json={"name": name}).json for name in ("Walked one", "Walked two"))
    staff.patch(f"/tags/{one['id']}", json={"description": "Changed"}, version=1)
    staff.post(f"/customers/{customer['id']}/tags", json={"tag_id": one["id"]})
    segment = staff.post("/segments", json={"name": "Walked", "text": "city:Kiel"}).json
    run_jobs(service)
    staff.patch(f"/segments/{segment['id']}", json={"text": "city:Bonn"}, version=1)
    staff.post(f"/tags/{one['id']}/merge", json={"into": two["id"]}, version=2)
    run_jobs(service)
    staff.delete(f"/segments/{segment['id']}", version=2)
    staff.put(f"/customers/{customer['id']}/tags", json={"tag_ids": []}, version=3)
    staff.delete(f"/tags/{two['id']}", version=1)
    saved = staff.post("/saved-filters", json={"name": "Walked", "text": "city:Kiel"}).json
    staff.patch(f"/saved-filters/{saved['id']}", json={"pinned": True}, version=1)
    staff.delete(f"/saved-filters/{saved['id']}", version=2)
    group = staff.post("/customer-groups", json={"name": "Walked"}).json
    values: dict[str, Any] = {"values": {"reminders": False}}
    staff.patch(f"/customer-groups/{group['id']}/settings", json=values, version=0)
    staff.patch(f"/customers/{customer['id']}/settings", json=values, version=0)


def run_jobs(service: Service) -> None:
    """Lets every job do what there is to do."""
    for job in service.jobs:
        while job.run(Stop()):
            pass
