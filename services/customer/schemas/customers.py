"""The shapes of customers and customer groups."""

from typing import Any

from marshmallow import fields, validate, validates_schema
from marshmallow.exceptions import ValidationError

from common.schemas import Flag, Id, Moment, Schema, Text, one_of
from customer.domain.limits import (
    KINDS,
    LENGTHS,
    LIFECYCLES,
    MAX_ADDRESSES,
    MAX_CONTACTS,
    MAX_EXTERNAL_IDS,
    MAX_MEMBERS_AT_ONCE,
    STATUSES,
)
from customer.schemas.custom_fields import FieldValues
from customer.schemas.duplicates import DuplicateOut
from customer.schemas.parts import AddressOut, ContactOut, NewAddress, NewContact
from customer.schemas.settings import AffectedSetting


class ExternalId(Schema):
    """The customer's id in another system."""

    system = Text(max=LENGTHS["external_system"], required=True)
    id = Text(max=LENGTHS["external_id"], required=True)


class _Fields(Schema):
    dba_name = Text(min=0, max=LENGTHS["dba_name"])
    parent_id = Id(allow_none=True)
    parent_number = Text(min=0, max=LENGTHS["number"], metadata={"description": "instead of `parent_id`"})
    group_id = Id(allow_none=True)
    external_ids = fields.List(fields.Nested(ExternalId), validate=validate.Length(max=MAX_EXTERNAL_IDS))
    custom_fields = FieldValues()

    @validates_schema
    def _one_parent(self, data: dict[str, Any], **_options: Any) -> None:
        if data.get("parent_id") and data.get("parent_number"):
            raise ValidationError("Send `parent_id` or `parent_number`, not both.", "parent_number")


class NewCustomer(_Fields):
    """A customer with its addresses and contacts, in one call. Without a number it gets the next free one."""

    number = Text(
        min=0,
        max=LENGTHS["number"],
        metadata={"description": "as in the billing system; made when left out", "example": "K10472"},
    )
    kind = one_of(*KINDS, load_default="business")
    lifecycle = one_of(*LIFECYCLES, load_default="customer")
    name = Text(max=LENGTHS["name"], required=True)
    addresses = fields.List(fields.Nested(NewAddress), validate=validate.Length(max=MAX_ADDRESSES))
    contacts = fields.List(fields.Nested(NewContact), validate=validate.Length(max=MAX_CONTACTS))
    override_duplicate = Flag(metadata={"description": "create it although it very likely is there already"})
    override_reason = Text(max=LENGTHS["reason"], metadata={"description": "why it is another customer"})


class CustomerChanges(_Fields):
    """Fields of a customer to change; null for the head office or group takes it away."""

    number = Text(max=LENGTHS["number"])
    kind = one_of(*KINDS)
    lifecycle = one_of(*LIFECYCLES)
    name = Text(max=LENGTHS["name"])


class ParentOut(Schema):
    """The head office."""

    id = Id()
    number = fields.String()
    name = fields.String()


class GroupName(Schema):
    """The group of a customer."""

    id = Id()
    name = fields.String()


class ArchiveOut(Schema):
    """Why and when the customer was archived."""

    id = Id()
    reason = fields.String()
    at = Moment()


class CustomerOut(Schema):
    """A customer as it is stored."""

    id = Id()
    number = fields.String()
    kind = one_of(*KINDS)
    status = one_of(*STATUSES)
    lifecycle = one_of(*LIFECYCLES, metadata={"description": "for staff only"})
    name = fields.String()
    dba_name = fields.String(allow_none=True)
    parent_id = Id(allow_none=True)
    parent = fields.Nested(ParentOut, allow_none=True)
    group_id = Id(allow_none=True)
    group = fields.Nested(GroupName, allow_none=True)
    external_ids = fields.List(fields.Nested(ExternalId))
    custom_fields = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True))
    primary_contact_id = Id(allow_none=True)
    archive = fields.Nested(ArchiveOut, allow_none=True)
    deletion_at = Moment(allow_none=True, metadata={"description": "when it will be deleted for good"})
    merged_from = fields.Nested(
        ParentOut, allow_none=True, metadata={"description": "the merged customer that was asked for"}
    )
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class CreatedCustomer(CustomerOut):
    """A new customer with all that came with it."""

    addresses = fields.List(fields.Nested(AddressOut))
    contacts = fields.List(fields.Nested(ContactOut))
    duplicates = fields.List(fields.Nested(DuplicateOut))


class Archival(Schema):
    """Why a customer is archived, and what becomes of its active branches."""

    reason = Text(max=LENGTHS["reason"], required=True)
    children = one_of(
        "archive",
        "detach",
        "reparent_to_grandparent",
        metadata={
            "description": "active branches are archived too, become head offices, or go under the head office above;"
            " without it, a customer with active branches is not archived"
        },
    )


class PathNode(Schema):
    """One customer of a path."""

    id = Id()
    number = fields.String()
    name = fields.String()


class PathOut(Schema):
    """A place in the tree, from the root down to the customer itself."""

    nodes = fields.List(fields.Nested(PathNode))
    depth = fields.Integer()
    ids = fields.List(Id())
    numbers = fields.List(fields.String())
    names = fields.List(fields.String())


class Nothing(Schema):
    """A command that needs nothing said."""


class NewGroup(Schema):
    """A customer group."""

    name = Text(max=LENGTHS["group"], required=True)


class GroupOut(Schema):
    """A customer group with how many customers it has."""

    id = Id()
    name = fields.String()
    members = fields.Integer()
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class NewMembers(Schema):
    """Customers to put into a group."""

    customer_ids = fields.List(Id(), required=True, validate=validate.Length(min=1, max=MAX_MEMBERS_AT_ONCE))


class MembersOut(Schema):
    """How many came into the group, how many were there already, and for how many each setting becomes another."""

    changed = fields.Integer()
    unchanged = fields.Integer()
    settings = fields.List(fields.Nested(AffectedSetting))
