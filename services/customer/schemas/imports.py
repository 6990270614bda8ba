"""The shapes of customers' imports, and of their reversion."""

from marshmallow import fields

from common.importing.schemas import ImportOut
from common.schemas import Flag, Id, Schema


class ReversionOut(Schema):
    """How far the reversion is: records that went or got their former values, and those left as they are."""

    state = fields.String(metadata={"enum": ["running", "completed"]})
    dry_run = fields.Boolean()
    reverted = fields.Integer()
    skipped = fields.Integer()


class NewReversion(Schema):
    """Whether to revert, or only to find out what that would do."""

    dry_run = Flag(load_default=False)


class SkippedOut(Schema):
    """Something that a reversion left as it is."""

    customer_id = Id(allow_none=True)
    entity = fields.String(metadata={"enum": ["customer", "contact", "address"]})
    record_id = Id()
    path = fields.String(allow_none=True, metadata={"description": "the field; null for the whole record"})
    reason = fields.String()


class CustomerImportOut(ImportOut):
    """An import and how far it is; of customers with what it found and how far its reversion is."""

    possible_duplicates = fields.Integer(
        metadata={"description": "pairs of a created customer with one that it may be; in a dry run, with stored ones"}
    )
    duplicates_checked = fields.Boolean(metadata={"description": "whether all created customers were looked at yet"})
    reversion = fields.Nested(ReversionOut, allow_none=True)
