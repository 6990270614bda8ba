"""Shapes of signing in and of one's own account."""

from marshmallow import fields, validate

from common.schemas import Id, Moment, Schema, Text
from identity.schemas.accounts import AccountOut
from identity.schemas.fields import Password


class NewSession(Schema):
    username = Text(max=254, required=True)
    password = Password(required=True)
    code = Text(max=40, metadata={"description": "where a second factor is on: its code, or a recovery code"})


class RefreshToken(Schema):
    refresh_token = Text(max=200, required=True)


class Authentication(Schema):
    password = Password(required=True)
    code = Text(max=40, metadata={"description": "where a second factor is on: its code, or a recovery code"})


class AccessTokenOut(Schema):
    access_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_in = fields.Integer(required=True, metadata={"description": "seconds"})


class TokensOut(AccessTokenOut):
    refresh_token = fields.String(required=True, metadata={"description": "good for one use"})


class SessionOut(Schema):
    id = Id(required=True)
    user_agent = fields.String(required=True)
    address = fields.String(required=True)
    current = fields.Boolean(required=True)
    created_at = Moment(required=True)
    last_used_at = Moment(required=True)


class OwnCustomerOut(Schema):
    id = Id(required=True)
    name = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    role = fields.String(required=True, allow_none=True)
    permissions = fields.List(fields.String(), required=True)


class MeOut(Schema):
    account = fields.Nested(AccountOut, required=True)
    permissions = fields.List(fields.String(), required=True)
    customers = fields.List(fields.Nested(OwnCustomerOut), required=True)


class PasswordChange(Schema):
    current_password = Password(required=True)
    password = Password(required=True)


class PresentPassword(Schema):
    password = Password(required=True)


class Code(Schema):
    code = Text(max=40, required=True)


class SecondFactorOut(Schema):
    secret = fields.String(required=True)
    uri = fields.String(required=True, metadata={"description": "otpauth:// for a QR code"})


class RecoveryCodesOut(Schema):
    recovery_codes = fields.List(fields.String(), required=True)


class Acceptance(Schema):
    username = Text(max=254)
    password = Password(required=True)


class InvitedOut(Schema):
    id = Id(required=True)
    kind = fields.String(required=True)
    username = fields.String(required=True, allow_none=True)
    display_name = fields.String(required=True)


class ResetRequest(Schema):
    username = Text(max=254, required=True)


class NewPassword(Schema):
    password = Password(required=True)


class ResetRequestOut(Schema):
    account_id = Id(required=True)
    kind = fields.String(required=True)
    username = fields.String(required=True, allow_none=True)
    display_name = fields.String(required=True)
    customer_id = Id(required=True, allow_none=True)
    status = fields.String(required=True)
    requested_at = Moment(required=True)


class Known(Schema):
    known = Text(min=0, max=64, load_default="", metadata={"description": "`known` of the last answer"})
    wait = fields.Float(load_default=0.0, validate=validate.Range(0, 25), metadata={"description": "seconds"})


class RevokedOut(Schema):
    known = fields.String(required=True, metadata={"description": "send it with the next question"})
    revoked = fields.List(fields.String(), required=True, metadata={"description": "`sid` of tokens to refuse"})


class Subject(Schema):
    customer_id = Id(required=True)
    contact_id = Id(metadata={"description": "a contact; without it the customer itself, a person"})


class KnownOut(Schema):
    accounts = fields.List(fields.Nested(AccountOut), required=True)
    events = fields.List(fields.Dict(), required=True)
