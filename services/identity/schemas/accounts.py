"""Shapes of staff accounts, roles, permissions, explanations and API tokens."""

from marshmallow import fields, validate

from common.schemas import Email, Id, Moment, Schema, Text, one_of
from identity.schemas.fields import LinkOut, codes

_STATUSES = ("invited", "active", "disabled")


class AccountOut(Schema):
    id = Id(required=True)
    kind = fields.String(required=True)
    username = fields.String(required=True, allow_none=True)
    display_name = fields.String(required=True)
    email = fields.String(required=True, allow_none=True)
    status = one_of(*_STATUSES, required=True)
    disabled_reason = fields.String(required=True, allow_none=True)
    roles = fields.List(fields.String(), required=True)
    customer_id = Id(required=True, allow_none=True)
    second_factor = fields.Boolean(required=True)
    last_sign_in_at = Moment(required=True, allow_none=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)
    version = fields.Integer(required=True)


class AccountFilter(Schema):
    status = one_of(*_STATUSES)
    role = Text(max=80)
    q = Text(max=100, metadata={"description": "part of name, user name or e-mail"})


class AccountChanges(Schema):
    display_name = Text(max=200)
    email = Email(allow_none=True)
    roles = codes(validate=validate.Length(max=50))
    status = one_of("active", "disabled")


class NewInvitation(Schema):
    email = Email(required=True)
    display_name = Text(max=200, required=True)
    roles = codes(required=True, validate=validate.Length(max=50))


class InvitationOut(AccountOut):
    invitation = fields.Nested(LinkOut, required=True)


class RoleOut(Schema):
    code = fields.String(required=True)
    name = fields.String(required=True)
    permissions = fields.List(fields.String(), required=True)
    built_in = fields.Boolean(required=True)
    version = fields.Integer(required=True)


class NewRole(Schema):
    name = Text(max=80, required=True)
    permissions = codes(required=True, validate=validate.Length(max=200))


class RoleChanges(Schema):
    name = Text(max=80)
    permissions = codes(validate=validate.Length(max=200))


class PermissionOut(Schema):
    code = fields.String(required=True)
    description = fields.String(required=True)


class PermissionsOut(Schema):
    items = fields.List(fields.Nested(PermissionOut), required=True)


class ExplainQuery(Schema):
    account_id = Id(required=True)
    permission = Text(max=80, required=True)
    customer_id = Id()


class RuleOut(Schema):
    rule = fields.String(required=True)
    passed = fields.Boolean(required=True)
    detail = fields.String(required=True)


class HelperOut(Schema):
    account_id = Id(required=True)
    display_name = fields.String(required=True)
    kind = fields.String(required=True)


class ExplanationOut(Schema):
    account_id = Id(required=True)
    permission = fields.String(required=True)
    customer_id = Id(required=True, allow_none=True)
    allowed = fields.Boolean(required=True)
    rules = fields.List(fields.Nested(RuleOut), required=True)
    helpers = fields.List(fields.Nested(HelperOut), required=True)


class ApiTokenOut(Schema):
    id = Id(required=True)
    account_id = Id(required=True)
    name = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    expires_at = Moment(required=True, allow_none=True)
    previous_valid_until = Moment(required=True, allow_none=True)
    last_used_at = Moment(required=True, allow_none=True)
    created_at = Moment(required=True)
    version = fields.Integer(required=True)


class NewApiToken(Schema):
    name = Text(max=100, required=True)
    scopes = codes(required=True, validate=validate.Length(min=1, max=200))
    expires_at = Moment(allow_none=True)


class ApiTokenChanges(Schema):
    name = Text(max=100)
    scopes = codes(validate=validate.Length(min=1, max=200))
    expires_at = Moment(allow_none=True)


class ApiTokenSecretOut(ApiTokenOut):
    token = fields.String(required=True, metadata={"description": "shown this once"})


class Rotation(Schema):
    overlap_seconds = fields.Integer(
        load_default=86_400,
        strict=True,
        validate=validate.Range(0, 7 * 86_400),
        metadata={"description": "how long the old secret works on"},
    )


class ApiTokenFilter(Schema):
    account_id = Id(metadata={"description": "another owner's tokens; needs accounts.manage"})


class OpaqueToken(Schema):
    token = Text(max=200, required=True)


class ExchangedOut(Schema):
    access_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_in = fields.Integer(required=True)
