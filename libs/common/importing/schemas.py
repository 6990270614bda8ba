"""The shapes of imports."""

from collections.abc import Sequence

from marshmallow import Schema as MarshmallowSchema
from marshmallow import fields, validate

from common.importing.kinds import MODES
from common.schemas import Flag, Id, Moment, Schema, Text


def new_import(types: Sequence[str], matches: Sequence[str]) -> type[MarshmallowSchema]:
    """The fields beside the file, of a service with these types."""
    return Schema.from_dict(
        {
            "type": fields.String(validate=validate.OneOf(types), metadata={"description": "or `?type=`"}),
            "mode": fields.String(load_default="upsert", validate=validate.OneOf(MODES)),
            "match": fields.String(load_default=None, validate=validate.OneOf(matches)),
            "mapping": Text(
                min=0, max=20_000, load_default=None, metadata={"description": "JSON object: heading to field"}
            ),
            "dry_run": Flag(load_default=False),
        },
        name="NewImport",
    )


def import_type(types: Sequence[str]) -> type[MarshmallowSchema]:
    """The type in the address, for forms whose file comes first."""
    return Schema.from_dict({"type": fields.String(validate=validate.OneOf(types))}, name="ImportType")


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
    columns = fields.List(fields.Nested(ColumnOut), allow_none=True)
    error = fields.Nested(Failure, allow_none=True)
    last_event_id = Id(allow_none=True)
    requested_by = fields.String()
    requested_label = fields.String()
    created_at = Moment()
    started_at = Moment(allow_none=True)
    finished_at = Moment(allow_none=True)
