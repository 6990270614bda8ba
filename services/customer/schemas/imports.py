"""The shapes of imports."""

from marshmallow import fields, validate

from common.schemas import Flag, Id, Moment, Schema, Text
from customer.use_cases.imports.accept import MATCHES, MODES, TYPES


class NewImport(Schema):
    """The fields beside the file."""

    type = fields.String(required=True, validate=validate.OneOf(TYPES))
    mode = fields.String(load_default="upsert", validate=validate.OneOf(MODES))
    match = fields.String(load_default="number", validate=validate.OneOf(MATCHES))
    mapping = Text(min=0, max=20_000, load_default=None, metadata={"description": "JSON object: heading to field"})
    dry_run = Flag(load_default=False)


class Progress(Schema):
    """Rows done, of how many; the total is known once the file has been read."""

    done = fields.Integer()
    total = fields.Integer(allow_none=True)


class Counts(Schema):
    """What became of the rows; in a dry run, what would become of them."""

    created = fields.Integer()
    updated = fields.Integer()
    unchanged = fields.Integer()
    duplicate = fields.Integer()
    invalid = fields.Integer()


class ColumnOut(Schema):
    """How a column was understood; null means left out."""

    column = fields.String()
    field = fields.String(allow_none=True)


class Failure(Schema):
    """Why the import as a whole failed."""

    code = fields.String()
    detail = fields.String()


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


class ImportStarted(Schema):
    """An import that has been taken in."""

    id = Id()
    state = fields.String()


class ImportOut(Schema):
    """An import and how far it is."""

    id = Id()
    type = fields.String()
    mode = fields.String()
    match = fields.String()
    dry_run = fields.Boolean()
    file_name = fields.String()
    file_bytes = fields.Integer()
    state = fields.String(metadata={"enum": ["queued", "running", "completed", "failed"]})
    progress = fields.Nested(Progress)
    counts = fields.Nested(Counts)
    possible_duplicates = fields.Integer(
        metadata={"description": "pairs of a created customer with one that it may be; in a dry run, with stored ones"}
    )
    duplicates_checked = fields.Boolean(metadata={"description": "whether all created customers were looked at yet"})
    reversion = fields.Nested(ReversionOut, allow_none=True)
    columns = fields.List(fields.Nested(ColumnOut), allow_none=True)
    error = fields.Nested(Failure, allow_none=True)
    last_event_id = Id(allow_none=True)
    requested_by = fields.String()
    requested_label = fields.String()
    created_at = Moment()
    started_at = Moment(allow_none=True)
    finished_at = Moment(allow_none=True)
