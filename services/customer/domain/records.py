"""New records as they begin, the same whoever makes them: a person, an import, a merge."""

from datetime import datetime
from typing import Any

from common.ids import new_id

Record = dict[str, Any]


def new_customer(name: str, kind: str, number: str, now: datetime) -> Record:
    """A customer with nothing but what it must have."""
    customer_id = new_id()
    return {
        "id": customer_id,
        "kind": kind,
        "number": number,
        "status": "active",
        "lifecycle": "customer",
        "name": name,
        "dba_name": None,
        "parent_id": None,
        "path_ids": [customer_id],
        "group_id": None,
        "tag_ids": [],
        "custom_fields": {},
        "external_ids": [],
        "primary_contact_id": None,
        "merged_into": None,
        "archive_id": None,
        "archive_reason": None,
        "archived_at": None,
        "import_id": None,
        "deletion_at": None,
        "deletion_by": None,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }


def new_contact(customer_id: str, now: datetime) -> Record:
    """A contact that lacks only its name."""
    return {
        "id": new_id(),
        "customer_id": customer_id,
        "title": None,
        "department": None,
        "emails": [],
        "phones": [],
        "roles": [],
        "default_for": [],
        "custom_fields": {},
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
