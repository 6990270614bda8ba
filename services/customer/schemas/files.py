"""The shapes of files and documents."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from common.schemas import Flag, Id, Moment, Schema, Text, one_of
from customer.domain.files import AUDIENCES, CATEGORIES, NAME_LENGTH, SIGNATURES
from customer.domain.limits import KINDS, LENGTHS
from customer.schemas.notes import Author
from customer.use_cases.scopes import SCOPES

_CODE = validate.Regexp(r"^[a-z][a-z0-9_]*$", error="Write it as `framework_contract`.")


def _document_type(**options: Any) -> Text:
    return Text(max=40, validate=_CODE, metadata={"example": "framework_contract"}, **options)


class DocumentFields(Schema):
    """What contracts, NDAs, onboarding papers and certificates have besides."""

    document_type = _document_type(allow_none=True)
    expires_on = fields.Date(allow_none=True, metadata={"description": "the last day on which it is valid"})
    signature = one_of(*SIGNATURES)


class NewFile(DocumentFields):
    """The fields beside the file. To the portal it is opened afterwards, by its audience."""

    category = one_of(*CATEGORIES, load_default="other")
    description = Text(min=0, max=500)
    audience = one_of("internal", "restricted")
    scope_type = one_of(*SCOPES)
    scope_id = Id()
    replaces = Id(metadata={"description": "the file whose next version this is"})


class FileChanges(DocumentFields):
    """What is said of a file."""

    name = Text(max=NAME_LENGTH)
    description = Text(min=0, max=500)
    category = one_of(*CATEGORIES)


class FileFilter(Schema):
    """Which files to list."""

    scope_type = one_of(*SCOPES)
    scope_id = Id()
    category = one_of(*CATEGORIES)
    in_bin = Flag(load_default=False)


class FileOut(Schema):
    """A file with its present version."""

    id = Id()
    customer_id = Id()
    scope_type = fields.String()
    scope_id = Id()
    category = fields.String()
    name = fields.String()
    description = fields.String(allow_none=True)
    audience = fields.String()
    portal_roles = fields.List(fields.String())
    document_type = fields.String(allow_none=True)
    expires_on = fields.Date(allow_none=True)
    signature = fields.String(allow_none=True)
    legal_hold = fields.Boolean()
    hold_reason = fields.String(allow_none=True)
    revision = fields.Integer()
    media_type = fields.String()
    bytes = fields.Integer()
    sha256 = fields.String()
    uploaded_at = Moment()
    uploaded_by = fields.Nested(Author)
    deleted_at = Moment(allow_none=True)
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class FileVersionOut(Schema):
    """One version of a file."""

    revision = fields.Integer()
    media_type = fields.String()
    bytes = fields.Integer()
    sha256 = fields.String()
    uploaded_at = Moment()
    uploaded_by = fields.Nested(Author)


class ContentQuery(Schema):
    """Which version; the present one, where it is left out."""

    revision = fields.Integer(validate=validate.Range(1, 1_000_000))


class FileAccessOut(Schema):
    """Somebody fetched a file."""

    revision = fields.Integer()
    audience = fields.String()
    actor = fields.String()
    actor_label = fields.String()
    at = Moment()


class Audience(Schema):
    """Who sees a file: staff, staff with `documents.restricted`, the whole company, or some of its roles."""

    audience = one_of(*AUDIENCES, required=True)
    portal_roles = fields.List(Text(max=LENGTHS["role"], validate=_CODE), validate=validate.Length(max=20))

    @validates_schema
    def _roles_fit(self, data: dict[str, Any], **_options: Any) -> None:
        if (data.get("audience") == "portal_roles") != bool(data.get("portal_roles")):
            raise ValidationError("Name roles with the audience `portal_roles`, and only with it.", "portal_roles")


class AudienceQuery(Schema):
    """The audience to look at; the present one, where it is left out."""

    audience = one_of(*AUDIENCES)
    portal_roles = Text(max=500, metadata={"description": "codes by comma", "example": "finance,admin"})


class AudienceViewer(Schema):
    """A portal account that sees the file."""

    account_id = Id()
    label = fields.String()
    roles = fields.List(fields.String())


class AudienceOut(Schema):
    """An audience and the portal accounts in it; staff come besides."""

    audience = fields.String()
    portal_roles = fields.List(fields.String())
    viewers = fields.List(fields.Nested(AudienceViewer))


class LegalHold(Schema):
    """Whether a file is held, and why."""

    held = Flag(required=True)
    reason = Text(min=0, max=LENGTHS["reason"])


class RequirementChanges(Schema):
    """A document that customers must have; without kind and group, all of them."""

    document_type = _document_type()
    label = Text(max=100)
    kind = one_of(*KINDS, allow_none=True)
    group_id = Id(allow_none=True)
    signed = Flag()


class NewRequirement(RequirementChanges):
    """A document that customers must have from now on."""

    document_type = _document_type(required=True)
    label = Text(max=100, required=True)


class RequirementOut(Schema):
    """A requirement."""

    id = Id()
    document_type = fields.String()
    label = fields.String()
    kind = fields.String(allow_none=True)
    group_id = Id(allow_none=True)
    group_name = fields.String(allow_none=True)
    signed = fields.Boolean()
    version = fields.Integer()


class CompletenessItem(Schema):
    """How one requirement stands."""

    document_type = fields.String()
    label = fields.String()
    signed = fields.Boolean()
    state = fields.String(metadata={"enum": ["met", "missing", "unsigned", "expired"]})
    file_id = Id(allow_none=True)
    expires_on = fields.Date(allow_none=True)


class CompletenessOut(Schema):
    """What is required of a customer, and how much of it is met."""

    required = fields.Integer()
    met = fields.Integer()
    items = fields.List(fields.Nested(CompletenessItem))


class ExpiringQuery(Schema):
    """How far to look ahead."""

    within = fields.Integer(load_default=60, validate=validate.Range(0, 730), metadata={"description": "days"})


class ExpiringOut(Schema):
    """A document that ends soon, or has ended."""

    id = Id()
    customer_id = Id()
    customer_number = fields.String()
    customer_name = fields.String()
    name = fields.String()
    category = fields.String()
    document_type = fields.String(allow_none=True)
    expires_on = fields.Date()
    days_left = fields.Integer()
    signature = fields.String(allow_none=True)


class ExportOptions(Schema):
    """Why everything about a customer is taken out of the house."""

    reason = Text(max=LENGTHS["reason"], required=True)
    files = Flag(load_default=True, metadata={"description": "with the contents of its files"})
