"""Shapes of a customer's login and of its people."""

from typing import Any

from marshmallow import fields, validate

from common.schemas import Email, Flag, Id, Moment, Schema, Text, one_of
from identity.domain.permissions import PORTAL_ROLES
from identity.schemas.accounts import AccountOut
from identity.schemas.fields import LinkOut


def _roles(**options: Any) -> "fields.List[Any]":
    return fields.List(one_of(*PORTAL_ROLES), validate=validate.Length(min=1, max=len(PORTAL_ROLES)), **options)


class AccessOut(Schema):
    customer_id = Id(required=True)
    account_id = Id(required=True, allow_none=True)
    username = fields.String(required=True, allow_none=True)
    status = one_of("none", "invited", "active", "disabled", required=True)
    disabled_reason = fields.String(required=True, allow_none=True)
    roles = fields.List(fields.String(), required=True)
    subtree = fields.Boolean(required=True)
    invited_until = Moment(required=True, allow_none=True)
    version = fields.Integer(required=True)


class AccessSetOut(AccessOut):
    invitation = fields.Nested(LinkOut, allow_none=True, metadata={"description": "where this change invited"})


class WholeAccess(Schema):
    username = Text(min=0, max=254, required=True, metadata={"description": "null switches the login off"})
    roles = _roles(load_default=["buyer"])
    subtree = Flag(load_default=False, metadata={"description": "the roles hold for the branches, too"})


class AccessChanges(Schema):
    username = Text(min=0, max=254)
    roles = _roles()
    subtree = Flag()
    status = one_of("active", "disabled")


class UserOut(AccountOut):
    subtree = fields.Boolean(required=True)
    contact_id = Id(required=True, allow_none=True)


class UserSetOut(UserOut):
    invitation = fields.Nested(LinkOut, allow_none=True, metadata={"description": "where this change invited"})


class NewUser(Schema):
    username = Text(max=254, required=True)
    display_name = Text(max=200, required=True)
    email = Email(allow_none=True)
    roles = _roles(required=True)
    subtree = Flag(load_default=False)
    contact_id = Id(allow_none=True)


class UserChanges(Schema):
    username = Text(min=0, max=254)
    display_name = Text(max=200)
    email = Email(allow_none=True)
    roles = _roles()
    subtree = Flag()
    contact_id = Id(allow_none=True)
    status = one_of("active", "disabled")
