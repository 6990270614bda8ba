"""Which columns hold personal values, and what an erased row holds there instead.

Every column of text, of several texts or of JSON is named here, as personal or as plain; a test compares with the
tables. Files that were imported and their refused rows are not a person's record: they are removed with their import.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MARKER = "[erased]"


@dataclass(frozen=True, slots=True)
class Personal:
    """The personal columns of a table with what an erased row holds there. `customers` and `contact` are the columns
    that name whose row it is, `record` one that names any record by its id; a row that `ends` is deleted instead."""

    columns: Mapping[str, Any] = field(default_factory=dict)
    customers: tuple[str, ...] = ("customer_id",)
    contact: str | None = None
    record: str | None = None
    ends: bool = False


PERSONAL: Mapping[str, Personal] = {
    "customers": Personal(
        {"name": MARKER, "dba_name": None, "custom_fields": {}, "archive_reason": MARKER}, customers=("id",)
    ),
    "external_ids": Personal({"external_id": MARKER}, ends=True),
    "contacts": Personal(
        {
            "name": MARKER,
            "title": None,
            "department": None,
            "emails": [],
            "phones": [],
            "custom_fields": {},
        },
        contact="id",
        ends=True,
    ),
    "addresses": Personal(
        {"line1": MARKER, "line2": None, "city": MARKER, "region": None, "postal_code": None}, ends=True
    ),
    "custom_field_claims": Personal({"digest": MARKER}, customers=(), record="record_id", ends=True),
    "systems": Personal({"field_values": {}}, ends=True),
    "notes": Personal({"body": MARKER, "urgent_reason": None}, contact="scope_id", ends=True),
    "note_versions": Personal({"body": MARKER}, ends=True),
    "files": Personal({"name": MARKER, "description": None, "hold_reason": None}, contact="scope_id", ends=True),
    "file_accesses": Personal({"actor_label": MARKER, "client": MARKER}, ends=True),
    "replica_portal_access": Personal({"accounts": []}),
    "duplicate_pairs": Personal({"dismissed_reason": None}, customers=("first_id", "second_id"), ends=True),
    "merges": Personal({"survivor": {}, "losers": [], "alternates": {}, "unresolved": []}, ends=True),
    "merge_moves": Personal({"before": {}}, customers=(), record="record_id", ends=True),
    "customer_links": Personal({"note": None}, customers=("from_id", "to_id"), ends=True),
    "tax_ids": Personal({"value": MARKER, "check_evidence": None}, ends=True),
    "exemptions": Personal({"number": MARKER}, ends=True),
    "moves": Personal({"bill_to": None, "ship_to": None, "invite": None, "reason": None, "services": []}),
}

# Who did something, and what they were called: blanked where it was an erased account of a customer.
ACTORS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "notes": (("author", "author_label"), ("done_by", "done_by_label")),
    "note_versions": (("replaced_by", "replaced_by_label"),),
    "files": (("uploaded_by", "uploaded_label"),),
    "file_contents": (("uploaded_by", "uploaded_label"),),
    "file_accesses": (("actor", "actor_label"),),
}

# Text that says nothing of a person: codes, states, names of things, and who of the staff did something.
PLAIN: Mapping[str, frozenset[str]] = {
    "customers": frozenset({"kind", "number", "status", "lifecycle", "deletion_by"}),
    "external_ids": frozenset({"system"}),
    "contacts": frozenset({"roles", "default_for"}),
    "addresses": frozenset({"purposes", "default_for", "country"}),
    "notes": frozenset(
        {
            *("scope_type", "kind", "visibility", "urgent_owner_label", "owner_label", "done_by", "done_by_label"),
            *("author", "author_label"),
        }
    ),
    "note_versions": frozenset({"kind", "replaced_by", "replaced_by_label"}),
    "blobs": frozenset({"sha256"}),
    "files": frozenset(
        {
            *("scope_type", "category", "audience", "portal_roles", "document_type", "signature", "media_type"),
            *("sha256", "uploaded_by", "uploaded_label"),
        }
    ),
    "file_contents": frozenset({"sha256", "media_type", "uploaded_by", "uploaded_label"}),
    "file_accesses": frozenset({"audience", "actor"}),
    "document_requirements": frozenset({"document_type", "label", "kind"}),
    "link_types": frozenset({"code", "forward_label", "reverse_label", "from_kinds", "to_kinds"}),
    "deal_stages": frozenset({"code", "label"}),
    "contact_role_defaults": frozenset({"role"}),
    "contact_roles": frozenset({"code", "label"}),
    "deals": frozenset({"name", "stage", "status", "lost_reason", "value_currency", "owner_label"}),
    "tax_ids": frozenset({"country", "scheme", "check_state"}),
    "exemptions": frozenset({"kind", "reason", "jurisdictions", "verified_by", "verified_label"}),
    "tags": frozenset({"name", "colour", "description"}),
    "segments": frozenset({"name", "description", "rule"}),
    "segment_members": frozenset({"source"}),
    "saved_filters": frozenset(
        {"owner", "owner_label", "name", "rule", "query", "sort", "columns", "audience", "role"},
    ),
    "replica_accounts": frozenset({"roles", "label"}),
    "setting_definitions": frozenset({"key", "service", "label", "type", "choices", "default_value"}),
    "setting_scopes": frozenset({"own"}),
    "duplicate_pairs": frozenset({"reasons", "state", "dismissed_by"}),
    "merges": frozenset({"counts", "state", "merged_by", "merged_label"}),
    "merge_moves": frozenset({"part"}),
    "reversion_skips": frozenset({"entity", "path", "reason"}),
    "customer_groups": frozenset({"name"}),
    # A property is a place that is there without anybody; who has it is said by its assignments.
    "properties": frozenset(
        {
            *("number", "name", "kind", "status", "line1", "line2", "city", "region", "postal_code", "country"),
            *("words", "custom_fields"),
        }
    ),
    "custom_fields": frozenset({"applies_to", "key", "definition"}),
    "system_types": frozenset({"name", "fields"}),
    "systems": frozenset({"name", "status", "secrets"}),
    "customer_keys": frozenset({"key_id"}),
    "system_secrets": frozenset({"field"}),
    "secret_reveals": frozenset({"account_id", "field"}),
    "location_groups": frozenset({"name"}),
    "assignments": frozenset({"role", "state"}),
    "moves": frozenset({"kind", "state", "role", "ends"}),
    "imports": frozenset(
        {
            *("type", "mode", "match", "mapping", "file_name", "state", "columns", "error_code", "error_detail"),
            *("requested_by", "requested_label", "reversion", "reversion_by", "reversion_label"),
        }
    ),
    "import_keys": frozenset({"key"}),
    "retired_numbers": frozenset({"number", "retired_by"}),
    "rejected_rows": frozenset({"code", "detail", "cells"}),
    "privacy_requests": frozenset(
        {
            *("subject_type", "kind", "reason", "state", "awaited", "receipt", "requested_by", "requested_label"),
        }
    ),
    "legal_holds": frozenset({"reason", "placed_by", "placed_label"}),
}
