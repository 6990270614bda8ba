"""Every verb of notes, files, documents and exports, through the API."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from threading import Event as Stop

from sqlalchemy import text

from common.service import Service
from common.testing import Client

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


def walk(staff: Client, service: Service) -> None:
    """Publishes each type at least once."""
    path = f"/customers/{staff.post('/customers', json={'name': 'Papers'}).json['id']}"
    _notes(staff, f"{path}/notes")
    _files(staff, service, f"{path}/files")
    staff.post(f"{path}/export", json={"reason": "They asked", "files": False})
    made = staff.post("/document-requirements", json={"document_type": "terms", "label": "Terms"}).json
    staff.patch(f"/document-requirements/{made['id']}", json={"signed": True}, version=1)
    staff.delete(f"/document-requirements/{made['id']}", version=2)


def _notes(staff: Client, path: str) -> None:
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    body = {"body": "Ring", "kind": "follow_up", "due_on": "2031-05-02", "urgency": {"reason": "gas", "until": until}}
    note = f"{path}/{staff.post(path, json=body).json['id']}"
    staff.patch(note, json={"done": True, "due_on": "2031-05-03", "urgency": None}, version=1)
    staff.delete(note, version=2)


def _files(staff: Client, service: Service, path: str) -> None:
    ends = (datetime.now(UTC).date() + timedelta(days=20)).isoformat()
    form = {"category": "contract", "expires_on": ends, "file": (BytesIO(PDF), "contract.pdf")}
    file = f"{path}/{staff.post(path, data=form).json['id']}"
    staff.patch(file, json={"signature": "signed", "expires_on": ends}, version=1)
    staff.put(f"{file}/audience", json={"audience": "portal_roles", "portal_roles": ["admin"]}, version=2)
    _run(service, "documents")
    staff.delete(file, version=4)
    staff.post(f"{file}/restoration")
    staff.delete(file, version=6)
    with service.db.transaction() as session:
        session.execute(text("UPDATE files SET deleted_at = deleted_at - interval '91 days'"))
    _run(service, "files")


def _run(service: Service, job: str) -> None:
    next(each for each in service.jobs if each.name == job).run(Stop())
