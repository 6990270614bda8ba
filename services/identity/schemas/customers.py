"""Shapes of a customer's login and of its people."""

from typing import Any

from marshmallow import fields, validate

from common.schemas import Email, Flag, Id, Moment, Schema, Text, one_of
from identity.domain.accounts import VISIBILITIES
from identity.domain.permissions import PORTAL_ROLES
from identity.schemas.accounts import AccountOut
from identity.schemas.fields import LinkOut


def _roles(**options: Any) -> "fields.List[Any]":
    return fields.List(one_of(*PORTAL_ROLES), validate=validate.Length(min=1, max=len(PORTAL_ROLES)), **options)


def _visibility(**options: Any) -> Any:
    text = "whose orders, invoices and tickets they see: their own, the customer's, or the branches' too"
    return one_of(*VISIBILITIES, metadata={"description": text}, **options)


class AccessOut(Schema):
    customer_id = Id(required=True)
    account_id = Id(required=True, allow_none=True)
    username = fields.String(required=True, allow_none=True)
    status = one_of("none", "invited", "active", "disabled", required=True)
    disabled_reason = fields.String(required=True, allow_none=True)
    roles = fields.List(fields.String(), required=True)
    subtree = fields.Boolean(required=True)
    visibility = one_of(*VISIBILITIES, required=True)
    invited_until = Moment(required=True, allow_none=True)
    version = fields.Integer(required=True)


class AccessSetOut(AccessOut):
    invitation = fields.Nested(LinkOut, allow_none=True, metadata={"description": "where this change invited"})


class WholeAccess(Schema):
    username = Text(min=0, max=254, required=True, metadata={"description": "null switches the login off"})
    roles = _roles(load_default=["buyer"])
    subtree = Flag(load_default=False, metadata={"description": "the roles flow down to branches that accept it"})
    visibility = _visibility(load_default="node")


class AccessChanges(Schema):
    username = Text(min=0, max=254)
    roles = _roles()
    subtree = Flag()
    visibility = _visibility()
    status = one_of("active", "disabled")


class UserOut(AccountOut):
    subtree = fields.Boolean(required=True)
    visibility = one_of(*VISIBILITIES, required=True)
    contact_id = Id(required=True, allow_none=True)


class UserSetOut(UserOut):
    invitation = fields.Nested(LinkOut, allow_none=True, metadata={"description": "where this change invited"})


class NewUser(Schema):
    username = Text(max=254, required=True)
    display_name = Text(max=200, required=True)
    email = Email(allow_none=True)
    roles = _roles(required=True)
    subtree = Flag(load_default=False)
    visibility = _visibility(load_default="node")
    contact_id = Id(allow_none=True)


class UserChanges(Schema):
    username = Text(min=0, max=254)
    display_name = Text(max=200)
    email = Email(allow_none=True)
    roles = _roles()
    subtree = Flag()
    visibility = _visibility()
    contact_id = Id(allow_none=True)
    status = one_of("active", "disabled")


class GrantOut(Schema):
    account_id = Id(required=True)
    customer_id = Id(required=True, metadata={"description": "where the roles hold"})
    home_customer_id = Id(required=True, metadata={"description": "whose person it is"})
    display_name = fields.String(required=True)
    username = fields.String(required=True, allow_none=True)
    status = one_of("invited", "active", "disabled", required=True)
    roles = fields.List(fields.String(), required=True)
    subtree = fields.Boolean(required=True)
    visibility = one_of(*VISIBILITIES, required=True)
    version = fields.Integer(required=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


class NewGrant(Schema):
    account_id = Id(required=True, metadata={"description": "a person of another customer"})
    roles = _roles(required=True)
    subtree = Flag(load_default=False)
    visibility = _visibility(load_default="node")


class GrantChanges(Schema):
    roles = _roles()
    subtree = Flag()
    visibility = _visibility()


class InheritanceOut(Schema):
    customer_id = Id(required=True)
    parent_id = Id(required=True, allow_none=True)
    accept_from_parent = fields.Boolean(required=True)
    version = fields.Integer(required=True)


class InheritanceChange(Schema):
    accept_from_parent = Flag(required=True)
