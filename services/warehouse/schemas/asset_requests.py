"""The shapes of requests for assets."""

from marshmallow import fields

from common.schemas import Flag, Id, Moment, Schema, Text, one_of
from warehouse.domain.asset_requests import STATUSES
from warehouse.domain.assets import LENGTHS
from warehouse.schemas.assets import ActorOut, Custodian, PersonOut


class NewAssetRequest(Schema):
    """What somebody needs: an asset by its id, or any of an article or model; for the custodian that is named, or for
    who asks."""

    customer_id = Id(required=True)
    asset_id = Id()
    sku = Text(max=LENGTHS["sku"])
    model = Text(max=LENGTHS["name"])
    custodian = fields.Nested(Custodian)
    property_id = Id()
    location = Text(max=LENGTHS["location"])
    needed_on = fields.Date()
    note = Text(max=LENGTHS["note"])


class AssetApproval(Schema):
    """Which asset is promised: the one that is named, else the first that fits and lies ready."""

    asset_id = Id()
    reason = Text(max=LENGTHS["reason"])


class AssetRequestFilter(Schema):
    """Which requests to list."""

    customer_id = Id()
    status = one_of(*STATUSES)
    asset_id = Id()
    mine = Flag(metadata={"description": "only those of the caller"})
    open = Flag(metadata={"description": "whether it has not ended"})


class AssetRequestOut(Schema):
    """A request for an asset. `asset_id` is what is promised to it or was handed over, `held_from` the status to which
    it goes back when internal inventory is switched on again."""

    id = Id(required=True)
    number = fields.String(required=True)
    customer_id = Id(required=True)
    status = one_of(*STATUSES, required=True)
    held_from = fields.String(required=True, allow_none=True)
    named_asset_id = Id(required=True, allow_none=True)
    sku = fields.String(required=True, allow_none=True)
    model = fields.String(required=True, allow_none=True)
    asset_id = Id(required=True, allow_none=True)
    asset_tag = fields.String(required=True, allow_none=True)
    custodian = fields.Nested(PersonOut, required=True, allow_none=True)
    property_id = Id(required=True, allow_none=True)
    location = fields.String(required=True, allow_none=True)
    needed_on = fields.Date(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    requester = fields.Nested(ActorOut, required=True)
    decided_by = fields.Nested(ActorOut, required=True, allow_none=True)
    decided_at = Moment(required=True, allow_none=True)
    ended_at = Moment(required=True, allow_none=True)
    commands = fields.List(fields.String(), required=True)
    version = fields.Integer(required=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)
