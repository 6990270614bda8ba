"""Deleting a customer without waiting for its time of grace."""

from threading import Event as Stop

from sqlalchemy import text

from common.service import Service
from common.testing import Client


def delete_for_good(service: Service, staff: Client, customer_id: str) -> None:
    """Archives a customer, asks for its deletion, and lets the job do it as if the day had come."""
    path = f"/customers/{customer_id}"
    archived = staff.post(f"{path}/archival", json={"reason": "gone"}).json
    answer = staff.delete(path, version=archived["version"])
    assert answer.status_code < 300, answer.json
    with service.db.transaction() as session:
        session.execute(text("UPDATE customers SET deletion_at = now() WHERE id = :id"), {"id": customer_id})
    next(job for job in service.jobs if job.name == "deletions").run(Stop())
    assert staff.get(path).status_code == 404
